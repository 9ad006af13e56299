//! A long option with one dash, as other linkers and compilers take it: `-shared` is `-s -h …` here, and asks for help.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, Error};
use std::ffi::OsString;

/// The words that may be such options; few, so that they are kept beside all others.
pub(super) fn candidates(words: &[OsString]) -> Vec<String> {
    let options = words.iter().take_while(|word| *word != "--").filter_map(|word| word.to_str());
    let is_short = |word: &&str| word.len() > 2 && word.starts_with('-') && !word.starts_with("--");
    options.filter(is_short).map(str::to_owned).collect()
}

/// What to say instead where a command line was not understood, or taken as a wish for help, and one of these is an option
/// of the command but for a dash.
pub(super) fn error(mut command: Command, candidates: &[String], said: &Error) -> Option<Error> {
    if candidates.is_empty() {
        return None;
    }
    command.build();
    // Who types `-help` and gets it was understood.
    let is_help = |word: &str| said.kind() == ErrorKind::DisplayHelp && word == "-help";
    let word = candidates.iter().find(|word| has(&command, word) && !is_help(word))?;
    let mut error = Error::new(ErrorKind::UnknownArgument).with_cmd(&command);
    let tip = format!("long options have two dashes: '-{word}'");
    error.insert(ContextKind::InvalidArg, ContextValue::String(word.clone()));
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    Some(error)
}

/// Whether it is an option of the command, or of one of its own.
fn has(command: &Command, word: &str) -> bool {
    let name = word.trim_start_matches('-').split('=').next();
    let is_named = |argument: &Arg| {
        argument.get_long() == name
            || argument.get_all_aliases().is_some_and(|all| all.into_iter().any(|other| Some(other) == name))
    };
    command.get_arguments().filter(|argument| argument.get_long().is_some()).any(is_named)
        || command.get_subcommands().any(|command| has(command, word))
}
