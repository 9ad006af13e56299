//! Where machine code takes over from words: at the beginning of a function or of a loop in it.

use super::Native;
use super::body::Taken;
use super::prepare::{Entry, From};
use super::ranges::Lengths;
use super::worker::{Look, start, wait_for};
use crate::cancel::Halt;
use crate::register::Register;
use alloc::sync::Arc;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A place at which machine code takes over from words.
#[derive(Debug, Clone)]
pub(super) struct Landing {
    /// The address of the code.
    pub(super) start: usize,
    /// The register of the lowest cell of the stack.
    pub(super) first: Register,
    /// How long views must be.
    pub(super) lengths: Lengths,
    /// What must have been taken before, beyond what is.
    pub(super) spare: Taken,
}

/// What is known of a place at which machine code could take over.
#[derive(Debug)]
pub(super) enum Takeover {
    At(Landing),
    /// There is no code for it.
    Never,
    /// Somebody makes other code, which may take a while.
    Later,
}

/// A place at which machine code takes over, once it was made; `None` within if it could not be.
type Made = Option<Option<Landing>>;

/// The places at an offset: for views that are as long, and peaks that are as high, as they were when it was made, and for
/// any.
#[derive(Debug, Default)]
struct There {
    special: Made,
    any: Made,
}

/// All that were made, by function and offset.
#[derive(Default)]
pub(super) struct Landings(Mutex<HashMap<(u32, u32), There>>);

impl Landings {
    fn all(&self) -> MutexGuard<'_, HashMap<(u32, u32), There>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long the view in a register is; of those that are not there it is not known.
fn length(registers: &[u64], view: Register) -> u32 {
    registers.get(usize::from(view)).map_or(0, |cell| (cell >> 32) as u32)
}

impl Native {
    /// Where machine code takes over from words: in a function, at the offset of the instruction with which it or a loop of it
    /// begins, with these in the registers. Who does not want to `wait` for others is told so.
    ///
    /// # Errors
    /// Who asks for it may wait no longer.
    pub(super) fn landing(
        self: &Arc<Native>,
        at: (u32, u32),
        registers: &[u64],
        spare: Taken,
        (wait, look): (bool, Look<'_>),
    ) -> Result<Takeover, Halt> {
        let known = match self.known(at, registers, spare) {
            Some(known) => known,
            None => {
                let any = self.landings.all().get(&at).and_then(|landings| landings.any.clone()).flatten();
                let turn = self.turn_if((wait && any.is_none(), look))?;
                let registers = registers.to_vec();
                let work = turn.map(|turn| move || turn.make(|native| native.land(at, &registers, spare)));
                match (any, work) {
                    // What is right for any registers will do until there is better.
                    (Some(any), work) => {
                        if let Some(work) = work {
                            start(work);
                        }
                        Some(any)
                    }
                    (None, Some(work)) => wait_for(work, look)?.flatten(),
                    (None, None) => return Ok(Takeover::Later),
                }
            }
        };
        Ok(known.map_or(Takeover::Never, Takeover::At))
    }

    /// The place that is right for these registers, once it was made.
    fn known(&self, at: (u32, u32), registers: &[u64], spare: Taken) -> Made {
        let landings = self.landings.all();
        let There { special, any } = landings.get(&at)?;
        let fits = |landing: &&Landing| {
            let mut lengths = landing.lengths.iter();
            lengths.all(|(view, least)| length(registers, *view) >= *least) && landing.spare.is_within(spare)
        };
        match special.as_ref()?.as_ref().filter(fits) {
            Some(landing) => Some(Some(landing.clone())),
            None => any.clone(),
        }
    }

    /// Makes the place that is right for these registers, where it is one's turn.
    fn land(&self, at: (u32, u32), registers: &[u64], spare: Taken) -> Option<Landing> {
        if self.known(at, registers, spare).is_none() {
            let entry = Entry { ip: at.1, length: &|view| length(registers, view), spare };
            self.place(at, |landings| &mut landings.special, entry);
        }
        match self.known(at, registers, spare) {
            Some(known) => known,
            None => self.place(at, |landings| &mut landings.any, Entry::any(at.1)),
        }
    }

    /// Makes a place if it is not there yet.
    fn place(&self, at: (u32, u32), of: fn(&mut There) -> &mut Made, entry: Entry<'_>) -> Option<Landing> {
        let there = of(self.landings.all().entry(at).or_default()).clone();
        there.unwrap_or_else(|| {
            let made = self.make(at.0, From::Words(entry));
            of(self.landings.all().entry(at).or_default()).insert(made).clone()
        })
    }

    /// Where the code begins of a function that the host enters, which is made where it is one's turn.
    pub(super) fn start(&self, function: u32) -> Option<usize> {
        Some(self.place((function, 0), |landings| &mut landings.any, Entry::any(0))?.start)
    }
}
