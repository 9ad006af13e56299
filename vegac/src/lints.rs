//! TABLE: the lints, which are complaints whose level a person can set, and the levels that were set.
//!
//! A lint is found at its own level, and [`Levels::judge`] decides at the end what becomes of it. Complaints with a code
//! that no lint has are always errors.

use vega_report::{Diagnostic, Level};

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lint {
    /// The name on the command line.
    pub name: &'static str,
    /// Its code, or the letter with which its codes begin.
    pub code: &'static str,
    /// What it is without a word from anybody.
    pub setting: Setting,
    /// Whether it is told of a source that is refused for another reason; most lints would speak of what is unfinished.
    pub beside_errors: bool,
    /// When it is found.
    pub prose: &'static str,
}

impl Lint {
    /// Whether this is its name, or the code that messages show; the codes of one that has several are none.
    fn is_called(&self, word: &str) -> bool {
        self.name == word || self.alias() == Some(word)
    }

    /// What it is called beside its name.
    pub fn alias(&self) -> Option<&'static str> {
        (self.code.len() > 1).then_some(self.code)
    }
}

/// What a lint does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// Nothing.
    Allow,
    /// It warns.
    Warn,
    /// It refuses the source.
    Deny,
}

/// The lints by name.
pub const LINTS: &[Lint] = &[
    deny("certain-trap", "T", "a line traps whenever it is reached; allowed, it does so when the program runs"),
    Lint { beside_errors: true, ..warn("unused-value", "W0001", "a value is computed and not used") },
    warn("unused-variable", "W0002", "a variable is never read"),
    warn("unused-result", "W0003", "the result of a function that does nothing else is not used"),
    warn("unreachable-code", "W0004", "execution never comes to a place"),
    warn("unused-function", "W0005", "a function is never called"),
    warn("alias-of-freed", "W0006", "an alias is read after the variable whose bytes it views was freed"),
    warn("oversized-arena", "W0007", "of an arena less than a quarter is ever used, and more than 256 bytes are not"),
    warn("needless-free", "W0008", "a variable is freed where its block ends anyway"),
    warn("empty-program", "W0009", "a source has neither functions nor statements"),
    warn("unused-import", "W0010", "a module is imported, and nothing of it is named"),
    warn("unreachable-arm", "W0011", "all types of an arm of a `match` are taken by the arms above"),
    warn("shift-count", "W0012", "a shift by as many bits as the value has, or more"),
    warn(
        "constant-wraps",
        "W0013",
        "integers that are known are too large, or too small, for the type in which they meet",
    ),
    warn("reversed-range", "W0014", "a range of numbers that are written out goes down, so that it is empty"),
    warn("comment-divides", "W0015", "a comment behind a number reads as the rest of a division: `7 // 2`"),
    warn("text-as-format", "W0016", "text that is printed is a format elsewhere, and has its values behind it"),
];

const fn deny(name: &'static str, code: &'static str, prose: &'static str) -> Lint {
    Lint { name, code, setting: Setting::Deny, beside_errors: true, prose }
}

const fn warn(name: &'static str, code: &'static str, prose: &'static str) -> Lint {
    Lint { name, code, setting: Setting::Warn, beside_errors: false, prose }
}

/// The name that stands for all lints that warn.
pub const WARNINGS: &str = "warnings";

/// What was set of each lint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Levels {
    settings: [Option<Setting>; LINTS.len()],
    /// Whether it was allowed by its own name: then nobody hears of it who only wants to hear all warnings.
    allowed: [bool; LINTS.len()],
}

impl Levels {
    /// Sets a lint, or with [`WARNINGS`] all that warn, by themselves or because it was asked, and are not allowed by their
    /// names; whether there is one of this name. The last word about a lint counts.
    pub fn set(&mut self, name: &str, setting: Setting) -> bool {
        let mut is_known = false;
        for ((lint, set), allowed) in LINTS.iter().zip(&mut self.settings).zip(&mut self.allowed) {
            let warns = lint.setting == Setting::Warn || *set == Some(Setting::Warn);
            if lint.is_called(name) {
                *allowed = setting == Setting::Allow;
            } else if name != WARNINGS || !warns || *allowed {
                continue;
            }
            *set = Some(setting);
            is_known = true;
        }
        is_known
    }

    /// The same with one more lint set.
    #[must_use]
    pub fn with(mut self, name: &str, setting: Setting) -> Levels {
        self.set(name, setting);
        self
    }

    /// What becomes of complaints: lints have the levels that were set, and those that are allowed are gone. The first
    /// of each lint says how to do without.
    pub fn judge(&self, diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let told_alone = |code: &str| lint_of(code).is_some_and(|(_, lint)| !lint.beside_errors);
        let mut judged = self.level(diagnostics);
        // A lint that refuses only because it was asked to is no sign of what is unfinished.
        let refuses = |code: &str| lint_of(code).is_none_or(|(_, lint)| lint.setting == Setting::Deny);
        if judged.iter().any(|found| found.level == Level::Error && refuses(found.code)) {
            judged.retain(|found| !told_alone(found.code));
        }
        judged
    }

    fn level(&self, diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let mut told = [false; LINTS.len()];
        let judged = diagnostics.into_iter().filter_map(|diagnostic| {
            let Some((place, lint)) = lint_of(diagnostic.code) else { return Some(diagnostic) };
            let level = match self.setting(place, lint) {
                Setting::Allow => return None,
                Setting::Warn => Level::Warning,
                Setting::Deny => Level::Error,
            };
            let is_first = told.get_mut(place).is_some_and(|told| !std::mem::replace(told, true));
            let diagnostic = Diagnostic { level, ..diagnostic };
            Some(if is_first { diagnostic.note(format!("`-A {}` allows this", lint.name)) } else { diagnostic })
        });
        judged.collect()
    }

    fn setting(&self, place: usize, lint: &Lint) -> Setting {
        self.settings.get(place).copied().flatten().unwrap_or(lint.setting)
    }
}

/// The lint that has a code, and its place in the table.
fn lint_of(code: &str) -> Option<(usize, &'static Lint)> {
    let has_code = |lint: &Lint| if lint.code.len() == 1 { code.starts_with(lint.code) } else { code == lint.code };
    LINTS.iter().enumerate().find(|(_, lint)| has_code(lint))
}

/// Whether a complaint stands whatever the levels are.
pub fn is_hard_error(diagnostic: &Diagnostic) -> bool {
    diagnostic.level == Level::Error && lint_of(diagnostic.code).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vega_report::explain::explain;

    #[test]
    fn a_lint_is_explained_by_its_name_and_by_its_code() {
        for lint in LINTS {
            let Some(code) = lint.alias() else { continue };
            assert!(explain(code).is_some() && explain(lint.name) == explain(code), "{}", lint.name);
        }
    }

    #[test]
    fn a_lint_is_set_by_its_name_or_by_its_code() {
        let set = |word| levels(&[(word, Setting::Deny)]);
        assert_eq!(set("W0002"), set("unused-variable"));
        assert_eq!(set("T"), Levels::default(), "the letter of several codes is no name");
    }

    fn levels(settings: &[(&str, Setting)]) -> Levels {
        settings.iter().fold(Levels::default(), |levels, (name, setting)| levels.with(name, *setting))
    }

    #[test]
    fn the_last_word_on_a_lint_counts_and_all_warnings_are_those_that_would_warn() {
        use Setting::{Allow, Deny, Warn};
        type Case<'c> = (&'c [(&'c str, Setting)], Option<Level>, Option<Level>);
        let cases: [Case<'_>; 10] = [
            (&[], Some(Level::Error), Some(Level::Warning)),
            (&[("certain-trap", Allow), ("unused-value", Deny)], None, Some(Level::Error)),
            (&[("certain-trap", Allow), ("certain-trap", Warn)], Some(Level::Warning), Some(Level::Warning)),
            (&[("warnings", Deny)], Some(Level::Error), Some(Level::Error)),
            (&[("warnings", Allow), ("certain-trap", Warn)], Some(Level::Warning), None),
            (&[("certain-trap", Warn), ("warnings", Allow)], None, None),
            (&[("warnings", Allow), ("unused-value", Warn)], Some(Level::Error), Some(Level::Warning)),
            (&[("unused-value", Deny), ("warnings", Allow)], Some(Level::Error), None),
            (&[("warnings", Deny), ("unused-value", Allow)], Some(Level::Error), None),
            (&[("unused-value", Allow), ("warnings", Deny)], Some(Level::Error), None),
        ];
        for (set, trap, value) in cases {
            for (diagnostic, wanted) in
                [(Diagnostic::error("T001", ""), trap), (Diagnostic::warning("W0001", ""), value)]
            {
                let judged = levels(set).judge(vec![diagnostic]);
                assert_eq!(judged.first().map(|diagnostic| diagnostic.level), wanted, "{set:?}");
            }
        }
        let both = vec![Diagnostic::warning("W0001", ""), Diagnostic::warning("W0002", "")];
        assert_eq!(levels(&[("warnings", Deny)]).judge(both).len(), 2);
        assert!(!Levels::default().set("no-such-lint", Deny));
        assert_eq!(levels(&[("warnings", Allow)]).judge(vec![Diagnostic::error("E0301", "")]).len(), 1);
    }
}
