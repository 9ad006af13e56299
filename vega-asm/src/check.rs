//! From assembled module to judged bytes: what the verifier refuses is told at the line that says it.

use crate::assemble::Assembled;
use crate::damage::{self, Damage};
use crate::places::{FunctionPlaces, Places};
use crate::problem::Problems;
use crate::remedy::remedy;
use crate::syntax::Span;
use std::cell::LazyCell;
use vega_format::error::VerifyError;
use vega_format::instruction::{Row, row_by_mnemonic};
use vega_format::text::counted;
use vega_format::trap::{CERTAIN, Trap};
use vega_format::verify::{self, CertainTrap};
use vega_format::write::{BuildError, FinishError};
use vega_format::{FormatError, Verified};
use vega_report::{Diagnostic, SourceId, quote};

/// The bytes of a module that the verifier accepts, and warnings of traps that are certain. So many threads may judge it.
///
/// # Errors
/// What stands in the way.
pub fn write_verified(
    assembled: Assembled<'_>,
    source: SourceId,
    name: &str,
    threads: usize,
) -> Result<(Vec<u8>, Vec<Diagnostic>), Vec<Diagnostic>> {
    let Assembled { places, module, .. } = assembled;
    match module.finish_on(threads) {
        Ok(verified) => {
            let mut places = ByFunction::new(&places);
            let functions = verified.certain_traps().chunk_by(|one, next| one.function == next.function);
            let warnings = functions.flat_map(|traps| foretold(traps, &verified, &mut places, source)).collect();
            Ok((verified.into_module().into_bytes(), warnings))
        }
        Err(FinishError::Build(error)) => Err(vec![unwritable(&error, &places, source)]),
        Err(FinishError::Format(error)) => {
            Err(vec![Diagnostic::error(error.kind.code(), error.to_string()).at(name, error.place())])
        }
        Err(FinishError::Refused(errors)) => {
            let mut places = ByFunction::new(&places);
            Err(errors.iter().map(|error| refusal(error, &mut places, source)).collect())
        }
    }
}

/// What the verifier refuses in the functions that the assembler did not complain about.
pub fn judge_rest(assembled: Assembled<'_>, source: SourceId, threads: usize, problems: &mut Problems) {
    let Assembled { places, module, damage, faulty } = assembled;
    // What is changed in a file says nothing of one that is not made.
    if !damage.is_empty() {
        return;
    }
    let Err(FinishError::Refused(errors)) = module.finish_on(threads) else { return };
    let mut places = ByFunction::new(&places);
    let others = errors.iter().filter(|error| error.function.is_some() && !faulty.contains(&error.function_name));
    others.for_each(|error| problems.push(refusal(error, &mut places, source)));
}

/// The bytes of a module with what is changed in them, and unless `verify` is off they have to be accepted all the same.
///
/// # Errors
/// What stands in the way.
pub fn write_damaged(
    assembled: &Assembled<'_>,
    source: SourceId,
    verify: bool,
) -> Result<(Vec<u8>, Vec<Diagnostic>), Vec<Diagnostic>> {
    let damage = &assembled.damage;
    let bytes = if damage::is_whole(damage) { Vec::new() } else { write(assembled, source)? };
    let bytes = damage::apply(bytes, damage, source).map_err(|error| vec![*error])?;
    let refusals = if verify { judge(&bytes, assembled, source) } else { Vec::new() };
    if refusals.is_empty() { Ok((bytes, Vec::new())) } else { Err(refusals) }
}

/// What is said of a damaged file that is refused, and was not asked for as it is.
fn judge(bytes: &[u8], assembled: &Assembled<'_>, source: SourceId) -> Vec<Diagnostic> {
    // Code in bytes stands where it was written, as any other; the rest changes the file.
    let changes = || assembled.damage.iter().filter(|(_, damage)| !matches!(damage, Damage::Code(..)));
    let first = changes().chain(&assembled.damage).next().map(|(span, _)| *span).unwrap_or_default();
    let parsed = match vega_format::read(bytes) {
        Ok(parsed) => parsed,
        Err(_) => {
            let problem = |error: &FormatError| {
                let problem = Diagnostic::error(error.kind.code(), error.to_string());
                problem.label(source, first.range(), quote(&error.place())).hint(AS_IT_IS)
            };
            return vega_format::read::faults(bytes).iter().map(problem).collect();
        }
    };
    let Err(errors) = verify::check(&parsed, verify::Options::default()) else { return Vec::new() };
    let mut places = ByFunction::new(&assembled.places);
    let mut refused = |error: &VerifyError| {
        let problem = refusal(error, &mut places, source);
        if changes().next().is_none() {
            return problem;
        }
        let code = error.function.and_then(|index| parsed.function(index)).map(|function| {
            let start = function.code_offset + error.offset as usize;
            start..start + row_by_mnemonic(error.mnemonic).map_or(1, Row::width)
        });
        let over = code.map_or(Some(first), |code| damage::over(bytes, &assembled.damage, &code));
        let over = over.or_else(|| assembled.places.function(&error.function_name).is_none().then_some(first));
        let problem = match over {
            Some(span) => Diagnostic { labels: Vec::new(), ..problem }.label(source, span.range(), place(error)),
            None => problem.also(source, first.range(), "the file is changed here"),
        };
        Diagnostic { hint: None, ..problem }.hint(AS_IT_IS)
    };
    errors.iter().map(&mut refused).collect()
}

const AS_IT_IS: &str = "`--no-verify` writes the damaged file all the same";

/// The bytes of a module, unjudged.
///
/// # Errors
/// It does not fit the format.
pub fn write(assembled: &Assembled<'_>, source: SourceId) -> Result<Vec<u8>, Vec<Diagnostic>> {
    assembled.module.write().map_err(|error| vec![unwritable(&error, &assembled.places, source)])
}

/// The assembler has checked names and numbers, so of these only limits are to be expected.
fn unwritable(error: &BuildError, places: &Places<'_>, source: SourceId) -> Diagnostic {
    let (code, span) = match error {
        BuildError::Limit { .. } => ("L203", None),
        BuildError::UndefinedFunction(name) => ("A009", places.function(name)),
        BuildError::Operand { function, .. } => ("A007", places.function(function)),
        BuildError::Name { name, .. } => ("A016", places.function(name)),
        BuildError::UndefinedType { function, .. } => ("A017", places.function(function)),
        _ => ("A017", None),
    };
    Diagnostic::error(code, error.to_string()).label(source, span.unwrap_or(places.entry()).range(), "")
}

/// The places of the function that was asked about last: several complaints about one stand behind one another.
struct ByFunction<'p, 't> {
    all: &'p Places<'t>,
    last: Option<(String, FunctionPlaces)>,
}

impl<'p, 't> ByFunction<'p, 't> {
    fn new(all: &'p Places<'t>) -> ByFunction<'p, 't> {
        ByFunction { all, last: None }
    }

    fn instruction(&mut self, function: &str, offset: u32) -> Span {
        match &self.last {
            Some((name, places)) if name == function => places.instruction(offset),
            _ => {
                let places = self.all.of_function(function);
                let found = places.instruction(offset);
                self.last = Some((function.to_owned(), places));
                found
            }
        }
    }
}

/// The traps of a function that happen whenever their instructions are reached.
fn foretold(
    traps: &[CertainTrap],
    module: &Verified,
    places: &mut ByFunction<'_, '_>,
    source: SourceId,
) -> Vec<Diagnostic> {
    let Some(function) = traps.first().map(|trap| trap.function) else { return Vec::new() };
    let name = module.module().function(function).map(|function| function.name).unwrap_or_default();
    // Only where memory runs out is it looked at them again.
    let arenas = LazyCell::new(|| module.arenas(function));
    let warning = |certain: &CertainTrap| {
        let span = places.instruction(name, certain.offset);
        let (code, words) = (certain.trap.kind().code(), certain.trap.to_string());
        let diagnostic = Diagnostic::warning(code, words).label(source, span.range(), CERTAIN);
        let enough = matches!(certain.trap, Trap::OutOfMemory { .. }).then(|| arenas.enough(certain.offset)).flatten();
        match enough {
            Some(bytes) => diagnostic.hint(format!("an arena of {} is enough", counted(bytes, "byte"))),
            None => diagnostic,
        }
    };
    traps.iter().map(warning).collect()
}

/// Where in the code it is.
fn place(error: &VerifyError) -> String {
    match error.function {
        Some(_) => format!("code 0x{:04x} of `{}`", error.offset, quote(&error.function_name)),
        None => String::new(),
    }
}

fn refusal(error: &VerifyError, places: &mut ByFunction<'_, '_>, source: SourceId) -> Diagnostic {
    let span = match error.function {
        Some(_) => places.instruction(&error.function_name, error.offset),
        None => places.all.entry(),
    };
    let diagnostic =
        Diagnostic::error(error.rule.code(), error.words.clone()).label(source, span.range(), place(error));
    let diagnostic = error.notes().into_iter().fold(diagnostic, Diagnostic::note);
    match remedy(error) {
        Some(words) => diagnostic.hint(words),
        None => diagnostic,
    }
}
