//! One source on its way: read, checked, generated, judged.

use crate::ast::{Block, File, Function, Span};
use crate::check::{self, Numbers, Surroundings};
use crate::checked::{self, Program};
use crate::compile::{Options, PRODUCER};
use crate::foretold::foretold;
use crate::generate::{Generator, Origin, TooLarge};
use crate::interface::Interface;
use crate::lexer::{self, Token, TokenKind};
use crate::lints::is_hard_error;
use crate::parser;
use std::borrow::Cow;
use std::path::Path;
use vega_format::container::cursor::MOST_TEXT;
use vega_format::container::functions::MOST_CODE;
use vega_format::write::{BuildError, FinishError};
use vega_format::{Verified, mangle};
use vega_report::{Diagnostic, SourceId, Sources, quote};

/// One source, read.
#[derive(Debug)]
pub struct Unit {
    /// What people call it.
    pub name: String,
    /// The module that it is; `None` of the one with which a program starts.
    pub module: Option<String>,
    /// Its text among the sources.
    pub source: SourceId,
    /// Its tree.
    pub file: File,
    /// How the bodies of its functions are had.
    bodies: Bodies,
    /// The function that is to be the start instead of `main`.
    pub test: Option<String>,
    /// Calls whose results nobody uses, of functions of other modules, by mangled name.
    pub dropped: Vec<(String, Span)>,
    /// What there is to say about it.
    pub diagnostics: Vec<Diagnostic>,
    /// What importers may know of it, if something is wrong with it.
    pub offered: Option<Interface>,
    /// Where it could not be read, in order, but for statements that were lost.
    faults: Vec<usize>,
}

/// How the bodies of the functions of a source are had.
#[derive(Debug)]
enum Bodies {
    /// They were read with the rest, as they are of a source with faults: where a body ends is uncertain then.
    Read,
    /// Each is read when it is wanted, so that there is never more than one. The tokens of the source, and those with which
    /// the bodies begin.
    Waiting(Vec<Token>, Vec<u32>),
}

impl Unit {
    /// Reads a source; the text is added to `sources`.
    ///
    /// # Errors
    /// It is no text.
    pub fn read<'b>(
        name: &str,
        bytes: impl Into<Cow<'b, [u8]>>,
        sources: &mut Sources,
    ) -> Result<Unit, Box<Diagnostic>> {
        let source = sources.add(name, lexer::text(name, bytes)?);
        let text = sources.text(source);
        let mut unit = Unit {
            name: name.to_owned(),
            module: None,
            source,
            file: File::default(),
            bodies: Bodies::Read,
            test: None,
            dropped: Vec::new(),
            diagnostics: Vec::new(),
            offered: None,
            faults: Vec::new(),
        };
        let (tokens, complaints) = lexer::lex(source, text);
        match parser::outline(source, text, &tokens) {
            Some((file, first)) if complaints.is_empty() => {
                unit.file = file;
                unit.bodies = Bodies::Waiting(tokens, first);
            }
            _ => unit.read_whole(text, &tokens, complaints),
        }
        Ok(unit)
    }

    /// Reads all of it, and says what is wrong with it. `diagnostics` are what was said about its words.
    fn read_whole(&mut self, text: &str, tokens: &[Token], mut diagnostics: Vec<Diagnostic>) {
        let (mut file, mut complaints) = parser::parse(self.source, text, tokens);
        // What does not fit because of the word that it is was told already.
        let lexical = places(&diagnostics);
        let is_told = |found: &Diagnostic| {
            found.primary().is_some_and(|label| lexical.iter().any(|place| label.span.contains(place)))
        };
        complaints.retain(|complaint| !is_told(complaint));
        diagnostics.extend(complaints);
        self.faults = parser::settle(&mut file, text, tokens, places(&diagnostics));
        self.diagnostics.extend(diagnostics);
        self.file = file;
        self.bodies = Bodies::Read;
    }

    /// Whether something is wrong with it.
    pub fn is_broken(&self) -> bool {
        self.diagnostics.iter().any(is_hard_error)
    }

    pub(crate) fn main(&self) -> Option<&Function> {
        self.file.functions.iter().find(|function| function.name.text == "main")
    }

    /// The name of the module that a source is by its own name.
    pub(crate) fn stem(&mut self, sources: &Sources) -> Option<String> {
        let stem =
            Path::new(&self.name).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let word = self.file.functions.first().map(|function| function.head);
        if !mangle::is_identifier(&stem) || TokenKind::keyword(stem.as_bytes()).is_some() {
            let title =
                format!("the source is called `{}`, which is no name of a module", quote(sources.name(self.source)));
            let diagnostic = Diagnostic::error("E0611", title)
                .label(self.source, word.unwrap_or_default(), "this belongs to the module")
                .hint("call the file as importers call the module: a letter, then letters, digits and `_`");
            self.diagnostics.push(diagnostic);
        }
        Some(stem)
    }

    /// The checked program, and what became of its functions: `take` adds one after another to what `start` makes. It
    /// starts anew when it turns out that the source has to be read as a whole.
    pub(crate) fn check<T>(
        &mut self,
        sources: &Sources,
        imports: &[Interface],
        start: impl Fn() -> T,
        take: impl Fn(&mut T, checked::Function, Numbers<'_>),
    ) -> (Program, T) {
        let text = sources.text(self.source);
        loop {
            let (module, test) = (self.module.as_deref(), self.test.as_deref());
            let surroundings = Surroundings { module, imports, faults: &self.faults, broken: self.is_broken(), test };
            let take_out = |function: &mut Function| std::mem::take(&mut function.body.statements);
            let mut read: Vec<_> = match self.bodies {
                Bodies::Read => self.file.functions.iter_mut().map(take_out).collect(),
                Bodies::Waiting(..) => Vec::new(),
            };
            let (source, file) = (self.source, &self.file);
            let (mut taken, mut is_readable) = (start(), true);
            let written = |function: usize| match &self.bodies {
                Bodies::Read => {
                    let statements = std::mem::take(read.get_mut(function)?);
                    Some(Block { statements, span: file.functions.get(function)?.body.span })
                }
                Bodies::Waiting(tokens, first) => {
                    let body = first.get(function).filter(|_| is_readable);
                    let body = body.and_then(|first| parser::body(source, text, tokens, *first));
                    is_readable &= body.is_some();
                    body
                }
            };
            let take = |function, numbers: Numbers<'_>| take(&mut taken, function, numbers);
            let (program, complaints) = check::check(source, text, file, surroundings, written, take);
            match std::mem::replace(&mut self.bodies, Bodies::Read) {
                Bodies::Waiting(tokens, _) if !is_readable => self.read_whole(text, &tokens, Vec::new()),
                _ => {
                    self.diagnostics.extend(complaints);
                    return (program, taken);
                }
            }
        }
    }

    /// The module, if there is nothing wrong with the source but for lints. What there is to say is added.
    pub fn compile(&mut self, sources: &Sources, options: Options, imports: &[Interface]) -> Option<Verified> {
        let module = self.generate(sources, options, imports);
        self.diagnostics.sort_by_key(|diagnostic| diagnostic.primary().map(|label| label.span.start));
        module
    }

    fn generate(&mut self, sources: &Sources, options: Options, imports: &[Interface]) -> Option<Verified> {
        // Behind a limit nothing was read.
        if self.diagnostics.iter().any(|diagnostic| diagnostic.code.starts_with('L')) {
            return None;
        }
        let (source, text) = (self.source, sources.text(self.source));
        let name = name_in_module(&self.name);
        let origin = Origin { name: &name, text, producer: PRODUCER, object: options.object };
        let add = |generator: &mut Generator<'_>, function, numbers: Numbers<'_>| generator.function(function, numbers);
        let (mut program, generator) = self.check(sources, imports, || Generator::new(origin.clone()), add);
        if let Some(test) = &self.test {
            // A file of tests may have no `main`.
            self.diagnostics.retain(|diagnostic| diagnostic.code != "E0309");
            if program.entry.is_none() && !self.is_broken() {
                let fault = Diagnostic::error("B0003", format!("there is no function `{test}` to start with"));
                self.diagnostics.push(fault.label(source, Span::default(), "in this file"));
            }
        }
        self.offered = program.offered.take();
        if self.is_broken() || !imports.iter().all(|import| import.complete) {
            return None;
        }
        let mut builder = match generator.finish(&program) {
            Ok(builder) => builder,
            Err(functions) => {
                self.diagnostics.extend(functions.into_iter().map(|function| too_large(source, text, function)));
                return None;
            }
        };
        let made = finish(source, &builder).and_then(|module| {
            // Judged with its lines and all its functions, so that everything is said, and with places.
            let is_here = |(name, _): &(String, Span)| module.module().find_function(name).is_some();
            let (own, others): (Vec<_>, Vec<_>) = program.dropped.iter().cloned().partition(is_here);
            self.diagnostics.extend(foretold(source, sources, &module, &self.diagnostics, &own));
            self.dropped = others;
            let is_less = !options.object && builder.leave_out_uncalled();
            if options.strip_debug {
                builder.strip_debug();
            }
            if !is_less && !options.strip_debug {
                return Ok(module);
            }
            drop(module);
            finish(source, &builder)
        });
        match made {
            Ok(module) => Some(module),
            Err(problem) => {
                self.diagnostics.push(*problem);
                None
            }
        }
    }
}

/// Where diagnostics point, in order.
fn places(diagnostics: &[Diagnostic]) -> Vec<usize> {
    let labels = diagnostics.iter().filter_map(Diagnostic::primary);
    let mut places: Vec<usize> = labels.map(|label| label.span.start).collect();
    places.sort_unstable();
    places
}

/// A function that the format has no room for.
fn too_large(source: SourceId, text: &str, function: TooLarge) -> Diagnostic {
    match function {
        TooLarge::Stack(place) => {
            let end = place + text.get(place..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
            Diagnostic::error("L0110", "more than 65,535 values are computed before the first of them is used")
                .label(source, place..end, "this is one too many")
                .hint("store them one by one, in a loop if they follow a rule")
        }
        TooLarge::Code(span, bytes) => code_limit(source, span, &format!("{bytes} bytes")),
    }
}

fn code_limit(source: SourceId, span: Span, found: &str) -> Diagnostic {
    let title = format!("the code of a function would take {found}; the limit is {MOST_CODE}");
    Diagnostic::error("L0111", title)
        .label(source, span, "this function")
        .hint("move parts of it into functions of their own")
}

/// The name of a source as the module keeps it: the same on every machine, so without a way from the root of one. Of one
/// for which a module has no room it is the end.
fn name_in_module(name: &str) -> String {
    let path = Path::new(name);
    let kept = match path.is_absolute() {
        true => path.file_name().map(Path::new).unwrap_or(path),
        false => path.strip_prefix("./").unwrap_or(path),
    };
    let name = kept.to_string_lossy().replace('\\', "/");
    name.get(name.ceil_char_boundary(name.len().saturating_sub(MOST_TEXT))..).unwrap_or_default().to_owned()
}

/// Writes a module and judges it, as every loader will.
fn finish(source: SourceId, builder: &vega_format::Builder) -> Result<Verified, Box<Diagnostic>> {
    builder.finish().map_err(|error| {
        Box::new(match error {
            FinishError::Build(BuildError::Limit { found, .. }) => {
                code_limit(source, Span::default(), &found.to_string())
            }
            FinishError::Refused(errors) => {
                let words: Vec<String> = errors.iter().take(3).map(ToString::to_string).collect();
                broken(source, words.join("; "))
            }
            other => broken(source, other.to_string()),
        })
    })
}

/// What vegac writes always verifies: anything else is a fault of vegac and not of the source.
fn broken(source: SourceId, problem: String) -> Diagnostic {
    Diagnostic::error("B0001", "the compiler made a module that is refused")
        .label(source, 0..0, "of this file")
        .note(problem)
        .hint("this is a fault of vegac; please report it with the source")
}
