//! Archives that were made to harm.

use super::super::format::{LARGEST_ENTRY, LARGEST_REST};
use super::super::seal;
use super::*;
use std::io::Write;

/// A packed tar of one entry, whose name may be anything.
fn packed(name: &[u8], kind: tar::EntryType, body: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_old();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name);
    header.set_entry_type(kind);
    header.set_size(body.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    let mut tar = tar::Builder::new(Vec::new());
    tar.append(&header, body).unwrap();
    sealed(&zstd::encode_all(&tar.into_inner().unwrap()[..], 3).unwrap())
}

fn sealed(bytes: &[u8]) -> Vec<u8> {
    let mut hashing = seal::Hashing::new(Vec::new());
    hashing.write_all(bytes).unwrap();
    hashing.seal().unwrap().0
}

fn refusal(bytes: &[u8]) -> String {
    let error = open_bytes(Path::new("x"), bytes, &mut Kept::default()).unwrap_err();
    assert!(matches!(error, ArchiveError::Integrity { .. }), "{error}");
    error.to_string()
}

#[test]
fn paths_that_climb_and_entries_that_are_no_files_are_refused() {
    for name in [&b"../x.json"[..], b"objects/../../x", b"/etc/passwd", b"."] {
        assert!(refusal(&packed(name, tar::EntryType::Regular, b"{}")).contains("leads out of the archive"));
    }
    use tar::EntryType as Type;
    for kind in [Type::Symlink, Type::Link, Type::Directory, Type::Fifo, Type::Char, Type::GNUSparse, Type::GNULongLink]
    {
        assert!(refusal(&packed(b"objects/x", kind, b"")).contains("no plain file"));
    }
}

#[test]
fn a_bomb_is_refused_before_it_fills_the_memory() {
    let zeros = vec![0_u8; usize::try_from(LARGEST_ENTRY + 1).unwrap()];
    let bomb = packed(b"objects/v1/pods/a/a.json", tar::EntryType::Regular, &zeros);
    assert!(bomb.len() < 100_000, "{}", bomb.len());
    assert!(refusal(&bomb).contains("larger than it can be"));
}

#[test]
fn names_and_extensions_of_any_size_are_refused_unread() {
    let body = vec![b'a'; 32 << 20];
    assert!(refusal(&packed(b"././@LongLink", tar::EntryType::GNULongName, &body)).contains("longer than any"));
    assert!(refusal(&packed(b"pax", tar::EntryType::XHeader, &body)).contains("no plain file"));
}

#[test]
fn a_window_that_only_costs_memory_is_refused() {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.window_log(27).unwrap();
    encoder.write_all(&vec![0; 1 << 20]).unwrap();
    assert!(refusal(&sealed(&encoder.finish().unwrap())).contains("memory"));
}

#[test]
fn many_entries_that_unpack_to_too_much_are_refused() {
    let mut tar = tar::Builder::new(zstd::Encoder::new(Vec::new(), 3).unwrap());
    let body = [&b"{}"[..], &vec![b' '; 1 << 20]].concat();
    for number in 0..80 {
        let mut header = tar::Header::new_ustar();
        header.set_size(body.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, format!("objects/{number}"), &body[..]).unwrap();
    }
    let bytes = sealed(&tar.into_inner().unwrap().finish().unwrap());
    assert!(bytes.len() < 30_000, "{}", bytes.len());
    refusal(&bytes);
}

#[test]
fn an_object_that_cannot_be_read_ends_it_whatever_follows() {
    let mut tar = tar::Builder::new(zstd::Encoder::new(Vec::new(), 3).unwrap());
    let good =
        format!("{{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{{\"name\":\"{}\"}}}}", "a".repeat(1 << 10));
    for number in 0..20_000 {
        let body = if number == 10 { "[" } else { good.as_str() };
        let mut header = tar::Header::new_ustar();
        header.set_size(body.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, format!("objects/{number}"), body.as_bytes()).unwrap();
    }
    let bytes = sealed(&tar.into_inner().unwrap().finish().unwrap());
    assert!(refusal(&bytes).contains("objects/10: line 1"), "{}", refusal(&bytes));
}

#[test]
fn giants_in_a_directory_are_refused_unread() {
    for (name, size) in [("x.txt", LARGEST_REST + 1), ("objects/v1/pods/shop/web.json", LARGEST_ENTRY + 1)] {
        let (_folder, path) = written("folder");
        fs::File::create(path.join(name)).unwrap().set_len(size).unwrap();
        let error = opened(&path).unwrap_err().to_string();
        assert!(error.contains(&format!("{name} is larger than it can be")), "{error}");
    }
}
