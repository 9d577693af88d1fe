//! A port of the machine is taken on every node that a pod may use.

use crate::cause::Class;
use crate::cause::unplaced::causes;
use crate::scheduling::Filter;

/// See the module.
pub const CLASS: Class =
    Class { id: "host-port-conflict", page: PAGE, recognise: |view| causes(view, Filter::HostPort), ..Class::SILENT };

const PAGE: &str = "\
A pod wants a port of the machine itself (hostPort, or a port of a pod on the host's network), and on
every node that it may use another pod has it.

Looked at: the condition PodScheduled of the pods; the scheduler's filters are replayed on the nodes
and pods that were seen, so that every node says what is against it.

What to do: use a Service instead of the host port, another port, or fewer replicas than nodes:
  kubectl get pods -A -o wide";
