//! The sources that words on a command line name: files as they are, folders for the sources below them.

use std::path::{Path, PathBuf};
use vega_report::Sources;
use vega_report::command::{Reporter, Status, shown};
use vegac::Options;
use vegac::command::SearchOptions;

/// Does something to each of the sources that words name. What of them cannot be looked at is told, and the rest is done.
/// At the end people are told `failed` if anything was wrong.
pub(crate) fn each(
    paths: &[PathBuf],
    reporter: &mut Reporter,
    failed: &str,
    mut act: impl FnMut(&Path, &mut Reporter) -> Result<(), Status>,
) -> Status {
    let paths = match named(paths, reporter) {
        Ok(paths) => paths,
        Err(status) => return status,
    };
    let mut gravest = Status::Fine;
    for path in paths {
        if let Err(status) = act(&path, reporter) {
            gravest = gravest.graver(status);
        }
    }
    reporter.finish(failed);
    reporter.ended(gravest.ok())
}

/// Tells what is wrong with a source; says whether nothing is. It is compiled as an object, which one without `main` can be, too.
pub(crate) fn is_good(
    path: &Path,
    bytes: Vec<u8>,
    options: Options,
    search: &SearchOptions,
    reporter: &mut Reporter,
) -> bool {
    let options = Options { object: true, ..options };
    let (mut sources, mut modules) = (Sources::new(), search.modules_of(path));
    let compiled = vegac::compile_project(&shown(path), bytes, &mut sources, options, &mut modules);
    reporter.report_new(&compiled.diagnostics, &sources);
    reporter.leave_out(compiled.untold, compiled.cut_off);
    compiled.module.is_some()
}

/// The sources, in order of the words, those below a folder by name. Hidden folders and `target` are left out,
/// and what is no file: to read a pipe is to wait.
///
/// # Errors
/// A folder cannot be read; that was told.
pub(crate) fn named(paths: &[PathBuf], reporter: &mut Reporter) -> Result<Vec<PathBuf>, Status> {
    let mut found = Vec::new();
    for path in paths {
        match path.is_dir() {
            true => below(path, &mut found, reporter)?,
            false => found.push(path.clone()),
        }
    }
    Ok(found)
}

fn below(folder: &Path, found: &mut Vec<PathBuf>, reporter: &mut Reporter) -> Result<(), Status> {
    let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut paths: Vec<PathBuf> = match entries {
        Ok(entries) => entries.into_iter().map(|entry| entry.path()).collect(),
        Err(error) => return Err(reporter.unreadable(folder, &error)),
    };
    paths.sort();
    for path in paths {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let is_link = path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
        if name.starts_with('.') || is_link {
            continue;
        }
        if path.is_dir() && name != "target" {
            below(&path, found, reporter)?;
        } else if path.is_file() && path.extension().is_some_and(|extension| extension == "vg") {
            found.push(path);
        }
    }
    Ok(())
}
