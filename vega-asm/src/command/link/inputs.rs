//! The objects that the command line names: found, and read on several threads, each file open no longer than it is read.

use super::LinkCommand;
use crate::link::Input;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use vega_format::Parsed;
use vega_format::error::{FormatError, FormatErrorKind};
use vega_report::command::{Reporter, Status, is_same_file, read_input, shown};
use vega_report::{Diagnostic, Sources, near, quote};

/// The files that are linked. `None` if one that `-l` names is not there; that was told.
pub(super) fn paths(command: &LinkCommand, reporter: &mut Reporter) -> Option<Vec<PathBuf>> {
    let mut paths = command.inputs.clone();
    let mut is_whole = true;
    for name in &command.library_names {
        let names = match name.strip_prefix(':') {
            Some(file) => vec![file.to_owned()],
            None => vec![format!("{name}.vgo"), format!("lib{name}.vgo")],
        };
        let places = command.library_path.iter().flat_map(|folder| names.iter().map(|name| folder.join(name)));
        match places.into_iter().find(|path| path.is_file()) {
            Some(path) => paths.push(path),
            None => {
                reporter.report(&not_found(name, &names, &command.library_path), &Sources::new());
                is_whole = false;
            }
        }
    }
    is_whole.then_some(paths)
}

/// Whether a file is one of these. Of many files, only those are looked at closely that are it by their numbers.
pub(super) fn has(paths: &[PathBuf], file: &Path) -> bool {
    #[cfg(unix)]
    let may_be = {
        use std::os::unix::fs::MetadataExt;
        let number = |path: &Path| path.metadata().ok().map(|metadata| (metadata.dev(), metadata.ino()));
        let wanted = number(file);
        move |path: &PathBuf| wanted.is_some() && number(path) == wanted
    };
    #[cfg(not(unix))]
    let may_be = |_: &PathBuf| true;
    paths.iter().any(|path| (path == file || may_be(path)) && is_same_file(path, file))
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

/// What became of a file.
enum Read {
    Object(Box<Parsed<'static>>),
    Malformed(Box<FormatError>),
    Unreadable(io::Error),
}

/// Reads all that can be read; what is wrong with the others is told, by the order in which they were named.
///
/// # Errors
/// A file cannot be read at all.
pub(super) fn read(paths: &[PathBuf], threads: usize, reporter: &mut Reporter) -> Result<Vec<Input<'static>>, Status> {
    let read = read_all(paths, threads);
    let mut inputs = Vec::with_capacity(paths.len());
    let mut failure = None;
    for (path, read) in paths.iter().zip(read) {
        let name = shown(path);
        match read {
            Read::Object(module) => inputs.push(Input { name, module: *module }),
            Read::Malformed(error) => {
                let diagnostic = Diagnostic::error(error.kind.code(), error.kind.to_string());
                let diagnostic = diagnostic.at(quote(&name), error.place());
                let diagnostic = hint(path, &error.kind).into_iter().fold(diagnostic, Diagnostic::hint);
                reporter.report(&diagnostic, &Sources::new());
            }
            Read::Unreadable(error) => failure = Some(reporter.unreadable(path, &error)),
        }
    }
    failure.map_or(Ok(inputs), Err)
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
        (FormatErrorKind::Version { .. }, _) => {
            Some("link with tools as new as those that wrote it, or compile its source again with these".to_owned())
        }
        // It says so itself.
        (FormatErrorKind::TextMode(_), _) => None,
        _ => Some("the file is damaged; copy it again, or compile its source again".to_owned()),
    }
}

fn read_all(paths: &[PathBuf], threads: usize) -> Vec<Read> {
    /// For fewer files, another thread is not worth its start.
    const FEW: usize = 16;
    if threads <= 1 || paths.len() < FEW {
        return paths.iter().map(|path| read_one(path)).collect();
    }
    let next = AtomicUsize::new(0);
    let mut places: Vec<Mutex<Option<Read>>> = Vec::new();
    places.resize_with(paths.len(), Mutex::default);
    std::thread::scope(|scope| {
        let work = || {
            while let Some((path, place)) = {
                let next = next.fetch_add(1, Ordering::Relaxed);
                paths.get(next).zip(places.get(next))
            } {
                if let Ok(mut place) = place.lock() {
                    *place = Some(read_one(path));
                }
            }
        };
        (1..threads).for_each(|_| drop(scope.spawn(work)));
        work();
    });
    let found = places.into_iter().map(|place| place.into_inner().ok().flatten());
    // What a thread left that did not end well is read here.
    found.zip(paths).map(|(read, path)| read.unwrap_or_else(|| read_one(path))).collect()
}

fn read_one(path: &Path) -> Read {
    match read_input(path) {
        Ok(bytes) => match vega_format::read(bytes) {
            Ok(module) => Read::Object(Box::new(module)),
            Err(error) => Read::Malformed(Box::new(error)),
        },
        Err(error) => Read::Unreadable(error),
    }
}
