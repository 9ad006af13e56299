//! Text → [`Listing`]: the directives outside all blocks, and where structs, static blocks and functions stand. What is in
//! a block is read when its turn comes ([`Listing::read_body`]), so that only one is held at a time.
//!
//! It knows which directives open and end blocks, and nothing of what they mean. Every faulty line gives its own
//! complaint and is left out; the rest is read on.

use crate::directive::{Directive, Place};
use crate::problem::{self, Problems};
use crate::syntax::{Argument, Span, Words};
use std::ops::Range;
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

impl Statement {
    /// Its arguments, which stand in a list that many share.
    pub fn arguments<'a>(&self, all: &'a [Argument]) -> &'a [Argument] {
        all.get(self.first_argument as usize..self.end_of_arguments as usize).unwrap_or_default()
    }
}

/// A directive that opens a block, and where what stands up to its `.end` is.
#[derive(Debug, Clone, Copy)]
pub struct Block {
    /// The directive.
    pub opening: Statement,
    /// The text between them, from the start of a line.
    body: Span,
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
    /// The arguments of these directives and of those that open blocks.
    pub arguments: Vec<Argument>,
}

impl<'t> Listing<'t> {
    /// What stands at a span.
    pub fn word(&self, span: Span) -> &'t str {
        span.of(self.text)
    }

    /// What stands in a block, from the start of the line behind the one that opens it.
    pub fn body(&self, block: &Block) -> Range<usize> {
        block.body.range()
    }

    /// Whether there is code in a function, or what may have been meant as such.
    pub fn has_code(&self) -> bool {
        let (mut statements, mut arguments) = (Vec::new(), Vec::new());
        self.functions.iter().any(|function| {
            let mut unheard = Problems::default();
            statements.clear();
            arguments.clear();
            self.read_body(function, &mut statements, &mut arguments, &mut unheard);
            let is_code = |sort| matches!(sort, Sort::Instruction | Sort::Directive(Directive::Bytes));
            !unheard.is_empty() || statements.iter().any(|statement| is_code(statement.sort))
        })
    }

    /// Reads what stands in a block. The arguments of its statements are put behind those that are there.
    pub fn read_body(
        &self,
        block: &Block,
        statements: &mut Vec<Statement>,
        arguments: &mut Vec<Argument>,
        problems: &mut Problems,
    ) {
        let opening = &block.opening;
        let (place, in_function) = match opening.sort {
            Sort::Directive(Directive::Struct) => (Place::Struct, false),
            Sort::Directive(Directive::Static) => (Place::Static, false),
            _ => (Place::Function, true),
        };
        let mut lines = Lines { text: self.text, source: self.source, arguments, problems };
        let mut goes_on = false;
        let mut stray = false;
        for (line, bytes) in (opening.line + 1..).zip(line_ranges(self.text, block.body.range())) {
            let before = statements.len();
            lines.read(bytes, line, statements);
            let Some(last) = statements.get(before..).and_then(<[Statement]>::last).copied() else { continue };
            match last.sort {
                Sort::Directive(directive) => {
                    stray = false;
                    if before + 1 < statements.len() && !in_function {
                        lines.code_outside(statements.get(before).map_or(last.name, |label| label.name), opening, None);
                        statements.drain(before..statements.len() - 1);
                    }
                    goes_on = lines.put_directive(directive, place, Some(opening), goes_on, statements);
                }
                _ if in_function => goes_on = false,
                _ => {
                    let first = statements.get(before).map_or(last.name, |first| first.name);
                    if !std::mem::replace(&mut stray, true) {
                        lines.code_outside(first, opening, None);
                    }
                    statements.truncate(before);
                }
            }
            if lines.problems.is_full() {
                return;
            }
        }
    }
}

/// Reads a text.
pub fn read<'t>(text: &'t str, source: SourceId, problems: &mut Problems) -> Listing<'t> {
    let (directives, structs, statics, functions, arguments) = Default::default();
    let mut listing = Listing { text, source, directives, structs, statics, functions, arguments };
    if text.len() > MOST_BYTES {
        problems.push(problem::text_too_large(source, text.len()));
        return listing;
    }
    let mut reader = Reader { listing: &mut listing, problems, open: None, goes_on: false, stray: false };
    let mut scratch = Vec::new();
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut line = 1;
    while at < text.len() {
        if reader.open.is_some() {
            let next = may_end_block(text.as_bytes(), at);
            line += memchr::memchr_iter(b'\n', text.as_bytes().get(at..next).unwrap_or_default()).count() as u32;
            at = next;
        }
        let Some(bytes) = line_ranges(text, at..text.len()).next() else { break };
        at = bytes.end;
        reader.line(bytes, line, &mut scratch);
        line += 1;
        if reader.problems.is_full() {
            return listing;
        }
    }
    reader.close_unended(None, text.len());
    listing
}

/// The lines of a part of a text, each with its end.
fn line_ranges(text: &str, part: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let end = part.end;
    let bytes = text.as_bytes().get(part.clone()).unwrap_or_default();
    let mut start = part.start;
    let mut ends = memchr::memchr_iter(b'\n', bytes).map(move |place| part.start + place + 1);
    std::iter::from_fn(move || {
        let line = start..ends.next().unwrap_or(end);
        start = line.end;
        (!line.is_empty()).then_some(line)
    })
}

/// The start of the next line, from a line's start on, on which a directive may stand that ends a block: those between are
/// not looked at here.
fn may_end_block(text: &[u8], from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    for dot in memchr::memchr_iter(b'.', rest) {
        let (before, name) = rest.split_at_checked(dot).unwrap_or_default();
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b';' | b'#');
        let behind = |directive: &Directive| name.strip_prefix(directive.row().name.as_bytes());
        let is_block = BLOCKS.iter().filter_map(behind).any(|behind| behind.first().is_none_or(is_end));
        if !is_block && !is_misspelled_head(name.split(is_end).next().unwrap_or_default()) {
            continue;
        }
        let unblank = before.iter().rposition(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
        // Behind a colon there may be a label.
        if unblank.and_then(|place| before.get(place)).is_none_or(|byte| matches!(byte, b'\n' | b':')) {
            return from + memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        }
    }
    text.len()
}

/// Whether a word is near the directive that begins a function, and no directive.
fn is_misspelled_head(word: &[u8]) -> bool {
    // Few words are as long, and begin so.
    let may_be = (8..=11).contains(&word.len()) && matches!(word.get(1), Some(b'f' | b'u'));
    let Some(word) = str::from_utf8(word).ok().filter(|_| may_be) else { return false };
    Directive::from_name(word).is_none() && Directive::near(word) == Some(Directive::Function)
}

/// Reads statements.
struct Lines<'l, 't> {
    text: &'t str,
    source: SourceId,
    arguments: &'l mut Vec<Argument>,
    problems: &'l mut Problems,
}

impl Lines<'_, '_> {
    /// Reads a line: labels first.
    #[inline]
    fn read(&mut self, bytes: Range<usize>, line: u32, statements: &mut Vec<Statement>) {
        if bytes.len() > MOST_LINE_BYTES {
            let (start, found) = (Span::new(bytes.start, bytes.start), bytes.len());
            self.problems.push(problem::line_too_long(self.source, start, found));
            return;
        }
        let before = (statements.len(), self.arguments.len());
        if let Err(open) = self.statements(bytes, line, statements) {
            statements.truncate(before.0);
            self.arguments.truncate(before.1);
            let start = open.span.range().start;
            let end = start + open.span.of(self.text).trim_end().len();
            self.problems.push(problem::open_quote(self.source, Span::new(start, end), open.quote));
        }
    }

    #[inline]
    fn statements(
        &mut self,
        bytes: Range<usize>,
        line: u32,
        statements: &mut Vec<Statement>,
    ) -> Result<(), crate::syntax::OpenQuote> {
        let first_argument = self.arguments.len() as u32;
        let statement = |sort, name, end_of_arguments| Statement { sort, name, line, first_argument, end_of_arguments };
        let mut words = Words::new(self.text, bytes);
        let Some(head) = words.head(|label| statements.push(statement(Sort::Label, label, first_argument)))? else {
            return Ok(());
        };
        while let Some(argument) = words.argument()? {
            self.arguments.push(argument);
        }
        let word = head.of(self.text);
        let sort = match word.starts_with('.') {
            false => Sort::Instruction,
            true => match Directive::from_name(word) {
                Some(directive) => Sort::Directive(directive),
                None => {
                    self.problems.push(problem::unknown_directive(self.source, head, word));
                    // Read as what was meant, it takes nothing along with it.
                    match Directive::near(word).filter(|near| *near != Directive::End) {
                        Some(near) => Sort::Directive(near),
                        None => return Ok(()),
                    }
                }
            },
        };
        statements.push(statement(sort, head, self.arguments.len() as u32));
        Ok(())
    }

    /// Judges the directive that was read last, which opens and ends nothing: it may be out of place, or go on with the
    /// one before if that ends in a text. Gives whether a text behind it may go on with it.
    fn put_directive(
        &mut self,
        directive: Directive,
        here: Place,
        around: Option<&Statement>,
        goes_on: bool,
        statements: &mut Vec<Statement>,
    ) -> bool {
        let Some(statement) = statements.pop() else { return false };
        if directive == Directive::Append {
            self.append(&statement, goes_on, statements);
            return goes_on;
        }
        if !directive.may_stand(here) {
            // One that is misspelled was told.
            if Directive::from_name(statement.name.of(self.text)).is_none() {
                return false;
            }
            let around = around.map(|opening| opening.name);
            self.problems.push(problem::wrong_place(self.source, statement.name, directive, around));
            return false;
        }
        statements.push(statement);
        true
    }

    /// Adds the argument to those of the directive before: they are the last in the list, so they stay together.
    fn append(&mut self, statement: &Statement, goes_on: bool, statements: &mut [Statement]) {
        let is_text = |argument: &Argument| argument.value().of(self.text).starts_with('"');
        let [argument] = statement.arguments(self.arguments) else {
            return self.arguments_do_not_fit(statement, Directive::Append);
        };
        if argument.key().is_some() || !is_text(argument) {
            return self.arguments_do_not_fit(statement, Directive::Append);
        }
        let last = statements.last_mut().filter(|last| goes_on && last.end_of_arguments == statement.first_argument);
        let last = last.filter(|last| last.arguments(self.arguments).last().is_some_and(is_text));
        let Some(last) = last else {
            self.problems.push(problem::append_without_text(self.source, statement.name));
            return;
        };
        last.end_of_arguments = statement.end_of_arguments;
        if let Some(argument) = self.arguments.last_mut() {
            argument.appended = true;
        }
    }

    fn arguments_do_not_fit(&mut self, statement: &Statement, directive: Directive) {
        let problem = problem::directive_arguments(self.source, statement, self.arguments, directive);
        self.problems.push(problem);
    }

    fn code_outside(&mut self, found: Span, around: &Statement, before: Option<Span>) {
        self.problems.push(problem::code_outside(self.source, found, found.of(self.text), Some(around.name), before));
    }
}

/// The directives that end a block, or begin another one.
const BLOCKS: [Directive; 4] = [Directive::End, Directive::Function, Directive::Struct, Directive::Static];

fn is_blank(letter: char) -> bool {
    letter.is_ascii_whitespace()
}

/// Finds the blocks, and reads what is outside them.
struct Reader<'l, 't> {
    listing: &'l mut Listing<'t>,
    problems: &'l mut Problems,
    /// The directive that opened a block, and where its body begins.
    open: Option<(Statement, usize)>,
    /// Whether an `.append` would go on with the last directive.
    goes_on: bool,
    /// Whether the line before stood outside all functions and was complained about.
    stray: bool,
}

impl Reader<'_, '_> {
    fn line(&mut self, bytes: Range<usize>, line: u32, scratch: &mut Vec<Statement>) {
        scratch.clear();
        let before = self.listing.arguments.len();
        let mut unheard = Problems::default();
        let in_block = self.open.is_some();
        let problems = if in_block { &mut unheard } else { &mut *self.problems };
        let Listing { text, source, arguments, .. } = &mut *self.listing;
        Lines { text, source: *source, arguments, problems }.read(bytes.clone(), line, scratch);
        let Some(last) = scratch.last().copied() else { return };
        match last.sort {
            Sort::Directive(Directive::Struct | Directive::Static | Directive::Function) => {
                self.stray(scratch, 1);
                unheard.tell(self.problems);
                self.close_unended(Some(last.name), last.name.range().start);
                self.open = Some((last, bytes.end));
            }
            Sort::Directive(Directive::End) => self.end(&last, scratch),
            _ if in_block => {
                // It is read again with the block.
                self.listing.arguments.truncate(before);
            }
            Sort::Directive(directive) => {
                self.stray(scratch, 1);
                let Listing { text, source, arguments, directives, .. } = &mut *self.listing;
                let mut lines = Lines { text, source: *source, arguments, problems: self.problems };
                directives.push(last);
                self.goes_on = lines.put_directive(directive, Place::Module, None, self.goes_on, directives);
                self.stray = false;
            }
            _ => self.stray(scratch, 0),
        }
    }

    /// Complains about labels and code outside all functions, once for several lines of them. The last `kept` are none.
    fn stray(&mut self, scratch: &[Statement], kept: usize) {
        let Some(first) = scratch.first().filter(|_| scratch.len() > kept && self.open.is_none()) else { return };
        self.goes_on = false;
        if !std::mem::replace(&mut self.stray, true) {
            let before = self.listing.functions.last().map(|block| block.opening.name);
            self.problems.push(problem::code_outside(
                self.listing.source,
                first.name,
                first.name.of(self.listing.text),
                None,
                before,
            ));
        }
    }

    fn end(&mut self, statement: &Statement, scratch: &[Statement]) {
        self.stray(scratch, 1);
        self.stray = false;
        self.goes_on = false;
        let source = self.listing.source;
        if !statement.arguments(&self.listing.arguments).is_empty() {
            let arguments = &self.listing.arguments;
            self.problems.push(problem::directive_arguments(source, statement, arguments, Directive::End));
        }
        match self.open.take() {
            Some(open) => self.close(open, statement.name.range().start),
            None => self.problems.push(problem::end_without_block(source, statement.name)),
        }
    }

    fn close(&mut self, (opening, start): (Statement, usize), end: usize) {
        let block = Block { opening, body: Span::new(start, end.max(start)) };
        match opening.sort {
            Sort::Directive(Directive::Struct) => self.listing.structs.push(block),
            Sort::Directive(Directive::Static) => self.listing.statics.push(block),
            _ => self.listing.functions.push(block),
        }
    }

    /// Complains about a block that is still open where another one begins, or at the end of the text.
    fn close_unended(&mut self, next: Option<Span>, end: usize) {
        self.stray = false;
        self.goes_on = false;
        if let Some((opening, start)) = self.open.take() {
            // An `.end` that is misspelled is complained about where it stands.
            let body = Span::new(start, end.max(start)).of(self.listing.text);
            let last = body.trim_end().lines().next_back().unwrap_or_default().trim();
            let is_misspelled =
                last.starts_with('.') && last.split(is_blank).next().and_then(Directive::from_name).is_none();
            // So is all that stands behind a head.
            let mut behind = opening.arguments(&self.listing.arguments).iter();
            let ends_here = behind.any(|word| self.listing.word(word.span()) == Directive::End.row().name);
            if !is_misspelled && !ends_here {
                let name = self.listing.word(opening.name);
                self.problems.push(problem::missing_end(self.listing.source, opening.name, name, next));
            }
            self.close((opening, start), end);
        }
    }
}
