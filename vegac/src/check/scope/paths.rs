//! Which variables have been freed on the paths to a place.
//!
//! What was freed is kept as one map with a log of its changes, so that the arms of an `if` and the turns of a loop
//! cost what they change and not what there is.

use super::{Scopes, VariableId};
use crate::ast::Span;
use ecow::EcoString;
use rustc_hash::FxHashMap;

/// What is known of a name that is not there any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::check) struct Gone {
    /// Where it was freed.
    pub(in crate::check) span: Span,
    /// On all paths to here.
    pub(in crate::check) certain: bool,
}

/// The loop around a statement.
#[derive(Debug)]
pub(in crate::check) struct Loop {
    /// Its name, if it has one.
    label: Option<EcoString>,
    /// The log's length when it was entered.
    mark: usize,
    /// How many scopes were open then.
    depth: usize,
    /// What was freed at each `break` of what lives outside.
    breaks: Vec<Vec<(VariableId, Gone)>>,
}

impl Scopes {
    /// How many scopes were open where a loop stands.
    pub(in crate::check) fn depth_of_loop(&self, place: usize) -> usize {
        self.loops.get(place).map_or(0, |left| left.depth)
    }

    pub(in crate::check) fn free(&mut self, id: VariableId, span: Span) {
        self.set_gone(id, Some(Gone { span, certain: true }));
    }

    pub(super) fn set_gone(&mut self, id: VariableId, gone: Option<Gone>) {
        if self.loops.last().is_some_and(|inner| self.is_outside(id, inner)) {
            self.outside.push(self.log.len());
        }
        let before = match gone {
            Some(gone) => self.gone.insert(id, gone),
            None => self.gone.remove(&id),
        };
        self.log.push((id, before));
    }

    /// Now, to come back to or to compare with.
    pub(in crate::check) fn mark(&self) -> usize {
        self.log.len()
    }

    fn changes(&self, mark: usize) -> Vec<(VariableId, Gone)> {
        self.still_gone(self.log.get(mark..).unwrap_or_default().iter().map(|(id, _)| *id).collect())
    }

    fn still_gone(&self, mut ids: Vec<VariableId>) -> Vec<(VariableId, Gone)> {
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().filter_map(|id| Some((id, self.gone.get(&id)?.clone()))).collect()
    }

    fn is_outside(&self, id: VariableId, of: &Loop) -> bool {
        self.variables.get(id).is_some_and(|variable| variable.depth < of.depth)
    }

    /// Forgets what was freed since the mark; gives it, unless execution did not come to here.
    pub(in crate::check) fn rewind(&mut self, mark: usize) -> Option<Vec<(VariableId, Gone)>> {
        let changes = self.changes(mark);
        while self.log.len() > mark {
            if let Some((id, before)) = self.log.pop() {
                match before {
                    Some(before) => _ = self.gone.insert(id, before),
                    None => _ = self.gone.remove(&id),
                }
            }
        }
        self.outside.truncate(self.outside.partition_point(|place| *place < mark));
        (!self.diverged).then_some(changes)
    }

    /// Paths meet: what was freed on one of them is gone, and certainly so if it was on all.
    pub(in crate::check) fn join(&mut self, paths: Vec<Vec<(VariableId, Gone)>>) {
        let mut counts: FxHashMap<VariableId, (usize, Gone)> = FxHashMap::default();
        let all = paths.len();
        for (id, gone) in paths.into_iter().flatten() {
            let certain = gone.certain;
            let entry = counts.entry(id).or_insert((0, gone));
            entry.0 += usize::from(certain);
        }
        let mut joined: Vec<_> = counts.into_iter().collect();
        joined.sort_unstable_by_key(|(id, _)| *id);
        for (id, (certain, gone)) in joined {
            self.set_gone(id, Some(Gone { span: gone.span, certain: certain == all }));
        }
    }

    pub(in crate::check) fn enter_loop(&mut self, label: Option<EcoString>) {
        self.loops.push(Loop { label, mark: self.mark(), depth: self.scopes.len(), breaks: Vec::new() });
    }

    /// The place, from outside to inside, of the innermost loop, or of the innermost one of a name.
    pub(in crate::check) fn find_loop(&self, label: Option<&str>) -> Option<usize> {
        match label {
            Some(label) => self.loops.iter().rposition(|around| around.label.as_deref() == Some(label)),
            None => self.innermost_loop(),
        }
    }

    pub(in crate::check) fn innermost_loop(&self) -> Option<usize> {
        self.loops.len().checked_sub(1)
    }

    /// The names of the loops around this place.
    pub(in crate::check) fn loop_labels(&self) -> impl Iterator<Item = &str> {
        self.loops.iter().filter_map(|around| around.label.as_deref())
    }

    /// Variables from outside a loop that were freed in it up to here, with where.
    pub(in crate::check) fn freed_in_loop(&self, place: usize) -> Vec<(VariableId, Gone)> {
        let Some(left) = self.loops.get(place) else { return Vec::new() };
        let places = self.outside.iter().rev().take_while(|place| **place >= left.mark);
        let ids = places.filter_map(|place| self.log.get(*place)).map(|(id, _)| *id);
        self.still_gone(ids.filter(|id| self.is_outside(*id, left)).collect())
    }

    /// Records the path that leaves a loop here.
    pub(in crate::check) fn break_loop(&mut self, place: usize) {
        let changes = self.freed_in_loop(place);
        if let Some(left) = self.loops.get_mut(place) {
            left.breaks.push(changes);
        }
    }

    /// Ends the innermost loop; `endless` when only `break` leaves it.
    pub(in crate::check) fn leave_loop(&mut self, endless: bool) {
        let Some(inner) = self.loops.pop() else { return };
        self.rewind(inner.mark);
        let mut paths = inner.breaks;
        if !endless {
            paths.push(Vec::new());
        }
        self.diverged = paths.is_empty();
        self.join(paths);
    }
}
