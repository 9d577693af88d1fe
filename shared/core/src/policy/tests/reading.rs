use super::*;

/// The file of Kubilitics as its guide has it: our part, and parts that are its own.
const FILE: &str = r#"
vector_store:
  type: "memory"
safety_policy:
  autonomy_level: 2  # safe-auto
  protected_namespaces:
    - "kube-system"
    - "kube-node-lease"
    - "kube-public"
  forbidden_operations:
    - "delete_persistent_volume_claim"
    - "delete_secret"
    - "delete_persistent_volume"
  require_approval:
    delete_pod: true
    modify_rbac: true
    scale_to_zero: true
    modify_network_policy: true
investigations:
  max_concurrent: 5
  auto_remediation_enabled: false
budget:
  monthly_limit_usd: 5000
backend_service:
  token: "${BACKEND_SERVICE_TOKEN}"
"#;

/// The second list of its guide, which spells some operations in another way.
const LISTS: &str = r#"
safety_policy:
  protected_namespaces: ["kube-system", "kube-apiserver", "prod-pii", "payment-processing"]
  forbidden_operations:
    - "delete_persistent_volume_claim"
    - "delete_secret"
    - "delete_persistent_volume"
    - "delete_stateful_set"
    - "modify_rbac_binding"
    - "disable_network_policy"
"#;

#[test]
fn the_file_of_kubilitics_is_read_as_it_stands() {
    let policy = Policy::parse_kubilitics(FILE).expect("a right file");
    let (answer, why) = said(&policy, deletion("Secret"), &facts());
    assert_eq!((answer, why.as_str()), (Answer::Refused, "forbiddenOperations (line 12): delete_secret is forbidden"));
    let (answer, why) = said(&policy, deletion("Pod"), &facts());
    assert_eq!(
        (answer, why.as_str()),
        (Answer::NeedsApproval, "requireApproval (line 15): delete_pod needs the approval of a person")
    );
    let mut system = step("dns");
    system.object.address.namespace = Some("kube-system".to_owned());
    assert_eq!(
        said(&policy, system, &facts()).1,
        "protectedNamespaces (line 7): the namespace kube-system is protected"
    );
    let (answer, why) = said(&policy, step("web"), &facts());
    assert_eq!((answer, why.contains("autonomyLevel (line 5)")), (Answer::Automatic, true), "{why}");
    let lists = Policy::parse_kubilitics(LISTS).expect("a right file");
    let refused: Vec<bool> = [
        on("apps/v1", "StatefulSet", Call::Delete {}),
        on("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", Call::Create { body: json!({}) }),
        edited("networking.k8s.io/v1", "NetworkPolicy", "/spec/podSelector", json!({}), json!({"a": 1})),
        step("web"),
    ]
    .into_iter()
    .map(|step| said(&lists, step, &facts()).0 == Answer::Refused)
    .collect();
    assert_eq!(refused, [true, true, true, false]);
}

#[test]
fn what_is_wrong_in_the_file_of_kubilitics_is_told_with_its_line() {
    let text = FILE
        .replace("delete_secret", "delete_secrets")
        .replace("modify_rbac: true", "modify_rback: true")
        .replace("scale_to_zero: true", "scale_to_zero: yes")
        .replace("autonomy_level: 2", "autonomy_level: 4")
        .replace("protected_namespaces", "protected_namespace");
    let problems = Policy::parse_kubilitics(&text).expect_err("a wrong file");
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let expected = [
        "line 5, column 19: safety_policy.autonomy_level: 4 is not between 1 and 3",
        "line 6, column 3: safety_policy.protected_namespace: unknown field; did you mean protected_namespaces?",
        "line 12, column 7: safety_policy.forbidden_operations[1]: delete_secrets is no operation; did you mean delete_secret?",
        "line 16, column 5: safety_policy.require_approval.modify_rback: modify_rback is no operation; did you mean modify_rbac?",
        "line 17, column 20: safety_policy.require_approval.scale_to_zero: true or false is wanted, not a text",
    ];
    assert_eq!(told, expected);
    let none = Policy::parse_kubilitics("safty_policy: {}\n").expect_err("a wrong file");
    assert_eq!(none[0].message, "safety_policy is missing; is safty_policy meant to be it?");
}

#[test]
fn approval_that_is_not_wanted_is_no_rule() {
    assert_eq!(answer("requireApproval: {scale: false, scale_to_zero: true}", step("web")), Answer::Asks);
    assert_eq!(answer("requireApproval: {scale: true}", step("web")), Answer::NeedsApproval);
}

#[test]
fn every_problem_of_a_policy_is_told_at_once() {
    let text = "autonomyLevel: 1.5\nprotectedNamespaces: [Kube_System]\nforbidden: []\nautomatic: [restrat]\n\
                blastRadius: {objects: 0, pods: 3}\nerrorBudget: {levels: [{spent: 120, forbids: feature}]}\n\
                secondPerson: {for: [tier_3], minutes: 2000}\nallowWithoutLease: 1\n";
    let told = problems(text);
    let expected = [
        "1.5 is no whole number",
        "Kube_System is no name of a namespace",
        "forbidden: unknown field",
        "restrat is no operation; did you mean restart?",
        "0 is not between 1 and 100000",
        "blastRadius.pods: unknown field; the fields are objects, namespaces",
        "120 is not between 1 and 100",
        "feature is none of nonCritical, features, all; did you mean features?",
        "onNoData is missing",
        "signers is missing",
        "2000 is not between 1 and 1440",
        "allowWithoutLease: true or false is wanted, not a number",
    ];
    for words in expected {
        assert!(told.iter().any(|problem| problem.contains(words)), "{words}: {told:#?}");
    }
    assert_eq!(told.len(), expected.len(), "{told:#?}");
}

#[test]
fn what_the_gate_asks_is_read() {
    let policy = policy("secondPerson: {signers: keys/sre, for: [tier_3]}\nallowWithoutLease: true\n");
    let second = policy.second_person().expect("a second person");
    assert_eq!((second.signers.as_str(), second.minutes), ("keys/sre", 60));
    assert!(policy.allows_without_lease() && !Policy::default().allows_without_lease());
}
