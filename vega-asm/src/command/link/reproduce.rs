//! `--reproduce`: an archive with the inputs and the command line. Unpacked, `vega-ld @response.txt` does the same there.
//!
//! The archive holds a folder of its own name, in it the inputs as they were read under their paths (without `..` and without
//! the root of the file system), the command line in `response.txt`, and in `version.txt` who wrote it. What the first run wrote
//! elsewhere is written into that folder. There are no times or users in it: the same inputs give the same archive.

use super::{LinkCommand, PRODUCER};
use clap::{Arg, ArgMatches, Args, Command, CommandFactory, FromArgMatches};
use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};
use tar::{Builder, EntryType, Header};
use vega_report::command::{Reporter, Status, is_standard_stream, quoted_word};

/// The words of the command line as they were understood, those of argument files among them, where an archive is to hold them.
#[derive(Debug, Clone, Default)]
pub struct Given(Option<ArgMatches>);

impl Given {
    fn of(matches: &ArgMatches) -> Given {
        // Of a large command they are a copy of thousands of paths.
        Given(matches.contains_id("reproduce").then(|| matches.clone()))
    }
}

impl Args for Given {
    fn augment_args(command: Command) -> Command {
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        command
    }
}

impl FromArgMatches for Given {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Given, clap::Error> {
        Ok(Given::of(matches))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Given::of(matches);
        Ok(())
    }
}

/// Writes it, with these inputs in the order in which they are linked.
///
/// # Errors
/// The lock cannot be read, or the archive cannot be written; that was told.
pub(super) fn write(
    archive: &Path,
    command: &LinkCommand,
    inputs: &[(&Path, &[u8])],
    reporter: &mut Reporter,
) -> Result<(), Status> {
    let mut kept = Kept::default();
    let inputs: Vec<String> = inputs.iter().map(|(path, bytes)| kept.keep(&inside(path), bytes.to_vec())).collect();
    let mut lines = Vec::new();
    for argument in LinkCommand::command().get_arguments() {
        for value in command.given.0.iter().flat_map(|given| values(argument, given)) {
            let value = match argument.get_id().as_str() {
                "inputs" | "library_names" | "library_path" | "reproduce" => continue,
                "output" | "map" | "split_debug" | "time_trace" => value.map(|file| kept.place(&last(&file))),
                "budget_lock" => match value.map(PathBuf::from) {
                    Some(lock) if lock.exists() => Some(kept.keep(&inside(&lock), reporter.read(&lock)?)),
                    lock => lock.map(|lock| kept.place(&last(&lock.to_string_lossy()))),
                },
                _ => value,
            };
            let name = argument.get_long().unwrap_or_default();
            lines.push(value.map_or_else(|| format!("--{name}"), |value| format!("--{name}={value}")));
        }
    }
    // What `-l` names may be there to be called only, so it stays so.
    let (named, brought) = inputs.split_at(command.inputs.len().min(inputs.len()));
    if !brought.is_empty() {
        lines.push("-L.".to_owned());
    }
    // A file whose name begins as an option or an argument file does is none.
    let is_word = |name: &str| name.starts_with(['-', '@']);
    lines.extend(named.iter().map(|name| if is_word(name) { format!("./{name}") } else { name.clone() }));
    lines.extend(brought.iter().map(|name| format!("-l:{name}")));
    let response: String = lines.iter().map(|word| quoted_word(word) + "\n").collect();
    kept.files.insert("response.txt".to_owned(), Some(response.into_bytes()));
    kept.files.insert("version.txt".to_owned(), Some(format!("{PRODUCER}\n").into_bytes()));
    let stem = archive.file_stem().map(PathBuf::from).unwrap_or_default();
    let bytes = tar(&stem, &kept.files).map_err(|error| reporter.written(Err(error), archive))?;
    reporter.write(archive, &bytes)
}

/// What was said of an option: a value each time, none where it has none.
fn values(argument: &Arg, given: &ArgMatches) -> Vec<Option<String>> {
    use clap::parser::ValueSource::CommandLine;
    let id = argument.get_id().as_str();
    if given.value_source(id) != Some(CommandLine) {
        return Vec::new();
    }
    let takes = argument.get_action().takes_values();
    let each = given.get_raw_occurrences(id).into_iter().flatten();
    each.map(|mut values| values.next().filter(|_| takes).map(|value| value.to_string_lossy().into_owned())).collect()
}

/// The files of the archive, and those that will be written beside them.
#[derive(Default)]
struct Kept {
    files: BTreeMap<String, Option<Vec<u8>>>,
}

impl Kept {
    /// Keeps a file; gives the name that it has there, which is its own, or with a number if another has that.
    fn keep(&mut self, name: &str, bytes: Vec<u8>) -> String {
        let is_free = |name: &String| self.files.get(name).is_none_or(|there| there.as_ref() == Some(&bytes));
        let name = names(name).find(is_free).unwrap_or_default();
        self.files.insert(name.clone(), Some(bytes));
        name
    }

    /// The name of a file that is written there; standard output is itself.
    fn place(&mut self, name: &str) -> String {
        if is_standard_stream(Path::new(name)) {
            return name.to_owned();
        }
        let name = names(name).find(|name| !self.files.contains_key(name)).unwrap_or_default();
        self.files.insert(name.clone(), None);
        name
    }
}

/// A name, and then those that stand for it where it is taken.
fn names(name: &str) -> impl Iterator<Item = String> {
    let is_own = |name: &String| name == "response.txt" || name == "version.txt";
    let others = (2..).map(move |number| format!("{number}-{name}"));
    [name.to_owned()].into_iter().filter(move |name| !is_own(name)).chain(others)
}

fn tar(folder: &Path, files: &BTreeMap<String, Option<Vec<u8>>>) -> io::Result<Vec<u8>> {
    let mut tar = Builder::new(Vec::new());
    for (name, bytes) in files {
        let Some(bytes) = bytes else { continue };
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, folder.join(name), bytes.as_slice())?;
    }
    tar.into_inner()
}

/// A path below the folder in which the archive is unpacked.
fn inside(path: &Path) -> String {
    if is_standard_stream(path) {
        return "stdin.vgo".to_owned();
    }
    let parts = path.components().filter_map(|part| match part {
        Component::Normal(part) => Some(part),
        Component::ParentDir => Some("up".as_ref()),
        Component::Prefix(_) | Component::RootDir | Component::CurDir => None,
    });
    parts.collect::<PathBuf>().to_string_lossy().into_owned()
}

/// The last part of a path; `-` is its own.
fn last(path: &str) -> String {
    Path::new(path).file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned())
}
