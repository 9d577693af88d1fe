//! The table of operations.

use super::effect::{
    changes_container, changes_rights, deletes, deletes_anything, deletes_claims, deletes_inside, evicts, moves, runs,
    scales, sets, writes, writes_group, writes_network_policy,
};
use super::operation::{OperationInfo, Purpose};
use crate::plan::{Action, Call, Step, Tier};
use serde_json::Value;

/// Kinds that decide what the API server takes.
const ADMISSION: [&str; 4] = [
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
];

/// Every operation that a policy may name.
///
/// They are judged by what is sent to which kind, so that they hold for actions that are added later.
pub const OPERATIONS: &[OperationInfo] = &[
    restores(&["rollback"], "goes back to an earlier revision", |step| {
        matches!(step.action, Action::Rollback | Action::RollbackHelm)
    }),
    restores(&["rollback_helm"], "goes back to an earlier revision of a Helm release", |step| {
        step.action == Action::RollbackHelm
    }),
    restores(&["restart", "rollout_restart"], "starts all pods anew", |step| {
        step.action == Action::Restart
            || moves(step, "/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt")
    }),
    restores(&["scale"], "changes how many replicas are wanted", scales),
    restores(&["scale_nodes", "resize_node_group"], "changes how many nodes a group has", |step| {
        step.action == Action::ScaleNodes || writes(step, &["MachineDeployment", "MachinePool"]) && scales(step)
    }),
    changes(&["scale_to_zero"], "wants no replica any more", |step| {
        sets(step, "/spec/replicas", &Value::from(0))
            || sets(step, "/metadata/annotations/autoscaling.keda.sh~1paused-replicas", &Value::from("0"))
    }),
    restores(&["drain", "drain_node", "evict_pod"], "asks pods to go, within their budgets", |step| {
        evicts(step) && step.action != Action::DeletePod
    }),
    restores(&["cordon", "cordon_node"], "lets no new pods on a node", |step| {
        sets(step, "/spec/unschedulable", &Value::Bool(true))
    }),
    restores(&["uncordon", "uncordon_node"], "lets pods on a node again", |step| {
        moves(step, "/spec/unschedulable") && !sets(step, "/spec/unschedulable", &Value::Bool(true))
    }),
    changes(&["taint", "taint_node"], "changes the taints of a node", |step| moves(step, "/spec/taints")),
    changes(&["label", "label_node"], "changes the labels of a node", |step| {
        writes(step, &["Node"]) && moves(step, "/metadata/labels")
    }),
    changes(&["set_image", "update_image"], "changes an image, but by a rollback", |step| {
        changes_container(step, "image")
    }),
    changes(&["set_env", "update_env"], "changes the environment of a container, but by a rollback", |step| {
        changes_container(step, "env") || changes_container(step, "envFrom")
    }),
    changes(&["set_resources", "resize_pod"], "changes requests or limits, but by a rollback", |step| {
        changes_container(step, "resources")
    }),
    changes(&["update_strategy"], "changes how a workload replaces its pods", |step| {
        moves(step, "/spec/strategy") || moves(step, "/spec/updateStrategy")
    }),
    changes(&["resize_volume", "expand_volume"], "changes the size of a claim", |step| {
        writes(step, &["PersistentVolumeClaim"]) && moves(step, "/spec/resources")
    }),
    changes(
        &["modify_autoscaler", "modify_hpa", "set_autoscaler"],
        "writes a HorizontalPodAutoscaler, VerticalPodAutoscaler or ScaledObject",
        |step| writes(step, &["HorizontalPodAutoscaler", "VerticalPodAutoscaler", "ScaledObject"]),
    ),
    changes(&["modify_traffic", "shift_traffic"], "writes a VirtualService, a DestinationRule or a route", |step| {
        writes(step, &["VirtualService", "DestinationRule", "HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute"])
    }),
    changes(
        &["modify_rbac", "modify_rbac_binding", "modify_rbac_role"],
        "writes a role or a binding of roles",
        changes_rights,
    ),
    changes(
        &["modify_network_policy", "disable_network_policy", "delete_network_policy"],
        "writes a NetworkPolicy, or one of another kind (Cilium, Calico, cluster-wide)",
        writes_network_policy,
    ),
    restores(
        &["pause_gitops", "modify_gitops"],
        "writes an Application of Argo CD, or a Kustomization or HelmRelease of Flux",
        |step| writes(step, &["Application", "ApplicationSet", "Kustomization", "HelmRelease"]),
    ),
    changes(&["modify_secret"], "writes a Secret", |step| writes(step, &["Secret"])),
    changes(&["modify_config_map", "modify_configmap"], "writes a ConfigMap", |step| writes(step, &["ConfigMap"])),
    changes(&["modify_disruption_budget", "modify_pdb"], "writes a PodDisruptionBudget", |step| {
        writes(step, &["PodDisruptionBudget"])
    }),
    changes(&["modify_quota"], "writes a ResourceQuota or a LimitRange", |step| {
        writes(step, &["ResourceQuota", "LimitRange"])
    }),
    changes(&["modify_admission"], "writes a webhook or another rule of admission", |step| {
        writes_group(step, "admissionregistration.k8s.io") || writes(step, &ADMISSION)
    }),
    OperationInfo {
        purpose: Purpose::Either,
        ..changes(&["run_command"], "runs a program of this machine: a provider's command line, helm", runs)
    },
    restores(
        &["db_terminate_idle", "terminate_idle_sessions"],
        "ends sessions of a database that do nothing",
        |step| step.action == Action::DbTerminateIdle,
    ),
    restores(&["db_slow_log", "log_slow_statements"], "has a database log slow statements, or stop that", |step| {
        step.action == Action::DbSlowLog
    }),
    OperationInfo {
        purpose: Purpose::Either,
        ..changes(&["heap_dump", "dump_heap"], "writes the memory of a program to a file in its container", |step| {
            step.action == Action::HeapDump
        })
    },
    OperationInfo {
        purpose: Purpose::Either,
        ..changes(&["exec"], "runs a command in a container", |step| matches!(step.call, Call::Exec { .. }))
    },
    restores(&["probe", "probe_pod"], "makes a pod that asks one question, and deletes it", |step| {
        step.action == Action::Probe
    }),
    OperationInfo {
        purpose: Purpose::Either,
        ..changes(&["create"], "makes an object", |step| matches!(step.call, Call::Create { .. }))
    },
    OperationInfo {
        purpose: Purpose::Restores,
        ..deletion(&["delete_pod"], "deletes or evicts a pod", |step| deletes_inside(step, "Pod") || evicts(step))
    },
    deletion(&["delete_deployment"], "deletes a Deployment", |step| deletes_inside(step, "Deployment")),
    deletion(&["delete_stateful_set", "delete_statefulset"], "deletes a StatefulSet", |step| {
        deletes_inside(step, "StatefulSet")
    }),
    deletion(&["delete_daemon_set", "delete_daemonset"], "deletes a DaemonSet", |step| {
        deletes_inside(step, "DaemonSet")
    }),
    deletion(&["delete_replica_set", "delete_replicaset"], "deletes a ReplicaSet", |step| {
        deletes_inside(step, "ReplicaSet")
    }),
    deletion(&["delete_job"], "deletes a Job", |step| deletes_inside(step, "Job")),
    deletion(&["delete_cron_job", "delete_cronjob"], "deletes a CronJob", |step| deletes_inside(step, "CronJob")),
    deletion(&["delete_service"], "deletes a Service", |step| deletes_inside(step, "Service")),
    deletion(&["delete_ingress"], "deletes an Ingress", |step| deletes_inside(step, "Ingress")),
    deletion(&["delete_config_map", "delete_configmap"], "deletes a ConfigMap", |step| {
        deletes_inside(step, "ConfigMap")
    }),
    deletion(&["delete_secret"], "deletes a Secret", |step| deletes_inside(step, "Secret")),
    deletion(
        &["delete_persistent_volume_claim", "delete_pvc", "delete_persistentvolumeclaim"],
        "deletes a claim, or changes a StatefulSet so that claims go with its pods",
        deletes_claims,
    ),
    deletion(
        &["delete_persistent_volume", "delete_pv", "delete_persistentvolume"],
        "deletes a PersistentVolume",
        |step| deletes(step, "PersistentVolume"),
    ),
    deletion(&["delete_namespace"], "deletes a namespace", |step| deletes(step, "Namespace")),
    deletion(&["delete_node"], "deletes a Node", |step| deletes(step, "Node")),
    deletion(
        &["delete_custom_resource_definition", "delete_crd"],
        "deletes a CustomResourceDefinition, and with it all objects of its kind",
        |step| deletes(step, "CustomResourceDefinition"),
    ),
    OperationInfo {
        purpose: Purpose::Either,
        ..deletion(&["delete"], "deletes or evicts anything", |step| deletes_anything(step) || evicts(step))
    },
    sending(&["send_page", "page_people"], "pages somebody of an incident, or says that it is over"),
    sending(&["send_update", "send_message"], "tells people how an incident stands"),
    sending(&["silence_alerts"], "keeps alerts quiet for an incident; to let them be heard is none"),
    OperationInfo {
        purpose: Purpose::Either,
        ..changes(&["tier_3"], "may lose data or access for good", |step| step.tier == Tier::Destructive)
    },
];

type Names = &'static [&'static str];

const fn changes(names: Names, does: &'static str, recognises: fn(&Step) -> bool) -> OperationInfo {
    OperationInfo { names, does, purpose: Purpose::Changes, is_deletion: false, recognises }
}

const fn restores(names: Names, does: &'static str, recognises: fn(&Step) -> bool) -> OperationInfo {
    OperationInfo { purpose: Purpose::Restores, ..changes(names, does, recognises) }
}

/// What is sent is no step of a plan.
const fn sending(names: Names, does: &'static str) -> OperationInfo {
    restores(names, does, |_| false)
}

const fn deletion(names: Names, does: &'static str, recognises: fn(&Step) -> bool) -> OperationInfo {
    OperationInfo { is_deletion: true, ..changes(names, does, recognises) }
}
