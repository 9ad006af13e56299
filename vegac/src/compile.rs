//! The whole way from source bytes to a verified module: one [`Unit`], or several and a link.

use crate::ast::Function;
use crate::check::Numbers;
use crate::checked::{self, Program};
use crate::foretold::unused_results;
use crate::lints::{Levels, is_hard_error};
use crate::project::{Modules, NoModules, Project};
use crate::unit::Unit;
use std::borrow::Cow;
use vega_asm::link::{self, Input, Plan};
use vega_format::Verified;
use vega_report::{Diagnostic, Level, SourceId, Sources};

/// What became of a source.
#[derive(Debug)]
pub struct Compiled {
    /// The module, unless there were errors. It holds its bytes.
    pub module: Option<Verified>,
    /// What there is to say about the source; the text is in the `Sources` that were given.
    pub diagnostics: Vec<Diagnostic>,
    /// How many errors more were found than are told.
    pub untold: usize,
    /// Whether a stage found so many that it looked for no more.
    pub cut_off: bool,
}

/// What the metadata say about who made a module.
pub const PRODUCER: &str = concat!("vegac ", env!("CARGO_PKG_VERSION"));

/// What `main` is called in a module that starts with a test instead. No function of a source can be called so.
pub const MAIN_OF_TESTS: &str = "fn";

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

/// The same with modules that it may import: they are compiled, too, and linked with it. Bytes that are handed over become
/// the text without being copied.
pub fn compile_project<'b>(
    name: &str,
    bytes: impl Into<Cow<'b, [u8]>>,
    sources: &mut Sources,
    options: Options,
    modules: &mut dyn Modules,
) -> Compiled {
    compile_from(name, bytes.into(), sources, options, modules, None)
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
    compile_from(name, bytes.into(), sources, options, modules, Some(test))
}

/// The functions of a source that are tests: named `test_…`, without parameters. Of them those with `part` in their names,
/// and of a source that cannot be read, those that can.
///
/// # Errors
/// Functions of such a name take something.
pub fn tests(name: &str, bytes: &[u8], sources: &mut Sources, part: &str) -> Result<Vec<String>, Vec<Diagnostic>> {
    let Ok(unit) = Unit::read(name, bytes, sources) else { return Ok(Vec::new()) };
    let is_wanted = |name: &str| name.starts_with("test_") && name.contains(part);
    let named: Vec<&Function> = unit.file.functions.iter().filter(|function| is_wanted(&function.name.text)).collect();
    let refused = named.iter().filter(|function| !function.parameters.is_empty()).map(|function| {
        let name = &function.name.text;
        Diagnostic::error("U017", format!("`{name}` takes something, and a test takes nothing"))
            .label(unit.source, function.head, "nobody would give it anything")
            .hint(format!("write `fn {name}()`, or give it a name that does not begin with `test_`"))
    });
    let refused: Vec<Diagnostic> = refused.collect();
    match refused.is_empty() {
        true => Ok(named.iter().map(|function| function.name.text.to_string()).collect()),
        false => Err(refused),
    }
}

fn compile_from(
    name: &str,
    bytes: Cow<'_, [u8]>,
    sources: &mut Sources,
    options: Options,
    modules: &mut dyn Modules,
    test: Option<&str>,
) -> Compiled {
    let (module, diagnostics) = match Unit::read(name, bytes, sources) {
        Ok(mut unit) => {
            unit.test = test.map(str::to_owned);
            compile_unit(unit, sources, options, modules)
        }
        Err(diagnostic) => (None, vec![*diagnostic]),
    };
    let (diagnostics, found) = most(options.levels.judge(in_order(diagnostics)), options.max_errors.into());
    let is_refused = diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error);
    let untold = found.saturating_sub(options.max_errors.into());
    let cut_off = found >= Options::MOST_ERRORS.into();
    Compiled { module: module.filter(|_| !is_refused), diagnostics, untold, cut_off }
}

/// The checked tree of a source with its functions, as far as it could be made, and what there is to say about it.
pub fn check_project(
    name: &str,
    bytes: &[u8],
    sources: &mut Sources,
    options: Options,
    modules: &mut dyn Modules,
) -> (Option<(Program, Vec<checked::Function>)>, Vec<Diagnostic>) {
    let mut unit = match Unit::read(name, bytes, sources) {
        Ok(unit) => unit,
        Err(diagnostic) => return (None, vec![*diagnostic]),
    };
    let mut project = Project::new(modules, options);
    let add = |functions: &mut Vec<_>, function, _: Numbers<'_>| functions.push(function);
    let imports = project.load(&unit, sources);
    let program = Some(unit.check(sources, &imports, Vec::new, add));
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
    let module = unit.compile(sources, own, &imports);
    let Project { mut objects, mut diagnostics, .. } = project;
    diagnostics.append(&mut unit.diagnostics);
    if !is_linked || module.is_none() || diagnostics.iter().any(is_hard_error) {
        return (module, diagnostics);
    }
    objects.extend(module.map(|module| Input { name: unit.name.into(), module: module.into_module() }));
    let options =
        link::Options { producer: PRODUCER.to_owned(), strip_debug: options.strip_debug, ..link::Options::default() };
    let plan = Plan::new(&objects, &options, &mut |_| {});
    diagnostics.extend(plan.warnings.iter().map(link::report::warning));
    match plan.module() {
        Ok(module) => {
            // What functions of other modules do is known only now.
            diagnostics.extend(unused_results(unit.source, sources, &module, &unit.dropped));
            (Some(module), diagnostics)
        }
        Err(problems) => {
            diagnostics.extend(problems.iter().map(link::report::diagnostic));
            (None, diagnostics)
        }
    }
}

/// What is told of a source in the order of its text, whichever stage found it. What has no place stays first, and sources
/// stay in the order in which there was something to say: modules before those that import them.
fn in_order(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut sources: Vec<SourceId> = Vec::new();
    let places = diagnostics.iter().filter_map(Diagnostic::primary);
    places.for_each(|label| {
        if !sources.contains(&label.source) {
            sources.push(label.source)
        }
    });
    diagnostics.sort_by_key(|diagnostic| {
        let label = diagnostic.primary();
        label.map(|label| (sources.iter().position(|source| *source == label.source), label.span.start))
    });
    diagnostics
}

/// So many errors, and all warnings; and how many errors there are.
fn most(mut diagnostics: Vec<Diagnostic>, max_errors: usize) -> (Vec<Diagnostic>, usize) {
    let mut errors = 0;
    diagnostics.retain(|diagnostic| {
        let is_error = diagnostic.level == Level::Error;
        errors += usize::from(is_error);
        !is_error || errors <= max_errors
    });
    (diagnostics, errors)
}
