//! What a command writes, said before it writes anything: no two outputs are one file, and none is an input. The files in
//! which words of the command line stand are inputs of every command; of others, the command says which they are.
//!
//! A file is known by what the file system knows it by, whatever paths and links lead to it; one that is not there yet by its
//! folder and its name. What swallows or shows the bytes of everybody, as `/dev/null` or a terminal, is nobody's own.

use super::files::{FileNumber, directory, follow_links, is_standard_stream, number};
use super::{Reporter, Status, shown, words};
use crate::quote;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

/// The outputs of a command. No two of them are one file.
#[derive(Debug, Default)]
pub struct Outputs {
    files: Vec<Output>,
}

#[derive(Debug)]
struct Output {
    option: &'static str,
    /// Nothing if it is nobody's own.
    identity: Option<Identity>,
}

#[derive(Debug, PartialEq, Eq)]
enum Identity {
    Number(u64, u64),
    /// Where the system has no numbers, and of what is not there.
    Path(PathBuf),
}

impl Outputs {
    /// Files that are to be written, each with the option that says where; `-` is standard output.
    ///
    /// # Errors
    /// Two are one file, or one has words of the command line; that was told.
    pub fn new(
        files: impl IntoIterator<Item = (&'static str, PathBuf)>,
        reporter: &mut Reporter,
    ) -> Result<Outputs, Status> {
        let mut outputs = Outputs::default();
        for (option, path) in files {
            let identity = identity(named(&path, "/dev/stdout"));
            if let Some(other) = outputs.with(identity.as_ref()) {
                let name = match is_standard_stream(&path) {
                    true => "standard output".to_owned(),
                    false => format!("`{}`", quote(&shown(&path))),
                };
                let words = format!("{name} would be written by `{}` and by `{option}`", other.option);
                return Err(reporter.misuse("U016", words, "let one of them write to another file"));
            }
            outputs.files.push(Output { option, identity });
        }
        for file in words::files() {
            outputs.spare("an argument file", &file, reporter)?;
        }
        Ok(outputs)
    }

    /// Refuses an input that would be written over; `role` says what it is to the command.
    ///
    /// # Errors
    /// It would; that was told.
    pub fn spare(&self, role: &str, input: &Path, reporter: &mut Reporter) -> Result<(), Status> {
        match self.over(input) {
            None => Ok(()),
            Some(option) => {
                let words = format!("`{}` is {role}, and `{option}` would write over it", quote(&shown(input)));
                Err(reporter.misuse("U003", words, &format!("let `{option}` write to another file")))
            }
        }
    }

    /// The option that would write over an input.
    pub fn over(&self, input: &Path) -> Option<&'static str> {
        let input = named(input, "/dev/stdin");
        // Of a pipe the same bytes are not read again, also if it goes both ways.
        let identity =
            Some(&input).filter(|_| !self.files.is_empty() && input.is_file()).and_then(|input| identity(input));
        self.with(identity.as_ref()).map(|output| output.option)
    }

    /// The same of an input that was opened, which asks the system no more.
    pub fn over_opened(&self, input: &Path, number: FileNumber) -> Option<&'static str> {
        match number {
            None => self.over(input),
            Some((device, file)) => self.with(Some(&Identity::Number(device, file))).map(|output| output.option),
        }
    }

    fn with(&self, identity: Option<&Identity>) -> Option<&Output> {
        let identity = identity?;
        self.files.iter().find(|output| output.identity.as_ref() == Some(identity))
    }
}

/// The path by which the system knows what `-` stands for.
fn named<'p>(path: &'p Path, stream: &'p str) -> &'p Path {
    if is_standard_stream(path) { Path::new(stream) } else { path }
}

fn identity(path: &Path) -> Option<Identity> {
    let Ok(metadata) = fs::metadata(path) else {
        let target = follow_links(path).ok()?;
        let folder = directory(&target).canonicalize().ok()?;
        return Some(Identity::Path(folder.join(target.file_name()?)));
    };
    if takes_everything(&metadata) {
        return None;
    }
    match number(&metadata) {
        Some((device, file)) => Some(Identity::Number(device, file)),
        None => path.canonicalize().ok().map(Identity::Path),
    }
}

#[cfg(unix)]
fn takes_everything(metadata: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    metadata.file_type().is_char_device()
}

#[cfg(not(unix))]
fn takes_everything(_: &Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;

    fn reporter() -> Reporter {
        Reporter::to(Box::new(std::io::sink()), Format::Human, false)
    }

    fn are_distinct(first: &Path, second: &Path) -> bool {
        let outputs = Outputs::new([("-o", first.to_owned()), ("--map", second.to_owned())], &mut reporter());
        let input = Outputs::new([("-o", first.to_owned())], &mut reporter()).expect("there is one");
        if second.is_file() {
            assert_eq!(outputs.is_ok(), input.over(second).is_none(), "{} {}", first.display(), second.display());
        }
        outputs.is_ok()
    }

    #[test]
    fn files_are_told_apart_whatever_leads_to_them() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("in"))?;
        fs::write(at("there"), b"")?;
        assert!(are_distinct(&at("there"), &at("new")) && are_distinct(&at("new"), &at("in/new")));
        for name in ["there", "new"] {
            assert!(!are_distinct(&at(name), &at(name)) && !are_distinct(&at(name), &at("in/..").join(name)));
        }
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn links_lead_to_files_and_devices_are_nobodys() -> std::io::Result<()> {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir()?;
        let at = |name: &str| folder.path().join(name);
        fs::write(at("there"), b"")?;
        fs::hard_link(at("there"), at("hard"))?;
        symlink("there", at("soft"))?;
        symlink("new", at("dangling"))?;
        assert!(!are_distinct(&at("there"), &at("hard")) && !are_distinct(&at("soft"), &at("hard")));
        assert!(!are_distinct(&at("dangling"), &at("new")));
        assert!(are_distinct(Path::new("/dev/null"), Path::new("/dev/null")));
        Ok(())
    }
}
