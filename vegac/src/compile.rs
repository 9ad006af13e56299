//! The whole way from source bytes to a verified module.

use crate::generate::{Origin, generate};
use crate::{check, lexer, parser};
use std::path::Path;
use vega_format::Verified;
use vega_report::{Diagnostic, Level, SourceId, Sources};

/// What became of a source.
#[derive(Debug)]
pub struct Compiled {
    /// The module, unless there were errors. It holds its bytes.
    pub module: Option<Verified>,
    /// What there is to say about the source; the text is in the `Sources` that were given.
    pub diagnostics: Vec<Diagnostic>,
}

/// What the metadata say about who made a module.
pub const PRODUCER: &str = concat!("vegac ", env!("CARGO_PKG_VERSION"));

/// Compiles a source. `name` is what people call it; the module keeps it without what leads there from elsewhere. The
/// text is added to `sources`, so that diagnostics can be drawn.
pub fn compile(name: &str, bytes: &[u8], sources: &mut Sources) -> Compiled {
    let text = match lexer::text(name, bytes) {
        Ok(text) => text,
        Err(diagnostic) => return Compiled { module: None, diagnostics: vec![*diagnostic] },
    };
    let source = sources.add(name, text);
    let (tokens, mut diagnostics) = lexer::lex(source, text);
    let (file, complaints) = parser::parse(source, text, &tokens);
    drop(tokens);
    diagnostics.extend(complaints);
    // The tree of a file that could not be read lacks what was not understood; to complain about that would be noise.
    if diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error) {
        return Compiled { module: None, diagnostics };
    }
    let (program, complaints) = check::check(source, &file);
    drop(file);
    diagnostics.extend(complaints);
    diagnostics.sort_by_key(|diagnostic| diagnostic.primary().map(|label| label.span.start));
    if diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error) {
        return Compiled { module: None, diagnostics };
    }
    let builder = generate(&program, &Origin { name: &name_in_module(name), text, producer: PRODUCER });
    drop(program);
    match finish(&builder) {
        Ok(module) => Compiled { module: Some(module), diagnostics },
        Err(problem) => {
            diagnostics.push(broken(source, problem));
            Compiled { module: None, diagnostics }
        }
    }
}

/// The name of a source as the module keeps it: the same on every machine, so without a way from the root of one.
fn name_in_module(name: &str) -> String {
    let path = Path::new(name);
    let kept = match path.is_absolute() {
        true => path.file_name().map(Path::new).unwrap_or(path),
        false => path.strip_prefix("./").unwrap_or(path),
    };
    kept.to_string_lossy().replace('\\', "/")
}

/// Writes a module and judges it, as every loader will.
fn finish(builder: &vega_format::Builder) -> Result<Verified, String> {
    let bytes = builder.write().map_err(|error| error.to_string())?;
    let parsed = vega_format::read(bytes).map_err(|error| error.to_string())?;
    vega_format::verify(parsed).map_err(|errors| {
        let words: Vec<String> = errors.iter().take(3).map(ToString::to_string).collect();
        words.join("; ")
    })
}

/// What vegac writes always verifies: anything else is a fault of vegac and not of the source.
fn broken(source: SourceId, problem: String) -> Diagnostic {
    Diagnostic::error("B0001", "the compiler made a module that is refused")
        .label(source, 0..0, "of this file")
        .note(problem)
        .hint("this is a fault of vegac; please report it with the source")
}
