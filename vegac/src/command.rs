//! The command `vegac`: its options and what it prints.

use crate::{ast, check, compile, lexer, parser};
use clap::{Parser, ValueEnum};
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use vega_report::command::{ReportOptions, Reporter, Status, parse_words, read_input, write_whole};
use vega_report::{Diagnostic, Sources};

/// Compiles a Vega source to a .vgb file.
#[derive(Debug, Parser)]
#[command(
    name = "vegac",
    version,
    after_help = "Examples:
  vegac hello.vg                 writes hello.vgb
  vegac hello.vg -o prog.vgb
  vegac hello.vg --emit vasm     prints the assembly

Exit status: 0 fine, 1 the source is refused, 2 wrong command line, 4 a limit was reached, 5 a file cannot be read or
written, 70 a fault of vegac."
)]
struct Command {
    /// The source, `-` for standard input
    #[arg(value_name = "SOURCE", required_unless_present = "explain")]
    source: Option<PathBuf>,

    /// Where to write, `-` for standard output [default: the source with the ending .vgb]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Print a value on the way instead of writing the file
    #[arg(long, value_name = "WHAT")]
    emit: Option<Emit>,

    #[command(flatten)]
    report: ReportOptions,
}

/// The values on the way that can be printed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Emit {
    /// The tokens
    Tokens,
    /// The tree
    Ast,
    /// The checked tree
    Checked,
    /// Assembly
    Vasm,
}

/// Runs the command with these words, the first being its name.
pub fn main(words: impl IntoIterator<Item = OsString>) -> Status {
    let command: Command = match parse_words(words, usize::MAX) {
        Ok(command) => command,
        Err(status) => return status,
    };
    match (command.report.explain(), &command.source) {
        (Some(status), _) => status,
        (None, Some(source)) => command.execute(source),
        (None, None) => Status::Usage,
    }
}

impl Command {
    fn execute(&self, source: &Path) -> Status {
        let mut reporter = self.report.reporter();
        let name = display_name(source);
        let bytes = match read_input(source) {
            Ok(bytes) => bytes,
            Err(error) => return io_error(&mut reporter, &name, &format!("cannot be read: {error}")),
        };
        if let Some(emit @ (Emit::Tokens | Emit::Ast | Emit::Checked)) = self.emit {
            return self.emit_early(emit, &name, &bytes, &mut reporter);
        }
        let output = self.output.clone().unwrap_or_else(|| match source.to_str() {
            Some("-") => PathBuf::from("-"),
            _ => source.with_extension("vgb"),
        });
        if self.emit.is_none() && is_same_file(source, &output) {
            let diagnostic = Diagnostic::error("U003", format!("the output `{}` is the source", output.display()));
            reporter.report(&diagnostic.hint("name another file with `-o`"), &Sources::new());
            return Status::Usage;
        }
        let mut sources = Sources::new();
        let compiled = compile(&name, &bytes, &mut sources);
        reporter.report_all(&compiled.diagnostics, &sources);
        reporter.finish(&format!("could not compile `{name}`"));
        let Some(module) = compiled.module else { return failure(&reporter, &compiled.diagnostics) };
        let (written, target) = match self.emit {
            None => (write_whole(&output, module.module().bytes()), output.display().to_string()),
            Some(_) => {
                let text = vega_asm::disassemble(module.module());
                (print(&text.text), "standard output".to_owned())
            }
        };
        match written {
            Ok(()) => Status::Fine,
            Err(error) => io_error(&mut reporter, &target, &format!("cannot be written: {error}")),
        }
    }

    /// What is printed before the source is known to be good.
    fn emit_early(&self, emit: Emit, name: &str, bytes: &[u8], reporter: &mut Reporter) -> Status {
        let mut sources = Sources::new();
        let text = match lexer::text(name, bytes) {
            Ok(text) => text,
            Err(diagnostic) => {
                reporter.report(&diagnostic, &sources);
                return reporter.status();
            }
        };
        let source = sources.add(name, text);
        let (tokens, mut diagnostics) = lexer::lex(source, text);
        let printed = match emit {
            Emit::Tokens => lexer::print(&tokens, text),
            _ => {
                let (file, complaints): (ast::File, _) = parser::parse(source, text, &tokens);
                diagnostics.extend(complaints);
                if matches!(emit, Emit::Checked) {
                    let (program, complaints) = check::check(source, &file);
                    diagnostics.extend(complaints);
                    format!("{program:#?}\n")
                } else {
                    parser::print(&file)
                }
            }
        };
        let written = print(&printed);
        reporter.report_all(&diagnostics, &sources);
        match written {
            Ok(()) => reporter.status(),
            Err(error) => io_error(reporter, "standard output", &format!("cannot be written: {error}")),
        }
    }
}

/// How a source is called in messages.
pub fn display_name(source: &Path) -> String {
    match source.to_str() {
        Some("-") => "<stdin>".to_owned(),
        _ => source.to_string_lossy().into_owned(),
    }
}

/// What a refused source makes of the command; a fault of the compiler is told apart from one of the source.
pub fn failure(reporter: &Reporter, diagnostics: &[Diagnostic]) -> Status {
    if diagnostics.iter().any(|diagnostic| diagnostic.code.starts_with('B')) {
        return Status::Internal;
    }
    reporter.status()
}

fn print(text: &str) -> std::io::Result<()> {
    let mut output = std::io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        // A reader who has gone has seen enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

fn is_same_file(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

fn io_error(reporter: &mut Reporter, file: &str, words: &str) -> Status {
    let diagnostic = Diagnostic::error("I002", words).at(file, "");
    reporter.report(&diagnostic, &Sources::new());
    Status::Io
}
