//! The expression stack of an ordinary function, as codes of types.

use super::{BOTTOM, Look};
use crate::instruction::{LOCAL, Plain, STRING, Static};
use crate::parsed::CallTarget;
use crate::proof::{CallSite, Part};
use crate::stencil::TypeRef;
use crate::types::Tag;
use crate::verify::cells::{PAYLOAD, UNION_TAG, UNION_VALUE, VIEW};

impl Look<'_> {
    #[allow(clippy::indexing_slicing, reason = "a byte into 256 places")]
    #[inline(always)]
    pub(super) fn cell(&self, place: u8) -> u32 {
        self.glance.stack[usize::from(place)]
    }

    #[inline(always)]
    pub(super) fn plain(&mut self, plain: &Plain) -> Option<()> {
        let pair = u64::from(self.cell(self.top)) | u64::from(self.cell(self.top.wrapping_sub(1))) << 32;
        if pair & plain.mask != plain.wanted {
            return None;
        }
        self.top = self.top.wrapping_sub(plain.pops);
        if plain.left != 0 {
            self.push(plain.left)?;
        }
        Some(())
    }

    #[inline(always)]
    pub(super) fn push(&mut self, code: u32) -> Option<()> {
        if self.top >= self.limit {
            return None;
        }
        self.top += 1;
        let place = usize::from(self.top);
        #[allow(clippy::indexing_slicing, reason = "a byte into 256 places")]
        {
            self.glance.stack[place] = code;
            self.glance.from[place] = self.glance.pushes.len() as u32;
        }
        self.glance.pushes.push((self.top, code));
        Some(())
    }

    #[inline(always)]
    pub(super) fn pop(&mut self) -> Option<u32> {
        let code = self.cell(self.top);
        if code == 0 {
            return None;
        }
        self.top -= 1;
        Some(code)
    }

    #[inline(always)]
    pub(super) fn take(&mut self, tag: Tag) -> Option<()> {
        (self.pop()? == u32::from(tag.number())).then_some(())
    }

    pub(super) fn take_integer(&mut self) -> Option<()> {
        let code = self.pop()?;
        [Tag::Byte, Tag::Short, Tag::Int, Tag::Long].iter().any(|tag| u32::from(tag.number()) == code).then_some(())
    }

    /// A view of a part, local or not.
    pub(super) fn push_view(&mut self, part: TypeRef, local: u32) -> Option<()> {
        let (element, _) = self.stencils.viewed(part);
        self.push(VIEW | local | element.number().checked_mul(1 << PAYLOAD)?)
    }

    /// Drops cells beneath others; none of the two groups begins inside a union.
    pub(super) fn slide(&mut self, keep: u8, drop: u8) -> Option<()> {
        let last_dropped = self.top.checked_sub(keep)?;
        let left = last_dropped.checked_sub(drop).filter(|left| *left >= BOTTOM - 1)?;
        let splits = |place: u8| place <= self.top && self.cell(place) & 0xFF == UNION_TAG;
        if splits(last_dropped + 1) || splits(left + 1) {
            return None;
        }
        let kept = last_dropped + 1..=self.top;
        self.top = left;
        // Each moves down, so none is overwritten before it is read.
        kept.into_iter().try_for_each(|place| self.push(self.cell(place)))
    }

    pub(super) fn static_leaf(&self, block: Static, offset: u32, tag: Tag) -> Option<()> {
        let block = self.parsed.static_block(block.0.into())?;
        (block.leaf(self.stencils, offset)? == tag).then_some(())
    }

    pub(super) fn take_string(&mut self) -> Option<()> {
        (self.pop()? & !LOCAL == STRING).then_some(())
    }

    /// A view: the type of its elements, and its code.
    pub(super) fn take_view(&mut self) -> Option<(TypeRef, u32)> {
        let code = self.pop()?;
        let element = TypeRef::from_number(code >> PAYLOAD)?;
        (code & 0xFF & !LOCAL == VIEW).then_some((element, code))
    }

    /// The cells on the stack.
    pub(super) fn stack(&self) -> &[u32] {
        self.glance.stack.get(usize::from(BOTTOM)..=usize::from(self.top)).unwrap_or_default()
    }

    pub(super) fn no_locals(&self) -> Option<()> {
        self.stack().iter().all(|code| code & LOCAL == 0).then_some(())
    }

    pub(super) fn load_cell(&mut self, cell: u16) -> Option<()> {
        let cell = usize::from(cell);
        let code = match cell.checked_sub(self.parameters.len()) {
            None => *self.parameters.get(cell)?,
            Some(height) => *self.stack().get(height)?,
        };
        match code & 0xFF {
            UNION_TAG => None,
            UNION_VALUE => {
                self.push(code)?;
                self.push(code ^ UNION_VALUE ^ UNION_TAG)
            }
            _ => self.push(code),
        }
    }

    /// Takes cells that must have these types, and says whether a local view is among them.
    pub(super) fn take_all(&mut self, codes: &[u32]) -> Option<bool> {
        let there = self.stack();
        let found = there.get(there.len().checked_sub(codes.len())?..)?;
        let mut local = 0;
        for (found, wanted) in found.iter().zip(codes) {
            if found & !LOCAL != *wanted {
                return None;
            }
            local |= found & LOCAL;
        }
        self.top -= codes.len() as u8;
        Some(local != 0)
    }

    pub(super) fn call(&mut self, (parameters, result): (&[u32], &[u32])) -> Option<()> {
        let local = self.take_all(parameters)?;
        for code in result {
            // A string that comes back may be one that went in.
            self.push(if *code == STRING && local { STRING | LOCAL } else { *code })?;
        }
        Some(())
    }

    pub(super) fn give_result(&mut self) -> Option<()> {
        (!self.take_all(self.result)? && self.node.open == 0).then_some(())
    }

    pub(super) fn call_function(&mut self, caller: u32, function: u32, part: &mut Part) -> Option<()> {
        let signature = self.parsed.signature_number(function)?;
        let codes = match self.parsed.call_target(caller, self.at, function) {
            CallTarget::Function(callee) => {
                part.add_call(CallSite::new(self.at, self.node.open_bytes, callee));
                self.cells.codes(signature)?
            }
            CallTarget::Import(import) => {
                self.unresolved = self.unresolved.or(Some(self.at));
                self.cells.import_codes(import)?
            }
        };
        self.call(codes)
    }
}
