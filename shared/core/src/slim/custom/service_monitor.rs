//! Prometheus Operator: which Services are scraped.

use super::{Conditions, Custom, CustomSpec};
use crate::slim::{Kind, LabelSelector};
use serde::Deserialize;

/// Which Services are scraped.
pub type ServiceMonitor = Custom<ServiceMonitorSpec, Conditions>;

/// Which Services, and where.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceMonitorSpec {
    pub selector: LabelSelector,
    pub namespace_selector: NamespaceSelector,
}

impl CustomSpec for ServiceMonitorSpec {
    const KIND: Kind = Kind::ServiceMonitor;
}

/// All namespaces, some, or its own.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NamespaceSelector {
    pub any: bool,
    pub match_names: Vec<String>,
}
