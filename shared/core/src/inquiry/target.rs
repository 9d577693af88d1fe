//! Where a question goes: to a Service or a kubelet, through the API server, or to a URL.

use crate::postgres::Server;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a question goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Target {
    /// A Service, which the API server forwards to.
    Service(ServicePort),
    /// An address that is asked from here, without a slash at its end.
    Url(String),
    /// The kubelet of a node, which the API server forwards to.
    Node(String),
    /// A PostgreSQL server, which is asked by the program in its container.
    Database(Server),
}

/// One port of a Service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServicePort {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Number or name of the port.
    pub port: String,
    /// How the API server speaks to it.
    pub scheme: Scheme,
}

/// How a Service is spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// Without TLS.
    #[default]
    Http,
    /// With TLS; the API server does not check the certificate.
    Https,
}

impl Target {
    /// Reads a Service as a profile writes it: `monitoring/prometheus-operated:9090`, or with `https:` before it.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn service(text: &str) -> Result<Self, String> {
        let (scheme, rest) = match text.split_once(':') {
            Some(("https", rest)) => (Scheme::Https, rest),
            Some(("http", rest)) => (Scheme::Http, rest),
            _ => (Scheme::Http, text),
        };
        let parts = rest.split_once('/').and_then(|(namespace, rest)| Some((namespace, rest.split_once(':')?)));
        match parts {
            Some((namespace, (name, port))) if [namespace, name].iter().all(|part| is_label(part)) && is_port(port) => {
                let [namespace, name, port] = [namespace, name, port].map(str::to_owned);
                Ok(Self::Service(ServicePort { namespace, name, port, scheme }))
            }
            _ => {
                Err(format!("{text} is no port of a Service; write NAMESPACE/NAME:PORT, or https:NAMESPACE/NAME:PORT"))
            }
        }
    }

    /// Reads an address.
    ///
    /// # Errors
    /// What is wrong with it, in words; never the address itself when it may hold a password.
    pub fn url(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let Some(rest) = rest else { return Err("it begins with neither http:// nor https://".to_owned()) };
        if rest.contains('@') {
            return Err("it must hold no user or password: whoever may read the profile would have it".to_owned());
        }
        let is_odd = |letter: u8| !letter.is_ascii_graphic() || b"?#\\".contains(&letter);
        if rest.is_empty() || rest.starts_with('/') || rest.bytes().any(is_odd) {
            return Err(format!("{text} is no address; write for example https://prometheus.example.com"));
        }
        Ok(Self::Url(text.trim_end_matches('/').to_owned()))
    }
}

/// Whether a word can be a part of the path that leads to a Service.
fn is_label(word: &str) -> bool {
    let inner = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
    !word.is_empty() && word.len() <= 63 && word.bytes().all(inner)
}

/// Whether a word is a port of a Service: its number, or its name, which has a letter.
fn is_port(word: &str) -> bool {
    let is_number = |number: u16| number > 0 && number.to_string() == word;
    match word.bytes().all(|letter| letter.is_ascii_digit()) {
        true => word.parse().is_ok_and(is_number),
        false => is_label(word),
    }
}

impl ServicePort {
    /// What the API server calls it, in paths and in the names of a role: `prometheus-operated:9090`.
    pub fn proxied_name(&self) -> String {
        let Self { name, port, .. } = self;
        match self.scheme {
            Scheme::Http => format!("{name}:{port}"),
            Scheme::Https => format!("https:{name}:{port}"),
        }
    }

    /// The path of the API server that leads to a path of it, which begins with a slash.
    pub fn proxied_path(&self, path: &str) -> String {
        format!("/api/v1/namespaces/{}/services/{}/proxy{path}", self.namespace, self.proxied_name())
    }
}

/// The path of the API server that leads to a path of the kubelet of a node.
pub fn path_to_kubelet(node: &str, path: &str) -> String {
    format!("/api/v1/nodes/{node}/proxy{path}")
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(ServicePort { namespace, name, port, .. }) => {
                write!(formatter, "Service {namespace}/{name}:{port}")
            }
            Self::Url(url) => formatter.write_str(url),
            Self::Node(name) => write!(formatter, "Node {name}"),
            Self::Database(server) => write!(formatter, "Pod {}/{}", server.namespace, server.pod),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_and_kubelets_are_asked_through_the_api_server() {
        let Ok(Target::Service(port)) = Target::service("https:shop/web:metrics") else { panic!("a Service") };
        assert_eq!(port.proxied_path("/a?b=c"), "/api/v1/namespaces/shop/services/https:web:metrics/proxy/a?b=c");
        assert_eq!(path_to_kubelet("node-1", "/stats/summary"), "/api/v1/nodes/node-1/proxy/stats/summary");
        let plain = Target::service("monitoring/prometheus-operated:9090").expect("a Service");
        assert_eq!(plain.to_string(), "Service monitoring/prometheus-operated:9090");
    }

    #[test]
    fn what_would_lead_elsewhere_is_refused() {
        for text in [
            "web:80",
            "shop/web",
            "shop/web:",
            "shop/web:0",
            "shop/web:65536",
            "shop/web:99999999",
            "shop/web:080",
            "shop/../kube-system/web:80",
            "shop/web:80/x",
            "ftp:shop/web:80",
        ] {
            assert!(Target::service(text).is_err(), "{text}");
        }
        assert!(Target::service("shop/web:65535").is_ok() && Target::service("shop/web:8080-tcp").is_ok());
        for text in [
            "http://a\tb",
            "http://a\nb",
            "http://a\\b",
            "prometheus.example.com",
            "https://",
            "https:///x",
            "ftp://x",
            "https://a b",
            "https://x/?q=1",
        ] {
            assert!(Target::url(text).is_err(), "{text}");
        }
        let told = Target::url("https://me:word@prometheus.example.com").expect_err("a password");
        assert!(!told.contains("word@"), "{told}");
        assert_eq!(Target::url("https://a.example/x/"), Ok(Target::Url("https://a.example/x".to_owned())));
    }
}
