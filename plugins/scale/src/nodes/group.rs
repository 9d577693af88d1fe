//! A group at its provider: how it is asked for, what it says of itself, and what is typed to resize it.

use serde_json::Value;
use sre_core::node_group::Provider;
use sre_core::plan::{FieldChange, Program, ReadyNodes, Run};

/// Where a group is, as far as its provider wants to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Name of the group.
    pub group: String,
    /// Name of the cluster at the provider.
    pub cluster: String,
    /// Region of AWS, location of Google Cloud.
    pub region: Option<String>,
    /// Project of Google Cloud.
    pub project: Option<String>,
    /// Resource group of Azure.
    pub resource_group: Option<String>,
}

/// A group as its provider tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// How many nodes are wanted.
    pub size: i64,
    /// The bounds, where there are any.
    pub bounds: Option<(i64, i64)>,
    /// Whether the provider's own autoscaler sets the size.
    pub is_autoscaled: bool,
    /// What it says of itself, where that is not that all is well.
    pub busy: Option<String>,
    /// Tags that tell who keeps it.
    pub tags: Vec<(String, String)>,
    /// Instance groups of Google Cloud, one a zone, each with its size.
    pub zones: Vec<(String, i64)>,
}

/// What a size is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Nodes.
    pub size: i64,
    /// The bounds, where there are any.
    pub bounds: Option<(i64, i64)>,
}

/// The program that resizes the groups of a provider; none where the API does.
pub fn program(provider: Provider) -> Option<Program> {
    match provider {
        Provider::Eks => Some(Program::Aws),
        Provider::Eksctl => Some(Program::Eksctl),
        Provider::Gke => Some(Program::Gcloud),
        Provider::Aks => Some(Program::Az),
        Provider::ClusterApi => None,
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

impl Place {
    fn flag(&self, name: &str, value: Option<&String>) -> Vec<String> {
        value.iter().flat_map(|value| [name.to_owned(), (*value).clone()]).collect()
    }

    /// The group and the cluster, as the commands of a provider take them.
    fn named(&self, provider: Provider) -> Vec<String> {
        let pair = |flag: &str, value: &str| vec![flag.to_owned(), value.to_owned()];
        let region = self.flag("--region", self.region.as_ref());
        match provider {
            Provider::Eks => {
                [pair("--cluster-name", &self.cluster), pair("--nodegroup-name", &self.group), region].concat()
            }
            Provider::Eksctl => [pair("--cluster", &self.cluster), pair("--name", &self.group), region].concat(),
            Provider::Aks => {
                let of = self.flag("--resource-group", self.resource_group.as_ref());
                [of, pair("--cluster-name", &self.cluster), pair("--name", &self.group)].concat()
            }
            Provider::Gke | Provider::ClusterApi => self.located(),
        }
    }

    fn located(&self) -> Vec<String> {
        [self.flag("--location", self.region.as_ref()), self.flag("--project", self.project.as_ref())].concat()
    }

    /// The arguments that ask for the group.
    pub fn asks(&self, provider: Provider) -> Vec<String> {
        let named = self.named(provider);
        match provider {
            Provider::Eks => [words("eks describe-nodegroup"), named, words("--output json")].concat(),
            Provider::Eksctl => [words("get nodegroup"), named, words("--output json")].concat(),
            Provider::Aks => [words("aks nodepool show"), named, words("--output json")].concat(),
            Provider::Gke | Provider::ClusterApi => {
                let of = vec![self.group.clone(), "--cluster".to_owned(), self.cluster.clone()];
                [words("container node-pools describe"), of, named, words("--format json")].concat()
            }
        }
    }

    /// The arguments that ask how large the instance groups of a pool are: the pool itself says only how large it was in
    /// the beginning.
    pub fn asks_zones(&self, pool: &Value) -> Option<Vec<String>> {
        let urls = pool["instanceGroupUrls"].as_array()?;
        let mut names: Vec<&str> = urls.iter().filter_map(|url| url.as_str()?.rsplit('/').next()).collect();
        names.sort_unstable();
        let filter = format!("name=({})", names.join(" "));
        let project = self.flag("--project", self.project.as_ref());
        let filter = vec!["--filter".to_owned(), filter];
        let command = words("compute instance-groups managed list");
        (!names.is_empty()).then(|| [command, filter, words("--sort-by name --format json"), project].concat())
    }

    /// The arguments that give a group a size; `zones` are how many a pool of Google Cloud spans.
    pub fn resizes(&self, provider: Provider, to: Size, zones: usize) -> Vec<String> {
        let (named, size) = (self.named(provider), to.size);
        match provider {
            Provider::Eks => {
                let bounds = to.bounds.map_or_else(String::new, |(min, max)| format!("minSize={min},maxSize={max},"));
                let scaling = vec!["--scaling-config".to_owned(), format!("{bounds}desiredSize={size}")];
                [words("eks update-nodegroup-config"), named, scaling, words("--output json")].concat()
            }
            Provider::Eksctl => {
                let bounds = to.bounds.map(|(min, max)| words(&format!("--nodes-min {min} --nodes-max {max}")));
                let nodes = words(&format!("--nodes {size}"));
                [words("scale nodegroup"), named, nodes, bounds.unwrap_or_default()].concat()
            }
            Provider::Aks => {
                let count = words(&format!("--node-count {size} --output json"));
                [words("aks nodepool scale"), named, count].concat()
            }
            Provider::Gke | Provider::ClusterApi => {
                let each = size / i64::try_from(zones.max(1)).unwrap_or(1);
                let of = vec![self.cluster.clone(), "--node-pool".to_owned(), self.group.clone()];
                let nodes = words(&format!("--num-nodes {each}"));
                [words("container clusters resize"), of, nodes, named, vec!["--quiet".to_owned()]].concat()
            }
        }
    }

    /// What is typed to move the bounds of the provider's own autoscaler.
    pub fn moves_bounds(&self, provider: Provider, (min, max): (i64, i64)) -> Option<String> {
        let named = self.named(provider);
        let arguments = match provider {
            Provider::Aks => {
                let bounds = words(&format!("--update-cluster-autoscaler --min-count {min} --max-count {max}"));
                [words("aks nodepool update"), named, bounds].concat()
            }
            Provider::Gke => {
                let of = vec![self.cluster.clone(), "--enable-autoscaling".to_owned(), "--node-pool".to_owned()];
                let bounds = words(&format!("--total-min-nodes {min} --total-max-nodes {max}"));
                [words("container clusters update"), of, vec![self.group.clone()], bounds, named].concat()
            }
            _ => return None,
        };
        Some(program(provider)?.typed(&arguments))
    }
}

/// Reads what a provider says of a group; `zones` is what Google Cloud says of its instance groups.
///
/// # Errors
/// Names the field that is missing.
pub fn state(provider: Provider, answer: &Value, zones: Option<&Value>) -> Result<State, String> {
    let number = |pointer: &str| {
        answer.pointer(pointer).and_then(Value::as_i64).ok_or_else(|| format!("it says no number at {pointer}"))
    };
    let status = |pointer: &str, well: &[&str]| {
        let said = answer.pointer(pointer).and_then(Value::as_str).unwrap_or("nothing");
        (!well.contains(&said)).then(|| said.to_owned())
    };
    let tags = |pointer: &str| {
        let tags = answer.pointer(pointer).and_then(Value::as_object).into_iter().flatten();
        tags.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned())).collect()
    };
    let plain = State { size: 0, bounds: None, is_autoscaled: false, busy: None, tags: Vec::new(), zones: Vec::new() };
    Ok(match provider {
        Provider::Eks => State {
            size: number("/nodegroup/scalingConfig/desiredSize")?,
            bounds: Some((number("/nodegroup/scalingConfig/minSize")?, number("/nodegroup/scalingConfig/maxSize")?)),
            busy: status("/nodegroup/status", &["ACTIVE"]),
            tags: tags("/nodegroup/tags"),
            ..plain
        },
        Provider::Eksctl => State {
            size: number("/0/DesiredCapacity")?,
            bounds: Some((number("/0/MinSize")?, number("/0/MaxSize")?)),
            busy: status("/0/Status", &["ACTIVE", "CREATE_COMPLETE", "UPDATE_COMPLETE"]),
            ..plain
        },
        Provider::Aks => {
            let is_autoscaled = answer["enableAutoScaling"] == true;
            State {
                size: number("/count")?,
                bounds: if is_autoscaled { Some((number("/minCount")?, number("/maxCount")?)) } else { None },
                is_autoscaled,
                busy: status("/provisioningState", &["Succeeded"]),
                tags: tags("/tags"),
                ..plain
            }
        }
        Provider::Gke | Provider::ClusterApi => {
            let zones = zones.and_then(Value::as_array).into_iter().flatten();
            let zone = |it: &Value| Some((it["name"].as_str()?.to_owned(), it["targetSize"].as_i64()?));
            let zones: Vec<(String, i64)> = zones.filter_map(zone).collect();
            if zones.is_empty() {
                return Err("its instance groups say no size".to_owned());
            }
            State {
                size: zones.iter().map(|(_, size)| size).sum(),
                is_autoscaled: answer.pointer("/autoscaling/enabled") == Some(&Value::Bool(true)),
                busy: status("/status", &["RUNNING"]),
                tags: tags("/config/resourceLabels"),
                zones,
                ..plain
            }
        }
    })
}

/// What of the answer tells that a group has one size or the other.
fn fields(provider: Provider, answer: &Value, state: &State, from: Size, to: Size) -> Vec<FieldChange> {
    let change = |pointer: String, before: Value, after: Value| {
        let field = pointer.trim_start_matches('/').replace('/', ".");
        FieldChange { pointer, field, before: Some(before), after: Some(after) }
    };
    let number = |pointer: &str, before: i64, after: i64| change(pointer.to_owned(), before.into(), after.into());
    let same = |pointer: &str| {
        let value = answer.pointer(pointer).cloned().unwrap_or_default();
        change(pointer.to_owned(), value.clone(), value)
    };
    let ((min, max), (to_min, to_max)) = (from.bounds.unwrap_or_default(), to.bounds.unwrap_or_default());
    match provider {
        Provider::Eks => vec![
            number("/nodegroup/scalingConfig/desiredSize", from.size, to.size),
            number("/nodegroup/scalingConfig/minSize", min, to_min),
            number("/nodegroup/scalingConfig/maxSize", max, to_max),
            same("/nodegroup/status"),
        ],
        Provider::Eksctl => vec![
            number("/0/DesiredCapacity", from.size, to.size),
            number("/0/MinSize", min, to_min),
            number("/0/MaxSize", max, to_max),
            same("/0/Status"),
        ],
        Provider::Aks => vec![number("/count", from.size, to.size), same("/provisioningState")],
        Provider::Gke | Provider::ClusterApi => {
            let count = i64::try_from(state.zones.len().max(1)).unwrap_or(1);
            let each = |(index, (name, now)): (usize, &(String, i64))| {
                let name = Value::from(name.as_str());
                [
                    change(format!("/{index}/name"), name.clone(), name),
                    number(&format!("/{index}/targetSize"), *now, to.size / count),
                ]
            };
            state.zones.iter().enumerate().flat_map(each).collect()
        }
    }
}

/// The run that gives a group a size, and the one that takes it back where one can; `answer` is what the probe says now.
pub fn runs(
    place: &Place,
    provider: Provider,
    (answer, probe): (&Value, &[String]),
    state: &State,
    to: Size,
) -> Option<(Run, Option<Run>)> {
    let program = program(provider)?;
    let from = Size { size: state.size, bounds: state.bounds };
    let zones = state.zones.len();
    let nodes = |size: i64| {
        let (selector, count) = (format!("{}={}", provider.label()?, place.group), usize::try_from(size).ok()?);
        Some(ReadyNodes { selector, count })
    };
    let fields = fields(provider, answer, state, from, to);
    let back = fields.iter().map(FieldChange::reversed).collect();
    let run = |arguments, fields, size| Run {
        program,
        arguments,
        probe: probe.to_vec(),
        fields,
        nodes: nodes(size),
        workloads: Vec::new(),
        changes: Vec::new(),
    };
    let is_even = state.zones.iter().all(|(_, size)| *size == state.zones[0].1);
    let back = is_even.then(|| run(place.resizes(provider, from, zones), back, from.size));
    Some((run(place.resizes(provider, to, zones), fields, to.size), back))
}
