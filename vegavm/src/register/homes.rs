//! Where the slots of a function live: in a register, at a constant offset of an arena, or in the slot table.
//!
//! A slot has a constant place where its arena has a static layout. It needs no bytes at all where, beside that, no alias
//! points into its arena: then only its own loads and stores can see it.

use super::{Kind, Register};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use vega_format::container::{Function, SlotKind};
use vega_format::instruction::Instruction;
use vega_format::types::Mask;
use vega_format::verify::{Arenas, Point, Points, Site};

/// Where a slot lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    /// A variable in a register; with a register for its tag where that is not known.
    Register { value: Register, tag: Option<Register> },
    /// Bytes in an arena; with a register for the tag of a variable where that is not known.
    Memory { tag: Option<Register> },
    /// An alias whose address is in a register.
    Alias { address: Register },
    /// In the slot table.
    Table,
}

/// The homes of a function's slots and the registers that it keeps for itself.
#[derive(Debug, Default)]
pub(super) struct Homes {
    slots: BTreeMap<u16, Home>,
    /// The sites whose slots are in the table.
    tables: BTreeSet<usize>,
    /// The sites whose bytes are looked at.
    seen: BTreeSet<usize>,
    /// Behind the last register that is kept.
    pub(super) end: Register,
    /// The registers with the addresses of the open arenas, by depth.
    bases: Vec<Register>,
    /// Registers without a use of their own.
    pub(super) spare: Vec<Register>,
}

/// An instruction that names a slot or opens an arena, with what is known before it.
pub(super) struct Use<'p> {
    pub(super) instruction: Instruction,
    pub(super) point: &'p Point,
    /// Whether it traps whenever it is reached.
    pub(super) traps: bool,
}

impl Homes {
    /// Finds a home for every slot. `first` is the first register that is free, and there are none from `last` on.
    pub(super) fn find(function: &Function<'_>, points: &Points, uses: &[Use<'_>], first: u16, last: u16) -> Homes {
        let mut homes = Homes { end: first, ..Homes::default() };
        let arenas = &points.arenas;
        homes.find_tables(arenas, uses);
        let mut aliased: BTreeSet<usize> = BTreeSet::new();
        let mut slots: BTreeMap<u16, bool> = BTreeMap::new();
        let mut sites_of: BTreeMap<u16, BTreeSet<usize>> = BTreeMap::new();
        let mut depth = 0;
        for used in uses {
            depth = depth.max(used.point.open.len() + 1);
            let Some(slot) = used.instruction.slot() else { continue };
            let unset = used.point.slots.first().is_some_and(|known| known.held.unset);
            let reads = matches!(used.instruction, Instruction::VarLoad { .. }) && unset && !used.traps;
            *slots.entry(slot.0).or_default() |= reads;
            if let Some(site) = used.places() {
                sites_of.entry(slot.0).or_default().insert(site);
                if let Instruction::VarPtr { .. } = used.instruction {
                    aliased.insert(site);
                }
            }
        }
        homes.bases = (0..depth as u16).filter_map(|_| homes.take(last)).collect();
        for (slot, unset) in slots {
            let sites = sites_of.remove(&slot).unwrap_or_default();
            let is_seen = sites.iter().any(|site| aliased.contains(site));
            let home = match function.slots.get(usize::from(slot)) {
                _ if homes.is_in_table(slot) => Home::Table,
                Some(SlotKind::Variable(mask)) => homes.variable(*mask, unset, is_seen, last),
                Some(SlotKind::Stencil(_)) => Home::Memory { tag: None },
                Some(SlotKind::Alias(_)) => homes.take(last).map_or(Home::Table, |address| Home::Alias { address }),
                None => Home::Table,
            };
            if home == Home::Table && homes.slots.get(&slot) != Some(&Home::Table) {
                // No register is left: its arenas are those of a table, too, which may concern other slots.
                homes.tables.extend(&sites);
                return homes.all_in_tables(uses);
            }
            if !matches!(home, Home::Register { .. }) {
                homes.seen.extend(&sites);
            }
            homes.slots.insert(slot, home);
        }
        homes.seen.extend(aliased);
        homes
    }

    /// The last resort of functions with tens of thousands of variables; and of those who look for faults of the others.
    pub(super) fn all_in_tables(mut self, uses: &[Use<'_>]) -> Homes {
        self.slots = uses.iter().filter_map(|used| used.instruction.slot()).map(|slot| (slot.0, Home::Table)).collect();
        self.tables = uses.iter().flat_map(|used| used.places().into_iter().chain(used.point.open.clone())).collect();
        self.seen = self.tables.clone();
        self
    }

    /// Finds the slots whose places depend on the path. Their arenas need a table, and so do all slots in those.
    fn find_tables(&mut self, arenas: &Arenas, uses: &[Use<'_>]) {
        // An arena that runs out is told with what is in it, and that the table knows.
        let fits = |site: &usize| arenas.sites.get(*site).is_some_and(Site::always_fits);
        let mut sites: Vec<usize> = (0..arenas.sites.len()).filter(|site| !fits(site)).collect();
        let mut slots: Vec<u16> = Vec::new();
        // What comes into the table with an arena, and with a slot.
        let mut slots_of: BTreeMap<usize, BTreeSet<u16>> = BTreeMap::new();
        let mut sites_of: BTreeMap<u16, BTreeSet<usize>> = BTreeMap::new();
        for used in uses.iter().filter(|used| !used.traps) {
            let Some(slot) = used.instruction.slot().map(|slot| slot.0) else { continue };
            let place = used.places();
            for site in place.into_iter().chain(used.home()) {
                slots_of.entry(site).or_default().insert(slot);
            }
            sites_of.entry(slot).or_default().extend(place);
            slots.extend((!used.is_known(arenas)).then_some(slot));
        }
        loop {
            if let Some(site) = sites.pop() {
                if self.tables.insert(site) {
                    slots.extend(slots_of.remove(&site).unwrap_or_default());
                }
            } else if let Some(slot) = slots.pop() {
                if self.slots.insert(slot, Home::Table).is_none() {
                    sites.extend(sites_of.remove(&slot).unwrap_or_default());
                }
            } else {
                return;
            }
        }
    }

    fn variable(&mut self, mask: Mask, unset: bool, is_seen: bool, last: u16) -> Home {
        let has_tag = unset || mask.is_single().is_none();
        let tag = if has_tag { self.take(last) } else { None };
        if has_tag && tag.is_none() {
            return Home::Table;
        }
        match self.take(last) {
            Some(value) if !is_seen => Home::Register { value, tag },
            _ => Home::Memory { tag },
        }
    }

    /// Keeps some registers more.
    pub(super) fn take_spare(&mut self, count: usize, last: u16) {
        self.spare = (0..count).filter_map(|_| self.take(last)).collect();
    }

    fn take(&mut self, last: u16) -> Option<Register> {
        let register = self.end;
        (register < last).then(|| {
            self.end += 1;
            register
        })
    }

    /// Tells what the registers hold in which variables of one type live; all others hold cells.
    pub(super) fn tell_kinds(&self, function: &Function<'_>, kinds: &mut [Kind]) {
        for (slot, home) in &self.slots {
            if let (Home::Register { value, .. }, Some(SlotKind::Variable(mask))) =
                (home, function.slots.get(usize::from(*slot)))
                && let (Some(tag), Some(kind)) = (mask.is_single(), kinds.get_mut(usize::from(*value)))
            {
                *kind = Kind::of(tag);
            }
        }
    }

    /// Where a slot lives.
    pub(super) fn of(&self, slot: u16) -> Home {
        self.slots.get(&slot).copied().unwrap_or(Home::Table)
    }

    fn is_in_table(&self, slot: u16) -> bool {
        self.slots.get(&slot) == Some(&Home::Table)
    }

    /// Whether the slots of an arena are in the table.
    pub(super) fn is_table(&self, site: usize) -> bool {
        self.tables.contains(&site)
    }

    /// Whether anything looks at the bytes of an arena.
    pub(super) fn has_bytes(&self, site: usize) -> bool {
        self.seen.contains(&site) || self.is_table(site)
    }

    /// Whether a table is needed.
    pub(super) fn have_tables(&self) -> bool {
        !self.tables.is_empty() || self.slots.values().any(|home| *home == Home::Table)
    }

    /// The register with the address of the arena that is open at this depth, the outermost being 0.
    pub(super) fn base(&self, depth: usize) -> Option<Register> {
        self.bases.get(depth).copied()
    }
}

impl Use<'_> {
    /// The site in which the slot is put, if the instruction puts it somewhere.
    fn places(&self) -> Option<usize> {
        match self.instruction {
            Instruction::VarAlloc { .. } | Instruction::StencilAlloc { .. } | Instruction::VarPtr { .. } => {
                self.point.open.last().copied()
            }
            _ => None,
        }
    }

    /// Whether it is known what the instruction finds, on every path.
    fn is_known(&self, arenas: &Arenas) -> bool {
        let named = self.point.slots.first();
        match self.instruction {
            // An alias may be moved; a variable must not be there, and there must be room for it.
            Instruction::VarPtr { .. } => true,
            Instruction::VarAlloc { .. } | Instruction::StencilAlloc { .. } => {
                let placed = |offset: u32| {
                    let place = arenas.placements.partition_point(|placement| placement.offset < offset);
                    let placement = arenas.placements.get(place).filter(|placement| placement.offset == offset)?;
                    let site = arenas.sites.get(placement.site)?;
                    let taken = site.strategy.taken_by(placement.size);
                    Some(placement.at.checked_add(taken)? <= site.capacity)
                };
                named.is_none() && placed(self.point.offset) == Some(true)
            }
            // What is not there is not dropped.
            Instruction::VarDrop { .. } => true,
            _ => named.is_some(),
        }
    }

    /// The site in which the slot is known to stand.
    fn home(&self) -> Option<usize> {
        self.point.slots.first().and_then(|known| self.point.open.get(known.arena)).copied()
    }
}
