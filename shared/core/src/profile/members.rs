//! What a component is like whose pods are members of one cluster: how many it must keep, when they are well, and when
//! one of them may go.

use crate::container_command::{ContainerCommand, Wants};
use crate::plan::MemberCheck;
use crate::strict::{Cursor, Fields};

/// Which pods are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Each,
    First,
    Last,
}

/// A command, and what it must say; not yet of any pod.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Question {
    words: Vec<String>,
    container: Option<String>,
    of: Of,
    wants: Wants,
    /// What is to be typed first where it does not say so.
    first: Option<String>,
}

/// What holds of the pods of a component.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// Fewer it must never be.
    pub minimum: u32,
    health: Vec<Question>,
    leaving: Vec<Question>,
}

/// The pods of a StatefulSet.
#[derive(Clone, Copy, Debug)]
pub struct Pods<'a> {
    /// Its namespace.
    pub namespace: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The number of its first pod.
    pub start: i64,
}

impl Pods<'_> {
    /// The name of the pod that has so many before it.
    pub fn name_of(&self, before_it: i64) -> String {
        format!("{}-{}", self.name, self.start + before_it)
    }
}

/// What a pod must say before it goes, and what is to be typed where it does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// What is asked.
    pub check: MemberCheck,
    /// What to type first, as the profile says.
    pub first: Option<String>,
}

impl Members {
    /// Whether it says what must be so before a pod goes.
    pub fn must_be_let_go(&self) -> bool {
        !self.leaving.is_empty()
    }

    /// What must be said while there are so many.
    pub fn health(&self, pods: &Pods<'_>, replicas: i64) -> Vec<MemberCheck> {
        let asked = |question: &Question| -> Vec<i64> {
            match question.of {
                Of::Each => (0..replicas).collect(),
                Of::First => (0..replicas.min(1)).collect(),
                Of::Last => ((replicas - 1).max(0)..replicas).collect(),
            }
        };
        let each = self.health.iter().flat_map(|question| asked(question).into_iter().map(move |at| (question, at)));
        each.map(|(question, at)| question.in_pod(pods, at, (at, replicas))).collect()
    }

    /// What must be said before the last of so many goes.
    pub fn leaving(&self, pods: &Pods<'_>, replicas: i64) -> Vec<Leaving> {
        let (goes, stay) = (replicas - 1, replicas - 1);
        let asked = |question: &Question| -> Vec<i64> {
            match question.of {
                Of::Each => (0..stay).collect(),
                Of::First => vec![0],
                Of::Last => vec![goes],
            }
        };
        let each = self.leaving.iter().flat_map(|question| asked(question).into_iter().map(move |at| (question, at)));
        let leaving = |(question, at): (&Question, i64)| Leaving {
            check: question.in_pod(pods, at, (goes, stay)),
            first: question.first.as_ref().map(|text| filled(text, pods, goes, stay)),
        };
        each.map(leaving).collect()
    }

    pub(super) fn read(cursor: &Cursor<'_>) -> Option<Self> {
        let fields = cursor.fields(&["minimum", "health", "leaving"])?;
        let minimum = fields.optional("minimum").map_or(Some(0), |it| it.count(1..=10_000));
        let list = |name: &str, of: Of| {
            fields
                .optional(name)
                .map_or(Some(Vec::new()), |it| it.each(|one| Question::read(one, of, name == "leaving")))
        };
        let (health, leaving) = (list("health", Of::Each), list("leaving", Of::Last));
        Some(Self { minimum: minimum?, health: health?, leaving: leaving? })
    }
}

/// A text with what its places stand for.
fn filled(text: &str, pods: &Pods<'_>, pod: i64, replicas: i64) -> String {
    text.replace("{pod}", &pods.name_of(pod))
        .replace("{namespace}", pods.namespace)
        .replace("{replicas}", &replicas.to_string())
        .replace("{others}", &(replicas - 1).max(0).to_string())
}

impl Question {
    /// What is asked in a pod, about one and so many.
    fn in_pod(&self, pods: &Pods<'_>, asked: i64, (about, replicas): (i64, i64)) -> MemberCheck {
        let fill = |text: &String| filled(text, pods, about, replicas);
        let wants = match &self.wants {
            Wants::Equals(text) => Wants::Equals(fill(text)),
            Wants::Contains(text) => Wants::Contains(fill(text)),
            other => other.clone(),
        };
        let command = ContainerCommand {
            namespace: pods.namespace.to_owned(),
            pod: pods.name_of(asked),
            container: self.container.clone(),
            words: self.words.iter().map(fill).collect(),
            input: None,
        };
        MemberCheck { command, wants }
    }

    fn read(cursor: &Cursor<'_>, of: Of, is_leaving: bool) -> Option<Self> {
        const OF: [(&str, Of); 3] = [("each", Of::Each), ("first", Of::First), ("last", Of::Last)];
        const NAMES: [&str; 8] = ["command", "container", "of", "atMost", "atLeast", "equals", "contains", "first"];
        let fields = cursor.fields(if is_leaving { &NAMES } else { &NAMES[..7] })?;
        let words = fields.required("command").and_then(|it| it.each(Cursor::text));
        if words.as_ref().is_some_and(Vec::is_empty) {
            fields.wrong("command must not be empty");
        }
        let text = |name: &str| fields.optional(name).map_or(Some(None), |it| it.text().map(Some));
        let of = fields.optional("of").map_or(Some(of), |it| it.choice(&OF));
        let (container, first, wants) = (text("container"), text("first"), wants(&fields));
        Some(Self { words: words?, container: container?, of: of?, wants: wants?, first: first? })
    }
}

/// What is wanted; one thing, or that the command succeeds.
fn wants(fields: &Fields<'_>) -> Option<Wants> {
    let number =
        |name: &str, wants: fn(u32) -> Wants| fields.optional(name).map(|it| it.count(0..=u32::MAX).map(wants));
    let text = |name: &str, wants: fn(String) -> Wants| fields.optional(name).map(|it| it.text().map(wants));
    let all = [
        number("atMost", Wants::AtMost),
        number("atLeast", Wants::AtLeast),
        text("equals", Wants::Equals),
        text("contains", Wants::Contains),
    ];
    let mut said = all.into_iter().flatten();
    match (said.next(), said.next()) {
        (None, _) => Some(Wants::Success),
        (Some(wants), None) => wants,
        (Some(_), Some(_)) => {
            fields.wrong("only one of atMost, atLeast, equals and contains");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Profile;
    use super::*;

    fn read(members: &str) -> Result<Members, Vec<String>> {
        let text = format!(
            "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\ncomponents:\n- name: db\n  \
             workloads: [StatefulSet/shop/db]\n  members: {members}\n"
        );
        let profile = Profile::parse(&text, &[]).map_err(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>());
        profile.map(|it| it.components[0].members.clone().expect("members"))
    }

    const PODS: Pods<'_> = Pods { namespace: "shop", name: "db", start: 1 };

    #[test]
    fn each_of_the_members_is_asked_or_the_first_or_the_last() {
        let health = "[{command: [lag], atMost: 10}, {command: [count, '{pod}'], of: first, equals: '{others}'}, \
                      {command: [joined], container: x, of: last, contains: 'nodes:{replicas}'}]";
        let members = read(&format!("{{minimum: 3, health: {health}}}")).expect("members");
        let said: Vec<String> = members.health(&PODS, 2).iter().map(MemberCheck::words).collect();
        let expected = [
            "in db-1, lag must say a number of 10 at most",
            "in db-2, lag must say a number of 10 at most",
            "in db-1, count db-1 must say 1",
            "in db-2, joined must say something with nodes:2",
        ];
        assert_eq!(said, expected);
        assert_eq!((members.minimum, members.health(&PODS, 0), members.must_be_let_go()), (3, Vec::new(), false));
    }

    #[test]
    fn a_member_that_goes_is_named_wherever_it_is_asked_about() {
        let leaving = "[{command: [slots], equals: '0', first: 'move the slots of {pod} in {namespace}'}, \
                       {command: [servers, '{pod}'], of: first, equals: gone}]";
        let members = read(&format!("{{leaving: {leaving}}}")).expect("members");
        let asked = members.leaving(&PODS, 4);
        let said: Vec<String> = asked.iter().map(|it| it.check.words()).collect();
        assert_eq!(said, ["in db-4, slots must say 0", "in db-1, servers db-4 must say gone"]);
        assert_eq!(asked[0].first.as_deref(), Some("move the slots of db-4 in shop"));
        assert_eq!(asked[1].first, None);
    }

    #[test]
    fn what_is_wrong_is_told() {
        let wrong = |text: &str| read(text).expect_err("wrong").join("\n");
        assert!(wrong("{health: [{command: []}]}").contains("command must not be empty"));
        assert!(wrong("{health: [{command: [a], atMost: 1, equals: b}]}").contains("only one of atMost"));
        assert!(wrong("{health: [{command: [a], first: b}]}").contains("first: unknown field"));
        assert!(wrong("{leaving: [{of: all}]}").contains("command is missing"));
        assert!(wrong("{minimum: 0}").contains("is not between"));
    }
}
