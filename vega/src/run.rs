//! `vega run`: compiles a source in memory and runs it.

use clap::Args;
use std::ffi::OsString;
use std::path::PathBuf;
use vega_report::Sources;
use vega_report::command::{FileKind, Status, shown};
use vegac::command::{LintOptions, SearchOptions};
use vegavm::command::{Options, Target};

#[derive(Debug, Args)]
#[command(override_usage = "vega run [OPTIONS] SOURCE [ARGUMENTS]...")]
pub(crate) struct Run {
    #[command(flatten)]
    options: Options,

    #[command(flatten)]
    lints: LintOptions,

    #[command(flatten)]
    search: SearchOptions,

    /// The source, `-` for standard input, and then the program's own arguments
    #[arg(
        value_name = "SOURCE",
        trailing_var_arg = true,
        allow_hyphen_values = true,
        required_unless_present = "explain"
    )]
    program: Vec<OsString>,
}

impl Run {
    /// Gives the exit status of the command.
    pub(crate) fn execute(&self) -> u8 {
        if let Some(status) = self.options.report.explain() {
            return status.run_code();
        }
        let Some((source, arguments)) = self.program.split_first() else { return Status::Usage.run_code() };
        let source = PathBuf::from(source);
        let name = shown(&source);
        let mut reporter = self.options.reporter();
        let mut sources = Sources::new();
        let bytes = match reporter.read(&source) {
            Ok(bytes) => bytes,
            Err(status) => return status.run_code(),
        };
        if let Err(status) = reporter.expect_kind(&source, &bytes, FileKind::Source) {
            return status.run_code();
        }
        let mut modules = self.search.modules_of(&source);
        let compiled = vegac::compile_project(&name, bytes, &mut sources, self.lints.compile(), &mut modules);
        reporter.report_all(&compiled.diagnostics, &sources);
        reporter.finish(&format!("could not compile `{name}`"));
        match compiled.module {
            Some(module) => {
                let target = Target { file: name, command: "vega run".to_owned(), foretold: true };
                vegavm::command::run(module.module().bytes().to_vec(), &target, arguments, &self.options)
            }
            None => vegac::command::failure(&reporter, &compiled.diagnostics).run_code(),
        }
    }
}
