//! Matters of style and taste: looked at only with `--only opinions`.

pub mod volumes_go_with_their_claims;
