//! The command `vegavm`: its options, what it prints, and the exit status. `vega run` goes in by [`run`].

mod firefox;
mod interrupt;
mod messages;
mod options;
mod postmortem;
mod run;
mod seen;
mod stats;
mod time;

use options::WATCHING;
pub use options::{Options, Target};
pub use run::run;
pub use stats::StatsForm;
pub use time::parse_time;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use std::ffi::OsString;
use std::path::Path;
use vega_report::command::{FileKind, Reporter, Status, guard, parse_words, refuse_words, shown};

/// Runs the command with these words, the first being its name; gives its exit status.
pub fn main(words: impl IntoIterator<Item = OsString>) -> u8 {
    let words = words.into_iter().collect::<Vec<_>>();
    // What follows the program is its own: only words before it can stand for a file of words.
    let own = words.iter().skip(1).take_while(|word| word.to_str().is_some_and(|word| word.starts_with('@'))).count();
    let plain = Command::without_options(&words);
    match plain.map_or_else(|| parse_words::<Command>(words, own), Ok) {
        Ok(command) => guard(Status::Internal.run_code(), || command.execute()),
        Err(status) => status.run_code(),
    }
}

/// Runs a Vega program.
#[derive(Debug, Parser)]
#[command(
    name = "vegavm",
    version,
    override_usage = "vegavm [OPTIONS] FILE [ARGUMENTS]...",
    after_help = "\
Examples:
  vegavm prog.vgb 42
  vegavm --trace --dump-arena prog.vgb
  vegac hello.vg -o - | vegavm --memory 64k -

A word @FILE before the program stands for the options in that file, between blanks or in quotes.

Exit status: 0 to 99 from the program, 110 the file is refused, 111 wrong command line, 112 trap, 113 limit, \
114 host I/O, 119 a fault of vegavm, 128 and the number of a signal such as that of Ctrl-C, which ends a run gracefully."
)]
struct Command {
    #[command(flatten)]
    options: Options,

    /// Serve an editor by the Debug Adapter Protocol on standard input and output; the editor says which program
    #[arg(long, conflicts_with_all = WATCHING)]
    #[arg(conflicts_with_all = ["program", "debug", "print", "require", "trace_load", "message_format"])]
    dap: bool,

    /// The program, `-` for standard input, and then its own arguments
    #[arg(value_name = "FILE", trailing_var_arg = true, allow_hyphen_values = true)]
    program: Vec<OsString>,
}

impl Command {
    /// What the words spell if the first is the program: then all others are the program's own, and none is an option. To describe the
    /// options, so that there is something to read them by, is a sixth of a short run.
    fn without_options(words: &[OsString]) -> Option<Command> {
        let program = words.get(1..)?;
        let first = program.first()?.as_encoded_bytes().first()?;
        (!b"-@".contains(first)).then(|| Command { options: Options::default(), dap: false, program: program.to_vec() })
    }

    fn execute(self) -> u8 {
        if let Some(status) = self.options.report.explain() {
            return status.run_code();
        }
        if self.dap {
            let input = std::io::BufReader::new(std::io::stdin());
            let served = crate::debug::by_messages(&self.options.limits(), input, Box::new(std::io::stdout()));
            return served.map_or_else(|error| run::host_failed(&error, &mut self.options.reporter()), |()| 0);
        }
        let Some((file, arguments)) = self.program.split_first().filter(|(file, _)| !file.is_empty()) else {
            let error = Command::command().error(ErrorKind::MissingRequiredArgument, "no FILE is given");
            return refuse_words(error, self.options.report.message_format).run_code();
        };
        if let Err(status) = self.options.refuse_as_file(file, Command::command) {
            return status.run_code();
        }
        let path = Path::new(file);
        let read = |reporter: &mut Reporter| {
            let outputs = self.options.outputs(reporter)?;
            outputs.spare("the program", path, reporter)?;
            let bytes = reporter.read(path)?;
            reporter.expect_kind(path, &bytes, FileKind::Program)?;
            Ok((bytes, outputs))
        };
        match read(&mut self.options.reporter()) {
            Ok((bytes, outputs)) => {
                let target = Target { file: shown(path), command: "vegavm".to_owned(), foretold: false };
                run(bytes, &target, arguments, &self.options, &outputs)
            }
            Err(status) => Status::run_code(status),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_without_options_spell_what_they_spell_to_who_reads_options() {
        for words in
            [&["vegavm", "prog.vgb"][..], &["vegavm", "prog.vgb", "--stats", "-", "@file", ""], &["vegavm", "a b"]]
        {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            let plain = Command::without_options(&words).expect("no word before the program is an option");
            assert_eq!(format!("{plain:?}"), format!("{:?}", Command::parse_from(words)));
        }
    }

    #[test]
    fn options_are_read_where_there_may_be_some() {
        for words in
            [&["vegavm"][..], &["vegavm", ""], &["vegavm", "-"], &["vegavm", "-q", "prog.vgb"], &["vegavm", "@words"]]
        {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            assert!(Command::without_options(&words).is_none(), "{words:?}");
        }
    }
}
