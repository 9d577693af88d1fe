//! Watching what was changed for a time: whether it goes on working, and how its users fare.

use super::{Execution, PROBED, Stop};
use crate::change::measured;
use crate::ui::Waiting;
use sre_core::plan::{Kept, Promise, Starts, Watch, Watched, standing, started_anew, starts};
use sre_core::workload_status::Progress;
use std::time::{Duration, Instant};

/// How long a rollout may be incomplete again without meaning anything: a pod may be moved meanwhile.
const BLIP: Duration = Duration::from_secs(30);

/// What is known of a workload while it is watched.
struct Known<'w> {
    watched: &'w Watched,
    /// How often its containers had been started when it began.
    starts: Option<Starts>,
    /// Since when it is not as it should be, or cannot be looked at, and what is missing; absent while it is.
    ill: Option<(Instant, String)>,
    /// Whether the last look saw nothing.
    is_blind: bool,
}

impl Execution<'_> {
    /// Watches as the plan says; `seen` gets a sentence for each thing that was watched.
    pub(super) async fn watch(&mut self, seen: &mut Vec<String>) -> Result<(), Stop> {
        let Some(watch) = &self.plan.watch else { return Ok(()) };
        let mut all: Vec<Known<'_>> =
            watch.workloads.iter().map(|watched| Known { watched, starts: None, ill: None, is_blind: false }).collect();
        let (waiting, start) = (Waiting::start("watching"), Instant::now());
        let length = Duration::from_secs(watch.seconds);
        while start.elapsed() < length {
            for known in &mut all {
                self.look(known).await?;
            }
            if self.interrupt.is_raised() {
                return Err(Stop::Interrupted);
            }
            self.renew().await.map_err(Stop::Failed)?;
            let left = length.saturating_sub(start.elapsed());
            let ill = all.iter().find_map(|it| it.ill.as_ref()).map_or(String::new(), |(_, why)| format!("; {why}"));
            waiting.say(&format!("{} s to go{ill}", left.as_secs()));
            tokio::time::sleep(left.min(PROBED)).await;
        }
        for known in &mut all {
            let had_baseline = known.starts.is_some();
            self.look(known).await?;
            let name = known.watched.object.object_ref();
            if let Some((_, why)) = &known.ill {
                let why = format!("{name} is not as it should be after {}: {why}", watch.length());
                return Err(if known.is_blind { Stop::Unseen(why) } else { Stop::Unwell(why) });
            }
            if !had_baseline {
                return Err(Stop::Unseen(format!("whether containers of {name} started anew was not seen")));
            }
            seen.push(format!("{name}: its rollout stayed complete, and no container started anew"));
        }
        self.promises(watch, seen).await
    }

    /// Looks at a workload once.
    async fn look(&self, known: &mut Known<'_>) -> Result<(), Stop> {
        let name = known.watched.object.object_ref();
        let object = match self.objects.get(&known.watched.object.path()).await {
            Ok(object) => object,
            Err(fault) => return known.is_ill(format!("it cannot be looked at: {fault}"), true),
        };
        let is_well = match standing(&known.watched.object, object.as_ref()) {
            Progress::Done => true,
            Progress::Waiting(why) => known.is_ill(why, false).map(|()| false)?,
            Progress::Failed(why) => return Err(Stop::Unwell(format!("{name}: {why}"))),
        };
        let namespace = known.watched.object.namespace.as_deref().unwrap_or("default");
        let selector = crate::change::encoded(&known.watched.labels.join(","));
        let pods = format!("/api/v1/namespaces/{namespace}/pods");
        let pods = match self.objects.list(&pods, &format!("labelSelector={selector}")).await {
            Ok(pods) => pods,
            Err(fault) => return known.is_ill(format!("its pods cannot be looked at: {fault}"), true),
        };
        match &known.starts {
            None => known.starts = Some(starts(&pods)),
            Some(before) => {
                if let Some(anew) = started_anew(before, &pods) {
                    return Err(Stop::Unwell(format!("{name}: {anew}")));
                }
            }
        }
        if is_well {
            (known.ill, known.is_blind) = (None, false);
        }
        Ok(())
    }

    /// Asks how the promises were kept meanwhile.
    async fn promises(&self, watch: &Watch, seen: &mut Vec<String>) -> Result<(), Stop> {
        for promise in &watch.promises {
            match self.kept(promise).await {
                Kept::Yes(said) | Kept::Better(said) => seen.push(said),
                Kept::No(said) => return Err(Stop::Unwell(said)),
                Kept::Unseen(said) => return Err(Stop::Unseen(said)),
            }
        }
        Ok(())
    }

    async fn kept(&self, promise: &Promise) -> Kept {
        let unseen = |why: String| Kept::Unseen(format!("how {} was kept is not known: {why}", promise.name));
        let Some(connection) = self.connection else { return unseen("there is no way to a Prometheus".to_owned()) };
        match measured::samples(connection, &promise.prometheus, &promise.query(), self.clock.now()).await {
            Ok(samples) => promise.kept(&samples),
            Err(why) => unseen(why),
        }
    }
}

impl Known<'_> {
    /// It is not as it should be; that lasts too long.
    fn is_ill(&mut self, why: String, is_blind: bool) -> Result<(), Stop> {
        let (since, said) = self.ill.get_or_insert_with(|| (Instant::now(), String::new()));
        said.clone_from(&why);
        self.is_blind = is_blind;
        if since.elapsed() < BLIP {
            return Ok(());
        }
        let name = self.watched.object.object_ref();
        let why = format!("{name} is not as it should be for {} s: {why}", BLIP.as_secs());
        Err(if is_blind { Stop::Unseen(why) } else { Stop::Unwell(why) })
    }
}
