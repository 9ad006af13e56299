//! The expression stack: depth and types at every reachable instruction, and the life of views.
//!
//! Guarantees: every instruction finds the types that it takes; where paths meet the stack is the same; it stays
//! within the declared maximum; a view of this frame's arenas never leaves the frame, and nothing is freed while one
//! lies on the stack; the two cells of a union stay together.
//!
//! A stack is a node of a tree of stacks, so that copying and comparing take one step. Each node also knows one far
//! below it, so that a cell is found in logarithmic time, however deep it lies.

use super::Fault;
use super::bounds::array_of;
use crate::blocks::{self, Block, Body};
use crate::container::{Function, SlotKind, Value};
use crate::error::Rule as Broken;
use crate::instruction::{Effect, Instruction, Pattern, Rule};
use crate::parsed::Parsed;
use crate::stencil::{StencilTable, TypeRef};
use crate::types::{Mask, Tag, Type};
use core::fmt;
use std::collections::HashMap;

/// The type of a cell of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CellType {
    /// A scalar.
    Scalar(Tag),
    /// Text. Local: it may stand in an arena of this frame.
    String {
        /// Whether it may stand in an arena of this frame.
        local: bool,
    },
    /// A view of elements.
    View {
        /// The type of an element.
        element: TypeRef,
        /// Whether it may show an arena of this frame.
        local: bool,
    },
    /// The value of a union; its tag stands above it.
    UnionValue(Mask),
    /// The tag of a union.
    UnionTag(Mask),
}

impl CellType {
    fn is_local(self) -> bool {
        matches!(self, CellType::String { local: true } | CellType::View { local: true, .. })
    }

    /// The same as seen by another frame.
    fn outer(self) -> CellType {
        match self {
            CellType::String { .. } => CellType::String { local: false },
            CellType::View { element, .. } => CellType::View { element, local: false },
            other => other,
        }
    }

    fn describe(self, stencils: &StencilTable) -> String {
        match self {
            CellType::View { element, .. } => {
                format!("[]{}", stencils.type_of(element).map(|type_| type_.to_string()).unwrap_or_default())
            }
            other => other.to_string(),
        }
    }
}

impl fmt::Display for CellType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CellType::Scalar(tag) => f.write_str(tag.name()),
            CellType::String { .. } => f.write_str("string"),
            CellType::View { .. } => f.write_str("view"),
            CellType::UnionValue(mask) => write!(f, "value of {mask}"),
            CellType::UnionTag(mask) => write!(f, "tag of {mask}"),
        }
    }
}

/// The most cells of a struct or tuple that is passed by value.
const MOST_LEAVES: usize = 64;

/// The cells in which a type is passed, lowest first.
///
/// # Errors
/// It cannot be passed in cells; the type is given back.
pub fn cells_of(stencils: &StencilTable, type_: &Type) -> Result<Vec<CellType>, Type> {
    let failed = || type_.clone();
    Ok(match type_ {
        Type::Scalar(tag) => vec![CellType::Scalar(*tag)],
        Type::String => vec![CellType::String { local: false }],
        Type::View(element) => {
            vec![CellType::View { element: stencils.find(element).ok_or_else(failed)?, local: false }]
        }
        Type::Union(mask) => vec![CellType::UnionValue(*mask), CellType::UnionTag(*mask)],
        Type::Struct(_) | Type::Tuple(_) => {
            let mut leaves = Vec::new();
            let mut parts = vec![stencils.find(type_).ok_or_else(failed)?];
            while let Some(part) = parts.pop() {
                match part {
                    TypeRef::Scalar(tag) => leaves.push(CellType::Scalar(tag)),
                    TypeRef::Stencil(_) => {
                        let mut inner: Vec<_> = stencils.parts(part).map(|(_, part)| part).collect();
                        if inner.is_empty() {
                            return Err(failed());
                        }
                        inner.reverse();
                        parts.extend(inner);
                    }
                }
                if leaves.len() + parts.len() > MOST_LEAVES {
                    return Err(failed());
                }
            }
            leaves
        }
        Type::Array(..) | Type::Text(_) => return Err(failed()),
    })
}

/// A stack: the number of its top node; 0 is the empty one.
type Stack = u32;

struct Node {
    cell: CellType,
    below: Stack,
    /// A stack far below, at a distance that makes every search logarithmic (a skew-binary list).
    far: Stack,
    depth: u32,
    /// How many local views lie in it.
    locals: u32,
}

struct Pass<'p> {
    parsed: &'p Parsed<'p>,
    function: &'p Function<'p>,
    nodes: Vec<Node>,
    known: HashMap<(Stack, CellType), Stack>,
    parameters: Vec<CellType>,
    result: Vec<CellType>,
    limit: u32,
    deepest: u32,
}

pub(super) fn check(parsed: &Parsed<'_>, function: &Function<'_>, body: &Body, blocks: &[Block]) -> Result<(), Fault> {
    let mut pass = Pass::new(parsed, function)?;
    pass.run(body, blocks)
}

/// The deepest that the stack gets, up to the first fault.
pub(super) fn measure(parsed: &Parsed<'_>, function: &Function<'_>, body: &Body, blocks: &[Block]) -> u16 {
    let Ok(mut pass) = Pass::new(parsed, function) else { return 0 };
    pass.limit = u16::MAX.into();
    // A fault is found again, and told, when the module is verified.
    let _ = pass.run(body, blocks);
    u16::try_from(pass.deepest).unwrap_or(u16::MAX)
}

/// A place that wants something: for messages.
#[derive(Clone, Copy)]
struct Place {
    offset: u32,
    mnemonic: &'static str,
}

impl Place {
    fn fault(self, rule: Broken, words: impl Into<String>) -> Fault {
        Fault::new(rule, self.offset, self.mnemonic, words)
    }
}

impl<'p> Pass<'p> {
    fn new(parsed: &'p Parsed<'p>, function: &'p Function<'p>) -> Result<Pass<'p>, Fault> {
        let place = Place { offset: 0, mnemonic: "" };
        let signature = function.signature;
        let cells = |types: &mut dyn Iterator<Item = &Type>| flatten(parsed.stencils(), types, place);
        Ok(Pass {
            parsed,
            function,
            nodes: vec![Node { cell: CellType::Scalar(Tag::Bool), below: 0, far: 0, depth: 0, locals: 0 }],
            known: HashMap::new(),
            parameters: cells(&mut signature.parameters.iter())?,
            result: cells(&mut signature.result.iter())?,
            limit: function.max_stack.into(),
            deepest: 0,
        })
    }

    fn run(&mut self, body: &Body, blocks: &[Block]) -> Result<(), Fault> {
        let pass = core::cell::RefCell::new(self);
        blocks::walk(
            body,
            blocks,
            0,
            |stack, offset, instruction| {
                let place = Place { offset, mnemonic: instruction.row().mnemonic };
                *stack = pass.borrow_mut().step(*stack, place, instruction)?;
                Ok(())
            },
            |first, second, offset| match first == second {
                true => Ok(()),
                false => {
                    let pass = pass.borrow();
                    let words = format!("paths meet with {} and with {}", pass.print(*first), pass.print(*second));
                    Err(Fault::new(Broken::StackJoin, offset, "", words))
                }
            },
        )
    }

    fn node(&self, stack: Stack) -> &Node {
        // Every number of a stack was given out by `push`, or is 0, which is always there.
        self.nodes.get(stack as usize).unwrap_or_else(|| unreachable!("a stack without a node"))
    }

    /// The topmost cells in words, for messages.
    fn print(&self, stack: Stack) -> String {
        const SHOWN: usize = 6;
        let depth = self.node(stack).depth;
        let mut cells = Vec::new();
        let mut at = stack;
        while at != 0 && cells.len() < SHOWN {
            cells.push(self.node(at).cell.describe(self.parsed.stencils()));
            at = self.node(at).below;
        }
        cells.reverse();
        let more = if at == 0 { "" } else { "… " };
        format!("{depth} cells [{more}{}]", cells.join(" "))
    }

    fn push(&mut self, stack: Stack, cell: CellType, place: Place) -> Result<Stack, Fault> {
        let depth = self.node(stack).depth + 1;
        if depth > self.limit {
            let words = format!("the stack gets {depth} cells deep, and {} are declared", self.limit);
            return Err(place.fault(Broken::StackLimit, words));
        }
        self.deepest = self.deepest.max(depth);
        if let Some(known) = self.known.get(&(stack, cell)) {
            return Ok(*known);
        }
        let below = self.node(stack);
        let far = self.node(below.far);
        let even = below.depth - far.depth == far.depth - self.node(far.far).depth;
        let node = Node {
            cell,
            below: stack,
            far: if even { far.far } else { stack },
            depth,
            locals: below.locals + u32::from(cell.is_local()),
        };
        let number = self.nodes.len() as Stack;
        self.nodes.push(node);
        self.known.insert((stack, cell), number);
        Ok(number)
    }

    fn pop(&self, stack: Stack, place: Place) -> Result<(CellType, Stack), Fault> {
        if stack == 0 {
            return Err(place.fault(Broken::Underflow, "the stack is empty"));
        }
        let node = self.node(stack);
        Ok((node.cell, node.below))
    }

    /// Takes one cell that must fit; `wanted` says which would.
    fn take(
        &self,
        stack: Stack,
        place: Place,
        wanted: &str,
        fits: impl Fn(CellType) -> bool,
    ) -> Result<(CellType, Stack), Fault> {
        if stack == 0 {
            return Err(
                place.fault(Broken::Underflow, format!("the stack is empty; {} wants {wanted}", place.mnemonic))
            );
        }
        let (cell, below) = self.pop(stack, place)?;
        if !fits(cell) {
            let words = format!(
                "`{}` is on top; {} wants {wanted}; the stack has {}",
                cell.describe(self.parsed.stencils()),
                place.mnemonic,
                self.print(stack)
            );
            return Err(place.fault(Broken::OperandType, words));
        }
        Ok((cell, below))
    }

    fn take_scalar(&self, stack: Stack, place: Place, tag: Tag) -> Result<Stack, Fault> {
        let wanted = format!("`{}`", tag.name());
        self.take(stack, place, &wanted, |cell| cell == CellType::Scalar(tag)).map(|(_, below)| below)
    }

    fn take_integer(&self, stack: Stack, place: Place) -> Result<Stack, Fault> {
        let integer = |cell| matches!(cell, CellType::Scalar(Tag::Byte | Tag::Short | Tag::Int | Tag::Long));
        self.take(stack, place, "an integer", integer).map(|(_, below)| below)
    }

    fn take_view(&self, stack: Stack, place: Place) -> Result<(TypeRef, bool, Stack), Fault> {
        match self.take(stack, place, "a view", |cell| matches!(cell, CellType::View { .. }))? {
            (CellType::View { element, local }, below) => Ok((element, local, below)),
            _ => Err(place.fault(Broken::OperandType, "no view")),
        }
    }

    fn take_string(&self, stack: Stack, place: Place) -> Result<Stack, Fault> {
        let (_, below) = self.take(stack, place, "`string`", |cell| matches!(cell, CellType::String { .. }))?;
        Ok(below)
    }

    /// A scalar, or the two cells of a union.
    fn take_value(&self, stack: Stack, place: Place) -> Result<Stack, Fault> {
        let fits = |cell| matches!(cell, CellType::Scalar(_) | CellType::UnionTag(_));
        match self.take(stack, place, "a scalar or a union", fits)? {
            (CellType::UnionTag(_), below) => self.pop(below, place).map(|(_, below)| below),
            (_, below) => Ok(below),
        }
    }

    fn no_locals(&self, stack: Stack, place: Place) -> Result<Stack, Fault> {
        if self.node(stack).locals > 0 {
            let words = format!("a view of this function's memory lies on the stack: {}", self.print(stack));
            return Err(place.fault(Broken::ViewLife, words));
        }
        Ok(stack)
    }

    fn slot(&self, slot: crate::instruction::Slot) -> Option<SlotKind> {
        self.function.slots.get(usize::from(slot.0)).copied()
    }

    fn step(&mut self, stack: Stack, place: Place, instruction: &Instruction) -> Result<Stack, Fault> {
        match instruction.row().effect {
            Effect::Fixed { pops, pushes } => self.fixed(stack, place, pops, pushes),
            Effect::By(rule, _) => self.by_rule(stack, place, rule, instruction),
        }
    }

    fn fixed(&mut self, mut stack: Stack, place: Place, pops: &[Pattern], pushes: &[Pattern]) -> Result<Stack, Fault> {
        for pattern in pops.iter().rev() {
            stack = match pattern.tag() {
                Some(tag) => self.take_scalar(stack, place, tag)?,
                None => self.take_string(stack, place)?,
            };
        }
        for pattern in pushes {
            let cell = pattern.tag().map_or(CellType::String { local: false }, CellType::Scalar);
            stack = self.push(stack, cell, place)?;
        }
        Ok(stack)
    }

    fn by_rule(&mut self, stack: Stack, place: Place, rule: Rule, instruction: &Instruction) -> Result<Stack, Fault> {
        let scalar = |cell: Option<Tag>| CellType::Scalar(cell.unwrap_or(Tag::Int));
        match rule {
            Rule::Pop => match self.pop(stack, place)? {
                (CellType::UnionTag(_), below) => self.pop(below, place).map(|(_, below)| below),
                (_, below) => Ok(below),
            },
            Rule::EndArena | Rule::Free => self.no_locals(stack, place),
            Rule::Constant => {
                let Instruction::LoadConst { index } = instruction else { return Ok(stack) };
                match self.parsed.constant(index.0) {
                    Some(Value::Scalar(tag, _)) => self.push(stack, CellType::Scalar(tag), place),
                    _ => self.push(stack, CellType::String { local: false }, place),
                }
            }
            Rule::Store => self.take_value(stack, place),
            Rule::Load => {
                let Instruction::VarLoad { slot } = instruction else { return Ok(stack) };
                match self.slot(*slot) {
                    Some(SlotKind::Alias(tag)) => self.push(stack, CellType::Scalar(tag), place),
                    Some(SlotKind::Variable(mask)) => match mask.is_single() {
                        Some(tag) => self.push(stack, CellType::Scalar(tag), place),
                        None => {
                            let stack = self.push(stack, CellType::UnionValue(mask), place)?;
                            self.push(stack, CellType::UnionTag(mask), place)
                        }
                    },
                    _ => Ok(stack),
                }
            }
            Rule::Pointer => self.take_integer(stack, place),
            Rule::FieldStore => {
                let Instruction::FieldStore { tag, .. } = instruction else { return Ok(stack) };
                self.take_scalar(stack, place, *tag)
            }
            Rule::FieldLoad => {
                let Instruction::FieldLoad { tag, .. } = instruction else { return Ok(stack) };
                self.push(stack, scalar(Some(*tag)), place)
            }
            Rule::ElementLoad => {
                let Instruction::ElemLoad { tag, .. } = instruction else { return Ok(stack) };
                let stack = self.take_integer(stack, place)?;
                self.push(stack, scalar(Some(*tag)), place)
            }
            Rule::ElementStore => {
                let Instruction::ElemStore { tag, .. } = instruction else { return Ok(stack) };
                let stack = self.take_scalar(stack, place, *tag)?;
                self.take_integer(stack, place)
            }
            Rule::ArrayView => {
                let Instruction::ArrayView { slot } = instruction else { return Ok(stack) };
                let element = self.slot(*slot).and_then(|kind| array_of(self.parsed.stencils(), kind));
                let element = element.unwrap_or(TypeRef::Scalar(Tag::Byte));
                self.push(stack, CellType::View { element, local: true }, place)
            }
            Rule::ViewLoad => {
                let Instruction::ViewLoad { offset, tag } = instruction else { return Ok(stack) };
                let stack = self.take_integer(stack, place)?;
                let (element, _, stack) = self.take_view(stack, place)?;
                self.check_field(element, offset.0, *tag, place)?;
                self.push(stack, scalar(Some(*tag)), place)
            }
            Rule::ViewStore => {
                let Instruction::ViewStore { offset, tag } = instruction else { return Ok(stack) };
                let stack = self.take_scalar(stack, place, *tag)?;
                let stack = self.take_integer(stack, place)?;
                let (element, _, stack) = self.take_view(stack, place)?;
                self.check_field(element, offset.0, *tag, place)?;
                Ok(stack)
            }
            Rule::ViewLength => {
                let (_, _, stack) = self.take_view(stack, place)?;
                self.push(stack, CellType::Scalar(Tag::Int), place)
            }
            Rule::ViewSlice => {
                let stack = self.take_integer(stack, place)?;
                let stack = self.take_integer(stack, place)?;
                let (element, local, stack) = self.take_view(stack, place)?;
                self.push(stack, CellType::View { element, local }, place)
            }
            Rule::StringByte => {
                let stack = self.take_integer(stack, place)?;
                let stack = self.take_string(stack, place)?;
                self.push(stack, CellType::Scalar(Tag::Byte), place)
            }
            Rule::Cell => {
                let Instruction::CellLoad { cell } = instruction else { return Ok(stack) };
                self.load_cell(stack, place, cell.0)
            }
            Rule::Call => {
                let Instruction::Call { function } = instruction else { return Ok(stack) };
                let called = self.parsed.function(function.0).map(|function| function.signature.clone());
                self.call(stack, place, called)
            }
            Rule::HostCall => {
                let Instruction::CallNat { import } = instruction else { return Ok(stack) };
                let called = self.parsed.import(import.0).map(|import| import.signature.clone());
                self.call(stack, place, called)
            }
            Rule::Return => self.return_result(stack, place),
        }
    }

    fn check_field(&self, element: TypeRef, offset: u32, tag: Tag, place: Place) -> Result<(), Fault> {
        if self.parsed.stencils().leaf(element, offset) == Some(tag) {
            return Ok(());
        }
        let type_ = CellType::View { element, local: false }.describe(self.parsed.stencils());
        let words = format!("an element of `{type_}` has no `{}` at offset {offset}", tag.name());
        Err(place.fault(Broken::Field, words))
    }

    /// A cell of the frame: parameters from 0 on, then the expression stack. Of a union, both.
    fn load_cell(&mut self, stack: Stack, place: Place, cell: u16) -> Result<Stack, Fault> {
        let index = u32::from(cell);
        let parameters = self.parameters.len() as u32;
        let at = |pass: &Pass<'_>, index: u32| match index.checked_sub(parameters) {
            None => pass.parameters.get(index as usize).copied(),
            Some(height) => pass.find(stack, height + 1),
        };
        match at(self, index) {
            None => {
                let there = parameters + self.node(stack).depth;
                Err(place.fault(Broken::Index, format!("cell is {cell}, and the frame has {there} cells here")))
            }
            Some(CellType::UnionTag(_)) => {
                Err(place.fault(Broken::OperandType, format!("cell {cell} is the tag of a union; name its value")))
            }
            Some(CellType::UnionValue(mask)) => {
                let stack = self.push(stack, CellType::UnionValue(mask), place)?;
                self.push(stack, CellType::UnionTag(mask), place)
            }
            Some(other) => self.push(stack, other, place),
        }
    }

    /// The cell at this depth (1 is the lowest).
    fn find(&self, mut stack: Stack, depth: u32) -> Option<CellType> {
        while stack != 0 {
            let node = self.node(stack);
            if node.depth == depth {
                return Some(node.cell);
            }
            if node.depth < depth {
                return None;
            }
            stack = if self.node(node.far).depth >= depth { node.far } else { node.below };
        }
        None
    }

    fn call(
        &mut self,
        mut stack: Stack,
        place: Place,
        called: Option<crate::types::Signature>,
    ) -> Result<Stack, Fault> {
        let Some(signature) = called else { return Ok(stack) };
        let parameters = flatten(self.parsed.stencils(), &mut signature.parameters.iter(), place)?;
        let mut local = false;
        for parameter in parameters.iter().rev() {
            let wanted = format!("`{}` for `{signature}`", parameter.describe(self.parsed.stencils()));
            let (cell, below) = self.take(stack, place, &wanted, |cell| cell.outer() == *parameter)?;
            local |= cell.is_local();
            stack = below;
        }
        for cell in flatten(self.parsed.stencils(), &mut signature.result.iter(), place)? {
            // A string that comes back may be one that went in.
            let cell = if matches!(cell, CellType::String { .. }) { CellType::String { local } } else { cell };
            stack = self.push(stack, cell, place)?;
        }
        Ok(stack)
    }

    fn return_result(&mut self, mut stack: Stack, place: Place) -> Result<Stack, Fault> {
        for cell in self.result.iter().rev() {
            let wanted = format!("the result `{cell}`");
            let (found, below) = self.take(stack, place, &wanted, |found| found.outer() == *cell)?;
            if found.is_local() {
                let words = "the result is a view of this function's memory, which ends here";
                return Err(place.fault(Broken::ViewLife, words));
            }
            stack = below;
        }
        Ok(stack)
    }
}

fn flatten(
    stencils: &StencilTable,
    types: &mut dyn Iterator<Item = &Type>,
    place: Place,
) -> Result<Vec<CellType>, Fault> {
    let mut cells = Vec::new();
    for type_ in types {
        cells.extend(
            cells_of(stencils, type_)
                .map_err(|type_| place.fault(Broken::Passable, format!("`{type_}` cannot be passed by value")))?,
        );
    }
    Ok(cells)
}
