//! Commands to paste: whatever stands in them came from a cluster, and a shell must take it for words.

/// Characters that no shell reads as more than themselves.
fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "._/:=,@%+-".contains(letter)
}

/// A word as a shell must be given it.
pub fn quoted(word: &str) -> String {
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// Takes a command apart at blanks; only single quotes hold a word together, and these names whatever is in them.
pub(crate) fn words(command: &str, names: &[&str]) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut in_quotes = false;
    let mut rest = command;
    while let Some(letter) = rest.chars().next() {
        let name = names.iter().filter(|name| !in_quotes && rest.starts_with(**name)).max_by_key(|name| name.len());
        if let Some(name) = name {
            word.get_or_insert_default().push_str(name);
            rest = &rest[name.len()..];
            continue;
        }
        rest = &rest[letter.len_utf8()..];
        match letter {
            '\'' => {
                in_quotes = !in_quotes;
                word.get_or_insert_default();
            }
            blank if blank.is_whitespace() && !in_quotes => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    words
}

/// The same command with every word quoted that needs it.
///
/// Names and reasons come from objects: one that holds a semicolon or `$(` becomes an argument, never a command. Of
/// these names each stays one word, whatever blanks and quotes are in it: `web --all` is no flag.
pub(super) fn pasteable<'n>(command: &str, names: impl Iterator<Item = &'n str>) -> String {
    let splits = |name: &&str| name.contains(|letter: char| letter.is_whitespace() || letter == '\'');
    let names: Vec<&str> = names.filter(splits).collect();
    words(command, &names).iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// Sends a command to the cluster that was looked at: the flags that led there stand behind its own, or before a `--`.
///
/// Pages ask no cluster: `kubectl sre explain` stays as it is.
pub fn aimed(command: &str, reach: &[String]) -> String {
    if reach.is_empty() || command.starts_with("kubectl sre explain ") {
        return command.to_owned();
    }
    let flags = reach.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
    match command.split_once(" -- ") {
        Some((before, behind)) => format!("{before} {flags} -- {behind}"),
        None => format!("{command} {flags}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(command: &str) -> String {
        pasteable(command, [].into_iter())
    }

    #[test]
    fn a_name_with_blanks_or_quotes_is_one_word() {
        let of = |command: &str, name| pasteable(command, [name, "a"].into_iter());
        assert_eq!(of("kubectl get pod web --all -n a", "web --all"), "kubectl get pod 'web --all' -n a");
        assert_eq!(of("kubectl get pod x=a 'b", "a 'b"), "kubectl get pod 'x=a '\\''b'");
        assert_eq!(of("kubectl get pod a b c -n a", "a b c"), "kubectl get pod 'a b c' -n a");
        assert_eq!(of("kubectl get -p '{\"a b\":1}'", "a b"), "kubectl get -p '{\"a b\":1}'");
    }

    #[test]
    fn ordinary_commands_stay_as_they_are() {
        for command in [
            "kubectl get events -A --field-selector type=Warning,reason=BackOff --sort-by=.lastTimestamp",
            "kubectl get --raw '/readyz?verbose'",
            r#"kubectl patch cronjob a -n b --type=merge -p '{"spec":{"suspend":false}}'"#,
        ] {
            assert_eq!(plain(command), command);
        }
    }

    #[test]
    fn commands_go_where_the_run_went() {
        let reach = ["--context".to_owned(), "my staging".to_owned()];
        assert_eq!(aimed("kubectl get pods -A", &reach), "kubectl get pods -A --context 'my staging'");
        let inside = "kubectl exec web -n shop -- nc -z db 5432";
        assert_eq!(aimed(inside, &reach), "kubectl exec web -n shop --context 'my staging' -- nc -z db 5432");
        assert_eq!(aimed("kubectl sre explain POD-02", &reach), "kubectl sre explain POD-02");
        assert_eq!(aimed("kubectl get pods -A", &[]), "kubectl get pods -A");
    }

    #[test]
    fn nothing_that_an_object_says_is_run() {
        let pasted = plain("kubectl get events --field-selector reason=x; touch /tmp/owned # -A");
        assert_eq!(pasted, "kubectl get events --field-selector 'reason=x;' touch /tmp/owned '#' -A");
        assert_eq!(plain("kubectl describe pod p$(id) -n a"), "kubectl describe pod 'p$(id)' -n a");
        assert_eq!(plain("kubectl describe pod p`id`|sh\nid"), "kubectl describe pod 'p`id`|sh' id");
        assert_eq!(plain("kubectl label node a 'x=1'; id '"), "kubectl label node a 'x=1;' id ''");
    }
}
