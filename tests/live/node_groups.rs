//! Groups of nodes on a real API server: providers' programs are stand-ins that record what they are told and answer as
//! their documentation says, and the machines of Cluster API are objects of its real kinds, without its controllers.

use super::person::{Person, id};
use super::rig::{Rig, eventually, programs};
use crate::cli::{BINARY, Ran};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What `aws eks` does, as far as one group goes: the state lies beside it, and a node comes for each that is wanted.
const AWS: &str = r#"#!/bin/bash
cd "$(dirname "$0")"
echo "$*" >> calls
describe() { echo "{\"nodegroup\": {\"nodegroupName\": \"main\", \"clusterName\": \"shop\", \"status\": \"ACTIVE\", \"tags\": {\"ManagedBy\": \"Terraform\"}, \"scalingConfig\": {$(cat state)}}}"; }
case "$1 $2" in
"eks describe-nodegroup") describe ;;
"eks update-nodegroup-config")
  wanted=$(echo "$*" | sed 's/.*minSize=\([0-9]*\),maxSize=\([0-9]*\),desiredSize=\([0-9]*\).*/\1 \2 \3/')
  read -r min max size <<< "$wanted"
  echo "\"minSize\": $min, \"maxSize\": $max, \"desiredSize\": $size" > state
  for number in 0 1 2 3; do
    if [ "$number" -lt "$size" ]; then "$KUBECTL" --kubeconfig "$CONFIG" create -f "group-$number.json"
    else "$KUBECTL" --kubeconfig "$CONFIG" delete node "group-000$number" --ignore-not-found; fi
  done > /dev/null 2>&1
  [ -e slow ] && sleep 4
  if [ -e fails ]; then echo "An error occurred: token AKIAABCDEFGHIJKLMNOP expired" >&2; exit 254; fi
  echo '{"update": {"id": "u-1", "status": "InProgress", "type": "ConfigUpdate"}}' ;;
*) exit 252 ;;
esac
"#;

struct Provider<'a> {
    person: Person<'a>,
    folder: PathBuf,
}

impl<'a> Provider<'a> {
    fn new(rig: &'a Rig) -> Self {
        let person = Person::new(rig, "default");
        let folder = person.sandbox.path("programs");
        fs::create_dir_all(&folder).expect("a folder");
        let kubectl = programs().join("kubectl").display().to_string();
        let script = AWS.replace("$KUBECTL", &kubectl).replace("$CONFIG", &rig.kubeconfig("admin"));
        fs::write(folder.join("aws"), script).expect("a program");
        fs::set_permissions(folder.join("aws"), fs::Permissions::from_mode(0o755)).expect("a program");
        fs::write(folder.join("state"), "\"minSize\": 1, \"maxSize\": 3, \"desiredSize\": 1").expect("its state");
        let nodes =
            Command::new("python3").arg("tests/cluster/nodes.py").args(["4", "group"]).output().expect("python3 runs");
        let nodes: Value = serde_json::from_slice(&nodes.stdout).expect("nodes");
        for (number, node) in nodes["items"].as_array().expect("nodes").iter().enumerate() {
            let mut node = node.clone();
            node["metadata"]["labels"]["eks.amazonaws.com/nodegroup"] = "main".into();
            fs::write(folder.join(format!("group-{number}.json")), node.to_string()).expect("a node");
        }
        let first = folder.join("group-0.json").display().to_string();
        rig.kubectl(&["create", "-f", &first]);
        Self { person, folder }
    }

    /// The binary with the stand-ins on its PATH.
    fn command(&self, arguments: &[&str]) -> Command {
        let config = self.person.rig.kubeconfig("admin");
        let arguments = [arguments, &["--kubeconfig", &config]].concat();
        let mut command = self.person.sandbox.prepared(self.person.rig.command(BINARY), &arguments);
        command.env("PATH", format!("{}:/usr/bin:/bin", self.folder.display()));
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().expect("the binary runs"))
    }

    fn document(&self, arguments: &[&str]) -> (i32, Value) {
        let ran = self.run(&[arguments, &["-o", "json"]].concat());
        let document: Value =
            serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr));
        let (schemas, index) = crate::cli::schema_of_changes(document["kind"].as_str().unwrap_or_default());
        schemas.validate(&document, index).unwrap_or_else(|error| panic!("{error:#}: {document:#}"));
        (ran.code, document)
    }

    /// What the stand-in was told since the last time, without what only looks.
    fn changes(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.folder.join("calls")).unwrap_or_default();
        fs::write(self.folder.join("calls"), "").expect("a file");
        calls.lines().filter(|it| !it.starts_with("eks describe-nodegroup")).map(str::to_owned).collect()
    }

    fn nodes(&self) -> usize {
        let selector = ["get", "nodes", "-l", "eks.amazonaws.com/nodegroup=main", "-o", "name"];
        self.person.rig.kubectl(&selector).lines().count()
    }
}

const GROUP: [&str; 8] = ["scale", "nodes", "--group", "main", "--cluster-name", "shop", "--region", "eu-west-1"];

#[test]
fn a_group_is_resized_by_its_providers_program_once_and_taken_back() {
    let rig = Rig::own();
    let provider = Provider::new(&rig);
    let scale = |more: &[&str]| provider.document(&[&GROUP[..], more].concat());
    let (code, plan) = scale(&["--size", "3", "--dry-run"]);
    assert_eq!((code, &plan["tier"], &plan["confirm"]), (0, &1.into(), &"main".into()), "{plan:#}");
    assert_eq!((provider.changes(), provider.person.writes(&id(&plan))), (Vec::new(), Vec::new()), "{plan:#}");
    assert!(
        plan["notes"].to_string().contains("Terraform keeps the group, by its tag ManagedBy=Terraform"),
        "{plan:#}"
    );
    let (code, refused) = scale(&["--size", "3"]);
    assert_eq!((code, &refused["outcome"]["ended"]["ended"]), (3, &"refused".into()), "{refused:#}");
    let over = provider.run(&[&GROUP[..], &["--size", "4"]].concat());
    over.fails(3, &["at most 3 nodes, not 4", "--max 4"]);
    let (code, done) = scale(&["--size", "3", "--yes", "--timeout", "60s"]);
    assert_eq!((code, &done["outcome"]["ended"]["ended"], provider.nodes()), (0, &"done".into(), 3), "{done:#}");
    let update = |min: u8, max: u8, size: u8| {
        let head = "eks update-nodegroup-config --cluster-name shop --nodegroup-name main --region eu-west-1";
        vec![format!("{head} --scaling-config minSize={min},maxSize={max},desiredSize={size} --output json")]
    };
    assert_eq!(provider.changes(), update(1, 3, 3));
    assert_eq!(provider.person.writes(&id(&done)), ["create leases", "delete leases", "create events"]);
    let shown = provider.run(&["change", "show", &id(&done)]);
    assert!(shown.code == 0 && shown.stdout.contains("\"status\": \"InProgress\""), "{}", shown.stdout);
    let (code, undone) = provider.document(&["change", "undo", &id(&done), "--confirm", "main", "--timeout", "60s"]);
    assert_eq!((code, provider.nodes(), provider.changes()), (0, 1, update(1, 3, 1)), "{undone:#}");

    // What says that it failed and did its work has done it, and what it said holds no credential.
    fs::write(provider.folder.join("fails"), "").expect("a file");
    let (code, odd) = scale(&["--size", "2", "--yes", "--timeout", "60s"]);
    assert_eq!((code, provider.nodes(), provider.changes()), (0, 2, update(1, 3, 2)), "{odd:#}");
    let shown = provider.run(&["change", "show", &id(&odd)]).stdout;
    assert!(shown.contains("exit code 254") && shown.contains("token (hidden)") && !shown.contains("AKIA"), "{shown}");
    fs::remove_file(provider.folder.join("fails")).expect("a file");

    // A run that is killed while the program runs: another goes on, and does not run it again.
    fs::write(provider.folder.join("slow"), "").expect("a file");
    let arguments = [&GROUP[..], &["--size", "3", "--yes", "--timeout", "60s"]].concat();
    let mut killed = provider.command(&arguments);
    let mut killed = killed.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary runs");
    let state = || fs::read_to_string(provider.folder.join("state")).unwrap_or_default();
    eventually(60, || state().contains("\"desiredSize\": 3").then_some(())).expect("the program runs");
    killed.kill().expect("it is killed");
    let _ = killed.wait();
    let (_, list) = provider.document(&["change", "list"]);
    let change = list["changes"][0]["id"].as_str().expect("an id").to_owned();
    let (code, resumed) = provider.document(&["change", "resume", &change, "--timeout", "60s"]);
    assert_eq!((code, &resumed["outcome"]["ended"]["ended"]), (0, &"done".into()), "{resumed:#}");
    assert_eq!((provider.changes(), provider.nodes()), (update(1, 3, 3), 3));

    // Down: what would be lost makes it a matter of the name.
    let bare = "apiVersion: v1\nkind: Pod\nmetadata: {name: bare}\nspec:\n  nodeName: group-0001\n  \
        containers: [{name: app, image: 'registry.example/shop/web:1'}]\n  volumes: [{name: tmp, emptyDir: {}}]\n";
    rig.apply("default", bare);
    let (code, down) = scale(&["--size", "1", "--dry-run"]);
    assert_eq!((code, &down["tier"]), (0, &3.into()), "{down:#}");
    assert!(down["notes"][0]["text"].to_string().contains("nothing makes these pods anew: default/bare"), "{down:#}");
    assert!(down["notes"][1]["text"].to_string().contains("local volumes"), "{down:#}");

    // Without the program it is refused with what to type.
    fs::remove_file(provider.folder.join("aws")).expect("a file");
    let missing = provider.run(&[&GROUP[..], &["--size", "2", "--dry-run"]].concat());
    missing.fails(3, &["aws is not on the PATH", "aws eks update-nodegroup-config", "desiredSize=2"]);
    let client = provider.run(&[&GROUP[..], &["--size", "2", "--dry-run=client"]].concat());
    client.fails(2, &["runs no program", "aws eks describe-nodegroup"]);
    let unknown = provider.run(&["scale", "nodes", "--group", "other", "--size", "2"]);
    unknown.fails(2, &["no node belongs to a group other", "main (eks)"]);

    machines(&rig);
}

/// A MachineDeployment of the real kind; nothing makes its machines here, so that a test plays their controller.
fn machines(rig: &Rig) {
    rig.kinds("cluster-api");
    let machine = |name: &str, labels: &str| {
        format!(
            "apiVersion: cluster.x-k8s.io/v1beta2\nkind: MachineDeployment\nmetadata:\n  name: {name}\n  labels: {labels}\n\
             spec:\n  clusterName: shop\n  replicas: 1\n  selector: {{matchLabels: {{pool: a}}}}\n  template:\n    \
             metadata: {{labels: {{pool: a}}}}\n    spec:\n      clusterName: shop\n      bootstrap: {{dataSecretName: none}}\n      \
             infrastructureRef: {{apiGroup: infrastructure.cluster.x-k8s.io, kind: DockerMachineTemplate, name: none}}\n"
        )
    };
    rig.apply("default", &machine("md-0", "{}"));
    let labels = "{topology.cluster.x-k8s.io/owned: '', cluster.x-k8s.io/cluster-name: shop, topology.cluster.x-k8s.io/deployment-name: workers}";
    rig.apply("default", &machine("md-1", labels));
    let person = Person::new(rig, "default");
    let scale = ["scale", "nodes", "--group", "md-0", "--size", "2"];
    let (code, plan) = person.document(&[&scale[..], &["--dry-run"]].concat());
    assert_eq!((code, &plan["steps"][0]["checked"]["answer"]), (0, &"accepted".into()), "{plan:#}");
    let status = |replicas: u8| {
        let generation = rig.kubectl(&["get", "machinedeployment", "md-0", "-o", "jsonpath={.metadata.generation}"]);
        let status = format!(
            "{{\"status\": {{\"observedGeneration\": {generation}, \"replicas\": {replicas}, \"readyReplicas\": {replicas}}}}}"
        );
        let patch = ["patch", "machinedeployment", "md-0", "--subresource=status", "--type=merge", "-p", &status];
        rig.kubectl(&patch);
    };
    status(1);
    let (code, open) = person.document(&[&scale[..], &["--yes", "--timeout", "1s"]].concat());
    assert_eq!((code, &open["outcome"]["steps"][0]["happened"]), (4, &"unverified".into()), "{open:#}");
    status(2);
    let (code, done) = person.document(&["change", "resume", &id(&open)]);
    assert_eq!((code, &done["outcome"]["ended"]["ended"]), (0, &"done".into()), "{done:#}");
    let owned = person.run(&["scale", "nodes", "--group", "md-1", "--size", "2", "--yes"]);
    owned.fails(3, &["made by the topology of Cluster default/shop", "machineDeployments[name=workers].replicas"]);
}
