//! Asking from a container, by whatever it has; nothing is changed there.

use sre_core::container_command::{ContainerCommand, ReadOnlyCommand, Said};
use sre_core::finding::quoted;
use sre_core::probe::{Answer, Asked, Came, Heard, Way, What, heard, late, searched, ways, why_unresolved};
use sre_runtime::change::Objects;
use sre_runtime::exec::{ExecFault, Limits};
use std::collections::BTreeSet;
use std::time::Duration;

/// The programs end earlier by themselves.
const LIMITS: Limits = Limits { time: Duration::from_secs(15), bytes: 128 * 1024 };

/// A container that is asked from.
#[derive(Clone, Debug)]
pub(super) struct From {
    pub(super) namespace: String,
    pub(super) pod: String,
    pub(super) container: String,
}

/// What was told.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// The answer; none where nothing could ask.
    pub(super) answer: Option<Answer>,
    /// The program that gave it, and how it was called.
    pub(super) by: Option<(&'static str, String)>,
    /// What could not ask, and why.
    pub(super) tried: Vec<String>,
    /// Why no program could be called at all.
    pub(super) fault: Option<String>,
}

impl Told {
    pub(super) fn of_nobody(why: String) -> Self {
        Self { tried: vec![why], ..Self::default() }
    }
}

/// One container, and what is known of its programs.
struct Asking<'a> {
    objects: &'a Objects,
    from: &'a From,
    missing: BTreeSet<String>,
    told: Told,
}

/// Asks from a container; where the answer does not say why it is one, something else is asked too.
pub(super) async fn ask(objects: &Objects, from: &From, asked: &Asked) -> Told {
    let mut asking = Asking { objects, from, missing: BTreeSet::new(), told: Told::default() };
    let Some(mut answer) = asking.answer(asked).await else { return asking.told };
    // A name, a connection: each is asked for once more at the most.
    for _ in 0..2 {
        let Some(what) = answer.came.refined_by() else { break };
        match asking.why(asked, what).await {
            Some(why) => answer = why,
            None => break,
        }
    }
    asking.told.answer = Some(answer);
    asking.told
}

impl Asking<'_> {
    /// The first answer of a program that is there.
    async fn answer(&mut self, asked: &Asked) -> Option<Answer> {
        let mut all = ways(asked);
        if asked.what != What::Dns {
            return self.first(asked, all).await;
        }
        // What asks a name server directly knows of no search list: it comes last, with every name.
        all.retain(|way| way.words.first().is_some_and(|it| it != "nslookup"));
        if let Some(answer) = self.first(asked, all).await {
            return Some(answer);
        }
        if self.told.fault.is_some() {
            return None;
        }
        let resolv = self.run(&["cat", "/etc/resolv.conf"].map(str::to_owned), None).await.ok();
        let resolv = resolv.map(|said| said.stdout).unwrap_or_default();
        let mut last = None;
        for way in searched(asked, &resolv) {
            let answer = self.first(asked, vec![way]).await?;
            let is_decided = answer.came != Came::NoSuchName;
            last = Some(answer);
            if is_decided {
                break;
            }
        }
        last
    }

    async fn first(&mut self, asked: &Asked, ways: Vec<Way>) -> Option<Answer> {
        for way in ways {
            let program = way.words.first().cloned().unwrap_or_default();
            if self.missing.contains(&program) {
                continue;
            }
            match self.run(&way.words, way.input.clone()).await {
                Ok(said) => match heard(asked, &way, &said) {
                    Heard::Answer(answer) => {
                        self.told.by = Some((way.tool.name(), shown(&way.words)));
                        return Some(answer);
                    }
                    Heard::Useless(why) => self.told.tried.push(why),
                },
                Err(ExecFault::NoProgram { program }) => {
                    self.told.tried.push(format!("{program}: it is not there"));
                    self.missing.insert(program);
                }
                Err(ExecFault::NotStarted { why }) => self.told.tried.push(format!("{program}: {why}")),
                Err(fault @ ExecFault::Late { .. }) => match late(asked) {
                    Some(answer) => return Some(answer),
                    None => self.told.tried.push(format!("{program}: {fault}")),
                },
                Err(fault) => {
                    self.told.fault = Some(fault.to_string());
                    return None;
                }
            }
        }
        None
    }

    /// Why there was no connection, or no address.
    async fn why(&mut self, asked: &Asked, what: What) -> Option<Answer> {
        let narrower = asked.as_what(what);
        let by = self.told.by.clone();
        let found = match what {
            What::Dns if narrower.is_address() => None,
            What::Dns => {
                let found = if asked.what == What::Dns { None } else { self.answer(&narrower).await };
                match found {
                    Some(answer) if answer.came != Came::Unresolved => Some(answer),
                    _ => self.first(&narrower, why_unresolved(&narrower)).await.or(found),
                }
            }
            _ if asked.what == what => None,
            _ => self.answer(&narrower).await,
        };
        // What was looked at besides must not hide the answer that there is.
        self.told.fault = None;
        match (found, what) {
            (Some(answer), What::Tcp) if answer.came == Came::Answered => {
                self.told.by = by;
                Some(Answer {
                    detail: Some("a connection is made, and nothing is said".to_owned()),
                    ..Came::Closed.into()
                })
            }
            (Some(answer), _) if answer.came != Came::Answered => Some(answer),
            _ => {
                self.told.by = by;
                None
            }
        }
    }

    async fn run(&self, words: &[String], input: Option<String>) -> Result<Said, ExecFault> {
        let command = ContainerCommand {
            namespace: self.from.namespace.clone(),
            pod: self.from.pod.clone(),
            container: Some(self.from.container.clone()),
            words: words.to_vec(),
            input,
        };
        self.objects.ask_container(&ReadOnlyCommand::declared(command), LIMITS).await
    }
}

/// A command line for people: our scripts are left out.
fn shown(words: &[String]) -> String {
    let word = |word: &String| if word.len() > 60 && word.contains(' ') { "SCRIPT".to_owned() } else { quoted(word) };
    words.iter().map(word).collect::<Vec<_>>().join(" ")
}
