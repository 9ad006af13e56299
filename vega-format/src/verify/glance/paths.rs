//! Where paths meet in an ordinary function: the stack is the same there, and so is the state of the arenas.

use super::{BOTTOM, Glance, Look, MOST_KEPT, Target};

impl Look<'_> {
    pub(super) fn jump(&mut self, offset: u32) -> Option<()> {
        if offset <= self.at { self.jump_back(offset) } else { self.come_to(offset) }
    }

    /// A jump to where the walk has been: the stack must be as deep as it was, with cells of the types that lay there
    /// then, and nothing may have been put into the arenas.
    pub(super) fn jump_back(&mut self, offset: u32) -> Option<()> {
        let place = self.glance.trail.binary_search_by_key(&offset, |stop| stop.offset).ok()?;
        let stop = *self.glance.trail.get(place)?;
        if stop.node != self.here || stop.top != self.top {
            return None;
        }
        self.charge(usize::from(stop.top))?;
        for place in BOTTOM..=stop.top {
            // Most cells lie there since before.
            if *self.glance.from.get(usize::from(place))? >= stop.pushed {
                let before = self.glance.pushes.get(..stop.pushed as usize)?;
                let last = before.iter().rposition(|(at, _)| *at == place)?;
                let (_, code) = *before.get(last)?;
                self.charge(stop.pushed as usize - last)?;
                if code != self.cell(place) {
                    return None;
                }
            }
        }
        Some(())
    }

    /// Counts work beside walking. What needs much of it is not ordinary.
    pub(super) fn charge(&mut self, units: usize) -> Option<()> {
        self.work += 1 + units as u64;
        (self.work <= 16 * (self.glance.trail.len() as u64 + 64)).then_some(())
    }

    /// A path comes to a target that stands further on.
    pub(super) fn come_to(&mut self, offset: u32) -> Option<()> {
        // The nearest is the last, and most jumps are short.
        let place = self.glance.targets.iter().rposition(|target| target.offset >= offset).map_or(0, |place| place + 1);
        let depth = self.top - (BOTTOM - 1);
        self.charge(self.glance.targets.len() - place + usize::from(depth))?;
        let (here, stored) = (self.here, self.stored);
        let Glance { stack, targets, kept, .. } = &mut *self.glance;
        let found = stack.get(usize::from(BOTTOM)..).and_then(|cells| cells.get(..usize::from(depth)))?;
        if let Some(target) = place.checked_sub(1).and_then(|place| targets.get_mut(place))
            && target.offset == offset
        {
            target.stored |= stored;
            if target.node != here || target.depth != depth {
                return None;
            }
            // Mostly there is nothing to compare, which is no call of a function that compares memory.
            let there = kept.get(target.stack as usize..)?;
            return (depth == 0 || there.get(..found.len())? == found).then_some(());
        }
        self.next_target = self.next_target.min(offset);
        targets.insert(place, Target { offset, depth, stack: kept.len() as u32, node: here, stored });
        kept.extend_from_slice(found);
        (kept.len() <= MOST_KEPT && targets.len() <= MOST_KEPT).then_some(())
    }

    /// The walk is at the next target, or has gone past it.
    pub(super) fn arrive(&mut self, reached: bool) -> Option<()> {
        if reached {
            self.come_to(self.at)?;
        }
        let Target { offset, depth, stack, node, stored } = self.glance.targets.pop()?;
        self.next_target = self.glance.targets.last().map_or(u32::MAX, |target| target.offset);
        if offset != self.at {
            return None;
        }
        self.stored = stored;
        if !reached {
            self.top = BOTTOM - 1;
            for place in 0..usize::from(depth) {
                let code = *self.glance.kept.get(stack as usize + place)?;
                self.push(code)?;
            }
            self.go_to(node)?;
        }
        Some(())
    }
}
