//! The objects that the command line names: found, and read on several threads, each file open no longer than it is read.

use super::LinkCommand;
use crate::link::{Input, Unread};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use vega_format::Reader;
use vega_format::error::{FormatError, FormatErrorKind};
use vega_report::command::{FileReader, Outputs, Reporter, Status, is_standard_stream, shown, unreadable};
use vega_report::{Diagnostic, near, quote};

/// The files that are linked; what `-l` names and is not there is unread.
pub(super) fn paths<'c>(command: &'c LinkCommand, unread: &mut Vec<Unread>) -> Vec<Cow<'c, Path>> {
    let mut paths: Vec<Cow<'_, Path>> = command.inputs.iter().map(|path| path.into()).collect();
    // What `-l` brings is there once, however often it is named.
    let place = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut there: BTreeSet<PathBuf> = match command.library_names.is_empty() {
        true => BTreeSet::new(),
        false => paths.iter().map(|path| place(path)).collect(),
    };
    for name in &command.library_names {
        let names = match name.strip_prefix(':') {
            Some(file) => vec![file.to_owned()],
            None => vec![format!("{name}.vgo"), format!("lib{name}.vgo")],
        };
        let places = command.library_path.iter().flat_map(|folder| names.iter().map(|name| folder.join(name)));
        match places.into_iter().find(|path| path.is_file()) {
            Some(path) if there.insert(place(&path)) => paths.push(path.into()),
            Some(_) => {}
            None => {
                let told = not_found(name, &names, &command.library_path);
                unread.push(Unread { file: name.clone(), told });
            }
        }
    }
    paths
}

/// The names of those among the files that only `-l` names; none where it names all.
pub(super) fn along(command: &LinkCommand, paths: &[Cow<'_, Path>]) -> BTreeSet<String> {
    if command.inputs.is_empty() {
        return BTreeSet::new();
    }
    let brought = paths.iter().skip(command.inputs.len());
    let brought = brought.filter(|path| !command.inputs.iter().any(|input| *input == **path));
    brought.map(|path| name(path).into_owned()).collect()
}

fn not_found(wanted: &str, names: &[String], folders: &[PathBuf]) -> Diagnostic {
    let title = format!("there is no object `{}`, which `-l` names", quote(wanted));
    let diagnostic = Diagnostic::error("K014", title);
    if folders.is_empty() {
        return diagnostic.hint("name the folder in which it lies with `-L`");
    }
    let looked = folders.iter().map(|folder| format!("`{}`", quote(&shown(folder))));
    let files: Vec<String> = names.iter().map(|name| format!("`{}`", quote(name))).collect();
    let looked = looked.collect::<Vec<_>>().join(", ");
    let diagnostic = diagnostic.note(format!("looked for {} in {looked}", files.join(" and ")));
    let there: Vec<String> = folders.iter().flat_map(|folder| objects_in(folder)).collect();
    match near(wanted, there.iter().map(String::as_str)) {
        Some(near) => diagnostic.hint(format!("did you mean `-l {}`?", quote(near))),
        None => diagnostic.hint("compile its source with `vegac -c`, or name its folder with `-L`"),
    }
}

/// The names by which `-l` finds the objects of a folder.
fn objects_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter_map(|name| name.strip_suffix(".vgo").map(|name| name.trim_start_matches("lib").to_owned())).collect()
}

/// What became of a file, and its bytes if they are kept.
type Read<'p> = (Result<Input<'p>, Failure>, Option<Vec<u8>>);

/// Why a file gives no object.
enum Failure {
    Malformed(Box<FormatError>),
    Unreadable(io::Error),
    /// It is to be outputs, too.
    Output,
}

/// Reads all that can be read, on so many threads; the others are unread. The bytes of the files come beside, if they are to be
/// kept.
///
/// # Errors
/// A file is one that is to be written.
pub(super) fn read<'p>(
    paths: &'p [Cow<'_, Path>],
    outputs: &Outputs,
    (threads, keeps): (usize, bool),
    unread: &mut Vec<Unread>,
    reporter: &mut Reporter,
) -> Result<(Vec<Input<'p>>, Vec<Vec<u8>>), Status> {
    let read = read_all(paths, outputs, (threads, keeps));
    for (path, (read, _)) in paths.iter().zip(&read) {
        if let Err(Failure::Output) = read {
            outputs.spare("an object that is linked", path, reporter)?;
        }
    }
    let told = |path: &Path, failure| match failure {
        Failure::Malformed(error) => {
            let diagnostic = Diagnostic::error(error.kind.code(), error.kind.to_string());
            let diagnostic = diagnostic.at(quote(&shown(path)), error.place());
            Some(hint(path, &error.kind).into_iter().fold(diagnostic, Diagnostic::hint))
        }
        Failure::Unreadable(error) => Some(unreadable(path, &error)),
        Failure::Output => None,
    };
    // The list stays where it is.
    let mut paths = paths.iter();
    let mut kept = Vec::new();
    let inputs = read.into_iter().filter_map(|(read, bytes)| {
        let path = paths.next()?;
        kept.extend(bytes);
        let tell = |told| unread.push(Unread { file: name(path).into_owned(), told });
        read.map_err(|failure| told(path, failure).into_iter().for_each(tell)).ok()
    });
    let inputs = inputs.collect();
    Ok((inputs, kept))
}

/// What may be done about a file that is no object.
fn hint(path: &Path, error: &FormatErrorKind) -> Option<String> {
    let name = quote(&shown(path));
    let ending = path.extension().and_then(OsStr::to_str);
    match (error, ending) {
        (FormatErrorKind::Magic { .. }, Some("vg")) => {
            Some(format!("only objects are linked; compile it first: `vegac -c {name}`"))
        }
        (FormatErrorKind::Magic { .. }, Some("vasm")) => {
            Some(format!("only objects are linked; assemble it first: `vega-asm -c {name}`"))
        }
        (FormatErrorKind::Magic { .. }, _) => {
            Some("give an object, as `vegac -c` and `vega-asm -c` write it".to_owned())
        }
        _ => error.hint().map(str::to_owned),
    }
}

/// What reads one file after another, on each thread.
#[derive(Default)]
struct Readers {
    files: FileReader,
    modules: Reader,
}

fn read_all<'p>(paths: &'p [Cow<'_, Path>], outputs: &Outputs, (threads, keeps): (usize, bool)) -> Vec<Read<'p>> {
    /// For fewer files, another thread is not worth its start.
    const FEW: usize = 16;
    /// So many files are taken at a time.
    const SHARE: usize = 8;
    let mut places: Vec<Option<Read<'_>>> = paths.iter().map(|_| None).collect();
    let shares = Mutex::new(paths.chunks(SHARE).zip(places.chunks_mut(SHARE)));
    let next = || shares.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        let mut readers = Readers::default();
        while let Some((paths, places)) = next() {
            for (path, place) in paths.iter().zip(places) {
                *place = Some(read_one(&mut readers, outputs, path, keeps));
            }
        }
    };
    std::thread::scope(|scope| {
        let others = if paths.len() < FEW { 0 } else { threads.saturating_sub(1) };
        (0..others).for_each(|_| drop(scope.spawn(work)));
        work();
    });
    // What a thread left that did not end well is read here.
    let again = |path| read_one(&mut Readers::default(), outputs, path, keeps);
    let mut paths = paths.iter();
    let read = |place: Option<Read<'p>>| paths.next().map(|path| place.unwrap_or_else(|| again(path)));
    places.into_iter().filter_map(read).collect()
}

fn read_one<'p>(readers: &mut Readers, outputs: &Outputs, path: &'p Path, keeps: bool) -> Read<'p> {
    let (bytes, number) = match readers.files.read(path) {
        Ok(read) => read,
        Err(error) => return (Err(Failure::Unreadable(error)), None),
    };
    if outputs.over_opened(path, number).is_some() {
        return (Err(Failure::Output), None);
    }
    let kept = keeps.then(|| bytes.clone());
    let read = match readers.modules.read(bytes) {
        Ok(module) => Ok(Input { name: name(path), module }),
        Err(error) => Err(Failure::Malformed(Box::new(error))),
    };
    (read, kept)
}

/// What messages call a file.
fn name(path: &Path) -> Cow<'_, str> {
    match path.to_str().filter(|_| !is_standard_stream(path)) {
        Some(name) => name.into(),
        None => shown(path).into(),
    }
}
