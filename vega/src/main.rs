//! `vega`: the driver for people. It begins a project, runs a program from its source, tests and formats, and explains
//! what the tools say.
#![forbid(unsafe_code)]

mod check;
mod format;
mod new;
mod run;
mod sources;
mod test;

use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vega_report::command::{ReportOptions, Status, guard, parse_words};
use vega_report::quote;

/// Vega: programs whose memory is known beforehand.
#[derive(Debug, Parser)]
#[command(
    name = "vega",
    version,
    after_help = "\
Examples:
  vega new hello
  vega run examples/tour.vg
  vega run examples/wordcount.vg < README.md
  vega test examples
  vega explain E0401

A word @FILE stands for the arguments in that file, between blanks or in quotes; of `vega run`, before its options and the source.

Exit status of `vega run`: 0 to 99 from the program, 110 the source is refused, 111 wrong command line, 112 trap, \
113 limit, 114 host I/O, 119 a fault of vega. Of the others: 0 all is well, 1 refused, not in style or a test fails, \
2 wrong command line, 4 a limit is reached, 5 a file cannot be read or written, 70 a fault of vega."
)]
struct Command {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a folder with a program to begin with
    New(new::New),
    /// Compile a source in memory and run it
    Run(Box<run::Run>),
    /// Compile a source to a .vgb file; takes the words that `vegac` takes
    #[command(disable_help_flag = true)]
    Build {
        /// Words for `vegac`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<OsString>,
    },
    /// Say what is wrong with sources, and write nothing
    Check(check::Check),
    /// Run the functions named `test_…` of sources
    Test(test::Test),
    /// Bring sources into the one style
    Fmt(format::Fmt),
    /// Explain a code of an error, such as E0401
    Explain {
        /// The code
        code: String,
    },
}

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    if let Some(status) = source_as_command(words.get(1)) {
        return ExitCode::from(status.tool_code());
    }
    let runs = words.get(1).is_some_and(|word| word == "run");
    // The words behind a source that is run are the program's own: only words before it can stand for a file of words.
    let is_before = |word: &&OsString| word.to_str().is_some_and(|word| word == "run" || word.starts_with('@'));
    let before = words.iter().skip(1).take_while(is_before).count();
    let expanded = if before > 0 { before } else { usize::MAX };
    ExitCode::from(match parse_words::<Command>(words, expanded) {
        Ok(Command { action }) => action.execute(),
        Err(status) if runs => status.run_code(),
        Err(status) => status.tool_code(),
    })
}

impl Action {
    fn execute(self) -> u8 {
        let tool = |run: &(dyn Fn() -> Status + Sync)| guard(Status::Internal, run).tool_code();
        match self {
            Action::Run(run) => guard(Status::Internal.run_code(), || run.execute()),
            Action::Build { words } => {
                vegac::command::main([OsString::from("vega build")].into_iter().chain(words)).tool_code()
            }
            Action::New(new) => tool(&|| new.execute().err().unwrap_or_default()),
            Action::Check(check) => tool(&|| check.execute()),
            Action::Test(test) => tool(&|| test.execute()),
            Action::Fmt(fmt) => tool(&|| fmt.execute()),
            Action::Explain { code } => {
                let options = ReportOptions { explain: Some(code), ..ReportOptions::default() };
                options.explain().unwrap_or(Status::Fine).tool_code()
            }
        }
    }
}

/// `vega first.vg`: says what was meant.
fn source_as_command(word: Option<&OsString>) -> Option<Status> {
    let path = Path::new(word?);
    if path.extension().is_none_or(|extension| extension != "vg") {
        return None;
    }
    let name = quote(&PathBuf::from(path).display().to_string());
    let mut reporter = ReportOptions::default().reporter();
    Some(reporter.misuse("U009", format!("`{name}` is no command of vega"), &format!("`vega run {name}` runs it")))
}
