//! A Gateway, its class or a listener is not accepted or not programmed.

use crate::cause::{Class, Heard, Stage, gateways};

/// See the module.
pub const CLASS: Class = Class {
    id: "gateway-not-programmed",
    page: PAGE,
    recognise: |view| [gateways::in_trouble(view), gateways::classes_in_trouble(view)].concat(),
    heard: Some(Heard::of(
        Stage::Elsewhere,
        |it| {
            it.is_about(&["Gateway", "GatewayClass"])
                && (it.is_state() || it.says(&["not programmed", "not accepted", "invalid", "conflict", "failed"]))
        },
        |_| "the Gateway is not accepted or not programmed".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
The controller of a Gateway or of its class says that it does not accept it (Accepted is False), or
that it could not bring it about in what serves it (Programmed is False), or nobody answers for its
class. What comes in through it fails, all of it or some listeners.

Looked at: conditions of GatewayClasses, Gateways and their listeners.

What to do: read the conditions; the message names what is wrong:
  kubectl describe gateway NAME -n NAMESPACE";
