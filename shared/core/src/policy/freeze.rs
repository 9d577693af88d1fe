//! What waits while the error budget is used up.

use super::facts::{Budget, Facts};
use super::operation::restores;
use super::placed::Placed;
use super::verdict::{Reason, Rule};
use crate::object_pattern::ObjectPattern;
use crate::plan::{Plan, Step};
use crate::strict::Cursor;

/// What a level may forbid, as policies write it, the strictest last.
pub const FORBIDS: [(&str, Forbids); 3] =
    [("nonCritical", Forbids::NonCritical), ("features", Forbids::Features), ("all", Forbids::All)];

/// What is done about a budget that could not be measured, as policies write it.
pub const ON_NO_DATA: [(&str, OnNoData); 2] = [("allow", OnNoData::Allow), ("refuse", OnNoData::Refuse)];

/// What a level of an error-budget policy forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forbids {
    /// What is new, of objects that are not critical.
    NonCritical,
    /// What is new.
    Features,
    /// All.
    All,
}

/// What is done about a budget that could not be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnNoData {
    /// As if nothing of it were used.
    Allow,
    /// As if all of it were used.
    Refuse,
}

/// What waits while the error budget is used up.
///
/// What takes a change back, and what belongs to an incident, never waits: it is how the budget is saved.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Freeze {
    only_production: bool,
    levels: Vec<Placed<Level>>,
    on_no_data: Placed<OnNoData>,
    critical: Vec<ObjectPattern>,
}

#[derive(Clone, Debug, PartialEq)]
struct Level {
    /// The used part of a budget from which on it holds.
    spent: f64,
    forbids: Forbids,
}

impl Freeze {
    pub(super) fn read(cursor: &Cursor<'_>) -> Option<Self> {
        let fields = cursor.fields(&["onlyProduction", "levels", "onNoData", "critical"])?;
        let only_production = fields.optional("onlyProduction").map_or(Some(false), |it| it.truth());
        let levels = fields.required("levels").and_then(|it| it.each(level));
        let on_no_data = fields.required("onNoData");
        let on_no_data = on_no_data.and_then(|it| Some(Placed::at(&it, it.choice(&ON_NO_DATA)?)));
        let critical = fields.optional("critical");
        let critical = critical.map_or(Some(Vec::new()), |it| it.each(|one| one.parsed(ObjectPattern::parse)));
        Some(Self { only_production: only_production?, levels: levels?, on_no_data: on_no_data?, critical: critical? })
    }

    /// Why a step waits.
    pub(super) fn refusal(&self, plan: &Plan, step: &Step, facts: &Facts) -> Option<Reason> {
        let is_elsewhere = self.only_production && !facts.production;
        let is_repair = plan.takes_back() || plan.incident.is_some();
        if is_elsewhere || is_repair {
            return None;
        }
        self.spent(step, &facts.budgets).or_else(|| self.unmeasured(step, &facts.budgets))
    }

    fn spent(&self, step: &Step, budgets: &[Budget]) -> Option<Reason> {
        let measured = budgets.iter().filter_map(|budget| Some((budget, measure(budget)?)));
        let (budget, spent) = measured.max_by(|(_, one), (_, other)| one.total_cmp(other))?;
        let reached = self.levels.iter().filter(|level| spent >= level.value.spent);
        let level = reached
            .filter(|level| self.holds_back(level.value.forbids, step))
            .max_by(|one, other| one.value.spent.total_cmp(&other.value.spent))?;
        let percent = (spent * 100.0).floor();
        let says =
            format!("{percent} % of the error budget of {} are used: {}", budget.name, waits(level.value.forbids));
        Some(Reason::new(Rule::ErrorBudget, level.line, says))
    }

    fn unmeasured(&self, step: &Step, budgets: &[Budget]) -> Option<Reason> {
        let unknown = budgets.iter().find(|budget| measure(budget).is_none());
        if self.on_no_data.value == OnNoData::Allow || unknown.is_none() && !budgets.is_empty() {
            return None;
        }
        self.levels.iter().find(|level| self.holds_back(level.value.forbids, step))?;
        let of = unknown.map_or(String::new(), |budget| format!(" of {}", budget.name));
        let says = format!("nobody knows how much of the error budget{of} is used, and then changes wait");
        Some(Reason::new(Rule::ErrorBudget, self.on_no_data.line, says))
    }

    fn holds_back(&self, forbids: Forbids, step: &Step) -> bool {
        let object = step.object.address.object_ref();
        match forbids {
            Forbids::NonCritical => !restores(step) && !self.critical.iter().any(|one| one.matches(&object)),
            Forbids::Features => !restores(step),
            Forbids::All => true,
        }
    }
}

fn level(cursor: &Cursor<'_>) -> Option<Placed<Level>> {
    let fields = cursor.fields(&["spent", "forbids"])?;
    let spent = fields.required("spent").and_then(|it| it.number(1.0..=100.0));
    let forbids = fields.required("forbids").and_then(|it| it.choice(&FORBIDS));
    Some(Placed::at(cursor, Level { spent: spent? / 100.0, forbids: forbids? }))
}

/// The used part of a budget; a division by no requests is no number.
fn measure(budget: &Budget) -> Option<f64> {
    budget.spent.filter(|spent| !spent.is_nan())
}

fn waits(forbids: Forbids) -> &'static str {
    match forbids {
        Forbids::NonCritical => "what is new and not critical waits",
        Forbids::Features => "what is new waits",
        Forbids::All => "all changes wait",
    }
}
