//! The options about what is complained of, which `vegac` and the commands of `vega` that compile share.

use crate::Options;
use crate::lints::{LINTS, Levels, Setting, WARNINGS};
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

/// What to complain of.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct LintOptions {
    #[command(flatten)]
    levels: LevelOptions,

    /// The most errors to show, at most 100
    #[arg(long, value_name = "N", default_value_t = Options::MOST_ERRORS, value_parser = clap::value_parser!(u8).range(1..=100))]
    max_errors: u8,
}

impl LintOptions {
    /// How to compile.
    pub fn compile(&self) -> Options {
        Options { levels: self.levels.0, max_errors: self.max_errors, ..Options::default() }
    }
}

/// `-A`, `-W` and `-D`, of which the last about a lint counts.
#[derive(Debug, Clone, Copy, Default)]
struct LevelOptions(Levels);

const SETTINGS: [(&str, char, Setting, &str); 3] = [
    ("allow", 'A', Setting::Allow, "Say nothing about a lint"),
    ("warn", 'W', Setting::Warn, "Warn of a lint"),
    ("deny", 'D', Setting::Deny, "Refuse a source for a lint; `warnings` stands for all that warn"),
];

impl Args for LevelOptions {
    fn augment_args(command: Command) -> Command {
        let lints = || LINTS.iter().map(|lint| PossibleValue::new(lint.name).aliases(lint.alias()));
        let names = || lints().chain([PossibleValue::new(WARNINGS)]);
        SETTINGS.iter().fold(command, |command, (name, short, _, help)| {
            let values = PossibleValuesParser::new(names());
            let argument = Arg::new(*name).long(*name).short(*short).value_name("LINT").help(*help);
            command.arg(argument.value_parser(values).action(ArgAction::Append))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        LevelOptions::augment_args(command)
    }
}

impl FromArgMatches for LevelOptions {
    fn from_arg_matches(matches: &ArgMatches) -> Result<LevelOptions, clap::Error> {
        let mut words = Vec::new();
        for (name, _, setting, _) in SETTINGS {
            let lints = matches.get_many::<String>(name).into_iter().flatten();
            let places = matches.indices_of(name).into_iter().flatten();
            words.extend(places.zip(lints).map(|(place, lint)| (place, lint, setting)));
        }
        words.sort_unstable_by_key(|(place, ..)| *place);
        Ok(LevelOptions(
            words.into_iter().fold(Levels::default(), |levels, (_, lint, setting)| levels.with(lint, setting)),
        ))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = LevelOptions::from_arg_matches(matches)?;
        Ok(())
    }
}
