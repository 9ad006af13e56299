//! Prints diagnostics to standard error, counts them, and says at the end how many there were.

use std::collections::HashSet;
use std::io::{self, Write};
use std::str::FromStr;

use crate::command::Status;
use crate::diagnostic::{Diagnostic, Level, counted};
use crate::draw::{Format, draw};
use crate::source::Sources;

/// Whether to colour: `--color`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Color {
    /// If standard error is a terminal, and the environment (`NO_COLOR`, `CLICOLOR`, `TERM`) has nothing against it.
    #[default]
    Auto,
    /// Yes.
    Always,
    /// No.
    Never,
}

impl Color {
    /// The names of the choices on the command line.
    pub const NAMES: [&str; 3] = ["auto", "always", "never"];

    /// The decision for standard error.
    pub fn on_stderr(self) -> bool {
        self.decide(|| anstream::AutoStream::choice(&io::stderr()))
    }

    /// The decision for standard output.
    pub fn on_stdout(self) -> bool {
        self.decide(|| anstream::AutoStream::choice(&io::stdout()))
    }

    fn decide(self, automatic: impl FnOnce() -> anstream::ColorChoice) -> bool {
        match self {
            Color::Auto => automatic() != anstream::ColorChoice::Never,
            Color::Always => true,
            Color::Never => false,
        }
    }
}

impl FromStr for Color {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "auto" => Ok(Color::Auto),
            "always" => Ok(Color::Always),
            "never" => Ok(Color::Never),
            _ => Err(format!("found `{}`, expected one of {}", crate::quote(name), Self::NAMES.join(", "))),
        }
    }
}

/// Prints diagnostics as they come and remembers what they make of the command.
///
/// Once the reader of the stream has gone it stays quiet, and goes on counting.
pub struct Reporter {
    format: Format,
    color: bool,
    quiet: bool,
    output: Box<dyn Write>,
    reader_gone: bool,
    errors: usize,
    /// Errors that were found and are not printed.
    left_out: usize,
    /// Whether there may be errors that were not looked for.
    cut_off: bool,
    warnings: usize,
    status: Status,
    /// How many of the errors are about what could not be written.
    unwritten: usize,
    /// What [`Reporter::report_new`] printed: the name of a source, a place in it, and a title.
    told: HashSet<(String, usize, String)>,
}

impl Reporter {
    /// Prints to standard error.
    pub fn new(format: Format, color: Color) -> Self {
        Self::to(Box::new(io::stderr()), format, color.on_stderr())
    }

    /// Prints to any stream.
    pub fn to(output: Box<dyn Write>, format: Format, color: bool) -> Self {
        let (quiet, reader_gone, errors, left_out, warnings) = (false, false, 0, 0, 0);
        let (status, unwritten, cut_off, told) = (Status::Fine, 0, false, HashSet::new());
        Reporter {
            format,
            color,
            quiet,
            output,
            reader_gone,
            errors,
            left_out,
            cut_off,
            warnings,
            status,
            unwritten,
            told,
        }
    }

    /// Whether to print errors only: `-q`.
    #[must_use]
    pub fn quiet(mut self, quiet: bool) -> Self {
        self.quiet = quiet;
        self
    }

    /// Prints one diagnostic and counts it.
    pub fn report(&mut self, diagnostic: &Diagnostic, sources: &Sources) {
        match diagnostic.level {
            Level::Error => self.errors += 1,
            Level::Warning => self.warnings += 1,
            Level::Note => {}
        }
        self.status = self.status.graver(Status::of(diagnostic));
        if diagnostic.level == Level::Error || !self.quiet {
            let mut text = draw(diagnostic, sources, self.format, self.color);
            if self.format == Format::Human {
                text.push('\n'); // an empty line between one drawing and the next
            }
            self.print(&text);
        }
    }

    /// Counts errors that were found and are not reported, for there are enough; and whether more were not looked for.
    pub fn leave_out(&mut self, errors: usize, cut_off: bool) {
        self.left_out += errors;
        self.cut_off |= cut_off;
    }

    /// Counts an error that is about what could not be written.
    pub(super) fn count_unwritten(&mut self) {
        self.unwritten += 1;
    }

    /// Prints several.
    pub fn report_all<'a>(&mut self, diagnostics: impl IntoIterator<Item = &'a Diagnostic>, sources: &Sources) {
        for diagnostic in diagnostics {
            self.report(diagnostic, sources);
        }
    }

    /// Prints several but for those that this printed before: of sources that one imports and that are named themselves.
    pub fn report_new<'a>(&mut self, diagnostics: impl IntoIterator<Item = &'a Diagnostic>, sources: &Sources) {
        for diagnostic in diagnostics {
            let place = diagnostic.primary().map(|label| (sources.name(label.source).to_owned(), label.span.start));
            let is_new = match place {
                Some((source, start)) => self.told.insert((source, start, diagnostic.title.clone())),
                None => true,
            };
            if is_new {
                self.report(diagnostic, sources);
            }
        }
    }

    /// How many errors there were.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// How many warnings there were, printed or not.
    pub fn warnings(&self) -> usize {
        self.warnings
    }

    /// What the diagnostics make of the command: the gravest of them.
    pub fn status(&self) -> Status {
        self.status
    }

    /// How a command ended that stopped with this: the gravest of all that was told.
    pub fn ended(&self, done: Result<(), Status>) -> Status {
        done.err().unwrap_or_default().graver(self.status)
    }

    /// The last line of the human form: `error: could not compile `a.vg`: 3 errors, 1 warning`, where `failure` is the
    /// part between the colons. Nothing at all if there was nothing to complain about. The other forms have it where errors
    /// were left out, or may have been.
    pub fn finish(&mut self, failure: &str) {
        let mut counts = Vec::new();
        if self.errors > 0 {
            let shown = if self.left_out > 0 { format!(" ({} shown)", self.errors) } else { String::new() };
            let more = if self.cut_off { " or more" } else { "" };
            counts.push(format!("{}{more}{shown}", counted(self.errors + self.left_out, "error")));
        }
        if self.warnings > 0 && !self.quiet {
            counts.push(counted(self.warnings, "warning"));
        }
        if counts.is_empty() || self.format != Format::Human && self.left_out == 0 && !self.cut_off {
            return;
        }
        let counts = counts.join(", ");
        let failure = if self.unwritten == self.errors { "not everything could be written" } else { failure };
        let last = match self.errors {
            0 => Diagnostic::warning("", counts),
            _ => Diagnostic::error("", format!("{failure}: {counts}")),
        };
        let text = draw(&last, &Sources::new(), self.format, self.color);
        self.print(&text);
    }

    fn print(&mut self, text: &str) {
        if !self.reader_gone {
            self.reader_gone = self.output.write_all(text.as_bytes()).and_then(|()| self.output.flush()).is_err();
        }
    }
}

impl std::fmt::Debug for Reporter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Reporter")
            .field("errors", &self.errors)
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    /// A stream whose text can be looked at, and whose reader may have gone.
    #[derive(Clone, Default)]
    struct Shared {
        text: Arc<Mutex<Vec<u8>>>,
        reader_gone: bool,
    }

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.reader_gone {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            self.text.lock().expect("no one panics while writing").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn run(format: Format, quiet: bool, diagnostics: &[Diagnostic]) -> (String, Status) {
        let stream = Shared::default();
        let mut reporter = Reporter::to(Box::new(stream.clone()), format, false).quiet(quiet);
        reporter.report_all(diagnostics, &Sources::new());
        reporter.finish("could not compile `a.vg`");
        let text = String::from_utf8_lossy(&stream.text.lock().expect("no one panics while writing")).into_owned();
        (text, reporter.status())
    }

    #[test]
    fn the_last_line_counts() {
        let (error, warning) = (Diagnostic::error("E1", "bad"), Diagnostic::warning("W1", "odd"));
        let cases: [(&[Diagnostic], bool, &str); 5] = [
            (&[], false, ""),
            (
                &[error.clone(), warning.clone(), error.clone()],
                false,
                "error: could not compile `a.vg`: 2 errors, 1 warning\n",
            ),
            (std::slice::from_ref(&warning), false, "warning: 1 warning\n"),
            (std::slice::from_ref(&warning), true, ""),
            (&[error.clone(), warning.clone()], true, "error: could not compile `a.vg`: 1 error\n"),
        ];
        for (diagnostics, quiet, last) in cases {
            let (text, _) = run(Format::Human, quiet, diagnostics);
            assert_eq!(text.rsplit("\n\n").next().unwrap_or(""), last, "{text}");
        }
        assert_eq!(run(Format::Short, false, &[error]).0, "error[E1]: bad\n");
    }

    #[test]
    fn the_gravest_outweighs_other_errors() {
        let (error, limit, warning) =
            (Diagnostic::error("E1", ""), Diagnostic::error("L1", ""), Diagnostic::warning("W1", ""));
        let unread = Diagnostic::error("I002", "");
        assert_eq!(run(Format::Short, false, std::slice::from_ref(&warning)).1, Status::Fine);
        assert_eq!(run(Format::Short, false, &[error.clone(), warning]).1, Status::Rejected);
        assert_eq!(run(Format::Short, false, &[error.clone(), limit.clone(), error]).1, Status::Limit);
        assert_eq!(run(Format::Short, false, &[unread, limit]).1, Status::Io);
    }

    #[test]
    fn a_reader_that_has_gone_is_no_trouble() {
        let stream = Shared { reader_gone: true, ..Shared::default() };
        let mut reporter = Reporter::to(Box::new(stream), Format::Human, false);
        reporter.report(&Diagnostic::error("E1", "bad"), &Sources::new());
        reporter.report(&Diagnostic::error("E1", "bad"), &Sources::new());
        reporter.finish("could not compile");
        assert_eq!(reporter.errors(), 2);
    }

    #[test]
    fn choices_have_names() {
        for name in Color::NAMES {
            assert!(name.parse::<Color>().is_ok());
        }
        assert!("sometimes".parse::<Color>().is_err());
        assert!(Color::Always.on_stderr() && !Color::Never.on_stdout());
    }
}
