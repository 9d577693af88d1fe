//! Matters of style and taste: looked at only with `--only opinions`.
