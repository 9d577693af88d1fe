//! Whether the audit log is as it was written.

use serde_json::json;
use sre_core::plan::API_VERSION;
use sre_core::report::{Block, Report, Span, Tone, Verdict};
use sre_runtime::change::audit::{AuditLog, Head, verify};
use sre_runtime::error::Error;
use std::io::ErrorKind;

pub(crate) fn report() -> Result<Report, Error> {
    let log = AuditLog::of_process()?;
    let (head, bytes) = read(&log)?;
    let verified = verify(&bytes, &head).map_err(|fault| damaged(&log, &fault.to_string()))?;
    let files = log.files().map_err(|source| Error::Local { path: log.folder().to_owned(), source })?;
    let residue = match verified.residue {
        0 => String::new(),
        bytes => format!("; {bytes} bytes behind it were being written when a run was killed, and count for nothing"),
    };
    let place = if files > 1 { format!(" in {files} files") } else { String::new() };
    let said = format!("{} records{place}, each as it was written{residue}", verified.lines);
    let blocks = vec![
        Block::Line { indent: 0, spans: vec![Span::new(Tone::Good, said)] },
        Block::Line { indent: 0, spans: vec![Span::plain(format!("head {}", head.hash))] },
        Block::Line {
            indent: 0,
            spans: vec![Span::faint(
                "whoever can write the log can write another one: compare the head with the one on the newest Event",
            )],
        },
    ];
    let document = json!({
        "apiVersion": API_VERSION, "kind": "AuditLogVerification",
        "records": verified.lines, "head": head.hash, "residueBytes": verified.residue, "files": files,
    });
    Ok(Report { document, blocks, own: None, verdict: Verdict::default(), change: None })
}

/// The head of a log, and all of it.
pub(crate) fn read(log: &AuditLog) -> Result<(Head, Vec<u8>), Error> {
    log.read().map_err(|error| match error.kind() {
        ErrorKind::InvalidData => damaged(log, &error.to_string()),
        _ => Error::Local { path: log.folder().to_owned(), source: error },
    })
}

fn damaged(log: &AuditLog, why: &str) -> Error {
    Error::Damaged { path: log.folder().to_owned(), why: why.to_owned() }
}
