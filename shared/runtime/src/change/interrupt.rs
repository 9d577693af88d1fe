//! Ctrl-C while something is being changed: the first one ends the run after the step, the second at once.

use std::cell::Cell;
use std::rc::Rc;

/// What a person who interrupts and a run that changes something tell each other.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    state: Rc<State>,
}

#[derive(Debug, Default)]
struct State {
    is_changing: Cell<bool>,
    is_asked: Cell<bool>,
}

/// What an interrupt means for the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// It ends at once; nothing is being changed.
    End,
    /// It goes on until the step has ended.
    EndAfterStep,
    /// It ends at once, in the middle of a step.
    EndNow,
}

impl Interrupt {
    /// The person interrupts.
    pub fn raise(&self) -> Meaning {
        match (self.state.is_changing.get(), self.state.is_asked.replace(true)) {
            (false, _) => Meaning::End,
            (true, false) => Meaning::EndAfterStep,
            (true, true) => Meaning::EndNow,
        }
    }

    /// Says whether something is being changed from now on.
    pub fn changing(&self, is_changing: bool) {
        self.state.is_changing.set(is_changing);
    }

    /// Whether the person interrupted.
    pub fn is_raised(&self) -> bool {
        self.state.is_asked.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_waits_for_the_step_and_the_second_does_not() {
        let interrupt = Interrupt::default();
        interrupt.changing(true);
        assert_eq!((interrupt.raise(), interrupt.is_raised()), (Meaning::EndAfterStep, true));
        assert_eq!(interrupt.raise(), Meaning::EndNow);
        let idle = Interrupt::default();
        assert_eq!(idle.raise(), Meaning::End);
    }
}
