//! Words of a command line that stand in files: `@file` is the words in that file, `@-` those on standard input, among which may
//! be `@other`. As in those of other tools, words have blanks between them, which stand in a word within quotes of either kind or
//! behind a `\`, as any character does.
//!
//! These files are inputs of the command as any others: they are [remembered](files), so that no output writes over one.
//!
//! A file that stands within itself is told, and so is more text than [`MOST`], however often files are named; nothing
//! is read beyond that. Of what fails, the message is that of any other file which cannot be read.

use super::{Reporter, Status, is_standard_stream};
use crate::{Diagnostic, Sources, quote};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Those of all words that were expanded: a command may hand words on to another.
static FILES: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// The bytes that all argument files together may have, each counted as often as it is named.
const MOST: usize = 16 << 20;

/// A file of which some words are still to be taken.
struct Open {
    path: PathBuf,
    /// Last first.
    words: Vec<OsString>,
}

/// The files in which words of the command line stood.
pub(super) fn files() -> BTreeSet<PathBuf> {
    FILES.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// These words, with those of a file in the place of each `@file`.
///
/// # Errors
/// One of the files is no good; that was told.
pub(super) fn expand(words: &[OsString], reporter: &mut Reporter) -> Result<Vec<OsString>, Status> {
    let mut expanded = Vec::with_capacity(words.len());
    let mut open: Vec<Open> = Vec::new();
    let mut files = BTreeSet::new();
    let mut left = MOST;
    for word in words {
        let mut next = Some(word.clone());
        while let Some(word) = next.take() {
            match named_file(&word) {
                Some(path) => {
                    let file = read(path, &open, &mut left, reporter)?;
                    files.insert(file.path.clone());
                    open.push(file);
                }
                None => expanded.push(word),
            }
            while next.is_none() {
                let Some(file) = open.last_mut() else { break };
                next = file.words.pop();
                if next.is_none() {
                    open.pop();
                }
            }
        }
    }
    FILES.lock().unwrap_or_else(PoisonError::into_inner).extend(files);
    Ok(expanded)
}

/// The file for which a word stands.
fn named_file(word: &OsString) -> Option<PathBuf> {
    // A name that is no text is not looked into, so that it stays as it is on every system.
    word.to_str()?.strip_prefix('@').map(PathBuf::from)
}

fn read(path: PathBuf, open: &[Open], left: &mut usize, reporter: &mut Reporter) -> Result<Open, Status> {
    let shown = quote(&path.to_string_lossy());
    if let Some(inner) = open.iter().position(|file| file.path == path) {
        let circle = open.iter().skip(inner + 1).map(|file| quote(&file.path.to_string_lossy()));
        let circle: Vec<String> = circle.map(|name| format!("`@{name}`")).collect();
        let by = if circle.is_empty() { String::new() } else { format!(" by way of {}", circle.join(", ")) };
        let diagnostic = Diagnostic::error("U015", format!("this argument file stands within itself{by}"));
        reporter.report(&diagnostic.at(shown.clone(), "").hint(format!("take `@{shown}` out")), &Sources::new());
        return Err(Status::Usage);
    }
    let text = match text(&path, *left) {
        Ok(text) => text,
        Err(error) => return Err(reporter.unreadable(&path, &error)),
    };
    // A line even of nothing is a word.
    let Some(rest) = left.checked_sub(text.len().max(1)) else {
        let words = format!("argument files have more than {MOST} bytes, each counted as often as it is named");
        let diagnostic = Diagnostic::error("L301", words).at(shown, "");
        reporter.report(&diagnostic.hint("do it in several steps"), &Sources::new());
        return Err(Status::Limit);
    };
    *left = rest;
    let words = split(&text).into_iter().rev().map(OsString::from).collect();
    Ok(Open { path, words })
}

/// The words of a text. A quote that is never closed goes on to the end.
fn split(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote): (_, Option<String>, _) = (Vec::new(), None, None);
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => word.get_or_insert_default().extend(characters.next()),
            _ if quote == Some(character) => quote = None,
            '"' | '\'' if quote.is_none() => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            _ if quote.is_none() && character.is_ascii_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

/// A word as it stands in such a file.
pub fn quoted_word(word: &str) -> String {
    let is_plain = |character: char| !character.is_ascii_whitespace() && !matches!(character, '"' | '\'' | '\\');
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

/// All of a file, or more than `left` bytes of it.
fn text(path: &Path, left: usize) -> io::Result<String> {
    let mut bytes = Vec::new();
    let most = left as u64 + 1;
    if is_standard_stream(path) {
        io::stdin().lock().take(most).read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.take(most).read_to_end(&mut bytes)?;
    }
    let is_cut = bytes.len() > left;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        // It is told as too long.
        Err(error) if is_cut => Ok(String::from_utf8_lossy(error.as_bytes()).into_owned()),
        Err(error) => {
            let from = error.utf8_error().valid_up_to();
            Err(io::Error::new(io::ErrorKind::InvalidData, format!("byte {from} is no UTF-8")))
        }
    }
}
