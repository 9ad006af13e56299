//! What every command says when files cannot be read or written.

use super::files::{MOST_BYTES, directory, is_standard_stream, write_whole};
use super::{Reporter, Status, loose, read_input};
use crate::{Diagnostic, Sources, quote};
use std::io;
use std::path::{Path, PathBuf};

/// A path as messages show it.
pub fn shown(path: &Path) -> String {
    if is_standard_stream(path) { "<stdin>".to_owned() } else { path.display().to_string() }
}

/// The path of an output as messages show it.
pub fn shown_output(path: &Path) -> String {
    if is_standard_stream(path) { "<stdout>".to_owned() } else { shown(path) }
}

/// What the system says of a failure, without the number of its error, which differs from system to system.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let reason = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = reason.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(letters).collect()
}

/// Says that a file cannot be read.
pub fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    if error.kind() == io::ErrorKind::FileTooLarge {
        let words = format!("more than {MOST_BYTES} bytes, and no input may have more");
        return Diagnostic::error("L302", words).at(quote(&shown(path)), "");
    }
    let inside = path.join("main.vg");
    let hint = match error.kind() {
        io::ErrorKind::IsADirectory if inside.is_file() => Some(format!("name `{}`", quote(&shown(&inside)))),
        io::ErrorKind::IsADirectory => Some("name a file in it".to_owned()),
        io::ErrorKind::NotFound => loose::hint(path),
        _ => None,
    };
    failed("read", &shown(path), error, hint)
}

fn failed(what: &str, file: &str, error: &io::Error, hint: Option<String>) -> Diagnostic {
    let diagnostic = Diagnostic::error("I002", format!("cannot be {what}: {}", reason(error))).at(quote(file), "");
    hint.into_iter().fold(diagnostic, Diagnostic::hint)
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
        self.expect_name(input, "standard input", "-o ")?;
        Ok(input.with_extension(extension))
    }

    /// Refuses a stream or device as that after which another file is named; `option` would name it.
    ///
    /// # Errors
    /// It is one; that was told.
    pub fn expect_name(&mut self, file: &Path, stream: &str, option: &str) -> Result<(), Status> {
        let is_stream = is_standard_stream(file);
        if !is_stream && file.metadata().map_or(true, |metadata| metadata.is_file()) {
            return Ok(());
        }
        let name = if is_stream { stream.to_owned() } else { format!("`{}`", quote(&shown(file))) };
        Err(self.misuse("U005", format!("{name} has no name to make another of"), &format!("say `{option}FILE`")))
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
        self.tell(&unreadable(path, error))
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
                self.count_unwritten();
                let folder = directory(path);
                let hint = || format!("there is no folder `{}`; make it first", quote(&shown(folder)));
                self.tell(&failed("written", &shown_output(path), &error, (!folder.is_dir()).then(hint)))
            }
        }
    }

    fn tell(&mut self, diagnostic: &Diagnostic) -> Status {
        self.report(diagnostic, &Sources::new());
        Status::of(diagnostic)
    }
}
