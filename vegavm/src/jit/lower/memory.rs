//! Bytes in linear memory: where a value stands, how it is loaded and stored, and arenas that begin.
//!
//! Guarantees: no access but to bytes of the view or array that is named, whose index was looked at here, or is proven.

use super::Lower;
use crate::jit::boundary::field;
use crate::jit::compute::character;
use crate::jit::sites::{Problem, What};
use crate::register::{Address, Kind, Operand, Register, Spot};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{AliasRegionData, InstBuilder, MemFlagsData, Value, types};
use cranelift_frontend::FunctionBuilder;
use vega_format::types::Tag;

/// Bytes that are zeroed one store after another; more are left to the host.
const FEW_BYTES: u32 = 256;

/// How memory is accessed. What the host keeps and what lies in linear memory are apart.
#[derive(Debug, Clone, Copy)]
pub(in crate::jit) struct Flags {
    pub(in crate::jit) host: MemFlagsData,
    memory: MemFlagsData,
}

impl Flags {
    pub(super) fn new(builder: &mut FunctionBuilder<'_>) -> Flags {
        let mut region = |user_id, description: &'static str| {
            let data = AliasRegionData { user_id, description: description.into() };
            Some(builder.func.dfg.alias_regions.insert(data))
        };
        let (host, memory) = (region(0, "host"), region(1, "memory"));
        Flags {
            host: MemFlagsData::trusted().with_alias_region(host),
            // Arenas are packed: nothing is aligned.
            memory: MemFlagsData::new().with_notrap().with_alias_region(memory),
        }
    }
}

impl Lower<'_, '_> {
    /// Where bytes stand in linear memory.
    pub(super) fn offset(&mut self, at: Address) -> Value {
        match at.base {
            Some(base) => {
                let base = self.get(base, Kind::Cell);
                self.builder.ins().iadd_imm_s(base, i64::from(at.offset))
            }
            None => self.constant(at.offset.into(), Kind::Cell),
        }
    }

    /// Where a value stands: an address, and so far behind it.
    pub(super) fn spot(&mut self, spot: Spot) -> Option<(Value, i32)> {
        match spot {
            Spot::At(at) => Some(self.address(at)),
            Spot::Array { at, index, size, length } => {
                let (start, offset) = self.address(at);
                let length = self.constant(length.into(), Kind::Int);
                let index = self.index(index, length);
                Some((self.element(start, index, size), offset))
            }
            Spot::View { view, index, stride } => {
                let (start, length) = self.get_view(view);
                let index = self.index(index, length);
                let element = self.element(start, index, stride.size);
                Some(self.behind(element, stride.offset))
            }
            Spot::ViewAt { .. } => None,
        }
    }

    /// The address where a value stands whose index, if it has one, is known to be within bounds.
    pub(in crate::jit) fn proven_spot(&mut self, spot: Spot) -> Option<Value> {
        self.proven = true;
        let (address, offset) = self.spot(spot)?;
        Some(self.builder.ins().iadd_imm_s(address, i64::from(offset)))
    }

    /// So far behind an address, as far as an instruction can tell.
    fn behind(&mut self, address: Value, offset: u32) -> (Value, i32) {
        match i32::try_from(offset) {
            Ok(offset) => (address, offset),
            Err(_) => (self.builder.ins().iadd_imm_s(address, i64::from(offset)), 0),
        }
    }

    fn address(&mut self, at: Address) -> (Value, i32) {
        let start = match at.base {
            Some(base) => {
                let base = self.get(base, Kind::Cell);
                self.builder.ins().iadd(self.memory, base)
            }
            None => self.memory,
        };
        self.behind(start, at.offset)
    }

    /// An index that is below a length.
    pub(super) fn index(&mut self, register: Register, length: Value) -> Value {
        if self.kind_of(Operand::Register(register)) == Kind::Int {
            let index = self.get(register, Kind::Int);
            if self.proven {
                return self.builder.ins().uextend(types::I64, index);
            }
            let is_below = self.builder.ins().icmp(IntCC::UnsignedLessThan, index, length);
            self.index_traps_unless(is_below, register, length);
            return self.builder.ins().uextend(types::I64, index);
        }
        let index = self.get(register, Kind::Cell);
        if self.proven {
            return index;
        }
        let wide = self.builder.ins().uextend(types::I64, length);
        let is_below = self.builder.ins().icmp(IntCC::UnsignedLessThan, index, wide);
        self.index_traps_unless(is_below, register, length);
        index
    }

    fn index_traps_unless(&mut self, is_below: Value, register: Register, length: Value) {
        let (cold, behind) = (self.builder.create_block(), self.builder.create_block());
        self.builder.set_cold_block(cold);
        self.builder.ins().brif(is_below, behind, &[], cold, &[]);
        self.begin(cold);
        let index = self.get(register, Kind::Cell);
        let length = self.builder.ins().uextend(types::I64, length);
        self.stop(What::Trap(Problem::Index), &[index, length]);
        self.begin(behind);
    }

    pub(super) fn element(&mut self, start: Value, index: Value, size: u32) -> Value {
        let distance = match size.is_power_of_two() {
            true => self.builder.ins().ishl_imm_s(index, i64::from(size.trailing_zeros())),
            false => self.builder.ins().imul_imm_s(index, i64::from(size)),
        };
        self.builder.ins().iadd(start, distance)
    }

    pub(super) fn load(&mut self, tag: Tag, address: Value, offset: i32) -> Value {
        let flags = self.flags.memory;
        let ins = self.builder.ins();
        match tag {
            Tag::Byte => ins.uload8(types::I32, flags, address, offset),
            Tag::Bool => {
                let byte = ins.uload8(types::I32, flags, address, offset);
                let is_true = self.builder.ins().icmp_imm_s(IntCC::NotEqual, byte, 0);
                self.builder.ins().uextend(types::I32, is_true)
            }
            Tag::Short => ins.sload16(types::I32, flags, address, offset),
            Tag::Int => ins.load(types::I32, flags, address, offset),
            Tag::Char => {
                let bits = ins.load(types::I32, flags, address, offset);
                character(&mut self.builder, bits)
            }
            Tag::Long => ins.load(types::I64, flags, address, offset),
            Tag::Float => ins.load(types::F32, flags, address, offset),
            Tag::Decimal => ins.load(types::F64, flags, address, offset),
        }
    }

    pub(super) fn store(&mut self, tag: Tag, value: Value, address: Value, offset: i32) {
        let flags = self.flags.memory;
        match tag {
            Tag::Byte | Tag::Bool => _ = self.builder.ins().istore8(flags, value, address, offset),
            Tag::Short => _ = self.builder.ins().istore16(flags, value, address, offset),
            _ => self.store_whole(value, address, offset),
        }
    }

    /// Stores a value with all the bytes that it has.
    pub(in crate::jit) fn store_whole(&mut self, value: Value, address: Value, offset: i32) {
        self.builder.ins().store(self.flags.memory, value, address, offset);
    }

    /// Takes bytes behind the innermost arena, and makes them zeroes if they were ever in use.
    pub(super) fn open(&mut self, base: Register, capacity: u32) {
        let flags = self.flags.host;
        let top = self.builder.ins().load(types::I64, flags, self.context, field::TOP);
        let dirty = self.builder.ins().load(types::I64, flags, self.context, field::DIRTY);
        let end = self.builder.ins().iadd_imm_s(top, i64::from(capacity));
        self.builder.ins().store(flags, end, self.context, field::TOP);
        let (used, behind) = (self.builder.create_block(), self.builder.create_block());
        let was_used = self.builder.ins().icmp(IntCC::UnsignedLessThan, top, dirty);
        self.builder.ins().brif(was_used, used, &[], behind, &[]);
        self.begin(used);
        self.zero(top, capacity);
        self.builder.ins().jump(behind, &[]);
        self.begin(behind);
        let dirty = self.builder.ins().umax(dirty, end);
        self.builder.ins().store(flags, dirty, self.context, field::DIRTY);
        self.set(base, Kind::Cell, top);
    }

    /// Makes bytes zeroes.
    pub(super) fn zero(&mut self, start: Value, length: u32) {
        if length > FEW_BYTES {
            let length = self.constant(length.into(), Kind::Cell);
            self.event(What::Zero, &[start, length]);
            return self.reload();
        }
        let address = self.builder.ins().iadd(self.memory, start);
        let mut at = 0;
        for type_ in [types::I64, types::I32, types::I16, types::I8] {
            let zero = self.builder.ins().iconst(type_, 0);
            while at + type_.bytes() <= length {
                self.builder.ins().store(self.flags.memory, zero, address, at.cast_signed());
                at += type_.bytes();
            }
        }
    }
}
