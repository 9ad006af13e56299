//! `--reproduce`: an archive with the inputs and the command line. Unpacked, `vega-ld @response.txt` does the same there.
//!
//! The archive holds a folder of its own name, in it the inputs under their paths (without `..` and without the root of the
//! file system), the command line in `response.txt`, and in `version.txt` who wrote it. There are no times or users in it:
//! the same inputs give the same archive.

use super::PRODUCER;
use std::borrow::Cow;
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};
use tar::{Builder, EntryType, Header};
use vega_report::command::{Reporter, Status};

/// Writes it.
///
/// # Errors
/// An input cannot be read, or the archive cannot be written; that was told.
pub(super) fn write(archive: &Path, inputs: &[Cow<'_, Path>], reporter: &mut Reporter) -> Result<(), Status> {
    let mut tar = Builder::new(Vec::new());
    let stem = archive.file_stem().map(PathBuf::from).unwrap_or_default();
    let mut add = |name: &Path, bytes: &[u8]| add(&mut tar, &stem.join(name), bytes);
    let mut kept: Vec<PathBuf> = Vec::new();
    for input in inputs {
        let inside = inside(input);
        let bytes = reporter.read(input)?;
        if !kept.contains(&inside) {
            told(reporter, archive, add(&inside, &bytes))?;
        }
        kept.push(inside);
    }
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    let response = response(&words, inputs, &kept);
    told(reporter, archive, add(Path::new("response.txt"), response.as_bytes()))?;
    told(reporter, archive, add(Path::new("version.txt"), format!("{PRODUCER}\n").as_bytes()))?;
    let bytes = tar.into_inner().map_err(|error| reporter.written(Err(error), archive))?;
    reporter.write(archive, &bytes)
}

fn told(reporter: &mut Reporter, archive: &Path, result: io::Result<()>) -> Result<(), Status> {
    reporter.written(result, archive).ok()
}

fn add(tar: &mut Builder<Vec<u8>>, name: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    tar.append_data(&mut header, name, bytes)
}

/// A path below the folder in which the archive is unpacked.
fn inside(path: &Path) -> PathBuf {
    if path.as_os_str() == "-" {
        return PathBuf::from("stdin.vgo");
    }
    let parts = path.components().filter_map(|part| match part {
        Component::Normal(part) => Some(part),
        Component::ParentDir => Some("up".as_ref()),
        Component::Prefix(_) | Component::RootDir | Component::CurDir => None,
    });
    parts.collect()
}

/// The command line, one word a line, with the inputs as they are called there. What the first run wrote elsewhere is
/// written into that folder.
fn response(words: &[OsString], inputs: &[Cow<'_, Path>], kept: &[PathBuf]) -> String {
    let mut lines = Vec::new();
    let mut words = words.iter().map(|word| word.to_string_lossy().into_owned());
    while let Some(word) = words.next() {
        let is_input = inputs.iter().any(|input| input.as_os_str() == word.as_str());
        match word.as_str() {
            "-l" | "-L" | "--library-path" | "--reproduce" => _ = words.next(),
            "-o" | "--output" => {
                let name = words.next().map(PathBuf::from).unwrap_or_default();
                lines.extend([word, name.file_name().unwrap_or_default().to_string_lossy().into_owned()]);
            }
            _ if is_input || word.starts_with("-l") || word.starts_with("-L") => {}
            _ if word.starts_with("--library-path=") || word.starts_with("--reproduce=") => {}
            _ => lines.push(word),
        }
    }
    lines.extend(kept.iter().map(|path| path.to_string_lossy().into_owned()));
    lines.join("\n") + "\n"
}
