//! Blocks to Markdown for a chat or an issue, where nothing that a cluster says becomes markup, a link or a mention.
//!
//! Backslashes do not hold off mentions and references, which are looked for in what Markdown made of them. Inside a
//! code span nothing is looked for, so every word that is not beyond doubt a plain one stands in one.

use super::neutralised;
use sre_core::report::{Block, Span, Tone};

/// Writes blocks as Markdown (CommonMark, with fences as everybody reads them).
pub fn render(blocks: &[Block]) -> String {
    let mut page = Page::default();
    for block in blocks {
        match block {
            Block::Heading(spans) => page.paragraph(&format!("### {}", words(spans, Emphasis::Left))),
            Block::Line { indent: 0, spans } => page.paragraph(&words(spans, Emphasis::Marked)),
            Block::Line { indent, spans } => page.item(*indent, &words(spans, Emphasis::Marked)),
            Block::Command { command, note, .. } => page.command(command, note),
            Block::Space => page.end_part(),
        }
    }
    page.end_part();
    page.out
}

#[derive(Default)]
struct Page {
    out: String,
    /// Indents of the list items that a next one can belong to.
    items: Vec<usize>,
    /// Commands that share the next fence.
    commands: Vec<String>,
}

impl Page {
    /// Ends a list or a fence; whatever follows stands apart by an empty line.
    fn end_part(&mut self) {
        self.items.clear();
        if !self.commands.is_empty() {
            let fence = "`".repeat(longest_run(&self.commands.join("\n")).max(2) + 1);
            let commands = std::mem::take(&mut self.commands).join("\n");
            self.apart();
            self.out.push_str(&format!("{fence}sh\n{commands}\n{fence}\n"));
        }
    }

    fn apart(&mut self) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
    }

    fn paragraph(&mut self, text: &str) {
        self.end_part();
        self.apart();
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// An item is one deeper than the last item that is indented less.
    fn item(&mut self, indent: usize, text: &str) {
        if !self.commands.is_empty() {
            self.end_part();
        }
        if self.items.is_empty() {
            self.apart();
        }
        self.items.retain(|above| *above < indent);
        self.out.push_str(&format!("{}- {text}\n", "  ".repeat(self.items.len())));
        self.items.push(indent);
    }

    fn command(&mut self, command: &str, note: &str) {
        let note = if note.is_empty() { String::new() } else { format!("   # {}", neutralised(note)) };
        self.commands.push(format!("{}{note}", neutralised(command)));
    }
}

/// Whether tones are marked; a heading is emphasis enough.
#[derive(Clone, Copy, PartialEq)]
enum Emphasis {
    Marked,
    Left,
}

/// The words of a line. Emphasis is set only where it is certain to be read as such: between blanks.
fn words(spans: &[Span], emphasis: Emphasis) -> String {
    let mut out = String::new();
    for group in spans.chunk_by(|one, next| is_strong(one.tone) == is_strong(next.tone)) {
        let text: String = group.iter().map(|span| span.text.as_str()).collect();
        let safe = inert(&text);
        if safe.is_empty() {
            continue;
        }
        // Marks that touch are read as others: a blank more than there was is the lesser evil.
        let touches = out.ends_with('*') || out.ends_with('`') && safe.starts_with('`');
        if !out.is_empty() && !out.ends_with(' ') && (text.starts_with(' ') || touches) {
            out.push(' ');
        }
        let is_apart = (out.is_empty() || out.ends_with(' ')) && emphasis == Emphasis::Marked;
        if is_strong(group[0].tone) && is_apart {
            out.push_str(&format!("**{safe}**"));
        } else {
            out.push_str(&safe);
        }
        if text.ends_with(' ') {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn is_strong(tone: Tone) -> bool {
    !matches!(tone, Tone::Plain | Tone::Faint)
}

/// The same words, each of which is plain or stands in a code span; neighbours share a span.
fn inert(text: &str) -> String {
    let text = neutralised(text);
    let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    let parts = words.chunk_by(|one, next| !is_plain(one) && !is_plain(next) && !ends_sentence(one));
    parts
        .map(|part| if is_plain(part[0]) { part[0].to_owned() } else { code(&part.join(" ")) })
        .collect::<Vec<_>>()
        .join(" ")
}

/// What closes a part of a sentence ends a code span too, and stands behind it.
fn ends_sentence(word: &str) -> bool {
    word.ends_with([',', ';', ':'])
}

/// A code span that ends where it shall: its marks are longer than any run of them inside.
fn code(text: &str) -> String {
    let inside = text.trim_end_matches([',', ';', ':']);
    if inside.is_empty() {
        return code_whole(text);
    }
    format!("{}{}", code_whole(inside), &text[inside.len()..])
}

fn code_whole(text: &str) -> String {
    let marks = "`".repeat(longest_run(text) + 1);
    let blank = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{marks}{blank}{text}{blank}{marks}")
}

fn longest_run(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0)
}

/// A word of letters and digits in ordinary punctuation, in which no reader of Markdown looks for anything.
fn is_plain(word: &str) -> bool {
    let bare = word.trim_end_matches([',', ';', ')']);
    if bare == "%" || is_time(bare) {
        return true;
    }
    let start = word.strip_prefix('(').unwrap_or(word);
    let inner = start.trim_end_matches([',', ';', ':', '.', ')', '?', '%']);
    let is_name = inner.split(['-', '\'']).all(|part| !part.is_empty() && part.chars().all(char::is_alphanumeric));
    let is_number = inner.bytes().all(|byte| byte.is_ascii_digit());
    let begins_list = word == start && is_number && start[inner.len()..].starts_with(['.', ')']);
    is_name && !begins_list && !is_reference(inner)
}

/// `16:44:03`.
fn is_time(word: &str) -> bool {
    let parts: Vec<&str> = word.split(':').collect();
    parts.len() == 3 && parts.iter().all(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What hosts of code take for the hash of a commit, or for an issue of theirs, and link.
fn is_reference(word: &str) -> bool {
    let is_commit = word.len() >= 7 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_commit || word.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("gh-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulldown_cmark::{Event, Options, Parser, Tag};

    fn line(text: &str) -> Block {
        Block::Line { indent: 1, spans: vec![Span::faint("status.message: "), Span::plain(text)] }
    }

    fn command(command: &str) -> Block {
        Block::Command { indent: 2, command: command.to_owned(), note: "changes the cluster".to_owned() }
    }

    /// Text that is looked at again for links and mentions; whatever else is active fails.
    fn active_text(markdown: &str) -> String {
        let mut text = String::new();
        for event in Parser::new_ext(markdown, Options::all()) {
            match event {
                Event::Text(words) => text.push_str(&words),
                Event::Start(Tag::List(None) | Tag::Item | Tag::Paragraph) | Event::End(_) | Event::Code(_) => {}
                other => panic!("{other:?} in {markdown}"),
            }
        }
        text
    }

    #[test]
    fn a_report_reads_as_one() {
        let blocks = [
            Block::Line { indent: 0, spans: vec![Span::new(Tone::Strong, "daily-check"), Span::plain("  demo")] },
            Block::Heading(vec![
                Span::new(Tone::Critical, "7 critical"),
                Span::new(Tone::Warning, ", 1 warning"),
                Span::faint("  52 of 76 checks found nothing"),
            ]),
            Block::Space,
            Block::Line {
                indent: 0,
                spans: vec![
                    Span::new(Tone::Critical, "CRITICAL"),
                    Span::new(Tone::Strong, " Node/ip-10-0-12-41.ec2.internal"),
                    Span::plain("  is silent (last at 2026-11-25 16:30:40 UTC); 12 pods are on it"),
                    Span::faint("  [NOD-02]"),
                ],
            },
            Block::Line { indent: 2, spans: vec![Span::faint("status.phase: "), Span::plain("Pending")] },
            Block::Line { indent: 3, spans: vec![Span::faint("since yesterday")] },
            Block::Line { indent: 2, spans: vec![Span::plain("limits.cpu 8 of 8 (100 %), more")] },
            Block::Command { indent: 2, command: "kubectl get pods".to_owned(), note: String::new() },
            command("kubectl cordon a"),
        ];
        let expected = "**daily-check** demo\n\n\
            ### 7 critical, 1 warning 52 of 76 checks found nothing\n\n\
            **CRITICAL `Node/ip-10-0-12-41.ec2.internal`** is silent (last at 2026-11-25 16:30:40 UTC); 12 pods are on it \
            `[NOD-02]`\n\n\
            - `status.phase`: Pending\n  - since yesterday\n- `limits.cpu` 8 of 8 (100 %), more\n\n\
            ```sh\nkubectl get pods\nkubectl cordon a   # changes the cluster\n```\n";
        assert_eq!(render(&blocks), expected);
    }

    #[test]
    fn nothing_that_a_cluster_says_is_active() {
        for hostile in [
            "<script>alert(1)</script> <img src=x onerror=alert(1)> <!-- x",
            "[click](https://evil.example/) ![x](https://evil.example/x.png) <https://evil.example>",
            "see https://evil.example/a or www.evil.example or evil.example or mailto:a@evil.example a@evil.example",
            "cc @everyone @org/team #1 org/repository#2 GH-3 !4 %5 $6 fixes 0123456789abcdef0123456789abcdef01234567",
            "**bold** _it_ ~~gone~~ `code` ``two`` a`b ` `` | a | b | :tada: &lt;b&gt; \\@x $x^2$ ==mark== [^1] [ ] [x]",
            "# a\n\n## b\n> quote\n- item\n1. one\n---\n===\n/close\n    indented\n```\nfence",
            "1. one",
            "`",
            "``` ~~~ `",
            "@a",
        ] {
            let text = active_text(&render(&[line(hostile), line(hostile)]));
            let looked_for = ["@", "#", "/", "www", "evil.example", "GH-", "!", "$", "0123", "<", "&", ":tada"];
            let found: Vec<&str> = looked_for.into_iter().filter(|mark| text.contains(mark)).collect();
            assert!(found.is_empty(), "{found:?} of {hostile:?} in {text:?}");
        }
    }

    #[test]
    fn a_word_in_a_code_span_is_the_word() {
        let markdown = render(&[line("a``b`, and `c` x@y")]);
        let code = Parser::new(&markdown).filter_map(|event| match event {
            Event::Code(words) => Some(words.into_string()),
            _ => None,
        });
        assert_eq!(code.collect::<Vec<_>>(), ["status.message", "a``b`", "`c` x@y"]);
    }

    #[test]
    fn commands_stay_inside_their_fence() {
        let hostile = "kubectl describe pod '```'\n```\n<script>alert(1)</script> @everyone ````";
        let markdown = render(&[command(hostile), command("kubectl get pods"), line("behind")]);
        let mut blocks = Vec::new();
        let mut is_inside = false;
        for event in Parser::new(&markdown) {
            match event {
                Event::Start(Tag::CodeBlock(_)) => is_inside = true,
                Event::End(pulldown_cmark::TagEnd::CodeBlock) => is_inside = false,
                Event::Text(text) if is_inside => blocks.push(text.into_string()),
                Event::Text(text) => assert!(!text.contains("alert") && !text.contains('@'), "{text}"),
                Event::Html(_) | Event::InlineHtml(_) => panic!("{event:?}"),
                _ => {}
            }
        }
        let inside = blocks.concat();
        assert!(inside.starts_with("kubectl describe pod '```' ``` <script>"), "{inside}");
        assert!(inside.ends_with("kubectl get pods   # changes the cluster\n"), "{inside}");
    }
}
