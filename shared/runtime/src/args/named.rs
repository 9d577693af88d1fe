//! How objects are named on the command line.

use crate::error::Error;

/// The type and the name of an object: TYPE/NAME, or TYPE NAME; `hint` says what to type.
///
/// # Errors
/// Says what names no object.
pub fn type_and_name<'w>(words: &'w [String], hint: &str) -> Result<(&'w str, &'w str), Error> {
    let usage = |message: String| Error::Usage { message, hint: hint.to_owned() };
    let (kind, name) = match words {
        [one] => one.split_once('/').ok_or_else(|| usage(format!("{one:?} names no object: TYPE/NAME is wanted")))?,
        [kind, name] => (kind.as_str(), name.as_str()),
        _ => return Err(usage("one object is wanted: TYPE/NAME".to_owned())),
    };
    if kind.is_empty() || name.is_empty() || name.contains('/') {
        return Err(usage(format!("{:?} names no object: TYPE/NAME is wanted", words.join(" "))));
    }
    Ok((kind, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_named_as_for_kubectl() {
        let words = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            type_and_name(&words, "").map(|(kind, name)| format!("{kind} {name}")).map_err(|error| error.to_string())
        };
        assert_eq!(
            (words(&["deploy/web"]), words(&["deploy", "web"])),
            (Ok("deploy web".to_owned()), Ok("deploy web".to_owned()))
        );
        for wrong in [&[][..], &["web"], &["deploy/"], &["/web"], &["deploy/a/b"], &["deploy", "a/b"]] {
            assert!(words(wrong).is_err(), "{wrong:?}");
        }
    }
}
