//! The global flags: kubectl's own names and meanings.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args};

use crate::error::Error;
use sre_core::units::seconds_of;

/// Says which cluster to talk to, as whom, and what part of it to look at.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Cluster flags (as in kubectl)")]
pub struct ClusterFlags {
    /// Path of the kubeconfig file to use instead of KUBECONFIG and ~/.kube/config
    #[arg(long, global = true, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// Kubeconfig context to use
    #[arg(long, global = true, value_name = "NAME")]
    pub context: Option<String>,
    /// Kubeconfig cluster to use
    #[arg(long, global = true, value_name = "NAME")]
    pub cluster: Option<String>,
    /// Kubeconfig user to use
    #[arg(long, global = true, value_name = "NAME")]
    pub user: Option<String>,
    /// Address and port of the API server
    #[arg(long, short = 's', global = true, value_name = "URL")]
    pub server: Option<String>,
    /// Namespace to look at
    #[arg(long, short = 'n', global = true, value_name = "NAME")]
    pub namespace: Option<String>,
    /// Look at all namespaces, whatever --namespace says
    #[arg(long, short = 'A', global = true, value_name = "BOOL", action = ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_value = "false", default_missing_value = "true",
          hide_default_value = true, hide_possible_values = true)]
    pub all_namespaces: bool,
    /// Only objects with these labels (=, ==, !=, in, notin)
    #[arg(long, short = 'l', global = true, value_name = "LABELS")]
    pub selector: Option<String>,
    /// User or service account to impersonate
    #[arg(long = "as", global = true, value_name = "USER")]
    pub as_user: Option<String>,
    /// Group to impersonate; repeat it for several
    #[arg(long, global = true, value_name = "GROUP", action = ArgAction::Append)]
    pub as_group: Vec<String>,
    /// UID to impersonate
    #[arg(long, global = true, value_name = "UID")]
    pub as_uid: Option<String>,
    /// Bearer token for the API server
    #[arg(long, global = true, value_name = "TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// Path of a client certificate
    #[arg(long, global = true, value_name = "FILE")]
    pub client_certificate: Option<PathBuf>,
    /// Path of the client certificate's key
    #[arg(long, global = true, value_name = "FILE")]
    pub client_key: Option<PathBuf>,
    /// Path of the authority's certificate that the server is checked against
    #[arg(long, global = true, value_name = "FILE")]
    pub certificate_authority: Option<PathBuf>,
    /// Name that the server's certificate must carry instead of the server's host
    #[arg(long, global = true, value_name = "NAME")]
    pub tls_server_name: Option<String>,
    /// Do not check the server's certificate: anybody on the way can read and change everything
    #[arg(long, global = true, value_name = "BOOL", action = ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_value = "false", default_missing_value = "true",
          hide_default_value = true, hide_possible_values = true)]
    pub insecure_skip_tls_verify: bool,
    /// How long to wait for one request (1s, 2m, 3h; a bare number is seconds; 0 waits for ever; without it 60s)
    #[arg(long, global = true, value_name = "DURATION", value_parser = parse_request_timeout)]
    pub request_timeout: Option<RequestTimeout>,
    /// How much to tell on stderr; from 6 on, each request's method, URL, status and time
    #[arg(
        short = 'v',
        long = "v",
        global = true,
        value_name = "LEVEL",
        default_value_t = 0,
        hide_default_value = true
    )]
    pub verbosity: u8,
}

impl ClusterFlags {
    /// The flags that choose the cluster and who asks, as they were typed, each a word.
    ///
    /// A token is a secret, and stands nowhere but in the requests.
    pub fn reach(&self) -> Vec<String> {
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let groups = self.as_group.iter().map(|group| ("--as-group", Some(group.clone())));
        let named = [
            ("--kubeconfig", path(&self.kubeconfig)),
            ("--context", self.context.clone()),
            ("--cluster", self.cluster.clone()),
            ("--user", self.user.clone()),
            ("--server", self.server.clone()),
            ("--client-certificate", path(&self.client_certificate)),
            ("--client-key", path(&self.client_key)),
            ("--certificate-authority", path(&self.certificate_authority)),
            ("--tls-server-name", self.tls_server_name.clone()),
            ("--as", self.as_user.clone()),
            ("--as-uid", self.as_uid.clone()),
        ];
        let typed = named.into_iter().chain(groups).filter_map(|(flag, value)| Some([flag.to_owned(), value?]));
        let unchecked = self.insecure_skip_tls_verify.then(|| "--insecure-skip-tls-verify".to_owned());
        typed.flatten().chain(unchecked).collect()
    }

    /// Names of the flags that were typed and say which cluster is asked, as whom and how; `-n`, `-A` and `-l` narrow what
    /// was stored, too.
    fn of_a_connection(&self) -> Vec<&'static str> {
        let named = [
            ("--kubeconfig", self.kubeconfig.is_some()),
            ("--context", self.context.is_some()),
            ("--cluster", self.cluster.is_some()),
            ("--user", self.user.is_some()),
            ("--server", self.server.is_some()),
            ("--as", self.as_user.is_some()),
            ("--as-group", !self.as_group.is_empty()),
            ("--as-uid", self.as_uid.is_some()),
            ("--token", self.token.is_some()),
            ("--client-certificate", self.client_certificate.is_some()),
            ("--client-key", self.client_key.is_some()),
            ("--certificate-authority", self.certificate_authority.is_some()),
            ("--tls-server-name", self.tls_server_name.is_some()),
            ("--insecure-skip-tls-verify", self.insecure_skip_tls_verify),
            ("--request-timeout", self.request_timeout.is_some()),
        ];
        named.into_iter().filter(|(_, is_typed)| *is_typed).map(|(flag, _)| flag).collect()
    }
}

/// Refuses flags that mean nothing where no cluster is asked, so that nobody takes what was stored for what they chose.
pub(crate) fn of_stored(flags: &ClusterFlags, from: &str) -> Option<Error> {
    let typed = flags.of_a_connection();
    let names = typed.join(", ");
    let (verb, them) = if typed.len() == 1 { ("chooses", "it") } else { ("choose", "them") };
    (!typed.is_empty()).then(|| Error::Usage {
        message: format!("{names} {verb} how a cluster is asked, and --from {from} asks none"),
        hint: format!("leave {them} out; to look at the cluster, leave --from out"),
    })
}

/// Bounds one request; `None` waits for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestTimeout(pub Option<Duration>);

/// Reads a duration as kubectl does: a bare number is seconds, anything else is Go's notation.
fn parse_request_timeout(text: &str) -> Result<RequestTimeout, String> {
    let duration = duration(text).ok_or_else(|| format!("{text:?} is not a duration; type for example 30s or 2m"))?;
    Ok(RequestTimeout((!duration.is_zero()).then_some(duration)))
}

/// Reads a duration: a bare number is seconds, anything else is Go's notation.
pub fn duration(text: &str) -> Option<Duration> {
    match text.parse::<u64>() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => Duration::try_from_secs_f64(seconds_of(text)?).ok(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        cluster: ClusterFlags,
    }

    fn parse(words: &[&str]) -> Result<ClusterFlags, clap::Error> {
        Line::try_parse_from([&["sre"], words].concat()).map(|line| line.cluster)
    }

    #[test]
    fn durations_are_read_as_kubectl_reads_them() {
        let seconds = |text| parse_request_timeout(text).map(|RequestTimeout(limit)| limit.map(|d| d.as_secs_f64()));
        assert_eq!(seconds("30"), Ok(Some(30.0)));
        assert_eq!(seconds("1m30s"), Ok(Some(90.0)));
        assert_eq!(seconds("1.5h"), Ok(Some(5400.0)));
        assert_eq!(seconds("250ms"), Ok(Some(0.25)));
        assert_eq!(seconds("0"), Ok(None));
        assert_eq!(seconds("0s"), Ok(None));
        for wrong in ["", "-1s", "5x", "s", "1s2", "ten"] {
            assert!(seconds(wrong).is_err(), "{wrong:?} was taken for a duration");
        }
    }

    #[test]
    fn short_names_and_switches_are_kubectls() {
        let flags = parse(&["-s", "https://a", "-n", "shop", "-A", "-l", "app=web", "-v", "6"]).expect("valid flags");
        assert_eq!(flags.server.as_deref(), Some("https://a"));
        assert_eq!(flags.namespace.as_deref(), Some("shop"));
        assert_eq!(flags.selector.as_deref(), Some("app=web"));
        assert!(flags.all_namespaces);
        assert_eq!(flags.verbosity, 6);
        assert!(!parse(&["-A=false"]).expect("valid").all_namespaces);
        assert_eq!(parse(&["--v=7"]).expect("valid").verbosity, 7);
    }

    #[test]
    fn what_led_to_the_cluster_is_known_but_for_the_token() {
        let typed = ["--context", "staging", "--as", "jane", "--token", "s3cret", "-n", "shop", "-s", "https://a"];
        let flags = parse(&typed).expect("valid flags");
        assert_eq!(flags.reach(), ["--context", "staging", "--server", "https://a", "--as", "jane"]);
        assert_eq!(parse(&["-v", "6", "-A"]).expect("valid flags").reach(), <Vec<String>>::new());
        assert_eq!(
            parse(&["--insecure-skip-tls-verify"]).expect("valid flags").reach(),
            ["--insecure-skip-tls-verify"]
        );
    }

    #[test]
    fn a_group_may_be_given_several_times() {
        let flags = parse(&["--as", "jane", "--as-group", "a,b", "--as-group", "c"]).expect("valid flags");
        assert_eq!(flags.as_group, ["a,b", "c"], "kubectl does not split a group at commas");
    }
}
