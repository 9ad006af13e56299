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
use emit::{Emit, Noted};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use vega_format::Verified;
use vega_format::budget::Budget;
use vega_format::layout::Layout;
use vega_report::command::{
    EXIT_STATUSES, FileKind, ReportOptions, Reporter, Status, guard, is_same_file, parse_words, shown, write_whole,
};
use vega_report::{Diagnostic, Sources, quote};

/// Compiles a Vega source to a .vgb file.
#[derive(Debug, Parser)]
#[command(
    name = "vegac",
    version,
    after_help = format!("{EXAMPLES}\n\n{EXIT_STATUSES}")
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
        (None, _) if command.write_library.is_some() => guard(Status::Internal, || command.write_library()),
        (None, Some(source)) => guard(Status::Internal, || command.execute(source)),
        (None, None) => Status::Usage,
    }
}

impl Command {
    fn execute(&self, source: &Path) -> Status {
        let mut reporter = self.report.reporter();
        let bytes = match reporter.read(source) {
            Ok(bytes) => bytes,
            Err(status) => return status,
        };
        if let Err(status) = reporter.expect_kind(source, &bytes, FileKind::Source) {
            return status;
        }
        let bytes = match self.fix {
            true if source.as_os_str() == "-" => {
                return reporter.misuse(
                    "U007",
                    "standard input cannot be changed",
                    "name a file, or leave `--fix` away",
                );
            }
            true => match fix_file(source, bytes, self.options(), &self.search, &mut reporter) {
                Ok(bytes) => bytes,
                Err(status) => return status,
            },
            false => bytes,
        };
        let wanted = if self.emit.is_empty() { &[Emit::Vgb][..] } else { &self.emit };
        let places = match (&self.output, self.print) {
            (Some(output), Some(_)) if output.as_os_str() == "-" => {
                return reporter.misuse("U005", "standard output gets what is printed", "name a file for the program");
            }
            (output, Some(_)) => Ok(output.iter().map(|output| (Emit::Vgb, output.clone())).collect()),
            (output, None) => emit::places(wanted, source, output.as_deref(), self.object, &mut reporter),
        };
        let places = match places {
            Ok(places) => places,
            Err(status) => return status,
        };
        if let Some((_, output)) = places.iter().find(|(_, output)| is_same_file(source, output)) {
            let words = format!("`{}` is input and output", quote(&shown(output)));
            return reporter.misuse("U003", words, "name another file with `-o`");
        }
        self.emit(&places, source, bytes, &mut reporter)
    }

    /// Writes all that is wanted, as far as the source is good.
    fn emit(&self, places: &[(Emit, PathBuf)], source: &Path, bytes: Vec<u8>, reporter: &mut Reporter) -> Status {
        let is_last = self.print.is_none() && places.iter().all(|(emit, _)| emit.is_early());
        let early = places.iter().take_while(|(emit, _)| emit.is_early());
        let mut said = None;
        for (emit, output) in early {
            let mut sources = Sources::new();
            let (text, diagnostics) = self.early(*emit, source, &bytes, &mut sources);
            let written = text.map(|text| reporter.written(write_whole(output, text.as_bytes()), output));
            if let Some(written) = written.filter(|written| *written != Status::Fine) {
                return written;
            }
            said = Some((diagnostics, sources));
        }
        if let (true, Some((diagnostics, sources))) = (is_last, said) {
            reporter.report_all(&diagnostics, &sources);
            return reporter.status();
        }
        let (module, files) = match self.compile(source, bytes, reporter) {
            Ok(compiled) => compiled,
            Err(status) => return status,
        };
        for (emit, output) in places.iter().filter(|(emit, _)| !emit.is_early()) {
            let written = match emit {
                Emit::Vasm => write_whole(output, vega_asm::disassemble(module.module()).text.as_bytes()),
                Emit::Deps => {
                    let target = emit::target(places, source, self.object);
                    write_whole(output, emit::rule(&target, &files).as_bytes())
                }
                _ => write_whole(output, module.module().bytes()),
            };
            let written = reporter.written(written, output);
            if written != Status::Fine {
                return written;
            }
        }
        match self.print {
            Some(print) => {
                let output = Path::new("-");
                reporter.written(write_whole(output, self.printed(print, &module).as_bytes()), output)
            }
            None => Status::Fine,
        }
    }

    /// The module, and the files of which it is made.
    fn compile(
        &self,
        source: &Path,
        bytes: Vec<u8>,
        reporter: &mut Reporter,
    ) -> Result<(Verified, Vec<String>), Status> {
        let name = shown(source);
        let mut sources = Sources::new();
        let mut modules = Noted { modules: self.search.modules_of(source), files: vec![name.clone()] };
        let compiled = compile_project(&name, bytes, &mut sources, self.options(), &mut modules);
        reporter.report_all(&compiled.diagnostics, &sources);
        reporter.finish(&format!("could not compile `{name}`"));
        match compiled.module {
            Some(module) => Ok((module, modules.files)),
            None => Err(failure(reporter, &compiled.diagnostics)),
        }
    }

    fn printed(&self, print: Print, module: &Verified) -> String {
        match (print, self.json) {
            (Print::Budget, false) => Budget::of(module).to_string(),
            (Print::Layout, false) => Layout::of(module).to_string(),
            (Print::Budget, true) => json(&Budget::of(module)),
            (Print::Layout, true) => json(&Layout::of(module)),
        }
    }

    fn write_library(&self) -> Status {
        let mut reporter = self.report.reporter();
        let folder = self.write_library.as_deref().unwrap_or(Path::new("."));
        library::write(folder, Options { strip_debug: self.strip_debug, ..self.lints.compile() }, &mut reporter)
    }

    fn options(&self) -> Options {
        Options { object: self.object, strip_debug: self.strip_debug, ..self.lints.compile() }
    }

    /// What is there before the source is known to be good.
    fn early(&self, emit: Emit, path: &Path, bytes: &[u8], sources: &mut Sources) -> (Option<String>, Vec<Diagnostic>) {
        let name = &shown(path);
        if emit == Emit::Checked {
            let mut modules = self.search.modules_of(path);
            let (program, diagnostics) = check_project(name, bytes, sources, self.options(), &mut modules);
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

fn json(value: &impl serde::Serialize) -> String {
    // Numbers, names and lists always have a form.
    serde_json::to_string_pretty(value).map(|text| text + "\n").unwrap_or_default()
}

/// What a refused source makes of the command; a fault of the compiler is told apart from one of the source.
pub fn failure(reporter: &Reporter, diagnostics: &[Diagnostic]) -> Status {
    if diagnostics.iter().any(|diagnostic| diagnostic.code.starts_with('B')) {
        return Status::Internal;
    }
    reporter.status()
}
