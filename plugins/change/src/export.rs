//! The audit log for other programs.

use crate::args::ExportFormat;
use crate::verify::read;
use serde_json::{Value, json};
use sre_core::plan::API_VERSION;
use sre_core::report::{Block, Report, Verdict};
use sre_runtime::change::audit::{AuditLog, verify};
use sre_runtime::error::Error;

pub(crate) fn report(format: ExportFormat) -> Result<Report, Error> {
    let log = AuditLog::of_process()?;
    let damaged = |why: String| Error::Damaged { path: log.folder().to_owned(), why };
    let (head, bytes) = read(&log)?;
    verify(&bytes, &head).map_err(|fault| damaged(fault.to_string()))?;
    let end = usize::try_from(head.bytes).unwrap_or(bytes.len());
    let lines = bytes[..end].split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let records: Vec<Value> = lines.filter_map(|line| serde_json::from_slice(line).ok()).collect();
    let shown: Vec<Value> = match format {
        ExportFormat::Jsonl => records.clone(),
        ExportFormat::Ocsf => records.iter().map(api_activity).collect(),
    };
    let line = |record: &Value| Block::Command { indent: 0, command: record.to_string(), note: String::new() };
    Ok(Report {
        blocks: shown.iter().map(line).collect(),
        document: json!({"apiVersion": API_VERSION, "kind": "AuditLog", "records": shown}),
        own: None,
        verdict: Verdict::default(),
        change: None,
    })
}

/// A record as OCSF API Activity, class 6003 (<https://schema.ocsf.io/classes/api_activity>).
fn api_activity(record: &Value) -> Value {
    let text = |path: &str| record.pointer(path).and_then(Value::as_str);
    let time = text("/time").and_then(|time| time.parse::<jiff::Timestamp>().ok());
    // Create, update, delete: 1, 3, 4; 99 is what is none of them.
    let activity = match text("/action") {
        Some("delete-pod" | "drain") => 4,
        Some(_) => 3,
        None => 99,
    };
    let has_failed = record.pointer("/event/happened/happened").is_some_and(|it| it == "failed");
    json!({
        "activity_id": activity,
        "category_uid": 6,
        "class_uid": 6003,
        "type_uid": 600_300 + activity,
        "severity_id": 1,
        "time": time.map(jiff::Timestamp::as_millisecond),
        "status_id": if has_failed { 2 } else { 1 },
        "actor": {"user": {"name": text("/actor/user")}, "app_name": "kubectl-sre"},
        "api": {"operation": text("/action").or_else(|| text("/event/entry")), "service": {"name": text("/cluster/server")}},
        "src_endpoint": {"hostname": text("/actor/host")},
        "resources": record.get("object").map(|object| json!([{
            "type": object["kind"], "name": object["name"], "namespace": object["namespace"], "uid": object["uid"],
        }])),
        "metadata": {
            "version": "1.3.0", "uid": record["seq"], "correlation_uid": text("/change"),
            "product": {"name": "kubectl-sre", "version": text("/version"), "vendor_name": "kubectl-sre"},
        },
        "unmapped": {"event": record["event"], "prev": record["prev"], "reason": record["reason"]},
    })
}
