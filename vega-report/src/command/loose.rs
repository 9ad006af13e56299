//! Words of a command line that stand behind an option without belonging to it, because its value is joined to it by `=`:
//! `--cfg dot` shows a file called `dot`. Where there is no such file, that is what was meant otherwise.

use clap::Command;
use std::ffi::OsString;
use std::path::Path;
use std::sync::OnceLock;

use crate::quote;

/// The command line of a process.
struct Words {
    words: Vec<OsString>,
    /// Describes the options, which takes a third of a start, so that is asked only where it is needed.
    options: fn() -> Command,
}

static WORDS: OnceLock<Words> = OnceLock::new();

/// Remembers a command line, and what describes its options, for [`hint`].
pub(super) fn remember(options: fn() -> Command, words: &[OsString]) {
    // The first words that were read were those of the command line.
    let _ = WORDS.set(Words { words: words.to_vec(), options });
}

/// How an input that is not there would be the value of the option before it.
pub(super) fn hint(input: &Path) -> Option<String> {
    let Words { words, options } = WORDS.get()?;
    let pairs = words.iter().zip(words.iter().skip(1)).filter(|(_, word)| *word == input.as_os_str());
    let options = options();
    let option = pairs.filter_map(|(option, _)| option.to_str()).find(|option| takes_joined(&options, option))?;
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
