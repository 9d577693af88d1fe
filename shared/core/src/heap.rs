//! Heap dumps in a container: how they are looked for, read and taken away.
//!
//! Which files are there only a shell can tell that fills a pattern in; paths and patterns are arguments of its script and no
//! part of it.

use crate::container_command::{ContainerCommand, ReadOnlyCommand};
use crate::plan::{AFTER, BEFORE};
use crate::profile::Heap;

/// Fills the pattern in (`$1`), the newest file first; words are not split, and what is no file is none.
const FILES: &str = r#"command -v ls >/dev/null && command -v wc >/dev/null || { echo 'there is no ls or no wc' >&2; exit 127; }; IFS=; ls -td $1 2>/dev/null | while read -r f; do [ -f "$f" ] && printf '%s %s\n' "$(wc -c < "$f")" "$f"; done; true"#;

/// Counts the files of the pattern (`$1`) that are not among the others (`$2` ...) as `$n`, the last of them being `$l`.
const NEW_ONES: &str = r#"IFS=; p=$1; shift; n=0; a=; for f in $p; do [ -f "$f" ] || continue; k=; for o in "$@"; do [ "$o" = "$f" ] && k=y; done; [ "$k" ] || { n=$((n+1)); l=$f; a="$a $f"; }; done"#;

/// Removes the new file; of several nobody knows whose each is.
const REMOVE: &str =
    r#"case $n in 0) ;; 1) rm "$l";; *) echo "several are new, remove them by hand:$a" >&2; exit 1;; esac"#;

/// Says one of two words, by whether there is a new file.
fn says(new: &str, none: &str) -> String {
    format!("{NEW_ONES}; case $n in 0) echo {none};; *) echo {new};; esac")
}

/// A container with a program whose memory is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dumped<'p> {
    /// Namespace of the pod.
    pub namespace: String,
    /// Name of the pod.
    pub pod: String,
    /// Name of the container.
    pub container: String,
    /// How the dump is made.
    pub heap: &'p Heap,
}

/// A file in a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path.
    pub path: String,
    /// Its size.
    pub bytes: u64,
}

impl Dumped<'_> {
    /// Lists the dumps that are there, the newest first.
    pub fn files(&self) -> ReadOnlyCommand {
        ReadOnlyCommand::declared(self.script(FILES, &[]))
    }

    /// Writes a file to the standard output.
    pub fn read(&self, file: &File) -> ReadOnlyCommand {
        ReadOnlyCommand::declared(self.command(vec!["cat".to_owned(), file.path.clone()]))
    }

    /// Makes the dump.
    pub fn make(&self) -> ContainerCommand {
        self.command(self.heap.command.clone())
    }

    /// Says whether there is a dump that was not there before.
    pub fn is_made(&self, before: &[File]) -> ContainerCommand {
        self.script(&says(AFTER, BEFORE), before)
    }

    /// Takes away the dump that was not there before; of several none.
    pub fn remove(&self, before: &[File]) -> ContainerCommand {
        self.script(&format!("{NEW_ONES}; {REMOVE}"), before)
    }

    /// Says whether none is there that was not there before.
    pub fn is_removed(&self, before: &[File]) -> ContainerCommand {
        self.script(&says(BEFORE, AFTER), before)
    }

    fn script(&self, script: &str, before: &[File]) -> ContainerCommand {
        let words = ["sh", "-c", script, "sh", &self.heap.file].map(str::to_owned);
        self.command(words.into_iter().chain(before.iter().map(|file| file.path.clone())).collect())
    }

    fn command(&self, words: Vec<String>) -> ContainerCommand {
        ContainerCommand {
            namespace: self.namespace.clone(),
            pod: self.pod.clone(),
            container: Some(self.container.clone()),
            words,
            input: None,
        }
    }
}

/// What the list of dumps says.
///
/// # Errors
/// Gives the line that cannot be read.
pub fn files(said: &str) -> Result<Vec<File>, String> {
    let file = |line: &str| {
        let (bytes, path) = line.trim_start().split_once(' ')?;
        Some(File { path: path.to_owned(), bytes: bytes.parse().ok()? })
    };
    said.lines().map(|line| file(line).ok_or_else(|| line.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profile;
    use std::path::Path;
    use std::process::Command;

    fn heap(file: &Path) -> Heap {
        let text = format!(
            "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\ncomponents:\n- name: api\n  \
             workloads: [Deployment/shop/api]\n  heap: {{command: [make], file: '{}'}}\n",
            file.display()
        );
        Profile::parse(&text, &[]).expect("a profile").components[0].heap.clone().expect("a heap")
    }

    fn said(command: &ContainerCommand) -> String {
        let output = Command::new(&command.words[0]).args(&command.words[1..]).output().expect("a shell");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }

    #[test]
    fn only_what_was_not_there_before_is_told_and_taken_away() {
        let folder = tempfile::tempdir().expect("a folder");
        let write =
            |name: &str, bytes: usize| std::fs::write(folder.path().join(name), vec![b'x'; bytes]).expect("a file");
        let heap = heap(&folder.path().join("heap-*.bin"));
        let dumped =
            Dumped { namespace: "shop".to_owned(), pod: "api-0".to_owned(), container: "app".to_owned(), heap: &heap };
        let listed = || files(&said(dumped.files().command())).expect("a list");
        let sizes = || listed().iter().map(|it| it.bytes).collect::<Vec<_>>();
        assert_eq!(listed(), [], "what nothing fits is no file of that name");
        write("heap-old one.bin", 3);
        write("other.bin", 1);
        std::fs::create_dir(folder.path().join("heap-folder.bin")).expect("a folder");
        let before = listed();
        assert_eq!(before.len(), 1);
        assert!(before[0].path.ends_with("/heap-old one.bin") && before[0].bytes == 3, "{before:?}");
        let stands = || [dumped.is_made(&before), dumped.is_removed(&before)].map(|it| said(&it).trim().to_owned());
        assert_eq!(stands(), [BEFORE, AFTER]);
        write("heap-new.bin", 5);
        assert_eq!(stands(), [AFTER, BEFORE]);
        assert_eq!(sizes(), [5, 3]);
        write("heap-newer.bin", 6);
        let command = dumped.remove(&before);
        let refused = Command::new("sh").args(&command.words[1..]).output().expect("a shell");
        let why = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && why.contains("heap-newer.bin") && why.contains("heap-new.bin"), "{why}");
        assert_eq!(sizes(), [6, 5, 3], "whose each is nobody knows");
        std::fs::remove_file(folder.path().join("heap-newer.bin")).expect("it was there");
        assert_eq!(said(dumped.read(&listed()[0]).command()), "xxxxx");
        said(&dumped.remove(&before));
        assert_eq!((sizes(), stands()), (vec![3], [BEFORE.to_owned(), AFTER.to_owned()]));
        assert!(folder.path().join("other.bin").exists() && folder.path().join("heap-folder.bin").exists());
        assert_eq!(files("x y"), Err("x y".to_owned()));
    }

    #[test]
    fn a_shell_that_is_not_there_is_named_and_what_stays_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("heap.bin"), "x").expect("a file");
        let heap = heap(&folder.path().join("heap.bin"));
        let dumped = Dumped { namespace: String::new(), pod: String::new(), container: String::new(), heap: &heap };
        let command = dumped.remove(&[]);
        assert_eq!(command.program(), "sh");
        // Without any program on its path the shell has no rm.
        let shell =
            Command::new("/bin/sh").args(&command.words[1..]).env("PATH", "/nowhere").output().expect("a shell");
        assert!(!shell.status.success() && folder.path().join("heap.bin").exists());
    }
}
