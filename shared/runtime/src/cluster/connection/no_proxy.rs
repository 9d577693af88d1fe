//! `NO_PROXY`, matched against the API server as Go's HTTP client does it.

use std::net::IpAddr;

/// Tells whether a list exempts this host and port from the proxy.
///
/// Entries are `*`, a domain with its subdomains, `.domain` for the subdomains alone, an address, or a network in
/// CIDR notation; a domain or address may carry a port. Empty entries mean nothing.
pub(crate) fn exempts(list: &str, host: &str, port: u16) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase();
    list.split(',').map(|entry| entry.trim().to_ascii_lowercase()).any(|entry| matches(&entry, &host, port))
}

fn matches(entry: &str, host: &str, port: u16) -> bool {
    if entry.is_empty() {
        return false;
    }
    if entry == "*" {
        return true;
    }
    if let (Some((network, bits)), Ok(address)) = (entry.split_once('/'), host.parse::<IpAddr>()) {
        return contains(network, bits, address);
    }
    let (name, entry_port) = split_port(entry);
    entry_port.is_none_or(|wanted| wanted == port) && matches_name(name, host)
}

fn matches_name(name: &str, host: &str) -> bool {
    if let (Ok(entry), Ok(address)) = (name.parse::<IpAddr>(), host.parse::<IpAddr>()) {
        return entry == address;
    }
    let subdomains_only = name.strip_prefix("*.").or_else(|| name.strip_prefix('.'));
    let domain = subdomains_only.unwrap_or(name);
    let below = host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    !domain.is_empty() && (below || subdomains_only.is_none() && host == domain)
}

fn split_port(entry: &str) -> (&str, Option<u16>) {
    if let Some((address, rest)) = entry.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (address, rest.strip_prefix(':').and_then(|port| port.parse().ok()));
    }
    match entry.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') => match port.parse() {
            Ok(port) => (name, Some(port)),
            Err(_) => (entry, None),
        },
        _ => (entry, None),
    }
}

fn contains(network: &str, bits: &str, address: IpAddr) -> bool {
    let (Ok(network), Ok(bits)) = (network.parse::<IpAddr>(), bits.parse::<u32>()) else { return false };
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            bits <= 32 && same_prefix(network.to_bits(), address.to_bits(), 32 - bits)
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            bits <= 128 && same_prefix(network.to_bits(), address.to_bits(), 128 - bits)
        }
        _ => false,
    }
}

fn same_prefix<Bits>(one: Bits, other: Bits, ignored: u32) -> bool
where
    Bits: Into<u128>,
{
    let difference = one.into() ^ other.into();
    difference.checked_shr(ignored).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::exempts;

    #[test]
    fn entries_match_the_servers_host_as_in_go() {
        let rows = [
            ("*", "api.example.com", true),
            ("example.com", "api.example.com", true),
            ("example.com", "example.com", true),
            ("example.com", "notexample.com", false),
            (".example.com", "api.example.com", true),
            (".example.com", "example.com", false),
            ("*.example.com", "api.example.com", true),
            ("EXAMPLE.com", "API.example.COM", true),
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.1.2.3", false),
            ("0.0.0.0/0", "11.1.2.3", true),
            ("fd00::/8", "[fd12::1]", true),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3:6443", "10.1.2.3", true),
            ("10.1.2.3:443", "10.1.2.3", false),
            ("api.example.com:6443", "api.example.com", true),
            ("api.example.com:443", "api.example.com", false),
            ("[fd12::1]:6443", "[fd12::1]", true),
            ("fd12::1", "[fd12::1]", true),
            ("", "api.example.com", false),
            (",, ,", "api.example.com", false),
            ("other.org,, example.com ,", "api.example.com", true),
            ("exam ple.com", "api.example.com", false),
            ("a b,example.com", "api.example.com", true),
            ("10.0.0.0/99", "10.1.2.3", false),
        ];
        for (list, host, expected) in rows {
            assert_eq!(exempts(list, host, 6443), expected, "NO_PROXY={list:?} for {host}");
        }
    }
}
