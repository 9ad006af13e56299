//! The open arenas in words, for refusals.

use super::chain::Chain;
use super::{Open, Pass, State};
use crate::instruction::Slot;
use crate::text::counted;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

impl Pass<'_> {
    /// The open arenas in words: where each was opened, the outermost first.
    pub(super) fn describe(&self, mut chain: Chain) -> String {
        let mut places = Vec::new();
        while let Some((below, site, _)) = self.buffers.chains.top(chain) {
            places.push(
                self.facts.sites.get(site as usize).map_or(String::new(), |site| format!("0x{:04x}", site.offset)),
            );
            chain = below;
        }
        places.reverse();
        match places.as_slice() {
            [] => "no arena".to_owned(),
            [one] => format!("the arena of {one}"),
            several => format!("the arenas of {}", several.join(", ")),
        }
    }

    /// `0x0005: 64 bytes, 52 free, slot 0 in [0..4), slot 1 in [4..12)`.
    pub(super) fn describe_arena(&self, open: &Open) -> String {
        const SHOWN: usize = 8;
        let Some(site) = self.facts.sites.get(open.site) else { return String::new() };
        if !site.is_static() {
            return format!(
                "0x{:04x}: {}{}, dynamic layout",
                site.offset,
                counted(site.capacity, "byte"),
                site.strategy
            );
        }
        let place = |slot: &u16| match self.state(Slot(*slot)) {
            State::Live { at, .. } => Some((*slot, at, at.saturating_add(self.size_of(Slot(*slot))))),
            _ => None,
        };
        let mut places: Vec<_> = open.slots.iter().filter_map(place).collect();
        places.sort_unstable_by_key(|(_, at, _)| *at);
        let free = site.capacity.saturating_sub(open.places.taken());
        let capacity = counted(site.capacity, "byte");
        let mut words = format!("0x{:04x}: {capacity}{}, {free} free", site.offset, site.strategy);
        for (slot, at, end) in places.iter().take(SHOWN) {
            words.push_str(&format!(", slot {slot} in [{at}..{end})"));
        }
        if places.len() > SHOWN {
            words.push_str(&format!(", {} more", places.len() - SHOWN));
        }
        words
    }
}
