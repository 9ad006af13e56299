//! Static blocks: they lie in linear memory behind the string constants, one after another, and outlive every call.

use super::{Machine, Stop};
use crate::value::{Cell, CellKind, Span};
use alloc::vec::Vec;
use vega_format::parsed::Parsed;
use vega_format::types::Tag;

/// The static blocks of an instance as they are before its first call.
pub(crate) fn at_start(module: &Parsed<'_>) -> Vec<Vec<u8>> {
    module.statics().map(|block| block.image.to_vec()).collect()
}

impl Machine<'_> {
    /// Puts the blocks of the instance behind the string constants; what an image does not say is zero.
    pub(super) fn place_statics(&mut self, statics: &[Vec<u8>]) -> Result<(), Stop> {
        self.meter.take_memory(self.module.static_bytes())?;
        for (block, image) in self.module.statics().zip(statics) {
            let start = self.memory.len();
            self.grow(block.capacity as usize)?;
            self.bytes_mut(start, image.len())?.copy_from_slice(image);
            self.statics.push(start);
        }
        Ok(())
    }

    /// The blocks as they are now, for the next call of the instance.
    pub(crate) fn take_statics(&self, statics: &mut [Vec<u8>]) {
        for ((block, start), bytes) in self.module.statics().zip(&self.statics).zip(statics) {
            if let Some(now) = self.memory.get(*start..*start + block.capacity as usize) {
                bytes.clear();
                bytes.extend_from_slice(now);
            }
        }
    }

    fn static_address(&self, block: u16, offset: u32) -> Result<usize, Stop> {
        let start = self.statics.get(usize::from(block)).ok_or(Stop::Broken("no such static block"))?;
        Ok(start + offset as usize)
    }

    pub(super) fn load_static(&mut self, block: u16, offset: u32, tag: Tag) -> Result<(), Stop> {
        let bits = self.read(self.static_address(block, offset)?, tag)?;
        self.push(Cell::scalar(tag, bits));
        Ok(())
    }

    pub(super) fn store_static(&mut self, block: u16, offset: u32, tag: Tag) -> Result<(), Stop> {
        let bits = self.pop_tagged(tag)?;
        self.write(self.static_address(block, offset)?, tag, bits)
    }

    pub(super) fn view_static(&mut self, block: u16, offset: u32, depth: u8) -> Result<(), Stop> {
        let address = self.static_address(block, offset)?;
        let stencils = self.module.stencils();
        let part = self.module.static_block(block.into()).and_then(|block| block.part_at(stencils, offset, depth));
        let (element, length) = stencils.viewed(part.ok_or(Stop::Broken("no such part"))?);
        self.push(Cell::span(CellKind::View(element), Span { offset: address as u32, length }));
        Ok(())
    }
}
