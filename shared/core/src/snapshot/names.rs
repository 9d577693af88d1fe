//! Where on its shelf an object of a name stands: checks look up the same names again and again.

use super::shelves::{Shelved, Shelves, key};
use crate::slim::KINDS;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;

/// An index of names for each kind, made when the first name of the kind is looked up.
///
/// It only guesses: what it points to is compared, and where it does not fit, the sorted shelf decides. Shelves that
/// change after the first look make it slower, and never wrong.
#[derive(Clone, Debug)]
pub(super) struct Names([OnceLock<HashMap<u64, u32>>; KINDS.len()]);

impl Default for Names {
    fn default() -> Self {
        Self(std::array::from_fn(|_| OnceLock::new()))
    }
}

/// What is the same on both shelves is found at the same places.
impl PartialEq for Names {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Names {
    /// Where an object of this name may stand.
    pub(super) fn guess<T: Shelved>(&self, shelves: &Shelves, namespace: &str, name: &str) -> Option<usize> {
        let index = self.0.get(T::KIND as usize)?.get_or_init(|| index::<T>(shelves));
        usize::try_from(*index.get(&digest((namespace, name)))?).ok()
    }
}

fn index<T: Shelved>(shelves: &Shelves) -> HashMap<u64, u32> {
    let places = (0_u32..).zip(T::shelf(shelves));
    places.map(|(place, object)| (digest(key(object)), place)).collect()
}

fn digest(key: (&str, &str)) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use crate::slim::{Kind, Pod, Pool};
    use crate::snapshot::{Encoded, Snapshot, decode_into};

    fn add(snapshot: &mut Snapshot, name: &str) {
        let text = format!(r#"{{"metadata":{{"namespace":"shop","name":"{name}"}}}}"#);
        let json = Encoded::Json(text.as_bytes());
        decode_into(Kind::Pod, json, &mut snapshot.objects, &mut Pool::default()).expect("a pod");
    }

    #[test]
    fn shelves_that_change_after_the_first_look_are_found_right() {
        let mut snapshot = Snapshot::default();
        ["b", "d"].into_iter().for_each(|name| add(&mut snapshot, name));
        let found = |snapshot: &Snapshot, name: &str| {
            snapshot.get::<Pod>("shop", name).map(|pod| pod.metadata.name.to_string())
        };
        assert_eq!((found(&snapshot, "d").as_deref(), found(&snapshot, "c")), (Some("d"), None));
        snapshot.objects.pods.remove(0);
        add(&mut snapshot, "e");
        assert_eq!(
            [found(&snapshot, "b"), found(&snapshot, "d"), found(&snapshot, "e")],
            [None, Some("d".to_owned()), Some("e".to_owned())]
        );
        assert_eq!(snapshot.get::<Pod>("bank", "d"), None);
    }
}
