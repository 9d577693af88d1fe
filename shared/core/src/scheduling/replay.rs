//! The verdict over all nodes.

use super::demand::{Demand, is_extended};
use super::floor::{Floor, Place};
use super::obstacle::{Filter, Obstacle};
use crate::slim::Node;
use crate::units::Amount;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Which nodes would take a pod, and why the others do not.
#[derive(Clone, Debug, Default)]
pub struct Replay<'a> {
    /// Nodes that would take it, as far as the objects say.
    pub takers: Vec<&'a Node>,
    /// The others.
    pub exclusions: Vec<Exclusion<'a>>,
    /// How the room on the nodes that only lack room compares with what is asked for.
    pub room: Room,
    /// What is asked for and is most free on these nodes: resource, amount, node.
    pub largest: Vec<(String, Amount, &'a str)>,
}

/// A node that does not take the pod, and everything that is against it.
#[derive(Clone, Debug)]
pub struct Exclusion<'a> {
    /// The node.
    pub node: &'a Node,
    /// What is against it; never empty.
    pub obstacles: Vec<Obstacle<'a>>,
}

/// How the room on several nodes compares with a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Room {
    /// They have too little, even taken together, or no node lacks room alone.
    #[default]
    TooLittle,
    /// Together they have enough of everything, but none of them alone.
    Fragmented,
    /// None could hold the request even when empty.
    NeverEnough,
}

impl<'a> Replay<'a> {
    /// Asks every node.
    pub fn of(demand: &Demand<'a>, floor: &Floor<'a>) -> Self {
        let mut replay = Self::default();
        let mut roomless: Vec<&Place<'a>> = Vec::new();
        for place in &floor.places {
            let obstacles = demand.obstacles(place);
            if obstacles.is_empty() {
                replay.takers.push(place.node);
                continue;
            }
            let exclusion = Exclusion { node: place.node, obstacles };
            if exclusion.filters().iter().all(|filter| matches!(filter, Filter::Resource | Filter::ExtendedResource)) {
                roomless.push(place);
            }
            replay.exclusions.push(exclusion);
        }
        replay.room = room(demand, &roomless);
        replay.largest = largest(demand, &roomless);
        replay
    }

    /// How many nodes each filter excludes; a node counts for every filter that is against it.
    pub fn counts(&self) -> Vec<(Filter, usize)> {
        counted(self.exclusions.iter().flat_map(Exclusion::filters))
    }

    /// The filter that decides; none when a node takes the pod or there is no node.
    ///
    /// Labels, the reach of volumes and taints say which nodes are meant for the pod at all: they decide when they
    /// leave none. Of the nodes that they leave, those that come nearest to taking it are counted.
    pub fn decisive(&self) -> Option<Filter> {
        if !self.takers.is_empty() {
            return None;
        }
        let mut meant: Vec<&Exclusion<'_>> = self.exclusions.iter().collect();
        for filter in [Filter::NodeSelector, Filter::Volume, Filter::Taint] {
            let left: Vec<&Exclusion<'_>> =
                meant.iter().copied().filter(|one| !one.filters().contains(&filter)).collect();
            if left.is_empty() && !meant.is_empty() {
                return Some(filter);
            }
            meant = left;
        }
        let fewest = meant.iter().map(|one| one.filters().len()).min()?;
        let nearest = meant.iter().filter(|one| one.filters().len() == fewest);
        let counts = counted(nearest.flat_map(|one| one.filters()));
        counts.into_iter().min_by_key(|(filter, count)| (Reverse(*count), *filter)).map(|(filter, _)| filter)
    }

    /// The first obstacle of a filter, with its node.
    pub fn example(&self, filter: Filter) -> Option<(&'a Node, &Obstacle<'a>)> {
        let all = self.exclusions.iter().flat_map(|one| one.obstacles.iter().map(move |obstacle| (one.node, obstacle)));
        all.into_iter().find(|(_, obstacle)| obstacle.filter == filter)
    }

    /// The nodes that a filter excludes.
    pub fn excluded_by(&self, filter: Filter) -> impl Iterator<Item = &Exclusion<'a>> {
        self.exclusions.iter().filter(move |one| one.filters().contains(&filter))
    }
}

impl Exclusion<'_> {
    /// The filters that are against the node.
    pub fn filters(&self) -> BTreeSet<Filter> {
        self.obstacles.iter().map(|obstacle| obstacle.filter).collect()
    }
}

fn counted(filters: impl Iterator<Item = Filter>) -> Vec<(Filter, usize)> {
    let mut counts: BTreeMap<Filter, usize> = BTreeMap::new();
    filters.for_each(|filter| *counts.entry(filter).or_default() += 1);
    counts.into_iter().collect()
}

fn room(demand: &Demand<'_>, places: &[&Place<'_>]) -> Room {
    let never = |place: &&Place<'_>| demand.request.iter().any(|(name, wanted)| wanted > place.offered(name));
    let together = |name: &str| places.iter().map(|place| place.free(name).max(Amount::ZERO)).sum::<Amount>();
    if places.is_empty() {
        Room::TooLittle
    } else if places.iter().all(never) {
        Room::NeverEnough
    } else if demand.request.iter().all(|(name, wanted)| together(name) >= wanted) {
        Room::Fragmented
    } else {
        Room::TooLittle
    }
}

/// For each resource that some of the nodes lack: the most that is free on one of them.
fn largest<'a>(demand: &Demand<'a>, places: &[&Place<'a>]) -> Vec<(String, Amount, &'a str)> {
    let lacked = demand.request.iter().filter(|(name, wanted)| places.iter().any(|place| *wanted > place.free(name)));
    let most = |name: &str| {
        let best = places.iter().max_by_key(|place| (place.free(name), Reverse(place.node.metadata.name.as_str())))?;
        Some((name.to_owned(), best.free(name).max(Amount::ZERO), best.node.metadata.name.as_str()))
    };
    let mut found: Vec<_> = lacked.filter_map(|(name, _)| most(name)).collect();
    found.sort_by_key(|(name, ..)| (!is_extended(name), name.clone()));
    found
}
