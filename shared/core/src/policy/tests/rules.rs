use super::*;

/// Rules that only take away, each with something that it refuses or holds up.
const RULES: [&str; 9] = [
    "protectedNamespaces: [sh*p]\n",
    "forbiddenOperations: [delete_secret, modify-rbac]\n",
    "requireApproval: {scale: true, delete_pod: true}\n",
    "changeWindows: {blackout: [{name: morning, from: '08:00', to: '09:00', timeZone: UTC}]}\n",
    "blastRadius: {objects: 1}\n",
    "errorBudget: {onNoData: refuse, levels: [{spent: 50, forbids: features}]}\n",
    "secondPerson: {signers: keys, for: [tier_3, scale_to_zero]}\n",
    "automatic: [scale, delete_pod]\n",
    "autonomyLevel: 3\n",
];

fn chosen(which: u32) -> String {
    let rules = RULES.iter().enumerate().filter(|(at, _)| which & (1 << at) != 0).map(|(_, rule)| *rule);
    let text: String = rules.collect();
    if text.is_empty() { "{}".to_owned() } else { text }
}

fn plans() -> Vec<Plan> {
    let steps = steps();
    let pairs = steps.windows(2).map(|pair| plan(pair.to_vec()));
    steps.iter().map(|step| plan(vec![step.clone()])).chain(pairs).collect()
}

fn worlds() -> Vec<Facts> {
    let measured = |spent| Budget { name: "api".to_owned(), spent };
    let mut worlds = vec![facts()];
    for spent in [Some(0.1), Some(0.6), None] {
        worlds.push(Facts { budgets: vec![measured(spent)], max_changes: Some(1), ..facts() });
    }
    worlds
}

#[test]
fn a_rule_that_is_added_never_lets_a_refused_step_through_and_nothing_depends_on_chance() {
    let policies: Vec<Policy> = (0..1 << RULES.len()).map(|which| policy(&chosen(which))).collect();
    for plan in plans() {
        for facts in worlds() {
            let judged: Vec<Judgement> = policies.iter().map(|policy| policy.judge(&plan, &facts)).collect();
            let again = policies.last().map(|policy| policy.judge(&plan, &facts));
            assert_eq!(judged.last(), again.as_ref(), "the same input, the same verdict");
            for (which, judgement) in judged.iter().enumerate() {
                assert!(judgement.steps.iter().all(|step| !step.reasons.is_empty()));
                for more in (0..RULES.len()).map(|rule| which | 1 << rule) {
                    let pairs = judgement.steps.iter().zip(&judged[more].steps);
                    let is_loosened = |(less, more): (&Verdict, &Verdict)| {
                        less.answer == Answer::Refused && more.answer != Answer::Refused
                    };
                    assert!(!pairs.into_iter().any(is_loosened), "{which:b} {more:b} {plan:?}");
                }
            }
        }
    }
}

#[test]
fn what_has_a_higher_tier_is_never_automatic() {
    let all = policy(
        "autonomyLevel: 3\nautomatic: [scale, scale_to_zero, delete_pod, tier_3]\nrequireApproval: {scale: true}\n",
    );
    for plan in plans() {
        let judgement = all.judge(&plan, &facts());
        assert!(plan.tier() == Tier::Reversible || judgement.steps.iter().all(|it| it.answer != Answer::Automatic));
    }
    let two = all.judge(&plan(vec![step("web"), step("api")]), &facts());
    assert_eq!(two.answer(), Answer::NeedsApproval, "several objects are never the lowest tier");
}

#[test]
fn the_level_says_what_runs_without_a_person() {
    let levels = ["{}", "autonomyLevel: 1", "autonomyLevel: 2", "autonomyLevel: 3"];
    let answers = levels.map(|text| answer(text, step("web")));
    assert_eq!(answers, [Answer::Asks, Answer::Asks, Answer::Automatic, Answer::Automatic]);
    let disruptive = || Step { tier: Tier::Disruptive, ..step("web") };
    assert_eq!(answer("autonomyLevel: 3", disruptive()), Answer::Asks);
    let approved = |level| {
        answer(&format!("autonomyLevel: {level}\nautomatic: [scale]\nrequireApproval: {{scale: true}}"), step("web"))
    };
    assert_eq!([1, 2, 3].map(approved), [Answer::NeedsApproval, Answer::NeedsApproval, Answer::Automatic]);
    let other = "autonomyLevel: 3\nautomatic: [restart]\nrequireApproval: {scale: true}";
    assert_eq!(answer(other, step("web")), Answer::NeedsApproval);
}

#[test]
fn a_protected_namespace_is_not_touched_and_neither_is_what_carries_the_label() {
    let text = "protectedNamespaces: [kube-*, shop]";
    assert_eq!(answer(text, step("web")), Answer::Refused);
    let namespace = |name: &str| {
        let mut step = cluster_wide(deletion("Namespace"));
        name.clone_into(&mut step.object.address.name);
        step
    };
    assert_eq!(answer(text, namespace("kube-public")), Answer::Refused, "the namespace itself");
    assert_ne!(answer(text, namespace("shop-2")), Answer::Refused);
    assert_ne!(answer(text, cluster_wide(deletion("Node"))), Answer::Refused);
    let labelled = |kind: &str, namespace: Option<&str>, name: &str, value: &str| {
        let labels = json!({"kubectl-sre/protect": value});
        let mut facts = facts();
        facts.note(&json!({"kind": kind, "metadata": {"name": name, "namespace": namespace, "labels": labels}}));
        said(&Policy::default(), step("web"), &facts)
    };
    let (answer, why) = labelled("Namespace", None, "shop", "true");
    assert_eq!(answer, Answer::Refused);
    assert_eq!(why, "protectionLabel: Namespace/shop has the label kubectl-sre/protect");
    assert_eq!(labelled("Deployment", Some("shop"), "web", "yes").0, Answer::Refused);
    assert_eq!(labelled("Deployment", Some("shop"), "web", "false").0, Answer::Asks);
    assert_eq!(labelled("Deployment", Some("shop"), "api", "true").0, Answer::Asks);
}

#[test]
fn what_a_run_made_for_itself_may_be_deleted_and_nothing_else() {
    let rules = policy("forbiddenOperations: [delete, modify_rbac]\nrequireApproval: {delete_pod: true}\n");
    let mut facts = facts();
    facts.scratch.insert(ObjectRef::cluster("Namespace", "shop"));
    assert_eq!(said(&rules, deletion("Pod"), &facts).0, Answer::Asks);
    assert_eq!(said(&rules, cluster_wide(deletion("Node")), &facts).0, Answer::Refused, "another object");
    let binding = on("rbac.authorization.k8s.io/v1", "RoleBinding", Call::Create { body: json!({}) });
    assert_eq!(said(&rules, binding, &facts).0, Answer::Refused, "no deletion");
    facts.protected.insert(ObjectRef::cluster("Namespace", "shop"));
    assert_eq!(said(&rules, deletion("Pod"), &facts).0, Answer::Refused, "protection is stronger");
    let mut seen = super::facts();
    seen.note(
        &json!({"kind": "Pod", "metadata": {"name": "a", "namespace": "b", "labels": {"kubectl-sre/scratch": "r1"}}}),
    );
    assert_eq!(seen.scratch.into_iter().collect::<Vec<_>>(), [ObjectRef::namespaced("Pod", "b", "a")]);
}

#[test]
fn a_plan_changes_no_more_than_is_allowed() {
    let far = || {
        let mut step = step("api");
        step.object.address.namespace = Some("pay".to_owned());
        step
    };
    let judged = |text: &str, max_changes, steps| {
        let judgement = policy(text).judge(&plan(steps), &Facts { max_changes, ..facts() });
        (judgement.answer(), judgement.reasons().first().map(ToString::to_string))
    };
    let two = || vec![step("web"), far()];
    let (answer, why) = judged("blastRadius: {objects: 1}", None, two());
    assert_eq!(
        (answer, why.as_deref()),
        (Answer::Refused, Some("blastRadius (line 1): the plan changes 2 objects, at most 1 are allowed"))
    );
    assert_eq!(judged("blastRadius: {objects: 1}", None, vec![step("web"), step("web")]).0, Answer::Asks, "one object");
    assert_eq!(judged("blastRadius: {objects: 2, namespaces: 1}", None, two()).0, Answer::Refused);
    assert_eq!(judged("blastRadius: {objects: 2, namespaces: 2}", None, two()).0, Answer::Asks);
    assert_eq!(
        judged("{}", Some(1), two()).1.as_deref(),
        Some("maxChanges: the plan changes 2 objects, at most 1 are wanted")
    );
    assert_eq!(judged("{}", Some(2), two()).0, Answer::Asks);
}

const LEVELS: &str = "errorBudget:\n  onNoData: allow\n  critical: [Deployment/shop/checkout]\n  levels:\n  - {spent: 50, forbids: nonCritical}\n  - {spent: 75, forbids: features}\n  - {spent: 100, forbids: all}\n";

fn image(name: &str) -> Step {
    let call = edit("/spec/template/spec/containers/0/image", Some(json!("a:1")), Some(json!("a:2")));
    // No action stands for a new image yet: what is sent tells.
    let mut step = Step { action: Action::DeletePod, call, ..step(name) };
    step.object.address.name = name.to_owned();
    step
}

fn with_budget(spent: &[Option<f64>]) -> Facts {
    let budgets = spent.iter().enumerate().map(|(at, spent)| Budget { name: format!("slo-{at}"), spent: *spent });
    Facts { budgets: budgets.collect(), ..facts() }
}

#[test]
fn the_more_of_the_budget_is_used_the_more_waits() {
    let rules = policy(LEVELS);
    let refused = |spent: f64| {
        let steps = [image("web"), image("checkout"), step("web")];
        steps.map(|step| said(&rules, step, &with_budget(&[Some(0.0), Some(spent)])).0 == Answer::Refused)
    };
    assert_eq!(refused(0.49), [false, false, false]);
    assert_eq!(refused(0.5), [true, false, false]);
    assert_eq!(refused(0.75), [true, true, false]);
    assert_eq!(refused(0.99), [true, true, false]);
    assert_eq!(refused(1.0), [true, true, true]);
    assert_eq!(refused(17.0), [true, true, true]);
    let why = said(&rules, image("checkout"), &with_budget(&[Some(0.8), Some(0.2)])).1;
    assert_eq!(why, "errorBudget (line 6): 80 % of the error budget of slo-0 are used: what is new waits");
}

#[test]
fn a_budget_that_could_not_be_measured_is_a_case_of_its_own() {
    let refuse = policy(&LEVELS.replace("allow", "refuse"));
    for spent in [&[None][..], &[], &[Some(0.1), None], &[Some(f64::NAN)]] {
        assert_eq!(said(&policy(LEVELS), image("web"), &with_budget(spent)).0, Answer::Asks, "{spent:?}");
        let (answer, why) = said(&refuse, image("web"), &with_budget(spent));
        assert_eq!((answer, why.starts_with("errorBudget (line 2): nobody knows")), (Answer::Refused, true), "{why}");
    }
    assert_eq!(said(&refuse, image("web"), &with_budget(&[Some(0.1)])).0, Answer::Asks);
    let gone = said(&policy(LEVELS), step("web"), &with_budget(&[None, Some(1.0)]));
    assert_eq!(gone.0, Answer::Refused, "what is known to be gone is gone");
}

#[test]
fn what_ends_an_incident_or_takes_a_change_back_does_not_wait() {
    let rules = policy(&format!("{LEVELS}{}", RULES[3]));
    let facts = with_budget(&[Some(2.0)]);
    let undoing = Plan { undoes: Some("c-0".to_owned()), ..plan(vec![image("web")]) };
    assert_eq!(rules.judge(&undoing, &facts).answer(), Answer::Asks);
    let incident = Plan { incident: Some("i-1".to_owned()), ..plan(vec![image("web")]) };
    assert_eq!(policy(LEVELS).judge(&incident, &facts).answer(), Answer::Asks);
    assert_eq!(rules.judge(&incident, &facts).answer(), Answer::Refused, "a window holds for incidents too");
}

#[test]
fn rules_for_production_hold_nowhere_else() {
    let only = |text: &str| text.replacen("errorBudget:\n", "errorBudget:\n  onlyProduction: true\n", 1);
    let elsewhere = Facts { production: false, ..with_budget(&[Some(1.0)]) };
    assert_eq!(said(&policy(&only(LEVELS)), image("web"), &elsewhere).0, Answer::Asks);
    assert_eq!(said(&policy(LEVELS), image("web"), &elsewhere).0, Answer::Refused);
    assert_eq!(said(&policy(&only(LEVELS)), image("web"), &with_budget(&[Some(1.0)])).0, Answer::Refused);
    let second = policy("secondPerson: {onlyProduction: true, signers: keys, for: [scale]}\n");
    assert_eq!(said(&second, step("web"), &facts()).0, Answer::NeedsSecondPerson);
    assert_eq!(said(&second, step("web"), &elsewhere).0, Answer::Asks);
}

#[test]
fn refusals_come_first_and_all_of_them_are_told() {
    let text = "requireApproval: {delete_secret: true}\nsecondPerson: {signers: keys, for: [delete_secret]}\n\
                forbiddenOperations: [delete_secret]\nprotectedNamespaces: [shop]\n";
    let (answer, why) = said(&policy(text), deletion("Secret"), &facts());
    assert_eq!(answer, Answer::Refused);
    assert_eq!(
        why,
        "protectedNamespaces (line 4): the namespace shop is protected; forbiddenOperations (line 3): delete_secret is forbidden"
    );
    let without = text.split_inclusive('\n').take(2).collect::<String>();
    let (answer, why) = said(&policy(&without), deletion("Secret"), &facts());
    assert_eq!(
        (answer, why.as_str()),
        (Answer::NeedsSecondPerson, "secondPerson (line 2): delete_secret is approved by a second person")
    );
}

#[test]
fn one_refused_step_refuses_the_plan_and_verdicts_are_written_for_programs() {
    let judgement = policy("forbiddenOperations: [scale_to_zero]").judge(&plan(steps()[..2].to_vec()), &facts());
    assert_eq!(judgement.steps.iter().map(|it| it.answer).collect::<Vec<_>>(), [Answer::Asks, Answer::Refused]);
    assert_eq!((judgement.answer(), judgement.reasons().len()), (Answer::Refused, 1));
    let reason = json!({"rule": "forbiddenOperations", "line": 1, "says": "scale_to_zero is forbidden"});
    assert_eq!(
        serde_json::to_value(&judgement.steps[1]).expect("JSON"),
        json!({"answer": "refused", "reasons": [reason]})
    );
    let rules = [
        Rule::ProtectedNamespaces,
        Rule::ProtectionLabel,
        Rule::ForbiddenOperations,
        Rule::ChangeWindows,
        Rule::BlastRadius,
        Rule::MaxChanges,
        Rule::ErrorBudget,
        Rule::SecondPerson,
        Rule::RequireApproval,
        Rule::Automatic,
        Rule::AutonomyLevel,
        Rule::Tier,
    ];
    for rule in rules {
        assert_eq!(serde_json::to_value(rule).expect("a word"), rule.id());
    }
}

#[test]
fn what_is_sent_is_forbidden_or_wants_a_person_by_the_word_of_what_it_does() {
    let text = "forbiddenOperations: [silence_alerts]\nrequireApproval: {send_page: true}\n\
                secondPerson: {signers: a, for: [send_update], minutes: 60}\n";
    let answer = |item: &str| policy(text).judge_sending(item).answer;
    assert_eq!(
        (answer("silence"), answer("expire")),
        (Answer::Refused, Answer::Asks),
        "what ends it is never kept from it"
    );
    assert_eq!((answer("page"), answer("resolve")), (Answer::NeedsApproval, Answer::NeedsApproval));
    assert_eq!((answer("update"), answer("executives")), (Answer::NeedsSecondPerson, Answer::NeedsSecondPerson));
    let reasons = policy(text).judge_sending("silence").reasons;
    assert_eq!(reasons[0].to_string(), "forbiddenOperations (line 1): silence_alerts is forbidden");
    assert_eq!(Policy::default().judge_sending("page").answer, Answer::Asks);
    let automatic = policy("autonomyLevel: 3\nautomatic: [send_page]\n");
    assert_eq!(automatic.judge_sending("page").answer, Answer::Asks, "people are told by people");
}
