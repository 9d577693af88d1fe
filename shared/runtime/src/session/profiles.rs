//! Which file `--profile` means: a path, or a name that the person or the installation has given one.

use crate::error::Error;
use sre_core::scheduling::nearest_word;
use std::collections::BTreeMap;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Where profiles have names.
struct Places {
    /// The person's, as `NAME.yaml`.
    own: Option<PathBuf>,
    /// Those that were installed, as `NAME/profile.yaml`.
    installed: Option<PathBuf>,
}

/// The file of a profile.
///
/// # Errors
/// Fails for a name that no profile has, and says which there are.
pub(super) fn find(typed: &Path) -> Result<PathBuf, Error> {
    Places::of_process().find(typed)
}

/// Whether something that was typed is a path, and no name.
fn is_path(typed: &Path) -> bool {
    let has_slash = typed.components().count() != 1 || typed.as_os_str().as_encoded_bytes().contains(&b'/');
    has_slash || typed.extension().is_some_and(is_ending)
}

fn is_ending(extension: &OsStr) -> bool {
    extension == "yaml" || extension == "yml"
}

impl Places {
    fn of_process() -> Self {
        let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let config = absolute("XDG_CONFIG_HOME").or_else(|| absolute("HOME").map(|home| home.join(".config")));
        // `install.sh` lays them beside the program, which may have been called by a link.
        let program = env::current_exe().and_then(fs::canonicalize).ok();
        let prefix = program.as_deref().and_then(Path::parent).and_then(Path::parent);
        Self {
            own: config.map(|config| config.join("kubectl-sre/profiles")),
            installed: prefix.map(|prefix| prefix.join("share/kubectl-sre/runbooks")),
        }
    }

    fn find(&self, typed: &Path) -> Result<PathBuf, Error> {
        if is_path(typed) {
            return Ok(typed.to_owned());
        }
        let mut named = self.named()?;
        let name = typed.to_string_lossy().into_owned();
        named.remove(&name).ok_or_else(|| self.unknown(typed, &name, &named))
    }

    /// Every profile that has a name; the person's own goes before an installed one of the same name.
    fn named(&self) -> Result<BTreeMap<String, PathBuf>, Error> {
        let mut named = BTreeMap::new();
        for folder in entries(self.installed.as_deref())? {
            let file = folder.join("profile.yaml");
            if file.is_file() {
                named.insert(words(folder.file_name()), file);
            }
        }
        for file in entries(self.own.as_deref())? {
            if file.extension().is_some_and(|extension| extension == "yaml") && file.is_file() {
                named.insert(words(file.file_stem()), file);
            }
        }
        Ok(named)
    }

    fn unknown(&self, typed: &Path, name: &str, named: &BTreeMap<String, PathBuf>) -> Error {
        let names: Vec<&str> = named.keys().map(String::as_str).collect();
        let near = nearest_word(name, names.iter().copied());
        let near = near.map_or(String::new(), |near| format!("did you mean {near}? "));
        let own = self.own.as_deref().unwrap_or(Path::new("kubectl-sre/profiles"));
        let there = match names.as_slice() {
            [] => format!("no profile has a name yet: put one into {}", own.join(format!("{name}.yaml")).display()),
            names => format!("there are {}", names.join(", ")),
        };
        // A name that is a file here was meant as one, most likely.
        let path = if typed.is_file() { name } else { "profile.yaml" };
        Error::Usage {
            message: format!("--profile {name}: no profile has this name"),
            hint: format!("{near}{there}; or name a file, with a slash: --profile ./{path}"),
        }
    }
}

fn words(name: Option<&OsStr>) -> String {
    name.unwrap_or_default().to_string_lossy().into_owned()
}

/// What lies in a folder; nothing in one that is not there.
fn entries(folder: Option<&Path>) -> Result<Vec<PathBuf>, Error> {
    let Some(folder) = folder else { return Ok(Vec::new()) };
    let read = || -> io::Result<Vec<PathBuf>> { fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect() };
    match read() {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(Vec::new()),
        result => result.map_err(|source| Error::Local { path: folder.to_owned(), source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::explain;

    fn places() -> (tempfile::TempDir, Places) {
        let home = tempfile::tempdir().expect("a directory");
        let write = |name: &str| {
            let path = home.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            fs::write(path, "").expect("a file");
        };
        for name in
            ["own/shop.yaml", "own/notes.txt", "laid/shop/profile.yaml", "laid/bank/profile.yaml", "laid/empty/x"]
        {
            write(name);
        }
        let (own, installed) = (Some(home.path().join("own")), Some(home.path().join("laid")));
        (home, Places { own, installed })
    }

    #[test]
    fn a_slash_or_an_ending_makes_a_path() {
        for path in ["./shop", "a/b", "/x", "shop.yaml", "shop.yml", "shop/"] {
            assert!(is_path(Path::new(path)), "{path}");
        }
        for name in ["shop", "shop.prod", "graphmemory-ide"] {
            assert!(!is_path(Path::new(name)), "{name}");
        }
    }

    #[test]
    fn a_name_is_the_persons_first_and_then_the_installations() {
        let (home, places) = places();
        let found = |name: &str| places.find(Path::new(name)).expect("a profile");
        assert_eq!(found("shop"), home.path().join("own/shop.yaml"));
        assert_eq!(found("bank"), home.path().join("laid/bank/profile.yaml"));
        assert_eq!(found("none.yaml"), Path::new("none.yaml"), "whether a file is there is told when it is read");
    }

    #[test]
    fn a_name_that_nobody_gave_is_told_with_those_that_there_are() {
        let (_home, places) = places();
        for name in ["shpo", "..", "empty", "notes"] {
            let error = explain(&places.find(Path::new(name)).expect_err("no profile"));
            assert_eq!(error.message, format!("--profile {name}: no profile has this name"));
            let hint = error.hint.expect("a hint");
            assert!(hint.contains("there are bank, shop; or name a file"), "{hint}");
            assert_eq!(hint.starts_with("did you mean shop? "), name == "shpo", "{hint}");
        }
        let nowhere = Places { own: Some("/nowhere/profiles".into()), installed: None };
        let hint = explain(&nowhere.find(Path::new("shop")).expect_err("no profile")).hint.expect("a hint");
        assert!(hint.starts_with("no profile has a name yet: put one into /nowhere/profiles/shop.yaml"), "{hint}");
    }
}
