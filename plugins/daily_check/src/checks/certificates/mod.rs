//! Checks of the section `certificates`.

pub mod certificate_expires_soon;
