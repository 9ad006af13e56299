//! The options that every tool has, and how its words become options.

use super::words::expand;
use super::{Color, Reporter, Status, dashes, loose, spelled};
use crate::{Diagnostic, Format, Sources, explain, quote};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Parser};
use std::ffi::OsString;
use std::io::Write;
use std::path::Path;

/// What ends the help of the tools that run nothing: what holds for all of them.
pub const SHARED_HELP: &str = "\
A word @FILE stands for the arguments in that file, between blanks or in quotes.

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

/// On how many threads a tool works.
#[derive(Debug, Clone, Default, Args)]
pub struct ThreadOptions {
    /// Work on so many threads; the output is the same
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(1..=64))]
    pub threads: Option<u8>,
}

impl ThreadOptions {
    /// As many as were asked for, else as many as the machine has, of which little input is not worth the asking.
    pub fn count(&self, input_bytes: usize) -> usize {
        /// What is done before another thread has begun.
        const LITTLE: usize = 128 << 10;
        let all = || match input_bytes < LITTLE {
            true => 1,
            false => std::thread::available_parallelism().map_or(1, usize::from),
        };
        self.threads.map_or_else(all, usize::from)
    }
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
        let written = output.write_all(explain::plain(page).as_bytes()).and_then(|()| output.flush());
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
    let mut expanded = expand(own, &mut Reporter::new(format_wanted(&words), Color::default()))?;
    expanded.extend_from_slice(rest);
    loose::remember(P::command, &expanded);
    let format = format_wanted(&expanded);
    let (candidates, written) = (dashes::candidates(&expanded), spelled::names(&expanded));
    // As everywhere, the last of several counts.
    let mut command = P::command().args_override_self(true);
    let matches = command.try_get_matches_from_mut(expanded);
    let parsed = matches.and_then(|mut matches| P::from_arg_matches_mut(&mut matches));
    parsed.map_err(|error| error.format(&mut command)).map_err(|mut error| {
        spelled::tell(&command, &written, &mut error);
        let told = dashes::error(P::command(), &candidates, &error);
        refuse_words(told.unwrap_or(error), format)
    })
}

/// Says what is wrong with the words of a command line, for people with the usage; help and versions come this way, too.
pub fn refuse_words(mut error: clap::Error, format: Format) -> Status {
    if let Some(tip) = how_to_give_a_value(&error) {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    let mut reporter = Reporter::new(format, Color::default());
    if !error.use_stderr() {
        return reporter.written(error.print(), Path::new("-"));
    }
    if format == Format::Human {
        // Where nobody listens, nothing is lost.
        let _ = error.print();
        return Status::Usage;
    }
    let text = error.render().to_string();
    let mut parts = text.split("\n\n").map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    let title = parts.next().unwrap_or_default();
    let diagnostic = Diagnostic::error("U001", title.strip_prefix("error: ").unwrap_or(&title));
    let diagnostic = parts.fold(diagnostic, |diagnostic, part| match part.strip_prefix("tip: ") {
        Some(tip) => diagnostic.hint(tip),
        None if part.starts_with("Usage: ") => diagnostic.note(part),
        None => diagnostic,
    });
    reporter.report(&diagnostic, &Sources::new());
    Status::Usage
}

/// How an option is spelled that was given without its value.
fn how_to_give_a_value(error: &clap::Error) -> Option<String> {
    let of = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let is_without = error.kind() == ErrorKind::InvalidValue && of(ContextKind::InvalidValue) == Some("");
    let (option, value) = of(ContextKind::InvalidArg).filter(|_| is_without)?.split_once(" <")?;
    Some(format!("its value stands right behind it: '{option} {}'", value.trim_end_matches('>')))
}

/// The form of messages that words ask for, which may not be good otherwise.
fn format_wanted(words: &[OsString]) -> Format {
    const OPTION: &str = "--message-format";
    let mut words = words.iter().filter_map(|word| word.to_str()).skip_while(|word| !word.starts_with(OPTION));
    let word = words.next().and_then(|word| match word.strip_prefix(OPTION)? {
        "" => words.next(),
        value => value.strip_prefix('='),
    });
    word.and_then(|word| word.parse().ok()).unwrap_or_default()
}
