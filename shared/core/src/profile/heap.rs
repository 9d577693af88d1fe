//! How the memory of a component's programs is written to a file, for whoever looks into it later.

use crate::object::ObjectRef;
use crate::object_pattern::ObjectPattern;
use crate::strict::Cursor;

/// Which word of the command stands for the path of the file.
const FILE: &str = "{file}";

/// The largest file that is fetched where the profile says nothing, in MiB.
const MOST_MEBIBYTES: u32 = 2048;

/// How a heap dump is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heap {
    /// The container of the program; absent where kubectl chooses the right one.
    pub container: Option<String>,
    /// The program that makes it, and its arguments.
    pub command: Vec<String>,
    /// The path that it is written to; `*` in the last part stands for what the program puts there by itself.
    pub file: String,
    /// The largest file that is fetched, in bytes.
    pub most_bytes: u64,
    /// The workloads that can make one.
    pub(super) workloads: Vec<ObjectPattern>,
}

impl Heap {
    /// Whether a workload or a pod is one of those that can make one.
    pub fn holds(&self, object: &ObjectRef) -> bool {
        self.workloads.iter().any(|pattern| pattern.matches(object))
    }

    pub(super) fn read(cursor: &Cursor<'_>) -> Option<Self> {
        let fields = cursor.fields(&["container", "command", "file", "mostMebibytes"])?;
        let container = fields.optional("container").map_or(Some(None), |it| it.text().map(Some));
        let file = fields.required("file").and_then(|it| it.parsed(path));
        let with_file = |word: &str| {
            let is_open = file.as_ref().is_some_and(|file| file.contains('*'));
            match word.contains(FILE) && is_open {
                true => Err(format!("{word} stands for one path, and file has a * in it")),
                false => Ok(word.replace(FILE, file.as_deref().unwrap_or_default())),
            }
        };
        let command = fields.required("command").and_then(|it| it.each(|word| word.parsed(with_file)));
        if command.as_ref().is_some_and(Vec::is_empty) {
            fields.wrong("command is empty: a program and its arguments are wanted");
            return None;
        }
        let most = fields.optional("mostMebibytes");
        let most = most.map_or(Some(MOST_MEBIBYTES), |it| it.count(1..=1_048_576));
        Some(Self {
            container: container?,
            command: command?,
            most_bytes: u64::from(most?) * 1024 * 1024,
            file: file?,
            workloads: Vec::new(),
        })
    }
}

/// A shell takes what else could stand there for something else.
fn path(text: &str) -> Result<String, String> {
    let (folder, name) = text.rsplit_once('/').unwrap_or(("", text));
    let is_plain = |part: &str, more: &str| {
        part.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c) || more.contains(c))
    };
    let is_path = text.starts_with('/') && !name.is_empty() && !name.trim_matches('*').is_empty();
    if is_path && is_plain(folder, "") && is_plain(name, "*") && !text.split('/').any(|part| part == "..") {
        return Ok(text.to_owned());
    }
    Err(format!(
        "{text} is no path of a dump: it begins with /, has letters, digits, dots, dashes and underscores, and * in its \
         last part only, beside others; write for example /tmp/heap-*.hprof"
    ))
}

#[cfg(test)]
mod tests {
    use super::super::Profile;
    use super::*;

    fn read(heap: &str) -> Result<Heap, String> {
        let text = format!(
            "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\ncomponents:\n- name: api\n  \
             workloads: [Deployment/shop/api]\n  heap: {heap}\n"
        );
        let profile = Profile::parse(&text, &[]);
        let profile = profile.map_err(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
        profile.map(|it| it.components[0].heap.clone().expect("a heap"))
    }

    #[test]
    fn the_path_stands_in_the_command_and_the_workloads_are_those_of_the_component() {
        let heap = read("{command: [jcmd, '1', GC.heap_dump, '{file}'], file: /tmp/api.hprof, mostMebibytes: 3}");
        let heap = heap.expect("a heap");
        assert_eq!(heap.command, ["jcmd", "1", "GC.heap_dump", "/tmp/api.hprof"]);
        assert!(heap.holds(&ObjectRef::namespaced("Deployment", "shop", "api")));
        assert!(!heap.holds(&ObjectRef::namespaced("Deployment", "shop", "web")));
        assert_eq!((heap.most_bytes, heap.container), (3 * 1024 * 1024, None));
        let open =
            read("{command: [kill, -USR2, '1'], file: /app/Heap.*.heapsnapshot, container: app}").expect("a heap");
        assert_eq!((open.most_bytes, open.container.as_deref()), (2048 * 1024 * 1024, Some("app")));
    }

    #[test]
    fn what_is_no_path_and_no_command_is_told() {
        let wrong = |text: &str| read(text).expect_err("wrong");
        for path in ["heap", "/", "/tmp/*", "/t*/heap", "/tmp/heap?", "/tmp/$(reboot)", "/tmp/../etc/heap", "/tmp/a b"]
        {
            let said = wrong(&format!("{{command: [x], file: '{path}'}}"));
            assert!(said.contains("is no path of a dump"), "{path}: {said}");
        }
        assert!(wrong("{command: [x, '{file}'], file: /tmp/heap-*}").contains("stands for one path"));
        assert!(wrong("{command: [], file: /tmp/heap}").contains("command"));
        assert!(wrong("{file: /tmp/heap}").contains("command"));
        assert!(wrong("{command: [x], file: /tmp/heap, mostMebibytes: 0}").contains("not between"));
    }
}
