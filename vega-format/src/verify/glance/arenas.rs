//! The arenas of an ordinary function: what was put into them, one thing after another.

use super::{Look, MOST_KEPT, Node};
use crate::container::SlotKind;
use crate::instruction::Slot;
use crate::stencil::{StencilTable, TypeRef};
use crate::types::Tag;
use crate::verify::MOST_OPEN;
use crate::verify::bounds::array_of;
use crate::verify::cells::{PAYLOAD, UNION_TAG, UNION_VALUE};

impl Look<'_> {
    #[inline]
    pub(super) fn kind(&self, slot: Slot) -> Option<SlotKind> {
        self.slots.get(usize::from(slot.0)).copied()
    }

    /// The type of a slot that is there and is a struct, tuple or array.
    pub(super) fn stencil(&self, slot: Slot) -> Option<TypeRef> {
        self.is_live(slot)?;
        match self.kind(slot)? {
            SlotKind::Stencil(type_ref) => Some(type_ref),
            _ => None,
        }
    }

    /// The type of the elements of a slot that is there and is an array.
    pub(super) fn element(&self, slot: Slot) -> Option<TypeRef> {
        self.is_live(slot)?;
        array_of(self.stencils, self.kind(slot)?)
    }

    pub(super) fn field(&self, type_ref: TypeRef, offset: u32, tag: Tag) -> Option<()> {
        (self.stencils.leaf(type_ref, offset)? == tag).then_some(())
    }

    #[inline]
    pub(super) fn is_live(&self, slot: Slot) -> Option<()> {
        (self.node.live & bit(slot) != 0).then_some(())
    }

    #[inline]
    pub(super) fn load(&mut self, slot: Slot) -> Option<()> {
        self.is_live(slot)?;
        match self.kind(slot)? {
            SlotKind::Alias(tag) => self.push(tag.number().into()),
            // Where no path has stored anything, it is a certain trap.
            SlotKind::Variable(mask) if self.stored & bit(slot) != 0 => match mask.is_single() {
                Some(tag) => self.push(tag.number().into()),
                None => {
                    let mask = u32::from(mask.bits()) << PAYLOAD;
                    self.push(UNION_VALUE | mask)?;
                    self.push(UNION_TAG | mask)
                }
            },
            _ => None,
        }
    }

    #[inline]
    pub(super) fn store(&mut self, slot: Slot) -> Option<()> {
        self.is_live(slot)?;
        let found = self.pop()?;
        let tag = u8::try_from(found).ok().and_then(Tag::from_number);
        match (self.kind(slot)?, tag) {
            (SlotKind::Alias(wanted), Some(tag)) if tag == wanted => {}
            (SlotKind::Variable(mask), Some(tag)) if mask.contains(tag) => {}
            (SlotKind::Variable(mask), None) if found == UNION_TAG | u32::from(mask.bits()) << PAYLOAD => {
                self.pop()?;
            }
            _ => return None,
        }
        self.stored |= bit(slot);
        Some(())
    }

    /// Makes a new state the present one.
    pub(super) fn add(&mut self, node: Node) -> Option<()> {
        self.here = self.glance.nodes.len() as u32;
        self.glance.nodes.push(node);
        self.node = node;
        (self.glance.nodes.len() <= MOST_KEPT).then_some(())
    }

    pub(super) fn go_to(&mut self, node: u32) -> Option<()> {
        self.here = node;
        self.node = *self.glance.nodes.get(node as usize)?;
        Some(())
    }

    pub(super) fn open(&mut self, capacity: u32) -> Option<()> {
        let before = self.node;
        if capacity > StencilTable::MOST_BYTES || usize::from(before.open) >= MOST_OPEN {
            return None;
        }
        let open_bytes = before.open_bytes + u64::from(capacity);
        if open_bytes > self.most_open.0 {
            self.most_open = (open_bytes, self.at);
        }
        self.add(Node {
            before: self.here,
            outside: self.here,
            last: None,
            open: before.open + 1,
            open_bytes,
            capacity,
            taken: 0,
            live: before.live,
            live_outside: before.live,
        })
    }

    /// Puts a slot behind the others in the innermost arena.
    pub(super) fn put(&mut self, slot: Slot, size: u32) -> Option<()> {
        let before = self.node;
        let taken = before.taken.checked_add(size)?;
        if before.open == 0 || before.live & bit(slot) != 0 || taken > before.capacity {
            return None;
        }
        self.stored &= !bit(slot);
        let last = u8::try_from(slot.0).ok();
        self.add(Node { before: self.here, last, taken, live: before.live | bit(slot), ..before })
    }

    /// Takes away the slot that was put there last.
    pub(super) fn drop_last(&mut self, slot: Slot) -> Option<()> {
        if self.node.last.map(u16::from) != Some(slot.0) {
            return None;
        }
        self.go_to(self.node.before)
    }

    /// Makes an alias in the innermost arena; `constant` is the one on the stack, if that is known.
    pub(super) fn point(&mut self, slot: Slot, tag: Tag, constant: Option<u32>) -> Option<()> {
        if self.node.open == 0 || self.kind(slot)? != SlotKind::Alias(tag) {
            return None;
        }
        self.take_integer()?;
        if let Some(constant) = constant {
            let start = u32::try_from(self.parsed.integer_constant(constant)?).ok()?;
            if start.checked_add(tag.size())? > self.node.capacity {
                return None;
            }
        }
        let (is_live, is_outside) = (self.node.live & bit(slot) != 0, self.node.live_outside & bit(slot) != 0);
        match (is_live, is_outside) {
            (true, true) => None,
            // It points elsewhere in the same arena.
            (true, false) => Some(()),
            (false, _) => self.put(slot, 0),
        }
    }
}

/// The bit of a slot; a slot that an ordinary function cannot have has none.
#[inline]
fn bit(slot: Slot) -> u64 {
    1u64.checked_shl(slot.0.into()).unwrap_or(0)
}
