//! The whole way from source bytes to a verified module.

use crate::ast::Span;
use crate::foretold::foretold;
use crate::generate::{Origin, TooLarge, generate};
use crate::lints::{Levels, is_hard_error};
use crate::{check, lexer, parser};
use std::path::Path;
use vega_format::Verified;
use vega_format::container::functions::MOST_CODE;
use vega_format::mangle;
use vega_format::write::{BuildError, FinishError};
use vega_report::{Diagnostic, Level, SourceId, Sources};

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
        Options { strip_debug: false, levels: Levels::default(), max_errors: Options::MOST_ERRORS }
    }
}

/// Compiles a source. `name` is what people call it; the module keeps it without what leads there from elsewhere. The
/// text is added to `sources`, so that diagnostics can be drawn.
pub fn compile(name: &str, bytes: &[u8], sources: &mut Sources) -> Compiled {
    compile_with(name, bytes, sources, Options::default())
}

/// The same with options.
pub fn compile_with(name: &str, bytes: &[u8], sources: &mut Sources, options: Options) -> Compiled {
    let text = match lexer::text(name, bytes) {
        Ok(text) => text,
        Err(diagnostic) => return Compiled { module: None, diagnostics: vec![*diagnostic] },
    };
    let source = sources.add(name, text);
    let (module, mut diagnostics) = compile_text(name, source, text, sources, options);
    diagnostics.sort_by_key(|diagnostic| diagnostic.primary().map(|label| label.span.start));
    let diagnostics = most(options.levels.judge(diagnostics), options.max_errors);
    let is_refused = diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error);
    Compiled { module: module.filter(|_| !is_refused), diagnostics }
}

/// The module, if there is nothing wrong with the source but for lints, and what was found.
fn compile_text(
    name: &str,
    source: SourceId,
    text: &str,
    sources: &Sources,
    options: Options,
) -> (Option<Verified>, Vec<Diagnostic>) {
    let (tokens, mut diagnostics) = lexer::lex(source, text);
    let (file, complaints) = parser::parse(source, text, &tokens);
    drop(tokens);
    diagnostics.extend(complaints);
    // The tree of a file that could not be read lacks what was not understood; to complain about that would be noise.
    if diagnostics.iter().any(is_hard_error) {
        return (None, diagnostics);
    }
    let (program, complaints) = check::check(source, text, &file);
    drop(file);
    diagnostics.extend(complaints);
    if diagnostics.iter().any(is_hard_error) {
        return (None, diagnostics);
    }
    let dropped: Vec<(String, Span)> = program
        .dropped
        .iter()
        .filter_map(|(function, span)| {
            Some((mangle::mangle(&program.functions.get(*function)?.signature), span.clone()))
        })
        .collect();
    let builder = generate(&program, &Origin { name: &name_in_module(name), text, producer: PRODUCER });
    drop(program);
    let made = match builder {
        Ok(mut builder) => finish(source, &builder).and_then(|module| match options.strip_debug {
            // Judged with its lines, so that what is said of it has places.
            true => {
                diagnostics.extend(foretold(source, sources, &module, &diagnostics, &dropped));
                builder.strip_debug();
                finish(source, &builder)
            }
            false => Ok(module),
        }),
        Err(functions) => {
            diagnostics.extend(functions.into_iter().map(|function| too_large(source, text, function)));
            return (None, diagnostics);
        }
    };
    match made {
        Ok(module) => {
            diagnostics.extend(foretold(source, sources, &module, &diagnostics, &dropped));
            (Some(module), diagnostics)
        }
        Err(problem) => {
            diagnostics.push(*problem);
            (None, diagnostics)
        }
    }
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
            FinishError::Build(BuildError::Limit { found, .. }) => code_limit(source, 0..0, &found.to_string()),
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
