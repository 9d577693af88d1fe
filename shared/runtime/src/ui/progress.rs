//! Progress on standard error, only where a person sees it.

use super::neutralised;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::Duration;

/// A bar of so many steps; nothing is drawn when standard error is no terminal.
pub struct Progress {
    bar: ProgressBar,
}

/// Where bars are drawn: one alone, or those of several clusters below each other, each with its cluster's name.
#[derive(Clone, Debug, Default)]
pub struct Bars {
    together: Option<(MultiProgress, String)>,
}

impl Bars {
    /// Makes room for the bars of these clusters.
    pub fn of_clusters<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<Self> {
        let together = MultiProgress::new();
        names
            .into_iter()
            .map(|name| Self { together: Some((together.clone(), neutralised(name).into_owned())) })
            .collect()
    }

    /// Starts a bar, which is drawn until it is dropped; where there is nothing to do, nothing is drawn.
    pub fn start(&self, what: &str, steps: u64) -> Progress {
        if steps == 0 {
            return Progress { bar: ProgressBar::hidden() };
        }
        let (bar, words) = match &self.together {
            Some((together, name)) => (together.add(ProgressBar::new(steps)), format!("{what} {name}")),
            None => (ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::stderr()), what.to_owned()),
        };
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {elapsed}") {
            bar.set_style(style);
        }
        bar.set_message(words);
        bar.enable_steady_tick(Duration::from_millis(200));
        Progress { bar }
    }
}

impl Progress {
    /// One step is done.
    pub fn step(&self) {
        self.bar.inc(1);
    }
}

/// A line that says what is waited for; nothing is drawn when standard error is no terminal.
pub struct Waiting {
    bar: ProgressBar,
}

impl Waiting {
    /// Begins to wait.
    pub fn start(what: &str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {elapsed}  {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(neutralised(what).into_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar }
    }

    /// Says how far it is.
    pub fn say(&self, words: &str) {
        self.bar.set_message(neutralised(words).into_owned());
    }

    /// Waits until the next look.
    pub async fn pause(&self, length: Duration) {
        tokio::time::sleep(length).await;
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
