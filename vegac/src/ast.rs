//! The tree that the parser makes: what was written, with the place of everything, and nothing decided.
//!
//! Names are plain text, types are as spelled, literals are as typed. The checker turns this tree into
//! [`checked`](crate::checked). A part that could not be parsed is left out (the parser has complained about it).

use ecow::EcoString;
use std::ops::Range;

/// A range of bytes of the source text, which is never so long that they need more than 32 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// The first byte.
    pub fn start(self) -> usize {
        self.start as usize
    }

    /// The byte behind the last one.
    pub fn end(self) -> usize {
        self.end as usize
    }

    /// Its bytes, to look at them.
    pub fn range(self) -> Range<usize> {
        self.start()..self.end()
    }

    /// Whether it covers nothing.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// From the start of this one to the end of another.
    pub fn to(self, last: Span) -> Span {
        Span { start: self.start, end: last.end }
    }

    /// The place before its first byte.
    pub fn before(self) -> Span {
        Span { end: self.start, ..self }
    }

    /// The place behind its last byte.
    pub fn after(self) -> Span {
        Span { start: self.end, ..self }
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Span {
        let narrow = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span { start: narrow(range.start), end: narrow(range.end) }
    }
}

impl From<Span> for Range<usize> {
    fn from(span: Span) -> Range<usize> {
        span.range()
    }
}

/// A name and where it stands. Identifiers are in Unicode normalization form C.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The text, normalized.
    pub text: EcoString,
    /// Where it stands.
    pub span: Span,
}

/// A whole source file.
#[derive(Debug, Clone, Default)]
pub struct File {
    /// `import` declarations, in order.
    pub imports: Vec<Import>,
    /// `extern fn` declarations, in order.
    pub externs: Vec<Extern>,
    /// `struct` declarations of the top level, in order.
    pub structs: Vec<Struct>,
    /// `static` blocks, in order; a file may have one.
    pub statics: Vec<Static>,
    /// `const` declarations of the top level, in order.
    pub constants: Vec<Constant>,
    /// `fn` declarations, in order.
    pub functions: Vec<Function>,
    /// Statements at top level: the body of the implicit `main` of a script.
    pub statements: Vec<Statement>,
    /// Declarations of which no more than the name could be read.
    pub unread: Vec<Unread>,
    /// Whether a declaration could not be read, so that names may be missing.
    pub incomplete: bool,
}

/// A declaration of the top level of which no more than the name could be read.
#[derive(Debug, Clone)]
pub struct Unread {
    /// What it declares.
    pub what: Declares,
    /// Its name.
    pub name: Name,
    /// The whole declaration.
    pub span: Span,
}

/// What a declaration declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declares {
    /// A function.
    Function,
    /// A struct.
    Struct,
    /// A constant.
    Constant,
}

/// `import geometry`, `import geometry.norm(point) <= 96`.
#[derive(Debug, Clone)]
pub struct Import {
    /// The module.
    pub module: Name,
    /// What one of its functions must not outgrow, if that is said.
    pub promise: Option<Promise>,
    /// The whole declaration.
    pub span: Span,
}

/// `norm(point) <= 96`: a function of a module that never needs more memory.
#[derive(Debug, Clone)]
pub struct Promise {
    /// Its name in the module.
    pub function: Name,
    /// What it takes.
    pub parameters: Vec<TypeName>,
    /// The most bytes.
    pub bytes: Expression,
}

/// `extern fn log(message: string) cost 96`: a function that the host grants.
#[derive(Debug, Clone)]
pub struct Extern {
    /// Its name, which may have dots; it is the host's, so no module stands before it.
    pub name: Name,
    /// Parameters in order.
    pub parameters: Vec<(Name, TypeName)>,
    /// The type after `->`, if there is one.
    pub result: Option<TypeName>,
    /// The most bytes that a call takes at the host, if that is said.
    pub cost: Option<Expression>,
    /// The whole declaration.
    pub span: Span,
}

/// `struct point { x: int, y: int }`.
#[derive(Debug, Clone)]
pub struct Struct {
    /// Its name.
    pub name: Name,
    /// `pub`: importers see it.
    pub public: bool,
    /// Fields in declared order, which is their order in memory.
    pub fields: Vec<(Name, TypeName)>,
    /// The whole declaration.
    pub span: Span,
}

/// `static 64 { count = 0l }`.
#[derive(Debug, Clone)]
pub struct Static {
    /// Its bytes, a constant expression.
    pub size: Expression,
    /// Its variables.
    pub block: Block,
    /// From `static` to the end of the size.
    pub head: Span,
}

/// `const SIZE = 64`, `const RATE: float = 0.5`.
#[derive(Debug, Clone)]
pub struct Constant {
    /// Its name.
    pub name: Name,
    /// `pub`: importers see it.
    pub public: bool,
    /// The declared type.
    pub declared: Option<TypeName>,
    /// The value, a constant expression.
    pub value: Expression,
}

/// `fn norm(p: []int) -> long { … }`.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its name.
    pub name: Name,
    /// `pub`: importers see it.
    pub public: bool,
    /// Parameters in order.
    pub parameters: Vec<(Name, TypeName)>,
    /// The type after `->`, if there is one.
    pub result: Option<TypeName>,
    /// The constant expression after `limit`: how many of its calls may be active at once.
    pub limit: Option<Expression>,
    /// What it does; of one that has not been read yet nothing but where it stands.
    pub body: Block,
    /// From `fn` (or `pub`) to the end of the result type: what a message points at.
    pub head: Span,
}

/// A type as spelled in the source.
#[derive(Debug, Clone)]
pub struct TypeName {
    /// Its form.
    pub kind: TypeKind,
    /// Where it stands.
    pub span: Span,
}

/// The forms of a type as spelled.
#[derive(Debug, Clone)]
pub enum TypeKind {
    /// `int`, `point`: one of the eight types, `string`, or a struct.
    Named(EcoString),
    /// `int[10]`: an array with its length, a constant expression.
    Array(Box<TypeName>, Box<Expression>),
    /// `[]int`: a view.
    View(Box<TypeName>),
    /// `string<16>`: bounded text with its most bytes, a constant expression.
    Text(Box<Expression>),
    /// `(int, bool)`: a tuple.
    Tuple(Vec<TypeName>),
    /// `int|bool`: a union, two or more members as written.
    Union(Vec<TypeName>),
}

/// `{ … }`.
#[derive(Debug, Clone, Default)]
pub struct Block {
    /// Statements in order.
    pub statements: Vec<Statement>,
    /// From `{` to `}`.
    pub span: Span,
}

/// A statement and where it stands.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Its form.
    pub kind: StatementKind,
    /// Where it stands.
    pub span: Span,
}

/// The forms of a statement.
#[derive(Debug, Clone)]
pub enum StatementKind {
    /// `x: int|bool = 5`, `x = 5`, `p.x = 5`, `a[i].y = 5`; with a type and without a value: `a: int[100]`.
    Assign {
        /// What is assigned: a name, or fields and elements of one.
        place: Expression,
        /// The declared type.
        declared: Option<TypeName>,
        /// The value; `None` only beside a declared type.
        value: Option<Expression>,
    },
    /// `a, b = f()`, `a, b = b, a`.
    AssignSeveral {
        /// What is assigned, two or more; `_` for nothing.
        places: Vec<Expression>,
        /// A tuple.
        value: Expression,
    },
    /// `x += 1`.
    Compound {
        /// What is changed.
        place: Expression,
        /// The operation.
        operator: Binary,
        /// Where the operator stands.
        operator_span: Span,
        /// The right side.
        value: Expression,
    },
    /// `y = *int(0)`: an alias.
    Alias {
        /// The new name.
        name: Name,
        /// The type in which the bytes are seen.
        target: TypeName,
        /// The offset of the first byte.
        offset: Expression,
    },
    /// `free(x)`.
    Free(Name),
    /// `if c { … } else if d { … } else { … }`.
    If {
        /// Conditions with their blocks, in order.
        arms: Vec<(Expression, Block)>,
        /// The block after the last `else`.
        otherwise: Option<Block>,
    },
    /// `match y { int i => …, bool b => …, _ => … }`.
    Match {
        /// The union.
        value: Expression,
        /// In order.
        arms: Vec<Arm>,
    },
    /// `while c { … }`.
    While {
        /// The name before the loop.
        label: Option<Name>,
        /// The condition.
        condition: Expression,
        /// The body.
        body: Block,
    },
    /// `for x in a { … }`: the elements of an array or a view, the characters of text.
    Each {
        /// The name before the loop.
        label: Option<Name>,
        /// The variable, read-only.
        variable: Name,
        /// What is gone through.
        whole: Expression,
        /// The body.
        body: Block,
    },
    /// `for i in a..b { … }`.
    For {
        /// The name before the loop.
        label: Option<Name>,
        /// The variable, read-only.
        variable: Name,
        /// The first value.
        start: Expression,
        /// The value after the last.
        end: Expression,
        /// The body.
        body: Block,
    },
    /// `break`, with or without the name of a loop.
    Break(Option<Name>),
    /// `continue`, with or without the name of a loop.
    Continue(Option<Name>),
    /// `return` with or without a value.
    Return(Option<Expression>),
    /// A `const` declared inside a block; it is known from here to the end of the block.
    Constant(Constant),
    /// A `struct` declared inside a block; it is known from here to the end of the block.
    Struct(Struct),
    /// An expression for its effect, or as the last line for its value.
    Expression(Expression),
    /// A statement that could not be read, and the names in it.
    Lost(Vec<Name>),
}

/// An arm of a `match`.
#[derive(Debug, Clone)]
pub struct Arm {
    /// The type, or several as a union; `None` for `_`.
    pub pattern: Option<TypeName>,
    /// The name of the value.
    pub binding: Option<Name>,
    /// What is done; a single statement is a block of its own.
    pub body: Block,
    /// The pattern and the name.
    pub head: Span,
}

/// An expression and where it stands.
#[derive(Debug, Clone)]
pub struct Expression {
    /// Its form.
    pub kind: ExpressionKind,
    /// Where it stands, parentheses included.
    pub span: Span,
}

/// The forms of an expression.
#[derive(Debug, Clone)]
pub enum ExpressionKind {
    /// A number, character, text or truth value.
    Literal(Literal),
    /// A variable or parameter.
    Name(EcoString),
    /// `p.x`, `p.0`.
    Field(Box<Expression>, Name),
    /// `a[i]`.
    Index(Box<Expression>, Box<Expression>),
    /// `a[i..j]`; a missing end is the start or the end of the whole.
    Slice(Box<Expression>, Option<Box<Expression>>, Option<Box<Expression>>),
    /// `f(x, y)`, `long(x)`, `len(a)`, `io.read(b)`: the called name may have dots.
    Call(Name, Vec<Expression>),
    /// `point { x = 1, y = 2 }`.
    StructLiteral(Name, Vec<(Name, Expression)>),
    /// `(1, true)`, `(1,)`.
    Tuple(Vec<Expression>),
    /// `[1, 2, 3]`.
    Array(Vec<Expression>),
    /// `-x`, `!x`, `~x`.
    Unary(Unary, Box<Expression>),
    /// `a + b`; the span is the operator's.
    Binary(Binary, Span, Box<[Expression; 2]>),
    /// `a && b`.
    And(Box<[Expression; 2]>),
    /// `a || b`.
    Or(Box<[Expression; 2]>),
    /// `y is int`: what a union holds.
    Is(Box<Expression>, TypeName),
    /// `alloc 64 { … }`.
    Alloc(Box<Arena>, Block),
    /// `string<16>`, `[]int`: a type that looks like no expression, where `size_of` takes one.
    Type(Box<TypeName>),
}

/// The head of an `alloc`. Sizes are constant expressions.
#[derive(Debug, Clone)]
pub struct Arena {
    /// Its bytes.
    pub size: Expression,
    /// What stands behind a `:`.
    pub strategy: Strategy,
}

/// How variables are placed in an arena.
#[derive(Debug, Clone)]
pub enum Strategy {
    /// Nothing is said.
    FirstFit,
    /// `:bump`.
    Bump,
    /// `:pool(4)`.
    Pool(Expression),
}

/// A literal as typed.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// Decimal digits with an optional suffix. `None` without a suffix: `int`, and it adapts.
    Integer(u64, Option<IntegerSuffix>),
    /// `0x` digits: a bit pattern, with the number of digits and whether `l` follows.
    Hex {
        /// The bits.
        bits: u64,
        /// How many digits were written.
        digits: u32,
        /// Whether the suffix `l` was written.
        long: bool,
    },
    /// Digits with a point: the text without `_` and suffix, and whether `f` follows.
    Decimal(String, bool),
    /// `'A'`.
    Char(char),
    /// `"text"`, escapes resolved.
    String(String),
    /// `true`, `false`.
    Bool(bool),
}

/// The suffixes of integer literals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntegerSuffix {
    /// `b`.
    Byte,
    /// `s`.
    Short,
    /// `l`.
    Long,
}

/// Operators before their operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unary {
    /// `-`.
    Negate,
    /// `!`.
    Not,
    /// `~`.
    Invert,
}

/// Operators between two operands that both are evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is named as its operation")]
pub enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    BitAnd,
    BitOr,
    BitXor,
    ShiftLeft,
    ShiftRight,
    ShiftRightZero,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Binary {
    /// The operator as it is written.
    pub fn spelling(self) -> &'static str {
        match self {
            Binary::Add => "+",
            Binary::Sub => "-",
            Binary::Mul => "*",
            Binary::Div => "/",
            Binary::Rem => "%",
            Binary::BitAnd => "&",
            Binary::BitOr => "|",
            Binary::BitXor => "^",
            Binary::ShiftLeft => "<<",
            Binary::ShiftRight => ">>",
            Binary::ShiftRightZero => ">>>",
            Binary::Equal => "==",
            Binary::NotEqual => "!=",
            Binary::Less => "<",
            Binary::LessEqual => "<=",
            Binary::Greater => ">",
            Binary::GreaterEqual => ">=",
        }
    }
}
