//! Cut, flipped, missing, added: all of it is noticed.

use super::*;

#[test]
fn an_archive_cut_at_any_byte_is_damaged() {
    let (folder, path) = written("a.tar.zst");
    let whole = fs::read(&path).unwrap();
    let cut = folder.path().join("cut.tar.zst");
    for length in 0..whole.len() {
        fs::write(&cut, &whole[..length]).unwrap();
        assert!(looks_like_archive(&cut).unwrap());
        assert!(is_damaged(&cut), "{length} of {} bytes", whole.len());
    }
}

#[test]
fn an_archive_with_any_flipped_byte_is_damaged() {
    let (folder, path) = written("a.tar.zst");
    let whole = fs::read(&path).unwrap();
    // Under a name that says nothing, it is still known for what it is by its beginning or its end.
    let flipped = folder.path().join("flipped");
    for at in 0..whole.len() {
        for bit in [0x20, 0x01, 0x80] {
            let mut bytes = whole.clone();
            bytes[at] ^= bit;
            fs::write(&flipped, &bytes).unwrap();
            assert!(looks_like_archive(&flipped).unwrap(), "byte {at}");
            assert!(is_damaged(&flipped), "byte {at}");
        }
    }
}

#[test]
fn a_directory_with_any_flipped_byte_is_damaged() {
    let (_folder, path) = written("folder");
    for name in ["manifest.json", "coverage.json", "readyz.txt", "objects/v1/pods/shop/web.json"] {
        let file = path.join(name);
        let whole = fs::read(&file).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x01;
            fs::write(&file, &bytes).unwrap();
            assert!(looks_like_archive(&path).unwrap() && is_damaged(&path), "byte {at} of {name}");
        }
        fs::write(&file, &whole[..whole.len() - 1]).unwrap();
        assert!(looks_like_archive(&path).unwrap() && is_damaged(&path), "{name} cut");
        fs::write(&file, &whole).unwrap();
    }
    assert!(opened(&path).is_ok());
}

#[test]
fn a_directory_with_an_added_or_missing_file_is_damaged() {
    let damage: [fn(&Path); 6] = [
        |path| fs::write(path.join("objects/v1/pods/shop/extra.json"), "{}").unwrap(),
        |path| fs::write(path.join("extra"), "").unwrap(),
        |path| fs::remove_file(path.join("objects/v1/nodes/_cluster/n1.json")).unwrap(),
        |path| fs::remove_file(path.join("manifest.json")).unwrap(),
        |path| fs::remove_file(path.join("coverage.json")).unwrap(),
        |path| std::os::unix::fs::symlink("/etc/hostname", path.join("link")).unwrap(),
    ];
    for (number, damage) in damage.into_iter().enumerate() {
        let (_folder, path) = written("folder");
        damage(&path);
        assert!(looks_like_archive(&path).unwrap() && is_damaged(&path), "damage {number}");
    }
}

#[test]
fn a_file_beside_that_says_otherwise_is_believed_whatever_it_holds() {
    let (_folder, path) = written("a.tar.zst");
    let beside = path.with_file_name("a.tar.zst.sha256");
    assert!(opened(&path).is_ok());
    for wrong in [format!("{}  a.tar.zst\n", "0".repeat(64)).into_bytes(), b"\xff\xfe".to_vec(), Vec::new()] {
        fs::write(&beside, wrong).unwrap();
        assert!(is_damaged(&path));
    }
    fs::remove_file(&beside).unwrap();
    assert!(opened(&path).is_ok());
}

#[test]
fn a_later_format_is_named_and_not_read() {
    for name in ["a.tar.zst", "folder"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        let writer = ArchiveWriter::create(&path).unwrap();
        writer.finish(Manifest { format: FORMAT + 1, ..Manifest::default() }, &json!([])).unwrap();
        assert!(matches!(opened(&path), Err(ArchiveError::Format { .. })));
    }
}

#[test]
fn what_is_no_archive_is_not_taken_for_one() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("manifest.json"), r#"{"kind":"Pod","apiVersion":"v1"}"#).unwrap();
    fs::create_dir(folder.path().join("objects")).unwrap();
    assert!(!looks_like_archive(folder.path()).unwrap());
    assert!(!looks_like_archive(&folder.path().join("manifest.json")).unwrap());
    assert!(!looks_like_archive(Path::new("-")).unwrap());
    assert!(!looks_like_archive(Path::new("/dev/null")).unwrap());
    assert!(matches!(looks_like_archive(&folder.path().join("none")), Err(ArchiveError::NotFound { .. })));
    assert!(matches!(opened(&folder.path().join("none.tar.zst")), Err(ArchiveError::NotFound { .. })));
}
