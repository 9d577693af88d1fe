//! Blocks as one page for a browser: complete in itself, without any access to a network, and nothing in it is markup that
//! somebody wrote into a record.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};
use sre_core::report::{Block, Span, Tone};
use sre_runtime::ui::neutralised;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
ul{padding-left:1.2rem}.faint{opacity:.7}.loud{font-weight:bold}pre{overflow-x:auto}";

/// The whole page.
pub(super) fn of(title: &str, blocks: &[Block]) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (neutralised(title)) }
                style { (PreEscaped(STYLE)) }
            }
            body { @for group in blocks.chunk_by(|one, next| is_item(one) && is_item(next)) { (part(group)) } }
        }
    };
    let mut text = page.into_string();
    text.push('\n');
    text
}

/// Only the style of this page counts, whatever finds its way into it; nothing is fetched, run or sent.
fn policy() -> String {
    let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

fn is_item(block: &Block) -> bool {
    matches!(block, Block::Line { indent, .. } if *indent > 0)
}

fn part(group: &[Block]) -> Markup {
    html! {
        @match group {
            [Block::Heading(spans)] => h2 { (words(spans)) },
            [Block::Line { indent: 0, spans }] => p { (words(spans)) },
            [Block::Command { command, .. }] => pre { (neutralised(command)) },
            [Block::Space] => {},
            items => ul {
                @for item in items {
                    @if let Block::Line { spans, .. } = item { li { (words(spans)) } }
                }
            },
        }
    }
}

fn words(spans: &[Span]) -> Markup {
    let class = |tone: Tone| match tone {
        Tone::Plain => None,
        Tone::Faint => Some("faint"),
        _ => Some("loud"),
    };
    html! { @for span in spans { span class=[class(span.tone)] { (neutralised(&span.text)) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_was_written_is_markup() {
        let hostile = "<script>alert(1)</script>\u{1b}[31m & \"quoted\"";
        let blocks = [
            Block::heading(hostile),
            Block::line(0, [Span::plain(hostile)]),
            Block::line(1, [Span::new(Tone::Warning, hostile)]),
            Block::Command { indent: 0, command: hostile.to_owned(), note: String::new() },
        ];
        let page = of(hostile, &blocks);
        assert!(!page.contains("<script>") && !page.contains('\u{1b}'), "{page}");
        assert_eq!(page.matches("&lt;script&gt;alert(1)&lt;/script&gt;").count(), 5, "{page}");
        assert!(page.contains("<ul><li>") && page.contains("<h2>"), "{page}");
    }
}
