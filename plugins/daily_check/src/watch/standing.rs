//! What stands now against what was told: what is new, worse, better or fixed, and what has come into sight or gone out.

use crate::history::{Past, was_looked_at};
use sre_core::cause::Judged;
use sre_core::check::{Check, Sight};
use sre_core::finding::Severity;
use sre_core::slim::KINDS;
use sre_core::snapshot::GapReason;
use sre_core::view::View;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that was told and is not over, seen or not.
pub struct Standing {
    known: BTreeMap<String, Known>,
    gaps: BTreeMap<Sight, GapReason>,
}

/// A finding that is not known to be over.
struct Known {
    /// As it was when something was last told of it.
    past: Past,
    /// Whether it was ever told: what something else explains is not.
    is_told: bool,
}

/// What has changed between two looks.
#[derive(Debug, Default, PartialEq)]
pub struct Changes {
    /// Findings of now that there is something new about.
    pub news: Vec<Told>,
    /// What is over.
    pub fixed: Vec<Over>,
    /// What cannot be seen any more, or for another reason.
    pub hidden: Vec<Sight>,
    /// What can be seen again.
    pub seen_again: Vec<Sight>,
}

/// A finding of now, and what is new about it.
#[derive(Debug, PartialEq)]
pub struct Told {
    /// Its identity.
    pub id: String,
    /// What is new.
    pub news: News,
    /// As it was told last, where it was.
    pub before: Option<Past>,
}

/// What is new about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// It was not there, or something else explained it.
    New,
    /// More severe than was told, or shown by at least twice as many objects.
    Worse,
    /// Less severe than was told, or shown by at most half as many objects.
    Better,
}

impl News {
    /// The word of reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Worse => "worse",
            Self::Better => "better",
        }
    }
}

/// A finding that is over.
#[derive(Debug, PartialEq)]
pub struct Over {
    /// As it was told last.
    pub past: Past,
    /// Whether its object is there no more.
    pub is_gone: bool,
}

impl Changes {
    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Standing {
    /// What the first report told.
    pub fn new(shown: &[&Judged], view: &View<'_>) -> Self {
        let known = shown.iter().filter(|one| is_decided(one)).map(|one| (one.id.clone(), Known::of(one, view)));
        Self { known: known.collect(), gaps: gaps(view) }
    }

    /// Goes on to what stands now, and says what has changed. `judged` is everything that was found, `shown` what of it
    /// is told.
    pub fn advance(&mut self, checks: &[&Check], view: &View<'_>, judged: &[Judged], shown: &[&Judged]) -> Changes {
        let mut changes = Changes::default();
        let decided = shown.iter().filter(|one| is_decided(one));
        changes.news = decided.filter_map(|one| self.news(one, view)).collect();
        changes.fixed = self.over(checks, view, judged);
        let now = gaps(view);
        changes.hidden = now.iter().filter(|(sight, why)| self.gaps.get(sight) != Some(why)).map(key).collect();
        changes.seen_again = self.gaps.iter().filter(|(sight, _)| !now.contains_key(sight)).map(key).collect();
        self.gaps = now;
        changes
    }

    fn news(&mut self, one: &Judged, view: &View<'_>) -> Option<Told> {
        let now = Known::of(one, view);
        let told = |news, before| Some(Told { id: one.id.clone(), news, before });
        let Some(known) = self.known.get_mut(&one.id) else {
            let is_told = now.is_told;
            self.known.insert(one.id.clone(), now);
            return if is_told { told(News::New, None) } else { None };
        };
        let news = match (known.is_told, now.is_told) {
            (_, false) => return None,
            (false, true) => News::New,
            (true, true) => against(&known.past, &now.past)?,
        };
        let past = Past { first_seen: known.past.first_seen, ..now.past };
        let before = std::mem::replace(known, Known { past, is_told: true });
        told(news, before.is_told.then_some(before.past))
    }

    /// What was found and is not any more. Only a look at everything that its check needs proves that: until then it
    /// stands, though nobody sees it.
    fn over(&mut self, checks: &[&Check], view: &View<'_>, judged: &[Judged]) -> Vec<Over> {
        let now: BTreeSet<&str> = judged.iter().map(|one| one.id.as_str()).collect();
        let mut fixed = Vec::new();
        self.known.retain(|id, known| {
            let is_over = !now.contains(id.as_str()) && proves(&known.past, checks, view);
            if is_over && known.is_told {
                fixed.push(Over { is_gone: is_gone(&known.past, view), past: known.past.clone() });
            }
            !is_over
        });
        fixed
    }
}

impl Known {
    fn of(one: &Judged, view: &View<'_>) -> Self {
        Self { past: Past::of(one, view.now()), is_told: one.caused_by.is_empty() }
    }
}

fn against(told: &Past, now: &Past) -> Option<News> {
    let (then, shown) = (told.shown.max(1), now.shown.max(1));
    if now.severity < told.severity || (now.severity == told.severity && shown >= 2 * then) {
        Some(News::Worse)
    } else if now.severity > told.severity || 2 * shown <= then {
        Some(News::Better)
    } else {
        None
    }
}

/// What could not be decided is told as what could not be seen.
fn is_decided(one: &Judged) -> bool {
    one.finding.severity != Severity::Unknown
}

/// What merely makes findings richer may be what led to this one.
fn proves(past: &Past, checks: &[&Check], view: &View<'_>) -> bool {
    let coverage = &view.snapshot.coverage;
    let consults = checks.iter().filter(|check| check.id == past.check).flat_map(|check| check.consults);
    was_looked_at(past, checks, view) && consults.copied().all(|sight| coverage.gap(sight).is_none())
}

fn is_gone(past: &Past, view: &View<'_>) -> bool {
    let Some(info) = KINDS.iter().find(|info| info.name == past.object.kind) else { return false };
    let namespace = past.object.namespace.as_deref().unwrap_or_default();
    view.snapshot.coverage.is_whole(Sight::Of(info.kind))
        && past.object.name != "*"
        && view.snapshot.objects.metadata(info.kind, namespace, &past.object.name).is_none()
}

fn gaps(view: &View<'_>) -> BTreeMap<Sight, GapReason> {
    view.snapshot.coverage.gaps().map(|(sight, gap)| (sight, gap.reason)).collect()
}

fn key((sight, _): (&Sight, &GapReason)) -> Sight {
    *sight
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::CHECKS;
    use sre_core::cause::fold;
    use sre_core::check::judge;
    use sre_core::slim::Kind;
    use sre_core::snapshot::Snapshot;
    use sre_testkit::Scenario;

    /// Looks at a cluster again and again.
    struct Looks {
        standing: Standing,
    }

    fn look<T>(scenario: &Scenario, with: impl FnOnce(&View<'_>, &[Judged]) -> T) -> T {
        let checks: Vec<&Check> = CHECKS.iter().collect();
        let snapshot: Snapshot = scenario.snapshot();
        let view = View::new(&snapshot);
        with(&view, &fold(judge(&checks, &view).findings, &view))
    }

    impl Looks {
        fn begin(scenario: &Scenario) -> Self {
            let standing = look(scenario, |view, judged| Standing::new(&judged.iter().collect::<Vec<_>>(), view));
            Self { standing }
        }

        fn then(&mut self, scenario: &Scenario) -> Changes {
            let checks: Vec<&Check> = CHECKS.iter().collect();
            look(scenario, |view, judged| {
                let shown: Vec<&Judged> = judged.iter().collect();
                self.standing.advance(&checks, view, judged, &shown)
            })
        }
    }

    fn ill() -> Scenario {
        Scenario::captured("POD-02")
    }

    fn well() -> Scenario {
        let ill = ill();
        ill.names_of("Pod", "web-").iter().fold(ill, |scenario, pod| scenario.without("Pod", pod))
    }

    fn news(changes: &Changes, check: &str) -> Vec<News> {
        changes.news.iter().filter(|told| told.id.starts_with(check)).map(|told| told.news).collect()
    }

    fn fixed(changes: &Changes, check: &str) -> usize {
        changes.fixed.iter().filter(|over| over.past.check == check).count()
    }

    #[test]
    fn a_finding_is_told_when_it_comes_and_when_it_goes_and_not_in_between() {
        let mut looks = Looks::begin(&well());
        assert_eq!(news(&looks.then(&ill()), "POD-02"), [News::New]);
        assert_eq!(looks.then(&ill()), Changes::default());
        let over = looks.then(&well());
        assert_eq!((fixed(&over, "POD-02"), news(&over, "POD-02").len()), (1, 0));
        assert_eq!(looks.then(&well()), Changes::default());
    }

    #[test]
    fn what_the_first_report_told_is_not_new() {
        assert_eq!(Looks::begin(&ill()).then(&ill()), Changes::default());
    }

    #[test]
    fn more_objects_are_worse_and_fewer_are_better() {
        let one = ill().names_of("Pod", "web-").iter().skip(1).fold(ill(), |it, pod| it.without("Pod", pod));
        let mut looks = Looks::begin(&one);
        let worse = looks.then(&ill());
        assert_eq!(news(&worse, "POD-02"), [News::Worse]);
        let told = worse.news.iter().find(|told| told.id.starts_with("POD-02")).expect("it is worse");
        assert_eq!(told.before.as_ref().map(|before| before.shown), Some(1));
        assert_eq!(news(&looks.then(&one), "POD-02"), [News::Better]);
    }

    #[test]
    fn what_cannot_be_seen_is_neither_fixed_nor_new_when_it_comes_back() {
        let blind = well().gap(Sight::Of(Kind::Pod), GapReason::Unavailable);
        let mut looks = Looks::begin(&ill());
        let changes = looks.then(&blind);
        assert_eq!((fixed(&changes, "POD-02"), changes.hidden.as_slice()), (0, &[Sight::Of(Kind::Pod)][..]));
        assert_eq!(looks.then(&blind), Changes::default(), "it is told once");
        let back = looks.then(&ill());
        assert_eq!((news(&back, "POD-02"), back.seen_again.as_slice()), (vec![], &[Sight::Of(Kind::Pod)][..]));
        let _ = looks.then(&blind);
        assert_eq!(fixed(&looks.then(&well()), "POD-02"), 1, "it was repaired while nobody saw it");
    }

    #[test]
    fn a_gap_of_what_a_check_needs_besides_holds_its_end_back() {
        let blind = well().gap(Sight::Of(Kind::Deployment), GapReason::TimedOut);
        assert_eq!(fixed(&Looks::begin(&ill()).then(&blind), "POD-02"), 0);
    }

    #[test]
    fn another_reason_for_a_gap_is_told() {
        let forbidden = ill().gap(Sight::Of(Kind::Secret), GapReason::Forbidden);
        let away = ill().gap(Sight::Of(Kind::Secret), GapReason::Unavailable);
        assert_eq!(Looks::begin(&forbidden).then(&away).hidden, [Sight::Of(Kind::Secret)]);
    }

    #[test]
    fn that_the_object_is_gone_is_known() {
        let mut looks = Looks::begin(&ill());
        let gone = looks.then(&well().without("Deployment", "web"));
        let of_check: Vec<bool> =
            gone.fixed.iter().filter(|over| over.past.check == "POD-02").map(|over| over.is_gone).collect();
        assert_eq!(of_check, [true]);
        let repaired = Looks::begin(&ill()).then(&well());
        assert!(repaired.fixed.iter().any(|over| over.past.check == "POD-02" && !over.is_gone));
    }
}
