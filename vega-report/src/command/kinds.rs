//! The kinds of files that people mix up, and which tool takes which.

use super::{Reporter, Status, shown};
use crate::{Diagnostic, Sources, quote};
use std::path::Path;

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// `.vg`.
    Source,
    /// `.vasm`.
    Listing,
    /// A program, library or object; known by its first bytes.
    Module,
    /// What stood where when a run ended badly; known by its first bytes.
    Dump,
}

impl FileKind {
    /// What a file is, as far as its name or its first bytes tell.
    pub fn of(path: &Path, bytes: &[u8]) -> Option<FileKind> {
        match path.extension().and_then(|extension| extension.to_str()) {
            _ if bytes.starts_with(b"\xf6VEGA") => Some(FileKind::Module),
            _ if bytes.starts_with(crate::dump::FIRST_BYTES) => Some(FileKind::Dump),
            Some("vg") => Some(FileKind::Source),
            Some("vasm") => Some(FileKind::Listing),
            _ => None,
        }
    }

    fn words(self) -> &'static str {
        match self {
            FileKind::Source => "Vega source",
            FileKind::Listing => "a listing",
            FileKind::Module => "a compiled module",
            FileKind::Dump => "a dump of a run",
        }
    }

    fn hint(self, name: &str) -> String {
        match self {
            FileKind::Source => format!("`vega run {name}` runs it, `vegac {name}` compiles it"),
            FileKind::Listing => format!("`vega-asm {name}` assembles it"),
            FileKind::Module => format!("`vegavm {name}` runs it, `vega-objdump {name}` shows it"),
            FileKind::Dump => format!("`vega-objdump {name}` shows it"),
        }
    }
}

impl Reporter {
    /// Refuses a file that is known to be of another kind than the tool takes.
    ///
    /// # Errors
    /// It is; that was told.
    pub fn expect_kind(&mut self, path: &Path, bytes: &[u8], wanted: FileKind) -> Result<(), Status> {
        match FileKind::of(path, bytes).filter(|found| *found != wanted) {
            None => Ok(()),
            Some(found) => {
                let name = quote(&shown(path));
                let title = format!("`{name}` is {}, and {} is wanted", found.words(), wanted.words());
                self.report(&Diagnostic::error("U008", title).hint(found.hint(&name)), &Sources::new());
                Err(Status::Rejected)
            }
        }
    }
}
