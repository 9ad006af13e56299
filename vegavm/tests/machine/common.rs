//! Small programs made by hand, and runs of them that are watched.

use std::collections::BTreeSet;
use vega_format::builder::{Builder, ConstantValue, FunctionDraft};
use vega_format::cell;
use vega_format::container::{EntryResult, FunctionDebug, Kind, Line, SlotKind};
use vega_format::instruction::{self, Capacity, Instruction, Offset, Size, Slot, Target};
use vega_format::stencil::TypeRef;
use vega_format::trap::Trap;
use vega_format::types::{Mask, Tag};
use vegavm::observe::Done;
use vegavm::{End, Imports, LimitKind, Limits, Observer, Outcome, Program, Snapshot, TrapReport, Value, load};

pub(crate) use vega_format::instruction::Instruction as I;

/// A program in the making; its entry is the function that is added as `main`.
pub(crate) struct Draft(pub(crate) Builder);

impl Draft {
    pub(crate) fn new() -> Draft {
        Draft(Builder::new(Kind::Program))
    }

    pub(crate) fn int(&mut self, value: i32) -> Instruction {
        self.scalar(Tag::Int, cell::from_int(value))
    }

    pub(crate) fn long(&mut self, value: i64) -> Instruction {
        self.scalar(Tag::Long, cell::from_long(value))
    }

    pub(crate) fn scalar(&mut self, tag: Tag, bits: u64) -> Instruction {
        I::LoadConst { index: self.0.constant(ConstantValue::Scalar(tag, bits)) }
    }

    pub(crate) fn text(&mut self, text: &str) -> Instruction {
        I::LoadConst { index: self.0.constant(ConstantValue::String(text.to_owned())) }
    }

    pub(crate) fn call(&mut self, mangled: &str) -> Instruction {
        I::Call { function: self.0.function(mangled) }
    }

    pub(crate) fn host(&mut self, mangled: &str) -> Instruction {
        I::CallNat { import: self.0.import(mangled) }
    }

    pub(crate) fn function(&mut self, mangled: &str, slots: &[SlotKind], code: &[Instruction]) {
        let draft = FunctionDraft { slots: slots.to_vec(), code: code.to_vec(), ..FunctionDraft::default() };
        assert!(self.0.add_function(mangled, draft));
    }

    /// Adds the entry and gives the bytes.
    pub(crate) fn main(mut self, mangled: &str, slots: &[SlotKind], code: &[Instruction]) -> Vec<u8> {
        self.function(mangled, slots, code);
        self.0.entry = Some((mangled.to_owned(), EntryResult::Print));
        self.0.write().expect("the program can be written")
    }

    /// The same, with names of the slots, and each instruction on a line of its own from 1 on.
    pub(crate) fn main_with_names(
        mut self,
        mangled: &str,
        slots: &[(&str, SlotKind)],
        code: &[Instruction],
    ) -> Vec<u8> {
        self.0.sources = vec!["prog.vg".to_owned()];
        let lines = (0..code.len() as u32).map(|index| Line { offset: index, line: index + 1 }).collect();
        let names = slots.iter().map(|(name, _)| (*name).into()).collect();
        let debug = FunctionDebug { source: 0, line: 1, lines, parameters: Vec::new(), slots: names };
        let kinds = slots.iter().map(|(_, kind)| *kind).collect();
        let draft = FunctionDraft { slots: kinds, code: code.to_vec(), debug: Some(debug), ..Default::default() };
        self.0.add_function(mangled, draft);
        self.0.entry = Some((mangled.to_owned(), EntryResult::Print));
        self.0.write().expect("the program can be written")
    }
}

pub(crate) fn variable(tags: &[Tag]) -> SlotKind {
    SlotKind::Variable(tags.iter().copied().collect())
}

pub(crate) fn open(capacity: u32) -> Instruction {
    I::StackAlloc { capacity: Capacity(capacity) }
}

pub(crate) const CLOSE: Instruction = I::StackFree {};
pub(crate) const RETURN: Instruction = I::Return {};

pub(crate) fn alloc(slot: u16, tags: &[Tag]) -> Instruction {
    I::VarAlloc { slot: Slot(slot), mask: tags.iter().copied().collect::<Mask>() }
}

pub(crate) fn stencil_alloc(slot: u16, size: u32) -> Instruction {
    I::StencilAlloc { slot: Slot(slot), size: Size(size) }
}

pub(crate) fn store(slot: u16) -> Instruction {
    I::VarStore { slot: Slot(slot) }
}

pub(crate) fn load_var(slot: u16) -> Instruction {
    I::VarLoad { slot: Slot(slot) }
}

pub(crate) fn free(slot: u16) -> Instruction {
    I::VarFree { slot: Slot(slot) }
}

pub(crate) fn drop_var(slot: u16) -> Instruction {
    I::VarDrop { slot: Slot(slot) }
}

pub(crate) fn point(slot: u16, tag: Tag) -> Instruction {
    I::VarPtr { slot: Slot(slot), tag }
}

pub(crate) fn elem_load(slot: u16, offset: u32, tag: Tag) -> Instruction {
    I::ElemLoad { slot: Slot(slot), offset: Offset(offset), tag }
}

pub(crate) fn elem_store(slot: u16, offset: u32, tag: Tag) -> Instruction {
    I::ElemStore { slot: Slot(slot), offset: Offset(offset), tag }
}

pub(crate) fn view(slot: u16) -> Instruction {
    I::ArrayView { slot: Slot(slot) }
}

pub(crate) fn cell_load(cell: u16) -> Instruction {
    I::CellLoad { cell: instruction::Cell(cell) }
}

/// The index of an instruction in the code, until the program is written.
pub(crate) fn target(index: u32) -> Target {
    Target(index)
}

pub(crate) fn stencil(type_ref: TypeRef) -> SlotKind {
    SlotKind::Stencil(type_ref)
}

pub(crate) fn int(value: i32) -> Value {
    Value::Scalar(Tag::Int, cell::from_int(value))
}

/// Loads what must be a good program.
pub(crate) fn load_good(bytes: Vec<u8>, imports: &Imports<'_>) -> Program {
    load(bytes, imports, &Limits::trusted(), &mut ()).unwrap_or_else(|error| panic!("refused: {error:?}"))
}

/// Runs without a host and within the limits of the command line.
pub(crate) fn run(bytes: Vec<u8>) -> Outcome {
    run_within(bytes, &Limits::trusted())
}

pub(crate) fn run_within(bytes: Vec<u8>, limits: &Limits) -> Outcome {
    let mut imports = Imports::new();
    load_good(bytes, &imports).run(&[], &mut imports, limits, &mut ()).expect("no arguments are wanted")
}

/// What a good program gives.
pub(crate) fn result(bytes: Vec<u8>) -> Option<Value> {
    match run(bytes).end {
        End::Result(value) => value,
        other => panic!("no result: {other:?}"),
    }
}

/// How a program traps.
pub(crate) fn report(bytes: Vec<u8>) -> TrapReport {
    match run(bytes).end {
        End::Trap(report) => *report,
        other => panic!("no trap: {other:?}"),
    }
}

pub(crate) fn trap(bytes: Vec<u8>) -> Trap {
    report(bytes).trap
}

/// Which limit stops a program.
pub(crate) fn limit(bytes: Vec<u8>, limits: &Limits) -> LimitKind {
    match run_within(bytes, limits).end {
        End::Limit(reached, _) => reached.kind,
        other => panic!("no limit: {other:?}"),
    }
}

/// Remembers the mnemonics that were executed.
#[derive(Default)]
pub(crate) struct Executed(pub(crate) BTreeSet<&'static str>);

impl Observer for Executed {
    fn after_instruction(&mut self, done: &Done<'_>, _: &Snapshot<'_>) {
        self.0.insert(done.instruction.row().mnemonic);
    }
}
