//! The command `vegac`: its options and what it prints.

mod emit;
mod fixing;
mod library;
mod options;
mod search;

pub use fixing::{fix_file, fixed};
pub use options::LintOptions;
pub use search::{Search, SearchOptions};

use crate::{Options, check_project, compile_project, lexer, parser};
use clap::{Parser, ValueEnum};
use emit::Emit;
use std::borrow::Cow;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use vega_format::Verified;
use vega_format::budget::Budget;
use vega_format::layout::Layout;
use vega_report::command::{
    FileKind, Outputs, ReportOptions, Reporter, SHARED_HELP, Status, guard, is_standard_stream, json, parse_words,
    shown,
};
use vega_report::{Diagnostic, Sources};

/// Compiles a Vega source to a .vgb file.
#[derive(Debug, Parser)]
#[command(
    name = "vegac",
    version,
    after_help = format!("{EXAMPLES}\n\n{SHARED_HELP}")
)]
struct Command {
    /// The source, `-` for standard input
    #[arg(value_name = "SOURCE", required_unless_present_any = ["explain", "write_library"])]
    source: Option<PathBuf>,

    /// Where to write, `-` for standard output [default: the source with the ending .vgb, or .vgo of an object]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Make an object (.vgo), to be imported, or linked by vega-ld
    #[arg(short = 'c', long)]
    object: bool,

    /// Write the objects of the library into this folder, for vega-ld
    #[arg(long, value_name = "FOLDER", conflicts_with = "source")]
    write_library: Option<PathBuf>,

    #[command(flatten)]
    search: SearchOptions,

    /// Give values on the way instead: one alone is printed, several (with commas) are files beside the source
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    emit: Vec<Emit>,

    /// Print what is proved or known of the program; a file is written only if `-o` names it
    #[arg(long, value_name = "WHAT", conflicts_with = "emit")]
    print: Option<Print>,

    /// Print that as JSON
    #[arg(long, requires = "print")]
    json: bool,

    /// First make the changes of the source that hints propose and that are certain
    #[arg(long)]
    fix: bool,

    /// Leave source lines and names out of the file; it does the same
    #[arg(long)]
    strip_debug: bool,

    #[command(flatten)]
    lints: LintOptions,

    #[command(flatten)]
    report: ReportOptions,
}

const EXAMPLES: &str = "\
Examples:
  vegac hello.vg                 writes hello.vgb
  vegac hello.vg -o prog.vgb
  vegac main.vg -I lib           compiles what it imports, too, and links it
  vegac -c geometry.vg           writes geometry.vgo, which others import
  vegac hello.vg --emit vasm     prints the assembly
  vegac main.vg --emit vgb,deps  writes main.vgb, and main.d for make";

/// What can be printed of a compiled program.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Print {
    /// The most bytes that it can ever use, on which path, and which arenas may run out of memory
    Budget,
    /// Where every slot of every arena stands, and from which line to which it lives
    Layout,
}

/// Runs the command with these words, the first being its name.
pub fn main(words: impl IntoIterator<Item = OsString>) -> Status {
    let command: Command = match parse_words(words, usize::MAX) {
        Ok(command) => command,
        Err(status) => return status,
    };
    match (command.report.explain(), &command.source) {
        (Some(status), _) => status,
        (None, source) => {
            let done = guard(Err(Status::Internal), || match (&command.write_library, source) {
                (Some(folder), _) => command.write_library(folder),
                (None, Some(source)) => command.execute(source),
                (None, None) => Err(Status::Usage),
            });
            done.err().unwrap_or_default()
        }
    }
}

/// A file to be written.
type Ready<'r> = (&'r Path, Cow<'r, [u8]>);

impl Command {
    fn execute(&self, source: &Path) -> Result<(), Status> {
        let mut reporter = self.report.reporter();
        let done = self.make(source, &mut reporter);
        reporter.ended(done).ok()
    }

    fn make(&self, source: &Path, reporter: &mut Reporter) -> Result<(), Status> {
        let mut bytes = reporter.read(source)?;
        reporter.expect_kind(source, &bytes, FileKind::Source)?;
        if self.fix && is_standard_stream(source) {
            let hint = "name a file, or leave `--fix` away";
            return Err(reporter.misuse("U007", "standard input cannot be changed", hint));
        }
        let wanted = if self.emit.is_empty() { &[Emit::Vgb][..] } else { &self.emit };
        let places = match (&self.output, self.print) {
            (output, Some(_)) => output.iter().map(|output| (Emit::Vgb, output.clone())).collect(),
            (output, None) => emit::places(wanted, source, output.as_deref(), self.object, reporter)?,
        };
        let option = |emit: Emit| if places.len() == 1 { "-o" } else { emit.option() };
        let files = places.iter().map(|(emit, place)| (option(*emit), place.clone()));
        let printed = self.print.map(|_| ("--print", PathBuf::from("-")));
        let outputs = Outputs::new(files.chain(printed), reporter)?;
        outputs.spare("the source", source, reporter)?;
        if self.fix {
            bytes = fix_file(source, bytes, self.options(), &self.search, &outputs, reporter)?;
        }
        self.emit(&places, &outputs, source, bytes, reporter)
    }

    /// Writes all that is wanted, as far as the source is good.
    fn emit(
        &self,
        places: &[(Emit, PathBuf)],
        outputs: &Outputs,
        source: &Path,
        bytes: Vec<u8>,
        reporter: &mut Reporter,
    ) -> Result<(), Status> {
        let (early, late): (Vec<_>, Vec<_>) = places.iter().partition(|(emit, _)| emit.is_early());
        let mut modules = self.search.modules_of(source);
        let (mut ready, mut said): (Vec<Ready<'_>>, _) = (Vec::new(), None);
        for (emit, output) in &early {
            let mut sources = Sources::new();
            let (text, diagnostics) = self.early(*emit, source, &bytes, &mut modules, &mut sources);
            ready.extend(text.map(|text| (output.as_path(), text.into_bytes().into())));
            said = Some((diagnostics, sources));
        }
        let goes_on = !late.is_empty() || self.print.is_some();
        // Tokens and tree need no module; one that is imported is not written over all the same.
        if !goes_on && modules.found().is_empty() && early.iter().any(|(_, output)| output.is_file()) {
            check_project(&shown(source), &bytes, &mut Sources::new(), self.options(), &mut modules);
        }
        let compiled = goes_on.then(|| self.compile(source, bytes, &mut modules, reporter));
        modules.spare(outputs, reporter)?;
        if let Some(Ok(module)) = &compiled {
            let files = || [source].into_iter().chain(modules.found().iter().map(PathBuf::as_path)).map(shown);
            ready.extend(late.iter().map(|(emit, output)| {
                let bytes = match emit {
                    Emit::Vasm => vega_asm::disassemble(module.module()).text.into_bytes().into(),
                    Emit::Deps => emit::rule(&emit::target(places, source, self.object), files()).into_bytes().into(),
                    _ => module.module().bytes().into(),
                };
                (output.as_path(), bytes)
            }));
        }
        ready.into_iter().try_for_each(|(output, bytes)| reporter.write(output, &bytes))?;
        match (compiled.transpose()?, self.print) {
            (Some(module), Some(print)) => reporter.write(Path::new("-"), self.printed(print, &module).as_bytes()),
            (Some(_), None) => Ok(()),
            (None, _) => {
                said.iter().for_each(|(diagnostics, sources)| reporter.report_all(diagnostics, sources));
                reporter.status().ok()
            }
        }
    }

    fn compile(
        &self,
        source: &Path,
        bytes: Vec<u8>,
        modules: &mut Search,
        reporter: &mut Reporter,
    ) -> Result<Verified, Status> {
        let name = shown(source);
        let mut sources = Sources::new();
        let compiled = compile_project(&name, bytes, &mut sources, self.options(), modules);
        reporter.report_all(&compiled.diagnostics, &sources);
        reporter.leave_out(compiled.untold, compiled.cut_off);
        reporter.finish(&format!("could not compile `{name}`"));
        compiled.module.ok_or_else(|| reporter.status())
    }

    fn printed(&self, print: Print, module: &Verified) -> String {
        match (print, self.json) {
            (Print::Budget, false) => Budget::of(module).to_string(),
            (Print::Layout, false) => Layout::of(module).to_string(),
            (Print::Budget, true) => json(&Budget::of(module)),
            (Print::Layout, true) => json(&Layout::of(module)),
        }
    }

    fn write_library(&self, folder: &Path) -> Result<(), Status> {
        let mut reporter = self.report.reporter();
        library::write(folder, Options { strip_debug: self.strip_debug, ..self.lints.compile() }, &mut reporter)
    }

    fn options(&self) -> Options {
        Options { object: self.object, strip_debug: self.strip_debug, ..self.lints.compile() }
    }

    /// What is there before the source is known to be good.
    fn early(
        &self,
        emit: Emit,
        path: &Path,
        bytes: &[u8],
        modules: &mut Search,
        sources: &mut Sources,
    ) -> (Option<String>, Vec<Diagnostic>) {
        let name = &shown(path);
        if emit == Emit::Checked {
            let (program, diagnostics) = check_project(name, bytes, sources, self.options(), modules);
            let print = |(program, functions)| format!("{program:#?}\n{functions:#?}\n");
            return (program.map(print), diagnostics);
        }
        let source = match lexer::text(name, bytes) {
            Ok(text) => sources.add(name, text),
            Err(diagnostic) => return (None, vec![*diagnostic]),
        };
        let text = sources.text(source);
        let (tokens, mut diagnostics) = lexer::lex(source, text);
        if emit == Emit::Tokens {
            return (Some(lexer::print(&tokens, text)), diagnostics);
        }
        let (file, complaints) = parser::parse(source, text, &tokens);
        diagnostics.extend(complaints);
        (Some(parser::print(&file)), diagnostics)
    }
}
