//! `vega run`: compiles a source in memory and runs it.

use clap::{Args, CommandFactory};
use std::ffi::OsString;
use std::path::Path;
use vega_format::Verified;
use vega_report::Sources;
use vega_report::command::{FileKind, Outputs, Status, shown};
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
        let command = || crate::Command::command().find_subcommand("run").cloned().unwrap_or_default();
        if let Err(status) = self.options.refuse_as_file(source, command) {
            return status.run_code();
        }
        let source = Path::new(source);
        match self.compile(source) {
            Ok((module, outputs)) => {
                let target = Target { file: shown(source), command: "vega run".to_owned(), foretold: true };
                vegavm::command::run(module.module().bytes().to_vec(), &target, arguments, &self.options, &outputs)
            }
            Err(status) => status.run_code(),
        }
    }

    /// The program, and where it may write.
    ///
    /// # Errors
    /// There is something wrong with the source, or with the outputs; that was told.
    fn compile(&self, source: &Path) -> Result<(Verified, Outputs), Status> {
        let name = shown(source);
        let mut reporter = self.options.reporter();
        let outputs = self.options.outputs(&mut reporter)?;
        outputs.spare("the source", source, &mut reporter)?;
        let bytes = reporter.read(source)?;
        reporter.expect_kind(source, &bytes, FileKind::Source)?;
        let (mut sources, mut modules) = (Sources::new(), self.search.modules_of(source));
        let compiled = vegac::compile_project(&name, bytes, &mut sources, self.lints.compile(), &mut modules);
        reporter.report_all(&compiled.diagnostics, &sources);
        reporter.leave_out(compiled.untold, compiled.cut_off);
        reporter.finish(&format!("could not compile `{name}`"));
        modules.spare(&outputs, &mut reporter)?;
        let module = compiled.module.ok_or_else(|| reporter.status())?;
        Ok((module, outputs))
    }
}
