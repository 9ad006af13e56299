//! `tests/run`: programs (`.vg`) and listings (`.vasm`) that are run, in every engine and again without debug section.
//!
//! - `expect: TEXT` a line of standard output, in order; or the whole of it in a file beside, `.stdout`
//! - `status: N` the exit status; 0 without it
//! - `trap: WORDS`, `limit: WORDS` standard error has them, and the status is 112 or 113
//! - `stderr: WORDS` standard error has them
//! - `allow: LINT` a lint that the compiler lets through
//! - `args: …` arguments, `flags: …` options of vegavm, `stdin: TEXT` input with escapes, or a file beside, `.stdin`
//! - `dump:`, `trace:` the text of `--dump-arena` or `--trace` stands in a file beside, `.dump` or `.trace`

use crate::bytes::without;
use crate::case::{Case, Check, cases, trial};
use crate::golden;
use crate::header::{Header, unescape};
use crate::module;
use crate::tools::{self, Ran};
use libtest_mimic::Trial;
use std::fs;
use vega_format::container::SectionId;
use vega_format::trap::{TRAPS, TrapKind, TrapRow};
use vega_report::command::Status;
use vegac::Options;
use vegac::lints::{Levels, Setting};

/// Every engine by name, with the options that choose it.
const ENGINES: &[(&str, &[&str])] = &[
    ("reference", &["--engine", "reference"]),
    ("interpreter", &["--engine", "interpreter"]),
    ("interpreter with tables", &["--engine", "tables"]),
    ("machine code", &["--engine", "jit"]),
];

/// What the header of a program may say.
pub const DIRECTIVES: &[&str] =
    &["expect", "status", "trap", "limit", "stderr", "allow", "args", "flags", "stdin", "dump", "trace"];

/// A test a file; and one that no trap lacks a file.
pub fn trials() -> Vec<Trial> {
    let files = programs().into_iter().map(|case| case.trial(check));
    files.chain([trial("run: every trap has a program that provokes it", check_traps)]).collect()
}

fn programs() -> Vec<Case> {
    cases("run", &["vg", "vasm"])
}

fn check(case: &Case) -> Check {
    let header = Header::read(&case.text()?, DIRECTIVES)?;
    check_program(&build(case)?, &header, Some(case))
}

/// Compiles or assembles a program.
///
/// # Errors
/// It is refused, or allows what is no lint.
pub fn build(case: &Case) -> Result<Vec<u8>, String> {
    let (name, text) = (case.file_name(), case.text()?);
    match case.is("vg") {
        true => {
            let options = compile_options(&Header::read(&text, DIRECTIVES)?)?;
            module::compile_with(&name, text.as_bytes(), options).accepted()
        }
        false => module::assemble(&name, &text, true).accepted(),
    }
}

/// How the header of a program wants it compiled.
///
/// # Errors
/// It allows what is no lint.
pub fn compile_options(header: &Header) -> Result<Options, String> {
    let mut levels = Levels::default();
    match header.words("allow").iter().find(|lint| !levels.set(lint, Setting::Allow)) {
        Some(unknown) => Err(format!("there is no lint `{unknown}`")),
        None => Ok(Options { levels, ..Options::default() }),
    }
}

/// No function that vegavm grants fails other than by input or output, so its trap is left to the tests of vegavm.
fn check_traps() -> Check {
    let mut provoked = Vec::new();
    for case in programs() {
        provoked.extend(Header::read(&case.text()?, DIRECTIVES)?.one("trap").map(str::to_owned));
    }
    let is_provoked = |row: &&TrapRow| provoked.iter().any(|words| words.contains(&row.kind.code().to_string()));
    let wanted = TRAPS.iter().filter(|row| row.kind != TrapKind::HostFailed);
    match wanted.filter(|row| !is_provoked(row)).map(|row| row.name).collect::<Vec<_>>().as_slice() {
        [] => Ok(()),
        missing => Err(format!("no program with `trap: CODE …` for {}", missing.join(", "))),
    }
}

/// Demands that a program does what its header says. Files beside are those of `case`.
///
/// # Errors
/// It does not.
pub fn check_program(bytes: &[u8], header: &Header, case: Option<&Case>) -> Check {
    module::check_round_trip(bytes)?;
    let input = match (header.one("stdin"), case) {
        (Some(text), _) => unescape(text)?,
        (None, Some(case)) => fs::read(case.beside("stdin")).unwrap_or_default(),
        (None, None) => Vec::new(),
    };
    for (form, bytes) in [("as it is", bytes.to_vec()), ("stripped", without(bytes, SectionId::Debug))] {
        for (engine, options) in ENGINES {
            let ran = vegavm(options, &bytes, header, &input)?;
            check_outcome(header, case, &ran).map_err(|problem| format!("{engine} engine, {form}: {problem}"))?;
        }
    }
    let [tables, placed] =
        ["reference", "placed"].map(|engine| vegavm(&["--engine", engine, "--dump-arena"], bytes, header, &input));
    if let (tables, placed) = (tables?, placed?)
        && (&tables.stdout, &tables.stderr, tables.status) != (&placed.stdout, &placed.stderr, placed.status)
    {
        let [tables, placed] = [&tables.stderr, &placed.stderr].map(|shown| String::from_utf8_lossy(shown));
        let first = tables.lines().zip(placed.lines()).find(|(one, other)| one != other);
        return Err(format!("arenas, with slots where the free list has room, and where the verifier says: {first:?}"));
    }
    for (key, option) in [("dump", "--dump-arena"), ("trace", "--trace")] {
        if let Some(case) = case.filter(|_| header.has(key)) {
            golden::check_file(&case.beside(key), &vegavm(&[option], bytes, header, &input)?.stderr)?;
        }
    }
    Ok(())
}

/// Demands that a program ends with an error of this code, in every engine.
///
/// # Errors
/// It does not.
pub fn check_code(bytes: &[u8], header: &Header, code: &str) -> Check {
    for (engine, options) in ENGINES {
        let options = [options, ["--message-format", "short"].as_slice()].concat();
        let ran = vegavm(&options, bytes, header, &[])?;
        let stderr = String::from_utf8_lossy(&ran.stderr);
        if !stderr.contains(&format!("error[{code}]")) {
            return Err(format!(
                "{engine} engine: it is accepted and ends with status {}, wanted {code}\n{stderr}",
                ran.status
            ));
        }
    }
    Ok(())
}

/// Runs a program as `prog.vgb`, with the options and arguments of its header.
fn vegavm(options: &[&str], bytes: &[u8], header: &Header, input: &[u8]) -> Result<Ran, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    fs::write(folder.path().join("prog.vgb"), bytes).map_err(|error| error.to_string())?;
    let options = options.iter().map(|word| (*word).to_owned()).chain(header.words("flags"));
    let words = options.chain(["prog.vgb".to_owned()]).chain(header.words("args"));
    tools::run("vegavm", words, folder.path(), input)
}

fn check_outcome(header: &Header, case: Option<&Case>, ran: &Ran) -> Check {
    let stderr = String::from_utf8_lossy(&ran.stderr);
    let status = match header.one("status") {
        Some(status) => status.parse().map_err(|_| format!("`status: {status}` is no number"))?,
        None if header.has("trap") => Status::Trap.run_code().into(),
        None if header.has("limit") => Status::Limit.run_code().into(),
        None => 0,
    };
    if ran.status != status {
        let stdout = String::from_utf8_lossy(&ran.stdout);
        return Err(format!("status {}, wanted {status}\n{stdout}{stderr}", ran.status));
    }
    for words in ["trap", "limit", "stderr"].into_iter().flat_map(|key| header.all(key)) {
        if !stderr.contains(words) {
            return Err(format!("standard error lacks `{words}`:\n{stderr}"));
        }
    }
    let beside = case.map(|case| case.beside("stdout")).filter(|path| path.exists());
    match beside {
        Some(path) => golden::check_file(&path, &ran.stdout),
        None => check_lines(header, &ran.stdout),
    }
}

/// Every line of the output is expected; the last may lack its end.
fn check_lines(header: &Header, stdout: &[u8]) -> Check {
    let expected: Vec<&str> = header.all("expect").collect();
    let found = String::from_utf8_lossy(stdout);
    let found: Vec<&str> = found.lines().collect();
    golden::check("standard output", expected.join("\n").as_bytes(), found.join("\n").as_bytes())
}
