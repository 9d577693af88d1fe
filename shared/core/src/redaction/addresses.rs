//! Secrets within addresses: passwords before hosts, and paths that are secrets.

use std::ops::Range;

/// Adds what is secret in the addresses of a line.
pub(super) fn find(line: &str, spans: &mut Vec<Range<usize>>) {
    of_addresses(line, spans);
    if line.contains('@') {
        of_bare_addresses(line, spans);
        of_data_source(line, spans);
    }
    if line.contains("hook") {
        of_webhooks(line, spans);
    }
}

/// `scheme://user:PASSWORD@host`, `scheme://TOKEN@host`.
fn of_addresses(line: &str, spans: &mut Vec<Range<usize>>) {
    let mut seen = 0;
    for (at, _) in line.match_indices("://") {
        let start = at + 3;
        if start < seen {
            continue;
        }
        let length = line[start..].find(|it: char| it.is_whitespace() || "\"'<>`".contains(it));
        let address = &line[start..start + length.unwrap_or(line.len() - start)];
        let address =
            address.find("://").and_then(|next| address[..next].rfind(',')).map_or(address, |end| &address[..end]);
        seen = start + address.len();
        if !address.contains('@') {
            continue;
        }
        let authority = address.split(['/', '?', '#']).next().unwrap_or_default();
        let is_port = |text: &str| text.split(['/', '?', '#']).next().is_some_and(|it| it.parse::<u16>().is_ok());
        // A password may hold what ends an authority elsewhere.
        let host = authority.rsplit_once('@').map(|(_, host)| host);
        let is_whole = host.is_some_and(|host| host.contains(['.', ':']));
        let whole = if is_whole { authority } else { address };
        let Some(end) = whole.rfind('@') else { continue };
        match whole[..end].find(':') {
            Some(colon) if authority.contains('@') || !is_port(&whole[colon + 1..end]) => {
                spans.push(start + colon + 1..start + end);
            }
            None if authority.contains('@') && end >= 16 => spans.push(start..start + end),
            _ => {}
        }
    }
}

/// `user:PASSWORD@host:port/database`, without a scheme.
fn of_bare_addresses(line: &str, spans: &mut Vec<Range<usize>>) {
    let span = |(end, _): (usize, &str)| {
        let start = behind_last(&line[..end], |it| it.is_whitespace() || "\"'`=(<".contains(it));
        let colon = line[start..end].find(':')?;
        let host = line[end + 1..].split(|it: char| it.is_whitespace() || "/\"'`,;)".contains(it)).next()?;
        let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let is_user = colon > 0 && !line[start..start + colon].contains('/') && !line[start..end].contains("://");
        (has_port && is_user).then_some(start + colon + 1..end)
    };
    spans.extend(line.match_indices('@').filter_map(span));
}

/// `user:PASSWORD@tcp(host:port)/database`, as drivers of MySQL write it; `user/PASSWORD@//host`, as those of Oracle.
fn of_data_source(line: &str, spans: &mut Vec<Range<usize>>) {
    for (mark, separator) in [("@tcp(", ':'), ("@unix(", ':'), ("@tcp6(", ':'), ("@//", '/')] {
        for (end, _) in line.match_indices(mark) {
            let start = behind_last(&line[..end], |it| it.is_whitespace() || "\"'`=".contains(it));
            // `jdbc:oracle:thin:shop/PASSWORD@//db`
            spans.extend(line[start..end].find(separator).map(|colon| start + colon + 1..end));
        }
    }
}

/// What follows in the addresses whose path is the secret.
fn of_webhooks(line: &str, spans: &mut Vec<Range<usize>>) {
    let marks =
        ["hooks.slack.com/services/", "hooks.slack.com/workflows/", "discord.com/api/webhooks/", "webhook.office.com/"];
    for (at, mark) in marks.into_iter().flat_map(|mark| line.match_indices(mark)) {
        let start = at + mark.len();
        let length = line[start..].find(|it: char| it.is_whitespace() || "\"'<>`)\\".contains(it));
        spans.push(start..start + length.unwrap_or(line.len() - start));
    }
}

/// Where the text behind the last letter of a sort begins.
pub(super) fn behind_last(text: &str, is: impl Fn(char) -> bool) -> usize {
    text.char_indices().rev().find(|(_, letter)| is(*letter)).map_or(0, |(at, letter)| at + letter.len_utf8())
}
