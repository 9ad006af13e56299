//! `--emit`: the values on the way that are wanted, where each goes, and what a build tool is told of the files.
//!
//! One that is text is printed if it is alone. Several are files beside the source, or beside the file that `-o` names.

use clap::ValueEnum;
use std::path::{Path, PathBuf};
use vega_report::command::{Reporter, Status, is_standard_stream, shown};

/// The values on the way, in the order in which they are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(super) enum Emit {
    /// The tokens
    Tokens,
    /// The tree
    Ast,
    /// The checked tree
    Checked,
    /// Assembly
    Vasm,
    /// The module
    Vgb,
    /// The files that it is made of, as a rule of a Makefile
    Deps,
}

impl Emit {
    /// Whether it is there before the source is known to be good.
    pub(super) fn is_early(self) -> bool {
        matches!(self, Emit::Tokens | Emit::Ast | Emit::Checked)
    }

    /// How one of several was asked for.
    pub(super) fn option(self) -> &'static str {
        match self {
            Emit::Tokens => "--emit tokens",
            Emit::Ast => "--emit ast",
            Emit::Checked => "--emit checked",
            Emit::Vasm => "--emit vasm",
            Emit::Vgb => "--emit vgb",
            Emit::Deps => "--emit deps",
        }
    }

    fn ending(self, is_object: bool) -> &'static str {
        match self {
            Emit::Tokens => "tokens",
            Emit::Ast => "ast",
            Emit::Checked => "checked",
            Emit::Vasm => "vasm",
            Emit::Vgb if is_object => "vgo",
            Emit::Vgb => "vgb",
            Emit::Deps => "d",
        }
    }
}

/// Each of these once, with the file to which it goes.
///
/// # Errors
/// There is no name to make theirs of; that was told.
pub(super) fn places(
    wanted: &[Emit],
    source: &Path,
    output: Option<&Path>,
    is_object: bool,
    reporter: &mut Reporter,
) -> Result<Vec<(Emit, PathBuf)>, Status> {
    let mut wanted = wanted.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    let is_alone = wanted.len() == 1;
    let place = |emit: Emit| {
        let place = match output {
            Some(output) if is_alone => output.to_owned(),
            Some(output) if is_standard_stream(output) => {
                let hint = "say `-o FILE`, or ask for one of them";
                return Err(reporter.misuse("U005", "standard output has no name to make several of", hint));
            }
            Some(output) if emit == Emit::Vgb => output.to_owned(),
            Some(output) => output.with_extension(emit.ending(is_object)),
            None if is_alone && emit != Emit::Vgb => PathBuf::from("-"),
            None => reporter.output_beside(source, emit.ending(is_object))?,
        };
        Ok((emit, place))
    };
    wanted.into_iter().map(place).collect()
}

/// The module that the rule is about: where it goes, or where it would.
pub(super) fn target(places: &[(Emit, PathBuf)], source: &Path, is_object: bool) -> PathBuf {
    match places.iter().find(|(emit, _)| *emit == Emit::Vgb) {
        Some((_, place)) => place.clone(),
        None => source.with_extension(Emit::Vgb.ending(is_object)),
    }
}

/// A rule of a Makefile: the target is made of these files. Each is a target, too, so that one that is gone is no error.
pub(super) fn rule(target: &Path, files: impl Iterator<Item = String>) -> String {
    let files: Vec<String> = files.map(|file| escaped(&file)).collect();
    let alone: String = files.iter().map(|file| format!("\n{file}:\n")).collect();
    format!("{}: {}\n{alone}", escaped(&shown(target)), files.join(" "))
}

/// A name as it is written in a Makefile.
fn escaped(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '$' => escaped.push('$'),
            ' ' | '#' | '\\' | ':' => escaped.push('\\'),
            _ => {}
        }
        escaped.push(letter);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_in_rules() {
        let files = ["a b.vg".to_owned(), "c$#.vgo".to_owned()];
        assert_eq!(
            rule(Path::new("x.vgb"), files.into_iter()),
            "x.vgb: a\\ b.vg c$$\\#.vgo\n\na\\ b.vg:\n\nc$$\\#.vgo:\n"
        );
    }
}
