//! Identities of findings, stable across runs, versions of Rust and machines.

use crate::object::ObjectRef;

/// Makes the identity of a check's statement about a part of an object: `POD-02-1f0c9a52b7d3`.
pub fn identity(check: &str, object: &ObjectRef, part: &str) -> String {
    format!("{check}-{}", digest(&format!("{check}\u{1f}{object}\u{1f}{part}")))
}

/// Twelve hexadecimal digits that stand for a text.
///
/// They are 48 bits of FNV-1a, chosen because its result is fixed for all time, which the standard library's hasher
/// does not promise.
pub fn digest(text: &str) -> String {
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("{:012x}", hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_same_for_ever() {
        let object = ObjectRef::namespaced("Deployment", "shop", "web");
        assert_eq!(identity("POD-02", &object, "app"), identity("POD-02", &object.clone(), "app"));
        assert_eq!(identity("POD-02", &object, "app"), "POD-02-5ff1b78a9026");
    }

    #[test]
    fn differs_by_check_object_and_part() {
        let object = ObjectRef::namespaced("Deployment", "shop", "web");
        let all = [
            identity("POD-02", &object, "app"),
            identity("POD-01", &object, "app"),
            identity("POD-02", &object, "sidecar"),
            identity("POD-02", &ObjectRef::namespaced("Deployment", "shop", "api"), "app"),
        ];
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }
}
