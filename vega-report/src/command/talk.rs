//! What every command says when files cannot be read or written.

use super::files::{MOST_BYTES, directory, write_whole};
use super::{Reporter, Status, loose, read_input};
use crate::{Diagnostic, Sources, quote};
use std::io;
use std::path::{Path, PathBuf};

/// A path as messages show it.
pub fn shown(path: &Path) -> String {
    if path.as_os_str() == "-" { "<stdin>".to_owned() } else { path.display().to_string() }
}

/// What the system says of a failure, without the number of its error, which differs from system to system.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let reason = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = reason.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(letters).collect()
}

impl Reporter {
    /// Says what is wrong with the command line.
    pub fn misuse(&mut self, code: &'static str, words: impl Into<String>, hint: &str) -> Status {
        self.report(&Diagnostic::error(code, words).hint(hint), &Sources::new());
        Status::Usage
    }

    /// Where what is made of an input goes if nobody says: beside it, under its name with another ending.
    ///
    /// # Errors
    /// It is a stream or a device; that was told.
    pub fn output_beside(&mut self, input: &Path, extension: &str) -> Result<PathBuf, Status> {
        let is_stream = input.as_os_str() == "-";
        if !is_stream && input.metadata().map_or(true, |metadata| metadata.is_file()) {
            return Ok(input.with_extension(extension));
        }
        let name = if is_stream { "standard input".to_owned() } else { format!("`{}`", quote(&shown(input))) };
        Err(self.misuse("U005", format!("{name} has no name to make another of"), "say `-o FILE`"))
    }

    /// The bytes of an input, `-` for standard input.
    ///
    /// # Errors
    /// It cannot be read; that was told.
    pub fn read(&mut self, path: &Path) -> Result<Vec<u8>, Status> {
        read_input(path).map_err(|error| self.unreadable(path, &error))
    }

    /// Says that something cannot be read.
    pub fn unreadable(&mut self, path: &Path, error: &io::Error) -> Status {
        if error.kind() == io::ErrorKind::FileTooLarge {
            let words = format!("more than {MOST_BYTES} bytes, and no input may have more");
            self.report(&Diagnostic::error("L302", words).at(quote(&shown(path)), ""), &Sources::new());
            return Status::Limit;
        }
        let inside = path.join("main.vg");
        let hint = match error.kind() {
            io::ErrorKind::IsADirectory if inside.is_file() => Some(format!("name `{}`", quote(&shown(&inside)))),
            io::ErrorKind::IsADirectory => Some("name a file in it".to_owned()),
            io::ErrorKind::NotFound => loose::hint(path),
            _ => None,
        };
        self.io_error("read", &shown(path), error, hint)
    }

    /// Writes an output, whole or not at all, `-` being standard output.
    ///
    /// # Errors
    /// It cannot be written; that was told.
    pub fn write(&mut self, path: &Path, bytes: &[u8]) -> Result<(), Status> {
        self.written(write_whole(path, bytes), path).ok()
    }

    /// What writing made of the command; a reader who has gone has seen enough.
    pub fn written(&mut self, result: io::Result<()>, path: &Path) -> Status {
        match result {
            Ok(()) => Status::Fine,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Status::Fine,
            Err(error) => {
                let to = if path.as_os_str() == "-" { "<stdout>".to_owned() } else { shown(path) };
                self.set_unwritten();
                let folder = directory(path);
                let hint = || format!("there is no folder `{}`; make it first", quote(&shown(folder)));
                self.io_error("written", &to, &error, (!folder.is_dir()).then(hint))
            }
        }
    }

    fn io_error(&mut self, what: &str, file: &str, error: &io::Error, hint: Option<String>) -> Status {
        let words = format!("cannot be {what}: {}", reason(error));
        let diagnostic = Diagnostic::error("I002", words).at(quote(file), "");
        self.report(&hint.into_iter().fold(diagnostic, Diagnostic::hint), &Sources::new());
        Status::Io
    }
}
