//! The registers of the form as variables: one for each kind of value that a register holds, so that floats stay in the
//! registers of floats. Where paths meet, a register holds the kind that the form says.

use super::body::{Act, Body};
use super::liveness::writes;
use super::lower::Lower;
use crate::register::{Kind, Op, Operand, Register};
use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::immediates::{Ieee32, Ieee64};
use cranelift_codegen::ir::{BlockArg, InstBuilder, MemFlagsData, Type, Value, types};
use cranelift_frontend::Variable;
use std::collections::HashMap;
use vega_format::arithmetic::{CANONICAL_DECIMAL_NAN, CANONICAL_FLOAT_NAN};
use vega_format::compute::Computation;

/// The variables of a register: one for each kind of value, and for how long a view is.
#[derive(Debug, Clone, Copy, Default)]
struct Variables {
    kinds: [Option<Variable>; 5],
    length: Option<Variable>,
}

/// What is known of a register at a point.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    variables: Variables,
    now: Option<Kind>,
    raw: Option<bool>,
}

/// What is known of the registers at a point.
#[derive(Debug, Clone)]
pub(super) struct Values {
    variables: HashMap<Register, Variables>,
    /// What each register holds.
    pub(super) now: Vec<Kind>,
    /// Whether that may be a NaN other than the canonical one.
    pub(super) raw: Vec<bool>,
    /// What those hold that hold one kind all the time.
    fixed: Vec<Option<Kind>>,
    /// Those that only hold what was computed: whether a NaN is the canonical one matters only where its bits are seen.
    computed: Vec<bool>,
}

impl Values {
    pub(super) fn new(body: &Body) -> Values {
        let fixed = &body.kinds;
        let now = fixed.iter().map(|kind| kind.unwrap_or(Kind::Cell)).collect();
        let raw = vec![false; fixed.len()];
        Values { variables: HashMap::new(), now, raw, fixed: fixed.clone(), computed: computed(body) }
    }

    /// Paths meet: what is known of the registers is what every path leaves in them.
    pub(super) fn meet(&mut self) {
        self.raw.copy_from_slice(&self.computed);
    }

    /// A register has no variables any more.
    pub(super) fn forget(&mut self, register: Register) {
        self.variables.remove(&register);
    }

    pub(super) fn held(&self, register: Register) -> Held {
        let (variables, place) = (self.variables.get(&register).copied().unwrap_or_default(), usize::from(register));
        Held { variables, now: self.now.get(place).copied(), raw: self.raw.get(place).copied() }
    }

    /// A register is what it is elsewhere, with the variables that it has there.
    pub(super) fn hold(&mut self, register: Register, held: Held) {
        let mine = self.variables.entry(register).or_default();
        for (mine, there) in mine.kinds.iter_mut().zip(held.variables.kinds) {
            *mine = there.or(*mine);
        }
        mine.length = held.variables.length.or(mine.length);
        let place = usize::from(register);
        if let (Some(now), Some(there)) = (self.now.get_mut(place), held.now) {
            *now = there;
        }
        if let (Some(raw), Some(there)) = (self.raw.get_mut(place), held.raw) {
            *raw = there;
        }
    }

    pub(super) fn is_computed(&self, register: Register) -> bool {
        self.computed.get(usize::from(register)).copied().unwrap_or_default()
    }

    /// What a register holds all the time.
    fn fixed(&self, register: Register) -> Option<Kind> {
        self.fixed.get(usize::from(register)).copied().flatten()
    }
}

/// Which registers of floats are written by computations and with constants only.
fn computed(body: &Body) -> Vec<bool> {
    let is_float = |kind: &Option<Kind>| matches!(kind, Some(Kind::Float | Kind::Decimal));
    let mut computed: Vec<_> = body.kinds.iter().map(is_float).collect();
    let parameters = body.contexts.first().map_or(0, |context| context.parameters);
    computed.iter_mut().take(parameters.into()).for_each(|computed| *computed = false);
    for act in &body.acts {
        let Act::Op(op) = act else { continue };
        let is_it = match op {
            Op::Two { .. } => true,
            Op::One { computation, .. } => !matches!(
                computation,
                Computation::NegFloat | Computation::NegDecimal | Computation::AbsFloat | Computation::AbsDecimal
            ),
            // The bits of a NaN of either type are above those of infinity.
            Op::Move { from: Operand::Constant(bits), .. } => !is_nan(*bits),
            _ => false,
        };
        if !is_it {
            writes(op, &mut |register| {
                if let Some(computed) = computed.get_mut(usize::from(register)) {
                    *computed = false;
                }
            });
        }
    }
    computed
}

/// Whether a cell may be a NaN, as a float or as a decimal.
fn is_nan(bits: u64) -> bool {
    f64::from_bits(bits).is_nan() || f32::from_bits(bits as u32).is_nan()
}

/// The type of a kind.
pub(super) fn type_of(kind: Kind) -> Type {
    match kind {
        // Of a view, the address where it begins.
        Kind::Cell | Kind::View => types::I64,
        Kind::Int => types::I32,
        Kind::Float => types::F32,
        Kind::Decimal => types::F64,
    }
}

impl Lower<'_, '_> {
    fn variable(&mut self, register: Register, kind: Kind) -> Variable {
        let builder = &mut self.builder;
        let variables = self.values.variables.entry(register).or_default();
        *variables.kinds[kind as usize].get_or_insert_with(|| builder.declare_var(type_of(kind)))
    }

    fn kind(&self, register: Register) -> Kind {
        self.values.now.get(usize::from(register)).copied().unwrap_or(Kind::Cell)
    }

    fn is_raw(&self, register: Register) -> bool {
        self.values.raw.get(usize::from(register)).copied().unwrap_or_default()
    }

    /// What a register holds, as a value of a kind; of floats any NaN will do.
    pub(super) fn get(&mut self, register: Register, want: Kind) -> Value {
        let kind = self.kind(register);
        if kind != want {
            self.make_exact(register);
        }
        if kind == Kind::View {
            let cell = self.view_cell(register);
            return self.convert(cell, Kind::Cell, want);
        }
        let variable = self.variable(register, kind);
        let value = self.builder.use_var(variable);
        self.convert(value, kind, want)
    }

    /// A register has the variables of what it holds.
    pub(super) fn have_variable(&mut self, register: Register) {
        let kind = self.kind(register);
        self.variable(register, kind);
        if kind == Kind::View {
            self.length_variable(register);
        }
    }

    /// A register has variables that nothing else knows of, which hold what it held.
    pub(super) fn have_own(&mut self, register: Register) {
        let kind = self.kind(register);
        if kind == Kind::View {
            let view = self.get_view(register);
            self.values.forget(register);
            return self.set_view(register, view);
        }
        let (variable, raw) = (self.variable(register, kind), self.is_raw(register));
        let value = self.builder.use_var(variable);
        self.values.forget(register);
        self.set_as(register, kind, value, raw);
    }

    fn length_variable(&mut self, register: Register) -> Variable {
        let builder = &mut self.builder;
        let variables = self.values.variables.entry(register).or_default();
        *variables.length.get_or_insert_with(|| builder.declare_var(types::I32))
    }

    /// The address where a view begins, and how long it is.
    pub(super) fn get_view(&mut self, register: Register) -> (Value, Value) {
        if self.kind(register) == Kind::View {
            let variables = [self.variable(register, Kind::View), self.length_variable(register)];
            let [address, length] = variables.map(|variable| self.builder.use_var(variable));
            return (address, length);
        }
        let cell = self.get(register, Kind::Cell);
        self.split(cell)
    }

    fn split(&mut self, cell: Value) -> (Value, Value) {
        let length = self.builder.ins().ushr_imm_s(cell, 32);
        let length = self.builder.ins().ireduce(types::I32, length);
        let start = self.builder.ins().ireduce(types::I32, cell);
        let start = self.builder.ins().uextend(types::I64, start);
        (self.builder.ins().iadd(self.memory, start), length)
    }

    /// The cell of a view.
    fn view_cell(&mut self, register: Register) -> Value {
        let (address, length) = self.get_view(register);
        let start = self.builder.ins().isub(address, self.memory);
        let length = self.builder.ins().uextend(types::I64, length);
        let length = self.builder.ins().ishl_imm_s(length, 32);
        self.builder.ins().bor(start, length)
    }

    /// Puts a view into a register.
    pub(super) fn set_view(&mut self, register: Register, (address, length): (Value, Value)) {
        let place = usize::from(register);
        let variables = [(self.variable(register, Kind::View), address), (self.length_variable(register), length)];
        variables.into_iter().for_each(|(variable, value)| self.builder.def_var(variable, value));
        let fixed = self.values.fixed(register).unwrap_or(Kind::View);
        if let (Kind::View, Some(now), Some(is_raw)) =
            (fixed, self.values.now.get_mut(place), self.values.raw.get_mut(place))
        {
            (*now, *is_raw) = (Kind::View, false);
            return;
        }
        // It is kept as a cell.
        let start = self.builder.ins().isub(address, self.memory);
        let length = self.builder.ins().uextend(types::I64, length);
        let length = self.builder.ins().ishl_imm_s(length, 32);
        let cell = self.builder.ins().bor(start, length);
        self.set(register, Kind::Cell, cell);
    }

    /// What a register holds, of which every bit can be seen.
    pub(super) fn get_exact(&mut self, register: Register, want: Kind) -> Value {
        self.make_exact(register);
        self.get(register, want)
    }

    pub(super) fn operand(&mut self, operand: Operand, want: Kind) -> Value {
        match operand {
            Operand::Register(register) => self.get(register, want),
            Operand::Constant(bits) => self.constant(bits, want),
        }
    }

    pub(super) fn operand_exact(&mut self, operand: Operand, want: Kind) -> Value {
        match operand {
            Operand::Register(register) => self.get_exact(register, want),
            Operand::Constant(bits) => self.constant(bits, want),
        }
    }

    /// The kind that an operand has by itself.
    pub(super) fn kind_of(&self, operand: Operand) -> Kind {
        match operand {
            Operand::Register(register) => self.kind(register),
            Operand::Constant(_) => Kind::Cell,
        }
    }

    pub(super) fn constant(&mut self, bits: u64, kind: Kind) -> Value {
        match kind {
            Kind::Cell | Kind::View => self.builder.ins().iconst(types::I64, bits.cast_signed()),
            Kind::Int => self.builder.ins().iconst(types::I32, i64::from(bits as u32)),
            Kind::Float => self.builder.ins().f32const(Ieee32::with_bits(bits as u32)),
            Kind::Decimal => self.builder.ins().f64const(Ieee64::with_bits(bits)),
        }
    }

    /// Puts a value into a register.
    pub(super) fn set(&mut self, register: Register, kind: Kind, value: Value) {
        self.set_as(register, kind, value, false);
    }

    /// The same for a float that may be a NaN other than the canonical one.
    pub(super) fn set_as(&mut self, register: Register, kind: Kind, value: Value, raw: bool) {
        let place = usize::from(register);
        let wanted = self.values.fixed(register).unwrap_or(kind);
        let (value, raw) = match wanted == kind || wanted == Kind::View {
            true => (value, raw),
            false => {
                let value = if raw { self.canonical(value, kind) } else { value };
                (self.convert(value, kind, wanted), false)
            }
        };
        if wanted == Kind::View {
            let view = self.split(value);
            return self.set_view(register, view);
        }
        let variable = self.variable(register, wanted);
        self.builder.def_var(variable, value);
        if let (Some(now), Some(is_raw)) = (self.values.now.get_mut(place), self.values.raw.get_mut(place)) {
            (*now, *is_raw) = (wanted, raw);
        }
    }

    /// Copies an operand to a register as it is.
    pub(super) fn copy(&mut self, to: Register, from: Operand) {
        let kind = self.kind_of(from);
        if let (Kind::View, Operand::Register(from)) = (kind, from) {
            let view = self.get_view(from);
            return self.set_view(to, view);
        }
        let raw = matches!(from, Operand::Register(from) if self.is_raw(from));
        let value = self.operand(from, kind);
        self.set_as(to, kind, value, raw);
    }

    /// The register holds a value of which every bit can be seen.
    pub(super) fn make_exact(&mut self, register: Register) {
        if !self.is_raw(register) {
            return;
        }
        let kind = self.kind(register);
        let variable = self.variable(register, kind);
        let value = self.builder.use_var(variable);
        let value = self.canonical(value, kind);
        self.set_as(register, kind, value, false);
    }

    /// The register holds a value of this kind, of which every bit can be seen.
    pub(super) fn settle(&mut self, register: Register, want: Kind) {
        self.make_exact(register);
        let kind = self.kind(register);
        if want == Kind::View && kind != want {
            let (address, length) = self.get_view(register);
            let variables = [(self.variable(register, want), address), (self.length_variable(register), length)];
            variables.into_iter().for_each(|(variable, value)| self.builder.def_var(variable, value));
        } else if kind != want {
            let value = self.get(register, want);
            let variable = self.variable(register, want);
            self.builder.def_var(variable, value);
        }
    }

    /// The value, or the canonical NaN for any NaN. A jump that is not taken is nothing to wait for.
    pub(super) fn canonical(&mut self, value: Value, kind: Kind) -> Value {
        let (cold, behind) = (self.builder.create_block(), self.builder.create_block());
        self.builder.set_cold_block(cold);
        let result = self.builder.append_block_param(behind, type_of(kind));
        let is_nan = self.builder.ins().fcmp(FloatCC::Unordered, value, value);
        self.builder.ins().brif(is_nan, cold, &[], behind, &[BlockArg::Value(value)]);
        self.begin(cold);
        let nan = match kind {
            Kind::Float => self.constant(CANONICAL_FLOAT_NAN.into(), kind),
            _ => self.constant(CANONICAL_DECIMAL_NAN, Kind::Decimal),
        };
        self.builder.ins().jump(behind, &[BlockArg::Value(nan)]);
        self.begin(behind);
        result
    }

    pub(super) fn convert(&mut self, value: Value, from: Kind, to: Kind) -> Value {
        let ins = self.builder.ins();
        match (from, to) {
            (Kind::Int, Kind::Cell) => ins.sextend(types::I64, value),
            (Kind::Cell, Kind::Int) => ins.ireduce(types::I32, value),
            (Kind::Cell, Kind::Decimal) => ins.bitcast(types::F64, MemFlagsData::new(), value),
            (Kind::Decimal, Kind::Cell) => ins.bitcast(types::I64, MemFlagsData::new(), value),
            (Kind::Cell, Kind::Float) => {
                let bits = ins.ireduce(types::I32, value);
                self.builder.ins().bitcast(types::F32, MemFlagsData::new(), bits)
            }
            (Kind::Float, Kind::Cell) => {
                let bits = ins.bitcast(types::I32, MemFlagsData::new(), value);
                self.builder.ins().uextend(types::I64, bits)
            }
            // A view is told by its cell.
            (Kind::View, Kind::Cell) | (Kind::Cell, Kind::View) => value,
            (from, to) if from == to => value,
            (from, to) => {
                let cell = self.convert(value, from, Kind::Cell);
                self.convert(cell, Kind::Cell, to)
            }
        }
    }
}
