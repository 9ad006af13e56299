//! `tests/cli`: command lines of the tools, run one after another in a temporary copy of their folder.
//!
//! The first comment lines may say `# status: N` for the last command and `# stdin: TEXT` for all; commands before the
//! last must succeed, or end with the status N if `!N` stands before them. What all of them print stands beside, in
//! `.stdout` and `.stderr`; no file is no output. A command that ends in `> FILE` has that file as its standard output.
//! `# stack: N` gives the tools a stack of so many KiB, `# memory: N` so many KiB of memory. `# form: stderr NAME.schema.json` says that standard error, or standard output, is a
//! JSON document of the form that this file in `spec/` publishes.

use crate::case::{Case, Check, cases};
use crate::golden;
use crate::header::{Header, split_words, unescape};
use crate::schema;
use crate::tools;
use libtest_mimic::Trial;
use std::fs;
use std::path::Path;

/// A test a file.
pub fn trials() -> Vec<Trial> {
    cases("cli", &["cmd"]).into_iter().map(|case| case.trial(check)).collect()
}

fn check(case: &Case) -> Check {
    let text = case.text()?;
    let header = Header::read(&text, &["status", "stdin", "form", "stack", "memory"])?;
    let status = header.one("status").unwrap_or("0");
    let status: i32 = status.parse().map_err(|_| format!("`status: {status}` is no number"))?;
    let input = header.one("stdin").map(unescape).transpose()?.unwrap_or_default();
    let kilobytes = |name| {
        let number = |word: &str| word.parse::<u32>().map_err(|_| format!("`{name}: {word}` is no number"));
        header.one(name).map(number).transpose()
    };
    let (stack, memory) = (kilobytes("stack")?, kilobytes("memory")?);
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    copy_files(case.path.parent().unwrap_or(Path::new(".")), folder.path()).map_err(|error| error.to_string())?;

    let commands: Vec<&str> = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).collect();
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    for (place, command) in commands.iter().enumerate() {
        let is_last = place + 1 == commands.len();
        let (wanted, command) = match command.strip_prefix('!').and_then(|command| command.split_once(' ')) {
            Some((number, command)) => {
                (number.parse().map_err(|_| format!("`!{number}` before a command is no status"))?, command)
            }
            None => (if is_last { status } else { 0 }, *command),
        };
        let (command, file) =
            command.split_once(" > ").map_or((command, None), |(command, file)| (command, Some(file)));
        let words = split_words(command);
        let (tool, arguments) = words.split_first().ok_or("a command without words")?;
        let file = file.map(|file| folder.path().join(file.trim()));
        let own = tools::Own { stack, memory, stdout: file.as_deref() };
        let ran = tools::run_with(own, tool, arguments, folder.path(), &input)?;
        stdout.extend(ran.stdout);
        stderr.extend(ran.stderr);
        if ran.status != wanted {
            let words = String::from_utf8_lossy(&stderr);
            return Err(format!("`{command}` ended with status {}, wanted {wanted}\n{words}", ran.status));
        }
    }
    if commands.is_empty() {
        return Err("no command".to_owned());
    }
    for form in header.all("form") {
        let (stream, schema) = form.split_once(' ').ok_or("`form:` without a stream and a schema")?;
        schema::check_text(schema, if stream == "stderr" { &stderr } else { &stdout })?;
    }
    golden::check_file(&case.beside("stdout"), &stdout)?;
    golden::check_file(&case.beside("stderr"), &stderr)
}

fn copy_files(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let copy = to.join(entry.file_name());
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), copy)?;
        } else {
            fs::create_dir(&copy)?;
            copy_files(&entry.path(), &copy)?;
        }
    }
    Ok(())
}
