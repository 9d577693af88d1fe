//! The kernel, the hardware or a filesystem of a node is at fault.

use crate::cause::node_problem::{NodeProblem, condition_statement, node_problems};
use crate::cause::{Class, Heard, Stage};
use crate::finding::Finding;
use crate::view::View;

/// See the module.
pub const CLASS: Class = Class {
    id: "node-system-fault",
    page: PAGE,
    recognise,
    heard: Some(Heard::of(
        Stage::Elsewhere,
        |it| {
            it.is(&[
                "KernelDeadlock",
                "ReadonlyFilesystem",
                "FilesystemIsReadOnly",
                "KernelOops",
                "TaskHung",
                "Ext4Error",
                "IOError",
                "DiskBadBlock",
                "MemoryReadError",
                "XfsShutdown",
            ])
        },
        |_| "the kernel or the hardware of the node is at fault".to_owned(),
    )),
    ..Class::SILENT
};

fn recognise(view: &View<'_>) -> Vec<Finding> {
    node_problems(view)
        .filter_map(|(node, condition, problem)| {
            let trouble = match problem {
                NodeProblem::Kernel => "has a fault of its kernel or hardware",
                NodeProblem::Filesystem => "has a filesystem that is read-only or damaged",
                NodeProblem::Runtime | NodeProblem::Kubelet => return None,
            };
            let trouble = format!("{trouble} ({})", condition.type_);
            Some(condition_statement(view, node, condition, &trouble).part(&condition.type_))
        })
        .collect()
}

const PAGE: &str = "\
A node problem detector has read in the machine's logs that the kernel hangs, that hardware reports
errors, or that a filesystem was remounted read-only or is damaged. Such a node seldom recovers by
itself; its pods fail in ways that look like faults of their own.

Looked at: the conditions that the detector sets on the node, such as KernelDeadlock,
ReadonlyFilesystem, CorruptDockerOverlay2, or (where they name the good state) StorageReady=False.

What to do: keep new pods away, move the others, and replace or reboot the machine:
  kubectl sre change cordon NAME --dry-run
  kubectl sre change drain NAME --dry-run";
