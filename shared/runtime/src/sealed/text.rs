//! A secret that a person keeps in a variable or a file: the address of a webhook, a key.

use sre_core::incident::SecretPlace;
use std::fmt;
use std::io::Read;
use zeroize::Zeroize;

/// More than any of them is long.
const LONGEST: u64 = 8 << 10;

/// A secret that never leaves the request it is for.
pub(crate) struct SealedText {
    value: String,
}

impl fmt::Debug for SealedText {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SealedText(sealed)")
    }
}

impl Drop for SealedText {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

impl SealedText {
    /// Reads it from where it is: a variable, or the first line of a file.
    ///
    /// # Errors
    /// Says why there is none; the words hold nothing of it.
    pub(crate) fn read(place: &SecretPlace) -> Result<Self, String> {
        let mut whole = match place {
            SecretPlace::Env(name) => std::env::var(name).map_err(|_| format!("the variable {name} is not set"))?,
            SecretPlace::File(path) => {
                let mut text = String::new();
                let read = std::fs::File::open(path).and_then(|file| file.take(LONGEST).read_to_string(&mut text));
                read.map_err(|error| format!("the file {path}: {error}"))?;
                text
            }
        };
        let value = whole.lines().next().unwrap_or_default().trim().to_owned();
        whole.zeroize();
        if value.is_empty() { Err(format!("{} is empty", place.words())) } else { Ok(Self { value }) }
    }

    /// The secret, for the one request that it is for.
    pub(crate) fn expose(&self) -> &str {
        &self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_of_a_file_is_read_and_never_shown() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        let place = SecretPlace::File(path.display().to_string());
        assert!(SealedText::read(&place).expect_err("not there").contains("No such file"));
        std::fs::write(&path, "  s3cret \nmore\n").expect("written");
        let text = SealedText::read(&place).expect("read");
        assert_eq!((text.expose(), format!("{text:?}").contains("s3cret")), ("s3cret", false));
        std::fs::write(&path, "\n").expect("written");
        assert!(SealedText::read(&place).expect_err("nothing in it").ends_with("is empty"));
        let unset = SecretPlace::Env("SRE_NO_SUCH_VARIABLE".to_owned());
        assert!(SealedText::read(&unset).expect_err("not set").contains("is not set"));
    }
}
