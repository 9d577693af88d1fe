//! Objects as an archive keeps them: values that are secrets go, and what a triage reads stays.
//!
//! Names, namespaces, labels, owners and certificates are left as they are: objects are joined by them.

use crate::logs::Redactor;
use serde_json::{Map, Value};

/// Holds every field as it was typed, those that are secrets included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Fields that hold certificates, which everybody may read.
const CERTIFICATES: [&str; 5] = ["caBundle", "ca.crt", "tls.crt", "certificate", "request"];

/// How a certificate, or the request for one, begins: as text, and encoded.
const CERTIFICATE: [&str; 2] = ["-----BEGIN CERTIFICATE", "LS0tLS1CRUdJTiBDRVJUSUZJQ0FUR"];

/// Takes the secrets out of an object; says whether there was any.
pub fn redact_object(object: &mut Value, redactor: &mut Redactor) -> bool {
    let before = object.clone();
    let is_secret = object["kind"] == "Secret";
    for (field, value) in object.as_object_mut().into_iter().flatten() {
        match field.as_str() {
            "apiVersion" | "kind" => {}
            "metadata" => redact_metadata(value, redactor),
            "binaryData" => value.as_object_mut().into_iter().flatten().for_each(|(_, it)| hide(it, redactor)),
            // What is kept of a Secret holds no value any more.
            _ if is_secret => {}
            _ => redact_field(field, value, redactor),
        }
    }
    *object != before
}

/// Of metadata only annotations are people's own words.
fn redact_metadata(metadata: &mut Value, redactor: &mut Redactor) {
    let annotations = metadata.get_mut("annotations").and_then(Value::as_object_mut);
    if let Some(annotations) = annotations {
        annotations.remove(LAST_APPLIED);
        redact_fields(annotations, redactor);
    }
}

fn redact_field(name: &str, value: &mut Value, redactor: &mut Redactor) {
    match value {
        Value::String(text) if is_certificate(name, text) => {}
        Value::String(_) if Redactor::is_name_of_secret(name) => hide(value, redactor),
        Value::String(text) => *text = redacted_text(text, redactor),
        Value::Array(items) => redact_items(name, items, redactor),
        // A template has metadata of its own.
        Value::Object(_) if name == "metadata" => redact_metadata(value, redactor),
        Value::Object(_) if matches!(name, "labels" | "matchLabels" | "selector") => {}
        Value::Object(fields) => redact_fields(fields, redactor),
        // A password of digits is one too.
        Value::Number(_) if Redactor::is_name_of_secret(name) => hide(value, redactor),
        _ => {}
    }
}

fn redact_fields(fields: &mut Map<String, Value>, redactor: &mut Redactor) {
    let is_named = fields.get("name").and_then(Value::as_str).is_some_and(Redactor::is_name_of_secret);
    // There it is the key of a Secret that an operator fills.
    let names_a_key = ["remoteRef", "sourceRef"].iter().any(|it| fields.contains_key(*it));
    for (name, value) in fields.iter_mut() {
        if names_a_key && name == "secretKey" {
            continue;
        }
        if is_named && name == "value" && value.is_string() {
            hide(value, redactor);
        } else {
            redact_field(name, value, redactor);
        }
    }
}

/// Words of a command line among them: the one behind `--password` is what it says.
fn redact_items(name: &str, items: &mut [Value], redactor: &mut Redactor) {
    let mut is_next = false;
    for item in items {
        let flag = item.as_str().filter(|it| it.starts_with('-') && !it.contains(['=', ' ']));
        let is_flag = flag.is_some_and(Redactor::is_name_of_secret);
        if is_next && flag.is_none() && item.is_string() {
            hide(item, redactor);
        } else {
            redact_field(name, item, redactor);
        }
        is_next = is_flag;
    }
}

fn hide(value: &mut Value, redactor: &mut Redactor) {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if let Some(placeholder) = redactor.hidden(&text) {
        *value = Value::String(placeholder);
    }
}

/// A text of several lines without secrets.
pub(crate) fn redacted_text(text: &str, redactor: &mut Redactor) -> String {
    let mut in_key = false;
    let lines = text.split('\n').map(|line| redactor.redacted(line, &mut in_key));
    lines.collect::<Vec<_>>().join("\n")
}

fn is_certificate(name: &str, text: &str) -> bool {
    CERTIFICATES.contains(&name)
        && CERTIFICATE.iter().any(|beginning| text.starts_with(beginning))
        && !text.contains("PRIVATE KEY")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Every class of secret, each in a place where people put it.
    fn planted() -> Value {
        json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {
                "name": "web", "labels": {"app": "web"},
                "annotations": {
                    LAST_APPLIED: "{\"env\":\"Planted-applied\"}",
                    "shop/dsn": "Server=db;Uid=sa;Pwd=Planted-dsn1;",
                    "shop/token": "Planted-annotation",
                },
            },
            "spec": {"containers": [{
                "name": "app", "image": "shop/web:1",
                "command": ["run", "--db-password", "Planted-word", "--port", "8080"],
                "args": ["--api-key=Planted-flag", "sh -c 'curl -H \"Authorization: Bearer Planted.bearer-1\" api:80'"],
                "env": [
                    {"name": "DB_PASSWORD", "value": "Planted-env"},
                    {"name": "DB_URL", "value": "postgres://shop:Planted-env@db:5432/shop"},
                    {"name": "MYSQL", "value": "shop:Planted-mysql@tcp(db:3306)/shop"},
                    {"name": "KEY_ID", "value": "AKIAPLANTED234567890"},
                    {"name": "JWT", "value": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJQbGFudGVkIn0.c2ln"},
                    {"name": "API_TOKEN", "valueFrom": {"secretKeyRef": {"name": "api", "key": "token"}}},
                    {"name": "MODE", "value": "fast"},
                ],
            }]},
            "status": {"message": "Back-off restarting failed container", "reason": "CrashLoopBackOff"},
        })
    }

    #[test]
    fn every_class_goes_and_what_a_triage_reads_stays() {
        let mut pod = planted();
        assert!(redact_object(&mut pod, &mut Redactor::default()));
        let text = pod.to_string();
        for secret in ["Planted", "AKIA", "PLANTED", "eyJ"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
        let container = &pod["spec"]["containers"][0];
        let password = container["env"][0]["value"].as_str().expect("a placeholder");
        let address = format!("postgres://shop:{password}@db:5432/shop");
        assert_eq!(container["env"][1]["value"], address, "the same secret is the same word");
        let untouched = planted();
        for kept in ["/metadata/labels", "/status", "/spec/containers/0/env/5", "/spec/containers/0/env/6"] {
            assert_eq!(pod.pointer(kept), untouched.pointer(kept), "{kept}");
        }
        assert_eq!(container["command"][4], "8080");
        let once = pod.clone();
        assert!(!redact_object(&mut pod, &mut Redactor::default()), "twice is once: {pod}");
        assert_eq!(pod, once);
    }

    #[test]
    fn maps_and_resources_of_strangers_are_no_better_and_certificates_stay() {
        let certificate = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ0aXbC1dEfGh2IjKlMnOpQrStUvWxYz\n";
        let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIPlanted\n-----END RSA PRIVATE KEY-----\nport=1";
        let mut map = json!({
            "kind": "ConfigMap", "metadata": {"name": "a"},
            "data": {"app.ini": "host=db\npassword=Planted1\n", "key.pem": key, "ca.crt": certificate, "db_pass": "Planted2"},
            "binaryData": {"store": "UGxhbnRlZA=="},
        });
        let mut redactor = Redactor::default();
        assert!(redact_object(&mut map, &mut redactor));
        let text = map.to_string();
        assert!(!text.contains("Planted") && !text.contains("UGxhbnRlZA"), "{text}");
        assert_eq!(map["data"]["ca.crt"], certificate);
        assert!(text.contains("host=db") && text.contains("port=1"), "{text}");
        let mut database = json!({
            "kind": "Database", "metadata": {"name": "Planted1"},
            "spec": {"users": [{"user": "shop", "password": "Planted3", "pin": 1, "adminPassword": 47_110_815}]},
        });
        assert!(redact_object(&mut database, &mut redactor));
        assert!(!database["spec"].to_string().contains("Planted3"), "{database}");
        assert!(!database.to_string().contains("47110815"), "{database}");
        assert_eq!(database["metadata"]["name"], "Planted1", "names of objects are no secrets");
    }

    #[test]
    fn words_about_secrets_and_their_names_stay() {
        let message = "secret \"app-secret\" not found";
        for mut object in [
            json!({"kind": "Event", "reason": "FailedMount", "message": message}),
            json!({"kind": "ExternalSecret", "spec": {"data": [{"secretKey": "password", "remoteRef": {"key": "db"}}]}}),
            json!({"kind": "Ingress", "spec": {"tls": [{"secretName": "web-tls"}]}}),
            json!({"kind": "Pod", "spec": {"volumes": [{"name": "token", "secret": {"secretName": "token"}}]}}),
        ] {
            assert!(!redact_object(&mut object, &mut Redactor::default()), "{object}");
        }
    }

    #[test]
    fn an_object_without_secrets_is_not_touched() {
        let mut node = json!({
            "kind": "Node", "metadata": {"name": "n", "annotations": {"a": "b"}},
            "status": {"nodeInfo": {"bootID": "0f1e2d3c-1111"}, "images": [{"names": ["a@sha256:e3b0c44298fc1c149afbf4c8996fb924"]}]},
        });
        assert!(!redact_object(&mut node, &mut Redactor::default()));
    }
}
