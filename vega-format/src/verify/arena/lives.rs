//! Up to where slots live: to the last of the instructions that end them.
//!
//! An instruction that ends an arena ends all that is in it, and there may be as many of those as there are slots. So it is
//! noted with the arena, and looked up once for each stretch of the walk on which a slot is there.

use super::{Arenas, Placement, State};
use alloc::vec::Vec;

/// When slots came to be there on the walk, and when their arenas were ended.
#[derive(Debug, Default)]
pub(super) struct Lives {
    /// Of each site, the ends that none met later exceeds, in the order in which they were met: when, and the offset.
    ends: Vec<Vec<(u32, u32)>>,
    /// How many ends were met.
    now: u32,
    /// By placement, since when it is there, or [`Lives::GONE`].
    placed: Vec<u32>,
    /// The same by alias.
    aliased: Vec<u32>,
}

impl Lives {
    const GONE: u32 = u32::MAX;

    /// The arena of a site is ended.
    pub(super) fn end_arena(&mut self, site: usize, offset: u32) {
        if self.ends.len() <= site {
            self.ends.resize_with(site + 1, Vec::new);
        }
        if let Some(ends) = self.ends.get_mut(site) {
            while ends.pop_if(|(_, other)| *other <= offset).is_some() {}
            ends.push((self.now, offset));
        }
        self.now += 1;
    }

    /// A slot comes into this state, be it that a step was taken back.
    pub(super) fn begin(&mut self, state: State) {
        let (since, place) = match state {
            State::Live { placement, .. } => (&mut self.placed, placement),
            State::Alias { alias, .. } => (&mut self.aliased, alias),
            State::Gone { .. } | State::Unknown { .. } => return,
        };
        if since.len() <= place {
            since.resize(place + 1, Lives::GONE);
        }
        if let Some(since) = since.get_mut(place) {
            *since = self.now;
        }
    }

    /// A slot goes out of this state.
    pub(super) fn stop(&mut self, state: State, facts: &mut Arenas) {
        let (since, placement) = match state {
            State::Live { placement, .. } => (self.placed.get_mut(placement), facts.placements.get_mut(placement)),
            State::Alias { alias, .. } => (self.aliased.get_mut(alias), facts.aliases.get_mut(alias)),
            State::Gone { .. } | State::Unknown { .. } => return,
        };
        if let (Some(since), Some(placement)) = (since, placement) {
            end(&self.ends, core::mem::replace(since, Lives::GONE), placement);
        }
    }

    /// The walk is over; what was there to its end was in arenas that were ended for good.
    pub(super) fn close(self, facts: &mut Arenas) {
        for (all, placements) in [(self.placed, &mut facts.placements), (self.aliased, &mut facts.aliases)] {
            all.into_iter().zip(placements).for_each(|(since, placement)| end(&self.ends, since, placement));
        }
    }
}

/// Of what was there since then: the last end of its arena.
fn end(ends: &[Vec<(u32, u32)>], since: u32, placement: &mut Placement) {
    let Some(ends) = ends.get(placement.site) else { return };
    let first = ends.partition_point(|(time, _)| *time < since);
    if let Some((_, offset)) = ends.get(first) {
        placement.end = placement.end.max(*offset);
    }
}
