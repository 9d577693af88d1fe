//! Units that several decisions calculate with.

mod exit_code;
mod quantity;

pub use exit_code::exit_code_words;
pub use quantity::{Amount, AmountError};
