//! Objects as an archive keeps them: values that are secrets go, and what a triage reads stays.
//!
//! Names, namespaces, owners and certificates are left as they are: objects are joined by them.

use super::commands;
use super::lines::Text;
use super::names::{Named, named};
use crate::logs::Redactor;
use serde_json::{Map, Value};

/// Holds every field as it was typed, those that are secrets included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Fields that hold certificates, which everybody may read.
const CERTIFICATES: [&str; 5] = ["caBundle", "ca.crt", "tls.crt", "certificate", "request"];

/// How a certificate, or the request for one, begins: as text, and encoded.
const CERTIFICATE: [&str; 2] = ["-----BEGIN CERTIFICATE", "LS0tLS1CRUdJTiBDRVJUSUZJQ0FUR"];

/// Fields that choose objects by their labels.
const CHOICES: [&str; 6] = ["labels", "matchLabels", "selector", "nodeSelector", "podSelector", "namespaceSelector"];

/// Takes the secrets out of an object; says whether there was any.
pub fn redact_object(object: &mut Value, redactor: &mut Redactor) -> bool {
    let before = object.clone();
    let is_secret = object["kind"] == "Secret";
    let is_map = object["kind"] == "ConfigMap";
    for (field, value) in object.as_object_mut().into_iter().flatten() {
        match field.as_str() {
            "apiVersion" | "kind" => {}
            "metadata" => redact_metadata(value, redactor),
            "binaryData" => {
                value.as_object_mut().into_iter().flatten().for_each(|(_, it)| hide(Named::Header, it, redactor))
            }
            // What is kept of a Secret holds no value any more.
            _ if is_secret => {}
            "data" if is_map => redact_files(value, redactor),
            _ => redact_field(field, value, redactor),
        }
    }
    *object != before
}

/// Of metadata annotations and labels are people's own words.
fn redact_metadata(metadata: &mut Value, redactor: &mut Redactor) {
    let annotations = metadata.get_mut("annotations").and_then(Value::as_object_mut);
    if let Some(annotations) = annotations {
        annotations.remove(LAST_APPLIED);
        redact_fields(annotations, redactor);
    }
    if let Some(labels) = metadata.get_mut("labels") {
        redact_labels(labels, redactor);
    }
}

/// Labels, and what chooses by them: the same value is the same placeholder in both, so that objects still find each other.
fn redact_labels(labels: &mut Value, redactor: &mut Redactor) {
    let key = labels["key"].as_str().map(named);
    for (name, value) in labels.as_object_mut().into_iter().flatten() {
        match value {
            Value::String(text) => redact_text(named(name), text, Text::Log, redactor),
            Value::Array(items) => {
                for item in items {
                    match item {
                        Value::String(text) => redact_text(key.unwrap_or(Named::Plain), text, Text::Log, redactor),
                        other => redact_labels(other, redactor),
                    }
                }
            }
            other => redact_labels(other, redactor),
        }
    }
}

/// What a ConfigMap holds: settings by their names, and whole files.
fn redact_files(data: &mut Value, redactor: &mut Redactor) {
    for (name, value) in data.as_object_mut().into_iter().flatten() {
        let Value::String(text) = value else { continue };
        if is_certificate(name, text) {
            continue;
        }
        redact_text(named(name), text, Text::Settings, redactor);
    }
}

fn redact_field(name: &str, value: &mut Value, redactor: &mut Redactor) {
    match value {
        Value::String(text) if is_certificate(name, text) => {}
        Value::String(text) => redact_text(named(name), text, kind_of(name, text), redactor),
        Value::Array(items) => redact_items(name, items, redactor),
        // A template has metadata of its own.
        Value::Object(_) if name == "metadata" => redact_metadata(value, redactor),
        Value::Object(_) if CHOICES.contains(&name) => redact_labels(value, redactor),
        Value::Object(fields) => redact_fields(fields, redactor),
        // A password of digits is one too.
        Value::Number(_) if named(name) == Named::Secret => hide(Named::Secret, value, redactor),
        _ => {}
    }
}

/// Several lines are a file, but for what programs say and run.
fn kind_of(name: &str, text: &str) -> Text {
    let is_said = matches!(name, "message" | "command" | "args" | "note");
    if text.contains('\n') && !is_said { Text::Settings } else { Text::Log }
}

fn redact_fields(fields: &mut Map<String, Value>, redactor: &mut Redactor) {
    let name = ["name", "key"].iter().find_map(|it| fields.get(*it)).and_then(Value::as_str).map(named);
    // There it is the key of a Secret that an operator fills.
    let names_a_key = ["remoteRef", "sourceRef"].iter().any(|it| fields.contains_key(*it));
    redact_command(fields, redactor);
    for (field, value) in fields.iter_mut() {
        match (field.as_str(), &mut *value, name) {
            ("secretKey", _, _) if names_a_key => {}
            ("value", Value::String(text), Some(name)) => {
                let kind = kind_of(field, text);
                redact_text(name, text, kind, redactor);
            }
            _ => redact_field(field, value, redactor),
        }
    }
}

/// What a container runs is one command line in two fields.
fn redact_command(fields: &mut Map<String, Value>, redactor: &mut Redactor) {
    let list = |field: &str| fields.get(field).and_then(Value::as_array).into_iter().flatten();
    let words: Vec<&str> = list("command").chain(list("args")).map(|it| it.as_str().unwrap_or_default()).collect();
    let found = if words.len() > 1 { commands::of_words(&words) } else { Vec::new() };
    let length = list("command").count();
    for (at, span) in found {
        let (field, at) = if at < length { ("command", at) } else { ("args", at - length) };
        let item = fields.get_mut(field).and_then(|it| it.get_mut(at));
        if let Some(Value::String(word)) = item {
            let placeholder = redactor.placeholder(&word[span.clone()]);
            word.replace_range(span, &placeholder);
        }
    }
}

/// Words of a command line among them: the one behind `--password` is what it says.
fn redact_items(name: &str, items: &mut [Value], redactor: &mut Redactor) {
    // They are names of Secrets: those of a service account, of what Prometheus mounts.
    let of_items = if name == "secrets" && items.iter().all(is_name_of_object) { "" } else { name };
    let mut next = Named::Plain;
    for item in items {
        let flag = item.as_str().filter(|it| it.starts_with('-') && !it.contains(['=', ' ']));
        let (is_flag, named_by_flag) =
            (flag.is_some(), flag.map_or(Named::Plain, |it| named(it.trim_start_matches('-'))));
        match item {
            Value::String(text) if next >= Named::Token && !is_flag => redact_text(next, text, Text::Log, redactor),
            _ => redact_field(of_items, item, redactor),
        }
        next = named_by_flag;
    }
}

fn is_name_of_object(value: &Value) -> bool {
    let is_letter = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || b"-.".contains(&it);
    value.as_str().is_some_and(|it| it.bytes().all(is_letter))
}

/// Takes a text out that is a secret by its name, else those that stand in it.
fn redact_text(name: Named, text: &mut String, kind: Text, redactor: &mut Redactor) {
    // A line end is none of a value.
    let line = text.trim_end_matches(['\n', '\r']);
    match redactor.hidden(name, line) {
        Some(hidden) => *text = format!("{hidden}{}", &text[line.len()..]),
        None => *text = redactor.text(text, kind),
    }
}

fn hide(name: Named, value: &mut Value, redactor: &mut Redactor) {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if let Some(placeholder) = redactor.hidden(name, &text) {
        *value = Value::String(placeholder);
    }
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
    fn labels_go_where_they_hold_secrets_and_objects_still_find_each_other() {
        let labels = json!({"app": "web", "token": "Planted-1", "build": "ghp_Planted1234567890abcdefABCDEF", "secret-type": "cluster"});
        let mut service =
            json!({"kind": "Service", "metadata": {"name": "web", "labels": labels}, "spec": {"selector": labels}});
        let mut deployment = json!({"kind": "Deployment", "metadata": {"name": "web"}, "spec": {
            "selector": {"matchLabels": labels, "matchExpressions": [{"key": "token", "operator": "In", "values": ["Planted-1"]}]},
            "template": {"metadata": {"labels": labels}, "spec": {"nodeSelector": {"disk": "ssd"}}},
        }});
        let mut redactor = Redactor::default();
        assert!(redact_object(&mut service, &mut redactor) && redact_object(&mut deployment, &mut redactor));
        let text = format!("{service}{deployment}");
        assert!(!text.contains("Planted"), "{text}");
        let kept = &service["metadata"]["labels"];
        assert_eq!((&kept["app"], &kept["secret-type"]), (&json!("web"), &json!("cluster")));
        let others = ["/spec/selector/matchLabels", "/spec/template/metadata/labels"].map(|it| deployment.pointer(it));
        assert_eq!((&service["spec"]["selector"], others), (kept, [Some(kept), Some(kept)]));
        assert_eq!(deployment["spec"]["selector"]["matchExpressions"][0]["values"][0], kept["token"]);
    }

    #[test]
    fn names_and_places_of_every_sort_are_seen() {
        let mut map = json!({"kind": "ConfigMap", "metadata": {"name": "a"}, "data": {
            "PASSWORD_1": "Planted1", "TOKEN_PROD": "Planted2", "REDIS_AUTH": "Plantedx", "db-password.txt": "Planted3\n",
            ".dockerconfigjson": "{\"auths\":{\"r\":{\"auth\":\"UGxhbnRlZDE6UGxhbnRlZDI=\"}}}",
            "redis.conf": "requirepass Planted4\nport 6379", "app.yaml": "db:\n  password: |\n    Planted5\n  host: db",
            "init-passwords.sql": "max: 3\nmin: 1", "MAX_TOKENS": "512", "SECRET_NAME": "db-auth",
        }});
        let untouched = map.clone();
        assert!(redact_object(&mut map, &mut Redactor::default()));
        assert!(!map.to_string().contains("Planted") && !map.to_string().contains("UGxhb"), "{map}");
        for kept in ["init-passwords.sql", "MAX_TOKENS", "SECRET_NAME"] {
            assert_eq!(map["data"][kept], untouched["data"][kept]);
        }
        assert_eq!(map["data"]["redis.conf"], "requirepass <secret-7>\nport 6379", "{map}");
        let mut pod = json!({"kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{
            "name": "db", "command": ["mysqladmin"], "args": ["ping", "-uroot", "-pPlanted1"],
            "env": [{"name": "A", "value": "x=1\npassword: |\n  Planted2\n"}, {"name": "TOKEN_COUNT", "value": "3"}],
            "livenessProbe": {"exec": {"command": ["sh", "-c", "redis-cli -a Planted3 ping"]}},
            "readinessProbe": {"httpGet": {"path": "/ok?sig=Planted4", "httpHeaders": [{"name": "X-Api-Key", "value": "Planted5"}]}},
        }], "volumes": [{"name": "t", "projected": {"sources": [{"serviceAccountToken": {"path": "token", "expirationSeconds": 3607}}]}}]}});
        let volumes = pod["spec"]["volumes"].clone();
        assert!(redact_object(&mut pod, &mut Redactor::default()));
        assert!(!pod.to_string().contains("Planted"), "{pod}");
        assert_eq!(
            (&pod["spec"]["volumes"], &pod["spec"]["containers"][0]["env"][1]["value"]),
            (&volumes, &json!("3"))
        );
    }

    #[test]
    fn words_about_secrets_and_their_names_stay() {
        let message = "secret \"app-secret\" not found";
        for mut object in [
            json!({"kind": "Event", "reason": "FailedMount", "message": message}),
            json!({"kind": "ExternalSecret", "spec": {"data": [{"secretKey": "password", "remoteRef": {"key": "db"}}]}}),
            json!({"kind": "Ingress", "spec": {"tls": [{"secretName": "web-tls"}]}}),
            json!({"kind": "Ingress", "metadata": {"annotations": {"nginx.ingress.kubernetes.io/auth-secret": "shop/users"}}}),
            json!({"kind": "Deployment", "metadata": {"annotations": {"checksum/secret": "0a1b2c3d4e5f"}}}),
            json!({"kind": "ServiceAccount", "secrets": [{"name": "web-token"}], "imagePullSecrets": [{"name": "regcred"}]}),
            json!({"kind": "Prometheus", "spec": {"secrets": ["etcd-certs"], "tokenExpirationSeconds": 3600}}),
            json!({"kind": "Role", "rules": [{"resources": ["secrets"], "verbs": ["get"], "resourceNames": ["db-password"]}]}),
            json!({"kind": "Pod", "spec": {"imagePullSecrets": [{"name": "regcred"}], "automountServiceAccountToken": true}}),
            json!({"kind": "Pod", "spec": {"tolerations": [{"key": "dedicated", "operator": "Equal", "value": "secrets"}]}}),
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
