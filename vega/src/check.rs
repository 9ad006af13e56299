//! `vega check`: says what is wrong with sources, and writes nothing; with `--fix`, the sources themselves.

use crate::sources;
use clap::Args;
use std::path::{Path, PathBuf};
use vega_report::command::{FileKind, Outputs, ReportOptions, Reporter, Status, is_standard_stream};
use vegac::Options;
use vegac::command::{LintOptions, SearchOptions};

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Sources, and folders for those below them; `-` for standard input
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,

    /// First make the changes that hints propose and that are certain
    #[arg(long)]
    fix: bool,

    #[command(flatten)]
    lints: LintOptions,

    #[command(flatten)]
    search: SearchOptions,

    #[command(flatten)]
    report: ReportOptions,
}

impl Check {
    pub(crate) fn execute(&self) -> Status {
        if let Some(status) = self.report.explain() {
            return status;
        }
        let mut reporter = self.report.reporter();
        sources::each(&self.paths, &mut reporter, "not every source is good", |path, reporter| {
            self.check(path, reporter)
        })
    }

    /// # Errors
    /// The file cannot be looked at; that was told.
    fn check(&self, path: &Path, reporter: &mut Reporter) -> Result<(), Status> {
        let options = Options { object: true, ..self.lints.compile() };
        let mut bytes = reporter.read(path)?;
        reporter.expect_kind(path, &bytes, FileKind::Source)?;
        if self.fix && !is_standard_stream(path) {
            bytes = vegac::command::fix_file(path, bytes, options, &self.search, &Outputs::default(), reporter)?;
        }
        sources::is_good(path, bytes, options, &self.search, reporter);
        Ok(())
    }
}
