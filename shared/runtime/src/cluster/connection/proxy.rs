//! Decides which proxy, if any, stands between us and the API server.

use http::Uri;

use super::environment::Environment;
use super::error::ConnectError;
use super::no_proxy;

/// Returns the kubeconfig's proxy, else the environment's unless `NO_PROXY` exempts the server.
///
/// # Errors
/// A proxy address with an unknown scheme or without a host.
pub(crate) fn choose(
    configured: Option<&str>,
    server: &Uri,
    environment: &Environment,
) -> Result<Option<Uri>, ConnectError> {
    if let Some(address) = configured.filter(|address| !address.is_empty()) {
        return parse(address, "the kubeconfig's proxy-url").map(Some);
    }
    let host = server.host().unwrap_or_default();
    if is_loopback(host) || no_proxy_list(environment).is_some_and(|list| no_proxy::exempts(list, host, port(server))) {
        return Ok(None);
    }
    let Some((name, address)) = from_environment(server, environment) else { return Ok(None) };
    let whole = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
    parse(&whole, name).map(Some)
}

fn from_environment<'a>(server: &Uri, environment: &'a Environment) -> Option<(&'static str, &'a str)> {
    let names = match server.scheme_str() {
        Some("https") => ["HTTPS_PROXY", "https_proxy"],
        _ => ["HTTP_PROXY", "http_proxy"],
    };
    names.into_iter().find_map(|name| environment.text(name).map(|address| (name, address.trim())))
}

fn no_proxy_list(environment: &Environment) -> Option<&str> {
    environment.text("NO_PROXY").or_else(|| environment.text("no_proxy"))
}

/// Like Go's client, a proxy from the environment is never used for the machine itself.
fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn port(server: &Uri) -> u16 {
    server.port_u16().unwrap_or(if server.scheme_str() == Some("http") { 80 } else { 443 })
}

fn parse(address: &str, place: &str) -> Result<Uri, ConnectError> {
    let invalid = |why: &str| ConnectError::ProxyInvalid { place: place.to_owned(), why: why.to_owned() };
    let Some((scheme, rest)) = address.split_once("://") else {
        return Err(invalid("it has no scheme"));
    };
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        known @ ("http" | "https" | "socks5") => known.to_owned(),
        // Both leave the look-up of the server's name to the proxy.
        "socks5h" => "socks5".to_owned(),
        _ => return Err(invalid("its scheme is none of http, https, socks5, socks5h")),
    };
    let uri: Uri = format!("{scheme}://{rest}").parse().map_err(|_| invalid("it is not a URL"))?;
    if uri.host().is_none_or(str::is_empty) { Err(invalid("it names no host")) } else { Ok(uri) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(configured: Option<&str>, server: &str, variables: &[(&str, &str)]) -> Result<Option<String>, String> {
        let variables = variables.iter().map(|(name, value)| (name.into(), value.into())).collect();
        let environment = Environment { variables, ..Environment::default() };
        choose(configured, &server.parse().expect("a URL"), &environment)
            .map(|proxy| proxy.map(|uri| uri.to_string()))
            .map_err(|error| error.to_string())
    }

    const SERVER: &str = "https://api.example.com:6443";

    #[test]
    fn the_kubeconfig_wins_and_knows_no_exemptions() {
        let variables = [("HTTPS_PROXY", "http://env:1"), ("NO_PROXY", "*")];
        let proxy = chosen(Some("socks5://file:1080"), SERVER, &variables);
        assert_eq!(proxy, Ok(Some("socks5://file:1080/".into())));
    }

    #[test]
    fn the_environment_is_read_by_the_servers_scheme() {
        let variables = [("https_proxy", "tls:3128"), ("http_proxy", "plain:3128")];
        assert_eq!(chosen(None, SERVER, &variables), Ok(Some("http://tls:3128/".into())));
        assert_eq!(chosen(None, "http://api.example.com", &variables), Ok(Some("http://plain:3128/".into())));
    }

    #[test]
    fn exemptions_and_the_machine_itself_are_reached_directly() {
        let exempt = [("HTTPS_PROXY", "http://env:1"), ("NO_PROXY", ",,example.com,")];
        assert_eq!(chosen(None, SERVER, &exempt), Ok(None));
        let proxied = [("HTTPS_PROXY", "http://env:1")];
        assert_eq!(chosen(None, "https://127.0.0.1:6443", &proxied), Ok(None));
        assert_eq!(chosen(None, "https://localhost:6443", &proxied), Ok(None));
    }

    #[test]
    fn an_invalid_proxy_is_named_without_its_password() {
        for address in ["ftp://me:secret@host:1", "http://", "socks5://me:secret@:x"] {
            let error = chosen(None, SERVER, &[("HTTPS_PROXY", address)]).expect_err(address);
            assert!(error.starts_with("the proxy in HTTPS_PROXY is not valid"), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
