//! Arenas, and what is done with slots, by where they live.

use super::*;
use alloc::boxed::Box;

impl Maker<'_> {
    pub(super) fn open(&mut self, instruction: &Instruction, point: &Point) {
        let Some((strategy, capacity)) = Strategy::opened_by(instruction) else { return };
        let site = self.arenas.sites.iter().position(|site| site.offset == point.offset);
        let base = self.base(point.open.len());
        match site {
            Some(site) if self.homes.is_table(site) => {
                let what = Complex::Dynamic(Dynamic::Open { strategy, capacity, base });
                self.alone(what, base);
            }
            Some(site) if !self.homes.has_bytes(site) => self.emit(Op::Open { base: None, capacity }),
            _ => self.emit(Op::Open { base: Some(base), capacity }),
        }
    }

    pub(super) fn close(&mut self, point: &Point) {
        let Some(site) = point.open.last().copied() else { return };
        let capacity = self.arenas.sites.get(site).map_or(0, |site| site.capacity);
        match self.homes.is_table(site) {
            true => {
                let what = Complex::Dynamic(Dynamic::Close);
                self.alone(what, 0);
            }
            false => self.emit(Op::Close { capacity, has_bytes: self.homes.has_bytes(site) }),
        }
    }

    pub(super) fn base(&self, depth: usize) -> Register {
        self.homes.base(depth).unwrap_or(self.scratch())
    }

    pub(super) fn allocate(&mut self, slot: u16, size: u32) {
        match self.homes.of(slot) {
            Home::Table => {
                let what = Complex::Dynamic(Dynamic::Allocate { slot, size });
                self.alone(what, 0);
            }
            Home::Register { tag: Some(tag), .. } | Home::Memory { tag: Some(tag) } => {
                self.prepare(tag);
                self.emit(Op::Move { to: tag, from: Operand::Constant(0) });
            }
            Home::Register { tag: None, .. } | Home::Memory { tag: None } | Home::Alias { .. } => {}
        }
    }

    /// Where a slot's bytes stand, and so many behind.
    pub(super) fn address(&mut self, slot: u16, offset: u32, write: bool, point: &Point) -> Address {
        match (self.homes.of(slot), point.slots.first()) {
            (Home::Alias { address }, _) => Address { base: Some(address), offset },
            (Home::Table, _) | (_, None) => {
                let to = self.scratch() + 1;
                let what = Complex::Dynamic(Dynamic::Resolve { slot, write, to });
                self.alone(what, to);
                Address { base: Some(to), offset }
            }
            (_, Some(known)) => {
                let start = known.bytes.as_ref().map_or(0, |bytes| bytes.start);
                Address { base: Some(self.base(known.arena)), offset: start + offset }
            }
        }
    }

    pub(super) fn static_address(&self, block: u16, offset: u32) -> Address {
        let start = self.statics.get(usize::from(block)).copied().unwrap_or_default();
        Address { base: None, offset: start + offset }
    }

    pub(super) fn array(&self, slot: u16) -> (u32, u32) {
        let stencils = self.module.stencils();
        match self.function.slots.get(usize::from(slot)) {
            Some(SlotKind::Stencil(type_ref)) => {
                stencils.array(*type_ref).map_or((0, 0), |(element, length)| (stencils.size(element), length))
            }
            _ => (0, 0),
        }
    }

    pub(super) fn text(&mut self, slot: u16, write: bool, point: &Point) -> (TextPlace, u32) {
        let at = self.address(slot, 0, write, point);
        let capacity = match self.function.slots.get(usize::from(slot)) {
            Some(SlotKind::Stencil(type_ref)) => self.module.stencils().size(*type_ref),
            _ => 0,
        };
        (TextPlace::At(at), capacity)
    }

    pub(super) fn text_in_view(&self, offset: u32, depth: usize, point: &Point) -> (TextPlace, u32) {
        let element = self.element(point, depth);
        let capacity = element.and_then(|element| self.module.stencils().text_at(element, offset));
        (TextPlace::InView(Stride { size: self.size(element), offset }), capacity.unwrap_or_default())
    }

    pub(super) fn load_at(&mut self, tag: Tag, at: Address) {
        self.load_from(tag, Spot::At(at));
    }

    pub(super) fn load_from(&mut self, tag: Tag, from: Spot) {
        let to = self.target();
        self.emit(Op::Load { tag, to, from });
        self.push(Entry::Own);
    }

    pub(super) fn span(&mut self, at: Address, length: u32) {
        let to = self.target();
        self.emit(Op::Span { to, at, length });
        self.push(Entry::Own);
    }

    pub(super) fn load(&mut self, slot: u16, point: &Point) {
        let home = self.homes.of(slot);
        let mask = match self.function.slots.get(usize::from(slot)) {
            Some(SlotKind::Variable(mask)) => *mask,
            Some(SlotKind::Alias(tag)) => tag.mask(),
            _ => Mask::EMPTY,
        };
        let unset = point.slots.first().is_none_or(|known| known.held.unset);
        if let Home::Register { tag: Some(tag), .. } | Home::Memory { tag: Some(tag) } = home
            && unset
        {
            self.emit(Op::CheckStored { tag, slot });
        }
        match (home, mask.is_single()) {
            (Home::Table, single) => {
                let union = single.is_none();
                let what = Complex::Dynamic(Dynamic::Load { slot, union });
                self.complex(what, 0, if union { 2 } else { 1 });
            }
            (Home::Register { value, .. }, Some(_)) => self.push(Entry::Copy(value)),
            (Home::Register { value, tag: Some(tag) }, None) => {
                self.push(Entry::Copy(value));
                self.push(Entry::Copy(tag));
            }
            (Home::Memory { tag: Some(tag) }, None) => {
                let at = self.address(slot, 0, false, point);
                self.complex(Complex::LoadUnion { at, tag }, 0, 2);
            }
            (_, Some(tag)) => {
                let at = self.address(slot, 0, false, point);
                self.load_at(tag, at);
            }
            // A union has a tag.
            (_, None) => {}
        }
    }

    /// Stores the topmost value; says whether that can succeed.
    pub(super) fn store(&mut self, slot: u16, point: &Point) -> bool {
        let mask = match self.function.slots.get(usize::from(slot)) {
            Some(SlotKind::Variable(mask)) => *mask,
            Some(SlotKind::Alias(tag)) => tag.mask(),
            _ => return false,
        };
        let shape = self.shape(point);
        let home = self.homes.of(slot);
        if home == Home::Table {
            self.complex(Complex::Dynamic(Dynamic::Store { slot, mask, shape }), Self::cells_of(shape), 0);
            return true;
        }
        if let Shape::Scalar(tag) = shape
            && !mask.contains(tag)
        {
            self.emit(Op::Trap(Box::new(Trap::TypeMismatch { slot, mask, tag })));
            return false;
        }
        let stored_tag = match shape {
            Shape::Union => {
                let tag = self.pop_register();
                if !matches!(point.stack.last(), Some(CellType::UnionTag(held)) if held.intersection(mask) == *held) {
                    self.emit(Op::CheckTag { tag, slot, mask });
                }
                Operand::Register(tag)
            }
            Shape::Scalar(tag) => Operand::Constant(tag.number().into()),
            Shape::String => return false,
        };
        match (home, mask.is_single()) {
            (Home::Register { value, tag }, _) => {
                let from = self.pop();
                // The value first: the tag may lie above it, in the register that comes next.
                self.assign(value, from);
                if let Some(tag) = tag {
                    self.prepare(tag);
                    self.emit(Op::Move { to: tag, from: stored_tag });
                }
            }
            (Home::Memory { tag: Some(tag) }, None) => {
                if shape == Shape::Union {
                    // Back on the stack, beside its value.
                    self.push_operand(stored_tag);
                }
                let at = self.address(slot, 0, true, point);
                let what = Complex::StoreUnion { at, size: mask.size(), tag, shape };
                self.prepare(tag);
                self.complex(what, Self::cells_of(shape), 0);
            }
            (_, Some(single)) => {
                let value = self.pop();
                let at = self.address(slot, 0, true, point);
                self.emit(Op::Store { tag: single, value, to: Spot::At(at) });
                if let Home::Memory { tag: Some(tag) } = home {
                    self.prepare(tag);
                    self.emit(Op::Move { to: tag, from: Operand::Constant(single.number().into()) });
                }
            }
            (_, None) => return false,
        }
        true
    }

    pub(super) fn free(&mut self, slot: u16, instruction: &Instruction, point: &Point) {
        let kind = self.function.slots.get(usize::from(slot)).copied();
        let alias = matches!(kind, Some(SlotKind::Alias(_)));
        let drops = matches!(instruction, Instruction::VarDrop { .. });
        if self.homes.of(slot) == Home::Table {
            let what = if drops { Dynamic::Drop { slot, alias } } else { Dynamic::Free { slot, alias } };
            self.alone(Complex::Dynamic(what), 0);
            return;
        }
        // What is not there is not dropped; an alias that ends leaves nothing to do.
        let Some(known) = point.slots.first().filter(|_| !alias) else { return };
        let length = match kind {
            Some(SlotKind::Variable(mask)) => mask.size(),
            Some(SlotKind::Stencil(type_ref)) => self.module.stencils().size(type_ref),
            Some(SlotKind::Alias(_)) | None => 0,
        };
        match self.homes.of(slot) {
            Home::Register { .. } if length >= 64 => self.emit(Op::Pay { bytes: length }),
            Home::Register { .. } => {}
            _ => {
                let offset = known.bytes.as_ref().map_or(0, |bytes| bytes.start);
                let at = Address { base: Some(self.base(known.arena)), offset };
                self.emit(Op::Clear { at, length });
            }
        }
    }

    pub(super) fn point(&mut self, slot: u16, tag: Tag, point: &Point) {
        let offset = self.pop_register();
        let depth = point.open.len().saturating_sub(1);
        let capacity = point.open.last().and_then(|site| self.arenas.sites.get(*site)).map_or(0, |site| site.capacity);
        let (base, size) = (self.base(depth), tag.size());
        match self.homes.of(slot) {
            Home::Alias { address } => {
                self.prepare(address);
                self.emit(Op::Point { to: address, offset, base, size, capacity });
            }
            _ => {
                let address = self.scratch();
                self.emit(Op::Point { to: address, offset, base, size, capacity });
                let what = Complex::Dynamic(Dynamic::Point { slot, tag, address });
                self.alone(what, address);
            }
        }
    }
}
