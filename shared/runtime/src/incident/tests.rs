//! What stays of an incident, whoever writes, and wherever a run is killed.

use super::*;
use sre_core::incident::{Level, Procedure};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use tempfile::TempDir;

fn incidents() -> (TempDir, Incidents) {
    let home = tempfile::tempdir().expect("a directory");
    let state = State::at(home.path().to_owned());
    (home, Incidents { state, by: "jane@host".to_owned(), run: "run-1".to_owned() })
}

fn declaration() -> Declaration {
    Declaration {
        title: "checkout is down".to_owned(),
        severity: Level::try_from(1).expect("a severity"),
        unsure: false,
        context: None,
        server: None,
        namespace: None,
        procedure: Procedure::default(),
        notify: Vec::new(),
    }
}

fn note(text: &str) -> What {
    What::Note { text: text.to_owned(), pinned: false, section: None }
}

fn noted(incidents: &Incidents, id: &str, text: &str) -> Incident {
    incidents.add(id, |_, _| Ok(Some(note(text)))).expect("written")
}

/// The texts of the notes of an incident.
fn notes(incident: &Incident) -> Vec<String> {
    let notes = incident.entries.iter().filter(|entry| matches!(entry.what, What::Note { .. }));
    notes.map(|entry| entry.what.text()).collect()
}

#[test]
fn what_is_written_is_private_and_comes_back() {
    let (_home, incidents) = incidents();
    let declared = incidents.declare(declaration()).expect("declared");
    assert!(Incidents::is_id(&declared.id), "{}", declared.id);
    let written = noted(&incidents, &declared.id, "one");
    assert_eq!(incidents.meant(None).expect("the only one"), written);
    let path = incidents.path(&declared.id);
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().expect("a folder"))), (0o600, 0o700));
    let other = incidents.declare(declaration()).expect("another one of the same moment");
    assert_ne!(other.id, declared.id);
    assert!(matches!(incidents.meant(None), Err(Error::Usage { message, .. }) if message.starts_with("2 incidents")));
}

#[test]
fn a_kill_at_any_byte_loses_nothing_that_was_written_and_damages_nothing() {
    let (_home, incidents) = incidents();
    let id = incidents.declare(declaration()).expect("declared").id;
    for text in ["one", "two\nlines \u{1b}[31m", "three"] {
        noted(&incidents, &id, text);
    }
    let path = incidents.path(&id);
    let whole = fs::read(&path).expect("read");
    let first = whole.iter().position(|byte| *byte == b'\n').expect("a line") + 1;
    let all = notes(&incidents.meant(Some(&id)).expect("whole"));
    for length in 0..=whole.len() {
        fs::write(&path, &whole[..length]).expect("cut");
        if length < first {
            // It was declared, for it has its name only once its first entry is on the disk: somebody else cut it.
            let all = incidents.all().expect("read");
            assert_eq!((all.incidents.len(), all.damaged.len()), (0, 1), "cut at {length}");
            let refused = incidents.add(&id, |_, _| Ok(Some(note("one"))));
            assert!(matches!(refused, Err(Error::IncidentDamaged { .. })), "cut at {length}");
            assert_eq!(fs::read(&path).expect("read"), whole[..length], "nothing is added to it");
            continue;
        }
        let lines = whole[..length].iter().filter(|byte| **byte == b'\n').count();
        let left = notes(&incidents.meant(Some(&id)).expect("a cut is no damage"));
        assert_eq!(left, all[..lines - 1], "cut at {length}");
        let again = noted(&incidents, &id, "again");
        let bytes = fs::read(&path).expect("read");
        assert!(bytes.starts_with(&whole[..sre_core::lines::end_of_lines(&whole[..length])]), "cut at {length}");
        assert_eq!(incidents.meant(Some(&id)).expect("read"), again, "cut at {length}");
    }
}

#[test]
fn what_a_killed_declaration_leaves_is_no_incident_and_in_nobodys_way() {
    let (home, incidents) = incidents();
    let folder = home.path().join(FOLDER).join("inc-20261129-0000");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join(".half"), b"{\"id\":").expect("what was being written");
    fs::write(folder.join(".evidence-1.tar.zst"), b"half").expect("an archive that was being written");
    let id = incidents.declare(declaration()).expect("declared").id;
    let all = incidents.all().expect("read");
    assert_eq!((all.incidents.len(), all.damaged.len()), (1, 0));
    assert_eq!(incidents.meant(None).expect("the only one").id, id);
}

#[test]
fn two_writers_at_once_lose_nothing_and_number_one_after_the_other() {
    let (_home, incidents) = incidents();
    let id = incidents.declare(declaration()).expect("declared").id;
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let (incidents, id) = (&incidents, &id);
            scope.spawn(move || (0..20).for_each(|at| drop(noted(incidents, id, &format!("{writer}/{at}")))));
        }
    });
    let incident = incidents.meant(Some(&id)).expect("read");
    let numbers: Vec<u64> = incident.entries.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, (1..=81).collect::<Vec<u64>>());
    let ids: std::collections::BTreeSet<&str> = incident.entries.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids.len(), 81, "each has an id of its own");
}

#[test]
fn a_clock_that_goes_backwards_puts_nothing_before_what_is_there() {
    let (_home, incidents) = incidents();
    let declared = incidents.declare(declaration()).expect("declared");
    let behind = declared.declared_at.checked_sub(jiff::SignedDuration::from_hours(2)).expect("a time");
    let added = incidents.add_at(&declared.id, behind, |_, now| {
        assert_eq!(now, declared.declared_at, "what is due is judged by the same time");
        Ok(Some(note("late")))
    });
    let added = added.expect("written");
    let last = added.entries.last().expect("an entry");
    assert_eq!((last.at, last.clock, last.what.text().as_str()), (declared.declared_at, Some(behind), "late"));
}

#[test]
fn what_is_decided_against_is_not_written() {
    let (_home, incidents) = incidents();
    let id = incidents.declare(declaration()).expect("declared").id;
    let before = fs::read(incidents.path(&id)).expect("read");
    assert!(incidents.add(&id, |_, _| Ok(None)).is_ok());
    let refused = incidents.add(&id, |_, _| Err(Error::Interrupted));
    assert!(matches!(refused, Err(Error::Interrupted)));
    assert_eq!(fs::read(incidents.path(&id)).expect("read"), before);
}

#[test]
fn a_damaged_record_is_told_and_neither_touched_nor_in_the_way_of_others() {
    let (_home, incidents) = incidents();
    let id = incidents.declare(declaration()).expect("declared").id;
    let other = incidents.declare(declaration()).expect("declared").id;
    let path = incidents.path(&id);
    let damaged = [&b"{}\n"[..], &fs::read(&path).expect("read")].concat();
    fs::write(&path, &damaged).expect("damaged");
    let refused = incidents.add(&id, |_, _| Ok(Some(note("one"))));
    assert!(matches!(refused, Err(Error::IncidentDamaged { why, .. }) if why.starts_with("line 1 is no entry")));
    assert_eq!(fs::read(&path).expect("read"), damaged);
    let all = incidents.all().expect("read");
    assert_eq!((all.incidents.len(), all.damaged.len()), (1, 1));
    assert_eq!(all.incidents[0].id, other);
    assert!(matches!(incidents.meant(None), Err(Error::IncidentDamaged { .. })), "it may be open");
}

#[test]
fn no_id_leads_out_of_the_folder() {
    let (home, incidents) = incidents();
    fs::create_dir_all(home.path().join("elsewhere")).expect("a folder");
    for id in ["../elsewhere", "inc-../elsewhere", "inc-/etc", "inc-a/../../elsewhere", ""] {
        assert!(matches!(incidents.meant(Some(id)), Err(Error::Usage { .. })), "{id}");
    }
}
