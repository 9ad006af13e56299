//! Words of a command line that stand behind an option without belonging to it, because its value is joined to it by `=`:
//! `--cfg dot` shows a file called `dot`. Where there is no such file, that is what was meant otherwise.

use clap::{Arg, Command};
use std::ffi::OsString;
use std::path::Path;
use std::sync::OnceLock;

use crate::quote;

/// The command line of a process.
struct Words {
    /// What may be an option, with the word behind it.
    pairs: Vec<[OsString; 2]>,
    /// Describes the options, which takes a third of a start, so that is asked only where it is needed.
    options: fn() -> Command,
}

static WORDS: OnceLock<Words> = OnceLock::new();

/// Remembers a command line, and what describes its options, for [`hint`].
pub(super) fn remember(options: fn() -> Command, words: &[OsString]) {
    let pairs = words.windows(2).filter_map(|pair| <&[OsString; 2]>::try_from(pair).ok());
    let pairs = pairs.filter(|[option, _]| option.as_encoded_bytes().starts_with(b"-")).cloned().collect();
    // The first words that were read were those of the command line.
    let _ = WORDS.set(Words { pairs, options });
}

/// How an input that is not there would be the value of the option before it.
pub(super) fn hint(input: &Path) -> Option<String> {
    let Words { pairs, options } = WORDS.get()?;
    let pairs = pairs.iter().filter(|[_, word]| word == input.as_os_str());
    let options = options();
    let option = pairs.filter_map(|[option, _]| option.to_str()).find(|option| takes(&options, option, input))?;
    Some(format!("the value of `{option}` is joined to it by `=`: `{option}={}`", quote(&input.to_string_lossy())))
}

/// Whether an option of the command, or of one of its own, may have this value, and would be joined to it.
fn takes(command: &Command, option: &str, value: &Path) -> bool {
    let is_named = |argument: &Arg| {
        let long = || option.strip_prefix("--").is_some_and(|name| argument.get_long() == Some(name));
        let short = || {
            option.strip_prefix('-').is_some_and(|name| argument.get_short().map(String::from).as_deref() == Some(name))
        };
        long() || short()
    };
    // Where any name will do, one that ends as our files do is that of a file.
    let may_be = |argument: &Arg| match argument.get_possible_values().as_slice() {
        [] => !value.extension().is_some_and(|ending| ["vg", "vgb", "vgo", "vasm"].iter().any(|ours| ending == *ours)),
        values => value.to_str().is_some_and(|word| values.iter().any(|value| value.matches(word, false))),
    };
    let own = command.get_arguments().filter(|argument| argument.is_require_equals_set());
    own.into_iter().any(|argument| is_named(argument) && may_be(argument))
        || command.get_subcommands().any(|command| takes(command, option, value))
}
