//! How the helm of this machine gets to the same cluster as the same caller.

use crate::cluster::connection::ConnectionFacts;

/// The flags by which helm gets to the same cluster as the same caller.
///
/// # Errors
/// Names the flag that helm has no like of.
pub(super) fn reach(facts: &ConnectionFacts) -> Result<Vec<String>, String> {
    if facts.has_typed_token {
        return Err("--token".to_owned());
    }
    let mut reach = Vec::new();
    let mut words = facts.reach.iter();
    let mut names_context = false;
    while let Some(flag) = words.next() {
        let theirs = match flag.as_str() {
            "--kubeconfig" => "--kubeconfig",
            "--context" => "--kube-context",
            "--server" => "--kube-apiserver",
            "--certificate-authority" => "--kube-ca-file",
            "--tls-server-name" => "--kube-tls-server-name",
            "--as" => "--kube-as-user",
            "--as-group" => "--kube-as-group",
            "--insecure-skip-tls-verify" => {
                reach.push("--kube-insecure-skip-tls-verify".to_owned());
                continue;
            }
            other => return Err(other.to_owned()),
        };
        names_context |= flag == "--context";
        reach.push(theirs.to_owned());
        reach.extend(words.next().cloned());
    }
    // Somebody may change the current context while a question waits for its answer.
    if let (false, Some(context)) = (names_context, &facts.context) {
        reach.extend(["--kube-context".to_owned(), context.clone()]);
    }
    Ok(reach)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(reach: &[&str], has_typed_token: bool) -> ConnectionFacts {
        ConnectionFacts {
            context: Some("staging".to_owned()),
            server: String::new(),
            user: None,
            default_namespace: "shop".to_owned(),
            certificate_authority_digest: None,
            reach: reach.iter().map(|it| (*it).to_owned()).collect(),
            has_typed_token,
        }
    }

    #[test]
    fn helm_goes_where_we_go_or_nowhere() {
        let way = |words: &[&str]| reach(&facts(words, false)).map(|it| it.join(" "));
        assert_eq!(way(&[]).as_deref(), Ok("--kube-context staging"));
        assert_eq!(
            way(&["--kubeconfig", "/k", "--context", "prod", "--as", "jane", "--insecure-skip-tls-verify"]).as_deref(),
            Ok("--kubeconfig /k --kube-context prod --kube-as-user jane --kube-insecure-skip-tls-verify")
        );
        assert_eq!(way(&["--user", "jane"]), Err("--user".to_owned()));
        assert_eq!(reach(&facts(&[], true)), Err("--token".to_owned()));
    }
}
