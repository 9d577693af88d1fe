//! WebSocket connections cannot be made, or are cut.

use crate::cause::{Acts, Class};

/// See the module.
pub const CLASS: Class = Class { id: "websocket-refused", page: PAGE, acts, ..Class::OWN };

fn acts(of: &Acts<'_>) -> Vec<String> {
    of.of_profile(CLASS.id).into_iter().chain(of.restart()).collect()
}

const PAGE: &str = "\
Something between the browser and the program drops the headers Upgrade and Connection, times out, or the
program refuses them: live updates stop, and pages work otherwise.

It is a class of our own, beside the vocabulary: no state of an object shows it.

Looked at: logs of containers (\"websocket: bad handshake\", \"the client is not using the websocket protocol\", ...);
with a Prometheus what the profile asks (performance), for example how many are open.

What to do: see that the Ingress or Gateway passes upgrades on and has a long timeout, and make the program
send a sign of life more often; a restart ends all connections, and clients come again:
  kubectl get ingress -n NAMESPACE -o yaml
  kubectl sre change restart TYPE/NAME -n NAMESPACE --dry-run";
