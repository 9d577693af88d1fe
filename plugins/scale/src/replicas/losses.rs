//! What is lost with replicas that go.

use super::{Seen, Span, name_of, unread};
use serde_json::Value;
use sre_core::plan::Note;
use sre_core::slim::{IntOrString, Pair, Pod, PodDisruptionBudget, Rounding, Service, Shared, has_all};
use sre_core::view::is_ready;

/// What is to be known of it.
pub(crate) fn notes(seen: &Seen<'_>, span: Span) -> Vec<Note> {
    let own = seen.pods();
    let Some(labels) = own.first().map(|it| it.metadata.labels.as_slice()) else { return Vec::new() };
    let mut notes = Vec::new();
    match seen.budgets {
        Some(budgets) => notes.extend(budgets.iter().filter_map(|it| budget(it, labels, span))),
        None => notes.push(unread("disruption budgets", "whether fewer replicas break one")),
    }
    if span.wanted == 0 {
        notes.extend(services(seen, &own, labels));
    }
    notes
}

/// A budget is about evictions and stops no scaling; it is kept to or broken all the same.
fn budget(budget: &PodDisruptionBudget, labels: &[Shared<Pair>], span: Span) -> Option<Note> {
    let name = &budget.metadata.name;
    budget.spec.selector.as_ref().filter(|it| it.matches(labels))?;
    let whole = i32::try_from(span.wanted).ok()?;
    let of_whole = |it: &IntOrString| it.of_whole(whole, Rounding::Up);
    let least = budget.spec.min_available.as_ref().and_then(of_whole);
    let most_away = budget.spec.max_unavailable.as_ref().and_then(of_whole);
    let may_go = least.map(|it| whole - it).or(most_away)?;
    if may_go < 0 {
        let least = least.unwrap_or_default();
        Some(Note::warning(format!("PodDisruptionBudget {name} wants {least} available, more than there are to be")))
    } else if may_go == 0 && whole > 0 {
        Some(Note::warning(format!(
            "PodDisruptionBudget {name} lets none of {whole} be evicted: draining their nodes waits for ever"
        )))
    } else {
        None
    }
}

fn services(seen: &Seen<'_>, own: &[&Pod], labels: &[Shared<Pair>]) -> Vec<Note> {
    let Some(services) = seen.services else {
        return vec![unread("Services", "which of them lose all that is behind them")];
    };
    let emptied = services.iter().filter(|it| !it.spec.selector.is_empty() && has_all(&it.spec.selector, labels));
    let emptied: Vec<&Service> = emptied.filter(|it| !has_others(seen, it, own)).collect();
    emptied.into_iter().map(|service| emptied_note(seen, &service.metadata.name)).collect()
}

fn has_others(seen: &Seen<'_>, service: &Service, own: &[&Pod]) -> bool {
    let is_own = |pod: &Pod| own.iter().any(|it| it.metadata.uid == pod.metadata.uid);
    seen.view.pods_behind(service).iter().any(|pod| is_ready(pod) && !is_own(pod))
}

fn emptied_note(seen: &Seen<'_>, service: &str) -> Note {
    let routes = seen.ingresses.unwrap_or_default().iter().filter(|it| leads_to(it, service));
    let routes = routes.map(|it| format!("Ingress {}", name_of(it))).collect::<Vec<_>>().join(", ");
    let through = if routes.is_empty() { String::new() } else { format!(", and with it {routes}") };
    Note::warning(format!("Service {service} loses all that is behind it{through}"))
}

/// Whether some backend in an Ingress is this Service.
fn leads_to(ingress: &Value, service: &str) -> bool {
    let paths = ingress.pointer("/spec/rules").and_then(Value::as_array).into_iter().flatten();
    let paths = paths.filter_map(|rule| rule.pointer("/http/paths")?.as_array()).flatten();
    let backends = paths.map(|path| &path["backend"]).chain(ingress.pointer("/spec/defaultBackend"));
    let mut names = backends.filter_map(|it| it.pointer("/service/name")?.as_str());
    names.any(|it| it == service)
}
