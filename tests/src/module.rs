//! The libraries of the toolchain as the suites use them: text in, bytes and complaints out.

use std::path::Path;
use vega_asm::{Options, exact};
use vega_format::{Builder, VerifyError};
use vega_report::{Diagnostic, Format, Sources, draw};
use vegac::command::{Search, SearchOptions};
use vegac::project::{Found, Modules};

/// A complaint in the form in which cases expect it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// Its code.
    pub code: String,
    /// Its title.
    pub title: String,
    /// The line at which it points, counted from 1; 0 if it points at none.
    pub line: usize,
}

/// What became of a text.
#[derive(Debug, Clone)]
pub struct Made {
    /// The file, unless it was refused.
    pub bytes: Option<Vec<u8>>,
    /// What was said about it.
    pub complaints: Vec<Complaint>,
    /// The same as people see it.
    pub drawn: String,
}

impl Made {
    fn new(bytes: Option<Vec<u8>>, diagnostics: &[Diagnostic], sources: &Sources) -> Made {
        let complaint = |diagnostic: &Diagnostic| {
            let line = |label: &vega_report::Label| sources.position(label.source, label.span.start).line;
            let (code, title) = (diagnostic.code.to_owned(), diagnostic.title.clone());
            Complaint { code, title, line: diagnostic.primary().map_or(0, line) }
        };
        let draw = |diagnostic| draw(diagnostic, sources, Format::Human, false);
        let drawn = diagnostics.iter().map(draw).collect();
        Made { bytes, complaints: diagnostics.iter().map(complaint).collect(), drawn }
    }

    /// The file.
    ///
    /// # Errors
    /// It was refused; the message is what people see.
    pub fn accepted(self) -> Result<Vec<u8>, String> {
        self.bytes.ok_or(self.drawn)
    }
}

/// Compiles a program.
pub fn compile(name: &str, text: &[u8]) -> Made {
    compile_with(name, text, vegac::Options::default())
}

/// The same with options.
pub fn compile_with(name: &str, text: &[u8], options: vegac::Options) -> Made {
    let mut sources = Sources::new();
    let compiled = vegac::compile_with(name, text, &mut sources, options);
    let bytes = compiled.module.map(|module| module.module().bytes().to_vec());
    Made::new(bytes, &compiled.diagnostics, &sources)
}

/// Compiles the source in a file, with the modules that lie beside it. Messages and the module call it by its name alone.
pub fn compile_file(path: &Path, options: vegac::Options) -> Made {
    compile_in_place(path, &std::fs::read(path).unwrap_or_default(), options)
}

/// The same with another text in the file.
pub fn compile_in_place(path: &Path, bytes: &[u8], options: vegac::Options) -> Made {
    let mut sources = Sources::new();
    let compiled = compiled_in_place(path, bytes, options, &mut sources);
    let bytes = compiled.module.map(|module| module.module().bytes().to_vec());
    Made::new(bytes, &compiled.diagnostics, &sources)
}

/// What is said about such a text.
pub fn complaints_in_place(path: &Path, text: &str) -> Vec<Diagnostic> {
    compiled_in_place(path, text.as_bytes(), vegac::Options::default(), &mut Sources::new()).diagnostics
}

fn compiled_in_place(path: &Path, bytes: &[u8], options: vegac::Options, sources: &mut Sources) -> vegac::Compiled {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut modules = Beside(SearchOptions::default().modules_of(path));
    vegac::compile_project(&name, bytes, sources, options, &mut modules)
}

/// Modules by their names alone, wherever the test lies.
struct Beside(Search);

impl Modules for Beside {
    fn find(&mut self, module: &str) -> Found {
        let name = |path: String| path.rsplit('/').next().unwrap_or_default().to_owned();
        match self.0.find(module) {
            Found::Source(path, bytes) => Found::Source(name(path), bytes),
            Found::Object(path, bytes) => Found::Object(name(path), bytes),
            Found::Nothing { there, .. } => Found::Nothing { searched: vec![".".to_owned()], there },
            other => other,
        }
    }
}

/// Assembles a listing; without `verify`, what the verifier would refuse comes out, too.
pub fn assemble(name: &str, text: &str, verify: bool) -> Made {
    let mut sources = Sources::new();
    let source = sources.add(name, text);
    let (bytes, diagnostics) = vega_asm::assemble(&sources, source, Options { verify, ..Options::default() });
    Made::new(bytes, &diagnostics, &sources)
}

/// Demands that a file is what a builder writes that was filled from it, and disassembles and assembles to itself.
///
/// # Errors
/// It does not.
pub fn check_round_trip(bytes: &[u8]) -> Result<(), String> {
    let parsed = vega_format::read(bytes).map_err(|error| format!("{error} at {}", error.place()))?;
    let rebuilt = Builder::from_parsed(&parsed).write().map_err(|error| error.to_string())?;
    if rebuilt != bytes {
        return Err(format!(
            "read and written, the file differs from byte {:#x} on",
            first_difference(&rebuilt, bytes)
        ));
    }
    let listing = vega_asm::disassemble(&parsed);
    if !listing.losses.is_empty() {
        return Err(format!("the listing cannot say: {}", listing.losses.join("; ")));
    }
    let again = assemble("again.vasm", &listing.text, true).accepted();
    let again = again.map_err(|drawn| format!("the listing does not assemble:\n{drawn}\n{}", listing.text))?;
    if again == bytes {
        return Ok(());
    }
    let place = first_difference(&again, bytes);
    Err(format!("disassembled and assembled, the file differs from byte {place:#x} on:\n{}", listing.text))
}

/// Demands that any bytes, whatever is wrong with them, have a listing that assembles to them.
///
/// # Errors
/// They do not.
pub fn check_listing(bytes: &[u8]) -> Result<(), String> {
    let mut listing = Vec::new();
    let written = match vega_format::read(bytes) {
        Ok(parsed) => exact::write(&parsed, 1, &mut listing),
        Err(error) => exact::write_malformed(bytes, &error, &mut listing),
    };
    written.map_err(|error| error.to_string())?;
    let listing = String::from_utf8(listing).map_err(|error| error.to_string())?;
    let again = assemble("again.vasm", &listing, false).accepted();
    let again = again.map_err(|drawn| format!("the listing does not assemble:\n{drawn}\n{listing}"))?;
    match again == bytes {
        true => Ok(()),
        false => Err(format!("from byte {:#x} on others come out of:\n{listing}", first_difference(&again, bytes))),
    }
}

fn first_difference(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).position(|(a, b)| a != b).unwrap_or(a.len().min(b.len()))
}

/// Why a file is refused, as `(code, place, words)`; the place is an offset in the file or in the code of a function.
pub type Refusal = (String, u64, String);

/// Reads and verifies a file.
///
/// # Errors
/// All reasons for which it is refused; only the verifier gives more than one.
pub fn judge(bytes: &[u8]) -> Result<(), Vec<Refusal>> {
    let parsed = vega_format::read(bytes)
        .map_err(|error| vec![(error.kind.code().to_owned(), error.offset, error.to_string())])?;
    let words = |error: &VerifyError| [vec![error.to_string()], error.notes()].concat().join("\n");
    let refusal = |error: &VerifyError| (error.rule.code().to_owned(), error.offset.into(), words(error));
    vega_format::verify(parsed).map(drop).map_err(|errors| errors.iter().map(refusal).collect())
}
