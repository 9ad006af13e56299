//! The options that every tool has, and how its words become options.

use super::words::expand;
use super::{Color, Reporter, Status};
use crate::{Diagnostic, Format, Sources, explain, quote};
use clap::{Args, Parser};
use std::ffi::OsString;
use std::io::Write;
use std::path::Path;

/// What the exit statuses of the tools that run nothing mean, for `--help`.
pub const EXIT_STATUSES: &str = "\
Exit status: 0 all is well, 1 the input is refused, 2 wrong command line, 4 a limit is reached, \
5 a file cannot be read or written, 70 a fault of the tool.";

/// How a tool talks.
#[derive(Debug, Clone, Default, Args)]
pub struct ReportOptions {
    /// The form of messages: human, short, json
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub message_format: Format,

    /// When to colour messages: auto, always, never
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,

    /// Show errors only
    #[arg(long, short)]
    pub quiet: bool,

    /// Explain a code of an error, such as E0401
    #[arg(long, value_name = "CODE")]
    pub explain: Option<String>,
}

impl ReportOptions {
    /// Prints diagnostics to standard error in this form.
    pub fn reporter(&self) -> Reporter {
        Reporter::new(self.message_format, self.color).quiet(self.quiet)
    }

    /// Does what `--explain` asks for, if it was given, and says how that ended.
    pub fn explain(&self) -> Option<Status> {
        let code = self.explain.as_deref()?;
        let Some(page) = explain::explain(code) else {
            let mut diagnostic = Diagnostic::error("U004", format!("`{}` is no code", quote(code)));
            if let Some(near) = explain::nearest(code) {
                diagnostic = diagnostic.hint(format!("there is `{near}`"));
            }
            self.reporter().report(&diagnostic, &Sources::new());
            return Some(Status::Usage);
        };
        let mut output = std::io::stdout();
        let written = writeln!(output, "{page}").and_then(|()| output.flush());
        Some(self.reporter().written(written, Path::new("-")))
    }
}

/// The options that the words of a command line spell, the first being the name of the command. A word `@file` stands
/// for the words in that file; of the words, only the first `expanded` are looked at for that.
///
/// # Errors
/// There is nothing left to do but to end so: help was asked for and printed, or the words were wrong, and that was
/// said.
pub fn parse_words<P: Parser>(words: impl IntoIterator<Item = OsString>, expanded: usize) -> Result<P, Status> {
    let words: Vec<OsString> = words.into_iter().collect();
    let (own, rest) = words.split_at(expanded.saturating_add(1).min(words.len()));
    let own = expand(own, &mut Reporter::new(Format::default(), Color::default()))?;
    P::try_parse_from(own.into_iter().chain(rest.iter().cloned())).map_err(|error| {
        // Help and versions come this way, too.
        let written = error.print();
        if error.use_stderr() {
            return Status::Usage;
        }
        Reporter::new(Format::default(), Color::default()).written(written, Path::new("-"))
    })
}
