//! The tree that the checker makes: every name resolved, every type known, every slot numbered, every exit spelled out.
//!
//! It is what the generator needs and nothing more: no names are looked up after this, and no rule of the language
//! is decided.

use crate::adapting::Adapting;
use crate::ast::{Binary, Span, Unary};
use crate::interface::{ConstantShape, Interface, StructShape};
use ecow::EcoString;
use std::fmt;
use std::rc::Rc;
use vega_format::allocator::Strategy;
use vega_format::container::{EntryResult, ImportKind, SlotKind};
use vega_format::instruction::Instruction;
use vega_format::stencil::{StencilTable, TypeRef};
use vega_format::types::{Mask, Signature, Tag};

/// A whole module but for its functions, which are handed over one by one.
#[derive(Debug, Clone)]
pub struct Program {
    /// Layouts of structs, tuples and arrays.
    pub stencils: StencilTable,
    /// The static block, if there is one.
    pub statics: Option<StaticBlock>,
    /// Structs, its own and those of other modules, for importers.
    pub structs: Vec<StructShape>,
    /// Constants of the top level, for importers.
    pub constants: Vec<ConstantShape>,
    /// The mangled name of the entry, and what happens to its result.
    pub entry: Option<(String, EntryResult)>,
    /// What calls of functions elsewhere take at most, by who has them and mangled name.
    pub bounds: Vec<(ImportKind, String, u64)>,
    /// Calls whose results nobody uses: the mangled name of the function, and where.
    pub dropped: Vec<(String, Span)>,
    /// What importers may know of it, if it is a module in which something is wrong.
    pub offered: Option<Interface>,
}

/// Variables that live as long as an instance.
#[derive(Debug, Clone, Default)]
pub struct StaticBlock {
    /// Bytes of the block.
    pub capacity: u32,
    /// The variables, one after another.
    pub variables: Vec<TypeRef>,
    /// The bytes with which they start, as far as they are not zero.
    pub image: Vec<u8>,
}

/// A function.
#[derive(Debug, Clone)]
pub struct Function {
    /// Name and types.
    pub signature: Signature,
    /// Whether importers and hosts see it.
    pub exported: bool,
    /// How many of its calls may be active at once, if it says so.
    pub limit: Option<u32>,
    /// Names of the parameters. Each has the binding of its place among them.
    pub parameters: Vec<EcoString>,
    /// Kinds and names of the slots.
    pub slots: Vec<(SlotKind, EcoString)>,
    /// What it does.
    pub body: Block,
    /// Where it is declared.
    pub span: Span,
}

/// The type of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// One of the eight scalars.
    Scalar(Tag),
    /// A value of one of several scalar types, with its tag.
    Union(Mask),
    /// Borrowed text.
    String,
    /// A view of elements.
    View(TypeRef),
    /// A struct, tuple or array, where it stands.
    Stencil(TypeRef),
    /// An integer literal that has not met a context yet.
    AnyInteger,
    /// A decimal literal that has not met a context yet.
    AnyDecimal,
    /// No value.
    Nothing,
    /// Execution does not come here.
    Never,
    /// A complaint has been made; fits everywhere.
    Error,
}

/// Statements in order, then a value, then what ends with the block.
#[derive(Debug, Clone, Default)]
pub struct Block {
    /// Statements with their places.
    pub statements: Vec<(Span, Statement)>,
    /// The value of the last line, if the block has one.
    pub value: Option<Box<Expression>>,
    /// What ends at the end of the block.
    pub exits: Vec<Exit>,
    /// The closing brace.
    pub end: Span,
}

/// Something that ends where a block is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// A variable that is certainly there.
    Free(u16),
    /// A variable that is there on some paths, or an alias.
    Drop(u16),
    /// The innermost arena.
    Arena,
}

/// A statement.
#[derive(Debug, Clone)]
pub enum Statement {
    /// Stores a scalar or a union.
    Assign {
        /// Where.
        place: Place,
        /// Whether the variable is made here.
        reserve: bool,
        /// What.
        value: Expression,
    },
    /// Stores a struct, tuple or array.
    AssignWhole {
        /// Where.
        place: Place,
        /// Whether the variable is made here.
        reserve: bool,
        /// What.
        value: Whole,
    },
    /// Makes a struct, tuple or array of zeroes.
    Reserve(u16),
    /// `place = place operator value`, with the place evaluated once.
    Update {
        /// Where.
        place: Place,
        /// The operation.
        operator: Binary,
        /// The right side.
        value: Expression,
        /// Where the whole stands.
        span: Span,
    },
    /// Makes an alias.
    Alias {
        /// Its slot.
        slot: u16,
        /// The type of the bytes.
        tag: Tag,
        /// Where they start.
        offset: Expression,
    },
    /// Frees a variable.
    Free(u16),
    /// Conditions with their blocks, and the last `else`.
    If {
        /// In order.
        arms: Vec<(Expression, Block)>,
        /// The block when no condition holds.
        otherwise: Option<Block>,
    },
    /// Chooses by what a union holds.
    Match {
        /// The union.
        value: Expression,
        /// The number of its cells.
        binding: u32,
        /// In order; without `otherwise` the last one takes what is left.
        arms: Vec<Arm>,
        /// The block of all other types.
        otherwise: Option<Block>,
    },
    /// Repeats while a condition holds.
    While {
        /// The condition.
        condition: Expression,
        /// The body.
        body: Block,
    },
    /// Counts.
    For {
        /// The variable's number.
        binding: u32,
        /// Its type.
        tag: Tag,
        /// The first value.
        start: Expression,
        /// The value after the last.
        end: Expression,
        /// The body.
        body: Block,
    },
    /// Goes through the elements of an array or a view.
    Each(Box<Each>),
    /// Goes through the characters of a string.
    EachChar(Box<EachChar>),
    /// Leaves a loop: so many loops lie between it and this place.
    Break(usize, Vec<Exit>),
    /// Goes on with the next turn of a loop, likewise.
    Continue(usize, Vec<Exit>),
    /// Leaves the function.
    Return {
        /// The result.
        value: Option<Expression>,
        /// Arenas that are open here.
        arenas: u32,
    },
    /// Keeps the cells of a value on the stack for some statements.
    Let {
        /// The number of the cells.
        binding: u32,
        /// The value.
        value: Expression,
        /// What is done meanwhile.
        body: Vec<(Span, Statement)>,
    },
    /// For its effect; a value is dropped.
    Evaluate(Expression),
}

/// An arm of a `match`.
#[derive(Debug, Clone)]
pub struct Arm {
    /// The types that it takes.
    pub mask: Mask,
    /// The number of the cells of its name.
    pub binding: Option<u32>,
    /// What is done.
    pub body: Block,
}

/// A loop over elements.
#[derive(Debug, Clone)]
pub struct Each {
    /// The number of the first element.
    pub start: Expression,
    /// The number behind the last one.
    pub end: Expression,
    /// The type of both.
    pub tag: Tag,
    /// The cell of the end.
    pub end_cell: u32,
    /// That of the current element.
    pub index_cell: u32,
    /// What makes sure that start and end lie within the whole. It is computed once, of their two cells.
    pub check: Option<Expression>,
    /// The cell of the variable, and what it is a copy of; without it the body reads the element where it stands.
    pub element: Option<(u32, Expression)>,
    /// The body.
    pub body: Block,
}

/// A loop over characters.
#[derive(Debug, Clone)]
pub struct EachChar {
    /// A string that is computed once, with the number of its cell.
    pub kept: Option<(u32, Expression)>,
    /// The string, computed in each turn.
    pub string: Expression,
    /// The cell of the index of the current character.
    pub index_cell: u32,
    /// That of the current character.
    pub binding: u32,
    /// The body.
    pub body: Block,
}

/// Where bytes stand.
#[derive(Debug, Clone)]
pub struct Place {
    /// The whole that they are part of.
    pub base: Base,
    /// Bytes from its start.
    pub offset: u32,
    /// What stands there.
    pub type_: Type,
}

/// The whole that a place is part of.
#[derive(Debug, Clone)]
pub enum Base {
    /// A variable or an alias of scalars.
    Variable(u16),
    /// A struct, tuple or array.
    Stencil(u16),
    /// An element of an array.
    Element(u16, Box<Expression>),
    /// An element of a view.
    ViewElement(Box<Expression>, Box<Expression>),
    /// A struct, tuple or array of this type in cells: a parameter, or what a `Let` keeps.
    Cells(u32, TypeRef),
    /// A static variable of this type, which starts there in its block.
    Static(u32, TypeRef),
    /// A struct or tuple that a parameter shows: a cell with a view of it alone.
    Lent(u32, TypeRef),
}

/// The value of a struct, tuple or array.
#[derive(Debug, Clone)]
pub enum Whole {
    /// Its parts.
    Parts(Vec<Part>),
    /// The bytes that stand at a place.
    Copy(Place),
}

/// A part of a struct, tuple or array value: so many scalars as its type has.
#[derive(Debug, Clone)]
pub struct Part {
    /// Where in the whole it starts.
    pub offset: u32,
    /// What it is.
    pub value: Expression,
}

/// An expression with its type.
#[derive(Debug, Clone)]
pub struct Expression {
    /// What it computes.
    pub kind: Kind,
    /// Its type.
    pub type_: Type,
    /// Where it stands.
    pub span: Span,
}

/// The value of an integer literal, in halves so that it takes no wider place than other parts of the tree.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Wide {
    high: i64,
    low: u64,
}

impl Wide {
    /// 0.
    pub const ZERO: Wide = Wide { high: 0, low: 0 };
    /// 1.
    pub const ONE: Wide = Wide { high: 0, low: 1 };

    /// The value.
    pub fn get(self) -> i128 {
        i128::from(self.high) << 64 | i128::from(self.low)
    }
}

impl From<i128> for Wide {
    fn from(value: i128) -> Wide {
        Wide { high: (value >> 64) as i64, low: value as u64 }
    }
}

impl fmt::Debug for Wide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

/// What an expression computes.
#[derive(Debug, Clone)]
pub enum Kind {
    /// An integer literal that has not met a context yet.
    Integer(Wide),
    /// A decimal literal that has not met a context yet.
    Decimal(f64, f32),
    /// A constant without a type that has not met a context yet, unless it is but a literal.
    Adapting(Rc<Adapting>),
    /// A scalar constant.
    Constant(Tag, u64),
    /// A text constant.
    Text(Rc<str>),
    /// A parameter or the variable of a `for`, by its binding.
    Cell(u32),
    /// The value of a place; of bounded text, a string that shows it.
    Load(Place),
    /// One operand; the type of the result is that of the operand.
    Unary(Unary, Box<Expression>),
    /// Two operands of one type (a shift's count is an int).
    Binary(Binary, Box<[Expression; 2]>),
    /// Writes a value behind what a bounded text holds: a string as it is, a scalar or a union as it is printed.
    Append(Place, Box<Expression>),
    /// Both, the second only if the first is true.
    And(Box<[Expression; 2]>),
    /// Either, the second only if the first is false.
    Or(Box<[Expression; 2]>),
    /// To another numeric type, or between int and char.
    Convert(Tag, Tag, Box<Expression>),
    /// An instruction behind its operands.
    Apply(Instruction, Vec<Expression>),
    /// An operation on operands of one type, by the first part of its mnemonic.
    Typed(&'static str, Tag, Vec<Expression>),
    /// A view of what stands at a place: of the elements of an array, or of a struct or tuple alone.
    View(Place),
    /// A function of the module.
    Call(usize, Vec<Expression>),
    /// A function of the host, by mangled name.
    Host(EcoString, Vec<Expression>),
    /// One after another, for their effect.
    Sequence(Vec<Expression>),
    /// A scalar or a union as a union of these types, or as the scalar if it is one type.
    UnionAs(Mask, Box<Expression>),
    /// Whether a union holds one of these types.
    Is(Mask, Box<Expression>),
    /// Unless the first is true, does what stands in the list, for its effect, and ends the run with a text.
    Assert(Box<Expression>, Vec<Expression>, Box<Expression>),
    /// A struct, tuple or array literal: its parts as they are written.
    Literal(Vec<Part>),
    /// Keeps the cells of a value on the stack while another expression is computed.
    Let(u32, Box<Expression>, Box<Expression>),
    /// Statements, for their effect.
    Block(Vec<(Span, Statement)>),
    /// An arena around a block.
    Alloc(Box<Arena>),
    /// A complaint has been made.
    Error,
}

/// An arena with the block that it is for.
#[derive(Debug, Clone)]
pub struct Arena {
    /// How variables are placed in it.
    pub strategy: Strategy,
    /// Its bytes.
    pub capacity: u32,
    /// What is done while it is open.
    pub block: Block,
}
