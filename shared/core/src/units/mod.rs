//! Units that several decisions calculate with.

mod quantity;

pub use quantity::{Amount, AmountError};
