//! How many more pods of one kind the nodes would take.

use super::demand::Demand;
use super::floor::{Floor, Place};
use super::obstacle::Filter;
use super::replay::Replay;
use crate::slim::{Node, Pod};
use crate::units::Amount;
use crate::view::View;
use std::cmp::Reverse;
use std::collections::HashMap;

/// Pods that are placed one after another, as far as the nodes take them.
///
/// The scheduler may choose other nodes among those that are possible; how many find a place at all differs only where
/// a spread constraint or an affinity leads into a corner.
pub struct Fit<'a> {
    /// Where each of them went.
    pub nodes: Vec<&'a Node>,
    /// What the nodes say to the first that found no place; absent when all found one.
    pub refusal: Option<Replay<'a>>,
}

impl<'a> Fit<'a> {
    /// Places as many pods like `pod` as are wanted.
    pub fn of(pod: &'a Pod, wanted: usize, view: &View<'a>, mut floor: Floor<'a>) -> Self {
        Self::onto(pod, wanted, view, &mut floor)
    }

    /// The same, and leaves on the floor what was placed, for those that come after.
    pub fn onto(pod: &'a Pod, wanted: usize, view: &View<'a>, floor: &mut Floor<'a>) -> Self {
        let mut demand = Demand::of(pod, view, floor);
        let mut open: Vec<usize> = (0..floor.places.len()).collect();
        let mut own: HashMap<usize, usize> = HashMap::new();
        let mut nodes = Vec::new();
        while nodes.len() < wanted {
            // What a node lacks it will not have again, but for what depends on where the others are.
            open.retain(|at| demand.obstacles(&floor.places[*at]).iter().all(|it| may_pass(it.filter)));
            let takers = open.iter().copied().filter(|at| demand.obstacles(&floor.places[*at]).is_empty());
            let rank = |at: &usize| {
                let place = &floor.places[*at];
                (own.get(at).copied().unwrap_or(0), Reverse(free(place)), place.node.metadata.name.as_str())
            };
            let Some(taker) = takers.min_by_key(rank) else { break };
            demand.settle(&mut floor.places[taker]);
            *own.entry(taker).or_default() += 1;
            nodes.push(floor.places[taker].node);
        }
        let refusal = (nodes.len() < wanted).then(|| Replay::of(&demand, floor));
        Self { nodes, refusal }
    }

    /// What keeps the first one off that found no place, by how many nodes say it.
    pub fn obstacles(&self) -> Vec<(Filter, usize)> {
        self.refusal.as_ref().map(Replay::counts).unwrap_or_default()
    }
}

/// Whether a node that says no for this may say yes once another pod was placed.
fn may_pass(filter: Filter) -> bool {
    matches!(filter, Filter::Spread | Filter::PodAffinity)
}

fn free(place: &Place<'_>) -> Amount {
    place.free("cpu")
}
