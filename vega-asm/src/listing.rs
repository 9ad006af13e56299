//! Text → [`Listing`]: module directives, structs, static blocks and functions with their lines, every part with its place.
//!
//! It knows which directives open and end blocks, and nothing of what they mean. Every faulty line gives its own
//! complaint and is left out; the rest is read on.

use crate::directive::{Directive, Place};
use crate::problem::{self, Problems};
use crate::syntax::{Argument, Line, Span, parse_line};
use vega_report::SourceId;

/// The most bytes of a text.
pub const MOST_BYTES: usize = 256 << 20;
/// The most bytes of a line.
pub const MOST_LINE_BYTES: usize = 1 << 20;

/// What a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// `name:`
    Label,
    /// `.name arguments`
    Directive(Directive),
    /// `MNEMONIC operands`
    Instruction,
}

/// A label, a directive or an instruction.
#[derive(Debug, Clone, Copy)]
pub struct Statement {
    /// Which of them.
    pub sort: Sort,
    /// The label, the directive's name or the mnemonic.
    pub name: Span,
    /// The line, counted from 1.
    pub line: u32,
    first_argument: u32,
    end_of_arguments: u32,
}

/// A directive that opens a block, and what stands up to its `.end`.
#[derive(Debug)]
pub struct Block {
    /// The directive.
    pub opening: Statement,
    /// What is inside.
    pub body: Vec<Statement>,
}

/// A text as a tree.
#[derive(Debug)]
pub struct Listing<'t> {
    /// The text.
    pub text: &'t str,
    /// Its name for diagnostics.
    pub source: SourceId,
    /// Directives outside all blocks, in order.
    pub directives: Vec<Statement>,
    /// The structs, in order.
    pub structs: Vec<Block>,
    /// The static blocks, in order.
    pub statics: Vec<Block>,
    /// The functions, in order.
    pub functions: Vec<Block>,
    arguments: Vec<Argument>,
}

impl<'t> Listing<'t> {
    /// What stands at a span.
    pub fn word(&self, span: Span) -> &'t str {
        span.of(self.text)
    }

    /// Whether there is an instruction in a function.
    pub fn has_code(&self) -> bool {
        let mut statements = self.functions.iter().flat_map(|function| &function.body);
        statements.any(|statement| statement.sort == Sort::Instruction)
    }

    /// The arguments of a statement.
    pub fn arguments(&self, statement: &Statement) -> &[Argument] {
        let range = statement.first_argument as usize..statement.end_of_arguments as usize;
        self.arguments.get(range).unwrap_or_default()
    }
}

/// Reads a text.
pub fn read<'t>(text: &'t str, source: SourceId, problems: &mut Problems) -> Listing<'t> {
    let (directives, structs, statics, functions, arguments) = Default::default();
    let listing = Listing { text, source, directives, structs, statics, functions, arguments };
    let mut reader = Reader { listing, problems, open: None, line: 0, last: None, stray: false };
    if text.len() > MOST_BYTES {
        reader.problems.push(problem::text_too_large(source, text.len()));
        return reader.listing;
    }
    let mut start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    for line in text.get(start..).unwrap_or_default().split_inclusive('\n') {
        let end = start + line.len();
        reader.line += 1;
        reader.read_line(start, end);
        start = end;
        if reader.problems.is_full() {
            break;
        }
    }
    reader.finish()
}

struct Reader<'t, 'p> {
    listing: Listing<'t>,
    problems: &'p mut Problems,
    open: Option<Block>,
    line: u32,
    /// The directive that an `.append` would go on with.
    last: Option<Statement>,
    /// Whether the line before stood outside all functions and was complained about.
    stray: bool,
}

impl<'t> Reader<'t, '_> {
    fn read_line(&mut self, start: usize, end: usize) {
        let source = self.listing.source;
        if end - start > MOST_LINE_BYTES {
            self.problems.push(problem::line_too_long(source, Span::new(start, start), end - start));
            return;
        }
        match parse_line(self.listing.text, start..end) {
            Ok(line) => self.read_statements(line),
            Err(open) => {
                let end = open.span.range().start + self.listing.word(open.span).trim_end().len();
                let span = Span::new(open.span.range().start, end);
                self.problems.push(problem::open_quote(source, span, open.quote));
            }
        }
    }

    fn read_statements(&mut self, line: Line) {
        for label in line.labels {
            let label = self.statement(Sort::Label, label, &[]);
            self.put_in_function(label);
        }
        let Some(head) = line.head else { return };
        let word = self.listing.word(head);
        if !word.starts_with('.') {
            let instruction = self.statement(Sort::Instruction, head, &line.arguments);
            self.put_in_function(instruction);
            return;
        }
        match Directive::from_name(word) {
            Some(Directive::Append) => self.append(head, &line.arguments),
            Some(directive) => {
                let statement = self.statement(Sort::Directive(directive), head, &line.arguments);
                self.put_directive(directive, statement);
            }
            None => self.problems.push(problem::unknown_directive(self.listing.source, head, word)),
        }
    }

    fn statement(&mut self, sort: Sort, name: Span, arguments: &[Argument]) -> Statement {
        let first_argument = self.listing.arguments.len() as u32;
        self.listing.arguments.extend_from_slice(arguments);
        let end_of_arguments = self.listing.arguments.len() as u32;
        self.last = None;
        Statement { sort, name, line: self.line, first_argument, end_of_arguments }
    }

    fn put_in_function(&mut self, statement: Statement) {
        match &mut self.open {
            Some(block) if block.opening.sort == Sort::Directive(Directive::Function) => block.body.push(statement),
            open => {
                if !std::mem::replace(&mut self.stray, true) {
                    let around = open.as_ref().map(|block| block.opening.name);
                    let before = self.listing.functions.last().map(|block| block.opening.name);
                    let problem = problem::code_outside(self.listing.source, statement.name, around, before);
                    self.problems.push(problem);
                }
            }
        }
    }

    fn put_directive(&mut self, directive: Directive, statement: Statement) {
        self.stray = false;
        match (directive, directive.row().place) {
            (Directive::Struct | Directive::Static | Directive::Function, _) => {
                self.close_unended(Some(statement.name));
                self.open = Some(Block { opening: statement, body: Vec::new() });
            }
            (Directive::End, _) => {
                if !self.listing.arguments(&statement).is_empty() {
                    self.problems.push(problem::directive_arguments(&self.listing, &statement, directive));
                }
                match self.open.take() {
                    Some(block) => self.close(block),
                    None => self.problems.push(problem::end_without_block(self.listing.source, statement.name)),
                }
            }
            (_, place) => {
                let found = self.open.as_ref().map(|block| block.opening);
                let here = match found.map(|opening| opening.sort) {
                    None => Place::Module,
                    Some(Sort::Directive(Directive::Struct)) => Place::Struct,
                    Some(Sort::Directive(Directive::Static)) => Place::Static,
                    Some(_) => Place::Function,
                };
                if here != place {
                    let around = found.map(|opening| opening.name);
                    self.problems.push(problem::wrong_place(self.listing.source, statement.name, directive, around));
                    return;
                }
                match &mut self.open {
                    Some(block) => block.body.push(statement),
                    None => self.listing.directives.push(statement),
                }
                self.last = Some(statement);
            }
        }
    }

    /// Adds the argument to those of the directive before: they are the last in the list, so they stay together.
    fn append(&mut self, name: Span, arguments: &[Argument]) {
        let text = match arguments {
            [argument] if argument.key().is_none() && self.listing.word(argument.value()).starts_with('"') => *argument,
            _ => {
                let statement = self.statement(Sort::Directive(Directive::Append), name, arguments);
                let problem = problem::directive_arguments(&self.listing, &statement, Directive::Append);
                self.problems.push(problem);
                return;
            }
        };
        let goes_on = self.last.is_some_and(|last| {
            let before = self.listing.arguments(&last).last();
            before.is_some_and(|before| self.listing.word(before.span()).starts_with('"'))
        });
        let statements = match &mut self.open {
            Some(block) => &mut block.body,
            None => &mut self.listing.directives,
        };
        match statements.last_mut().filter(|_| goes_on) {
            Some(last) => {
                let mut text = text;
                text.appended = true;
                self.listing.arguments.push(text);
                last.end_of_arguments += 1;
            }
            None => self.problems.push(problem::append_without_text(self.listing.source, name)),
        }
    }

    fn close(&mut self, block: Block) {
        match block.opening.sort {
            Sort::Directive(Directive::Struct) => self.listing.structs.push(block),
            Sort::Directive(Directive::Static) => self.listing.statics.push(block),
            _ => self.listing.functions.push(block),
        }
    }

    /// Complains about a block that is still open where another one begins, or at the end of the text.
    fn close_unended(&mut self, next: Option<Span>) {
        if let Some(block) = self.open.take() {
            let opening = block.opening;
            let name = self.listing.word(opening.name);
            self.problems.push(problem::missing_end(self.listing.source, opening.name, name, next));
            self.close(block);
        }
    }

    fn finish(mut self) -> Listing<'t> {
        if !self.problems.is_full() {
            self.close_unended(None);
        }
        self.listing
    }
}
