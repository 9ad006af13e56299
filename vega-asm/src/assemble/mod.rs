//! [`Listing`] → [`Builder`]: names become numbers, values become bits, and the debug section is filled.
//!
//! Every faulty statement gives its own complaint. Of a function in which there is one nothing comes out but its name, so that
//! the others can be judged all the same.

mod directives;
mod function;
mod glance;
mod mnemonics;
mod operand;
mod part;
mod types;

use crate::Options;
use crate::damage::{self, Damage};
use crate::directive::{Directive, Place};
use crate::listing::{Block, Listing, Statement};
use crate::literal::{self, BadNumber};
use crate::places::Places;
use crate::problem::{self, Problems};
use crate::syntax::{Argument, Span};
use foldhash::fast::RandomState;
use glance::{Glanced, glance};
use mnemonics::Mnemonics;
use operand::Frame;
use vega_format::builder::{Builder, FunctionDraft};
use vega_format::container::{FunctionDebug, Kind};
use vega_format::instruction::{Constant, Function, Import, Static};
use vega_format::mangle;
use vega_format::stencil::TypeRef;
use vega_format::types::Signature;

/// What a listing was made into.
#[derive(Debug)]
pub struct Assembled<'t> {
    /// The module.
    pub module: Builder,
    /// Where its parts stand in the text.
    pub places: Places<'t>,
    /// What is changed in the finished file.
    pub damage: Vec<(Span, Damage)>,
    /// The functions of which something could not be read: their code is not what the text says.
    pub faulty: HashSet<String>,
}

type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;
type HashSet<K> = std::collections::HashSet<K, RandomState>;

/// Assembles a listing, as an object if `options` or the listing says so. `source_name` is what the debug section calls the text
/// if it names no `.source` itself.
///
/// If `None` comes back, `problems` says why. Where all of them lie within functions, those functions are said to be faulty, and
/// the rest is as it was written.
pub fn build<'t>(
    mut listing: Listing<'t>,
    source_name: &str,
    options: Options<'_>,
    problems: &mut Problems,
) -> Option<Assembled<'t>> {
    let arguments = std::mem::take(&mut listing.arguments);
    let mut assembler = Assembler::new(&listing, arguments, problems);
    assembler.module_directives(source_name);
    // Of an object there may be types alone.
    let may_be_empty = damage::is_whole(&assembler.damage) || assembler.once.contains_key(&Directive::Object);
    if assembler.problems.is_empty() && !may_be_empty && !listing.has_code() {
        assembler.problems.push(problem::no_code(listing.source));
    }
    assembler.structs();
    assembler.static_blocks();
    assembler.function_names();
    assembler.signature_types();
    let mut is_whole = assembler.problems.is_empty();
    assembler.functions(options.threads);
    let within_functions = assembler.problems.count();
    assembler.kind(options.object);
    is_whole &= assembler.problems.count() == within_functions;
    let Assembler { builder: module, entry_place, damage, problems, arguments, faulty, .. } = assembler;
    listing.arguments = arguments;
    // Of those behind the last complaint that is taken nobody knows anything.
    let is_read = is_whole && !problems.is_full();
    is_read.then_some(Assembled { module, places: Places::new(listing, entry_place), damage, faulty })
}

/// Where the lines of the debug section come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DebugLines {
    /// They are those of the listing itself.
    Listing,
    /// The listing gives them.
    Given,
    /// There is no debug section.
    Absent,
}

impl DebugLines {
    /// What is known of a function before it is read.
    fn begin(self, head: &FunctionHead<'_>) -> FunctionDebug {
        let line = if self == DebugLines::Given { 0 } else { head.block.opening.line };
        FunctionDebug { line, ..FunctionDebug::default() }
    }
}

/// So many functions are worth a thread.
const FEW: usize = 256;

/// A function before its code is looked at.
struct FunctionHead<'l> {
    block: &'l Block,
    name: &'l str,
    span: Span,
    exported: bool,
    /// Whether its name is one that a function can have.
    is_well_formed: bool,
    /// The number that the builder gave its name.
    function: Function,
}

struct Assembler<'l, 'p> {
    listing: &'l Listing<'l>,
    /// Those of the statements outside all blocks, and behind them those of the block that is read.
    arguments: Vec<Argument>,
    /// The statements of the block that is read.
    statements: Vec<Statement>,
    problems: &'p mut Problems,
    builder: Builder,
    /// What a complaint about the module as a whole points at.
    entry_place: Span,
    damage: Vec<(Span, Damage)>,
    mnemonics: Mnemonics,
    debug_lines: DebugLines,
    /// Whether lines were left out, so that something may seem to be missing.
    has_gaps: bool,
    /// Directives that may stand only once, with their place.
    once: HashMap<Directive, Span>,
    /// Sections that this version does not know, with their place.
    custom_places: HashMap<u16, Span>,
    constants: Vec<Constant>,
    /// The constants that have a name, with its place.
    constant_names: HashMap<&'l str, (Constant, Span)>,
    /// The structs that were complained about.
    bad_structs: HashSet<&'l str>,
    statics: Vec<Static>,
    /// The variables of each static block that have a name, with their offsets.
    static_names: Vec<HashMap<&'l str, (u32, TypeRef)>>,
    imports: Vec<(&'l str, Span, Import)>,
    import_places: HashMap<&'l str, usize>,
    /// Functions of other modules, with their place.
    module_imports: Vec<(&'l str, Span)>,
    module_import_places: HashMap<&'l str, usize>,
    heads: Vec<FunctionHead<'l>>,
    /// The place of each function in `heads`, by the number that the builder gave its name.
    head_places: Vec<usize>,
    frame: Frame<'l>,
    /// The function that is read.
    draft: FunctionDraft,
    /// The functions with complaints.
    faulty: HashSet<String>,
}

impl<'l, 'p> Assembler<'l, 'p> {
    fn new(listing: &'l Listing<'l>, arguments: Vec<Argument>, problems: &'p mut Problems) -> Assembler<'l, 'p> {
        let has_gaps = !problems.is_empty();
        Assembler {
            listing,
            arguments,
            statements: Vec::new(),
            problems,
            builder: Builder::new(Kind::Program),
            entry_place: Span::default(),
            damage: Vec::new(),
            mnemonics: Mnemonics::new(),
            debug_lines: DebugLines::Listing,
            has_gaps,
            once: HashMap::default(),
            custom_places: HashMap::default(),
            constants: Vec::new(),
            constant_names: HashMap::default(),
            bad_structs: HashSet::default(),
            statics: Vec::new(),
            static_names: Vec::new(),
            imports: Vec::new(),
            import_places: HashMap::default(),
            module_imports: Vec::new(),
            module_import_places: HashMap::default(),
            heads: Vec::with_capacity(listing.functions.len()),
            head_places: Vec::with_capacity(listing.functions.len()),
            frame: Frame::default(),
            draft: FunctionDraft::default(),
            faulty: HashSet::default(),
        }
    }

    /// Collects the functions, so that a call may stand above what it calls.
    fn function_names(&mut self) {
        let listing = self.listing;
        self.builder.reserve(listing.functions.len());
        for block in &listing.functions {
            let (span, exported) = match block.opening.arguments(&self.arguments) {
                [name] => (name.span(), false),
                [name, word] if listing.word(word.span()) == "exported" => (name.span(), true),
                // A name that is there is known, so that nobody complains of calls to it.
                [name, ..] => {
                    let span = name.span();
                    // Of a malformed name it is told what it must be, types and result among it.
                    if mangle::parse(listing.word(span)).is_ok() {
                        self.arguments_do_not_fit(&block.opening, Directive::Function);
                    }
                    (span, false)
                }
                [] => {
                    self.arguments_do_not_fit(&block.opening, Directive::Function);
                    continue;
                }
            };
            let name = listing.word(span);
            // No name has a number before.
            let function = self.builder.function(name);
            match self.head_places.get(function.0 as usize) {
                None => self.head_places.push(self.heads.len()),
                Some(first) => {
                    let first = self.heads.get(*first).map(|head| head.span).unwrap_or_default();
                    let what = format!("function `{}`", vega_report::quote(name));
                    self.problems.push(problem::duplicate(listing.source, span, &what, first));
                }
            }
            self.heads.push(FunctionHead { block, name, span, exported, is_well_formed: false, function });
        }
    }

    /// Ordinary functions are made by so many threads, the others afterwards by this one.
    fn functions(&mut self, threads: usize) {
        let heads = std::mem::take(&mut self.heads);
        for (piece, Glanced { share, unusual }) in self.glance_at(&heads, threads) {
            let left = match self.builder.take(share) {
                Ok(()) => unusual,
                // Too many types, say: those who read in full complain of them.
                Err(_) => piece.iter().collect(),
            };
            for head in left {
                if !self.problems.is_full() {
                    self.function(head);
                }
            }
        }
        self.heads = heads;
    }

    fn glance_at<'h>(
        &self,
        heads: &'h [FunctionHead<'l>],
        threads: usize,
    ) -> Vec<(&'h [FunctionHead<'l>], Glanced<'h, 'l>)> {
        let mut pieces = self.cut(heads, threads).into_iter();
        let first = pieces.next().unwrap_or_default();
        std::thread::scope(|scope| {
            let begin = |piece| (piece, std::thread::Builder::new().spawn_scoped(scope, move || glance(self, piece)));
            let others: Vec<_> = pieces.map(begin).collect();
            let mut glanced = vec![(first, glance(self, first))];
            glanced.extend(others.into_iter().map(|(piece, thread)| {
                // What a thread has not done that could not begin, or did not end well, is done here.
                let done = thread.ok().and_then(|thread| thread.join().ok());
                (piece, done.unwrap_or_else(|| glance(self, piece)))
            }));
            glanced
        })
    }

    /// Cuts the functions in pieces of about as much text.
    fn cut<'h>(&self, heads: &'h [FunctionHead<'l>], threads: usize) -> Vec<&'h [FunctionHead<'l>]> {
        let pieces = threads.clamp(1, heads.len() / FEW + 1);
        let mut rest = heads;
        let mut cut: Vec<_> = (1..pieces)
            .filter_map(|piece| {
                let end = self.listing.text.len() / pieces * piece;
                let count = rest.partition_point(|head| self.listing.body(head.block).start < end);
                let (here, behind) = rest.split_at_checked(count)?;
                rest = behind;
                Some(here)
            })
            .collect();
        cut.push(rest);
        cut
    }

    /// The function of the listing that bears a mangled name: its place in `heads`, and its number.
    fn find_head(&self, name: &str) -> Option<(usize, Function)> {
        let function = self.builder.find_function(name)?;
        self.head_places.get(function.0 as usize).map(|place| (*place, function))
    }

    /// The signature that a mangled name says.
    fn signature(&mut self, span: Span) -> Option<Signature> {
        let name = self.listing.word(span);
        match mangle::parse(name) {
            Ok(signature) => Some(signature),
            Err(bad) => {
                self.problems.push(problem::name(self.listing.source, span, name, &bad));
                None
            }
        }
    }

    /// Reads what stands in a block; [`Assembler::end_body`] wants it back.
    fn begin_body(&mut self, block: &Block) -> (Vec<Statement>, usize) {
        let mut statements = std::mem::take(&mut self.statements);
        let arguments = self.arguments.len();
        self.listing.read_body(block, &mut statements, &mut self.arguments, self.problems);
        (statements, arguments)
    }

    fn end_body(&mut self, (mut statements, arguments): (Vec<Statement>, usize)) {
        statements.clear();
        self.statements = statements;
        self.arguments.truncate(arguments);
    }

    fn arguments_do_not_fit(&mut self, statement: &Statement, directive: Directive) {
        let problem = problem::directive_arguments(self.listing.source, statement, &self.arguments, directive);
        self.problems.push(problem);
        self.has_gaps |= directive.row().place == Place::Module;
    }

    /// The words behind a directive, without what was appended to the last.
    fn words(&self, statement: &Statement) -> Vec<&'l str> {
        let arguments = statement.arguments(&self.arguments).iter();
        arguments.filter(|argument| !argument.appended).map(|argument| self.listing.word(argument.span())).collect()
    }

    /// The name and the place of the value of a statement that starts with `name =`, with blanks around the sign or
    /// without; else the place of its first argument.
    fn assigned(&self, statement: &Statement) -> (Option<Span>, usize) {
        match statement.arguments(&self.arguments) {
            [name, sign, ..] if self.listing.word(sign.span()) == "=" => (Some(name.span()), 2),
            [first, ..] if first.key().is_some() => (first.key(), 0),
            _ => (None, 0),
        }
    }

    /// The text of one argument.
    fn string(&mut self, statement: &Statement, place: usize) -> Option<String> {
        let span = self.span(statement, place);
        match literal::string(self.listing.word(span)) {
            Ok(text) => Some(text),
            Err(bad) => {
                self.problems.push(problem::bad_literal(self.listing.source, span, 0, &bad));
                None
            }
        }
    }

    /// The text that the arguments from `first` on make up: one string, and what was appended to it.
    fn text(&mut self, statement: &Statement, first: usize) -> Option<String> {
        let listing = self.listing;
        let mut text = String::new();
        for argument in statement.arguments(&self.arguments).get(first..).unwrap_or_default() {
            match literal::string(listing.word(argument.value())) {
                Ok(part) => text.push_str(&part),
                Err(bad) => {
                    self.problems.push(problem::bad_literal(listing.source, argument.value(), 0, &bad));
                    return None;
                }
            }
        }
        Some(text)
    }

    /// A name: an identifier, or any text in quotes.
    fn name(&mut self, statement: &Statement, first: usize) -> Option<String> {
        let span = self.span(statement, first);
        match self.listing.word(span).starts_with('"') {
            true => self.text(statement, first),
            false => self.name_at(span),
        }
    }

    /// The same where nothing follows that could be a part of it.
    fn name_in(&mut self, span: Span) -> Option<String> {
        let word = self.listing.word(span);
        if !word.starts_with('"') {
            return self.name_at(span);
        }
        let text = literal::string(word);
        text.map_err(|bad| self.problems.push(problem::bad_literal(self.listing.source, span, 0, &bad))).ok()
    }

    fn name_at(&mut self, span: Span) -> Option<String> {
        let word = self.listing.word(span);
        if mangle::is_identifier(word) {
            return Some(word.to_owned());
        }
        self.problems.push(problem::argument(self.listing.source, span, word, "a name, or any text in quotes"));
        None
    }

    /// A number in an argument of a directive.
    fn number(&mut self, statement: &Statement, place: usize, most: u64) -> Option<u64> {
        self.number_from(statement, place, 0, most)
    }

    /// The same for a `u32` that is not 0.
    fn positive(&mut self, statement: &Statement, place: usize) -> Option<u32> {
        self.number_from(statement, place, 1, u32::MAX.into()).map(|number| number as u32)
    }

    fn number_from(&mut self, statement: &Statement, place: usize, least: u64, most: u64) -> Option<u64> {
        self.number_at(statement.name, self.span(statement, place), least, most)
    }

    /// The number there, which is that of the directive or word at `what`.
    fn number_at(&mut self, what: Span, span: Span, least: u64, most: u64) -> Option<u64> {
        let word = self.listing.word(span);
        let source = self.listing.source;
        let problem = match literal::number(word, most) {
            Ok(number) if number >= least => return Some(number),
            Err(BadNumber::Malformed) => problem::argument(source, span, word, "a number"),
            Ok(_) | Err(BadNumber::OutOfRange) => {
                let what = self.listing.word(what);
                problem::out_of_range(source, span, what, word, &format!("{least} to {most}"))
            }
        };
        self.problems.push(problem);
        None
    }

    fn span(&self, statement: &Statement, place: usize) -> Span {
        statement.arguments(&self.arguments).get(place).map_or(statement.name, Argument::span)
    }

    /// The same without a key.
    fn value_span(&self, statement: &Statement, place: usize) -> Span {
        statement.arguments(&self.arguments).get(place).map_or(statement.name, Argument::value)
    }
}
