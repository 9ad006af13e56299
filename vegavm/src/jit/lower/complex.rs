//! Operations on cells that stand one behind another: a few are done here, the others by the host, on the register file.

use super::Lower;
use crate::jit::sites::{Problem, What};
use crate::register::{Complex, Dynamic, Kind, Register, TextPlace};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use vega_format::types::{Mask, Tag};
impl Lower<'_, '_> {
    /// Whether a tag is one of those of a mask.
    pub(super) fn is_one_of(&mut self, tag: Value, mask: Mask) -> Value {
        let numbers = Tag::ALL.iter().filter(|tag| mask.contains(**tag)).map(|tag| 1i64 << tag.number());
        let bits = self.builder.ins().iconst(types::I64, numbers.fold(0, |bits, bit| bits | bit));
        let bits = self.builder.ins().ushr(bits, tag);
        self.builder.ins().band_imm_s(bits, 1)
    }

    /// Puts registers where the host finds them.
    pub(super) fn put_cells(&mut self, first: Register, count: u16) {
        (first..first + count).for_each(|register| self.put_cell(register));
    }

    fn put_cell(&mut self, register: Register) {
        let value = self.get_exact(register, Kind::Cell);
        self.builder.ins().store(self.flags.host, value, self.registers, 8 * i32::from(register));
    }

    pub(super) fn take_cells(&mut self, first: Register, count: u16) {
        (first..first + count).for_each(|register| self.take_cell(register));
    }

    pub(super) fn take_cell(&mut self, register: Register) {
        let flags = self.flags.host;
        let value = self.builder.ins().load(types::I64, flags, self.registers, 8 * i32::from(register));
        self.set(register, Kind::Cell, value);
    }

    /// Most of what takes its operands as cells is done by the host, on the register file.
    pub(super) fn complex(&mut self, what: Complex, first: Register, takes: u16, gives: u16) -> Option<()> {
        match what {
            Complex::UnionIs { shape: crate::register::Shape::Union, mask } => {
                let tag = self.get(first + 1, Kind::Cell);
                let is_one = self.is_one_of(tag, mask);
                self.set(first, Kind::Cell, is_one);
                return Some(());
            }
            Complex::UnionAs { shape: crate::register::Shape::Union, mask } => {
                let tag = self.get(first + 1, Kind::Cell);
                let is_one = self.is_one_of(tag, mask);
                self.trap_unless(is_one, Problem::Union { mask }, &[tag]);
                return Some(());
            }
            Complex::ViewPart { stride, length } => {
                let (start, most) = self.get_view(first);
                let index = self.index(first + 1, most);
                let start = self.element(start, index, stride.size);
                let start = self.builder.ins().iadd_imm_s(start, i64::from(stride.offset));
                let length = self.constant(length.into(), Kind::Int);
                self.set_view(first, (start, length));
                return Some(());
            }
            Complex::Slice { size } => {
                let [start, end] = [first + 1, first + 2].map(|register| self.get(register, Kind::Cell));
                let (from, length) = self.get_view(first);
                let length = self.builder.ins().uextend(types::I64, length);
                // As numbers without a sign, a start below zero is beyond any end that is within the length.
                let is_ordered = self.builder.ins().icmp(IntCC::UnsignedLessThanOrEqual, start, end);
                let is_within = self.builder.ins().icmp(IntCC::UnsignedLessThanOrEqual, end, length);
                let is_slice = self.builder.ins().band(is_ordered, is_within);
                self.trap_unless(is_slice, Problem::Slice, &[start, end, length]);
                let from = self.element(from, start, size);
                let length = self.builder.ins().isub(end, start);
                let length = self.builder.ins().ireduce(types::I32, length);
                self.set_view(first, (from, length));
                return Some(());
            }
            _ => {}
        }
        self.put_cells(first, takes);
        let mut uses = Uses::default();
        uses.of(&what);
        uses.reads.iter().flatten().for_each(|register| self.put_cell(*register));
        if let Complex::Fail = what {
            self.stop(What::Complex { what, first }, &[]);
            return Some(());
        }
        self.event(What::Complex { what, first }, &[]);
        self.reload();
        self.take_cells(first, gives);
        if let Some(register) = uses.writes {
            self.take_cell(register);
        }
        Some(())
    }
}

/// The registers that an operation on cells names beside those cells.
#[derive(Debug, Default)]
pub(in crate::jit) struct Uses {
    pub(in crate::jit) reads: [Option<Register>; 2],
    pub(in crate::jit) writes: Option<Register>,
}

impl Uses {
    pub(in crate::jit) fn of(&mut self, what: &Complex) {
        match *what {
            Complex::TextView { place: TextPlace::At(at), .. }
            | Complex::TextStore { place: TextPlace::At(at), .. }
            | Complex::TextFormat { place: TextPlace::At(at), .. } => self.reads = [at.base, None],
            Complex::LoadUnion { at, tag } => self.reads = [at.base, Some(tag)],
            Complex::StoreUnion { at, tag, .. } => {
                self.reads = [at.base, None];
                self.writes = Some(tag);
            }
            Complex::Dynamic(Dynamic::Point { address, .. }) => self.reads = [Some(address), None],
            Complex::Dynamic(Dynamic::Resolve { to, .. }) => self.writes = Some(to),
            Complex::Dynamic(Dynamic::Open { base, .. }) => self.writes = Some(base),
            _ => {}
        }
    }
}
