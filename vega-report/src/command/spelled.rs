//! An option that has several names is told of by the one that was written.

use clap::error::{ContextKind, ContextValue};
use clap::{Arg, Command, Error};
use std::ffi::OsString;

/// The long options among the words, without dashes and values; few, so that they are kept beside all others.
pub(super) fn names(words: &[OsString]) -> Vec<String> {
    let options = words.iter().take_while(|word| *word != "--").filter_map(|word| word.to_str()?.strip_prefix("--"));
    options.filter_map(|option| option.split('=').next()).map(str::to_owned).collect()
}

/// Puts the name that was written in place of the one that the command has for its option.
pub(super) fn tell(command: &Command, written: &[String], error: &mut Error) {
    let Some(ContextValue::String(told)) = error.get(ContextKind::InvalidArg) else { return };
    let is_written = |name: &str| written.iter().any(|word| word == name);
    let name = told.split(' ').next().and_then(|option| option.strip_prefix("--"));
    let Some(name) = name.filter(|name| !is_written(name)) else { return };
    let aliases = find(command, name).and_then(Arg::get_all_aliases).unwrap_or_default();
    if let Some(alias) = aliases.into_iter().find(|alias| is_written(alias)) {
        let told = told.replacen(name, alias, 1);
        error.insert(ContextKind::InvalidArg, ContextValue::String(told));
    }
}

/// An option of the command, or of one of its own.
fn find<'c>(command: &'c Command, name: &str) -> Option<&'c Arg> {
    let own = command.get_arguments().find(|argument| argument.get_long() == Some(name));
    own.or_else(|| command.get_subcommands().find_map(|command| find(command, name)))
}
