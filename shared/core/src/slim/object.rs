//! What every slim object can say about itself.

use super::{Kind, ObjectMeta, Pool};
use crate::object::ObjectRef;

/// An object of a known kind.
pub trait Object {
    /// The kind of the struct.
    const KIND: Kind;

    /// Metadata of the object.
    fn metadata(&self) -> &ObjectMeta;

    /// Metadata of the object, to change.
    fn metadata_mut(&mut self) -> &mut ObjectMeta;

    /// Names the object as findings do.
    fn reference(&self) -> ObjectRef {
        let metadata = self.metadata();
        ObjectRef::scoped(Self::KIND.info().name, &metadata.namespace, &metadata.name)
    }

    /// Drops what is not kept and gives spare memory back; the decoders call it.
    fn trim(&mut self) {
        self.metadata_mut().trim();
    }

    /// Keeps parts that are equal to those of earlier objects only once.
    fn share(&mut self, pool: &mut Pool) {
        self.metadata_mut().share(pool);
    }
}
