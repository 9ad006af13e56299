//! The options that both tools have, and the way from the command line to an exit status.

use clap::{Args, Parser};
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use vega_report::command::{Color, Reporter, Status};
use vega_report::{Format, explain, quote};

/// What the exit statuses mean, for `--help`.
pub const EXIT_STATUSES: &str = "\
Exit status: 0 all is well, 1 the input is rejected, 2 wrong command line, 4 a limit is reached, \
5 a file cannot be read or written, 70 internal error.";

/// The options of every tool.
#[derive(Debug, Clone, Default, Args)]
pub struct CommonOptions {
    /// How to print errors: human, short (one line each) or json
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub message_format: Format,
    /// When to colour errors: auto, always or never
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Print errors only
    #[arg(short, long)]
    pub quiet: bool,
    /// Say more about an error code, such as A003
    #[arg(long, value_name = "CODE")]
    pub explain: Option<String>,
}

impl CommonOptions {
    /// Prints complaints as the options want it.
    pub fn reporter(&self) -> Reporter {
        Reporter::new(self.message_format, self.color).quiet(self.quiet)
    }

    /// Does what `--explain` asks for, if it is there.
    pub fn explain(&self, reporter: &mut Reporter) -> Option<Status> {
        let code = self.explain.as_deref()?;
        let Some(text) = explain::explain(code) else {
            let near = explain::nearest(code).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            super::complain(reporter, format!("no error has the code `{}`{near}", quote(code)));
            return Some(Status::Usage);
        };
        let result = writeln!(io::stdout(), "{text}");
        Some(super::written(result, "standard output", reporter))
    }
}

/// Parses the command line, with `@file` for arguments in a file, and runs the command.
pub fn main<P: Parser>(run: impl FnOnce(P) -> Status) -> ExitCode {
    let arguments: io::Result<Vec<OsString>> = argfile::expand_args(argfile::parse_fromfile, argfile::PREFIX);
    let status = match arguments {
        Ok(arguments) => match P::try_parse_from(arguments) {
            Ok(options) => catch_unwind(AssertUnwindSafe(|| run(options))).unwrap_or(Status::Internal),
            Err(error) => {
                // Help and version come this way too, and belong to standard output.
                let _ = error.print();
                if error.use_stderr() { Status::Usage } else { Status::Fine }
            }
        },
        Err(error) => {
            super::complain(&mut Reporter::new(Format::Human, Color::Auto), format!("cannot read arguments: {error}"));
            Status::Usage
        }
    };
    ExitCode::from(status.tool_code())
}
