//! Every instruction that computes, on the edges of its types, as machine code: what it gives is what the arithmetic says,
//! returned or stored, from parameters and from constants, through calls and through jumps.

use vega_format::allocator::Strategy;
use vega_format::builder::{Builder, ConstantValue, FunctionDraft};
use vega_format::cell;
use vega_format::compute::Computation;
use vega_format::container::{EntryResult, Kind, SlotKind};
use vega_format::for_each_computation;
use vega_format::instruction::{Cell, Effect, Instruction, Pattern, Slot, Target};
use vega_format::types::Tag;
use vegavm::{End, Engine, Imports, Instance, Limits, Program, Value, load};

macro_rules! list {
    ($($row:ident $shape:ident $function:ident;)*) => {
        /// All of them.
        pub const COMPUTATIONS: &[Computation] = &[$(Computation::$row),*];
    };
}

for_each_computation!(list);

/// Values of a type at which something changes, as cells.
pub(crate) fn edges(tag: Tag) -> Vec<u64> {
    match tag {
        Tag::Bool => [false, true].map(cell::from_bool).into(),
        Tag::Char => ['\0', 'a', '\u{d7ff}', '\u{e000}', '\u{fffd}', '\u{10ffff}'].map(cell::from_char).into(),
        Tag::Byte => [0, 1, 2, 7, 8, 9, 0x7f, 0x80, 0xfe, 0xff].map(cell::from_byte).into(),
        Tag::Short => {
            [0, 1, -1, 2, 7, 15, 16, 0xff, 0x100, i16::MIN, i16::MIN + 1, i16::MAX].map(cell::from_short).into()
        }
        Tag::Int => {
            let bounds = [i32::MIN, i32::MIN + 1, i32::MAX - 1, i32::MAX];
            // Counts of shifts beyond the width, chars that are none, and what other types have no room for.
            let others =
                [0, 1, -1, 2, -2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, -31, 0xd7ff, 0xd800, 0xdfff, 0x11_0000];
            let wide = [0xff, 0x100, 0x7fff, 0x8000, -0x8001, 0x55aa_1234];
            bounds.into_iter().chain(others).chain(wide).map(cell::from_int).collect()
        }
        Tag::Long => {
            let bounds = [i64::MIN, i64::MIN + 1, i64::MAX - 1, i64::MAX];
            let others = [0, 1, -1, 2, 3, -7, 63, 64, 0xff, 0x7fff, 0x8000, 0xffff_ffff, 0x1_0000_0000, -0x8000_0001];
            // Between two floats, and between two decimals.
            let between = [(1 << 24) + 1, (1 << 53) + 1, -(1 << 53) - 1, (1 << 62) + (1 << 38) + 1];
            bounds.into_iter().chain(others).chain(between).map(cell::from_long).collect()
        }
        Tag::Float => {
            let numbers =
                [0.0, -0.0, 0.5, -0.5, 0.499_999_97, 1.0, -1.0, 1.5, 2.5, -2.5, 3.0, 8_388_609.0, 255.5, 256.0];
            let beyond =
                [-32_769.0, 2_147_483_648.0, -2_147_483_648.0, 9.3e18, -9.3e18, f32::MAX, f32::MIN_POSITIVE, 1e-45];
            let infinite = [f32::INFINITY, f32::NEG_INFINITY].into_iter();
            // NaNs: the canonical one, one of the other sign, with other bits, and a signaling one.
            let nans = [0x7fc0_0000, 0xffc0_0000, 0x7fc0_1234, 0x7f80_0001].map(f32::from_bits);
            numbers.into_iter().chain(beyond).chain(infinite).chain(nans).map(cell::from_float).collect()
        }
        Tag::Decimal => {
            let numbers =
                [0.0, -0.0, 0.5, -0.5, 0.499_999_999_999_999_94, 1.0, -1.0, 1.5, 2.5, -2.5, 3.0, 255.5, 256.0];
            let beyond = [4_503_599_627_370_497.0, -32_769.0, 2_147_483_648.0, -2_147_483_649.0, 9.3e18, -9.3e18];
            let ends = [f64::MAX, f64::MIN_POSITIVE, 5e-324, 1e-46, 3.5e38, f64::INFINITY, f64::NEG_INFINITY];
            let nans = [0x7ff8 << 48, 0xfff8 << 48, 0x7ff8_0000_0000_1234, 0x7ff0_0000_0000_0001].map(f64::from_bits);
            numbers.into_iter().chain(beyond).chain(ends).chain(nans).map(cell::from_decimal).collect()
        }
    }
}

/// The types that an instruction takes, and the one that it gives.
pub(crate) fn types(computation: Computation) -> (Vec<Tag>, Tag) {
    let Effect::Fixed { pops, pushes } = computation.instruction().row().effect else {
        panic!("{computation:?} takes what it finds");
    };
    let tags = |patterns: &[Pattern]| patterns.iter().filter_map(|pattern| pattern.tag()).collect::<Vec<_>>();
    (tags(pops), tags(pushes)[0])
}

/// Where an operand comes from.
#[derive(Debug, Clone, Copy)]
enum Source {
    Parameter(u16),
    Constant(Tag, u64),
}

/// A module of functions that all compute one thing.
struct Computing {
    builder: Builder,
    computation: Computation,
    taken: Vec<Tag>,
    given: Tag,
}

impl Computing {
    fn new(computation: Computation) -> Computing {
        let mut builder = Builder::new(Kind::Program);
        let (taken, given) = types(computation);
        builder
            .add_function("main()V", FunctionDraft { code: vec![Instruction::Return {}], ..FunctionDraft::default() });
        builder.entry = Some(("main()V".to_owned(), EntryResult::Print));
        Computing { builder, computation, taken, given }
    }

    fn constant(&mut self, tag: Tag, bits: u64) -> Instruction {
        Instruction::LoadConst { index: self.builder.constant(ConstantValue::Scalar(tag, bits)) }
    }

    fn operands(&mut self, sources: &[Source]) -> Vec<Instruction> {
        let load = |source: &Source| match *source {
            Source::Parameter(cell) => Instruction::CellLoad { cell: Cell(cell) },
            Source::Constant(tag, bits) => self.constant(tag, bits),
        };
        sources.iter().map(load).collect()
    }

    /// Adds a function; gives its name.
    fn add(&mut self, name: &str, sources: &[Source], given: Tag, draft: FunctionDraft) -> String {
        let parameters = sources.iter().zip(&self.taken).filter(|(source, _)| matches!(source, Source::Parameter(_)));
        let letters: String = parameters.map(|(_, tag)| tag.letter()).collect();
        let mangled = format!("{name}({letters}){}", given.letter());
        assert!(self.builder.add_function(&mangled, FunctionDraft { exported: true, ..draft }), "{mangled}");
        mangled
    }

    /// Gives what it computes.
    fn returns(&mut self, name: &str, sources: &[Source], limit: Option<u32>) -> String {
        let mut code = self.operands(sources);
        code.extend([self.computation.instruction(), Instruction::Return {}]);
        self.add(name, sources, self.given, FunctionDraft { code, limit, ..FunctionDraft::default() })
    }

    /// Gives what another function of it gives.
    fn calls(&mut self, name: &str, sources: &[Source], callee: &str) -> String {
        let mut code = self.operands(sources);
        let function = self.builder.function(callee);
        code.extend([Instruction::Call { function }, Instruction::Return {}]);
        self.add(name, sources, self.given, FunctionDraft { code, ..FunctionDraft::default() })
    }

    /// Gives the bits that lie in memory once it is stored there.
    fn stores(&mut self, name: &str, sources: &[Source]) -> String {
        let (value, bits) = (Slot(0), Slot(1));
        let mask = self.given.mask();
        let mut code = vec![Strategy::FirstFit.opening(8), Instruction::VarAlloc { slot: value, mask }];
        code.extend(self.operands(sources));
        code.extend([self.computation.instruction(), Instruction::VarStore { slot: value }]);
        code.push(self.constant(Tag::Int, 0));
        code.extend([
            Instruction::VarPtr { slot: bits, tag: Tag::Long },
            Instruction::VarLoad { slot: bits },
            Instruction::StackFree {},
            Instruction::Return {},
        ]);
        let slots = vec![SlotKind::Variable(mask), SlotKind::Alias(Tag::Long)];
        self.add(name, sources, Tag::Long, FunctionDraft { code, slots, ..FunctionDraft::default() })
    }

    /// Gives 1 if a comparison holds, and 0 if not, by a jump.
    fn jumps(&mut self, name: &str, sources: &[Source]) -> String {
        let mut code = self.operands(sources);
        let target = Target(code.len() as u32 + 4);
        code.extend([self.computation.instruction(), Instruction::JumpFalse { target }]);
        for holds in [1, 0] {
            code.extend([self.constant(Tag::Int, holds), Instruction::Return {}]);
        }
        self.add(name, sources, Tag::Int, FunctionDraft { code, ..FunctionDraft::default() })
    }

    fn program(self) -> Program {
        let bytes = self.builder.write().unwrap_or_else(|error| panic!("{:?}: {error}", self.computation));
        load(bytes, &Imports::new(), &LIMITS, &mut ()).unwrap_or_else(|error| panic!("{:?}: {error}", self.computation))
    }
}

const LIMITS: Limits = Limits { memory: 1 << 20, frames: 8, ..Limits::trusted() };

/// Calls a function as machine code; gives how it ended.
fn call(instance: &mut Instance<'_>, mangled: &str, arguments: &[Value]) -> End {
    let outcome = instance.call(mangled, arguments, &mut Imports::new(), &LIMITS, &mut ());
    let ran = instance.ran().map(|ran| ran.engine);
    assert_eq!(ran, Some(Engine::Jit), "{mangled}: {:?}", instance.ran());
    outcome.unwrap_or_else(|error| panic!("{mangled}: {error}")).end
}

/// Whether a call ended as the arithmetic wants: with this cell, or with a division by zero.
fn is_right(end: &End, tag: Tag, wanted: Option<u64>) -> bool {
    match (end, wanted) {
        (End::Result(Some(Value::Scalar(found, bits))), Some(wanted)) => (*found, *bits) == (tag, wanted),
        (End::Trap(report), None) => matches!(report.trap, vega_format::trap::Trap::DivisionByZero {}),
        _ => false,
    }
}

/// Demands that an instruction gives what the arithmetic says on all pairs of edges, wherever its operands come from and its
/// result goes to.
///
/// # Errors
/// It does not.
pub fn check(computation: Computation) -> Result<(), String> {
    let mut module = Computing::new(computation);
    let (taken, given) = (module.taken.clone(), module.given);
    let given_values = |place: usize| taken.get(place).map_or(vec![0], |tag| edges(*tag));
    let parameters: Vec<_> = (0..taken.len() as u16).map(Source::Parameter).collect();

    let returned = module.returns("returned", &parameters, None);
    let limited = module.returns("limited", &parameters, Some(3));
    let mut whole = vec![returned.clone(), limited.clone()];
    whole.push(module.calls("inlined", &parameters, &returned));
    whole.push(module.calls("called", &parameters, &limited));
    let stored = module.stores("stored", &parameters);
    let jumps = if computation.compares() { vec![module.jumps("jumps", &parameters)] } else { Vec::new() };

    // With a constant in one place, by the place and the number of its value.
    let mut constants: Vec<Vec<(String, Option<String>)>> = Vec::new();
    for place in 0..taken.len() {
        let mut functions = Vec::new();
        for (number, bits) in given_values(place).into_iter().enumerate() {
            let mut sources = vec![Source::Parameter(0); taken.len()];
            sources[place] = Source::Constant(taken[place], bits);
            let name = |what: &str| format!("{what}{place}v{number}");
            let returned = module.returns(&name("constant"), &sources, None);
            let jumped = computation.compares().then(|| module.jumps(&name("jumps"), &sources));
            functions.push((returned, jumped));
        }
        constants.push(functions);
    }

    let program = module.program();
    let mut instance = program.instantiate();
    instance.set_engine(Engine::Jit);
    for (left, a) in given_values(0).into_iter().enumerate() {
        for (right, b) in given_values(1).into_iter().enumerate() {
            let wanted = computation.apply([a, b]).ok();
            let arguments: Vec<_> = taken.iter().zip([a, b]).map(|(tag, bits)| Value::Scalar(*tag, bits)).collect();
            let mut holds = |mangled: &str, arguments: &[Value], tag: Tag, wanted: Option<u64>| {
                let end = call(&mut instance, mangled, arguments);
                match is_right(&end, tag, wanted) {
                    true => Ok(()),
                    false => Err(format!("{computation:?}: {mangled} of {a:#x}, {b:#x}: {end:?}, and not {wanted:x?}")),
                }
            };
            for mangled in &whole {
                holds(mangled, &arguments, given, wanted)?;
            }
            let in_memory = wanted.map(|wanted| u64::from_le_bytes(cell::encode(given, wanted).0));
            holds(&stored, &arguments, Tag::Long, in_memory)?;
            for mangled in &jumps {
                holds(mangled, &arguments, Tag::Int, wanted)?;
            }
            for (place, number) in [left, right].into_iter().enumerate().take(taken.len()) {
                let mut others = arguments.clone();
                others.remove(place);
                let (returned, jumped) = &constants[place][number];
                holds(returned, &others, given, wanted)?;
                for mangled in jumped.iter() {
                    holds(mangled, &others, Tag::Int, wanted)?;
                }
            }
        }
    }
    Ok(())
}
