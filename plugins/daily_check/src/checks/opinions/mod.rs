//! Matters of style and taste: looked at only with `--only opinions`.

pub mod literal_looks_secret;
