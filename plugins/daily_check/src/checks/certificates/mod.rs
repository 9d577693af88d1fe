//! Checks of the section `certificates`.

pub mod certificate_expires_soon;
pub mod certificate_is_not_issued;
pub mod certificate_renewal_is_overdue;
