//! An application on a person's own machine crashes: nothing in a cluster shows that.

use crate::cause::Class;

/// See the module.
pub const CLASS: Class = Class { id: "desktop-application-crash", page: PAGE, ..Class::OWN };

const PAGE: &str = "\
It cannot be seen from here: the application, its log and its database are on the machine of whoever uses it.
Triage never names it.

It is a class of our own, beside the vocabulary: no state of an object shows it.

Looked at: nothing in the cluster tells.

What to do: ask for its log files and its version, and whether another version or an empty database starts
(keep a copy of the old one); see here that what it talks to works:
  kubectl sre incident triage -n NAMESPACE";
