//! Writes an object with every field set, in both encodings, each field with a value of its own.

use super::schema::{Field, Schema};
use serde_json::{Map, Value, json};

impl Schema {
    /// The object as JSON and as protobuf.
    pub fn write(&self, message: &str) -> (Value, Vec<u8>) {
        let mut writer = Writer { schema: self, values: 0 };
        let mut members = Map::new();
        let wire = writer.message(message, &mut members);
        (Value::Object(members), wire)
    }
}

struct Writer<'a> {
    schema: &'a Schema,
    /// How many values were written: each is made from this number, so no two are equal.
    values: u64,
}

impl Writer<'_> {
    fn message(&mut self, name: &str, members: &mut Map<String, Value>) -> Vec<u8> {
        if name == "meta.PartialObjectMetadata" {
            return self.partial_metadata(members);
        }
        let mut wire = Vec::new();
        for field in self.schema.fields(name) {
            self.field(field, members, &mut wire);
        }
        wire
    }

    /// Metadata alone, with the labels that name a Helm release.
    fn partial_metadata(&mut self, members: &mut Map<String, Value>) -> Vec<u8> {
        let mut metadata = Map::new();
        let inner = self.message("meta.ObjectMeta", &mut metadata);
        members.insert("metadata".to_owned(), Value::Object(metadata));
        delimited(1, &inner)
    }

    fn field(&mut self, field: &Field, members: &mut Map<String, Value>, wire: &mut Vec<u8>) {
        let Some(name) = field.name else {
            return self.embedded(field, members, wire);
        };
        let count = if field.is_list { 2 } else { 1 };
        let mut values = Vec::new();
        for _ in 0..count {
            let (value, bytes) = self.value(field, name);
            wire.extend(bytes);
            values.push(value);
        }
        let value = if field.is_list { Value::Array(values) } else { values.remove(0) };
        members.insert(name.to_owned(), value);
    }

    fn embedded(&mut self, field: &Field, members: &mut Map<String, Value>, wire: &mut Vec<u8>) {
        if field.type_ != "unread" {
            let inner = self.message(field.type_, members);
            wire.extend(delimited(field.number, &inner));
        }
    }

    /// One value as JSON, and with its tag as protobuf.
    fn value(&mut self, field: &Field, name: &str) -> (Value, Vec<u8>) {
        self.values += 1;
        let (unique, number) = (self.values, field.number);
        let text = format!("value-{unique}");
        match field.type_ {
            "string" => (json!(text), delimited(number, text.as_bytes())),
            "int" => (json!(unique), varint(number, unique)),
            "bool" => (json!(true), varint(number, 1)),
            "bytes" => (json!("Zm9vYmE="), delimited(number, b"fooba")),
            "time" => (json!(clock(unique, "")), delimited(number, &instant(unique, 0))),
            "microtime" => (json!(clock(unique, ".000005")), delimited(number, &instant(unique, 5000))),
            "quantity" => (json!(format!("{unique}m")), delimited(number, &quantity(unique))),
            "intOrString" => (json!(text), delimited(number, &int_or_string(&text))),
            "unread" => (json!({ "unread": { "deep": [unique] } }), delimited(number, &delimited(1, text.as_bytes()))),
            "strings" => entry(number, key(name, unique), json!(text), text.as_bytes()),
            "quantities" => entry(number, text, json!(format!("{unique}m")), &quantity(unique)),
            "blobs" => entry(number, text, json!("Zm9vYmE="), b"fooba"),
            "raw" => {
                let object = json!({"spec": {"template": {"spec": {"containers": [{"name": text}]}}}});
                let wire = delimited(number, &delimited(1, object.to_string().as_bytes()));
                (object, wire)
            }
            message => {
                let mut members = Map::new();
                let inner = self.message(message, &mut members);
                (Value::Object(members), delimited(number, &inner))
            }
        }
    }
}

/// Annotations are dropped after decoding unless something reads them.
fn key(name: &str, unique: u64) -> String {
    if name == "annotations" { "kubernetes.io/change-cause".to_owned() } else { format!("key-{unique}") }
}

fn entry(number: u32, key: String, value: Value, bytes: &[u8]) -> (Value, Vec<u8>) {
    let wire = [delimited(1, key.as_bytes()), delimited(2, bytes)].concat();
    (json!({ key: value }), delimited(number, &wire))
}

fn clock(unique: u64, fraction: &str) -> String {
    let start: jiff::Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
    let at = start + jiff::SignedDuration::from_secs(unique.cast_signed());
    at.to_string().replace('Z', &format!("{fraction}Z"))
}

fn instant(unique: u64, nanos: u64) -> Vec<u8> {
    [varint(1, 1_772_323_200 + unique), varint(2, nanos)].concat()
}

fn quantity(unique: u64) -> Vec<u8> {
    delimited(1, format!("{unique}m").as_bytes())
}

fn int_or_string(text: &str) -> Vec<u8> {
    [varint(1, 1), varint(2, 0), delimited(3, text.as_bytes())].concat()
}

fn delimited(number: u32, bytes: &[u8]) -> Vec<u8> {
    [base128(u64::from(number) << 3 | 2), base128(bytes.len() as u64), bytes.to_vec()].concat()
}

fn varint(number: u32, value: u64) -> Vec<u8> {
    [base128(u64::from(number) << 3), base128(value)].concat()
}

fn base128(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 127 {
        bytes.push((value & 127) as u8 | 128);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}
