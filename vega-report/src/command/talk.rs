//! What every command says when files cannot be read or written.

use super::{Reporter, Status, read_input};
use crate::{Diagnostic, Sources, quote};
use std::io;
use std::path::{Path, PathBuf};

/// A path as messages show it.
pub fn shown(path: &Path) -> String {
    if path.as_os_str() == "-" { "<stdin>".to_owned() } else { path.display().to_string() }
}

/// Whether two paths lead to one file that is there, by whatever links.
pub fn is_same_file(first: &Path, second: &Path) -> bool {
    let is_stream = first.as_os_str() == "-" || second.as_os_str() == "-";
    let real = |path: &Path| path.canonicalize().ok();
    !is_stream && (first == second || real(first).is_some_and(|first| real(second) == Some(first)))
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
        read_input(path).map_err(|error| self.io_error("read", &shown(path), &error))
    }

    /// Says that something cannot be read.
    pub fn unreadable(&mut self, path: &Path, error: &io::Error) -> Status {
        self.io_error("read", &shown(path), error)
    }

    /// What writing made of the command; a reader who has gone has seen enough.
    pub fn written(&mut self, result: io::Result<()>, to: &Path) -> Status {
        match result {
            Ok(()) => Status::Fine,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Status::Fine,
            Err(error) => {
                let to = if to.as_os_str() == "-" { "<stdout>".to_owned() } else { shown(to) };
                self.io_error("written", &to, &error)
            }
        }
    }

    fn io_error(&mut self, what: &str, file: &str, error: &io::Error) -> Status {
        let text = error.to_string();
        // Without the number of the system's error, which differs from system to system.
        let reason = text.split(" (os error").next().unwrap_or(&text);
        let mut letters = reason.chars();
        let first = letters.next().into_iter().flat_map(char::to_lowercase);
        let reason: String = first.chain(letters).collect();
        let words = format!("cannot be {what}: {reason}");
        self.report(&Diagnostic::error("I002", words).at(quote(file), ""), &Sources::new());
        Status::Io
    }
}
