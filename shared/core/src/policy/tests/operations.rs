use super::*;

fn names(step: &Step) -> Vec<String> {
    Operation::of(step).map(|operation| operation.to_string()).collect()
}

#[test]
fn each_word_names_one_operation_and_each_row_has_its_step() {
    let words: Vec<&str> = OPERATIONS.iter().flat_map(|row| row.names.iter().copied()).collect();
    let different: std::collections::BTreeSet<&str> = words.iter().copied().collect();
    assert_eq!(words.len(), different.len(), "a word stands twice");
    for row in OPERATIONS {
        assert!(row.names.iter().all(|name| Operation::named(name).is_ok_and(|it| it.to_string() == row.names[0])));
        assert!(!row.does.is_empty() && !row.does.ends_with('.'), "{}", row.names[0]);
    }
}

#[test]
fn both_spellings_and_both_dashes_name_the_same() {
    let pairs = [
        ("modify_rbac", "modify_rbac_binding"),
        ("delete_stateful_set", "delete_statefulset"),
        ("modify_network_policy", "disable_network_policy"),
        ("delete_persistent_volume_claim", "delete_pvc"),
        ("delete_persistent_volume", "delete-pv"),
        ("delete_pod", "delete-pod"),
    ];
    for (one, other) in pairs {
        assert_eq!(Operation::named(one), Operation::named(other), "{other}");
    }
    let near = Operation::named("delete_secert").expect_err("no operation");
    assert_eq!(near, "delete_secert is no operation; did you mean delete_secret?");
    assert!(Operation::named("fly").is_err_and(|why| why.contains("docs/policy.md")));
}

// An edit has some action; that of a restart is told first, whatever is sent.
#[test]
fn steps_are_what_is_sent_to_which_kind() {
    let rows: [(Step, &[&str]); 25] = [
        (step("web"), &["scale"]),
        (
            Step { call: edit("/spec/replicas", Some(json!(2)), Some(json!(0))), ..step("web") },
            &["scale", "scale_to_zero"],
        ),
        (
            edited(
                "apps/v1",
                "Deployment",
                "/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt",
                json!("a"),
                json!("b"),
            ),
            &["restart"],
        ),
        (
            Step {
                action: Action::Rollback,
                ..edited("apps/v1", "Deployment", "/spec/template/spec/containers/0/image", json!("a"), json!("b"))
            },
            &["rollback"],
        ),
        (
            edited("apps/v1", "Deployment", "/spec/template/spec/containers/0/image", json!("a"), json!("b")),
            &["restart", "set_image"],
        ),
        (
            edited("apps/v1", "Deployment", "/spec/template/spec/initContainers/1/env/0/value", json!("a"), json!("b")),
            &["restart", "set_env"],
        ),
        (
            edited("apps/v1", "Deployment", "/spec/template/spec/containers", json!([]), json!([1])),
            &["restart", "set_image", "set_env", "set_resources"],
        ),
        (
            edited("v1", "Pod", "/spec/containers/0/resources/limits/memory", json!("1Gi"), json!("2Gi")),
            &["restart", "set_resources"],
        ),
        (edited("v1", "ConfigMap", "/data/containers", json!("a"), json!("b")), &["restart", "modify_config_map"]),
        (
            edited("apps/v1", "StatefulSet", "/spec/updateStrategy/type", json!("a"), json!("b")),
            &["restart", "update_strategy"],
        ),
        (edited("v1", "Node", "/spec/unschedulable", json!(false), json!(true)), &["restart", "cordon"]),
        (edited("v1", "Node", "/spec/unschedulable", json!(true), json!(false)), &["restart", "uncordon"]),
        (edited("v1", "Node", "/metadata/labels/zone", json!("a"), json!("b")), &["restart", "label"]),
        (
            edited("v1", "PersistentVolumeClaim", "/spec/resources/requests/storage", json!("1Gi"), json!("2Gi")),
            &["restart", "resize_volume"],
        ),
        (
            edited(
                "keda.sh/v1alpha1",
                "ScaledObject",
                "/metadata/annotations/autoscaling.keda.sh~1paused-replicas",
                json!("1"),
                json!("0"),
            ),
            &["restart", "scale_to_zero", "modify_autoscaler"],
        ),
        (
            edited("cilium.io/v2", "CiliumNetworkPolicy", "/spec", json!({}), json!({"a": 1})),
            &["restart", "modify_network_policy"],
        ),
        (deletion("Pod"), &["delete_pod", "delete"]),
        (
            Step { action: Action::Restart, ..on("v1", "Pod", Call::Evict {}) },
            &["restart", "drain", "delete_pod", "delete"],
        ),
        (Step { action: Action::DeletePod, ..on("v1", "Pod", Call::Evict {}) }, &["delete_pod", "delete"]),
        (deletion("PersistentVolume"), &["delete_persistent_volume", "delete"]),
        (deletion("Widget"), &["delete"]),
        (
            Step { action: Action::Restart, ..on("v1", "Secret", Call::Create { body: json!({}) }) },
            &["restart", "modify_secret", "create"],
        ),
        (
            Step { action: Action::DeletePod, ..on("rbac.authorization.k8s.io/v1", "ClusterRole", Call::Delete {}) },
            &["modify_rbac", "delete"],
        ),
        (
            Step {
                action: Action::DeletePod,
                ..on("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", Call::Delete {})
            },
            &["modify_admission", "delete"],
        ),
        (
            edited("v1", "PersistentVolumeClaim", "/metadata/finalizers", json!(["a", "b"]), json!(["a"])),
            &["restart", "delete_persistent_volume_claim", "delete"],
        ),
    ];
    for (step, expected) in rows {
        assert_eq!(names(&step), expected, "{step:?}");
    }
}

#[test]
fn a_namespace_takes_with_it_all_that_it_holds() {
    let all = names(&deletion("Namespace"));
    for name in ["delete_secret", "delete_persistent_volume_claim", "delete_pod", "delete_stateful_set"] {
        assert!(all.iter().any(|it| it == name), "{name}: {all:?}");
    }
    assert!(!all.iter().any(|it| it == "delete_persistent_volume" || it == "delete_node"), "{all:?}");
}

#[test]
fn replicas_that_take_their_claims_with_them_delete_claims() {
    let call = edit("/spec/replicas", Some(json!(3)), Some(json!(2)));
    let scaled = |tier| names(&Step { tier, action: Action::Scale, ..on("apps/v1", "StatefulSet", call.clone()) });
    assert_eq!(scaled(Tier::Disruptive), ["scale"]);
    assert_eq!(scaled(Tier::Destructive), ["scale", "delete_persistent_volume_claim", "tier_3"]);
}

#[test]
fn finalizers_that_are_added_delete_nothing() {
    let more = edited("v1", "Secret", "/metadata/finalizers", json!(["a"]), json!(["a", "b"]));
    assert!(!names(&more).iter().any(|name| name.starts_with("delete")));
    let first = on("v1", "Secret", edit("/metadata/finalizers/0", Some(json!("a")), None));
    assert!(names(&first).iter().any(|name| name == "delete_secret"), "one of them is taken off");
}

#[test]
fn what_a_program_does_to_objects_counts_as_if_it_was_sent() {
    use crate::helm::tests::release;
    let object = |kind: &str, namespace: &str| json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "web", "namespace": namespace}});
    let gone = vec![object("PersistentVolumeClaim", "shop"), object("ConfigMap", "kube-system")];
    let (from, to) = (release(3, "deployed", gone), release(2, "superseded", vec![object("Secret", "shop")]));
    let back = crate::plan::rollback_helm(&from, &to, &[], 300, Tier::Reversible);
    let all = names(&back);
    for name in
        ["rollback", "rollback_helm", "run_command", "modify_secret", "delete_persistent_volume_claim", "delete"]
    {
        assert!(all.iter().any(|it| it == name), "{name}: {all:?}");
    }
    let (answer, why) = said(&policy("protectedNamespaces: [kube-system]"), back.clone(), &facts());
    assert_eq!((answer, why.contains("kube-system is protected")), (Answer::Refused, true), "{why}");
    let (answer, why) = said(&policy("blastRadius: {objects: 3}"), back.clone(), &facts());
    assert_eq!((answer, why.contains("changes 4 objects")), (Answer::Refused, true), "{why}");
    assert!(super::super::operation::restores(&back), "it brings back what was");
    let mut facts = facts();
    let mut claim = object("PersistentVolumeClaim", "shop");
    claim["metadata"]["labels"] = json!({PROTECT_LABEL: "true"});
    facts.note(&claim);
    let (answer, why) = said(&policy("{}"), back, &facts);
    assert_eq!((answer, why.contains(PROTECT_LABEL)), (Answer::Refused, true), "{why}");
}

#[test]
fn a_pod_for_one_question_is_no_loss_and_no_other_pod_passes_for_one() {
    let pod = |name: &str| json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop", "uid": "u"}});
    let [make, delete] = crate::plan::probe(&pod("sre-probe-1"), String::new()).expect("steps");
    assert_eq!((names(&make), names(&delete)), (vec!["probe".into(), "create".into()], vec!["probe".to_owned()]));
    let [_, other] = crate::plan::probe(&pod("web-0"), String::new()).expect("steps");
    assert_eq!(names(&other), ["probe", "delete_pod", "delete"]);
    let known = Step { object: Target::of(&pod("sre-probe-1"), "pods").expect("a pod"), ..delete };
    assert_eq!(names(&known), ["probe", "delete_pod", "delete"]);
}
