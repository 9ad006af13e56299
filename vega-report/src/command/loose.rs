//! Words of a command line that stand behind an option without belonging to it, because its value is joined to it by `=`:
//! `--cfg dot` shows a file called `dot`. Where there is no such file, that is what was meant otherwise.

use clap::Command;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::sync::OnceLock;

use crate::quote;

/// Those of the command line, each with the option before it; a process has one.
static LOOSE: OnceLock<BTreeMap<OsString, String>> = OnceLock::new();

/// Remembers those of a command line for [`hint`].
pub(super) fn remember(command: &Command, words: &[OsString]) {
    let pairs = words.iter().zip(words.iter().skip(1));
    let loose = pairs.filter_map(|(option, word)| {
        let option = option.to_str().filter(|option| takes_joined(command, option))?;
        Some((word.clone(), option.to_owned()))
    });
    // The first words that were read were those of the command line.
    let _ = LOOSE.set(loose.collect());
}

/// How an input that is not there would be the value of the option before it.
pub(super) fn hint(input: &Path) -> Option<String> {
    let option = LOOSE.get()?.get(input.as_os_str())?;
    Some(format!("the value of `{option}` is joined to it by `=`: `{option}={}`", quote(&input.to_string_lossy())))
}

/// Whether this is an option of the command, or of one of its own, whose value is joined to it.
fn takes_joined(command: &Command, word: &str) -> bool {
    let own = command.get_arguments().filter(|argument| argument.is_require_equals_set()).any(|argument| {
        let long = || word.strip_prefix("--").is_some_and(|name| argument.get_long() == Some(name));
        let short = || {
            word.strip_prefix('-').is_some_and(|name| argument.get_short().map(String::from).as_deref() == Some(name))
        };
        long() || short()
    });
    own || command.get_subcommands().any(|command| takes_joined(command, word))
}
