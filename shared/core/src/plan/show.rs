//! A plan and what became of it, for people.

use super::call::Call;
use super::edit::FieldChange;
use super::journal::Printed;
use super::outcome::{Ended, Happened, Outcome};
use super::run::{ReadyNodes, Run};
use super::undo::Undo;
use super::undo::may_have_done;
use super::{Checked, Plan, Step, Tier};
use crate::finding::aimed;
use crate::helm::{Becomes, ObjectChange};
use crate::report::{Block, Span, Tone};
use serde_json::Value;

/// More letters of a value than anybody compares by eye.
const LONG: usize = 200;

/// The plan: what is done to what, why, what takes it back, and what to know besides.
pub fn announced(plan: &Plan) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(vec![Span::new(Tone::Strong, format!("Plan: {}", plan.title))])];
    blocks.extend(plan.reason.iter().map(|reason| line(1, vec![Span::faint("reason: "), Span::plain(reason)])));
    for (index, step) in plan.steps.iter().enumerate() {
        blocks.extend(step_blocks(index + 1, step));
    }
    if let Some(last) = &plan.afterwards {
        let words = last.expects.words(&last.object.object_ref());
        blocks.push(line(1, vec![Span::faint("afterwards: "), Span::plain(words)]));
    }
    if let Some(watch) = &plan.watch {
        let said = |it| line(1, vec![Span::faint(format!("watched for {}: ", watch.length())), Span::plain(it)]);
        blocks.extend(watch.words().into_iter().map(said));
    }
    if !plan.notes.is_empty() {
        blocks.push(Block::Space);
    }
    for note in &plan.notes {
        let head = if note.warns { Span::new(Tone::Warning, "warning: ") } else { Span::faint("note: ") };
        blocks.push(line(1, vec![head, Span::plain(&note.text)]));
    }
    blocks
}

fn line(indent: usize, spans: Vec<Span>) -> Block {
    Block::Line { indent, spans }
}

fn step_blocks(number: usize, step: &Step) -> Vec<Block> {
    let head = format!("{number}. {} {}", step.action.id(), step.object.address.object_ref());
    let tone = if step.tier == Tier::Reversible { Tone::Faint } else { Tone::Warning };
    let tier = Span::new(tone, format!("  (tier {})", u8::from(step.tier)));
    let mut blocks = vec![line(1, vec![Span::new(Tone::Strong, head), tier])];
    blocks.push(line(3, vec![Span::faint("why: "), Span::plain(&step.why)]));
    blocks.extend(changes_of(&step.call));
    let then = step.health.iter().flat_map(|health| &health.after);
    blocks.extend(then.map(|it| line(3, vec![Span::faint("then: "), Span::plain(it.words())])));
    blocks.push(line(3, vec![Span::faint("undo: "), Span::plain(undo(step))]));
    blocks.extend(checked(step));
    blocks
}

fn undo(step: &Step) -> String {
    match (&step.undo, &step.call) {
        (Undo::Reverse, Call::Exec { back: Some(back), .. }) => back.does.clone(),
        (Undo::Reverse, _) => "the values of before are set again".to_owned(),
        (Undo::Delete, _) => "what is made is deleted again".to_owned(),
        (Undo::Run(run), _) => run.typed(),
        (Undo::None { why }, _) => format!("none: {why}"),
    }
}

fn checked(step: &Step) -> Option<Block> {
    let who = step.call.run().map_or("server", |run| run.program.name());
    let (tone, said) = match &step.checked {
        Checked::NotAsked => return None,
        Checked::Accepted if step.call.run().is_some() => (Tone::Good, "it is so already".to_owned()),
        Checked::Accepted => (Tone::Good, "would take it".to_owned()),
        Checked::Unknown { why } => (Tone::Unknown, format!("unknown until applied: {why}")),
        Checked::Refused { why } => (Tone::Critical, format!("refuses it: {why}")),
    };
    Some(line(3, vec![Span::faint(format!("{who}: ")), Span::new(tone, said)]))
}

/// What a call changes, field by field.
pub fn changes_of(call: &Call) -> Vec<Block> {
    match call {
        Call::Edit { fields, .. } | Call::Restore { fields, .. } => fields.iter().flat_map(field_blocks).collect(),
        Call::Run(run) => run_blocks(run),
        Call::Create { body } => vec![line(3, vec![Span::new(Tone::Good, "+ "), Span::plain(short(body))])],
        Call::Delete {} => vec![line(3, vec![Span::new(Tone::Critical, "- "), Span::plain("the object is deleted")])],
        Call::Exec { run, .. } => vec![
            line(3, vec![Span::new(Tone::Warning, "> "), Span::plain(&run.does)]),
            line(4, vec![Span::faint("runs: "), Span::plain(short(&Value::String(run.command.shown())))]),
        ],
        Call::Evict {} => vec![line(3, vec![Span::new(Tone::Critical, "- "), Span::plain("the pod is asked to go")])],
    }
}

fn run_blocks(run: &Run) -> Vec<Block> {
    let said = |name: &str, text: String| line(3, vec![Span::faint(format!("{name}: ")), Span::plain(text)]);
    let mut blocks = vec![said("runs", run.typed())];
    blocks.extend(run.fields.iter().filter(|it| it.before != it.after).flat_map(field_blocks));
    blocks.push(said("done when", format!("{} says so", run.program.typed(&run.probe))));
    let nodes = |it: &ReadyNodes| said("waits for", format!("{} ready nodes with {}", it.count, it.selector));
    blocks.extend(run.nodes.iter().map(nodes));
    let workloads: Vec<String> = run.workloads.iter().map(|it| it.object_ref().to_string()).collect();
    if !workloads.is_empty() {
        blocks.push(said("waits for", format!("rollouts of {}", workloads.join(", "))));
    }
    blocks.extend(run.changes.iter().flat_map(object_blocks));
    blocks
}

/// What becomes of an object of the cluster.
fn object_blocks(change: &ObjectChange) -> Vec<Block> {
    let (tone, word) = match change.becomes {
        Becomes::Made => (Tone::Good, "+ made"),
        Becomes::Changed => (Tone::Strong, "~ changed"),
        Becomes::Deleted => (Tone::Critical, "- deleted"),
        Becomes::Kept => (Tone::Faint, "= stays, for its annotation says so"),
    };
    let head = line(3, vec![Span::plain(format!("{} ", change.object)), Span::new(tone, word)]);
    std::iter::once(head).chain(change.fields.iter().flat_map(field_blocks)).collect()
}

fn field_blocks(change: &FieldChange) -> Vec<Block> {
    let side = |sign: &str, tone: Tone, value: &Value| {
        line(4, vec![Span::new(tone, format!("{sign} ")), Span::plain(short(value))])
    };
    let mut blocks = vec![line(3, vec![Span::plain(format!("{}:", change.field))])];
    blocks.extend(change.before.iter().map(|value| side("-", Tone::Critical, value)));
    blocks.extend(change.after.iter().map(|value| side("+", Tone::Good, value)));
    blocks
}

fn short(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let letters = text.chars().count();
    if letters <= LONG {
        return text;
    }
    format!("{} ... ({} letters more)", text.chars().take(LONG).collect::<String>(), letters - LONG)
}

/// What became of a plan; `reach` are the flags that lead to its cluster.
pub fn outcome_blocks(plan: &Plan, outcome: &Outcome, reach: &[String]) -> Vec<Block> {
    let next = |note: &str, command: &str| Block::Command {
        indent: 1,
        command: aimed(&format!("kubectl sre change {command} {}", plan.id), reach),
        note: note.to_owned(),
    };
    let (tone, said) = ending(&outcome.ended);
    let mut blocks = vec![Block::Heading(vec![Span::new(tone, said)])];
    if let Ended::Refused { hint, .. } = &outcome.ended {
        blocks.push(line(1, vec![Span::faint("next: "), Span::plain(hint)]));
    }
    if let Ended::Waiting { next, .. } = &outcome.ended {
        let command = |command: &String| Block::Command { indent: 1, command: command.clone(), note: String::new() };
        blocks.extend(next.iter().map(command));
    }
    let was_begun = outcome.steps.iter().any(|it| *it != Happened::NotDone);
    if was_begun {
        let steps = plan.steps.iter().zip(&outcome.steps).enumerate();
        blocks.extend(steps.map(|(index, (step, happened))| happened_line(index + 1, step, happened)));
    }
    blocks.extend(outcome.watched.iter().map(|seen| line(1, vec![Span::faint("watched: "), Span::plain(seen)])));
    let is_applied = plan.steps.iter().zip(&outcome.steps).any(|(step, happened)| may_have_done(step, happened));
    let has_undo = plan.steps.iter().any(|step| !matches!(step.undo, Undo::None { .. }));
    if is_applied && has_undo {
        blocks.push(next("take it back", "undo"));
    }
    let is_open = outcome.steps.iter().any(|it| matches!(it, Happened::NotDone | Happened::Unknown { .. }));
    if was_begun && is_open {
        blocks.push(next("go on", "resume"));
    }
    if was_begun {
        blocks.push(next("see the record", "show"));
    }
    blocks.extend(outcome.head.iter().map(|head| line(1, vec![Span::faint(format!("audit log: {head}"))])));
    blocks
}

fn ending(ended: &Ended) -> (Tone, String) {
    match ended {
        Ended::NothingToDo => (Tone::Good, "Nothing to do".to_owned()),
        Ended::DryRun => (Tone::Strong, "Dry run: nothing was changed".to_owned()),
        Ended::Refused { why, .. } => (Tone::Critical, format!("Refused, nothing was changed: {why}")),
        Ended::Waiting { why, .. } => (Tone::Warning, format!("Waiting, nothing was changed: {why}")),
        Ended::Declined => (Tone::Strong, "Nothing was changed: the answer was no".to_owned()),
        Ended::Stale { why } => (Tone::Critical, format!("Stale: {why}")),
        Ended::Done => (Tone::Good, "Done".to_owned()),
        Ended::Failed { why } => (Tone::Critical, format!("Failed: {why}")),
        Ended::Interrupted => (Tone::Warning, "Interrupted".to_owned()),
    }
}

/// What the programs of a plan's steps printed.
pub fn printed_blocks(plan: &Plan, outputs: &[Printed]) -> Vec<Block> {
    let named = |printed: &Printed| {
        let name = plan.steps.get(printed.step).map(|step| step.action.id()).unwrap_or_default();
        let code = printed.code.map_or_else(|| "a signal".to_owned(), |code| format!("exit code {code}"));
        let head = line(1, vec![Span::faint(format!("{}. {name} ended with {code} and printed:", printed.step + 1))]);
        let lines = printed.output.lines().map(|text| line(3, vec![Span::plain(text)]));
        std::iter::once(head).chain(lines.collect::<Vec<_>>())
    };
    outputs.iter().flat_map(named).collect()
}

fn happened_line(number: usize, step: &Step, happened: &Happened) -> Block {
    let (tone, said) = match happened {
        Happened::NotDone => (Tone::Faint, "not done".to_owned()),
        Happened::Done => (Tone::Good, "done".to_owned()),
        Happened::AlreadySo => (Tone::Good, "was so already; nothing was sent".to_owned()),
        Happened::Unverified { why } => (Tone::Warning, format!("done, and does not hold yet: {why}")),
        Happened::Failed { why } => (Tone::Critical, format!("failed: {why}")),
        Happened::Unknown { why } => (Tone::Unknown, format!("unknown: {why}")),
    };
    let what = format!("{number}. {} {}: ", step.action.id(), step.object.address.object_ref());
    line(1, vec![Span::plain(what), Span::new(tone, said)])
}

#[cfg(test)]
mod tests {
    use super::super::tests::{plan, step};
    use super::*;

    fn text(blocks: &[Block]) -> String {
        let spans = |spans: &[Span]| spans.iter().map(|it| it.text.as_str()).collect::<String>();
        let lines = blocks.iter().map(|block| match block {
            Block::Heading(all) => spans(all),
            Block::Line { indent, spans: all } => format!("{}{}", "  ".repeat(*indent), spans(all)),
            Block::Command { command, note, .. } => format!("  {command}   # {note}"),
            Block::Space => String::new(),
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_plan_shows_what_is_changed_and_what_takes_it_back() {
        let mut plan = plan(vec![step("web")]);
        plan.steps[0].checked = Checked::Accepted;
        let expected = "Plan: scale\n  \
            1. scale Deployment/shop/web  (tier 1)\n      \
            why: asked for\n      \
            spec.replicas:\n        \
            - 2\n        \
            + 3\n      \
            undo: the values of before are set again\n      \
            server: would take it\n\n  \
            warning: an autoscaler sets it back";
        assert_eq!(text(&announced(&plan)), expected);
    }

    #[test]
    fn what_was_done_half_says_how_to_go_on_and_how_to_take_it_back() {
        let plan = plan(vec![step("web"), step("api")]);
        let steps = vec![Happened::Done, Happened::NotDone];
        let outcome = Outcome { ended: Ended::Interrupted, steps, watched: Vec::new(), head: Some("9f".to_owned()) };
        let text = text(&outcome_blocks(&plan, &outcome, &[]));
        assert!(text.contains("1. scale Deployment/shop/web: done"), "{text}");
        assert!(text.contains("2. scale Deployment/shop/api: not done"), "{text}");
        assert!(text.contains("change undo c-1") && text.contains("change resume c-1"), "{text}");
        let refused = Outcome::nothing_done(Ended::Refused { why: "rule".to_owned(), hint: "ask".to_owned() }, 2);
        let text = self::text(&outcome_blocks(&plan, &refused, &[]));
        assert_eq!(text, "Refused, nothing was changed: rule\n  next: ask");
    }

    #[test]
    fn a_program_is_shown_as_it_is_typed_and_with_what_it_printed() {
        use crate::plan::run::{ReadyNodes, tests::resize};
        let nodes = Some(ReadyNodes { selector: "group=main".to_owned(), count: 3 });
        let mut group = step("main");
        let object = crate::object::ObjectRef::namespaced("ConfigMap", "shop", "new");
        let gone = ObjectChange { object, becomes: Becomes::Deleted, fields: Vec::new() };
        let workloads = vec![step("web").object.address];
        group.call = Call::Run(crate::plan::Run { nodes, workloads, changes: vec![gone], ..resize(2, 3) });
        group.undo = Undo::Run(Box::new(resize(3, 2)));
        group.checked = Checked::Unknown { why: "eksctl cannot try it".to_owned() };
        let expected = "      \
            runs: eksctl scale nodegroup --cluster shop --name main --nodes 3\n      \
            0.DesiredCapacity:\n        \
            - 2\n        \
            + 3\n      \
            done when: eksctl get nodegroup --cluster shop --name main --output json says so\n      \
            waits for: 3 ready nodes with group=main\n      \
            waits for: rollouts of Deployment/shop/web\n      \
            ConfigMap/shop/new - deleted\n      \
            undo: eksctl scale nodegroup --cluster shop --name main --nodes 2\n      \
            eksctl: unknown until applied: eksctl cannot try it";
        let plan = plan(vec![group]);
        let said = text(&announced(&plan));
        assert!(said.contains(expected), "{said}");
        let outputs = [Printed { step: 0, code: Some(1), output: "no such group\nbye".to_owned() }];
        let expected = "  1. scale ended with exit code 1 and printed:\n      no such group\n      bye";
        assert_eq!(text(&printed_blocks(&plan, &outputs)), expected);
    }

    #[test]
    fn a_long_value_is_cut() {
        assert_eq!(short(&Value::String("x".repeat(LONG + 5))).len(), LONG + " ... (5 letters more)".len());
    }
}
