//! `vega fmt`: brings sources into the one style, or says which are not.

use crate::sources;
use clap::Args;
use std::path::{Path, PathBuf};
use vega_report::command::{FileKind, ReportOptions, Reporter, Status, is_standard_stream, shown};
use vega_report::{Diagnostic, Sources, quote};
use vegac::format::format_source;

#[derive(Debug, Args)]
pub(crate) struct Fmt {
    /// Sources, and folders for those below them; `-` for standard input, which goes to standard output
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,

    /// Change nothing; say which sources are not in style, and end with status 1 if there are any
    #[arg(long)]
    check: bool,

    #[command(flatten)]
    report: ReportOptions,
}

impl Fmt {
    pub(crate) fn execute(&self) -> Status {
        if let Some(status) = self.report.explain() {
            return status;
        }
        let mut reporter = self.report.reporter();
        sources::each(&self.paths, &mut reporter, "not every source is in style", |path, reporter| {
            self.format(path, reporter)
        })
    }

    /// # Errors
    /// The file cannot be read, written or understood; that was told.
    fn format(&self, path: &Path, reporter: &mut Reporter) -> Result<(), Status> {
        let bytes = reporter.read(path)?;
        reporter.expect_kind(path, &bytes, FileKind::Source)?;
        let name = shown(path);
        let mut sources = Sources::new();
        let formatted = match format_source(&name, &bytes, &mut sources) {
            Ok(formatted) => formatted,
            Err(diagnostics) => {
                reporter.report_all(&diagnostics, &sources);
                return Err(reporter.status());
            }
        };
        let is_stream = is_standard_stream(path);
        if self.check {
            if formatted.as_bytes() != bytes {
                let diagnostic = Diagnostic::error("U010", format!("`{}` is not in style", quote(&name)));
                reporter.report(&diagnostic.hint(format!("`vega fmt {}` brings it there", quote(&name))), &sources);
            }
            return Ok(());
        }
        if !is_stream && formatted.as_bytes() == bytes {
            return Ok(());
        }
        reporter.write(path, formatted.as_bytes())
    }
}
