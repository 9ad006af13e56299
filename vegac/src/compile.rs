//! The whole way from source bytes to a verified module: one [`Unit`], or several and a link.

use crate::ast::{File, Function, Span};
use crate::check::Surroundings;
use crate::checked::{self, Program};
use crate::foretold::foretold;
use crate::generate::{Origin, TooLarge, generate};
use crate::interface::Interface;
use crate::lexer::TokenKind;
use crate::lints::{Levels, is_hard_error};
use crate::project::{Modules, NoModules, Project};
use crate::{check, lexer, parser};
use std::path::Path;
use vega_asm::link::{self, Input};
use vega_format::container::EntryResult;
use vega_format::container::functions::MOST_CODE;
use vega_format::write::{BuildError, FinishError};
use vega_format::{Verified, mangle};
use vega_report::{Diagnostic, Level, SourceId, Sources, quote};

/// What became of a source.
#[derive(Debug)]
pub struct Compiled {
    /// The module, unless there were errors. It holds its bytes.
    pub module: Option<Verified>,
    /// What there is to say about the source; the text is in the `Sources` that were given.
    pub diagnostics: Vec<Diagnostic>,
}

/// What the metadata say about who made a module.
pub const PRODUCER: &str = concat!("vegac ", env!("CARGO_PKG_VERSION"));

/// How to compile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Whether to make an object, to be linked with others, and no program.
    pub object: bool,
    /// Whether lines and names are left out of the module.
    pub strip_debug: bool,
    /// What becomes of the lints.
    pub levels: Levels,
    /// The most errors that are told, up to [`Options::MOST_ERRORS`].
    pub max_errors: u8,
}

impl Options {
    /// No stage looks for more errors.
    pub const MOST_ERRORS: u8 = 100;
}

impl Default for Options {
    fn default() -> Options {
        Options { object: false, strip_debug: false, levels: Levels::default(), max_errors: Options::MOST_ERRORS }
    }
}

/// Compiles a source. `name` is what people call it; the module keeps it without what leads there from elsewhere. The
/// text is added to `sources`, so that diagnostics can be drawn.
pub fn compile(name: &str, bytes: &[u8], sources: &mut Sources) -> Compiled {
    compile_with(name, bytes, sources, Options::default())
}

/// The same with options.
pub fn compile_with(name: &str, bytes: &[u8], sources: &mut Sources, options: Options) -> Compiled {
    compile_project(name, bytes, sources, options, &mut NoModules)
}

/// The same with modules that it may import: they are compiled, too, and linked with it.
pub fn compile_project(
    name: &str,
    bytes: &[u8],
    sources: &mut Sources,
    options: Options,
    modules: &mut dyn Modules,
) -> Compiled {
    compile_from(name, bytes, sources, options, modules, None)
}

/// The same with a function without parameters as the start, whatever is the `main` of the source.
pub fn compile_test(
    name: &str,
    bytes: &[u8],
    sources: &mut Sources,
    options: Options,
    modules: &mut dyn Modules,
    test: &str,
) -> Compiled {
    compile_from(name, bytes, sources, options, modules, Some(test))
}

/// The functions of a source that are tests: named `test_…`, without parameters. Of one that cannot be read, those that
/// can.
pub fn tests(name: &str, bytes: &[u8]) -> Vec<String> {
    let Ok(unit) = Unit::read(name, bytes, &mut Sources::new()) else { return Vec::new() };
    let is_test = |function: &Function| function.name.text.starts_with("test_") && function.parameters.is_empty();
    unit.file.functions.into_iter().filter(is_test).map(|function| function.name.text.to_string()).collect()
}

fn compile_from(
    name: &str,
    bytes: &[u8],
    sources: &mut Sources,
    options: Options,
    modules: &mut dyn Modules,
    test: Option<&str>,
) -> Compiled {
    let (module, diagnostics) = match Unit::read(name, bytes, sources) {
        Ok(unit) => compile_unit(Unit { test: test.map(str::to_owned), ..unit }, sources, options, modules),
        Err(diagnostic) => (None, vec![*diagnostic]),
    };
    let diagnostics = most(options.levels.judge(diagnostics), options.max_errors);
    let is_refused = diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error);
    Compiled { module: module.filter(|_| !is_refused), diagnostics }
}

/// The checked tree of a source, as far as it could be made, and what there is to say about it.
pub fn check_project(
    name: &str,
    bytes: &[u8],
    sources: &mut Sources,
    options: Options,
    modules: &mut dyn Modules,
) -> (Option<Program>, Vec<Diagnostic>) {
    let mut unit = match Unit::read(name, bytes, sources) {
        Ok(unit) => unit,
        Err(diagnostic) => return (None, vec![*diagnostic]),
    };
    let mut project = Project::new(modules, options);
    let program = project.load(&unit, sources).map(|imports| unit.check(sources, &imports));
    project.diagnostics.append(&mut unit.diagnostics);
    (program, project.diagnostics)
}

/// The module, if there is nothing wrong with the source but for lints, and what was found.
fn compile_unit(
    mut unit: Unit,
    sources: &mut Sources,
    options: Options,
    modules: &mut dyn Modules,
) -> (Option<Verified>, Vec<Diagnostic>) {
    if options.object && unit.file.statements.is_empty() && unit.main().is_none() {
        unit.module = unit.stem(sources);
    }
    let mut project = Project::new(modules, options);
    let imports = project.load(&unit, sources);
    let is_linked = !options.object && !unit.file.imports.is_empty();
    let own =
        Options { object: options.object || is_linked, strip_debug: options.strip_debug && !is_linked, ..options };
    let module = imports.and_then(|imports| unit.compile(sources, own, &imports));
    let Project { mut objects, mut diagnostics, .. } = project;
    diagnostics.append(&mut unit.diagnostics);
    if !is_linked || module.is_none() || diagnostics.iter().any(is_hard_error) {
        return (module, diagnostics);
    }
    objects.extend(module.map(|module| Input { name: unit.name, module: module.into_module() }));
    let options =
        link::Options { producer: PRODUCER.to_owned(), strip_debug: options.strip_debug, ..link::Options::default() };
    match link::link(&objects, &options) {
        Ok(module) => (Some(module), diagnostics),
        Err(problems) => {
            diagnostics.extend(problems.iter().map(link::report::diagnostic));
            (None, diagnostics)
        }
    }
}

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
    /// The function that is to be the start instead of `main`.
    pub test: Option<String>,
    /// What there is to say about it.
    pub diagnostics: Vec<Diagnostic>,
}

impl Unit {
    /// Reads a source; the text is added to `sources`.
    ///
    /// # Errors
    /// It is no text.
    pub fn read(name: &str, bytes: &[u8], sources: &mut Sources) -> Result<Unit, Box<Diagnostic>> {
        let text = lexer::text(name, bytes)?;
        let source = sources.add(name, text);
        let (tokens, mut diagnostics) = lexer::lex(source, text);
        let (file, mut complaints) = parser::parse(source, text, &tokens);
        // What does not fit because of the word that it is was told already.
        let lexical = places(&diagnostics);
        let is_told = |found: &Diagnostic| {
            found.primary().is_some_and(|label| lexical.iter().any(|place| label.span.contains(place)))
        };
        complaints.retain(|complaint| !is_told(complaint));
        diagnostics.extend(complaints);
        Ok(Unit { name: name.to_owned(), module: None, source, file, test: None, diagnostics })
    }

    /// Whether something is wrong with it.
    pub fn is_broken(&self) -> bool {
        self.diagnostics.iter().any(is_hard_error)
    }

    fn main(&self) -> Option<&Function> {
        self.file.functions.iter().find(|function| function.name.text == "main")
    }

    /// The name of the module that a source is by its own name.
    fn stem(&mut self, sources: &Sources) -> Option<String> {
        let stem =
            Path::new(&self.name).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let word = self.file.functions.first().map(|function| function.head);
        if !mangle::is_identifier(&stem) || TokenKind::keyword(&stem).is_some() {
            let title =
                format!("the source is called `{}`, which is no name of a module", quote(sources.name(self.source)));
            let diagnostic = Diagnostic::error("E0611", title)
                .label(self.source, word.unwrap_or_default(), "this belongs to the module")
                .hint("call the file as importers call the module: a letter, then letters, digits and `_`");
            self.diagnostics.push(diagnostic);
        }
        Some(stem)
    }

    fn check(&mut self, sources: &Sources, imports: &[Interface]) -> Program {
        let faults = places(&self.diagnostics);
        let surroundings =
            Surroundings { module: self.module.as_deref(), imports, faults: &faults, testing: self.test.is_some() };
        let file = std::mem::take(&mut self.file);
        let (program, complaints) = check::check(self.source, sources.text(self.source), file, surroundings);
        self.diagnostics.extend(complaints);
        program
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
        let mut program = self.check(sources, imports);
        if let Some(test) = &self.test {
            // A file of tests may have no `main`.
            self.diagnostics.retain(|diagnostic| diagnostic.code != "E0309");
            let fault = if self.is_broken() { None } else { start_with(&mut program, test, self.source) };
            self.diagnostics.extend(fault);
        }
        if self.is_broken() {
            return None;
        }
        let (source, text) = (self.source, sources.text(self.source));
        let name = name_in_module(&self.name);
        let origin = Origin { name: &name, text, producer: PRODUCER, object: options.object };
        let dropped: Vec<(String, Span)> = program
            .dropped
            .iter()
            .filter_map(|(function, span)| Some((mangle::mangle(&program.functions.get(*function)?.signature), *span)))
            .collect();
        let mut builder = match generate(program, &origin) {
            Ok(builder) => builder,
            Err(functions) => {
                self.diagnostics.extend(functions.into_iter().map(|function| too_large(source, text, function)));
                return None;
            }
        };
        let made = finish(source, &builder).and_then(|module| {
            // Judged with its lines and all its functions, so that everything is said, and with places.
            self.diagnostics.extend(foretold(source, sources, &module, &self.diagnostics, &dropped));
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

/// Makes a function the `main` of a program; the one that was has another name then.
fn start_with(program: &mut Program, test: &str, source: SourceId) -> Option<Diagnostic> {
    let is_test =
        |function: &checked::Function| function.signature.name == test && function.signature.parameters.is_empty();
    let Some(index) = program.functions.iter().position(is_test) else {
        let fault = Diagnostic::error("B0003", format!("there is no function `{test}` to start with"));
        return Some(fault.label(source, 0..0, "in this file"));
    };
    let mut other = "main_".to_owned();
    while program.functions.iter().any(|function| function.signature.name == other) {
        other.push('_');
    }
    for (place, function) in program.functions.iter_mut().enumerate() {
        match function.signature.name.as_str() {
            "main" => function.signature.name.clone_from(&other),
            _ if place == index => "main".clone_into(&mut function.signature.name),
            _ => continue,
        }
        if let Some(callee) = program.callees.get_mut(place) {
            *callee = mangle::mangle(&function.signature);
        }
    }
    program.entry = Some((index, EntryResult::Print));
    None
}

/// Where diagnostics point, in order.
fn places(diagnostics: &[Diagnostic]) -> Vec<usize> {
    let labels = diagnostics.iter().filter_map(Diagnostic::primary);
    let mut places: Vec<usize> = labels.map(|label| label.span.start).collect();
    places.sort_unstable();
    places
}

/// So many errors, of which the last says that there are more, and all warnings.
fn most(mut diagnostics: Vec<Diagnostic>, max_errors: u8) -> Vec<Diagnostic> {
    let is_error = |diagnostic: &Diagnostic| diagnostic.level == Level::Error;
    let errors = diagnostics.iter().filter(|diagnostic| is_error(diagnostic)).count();
    let mut kept = 0;
    diagnostics.retain(|diagnostic| {
        kept += usize::from(is_error(diagnostic));
        !is_error(diagnostic) || kept <= usize::from(max_errors)
    });
    if errors > usize::from(max_errors)
        && let Some(last) = diagnostics.iter_mut().rfind(|diagnostic| is_error(diagnostic))
    {
        last.notes.push(format!("{errors} errors were found, and {max_errors} are shown"));
    }
    diagnostics
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

/// The name of a source as the module keeps it: the same on every machine, so without a way from the root of one.
fn name_in_module(name: &str) -> String {
    let path = Path::new(name);
    let kept = match path.is_absolute() {
        true => path.file_name().map(Path::new).unwrap_or(path),
        false => path.strip_prefix("./").unwrap_or(path),
    };
    kept.to_string_lossy().replace('\\', "/")
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
