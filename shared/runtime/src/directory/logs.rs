//! Logs in directories, where `kubectl cluster-info dump`, must-gather and support bundles put them.

use super::walk;
use sre_core::logs::LogName;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The end of a file that is read; the logs of all containers of a pod may stand in one.
const END: u64 = 1 << 20;

/// A file that holds a log, or those of all containers of a pod.
#[derive(Clone, Debug)]
pub struct LogFile {
    /// Whose; the container is empty where the file holds those of all.
    pub log: LogName,
    place: Place,
}

/// Where a log is.
#[derive(Clone, Debug)]
enum Place {
    /// In a file of its own.
    File(PathBuf),
    /// In a part of a file that has no name.
    Part(Arc<File>, Range<u64>),
}

/// The files of a directory that are logs by where they stand.
pub fn log_files(root: &Path) -> Vec<LogFile> {
    if !root.is_dir() {
        return Vec::new();
    }
    let named =
        |path: PathBuf| Some(LogFile { log: name(path.strip_prefix(root).ok()?, root)?, place: Place::File(path) });
    walk::logs(root).into_iter().filter_map(named).collect()
}

impl LogFile {
    /// Whether a file of that name is a log of somebody.
    pub fn is_log(path: &Path) -> bool {
        walk::may_be_log(path) && name(path, Path::new("")).is_some()
    }

    /// The log that a part of a file is, by its name in what the file was made of.
    pub fn within(path: &Path, file: &Arc<File>, part: Range<u64>) -> Option<Self> {
        Some(Self { log: name(path, Path::new(""))?, place: Place::Part(file.clone(), part) })
    }

    /// The end of the log of a container.
    ///
    /// # Errors
    /// Fails when the file cannot be read.
    pub fn end_of(&self, container: &str) -> io::Result<Option<String>> {
        let (bytes, length) = match &self.place {
            Place::File(path) => {
                let file = File::open(path)?;
                let length = file.metadata()?.len();
                (end(&file, &(0..length))?, length)
            }
            Place::Part(file, part) => (end(file, part)?, part.end - part.start),
        };
        let text = String::from_utf8_lossy(&bytes);
        let whole = if length > END { text.split_once('\n').map_or("", |(_, rest)| rest) } else { &text };
        if self.log.container.is_empty() {
            return Ok(part_of(whole, &self.log, container).map(str::to_owned));
        }
        Ok(Some(whole.to_owned()))
    }
}

/// The last bytes of a part of a file.
fn end(mut file: &File, part: &Range<u64>) -> io::Result<Vec<u8>> {
    let start = part.start.max(part.end.saturating_sub(END));
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(part.end - start).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The log of one container among those of a pod, as `kubectl cluster-info dump` divides them.
fn part_of<'t>(text: &'t str, log: &LogName, container: &str) -> Option<&'t str> {
    let of = format!("logs for container {container} of pod {}/{} ====", log.namespace, log.pod);
    let begin = format!("==== START {of}");
    let end = format!("==== END {of}");
    let body = text.split_once(&begin).map(|(_, rest)| rest);
    // What is longer than is read begins somewhere in the first of them.
    let body = body.or_else(|| text.contains(&end).then_some(text))?;
    Some(body.split_once(&end).map_or(body, |(body, _)| body))
}

/// Whose log a file is, by its path below the root.
fn name(path: &Path, root: &Path) -> Option<LogName> {
    let above = root.file_name().map(|it| it.to_string_lossy().into_owned());
    let below = path.iter().map(|part| part.to_string_lossy().into_owned());
    let parts: Vec<String> = above.into_iter().chain(below).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let log = |namespace: &str, pod: &str, container: &str, previous| {
        let (namespace, pod, container) = (namespace.to_owned(), pod.to_owned(), container.to_owned());
        Some(LogName { namespace, pod, container, previous })
    };
    match &parts[..] {
        [.., "namespaces", namespace, "pods", pod, container, _, "logs", file @ ("current.log" | "previous.log")] => {
            log(namespace, pod, container, *file == "previous.log")
        }
        [.., "pods", "logs", namespace, pod, file] => {
            let container = file.strip_suffix(".log")?;
            match container.strip_suffix("-previous") {
                Some(container) => log(namespace, pod, container, true),
                None => log(namespace, pod, container, false),
            }
        }
        [.., namespace, pod, "logs.txt"] => log(namespace, pod, "", false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn written(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        folder
    }

    #[test]
    fn three_tools_put_them_where_they_are_found() {
        let folder = written(&[
            ("must/namespaces/shop/pods/web-1/app/app/logs/current.log", "now"),
            ("must/namespaces/shop/pods/web-1/app/app/logs/previous.log", "before"),
            ("cluster-resources/pods/logs/shop/web-2/app.log", "now"),
            ("cluster-resources/pods/logs/shop/web-2/app-previous.log", "before"),
            (
                "shop/web-3/logs.txt",
                "==== START logs for container app of pod shop/web-3 ====\nnow\n==== END logs for container app of pod shop/web-3 ====\n",
            ),
            ("notes.txt", "no log"),
        ]);
        let files = log_files(folder.path());
        let mut seen: Vec<String> = Vec::new();
        for file in &files {
            let text = file.end_of("app").expect("readable").expect("a log");
            seen.push(format!("{}/{}{} {}", file.log.pod, file.log.container, file.log.previous, text.trim()));
        }
        seen.sort();
        let expected = [
            "web-1/appfalse now",
            "web-1/apptrue before",
            "web-2/appfalse now",
            "web-2/apptrue before",
            "web-3/false now",
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn of_the_logs_of_a_pod_each_container_has_its_own() {
        let text = "==== START logs for container a of pod n/p ====\none\n==== END logs for container a of pod n/p ====\n==== START logs for container b of pod n/p ====\ntwo\n==== END logs for container b of pod n/p ====\n";
        let folder = written(&[("n/p/logs.txt", text)]);
        let files = log_files(folder.path());
        let read = |container| files[0].end_of(container).expect("readable").map(|text| text.trim().to_owned());
        assert_eq!((read("a"), read("b"), read("c")), (Some("one".to_owned()), Some("two".to_owned()), None));
    }
}
