//! What goes wrong, as diagnostics.

use super::Target;
use super::options::EngineName;
use crate::arguments;
use crate::error::{ArgumentError, LoadError};
use crate::limits::{LimitKind, LimitReached};
use crate::program::Program;
use crate::trap::{CallStack, TrapReport};
use clap::ValueEnum;
use vega_format::VerifyError;
use vega_format::budget::FunctionBudget;
use vega_format::container::Kind;
use vega_format::text::counted;
use vega_format::trap::{CERTAIN, Trap};
use vega_format::verify::CertainTrap;
use vega_report::command::{FileKind, SourceTexts, refusals};
use vega_report::{Diagnostic, quote};

/// The file and the place in it: the source line if it is known.
fn at(diagnostic: Diagnostic, target: &Target, place: String, source: Option<&(String, u32)>) -> Diagnostic {
    match source {
        Some((file, line)) => diagnostic.at(file, line.to_string()).note(format!("{}, {place}", target.file)),
        None => diagnostic.at(&target.file, place),
    }
}

/// Why a file is not run.
pub(super) fn load_error(error: &LoadError, target: &Target) -> Vec<Diagnostic> {
    let code = error.code();
    match error {
        LoadError::Format(error) => {
            let diagnostic = Diagnostic::error(code, error.to_string()).at(&target.file, error.place());
            // What cannot be read as sections has one fault; of these others may be damaged, too.
            let diagnostic = match error.section {
                Some(_) => {
                    diagnostic.note(format!("`vega-objdump {}` tells all that is wrong with it", quote(&target.file)))
                }
                None => diagnostic,
            };
            vec![error.kind.hint().into_iter().fold(diagnostic, Diagnostic::hint)]
        }
        LoadError::Verify(errors) => {
            refusals(errors.iter().map(|error| verify_error(error, target)).collect(), &target.file)
        }
        LoadError::Imports(errors) => errors
            .iter()
            .map(|error| Diagnostic::error(error.code(), error.to_string()).at(&target.file, "imports"))
            .collect(),
        LoadError::Budget { budget, .. } => {
            vec![over_budget(Diagnostic::error(code, error.to_string()), budget, target)]
        }
        LoadError::NotAProgram(kind) => {
            let diagnostic = Diagnostic::error(code, error.to_string()).at(&target.file, "0xa");
            let kind = match kind {
                Kind::Program => FileKind::Program,
                Kind::Library => FileKind::Library,
                Kind::Object => FileKind::Object,
            };
            vec![diagnostic.hint(kind.hint(&quote(&target.file)))]
        }
    }
}

/// A program that is proved to need more memory than it may use: the path, and what on it needs most.
fn over_budget(diagnostic: Diagnostic, budget: &FunctionBudget, target: &Target) -> Diagnostic {
    let diagnostic = diagnostic.at(&target.file, "");
    let notes = budget.dearest_in_words().into_iter().chain(budget.beside());
    notes.fold(diagnostic, Diagnostic::note).hint(format!("raise the limit with {MEMORY}"))
}

/// A program that may run out of memory where that was forbidden.
pub(super) fn may_run_out(budget: &FunctionBudget, target: &Target) -> Diagnostic {
    let words = "an arena of the program may run out of memory, and `--require no-oom` forbids that";
    budget.run_out_in_words().fold(Diagnostic::error("H004", words).at(&target.file, ""), Diagnostic::note)
}

fn verify_error(error: &VerifyError, target: &Target) -> Diagnostic {
    let diagnostic = Diagnostic::error(error.rule.code(), &error.words);
    let place = match error.function {
        None => "module".to_owned(),
        Some(_) if error.mnemonic.is_empty() => format!("`{}`, code {:#06x}", error.function_name, error.offset),
        Some(_) => format!("`{}`, code {:#06x}, {}", error.function_name, error.offset, error.mnemonic),
    };
    let diagnostic = at(diagnostic, target, place, error.source.as_ref());
    error.notes().into_iter().fold(diagnostic, Diagnostic::note)
}

/// Warnings of what traps whenever it is reached; of many, the first.
pub(super) fn certain_traps(program: &Program, target: &Target) -> Vec<Diagnostic> {
    const MOST: usize = 20;
    let warning = |certain: &CertainTrap| {
        let function = program.module().function(certain.function).map(|function| function.name).unwrap_or_default();
        let place = format!("`{function}`, code {:#06x}", certain.offset);
        let source = program.module().source_line(certain.function, certain.offset);
        let source = source.map(|(file, line)| (file.to_owned(), line));
        let diagnostic = Diagnostic::warning(certain.trap.kind().code(), certain.trap.to_string());
        at(diagnostic, target, place, source.as_ref()).note(CERTAIN)
    };
    program.certain_traps().iter().take(MOST).map(warning).collect()
}

/// Why arguments do not fit.
pub(super) fn argument_error(error: &ArgumentError, program: &Program, target: &Target) -> Diagnostic {
    let usage = format!("usage: {} {}", target.command, arguments::usage(program, &target.file));
    let diagnostic = Diagnostic::error(error.code(), error.to_string()).at(&target.file, "");
    match error {
        ArgumentError::Limit(limit) => diagnostic.hint(raise(limit)),
        _ => diagnostic.note(usage),
    }
}

/// The same of words of the command line, among which an option of the command may stand behind the program.
pub(super) fn words_of_arguments(
    error: &ArgumentError,
    words: &[&str],
    program: &Program,
    target: &Target,
) -> Diagnostic {
    let diagnostic = argument_error(error, program, target);
    match words.iter().find(|word| word.starts_with("--") && word.len() > 2) {
        Some(option) if matches!(error, ArgumentError::Count { .. }) => diagnostic.hint(format!(
            "what stands behind the program goes to it; an option stands before: `{} {} … {}`",
            target.command,
            quote(option),
            target.file
        )),
        _ => diagnostic,
    }
}

/// A trap in one piece; the human form is the report's own.
pub(super) fn trap(report: &TrapReport, target: &Target) -> Diagnostic {
    let kind = report.trap.kind();
    let diagnostic = Diagnostic::error(kind.code(), report.trap.to_string());
    let diagnostic = at_instruction(diagnostic, &report.stack, target);
    let diagnostic = report.notes().into_iter().fold(diagnostic, Diagnostic::note);
    let diagnostic = match report.enough {
        Some(enough) => diagnostic.hint(format!("an arena of {} is enough", counted(enough, "byte"))),
        None => diagnostic,
    };
    let diagnostic = with_callers(diagnostic, &report.stack);
    way_out(&report.trap).into_iter().fold(diagnostic, Diagnostic::hint)
}

/// A limit that was reached in a run.
pub(super) fn limit(limit: &LimitReached, stack: &CallStack, target: &Target) -> Diagnostic {
    let diagnostic = Diagnostic::error(limit.kind.code(), limit.to_string());
    in_stack(diagnostic, stack, target).hint(raise(limit))
}

/// A run that was ended from outside.
pub(super) fn cancelled(stack: &CallStack, target: &Target) -> Diagnostic {
    in_stack(Diagnostic::error("L107", "the run was cancelled"), stack, target)
}

/// The instruction, and the calls that led there.
pub(super) fn in_stack(diagnostic: Diagnostic, stack: &CallStack, target: &Target) -> Diagnostic {
    with_callers(at_instruction(diagnostic, stack, target), stack)
}

fn with_callers(diagnostic: Diagnostic, stack: &CallStack) -> Diagnostic {
    stack.caller_lines().into_iter().fold(diagnostic, Diagnostic::note)
}

fn at_instruction(diagnostic: Diagnostic, CallStack { at: place, .. }: &CallStack, target: &Target) -> Diagnostic {
    let words = format!("{}, {} at {:#06x}, sp {}", place.function, place.mnemonic, place.ip, place.sp);
    at(diagnostic, target, words, place.source.as_ref())
}

fn raise(limit: &LimitReached) -> String {
    let flag = match limit.kind {
        LimitKind::HostMemory => return "run it where more memory is free".to_owned(),
        LimitKind::Memory => MEMORY,
        LimitKind::Tables => "`--tables`",
        LimitKind::Steps => "`--steps`",
        LimitKind::Time => "`--time`",
        LimitKind::Output => "`--output`",
        LimitKind::Arguments => "`--arguments`",
    };
    format!("raise it with {flag}")
}

/// The option has two names, and nobody knows which was used.
const MEMORY: &str = "`--memory`, also called `--max-memory`";

/// What can be done about a trap by another command line.
pub(super) fn way_out(trap: &Trap) -> Option<&'static str> {
    let is_depth = matches!(trap, Trap::CallStackExhausted { .. });
    is_depth.then_some("raise the limit with `--frames`, if the recursion ends at all")
}

/// An engine was asked for that is not the one that runs what is watched.
pub(super) fn not_watched(engine: EngineName, target: &Target) -> Diagnostic {
    let name = engine.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    let words = format!("`--engine {name}` cannot be watched; the reference engine runs the program");
    Diagnostic::warning("", words).at(&target.file, "")
}

/// A source whose lines cannot be shown; those of the library are nowhere.
pub(super) fn source_not_found(source: &str, target: &Target) -> Option<Diagnostic> {
    let words = format!("the source `{}` is not found; its lines are not shown", quote(source));
    let diagnostic = Diagnostic::warning("", words).at(&target.file, "");
    (!SourceTexts::is_of_library(source)).then(|| diagnostic.hint("debug it in the folder where it was compiled"))
}
