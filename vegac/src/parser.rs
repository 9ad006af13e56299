//! Tokens into a tree.
//!
//! A function of the grammar bears the name of what it reads and gives `None` after it has complained. Who calls it
//! passes the `None` on, up to the next border (a bracket, a field, a block, a statement), where reading starts again;
//! so a mistake makes one complaint, and the next statement is read as if nothing had happened.
//!
//! Two limits keep later passes over the tree, and its end, on a small stack: [`MAX_NESTING`] and [`MAX_HEIGHT`]. The
//! parser itself needs less than 512 KiB at the deepest. To that end what lies on the way from one level to the next is
//! kept in frames of its own (`inline(never)`): inlined into one another, rare branches would weigh on every level.

mod assignments;
mod blocks;
mod braces;
mod choice;
mod conversions;
mod cursor;
mod edits;
mod expressions;
mod hints;
mod items;
mod known;
mod lost;
mod operands;
mod operators;
mod print;
mod recover;
mod rewritten;
mod statements;
mod types;
mod words;

#[cfg(test)]
mod tests;

use vega_report::{Diagnostic, SourceId};

use crate::ast::{Block, Declares, File, Name};
use crate::lexer::{Complaints, Token, TokenKind};

pub use lost::settle;
pub use print::print;

/// The most levels that may be open at one place: brackets, blocks, prefix operators, `alloc` (beside its block), and
/// the `[]` and `[N]` of types.
pub const MAX_NESTING: usize = 256;
/// The most expressions, blocks and statements that may stand one inside the other. A chain of operators counts: in
/// `1 + 2 + 3` the first sum stands inside the second.
pub const MAX_HEIGHT: usize = 1_000;

/// The tree of a text, as far as it could be understood, and what is wrong with it. `tokens` are those of the text.
pub fn parse(source: SourceId, text: &str, tokens: &[Token]) -> (File, Vec<Diagnostic>) {
    let mut parser = Parser::new(source, text, tokens);
    let mut file = parser.file();
    file.incomplete = parser.lost;
    (file, parser.complaints.into_vec())
}

/// The tree of a text without the bodies of its functions, and the tokens with which those begin, to be read by [`body`]
/// when they are wanted. `None` if there is something to complain of: then it takes [`parse`] to say what it is.
pub fn outline(source: SourceId, text: &str, tokens: &[Token]) -> Option<(File, Vec<u32>)> {
    let mut parser = Parser { bodies: Some(Vec::new()), ..Parser::new(source, text, tokens) };
    let file = parser.file();
    let bodies = parser.bodies.take()?;
    (parser.complaints.is_empty() && bodies.len() == file.functions.len()).then_some((file, bodies))
}

/// The body of a function that begins with a token. `None` if there is something to complain of.
pub fn body(source: SourceId, text: &str, tokens: &[Token], first: u32) -> Option<Block> {
    let mut parser = Parser { at: first as usize, beginning: first as usize, ..Parser::new(source, text, tokens) };
    let block = parser.block()?;
    parser.complaints.is_empty().then_some(block)
}

impl<'a> Parser<'a> {
    fn new(source: SourceId, text: &'a str, tokens: &'a [Token]) -> Parser<'a> {
        Parser {
            source,
            text,
            tokens,
            at: 0,
            beginning: 0,
            lines_matter: true,
            struct_literals: true,
            types: false,
            in_arm: false,
            nesting: 0,
            height: 0,
            stacks: operators::Stacks::default(),
            complaints: Complaints::default(),
            complained_at: None,
            unclosed: None,
            declared: None,
            lost: false,
            bodies: None,
        }
    }
}

struct Parser<'a> {
    source: SourceId,
    text: &'a str,
    tokens: &'a [Token],
    /// The token that is looked at.
    at: usize,
    /// The token with which the statement or the field begins: that it begins a line ends nothing.
    beginning: usize,
    /// Whether the end of a line ends a statement here; not inside `(` and `[`.
    lines_matter: bool,
    /// Whether `name {` begins a struct literal here; not in the head of `if`, `while` and `for`.
    struct_literals: bool,
    /// Whether an operand may be a type.
    types: bool,
    /// Whether this is the statement of an arm of a `match`, which a comma may end.
    in_arm: bool,
    /// How many levels are open: at most [`MAX_NESTING`].
    nesting: usize,
    /// How high the part of the tree is that was finished last: at most [`MAX_HEIGHT`].
    height: usize,
    stacks: operators::Stacks,
    complaints: Complaints,
    /// The token at which the last complaint came up; there is one complaint a token.
    complained_at: Option<usize>,
    /// A search for a closing bracket that failed: where it began and what for. Spares the same search again.
    unclosed: Option<(usize, TokenKind)>,
    /// What the declaration that is read declares, as soon as that is known.
    declared: Option<(Declares, Name)>,
    /// Whether a declaration could not be read.
    lost: bool,
    /// The tokens with which bodies of functions begin, if those are passed over.
    bodies: Option<Vec<u32>>,
}
