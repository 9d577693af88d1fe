//! What to type next after a connection could not be set up.

use super::error::{ConnectError, NameKind};

/// Names further than this many edits apart are not offered as what was meant.
const NEAR: usize = 3;

impl ConnectError {
    /// Returns the next thing to type or to change, as one sentence.
    pub fn hint(&self) -> String {
        match self {
            Self::NoCluster { .. } => {
                "name a kubeconfig with --kubeconfig FILE or a server with --server URL, or look at an archive with --from demo".into()
            }
            Self::NoContext { known } => format!("add --context NAME{}", listed(known)),
            Self::NoContexts => "add one with kubectl config set-context NAME --cluster NAME --user NAME".into(),
            Self::NoServer { .. } => "add --server URL, or set it with kubectl config set-cluster NAME --server URL".into(),
            Self::ServerInvalid { .. } => "write it as https://HOST:PORT".into(),
            Self::KubeconfigUnreadable { path, .. } => format!("check it with ls -l {}", quoted(&path.to_string_lossy())),
            Self::KubeconfigBroken { path, .. } => {
                format!("correct that line, then check with kubectl config view --kubeconfig {}", quoted(&path.to_string_lossy()))
            }
            Self::UnknownName { kind, name, known } => unknown_name(*kind, name, known),
            Self::Conflict { first, second } => format!("leave out {first} or {second}"),
            Self::Incomplete { missing, .. } => format!("add {missing}"),
            other => other.credential_hint(),
        }
    }

    fn credential_hint(&self) -> String {
        match self {
            Self::HeaderInvalid { what } => format!("correct {what}"),
            Self::FileUnreadable { path, .. } => format!("check it with ls -l {}", quoted(&path.to_string_lossy())),
            Self::CertificateInvalid { .. } => "see what is used with kubectl config view --minify".into(),
            Self::CertificateExpired { .. } => "renew it, for example with kubeadm certs renew, or log in again".into(),
            Self::ProxyInvalid { .. } => "write it as http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT".into(),
            Self::AuthProviderUnsupported { .. } => {
                "use the provider's credential plugin (users[].user.exec), or --token".into()
            }
            Self::PluginMissing { install_hint: Some(hint), .. } => hint.trim().to_owned(),
            Self::PluginMissing { command, .. } => format!("install {command} or put its directory into PATH"),
            Self::PluginFailed { command, .. } | Self::PluginGarbage { command, .. } => {
                format!("run {command} by hand, or log in again with your provider's tool")
            }
            Self::PluginHung { .. } => {
                "log in again with your provider's tool, or wait longer with --request-timeout 5m".into()
            }
            Self::PluginNeedsTerminal { .. } => "run it from a terminal once, or use --token".into(),
            _ => "see what is used with kubectl config view --minify".into(),
        }
    }
}

fn unknown_name(kind: NameKind, name: &str, known: &[String]) -> String {
    let flag = kind.to_string();
    match nearest(name, known) {
        Some(near) => format!("did you mean --{flag} {}?{}", quoted(near), listed(known)),
        None if known.is_empty() => format!("the kubeconfig has no {flag}s; see kubectl config view"),
        None => format!("add --{flag} NAME{}", listed(known)),
    }
}

/// Returns the known name that takes the fewest edits, if that is few enough to be a typing error.
fn nearest<'a>(name: &str, known: &'a [String]) -> Option<&'a String> {
    let distance = |candidate: &String| strsim::osa_distance(&name.to_lowercase(), &candidate.to_lowercase());
    known
        .iter()
        .map(|candidate| (distance(candidate), candidate))
        .filter(|(edits, _)| *edits <= NEAR)
        .min()
        .map(|(_, near)| near)
}

fn listed(known: &[String]) -> String {
    if known.is_empty() { String::new() } else { format!(" (there are: {})", known.join(", ")) }
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@=+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(name: &str) -> String {
        let known = vec!["prod-eu".to_owned(), "staging".to_owned()];
        ConnectError::UnknownName { kind: NameKind::Context, name: name.to_owned(), known }.hint()
    }

    #[test]
    fn a_near_name_is_offered_and_a_far_one_is_not() {
        assert_eq!(unknown("prod-ue"), "did you mean --context prod-eu? (there are: prod-eu, staging)");
        assert_eq!(unknown("kind"), "add --context NAME (there are: prod-eu, staging)");
    }
}
