//! Slots: which fit, and what is done with one: allocated, stored to, asked, pointed to, freed.

use super::{Belief, Body};
use crate::generate::StaticPart;
use vega_format::container::SlotKind;
use vega_format::instruction::{Depth, Instruction, Offset, Size, Slot};
use vega_format::stencil::TypeRef;
use vega_format::types::{Mask, Tag};

impl Body<'_> {
    pub(super) fn believe(&mut self, slot: Slot, belief: Belief) {
        if let Some(place) = self.beliefs.get_mut(usize::from(slot.0)) {
            *place = belief;
        }
    }

    pub(in crate::generate) fn find(&mut self, fits: impl Fn(SlotKind, Belief) -> bool) -> Option<Slot> {
        let both = self.slots.iter().zip(&self.beliefs).enumerate();
        let found: Vec<usize> =
            both.filter(|(_, (kind, belief))| fits(**kind, **belief)).map(|(slot, _)| slot).collect();
        self.random.pick(&found).map(|slot| Slot(*slot as u16))
    }

    /// A slot of which something is believed; now and then any.
    fn choose(&mut self, fits: impl Fn(SlotKind, Belief) -> bool) -> Option<Slot> {
        if self.random.percent(self.mood.careless) { self.find(|_, _| true) } else { self.find(fits) }
    }

    fn kind(&self, slot: Slot) -> Option<SlotKind> {
        self.slots.get(usize::from(slot.0)).copied()
    }

    pub(super) fn element(&self, kind: SlotKind) -> Option<Tag> {
        let SlotKind::Stencil(type_ref) = kind else { return None };
        match self.builder.stencils().array(type_ref) {
            Some((TypeRef::Scalar(tag), _)) => Some(tag),
            _ => None,
        }
    }

    pub(super) fn allocate(&mut self) {
        let owned = |kind| !matches!(kind, SlotKind::Alias(_));
        if let Some(slot) = self.choose(|kind, belief| owned(kind) && belief == Belief::Gone) {
            self.put(slot);
        }
    }

    /// Allocates a slot, and mostly stores to it.
    pub(super) fn put(&mut self, slot: Slot) {
        let level = self.arenas.len().saturating_sub(1);
        let widest = self.arenas.last().map_or(0, |(strategy, _)| strategy.widest());
        match self.kind(slot) {
            _ if self.arenas.is_empty() => {}
            Some(SlotKind::Variable(mask)) if mask.size() > widest => {}
            Some(SlotKind::Stencil(type_ref)) if self.builder.stencils().size(type_ref) > widest => {}
            Some(SlotKind::Variable(mask)) => {
                self.push(Instruction::VarAlloc { slot, mask });
                let stored = self.random.percent(85);
                if stored {
                    self.store(slot, mask);
                }
                self.believe(slot, Belief::There(level, stored));
            }
            Some(SlotKind::Stencil(type_ref)) => {
                let size = Size(self.builder.stencils().size(type_ref));
                self.push(Instruction::StencilAlloc { slot, size });
                self.believe(slot, Belief::There(level, true));
            }
            Some(SlotKind::Alias(tag)) => self.point_at(slot, tag),
            None => {}
        }
    }

    fn store(&mut self, slot: Slot, mask: Mask) {
        let tags: Vec<Tag> = mask.tags().collect();
        let Some(tag) = self.random.pick(&tags).copied() else { return };
        let tag = if self.random.percent(self.mood.careless / 3) { Tag::Decimal } else { tag };
        self.value(tag);
        self.push(Instruction::VarStore { slot });
    }

    pub(super) fn free(&mut self) {
        // What an outer block has stays, unless paths may disagree.
        let innermost = self.arenas.len().saturating_sub(1);
        let any = self.random.percent(self.mood.disagree);
        let fits = |belief| matches!(belief, Belief::There(level, _) if any || level == innermost);
        let Some(slot) = self.choose(|_, belief| fits(belief)) else { return };
        let alias = matches!(self.kind(slot), Some(SlotKind::Alias(_)));
        let frees = if alias { self.random.percent(self.mood.careless) } else { self.random.percent(70) };
        self.push(if frees { Instruction::VarFree { slot } } else { Instruction::VarDrop { slot } });
        self.believe(slot, Belief::Gone);
        if let Some(SlotKind::Stencil(type_ref)) = self.kind(slot).filter(|_| frees && self.random.percent(30)) {
            // In its place again, mostly, where its bytes are zeroes whatever stood there.
            self.put(slot);
            self.look_at(slot, type_ref);
        }
    }

    pub(super) fn point(&mut self) {
        let aliases = |kind, _| matches!(kind, SlotKind::Alias(_));
        if let Some(slot) = self.find(aliases)
            && let Some(SlotKind::Alias(tag)) = self.kind(slot)
        {
            self.point_at(slot, tag);
        }
    }

    fn point_at(&mut self, slot: Slot, tag: Tag) {
        let capacity = self.arenas.last().map_or(0, |(_, capacity)| *capacity);
        if capacity < tag.size() && self.mood.careless == 0 {
            return;
        }
        let last = capacity.saturating_sub(tag.size());
        let at = if self.random.percent(self.mood.careless) { last + 1 } else { self.random.within(0, last) };
        if self.random.percent(80) {
            self.int(at as i32);
        } else {
            // The offset is not a constant here, as far as one can see.
            self.int(at as i32);
            self.int(0);
            self.push(Instruction::AddInt {});
        }
        self.push(Instruction::VarPtr { slot, tag });
        self.believe(slot, Belief::There(self.arenas.len().saturating_sub(1), true));
    }

    pub(super) fn use_a_slot(&mut self) {
        let Some(slot) = self.choose(|_, belief| matches!(belief, Belief::There(..))) else { return };
        let stored = matches!(self.beliefs.get(usize::from(slot.0)), Some(Belief::There(_, true)));
        match self.kind(slot) {
            Some(SlotKind::Variable(mask)) => {
                if self.random.percent(50) || !stored && !self.random.percent(self.mood.careless) {
                    self.store(slot, mask);
                    if let Some(Belief::There(level, _)) = self.beliefs.get(usize::from(slot.0)).copied() {
                        self.believe(slot, Belief::There(level, true));
                    }
                } else {
                    self.push(Instruction::VarLoad { slot });
                    match mask.is_single() {
                        Some(tag) => self.note(tag),
                        None => {
                            self.ask(mask);
                            self.push(Instruction::StackPop {});
                        }
                    }
                }
            }
            Some(SlotKind::Alias(tag)) => {
                if self.random.percent(50) {
                    self.value(tag);
                    self.push(Instruction::VarStore { slot });
                } else {
                    self.push(Instruction::VarLoad { slot });
                    self.note(tag);
                }
            }
            Some(SlotKind::Stencil(type_ref)) => self.use_a_stencil(slot, type_ref),
            None => {}
        }
    }

    pub(super) fn use_a_static(&mut self) {
        let Some(StaticPart { block, offset, type_ref }) = self.random.pick(self.statics).copied() else { return };
        let offset = Offset(offset);
        match type_ref {
            TypeRef::Scalar(tag) if self.random.percent(50) => {
                self.value(tag);
                self.push(Instruction::StaticStore { block, offset, tag });
            }
            TypeRef::Scalar(tag) => {
                self.push(Instruction::StaticLoad { block, offset, tag });
                self.note(tag);
            }
            TypeRef::Stencil(_) => {
                let index = self.random.below(6) as i32;
                self.push(Instruction::StaticView { block, offset, depth: Depth(0) });
                self.int(index.min(if self.mood.careless > 0 { 5 } else { 4 }));
                self.value(Tag::Byte);
                self.push(Instruction::ViewStore { offset: Offset(0), tag: Tag::Byte });
            }
        }
    }

    /// Makes something else of a union that lies on top, or asks what it holds.
    fn ask(&mut self, mask: Mask) {
        let tags: Vec<Tag> = mask.tags().collect();
        let Some(tag) = self.random.pick(&tags).copied().filter(|_| tags.len() > 1) else { return };
        match self.random.below(4) {
            0 => self.push(Instruction::UnionIs { mask: tag.mask() }),
            1 => self.push(Instruction::UnionAs { mask: mask.union(Tag::Char.mask()) }),
            // It may hold another type, and then this traps.
            2 if self.random.percent(self.mood.careless) => self.push(Instruction::UnionAs { mask: tag.mask() }),
            _ => {}
        }
    }
}
