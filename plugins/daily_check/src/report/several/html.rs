//! The report of several clusters as one page for a browser: the findings of all of them, worst first.

use super::{Cluster, Several, sorted};
use crate::report::html::{Collected, Page, Sum, gaps, is_old, whole};
use crate::report::text::{counted, events, scope, time};
use maud::{Markup, html};
use sre_core::report::Verdict;

/// The whole page.
pub(super) fn page(several: &Several<'_>, verdict: Verdict) -> String {
    let pages: Vec<Page<'_>> =
        several.told().map(|told| Page::new(told.document, told.verdict, Some(told.name))).collect();
    let summary = several.summary();
    let nothing = several.saw_nothing().then_some("Nothing was seen");
    let collected = Collected::of(several.told().map(|told| told.document));
    let sum = Sum { summary: &summary, verdict, nothing, collected };
    let standing = pages.iter().flat_map(|page| page.standing().map(move |finding| (finding, page)));
    let mut standing = sorted(standing.collect());
    // Keeps the order among those that are new or worse, and among those that are not.
    standing.sort_by_key(|(finding, _)| is_old(finding));
    let body = html! {
        (head(several))
        (sum.verdict())
        (clusters(several))
        (gaps(&missed(several, &pages)))
        @for page in &pages { (page.notes()) }
        (sum.tools(standing.iter().map(|(finding, _)| *finding)))
        main { @for (finding, page) in &standing { (page.finding(finding)) } }
        @for page in &pages { (page.trend()) (page.rest()) }
    };
    whole(&format!("daily-check {}: {}", several.counted(), sum.answer()), &body)
}

fn head(several: &Several<'_>) -> Markup {
    let scope = several.told().next().map(|told| scope(&told.document.source));
    html! {
        header.head {
            div {
                h1 { "daily-check " (several.counted()) }
                div.facts {
                    @if let Some(scope) = scope { span { (scope) } }
                    span { (counted(several.objects(), "object")) }
                }
            }
            button #theme type="button" data-needs-script hidden { "Light or dark" }
        }
    }
}

fn clusters(several: &Several<'_>) -> Markup {
    html! {
        section.card {
            h2 { "Clusters" }
            table.facts-table { @for cluster in several.clusters { tr {
                th {
                    b { (cluster.name) }
                    @if !cluster.alike.is_empty() { " (and by context " (cluster.alike.join(", ")) ")" }
                }
                td { (what(several, cluster)) }
            } } }
        }
    }
}

/// What answered, what was seen of it, and what was found.
fn what(several: &Several<'_>, cluster: &Cluster) -> Markup {
    let Some(told) = cluster.told() else { return html! { b { "could not be looked at" } } };
    let (document, source) = (told.document, &told.document.source);
    let (nothing, collected) = (document.coverage.nothing, Collected::of([document]));
    let sum = Sum { summary: &document.summary, verdict: told.verdict, nothing, collected };
    html! {
        b { (sum.answer()) }
        @if let Some(first) = several.same_as(cluster) { " (the same cluster as " (first) ")" }
        div.facts {
            @if let Some(server) = &source.server { span { (server) } }
            @if let Some(version) = &source.server_version { span { (version) } }
            @if let Some(user) = &source.user { span { "as " (user) } }
            span { (counted(document.coverage.objects, "object")) (events(document)) }
            span { (time(source)) }
        }
    }
}

/// Whole clusters first, then what is missing of the others.
fn missed(several: &Several<'_>, pages: &[Page<'_>]) -> Markup {
    html! {
        @for missed in several.missed() {
            p { b { (missed.name) } span.faint { "  " (missed.why) } }
            @if let Some(next) = missed.next { p.small.faint { "next: " (next) } }
        }
        @for told in several.told() {
            @if let Some(nothing) = told.document.coverage.nothing { p { (told.name) ": " (nothing) ", so nothing can be said" } }
        }
        @for page in pages { (page.gaps()) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn markup_in_names_and_reasons_is_text_and_every_cluster_is_there() {
        let hostile = |field: &str| format!("[{field}]<script>alert(1)</script>\"><b>");
        let clusters = sample::saying(&hostile);
        let text = page(&Several { clusters: &clusters }, Verdict { failing: true, incomplete: true });
        let escaped = "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&gt;&lt;b&gt;";
        for field in ["first", "second", "lost", "why", "next", "alike"] {
            assert!(text.contains(&format!("[{field}]{escaped}")), "{field} is not shown, or not as text");
        }
        assert_eq!(text.matches("<script").count(), 1, "the page has one script, its own");
        assert_eq!(text.matches("<article").count(), 2);
        assert!(text.contains("<title>daily-check 2 of 3 clusters: 2 critical</title>"), "{text}");
    }
}
