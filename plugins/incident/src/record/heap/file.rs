//! The file in the container: which there are, when it is whole, and how it comes here.

use super::Asked;
use sre_core::heap::{File, files};
use sre_core::incident::{Incident, What};
use sre_runtime::error::{Error, explain};
use sre_runtime::exec::Limits;
use sre_runtime::incident::{Keeping, Kept};
use sre_runtime::ui::Waiting;
use std::time::{Duration, Instant};

/// How often a file that is being written is looked at.
const OFTEN: Duration = Duration::from_secs(1);

/// How many looks in a row find it the same when it is whole: a program that writes may stop for a moment.
const SAME: u32 = 3;

impl Asked<'_> {
    /// The dumps that are there, the newest first.
    pub(super) async fn files(&self) -> Result<Vec<File>, Error> {
        let said = self.acting.objects().ask_container(&self.dumped.files(), Limits::default()).await;
        let said = said.map_err(|fault| self.not_asked(&fault))?;
        let not_known = |why: String| Error::Refused {
            why: format!("which dumps {} has is not known: {why}", self.place()),
            hint: "look there with kubectl exec".to_owned(),
        };
        match said.failure() {
            Some(why) => Err(not_known(why)),
            None if said.is_cut => Err(not_known("there are more than are read".to_owned())),
            None => files(&said.stdout).map_err(|line| not_known(format!("{line:?} was said of one"))),
        }
    }

    /// Waits until the newest file that was not there before grows no more.
    pub(super) async fn complete(&self, before: &[File]) -> Result<File, Error> {
        let waiting = Waiting::start(&format!("the dump in {}", self.pod()));
        let start = Instant::now();
        let (mut last, mut same) = (None, 0);
        loop {
            let why = match self.files().await {
                Ok(files) => {
                    let now = files.into_iter().find(|file| before.iter().all(|old| old.path != file.path));
                    let is_same = now.as_ref().is_some_and(|file| file.bytes > 0) && last == now;
                    same = if is_same { same + 1 } else { 0 };
                    last = now;
                    last.as_ref().map_or_else(|| "it is not there".to_owned(), |it| format!("{} bytes", it.bytes))
                }
                // The next look may tell.
                Err(error) => explain(&error).message,
            };
            if let (Some(file), true) = (&last, same >= SAME) {
                return Ok(file.clone());
            }
            waiting.say(&why);
            if start.elapsed() >= self.patience {
                let message =
                    format!("the dump in {} is not whole after {} s: {why}", self.place(), self.patience.as_secs());
                return Err(self.unfetched(message));
            }
            waiting.pause(OFTEN).await;
        }
    }

    fn unfetched(&self, message: String) -> Error {
        let hint = format!("with more time, where it needs that (--timeout): {}", self.again());
        Error::Unseen { message, hint }
    }

    /// Fetches a file, and writes down where it is.
    pub(super) async fn fetched(&self, file: &File, change: Option<String>) -> Result<Incident, Error> {
        let most = self.dumped.heap.most_bytes;
        if file.bytes > most {
            return Err(Error::Unseen {
                message: format!("{} has {} bytes, and {most} are fetched at the most", file.path, file.bytes),
                hint: format!("let the profile say more (heap.mostMebibytes), and fetch it: {}", self.again()),
            });
        }
        let mut keeping = self.incidents.keeping(&self.incident.id, most)?;
        self.stream(file, &mut keeping).await?;
        let is_as_listed = keeping.bytes() == file.bytes && {
            let now = self.files().await.map_err(|error| {
                self.unfetched(format!(
                    "whether {} changed while it was fetched: {}",
                    file.path,
                    explain(&error).message
                ))
            })?;
            now.contains(file)
        };
        if !is_as_listed {
            return Err(self.unfetched(format!("{} changed while it was fetched", file.path)));
        }
        let name = file.path.rsplit('/').next().unwrap_or_default();
        let dumped = self.dumped;
        let context = self.acting.place().context.as_ref().map_or(String::new(), |it| format!(" (context {it})"));
        self.incidents.keep(&self.incident.id, keeping, name, |Kept { file: kept, sha256, bytes }| What::Dump {
            of: format!("{}/{}/{}{}", dumped.namespace, dumped.pod, dumped.container, context),
            path: file.path.clone(),
            file: kept,
            sha256,
            bytes,
            change,
        })
    }

    async fn stream(&self, file: &File, keeping: &mut Keeping) -> Result<(), Error> {
        let waiting = Waiting::start(&format!("fetching {}", file.path));
        let mut unkept = None;
        let mut take = |bytes: &[u8]| {
            let taken = keeping.take(bytes);
            waiting.say(&format!("{} of {} MiB", keeping.bytes() >> 20, file.bytes >> 20));
            taken.map_err(|error| {
                let kind = error.kind();
                unkept = Some(error);
                kind.into()
            })
        };
        let limits = Limits { time: self.patience, ..Limits::default() };
        let said = self.acting.objects().stream_container(&self.dumped.read(file), limits, &mut take).await;
        if let Some(source) = unkept {
            return Err(keeping.fault(source));
        }
        let why = match said {
            Ok(said) => said.failure(),
            Err(fault) => Some(explain(&self.not_asked(&fault)).message),
        };
        why.map_or(Ok(()), |why| Err(self.unfetched(format!("{} was not fetched: {why}", file.path))))
    }
}
