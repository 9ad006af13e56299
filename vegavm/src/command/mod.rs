//! The command `vegavm`: its options, what it prints, and the exit status. `vega run` goes in by [`run`].

mod messages;
mod options;
mod run;
mod size;

pub use options::{Options, Target};
pub use run::run;
pub use size::parse_size;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use std::ffi::OsString;
use std::path::Path;
use vega_report::command::{Reporter, Status, read_input};
use vega_report::{Diagnostic, Sources, explain};

/// Runs the command with these words, the first being its name; gives its exit status.
pub fn main(words: impl IntoIterator<Item = OsString>) -> u8 {
    let words = words.into_iter().collect::<Vec<_>>();
    match argfile_words(words).map(Command::try_parse_from) {
        Ok(Ok(command)) => command.execute(),
        Ok(Err(error)) => {
            // Help and versions come this way, too; a reader who has gone is no reason to complain.
            let _ = error.print();
            if error.use_stderr() { Status::Usage.run_code() } else { Status::Fine.run_code() }
        }
        Err(error) => {
            let diagnostic = Diagnostic::error("I002", format!("the argument file cannot be read: {error}"));
            Reporter::new(Default::default(), Default::default()).report(&diagnostic, &Sources::new());
            Status::Io.run_code()
        }
    }
}

/// Words with `@file` before the program in place of the words in that file; what follows the program is its own.
fn argfile_words(words: Vec<OsString>) -> std::io::Result<Vec<OsString>> {
    let own = words.iter().skip(1).take_while(|word| word.to_str().is_some_and(|word| word.starts_with('@'))).count();
    let (first, rest) = words.split_at((1 + own).min(words.len()));
    let expanded = argfile::expand_args_from(first.iter().cloned(), argfile::parse_fromfile, argfile::PREFIX)?;
    Ok(expanded.into_iter().chain(rest.iter().cloned()).collect())
}

/// Runs a Vega program.
#[derive(Debug, Parser)]
#[command(name = "vegavm", version, override_usage = "vegavm [OPTIONS] FILE [ARGUMENTS]...")]
struct Command {
    #[command(flatten)]
    options: Options,

    /// Explain a code of an error, such as T001
    #[arg(long, value_name = "CODE")]
    explain: Option<String>,

    /// The program, `-` for standard input, and then its own arguments
    #[arg(value_name = "FILE", trailing_var_arg = true, allow_hyphen_values = true)]
    program: Vec<OsString>,
}

impl Command {
    fn execute(self) -> u8 {
        if let Some(code) = &self.explain {
            return self.print_explanation(code);
        }
        let Some((file, arguments)) = self.program.split_first() else {
            return misuse(ErrorKind::MissingRequiredArgument, "no FILE is given".to_owned());
        };
        if let Some(option) = file.to_str().filter(|file| file.starts_with('-') && *file != "-") {
            return misuse(ErrorKind::UnknownArgument, unknown(option));
        }
        let name = if file == "-" { "<stdin>".to_owned() } else { file.to_string_lossy().into_owned() };
        match read_input(Path::new(file)) {
            Ok(bytes) => run(bytes, &Target { file: name, command: "vegavm".to_owned() }, arguments, &self.options),
            Err(error) => {
                let diagnostic = Diagnostic::error("I002", format!("the program cannot be read: {error}"));
                self.options.reporter().report(&diagnostic.at(name, ""), &Sources::new());
                Status::Io.run_code()
            }
        }
    }

    fn print_explanation(&self, code: &str) -> u8 {
        use std::io::Write;
        match explain::explain(code) {
            Some(page) => {
                let _ = writeln!(std::io::stdout(), "{page}");
                Status::Fine.run_code()
            }
            None => {
                let mut diagnostic = Diagnostic::error("U004", format!("`{}` is no code", vega_report::quote(code)));
                if let Some(near) = explain::nearest(code) {
                    diagnostic = diagnostic.hint(format!("there is `{near}`"));
                }
                self.options.reporter().report(&diagnostic, &Sources::new());
                Status::Usage.run_code()
            }
        }
    }
}

/// Prints what is wrong with the command line, with the usage.
fn misuse(kind: ErrorKind, words: String) -> u8 {
    let _ = Command::command().error(kind, words).print();
    Status::Usage.run_code()
}

/// An option that is none, with the one that looks most like it.
fn unknown(option: &str) -> String {
    let words = format!("unexpected option `{}`", vega_report::quote(option));
    let command = Command::command();
    let known = command.get_arguments().filter_map(|argument| argument.get_long());
    match vega_report::near(option.trim_start_matches('-'), known) {
        Some(near) => format!("{words}; there is `--{near}`"),
        None => words,
    }
}
