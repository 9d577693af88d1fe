//! Units that several decisions calculate with.

mod duration;
mod exit_code;
mod quantity;

pub use duration::seconds_of;
pub use exit_code::exit_code_words;
pub use quantity::{Amount, AmountError};
