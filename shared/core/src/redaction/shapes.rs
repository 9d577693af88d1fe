//! Words that can be nothing but secrets, whatever stands before them.

use std::ops::Range;

/// Beginnings of the tokens that well-known services give out.
const TOKENS: &[&str] = &[
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "glrt-",
    "gldt-",
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "xoxr-",
    "xoxs-",
    "xoxe-",
    "xapp-",
    "sk-",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "rk_test_",
    "whsec_",
    "SG.",
    "AIza",
    "ya29.",
    "hvs.",
    "hvb.",
    "hvr.",
    "eyJ",
    "glsa_",
    "glc_",
    "dop_v1_",
    "npm_",
    "pypi-",
    "dckr_pat_",
    "shpat_",
    "shpss_",
    "sq0csp-",
    "ATATT3x",
    "ATCTT3x",
    "hf_",
    "gsk_",
    "xai-",
    "nvapi-",
    "sntrys_",
    "NRAK-",
    "pscale_pw_",
    "pscale_tkn_",
    "AGE-SECRET-KEY-1",
    "lin_api_",
    "PMAK-",
    "rubygems_",
    "figd_",
    "tfp_",
    "sbp_",
    "ops_eyJ",
    "cfut_",
    "dp.st.",
    "r8_",
];

/// Beginnings that names of objects have too: there letters of all sorts must follow.
const LOOSE: &[&str] = &["sk-", "xai-", "r8_", "hf_", "npm_", "pypi-"];

/// A token is so much longer than what it begins with.
const REST_OF_TOKEN: usize = 16;

/// A run of letters of this length is no word.
const LONG: usize = 40;

/// How passwords begin that were made to something else, but can be tried.
const HASHES: &[&str] = &[
    "$apr1$",
    "$1$",
    "$2a$",
    "$2b$",
    "$2y$",
    "$5$",
    "$6$",
    "$y$",
    "$argon2",
    "$pbkdf2",
    "$scrypt",
    "pbkdf2_sha256$",
    "SCRAM-SHA-256$",
];

/// How encoded certificates and public keys begin, which everybody may read.
const PUBLIC: &[&str] = &["LS0tLS1CRUdJTiBDRVJUSUZJQ0FUR", "AAAAB3NzaC1", "AAAAC3NzaC1", "AAAAE2VjZHNh"];

/// What an encoded certificate that has a key behind it holds, by where the encoding begins.
const PRIVATE: &[&str] = &["UFJJVkFURSBLRV", "BSSVZBVEUgS0VZ", "QUklWQVRFIEtFW"];

/// Adds the words of a line that are secrets by their form.
pub(super) fn find(line: &str, spans: &mut Vec<Range<usize>>) {
    let is_of_word = |it: u8| it.is_ascii_alphanumeric() || b"_-+/.".contains(&it);
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes[at..].iter().take_while(|byte| is_of_word(**byte)).count();
        if length > REST_OF_TOKEN {
            let word = &line[at..at + length];
            let after = &line[at + length..];
            let found = key_in(word, &line[..at]).or_else(|| ceph_key(word, after));
            let padded = |end: usize| if end == length { end + padding(after) } else { end };
            spans.extend(found.map(|span| at + span.start..at + padded(span.end)));
        }
        at += length.max(1);
    }
    if line.contains('$') {
        of_hashes(line, spans);
    }
}

fn key_in(word: &str, before: &str) -> Option<Range<usize>> {
    let is_token = |at: usize, it: &str| {
        word.len() - at >= it.len() + REST_OF_TOKEN && (!LOOSE.contains(&it) || is_mixed(&word[at + it.len()..]))
    };
    let begins = |at: usize| TOKENS.iter().any(|it| word[at..].starts_with(it) && is_token(at, it));
    // A word begins where it does, or behind a `/` within.
    let starts = std::iter::once(0).chain(word.match_indices('/').map(|(at, _)| at + 1));
    if let Some(at) = starts.into_iter().find(|at| begins(*at)) {
        return Some(at..word.len());
    }
    let is_upper = |it: u8| it.is_ascii_uppercase() || it.is_ascii_digit();
    let is_amazon = |at: usize| word.as_bytes()[at..].iter().take_while(|byte| is_upper(**byte)).count() >= 20;
    if let Some(at) = ["AKIA", "ASIA"].iter().find_map(|it| word.find(it)).filter(|at| is_amazon(*at)) {
        return Some(at..at + 20);
    }
    if is_of_telegram(word, before) {
        return Some(0..word.len());
    }
    let runs = word.split(['.', '-', '_']).map(str::len).max().unwrap_or_default();
    let is_path = word.starts_with('/') || word.matches('/').count() > 4;
    (runs >= LONG && is_mixed(word) && !is_in_camel_case(word) && !is_path && !is_public(word, before))
        .then_some(0..word.len())
}

fn is_mixed(word: &str) -> bool {
    let has = |is: fn(&u8) -> bool| word.bytes().any(|byte| is(&byte));
    has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit)
}

/// Names of classes change between capitals, small letters and digits at the beginning of each word only.
fn is_in_camel_case(word: &str) -> bool {
    let sort = |it: &u8| (it.is_ascii_uppercase(), it.is_ascii_lowercase(), it.is_ascii_digit());
    let changes = word.as_bytes().windows(2).filter(|pair| sort(&pair[0]) != sort(&pair[1])).count();
    changes * 10 < word.len() * 3
}

/// Certificates, public keys and digests.
fn is_public(word: &str, before: &str) -> bool {
    let is_known = PUBLIC.iter().any(|it| word.starts_with(it)) && !PRIVATE.iter().any(|it| word.contains(it));
    is_known || before.ends_with("SHA256:") || ["sha256-", "sha384-", "sha512-"].iter().any(|it| word.starts_with(it))
}

/// `123456789:35 letters`, as bots of Telegram have them.
fn is_of_telegram(word: &str, before: &str) -> bool {
    let digits = before.strip_suffix(':').map(|it| it.bytes().rev().take_while(u8::is_ascii_digit).count());
    word.split('/').next().is_some_and(|it| it.len() == 35 && is_mixed(it))
        && digits.is_some_and(|it| (8..=10).contains(&it))
}

/// A key of Ceph is a little shorter than other long words.
fn ceph_key(word: &str, after: &str) -> Option<Range<usize>> {
    let is_ceph = word.starts_with("AQ") && word.len() == 38 && padding(after) == 2;
    (is_ceph && is_mixed(word)).then_some(0..word.len())
}

/// How much of what follows fills up base 64.
fn padding(after: &str) -> usize {
    let signs = after.bytes().take_while(|it| *it == b'=').count();
    let is_end = !after[signs..].starts_with(|it: char| it.is_alphanumeric() || it == '$');
    if signs <= 2 && is_end { signs } else { 0 }
}

fn of_hashes(line: &str, spans: &mut Vec<Range<usize>>) {
    for (at, hash) in HASHES.iter().flat_map(|it| line.match_indices(it)) {
        // Of SCRAM a salt and two keys stand behind each other.
        let is_end = |it: char| it.is_whitespace() || "\"',;<>".contains(it) || it == ':' && hash.starts_with('$');
        let length = line[at..].find(is_end).unwrap_or(line.len() - at);
        spans.extend((length >= hash.len() + REST_OF_TOKEN).then_some(at..at + length));
    }
}
