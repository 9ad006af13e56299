//! The kinds of files that people mix up, and which tool takes which.

use super::{Reporter, Status, shown};
use crate::{Diagnostic, Sources, quote};
use std::path::Path;

/// Where a module says which kind it is.
const KIND_AT: usize = 10;

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// `.vg`.
    Source,
    /// `.vasm`.
    Listing,
    /// A program; modules are known by their first bytes.
    Program,
    /// A module whose functions a host calls.
    Library,
    /// A module that waits for the linker.
    Object,
    /// What stood where when a run ended badly; known by its first bytes.
    Dump,
}

impl FileKind {
    /// What a file is, as far as its name or its first bytes tell.
    pub fn of(path: &Path, bytes: &[u8]) -> Option<FileKind> {
        match path.extension().and_then(|extension| extension.to_str()) {
            _ if bytes.starts_with(b"\xf6VEGA") => Some(match bytes.get(KIND_AT) {
                Some(2) => FileKind::Library,
                Some(3) => FileKind::Object,
                _ => FileKind::Program,
            }),
            _ if bytes.starts_with(crate::dump::FIRST_BYTES) => Some(FileKind::Dump),
            Some("vg") => Some(FileKind::Source),
            Some("vasm") => Some(FileKind::Listing),
            _ => None,
        }
    }

    fn is_module(self) -> bool {
        matches!(self, FileKind::Program | FileKind::Library | FileKind::Object)
    }

    fn words(self) -> &'static str {
        match self {
            FileKind::Source => "Vega source",
            FileKind::Listing => "a listing",
            FileKind::Program => "a compiled program",
            FileKind::Library => "a compiled library",
            FileKind::Object => "an object",
            FileKind::Dump => "a dump of a run",
        }
    }

    /// What can be done with a file of this name and kind.
    pub fn hint(self, name: &str) -> String {
        match self {
            FileKind::Source => format!("`vega run {name}` runs it, `vegac {name}` compiles it"),
            FileKind::Listing => format!("`vega-asm {name}` assembles it"),
            FileKind::Program => format!("`vegavm {name}` runs it, `vega-objdump {name}` shows it"),
            FileKind::Library => format!("hosts call its functions, `vega-objdump {name}` shows it"),
            FileKind::Object => {
                let linked = Path::new(name).with_extension("vgb");
                format!(
                    "`vega-ld {name} -o {}` makes a program of it, `vega-objdump {name}` shows it",
                    linked.display()
                )
            }
            FileKind::Dump => format!("`vega-objdump {name}` shows it"),
        }
    }
}

/// What is told of a module of this name that the verifier refuses: behind the last, where people go on reading, what can be
/// done about all of them.
pub fn refusals(mut told: Vec<Diagnostic>, name: &str) -> Vec<Diagnostic> {
    let name = quote(name);
    let hint = format!("`vega-objdump --why-refused {name}` shows the least listing that is refused for it");
    let last = told.pop().map(|last| last.hint(hint));
    told.extend(last);
    told
}

impl Reporter {
    /// Refuses a file that is known to be of another kind than the tool takes; a module that is no program is looked at by
    /// who wants one.
    ///
    /// # Errors
    /// It is; that was told.
    pub fn expect_kind(&mut self, path: &Path, bytes: &[u8], wanted: FileKind) -> Result<(), Status> {
        match FileKind::of(path, bytes).filter(|found| *found != wanted && !(found.is_module() && wanted.is_module())) {
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
