//! Checked tree → module: one function after another, each with its own [`code`].
//!
//! Nothing is decided here but where cells lie on the expression stack. Code that cannot be reached is not written.

mod code;
mod expression;
mod place;
mod repeat;
mod statement;
mod text;
mod whole;

use crate::ast::Span;
use crate::check::Numbers;
use crate::checked::{self, Exit, Program, StaticBlock};
use crate::interface;
use crate::lines::Lines;
use crate::operation;
use code::Code;
use ecow::EcoString;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use vega_format::builder::{Builder, ConstantValue, FunctionDraft, StaticDraft};
use vega_format::container::functions::MOST_CODE;
use vega_format::container::{FunctionDebug, ImportKind, Kind as FileKind, SlotKind};
use vega_format::instruction::Instruction;
use vega_format::mangle;
use vega_format::stencil::StencilTable;
use vega_format::types::Tag;
use vega_format::verify::parameter_cells;

/// What the generator must know beside the program.
#[derive(Debug, Clone)]
pub struct Origin<'a> {
    /// The name of the source for people, relative to the root of the project.
    pub name: &'a str,
    /// Its text, for line numbers.
    pub text: &'a str,
    /// What makes the module, for the metadata.
    pub producer: &'a str,
    /// Whether it is to be linked with others.
    pub object: bool,
}

/// A function that the format has no room for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TooLarge {
    /// More values have to be kept at once than a frame has cells, first at this place of the source.
    Stack(usize),
    /// The function that is declared here has so many bytes of code.
    Code(Span, usize),
}

/// Makes a module, one function after another, and then what they have in common.
pub struct Generator<'a> {
    origin: Origin<'a>,
    module: Module,
    too_large: Vec<TooLarge>,
}

impl<'a> Generator<'a> {
    /// For the functions of a source.
    pub fn new(origin: Origin<'a>) -> Generator<'a> {
        let mut builder = Builder::new(FileKind::Program);
        builder.producer = origin.producer.to_owned();
        builder.sources = vec![origin.name.to_owned()];
        let module = Module {
            builder,
            lines: Lines::new(origin.text),
            code: Code::default(),
            draft: FunctionDraft::default(),
            cells: Vec::new(),
            operations: FxHashMap::default(),
        };
        Generator { origin, module, too_large: Vec::new() }
    }

    /// Adds a function.
    pub fn function(&mut self, function: checked::Function, numbers: Numbers<'_>) {
        self.add_stencils(numbers.stencils);
        match FunctionGenerator::new(&mut self.module, numbers.callees, &function).generate(&function) {
            Ok(max_stack) => self.module.add(function, max_stack),
            Err(error) => self.too_large.push(error),
        }
    }

    /// The module of a program without complaints, all functions of which were added.
    ///
    /// # Errors
    /// All functions that are too large.
    pub fn finish(mut self, program: &Program) -> Result<Builder, Vec<TooLarge>> {
        self.add_stencils(&program.stencils);
        let Generator { origin, module: Module { mut builder, .. }, too_large } = self;
        builder.kind = match (origin.object, &program.entry) {
            (true, _) => FileKind::Object,
            (false, Some(_)) => FileKind::Program,
            (false, None) => FileKind::Library,
        };
        builder.entry.clone_from(&program.entry);
        for (kind, mangled, bytes) in &program.bounds {
            builder.bound(*kind, mangled, *bytes);
        }
        if origin.object {
            // What is not called has no import that could say it.
            let is_carried = |mangled: &str| builder.find_function(mangled).is_some();
            let promises =
                program.bounds.iter().filter(|(kind, mangled, _)| *kind == ImportKind::Module && !is_carried(mangled));
            let promises: Vec<_> = promises.map(|(_, mangled, bytes)| (*bytes, mangled.as_str())).collect();
            builder.custom.extend(interface::section(&program.structs, &program.constants, &promises));
        }
        if let Some(StaticBlock { capacity, variables, image }) = &program.statics {
            let (variables, image) = (variables.clone(), image.clone());
            builder.static_block(StaticDraft { capacity: *capacity, variables, image });
        }
        if too_large.is_empty() { Ok(builder) } else { Err(too_large) }
    }

    /// Adds the stencils that are new.
    fn add_stencils(&mut self, stencils: &StencilTable) {
        for stencil in stencils.iter().skip(self.module.builder.stencils().len()) {
            // The checker has interned the same stencils in the same order, so each keeps its number.
            let interned = self.module.builder.stencil(stencil.clone());
            debug_assert!(interned.is_ok());
        }
    }
}

/// What all functions share.
struct Module {
    builder: Builder,
    lines: Lines,
    /// Used for one function after another.
    code: Code,
    draft: FunctionDraft,
    /// The first cell of each parameter, loop variable and kept value of the function, by its binding.
    cells: Vec<u16>,
    /// Those that were looked up, by the parts of their mnemonics: where the first stands in memory, and the second.
    operations: FxHashMap<(usize, Tag), Option<Instruction>>,
}

impl Module {
    /// Adds a function of which the code has been made.
    fn add(&mut self, function: checked::Function, max_stack: u16) {
        let Module { builder, lines, code, draft, .. } = self;
        draft.exported = function.exported;
        draft.slots.extend(function.slots.iter().map(|(kind, _)| *kind));
        draft.max_stack = Some(max_stack);
        draft.limit = function.limit;
        draft.debug = Some(FunctionDebug {
            source: 0,
            line: lines.line(function.span.start()),
            lines: code.lines().to_vec(),
            parameters: function.parameters,
            slots: function.slots.iter().map(|(_, name)| name.clone()).collect(),
        });
        let number = builder.function(&mangle::mangle(&function.signature));
        builder.define_encoded(number, draft, code.bytes());
    }
}

/// A loop that `break` and `continue` can leave.
struct Loop {
    next_turn: Way,
    end: Way,
    /// What ends with its body.
    exits: Vec<Exit>,
    /// Cells on the stack while its body runs.
    depth: u32,
}

/// A way out of the body of a loop. What ends with the body is written out once at the end of the way, and those who
/// take it join where what they have to end begins.
struct Way {
    target: code::Label,
    /// Before so many last exits.
    joined: BTreeMap<usize, code::Label>,
}

struct FunctionGenerator<'m> {
    module: &'m mut Module,
    /// Mangled names of what is called by number.
    callees: &'m [String],
    slots: &'m [(SlotKind, EcoString)],
    code: Code,
    loops: Vec<Loop>,
    /// How many cells the parameters have.
    parameters: u16,
}

impl<'m> FunctionGenerator<'m> {
    fn new(module: &'m mut Module, callees: &'m [String], function: &'m checked::Function) -> FunctionGenerator<'m> {
        module.cells.clear();
        let mut parameters = 0;
        for type_ in &function.signature.parameters {
            module.cells.push(parameters);
            parameters += parameter_cells(module.builder.stencils(), type_).map_or(0, |cells| cells.len() as u16);
        }
        let code = std::mem::take(&mut module.code).begin(u32::from(u16::MAX - parameters));
        FunctionGenerator { module, callees, slots: &function.slots, code, loops: Vec::new(), parameters }
    }

    /// Makes the code of the function; gives how deep its stack becomes.
    fn generate(mut self, function: &checked::Function) -> Result<u16, TooLarge> {
        self.at(function.span.start());
        self.block(&function.body);
        self.at(function.body.end.start());
        self.code.emit(Instruction::Return {}, 0);
        self.code.end_path();
        let finished = self.code.finish();
        self.module.code = self.code;
        let max_stack = finished.map_err(TooLarge::Stack)?;
        match self.module.code.bytes().len() {
            ..=MOST_CODE => Ok(max_stack),
            bytes => Err(TooLarge::Code(function.span, bytes)),
        }
    }

    /// What is emitted from here on comes from this place of the source.
    fn at(&mut self, offset: usize) {
        let line = self.module.lines.line(offset);
        self.code.set_place(offset, line);
    }

    fn constant(&mut self, value: ConstantValue) {
        if !self.code.is_reachable() {
            return;
        }
        let cell = match value {
            ConstantValue::Scalar(_, cell) => Some(cell),
            ConstantValue::String(_) => None,
        };
        let instruction = Instruction::LoadConst { index: self.module.builder.constant(value) };
        match cell {
            Some(cell) => self.code.emit_known(instruction, cell),
            None => self.code.emit(instruction, 1),
        }
    }

    /// An instruction without operands, by the parts of its mnemonic.
    fn operation(&mut self, operation: &'static str, tag: Tag) {
        let operations = &mut self.module.operations;
        // Texts that stand at one place are equal; equal ones at two places are looked up twice.
        let key = (operation.as_ptr() as usize, tag);
        let found = *operations.entry(key).or_insert_with(|| operation::instruction(operation, tag));
        debug_assert!(found.is_some(), "the checker let {operation} of {tag} through");
        let Some(instruction) = found else { return };
        match self.code.computed(&instruction) {
            Some((tag, cell)) => self.constant(ConstantValue::Scalar(tag, cell)),
            None => self.code.emit_fixed(instruction),
        }
    }
}
