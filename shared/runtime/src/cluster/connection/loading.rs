//! Finds the kubeconfig files, reads them, and merges them as kubectl does.

use std::io::ErrorKind;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use super::environment::Environment;
use super::error::ConnectError;
use super::kubeconfig::{Cluster, Kubeconfig, User};

/// Reads `--kubeconfig`, else the `KUBECONFIG` list, else `~/.kube/config`; only the first must exist.
///
/// # Errors
/// A file that cannot be read, or that is not a kubeconfig; a listed file that is missing is none.
pub(crate) fn load(explicit: Option<&Path>, environment: &Environment) -> Result<Kubeconfig, ConnectError> {
    if let Some(path) = explicit {
        return read(path).map_err(|source| unreadable(path, source)).and_then(|text| parse(&text, path));
    }
    let mut merged = Kubeconfig::default();
    for path in searched_files(environment) {
        match read(&path) {
            Ok(text) => merged.merge(parse(&text, &path)?),
            Err(missing) if missing.kind() == ErrorKind::NotFound => {}
            Err(source) => return Err(unreadable(&path, source)),
        }
    }
    Ok(merged)
}

/// Lists where a kubeconfig is looked for when no flag names one.
pub(crate) fn searched_files(environment: &Environment) -> Vec<PathBuf> {
    let listed: Vec<PathBuf> = environment
        .raw("KUBECONFIG")
        .map(|list| std::env::split_paths(list).filter(|path| !path.as_os_str().is_empty()).collect())
        .unwrap_or_default();
    if !listed.is_empty() {
        return listed;
    }
    environment.home.iter().map(|home| home.join(".kube").join("config")).collect()
}

/// Says where a kubeconfig was looked for in vain.
pub(crate) fn no_cluster(explicit: Option<&Path>, environment: &Environment) -> ConnectError {
    let explicit = explicit.map(|path| vec![path.to_owned()]);
    ConnectError::NoCluster { searched: explicit.unwrap_or_else(|| searched_files(environment)) }
}

/// Reads text in UTF-8 or, as PowerShell's redirection writes it, UTF-16.
fn read(path: &Path) -> std::io::Result<String> {
    let bytes = std::fs::read(path)?;
    let text = match bytes.as_slice() {
        [0xFF, 0xFE, rest @ ..] => String::from_utf16(&units(rest, u16::from_le_bytes)).ok(),
        [0xFE, 0xFF, rest @ ..] => String::from_utf16(&units(rest, u16::from_be_bytes)).ok(),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        plain => String::from_utf8(plain.to_vec()).ok(),
    };
    text.ok_or_else(|| std::io::Error::new(ErrorKind::InvalidData, "is not text in UTF-8 or UTF-16"))
}

fn units(bytes: &[u8], join: fn([u8; 2]) -> u16) -> Vec<u16> {
    bytes.chunks_exact(2).map(|pair| join([pair[0], pair[1]])).collect()
}

fn parse(text: &str, path: &Path) -> Result<Kubeconfig, ConnectError> {
    let documents: Vec<Option<Kubeconfig>> = serde_saphyr::from_multiple(text).map_err(|error| broken(path, &error))?;
    let mut merged = Kubeconfig::default();
    for document in documents.into_iter().flatten() {
        merged.merge(document);
    }
    make_absolute(&mut merged, path.parent().unwrap_or(Path::new("")));
    Ok(merged)
}

/// Keeps the place and the kind of the error, never the snippet: a kubeconfig's lines are credentials.
fn broken(path: &Path, error: &serde_saphyr::Error) -> ConnectError {
    let place = error.location();
    let whole = error.without_snippet().to_string();
    let first_line = whole.lines().next().unwrap_or_default();
    let why = first_line.rsplit_once(" at line ").map_or(first_line, |(why, _place)| why);
    ConnectError::KubeconfigBroken {
        path: path.to_owned(),
        line: place.map_or(0, |place| place.line()),
        column: place.map_or(0, |place| place.column()),
        why: without_quoted(why),
    }
}

/// Removes quoted values, which may be credentials, from a parser's message.
fn without_quoted(message: &str) -> String {
    let mut kept = String::new();
    let mut inside = None;
    for c in message.chars() {
        match inside {
            Some(quote) if quote == c => inside = None,
            Some(_) => {}
            None if c == '"' || c == '`' => {
                inside = Some(c);
                kept.push('…');
            }
            None => kept.push(c),
        }
    }
    kept
}

fn unreadable(path: &Path, source: std::io::Error) -> ConnectError {
    ConnectError::KubeconfigUnreadable { path: path.to_owned(), source }
}

/// Paths in a kubeconfig are relative to the file that names them.
fn make_absolute(config: &mut Kubeconfig, directory: &Path) {
    for cluster in config.clusters.iter_mut().flatten().filter_map(|named| named.cluster.as_mut()) {
        make_cluster_absolute(cluster, directory);
    }
    for user in config.users.iter_mut().flatten().filter_map(|named| named.user.as_mut()) {
        make_user_absolute(user, directory);
    }
}

fn make_cluster_absolute(cluster: &mut Cluster, directory: &Path) {
    join(&mut cluster.certificate_authority, directory);
}

fn make_user_absolute(user: &mut User, directory: &Path) {
    join(&mut user.client_certificate, directory);
    join(&mut user.client_key, directory);
    join(&mut user.token_file, directory);
    // A bare command is looked up in PATH; only one with a separator is a path.
    if let Some(plugin) = user.exec.as_mut().filter(|plugin| plugin.command.contains(MAIN_SEPARATOR)) {
        plugin.command = directory.join(&plugin.command).to_string_lossy().into_owned();
    }
}

fn join(file: &mut Option<String>, directory: &Path) {
    if let Some(path) = file.as_mut().filter(|path| !path.is_empty()) {
        *path = directory.join(&*path).to_string_lossy().into_owned();
    }
}
