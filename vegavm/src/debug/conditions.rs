//! Conditions of breakpoints: `n > 3`, `p.x == a[2]`, `name == "vega"`, `is_done`, as the language writes them.

use super::places::CodePlace;
use super::variables;
use crate::observe::Snapshot;
use core::cmp::Ordering;
use vega_format::parsed::Parsed;
use vega_report::{near, quote};

/// What is to hold where it stops.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    /// What it was set by, for people.
    pub(super) words: String,
    left: Operand,
    /// Nothing where the left side is to be true, or not zero, by itself.
    compared: Option<(Comparison, Operand)>,
}

#[derive(Debug, Clone, PartialEq)]
enum Operand {
    /// A variable or a part of one.
    Path(String),
    /// As a variable shows its value.
    Value(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// Those of two signs before those that begin them.
const COMPARISONS: [(&str, Comparison); 6] = [
    ("==", Comparison::Equal),
    ("!=", Comparison::NotEqual),
    ("<=", Comparison::LessEqual),
    (">=", Comparison::GreaterEqual),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
];

impl Comparison {
    fn holds(self, order: Option<Ordering>) -> bool {
        match self {
            Comparison::Equal => order == Some(Ordering::Equal),
            Comparison::NotEqual => order != Some(Ordering::Equal),
            Comparison::Less => order == Some(Ordering::Less),
            Comparison::LessEqual => order.is_some_and(Ordering::is_le),
            Comparison::Greater => order == Some(Ordering::Greater),
            Comparison::GreaterEqual => order.is_some_and(Ordering::is_ge),
        }
    }
}

impl Condition {
    /// A condition for these places.
    ///
    /// # Errors
    /// It is none, or names what no function of these places has.
    pub(super) fn parse(words: &str, module: &Parsed<'_>, places: &[CodePlace]) -> Result<Condition, String> {
        let words = words.trim();
        let parts = COMPARISONS.iter().find_map(|(sign, comparison)| {
            let (left, right) = outside_of_quotes(words, sign)?;
            Some((left, Some((*comparison, right))))
        });
        let (left, compared) = parts.unwrap_or((words, None));
        let left = Operand::parse(left, module, places)?;
        let compared = match compared {
            Some((comparison, right)) => Some((comparison, Operand::parse(right, module, places)?)),
            None => None,
        };
        Ok(Condition { words: words.to_owned(), left, compared })
    }

    /// Whether it holds in the innermost frame. Nothing does of a variable that is not there.
    pub(super) fn holds(&self, state: &Snapshot<'_>) -> bool {
        let Some(left) = self.left.value(state) else { return false };
        match &self.compared {
            None => left == "true" || left.parse::<f64>().is_ok_and(|number| number != 0.0),
            Some((comparison, right)) => right.value(state).is_some_and(|right| comparison.holds(order(&left, &right))),
        }
    }
}

impl Operand {
    fn parse(words: &str, module: &Parsed<'_>, places: &[CodePlace]) -> Result<Operand, String> {
        let words = words.trim();
        let is_value = words.parse::<f64>().is_ok()
            || matches!(words, "true" | "false")
            || (words.len() > 1 && words.starts_with(['"', '\'']) && words.chars().next_back() == words.chars().next());
        if is_value {
            return Ok(Operand::Value(words.to_owned()));
        }
        let name = words.split(['.', '[']).next().unwrap_or_default().trim();
        if name.is_empty() || !name.chars().all(|character| character.is_alphanumeric() || character == '_') {
            let found = quote(words);
            return Err(format!("`{found}` is no condition, wanted one such as `n > 3`, `p.x == 0` or `is_done`"));
        }
        let names = names(module, places);
        let is_numbered = ["static", "slot", "parameter"].iter().any(|kind| name.starts_with(kind));
        if !is_numbered && !names.iter().any(|known| known == name) {
            let meant = near(name, names.iter().map(String::as_str));
            let meant = meant.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default();
            return Err(format!("there is no variable `{}` in the function{meant}", quote(name)));
        }
        Ok(Operand::Path(words.to_owned()))
    }

    fn value(&self, state: &Snapshot<'_>) -> Option<String> {
        match self {
            Operand::Value(value) => Some(value.clone()),
            Operand::Path(path) => variables::find(state, &state.frame(), path).ok().map(|variable| variable.value),
        }
    }
}

/// The names of all parameters and slots of the functions at these places.
fn names(module: &Parsed<'_>, places: &[CodePlace]) -> Vec<String> {
    let named = places.iter().filter_map(|place| module.debug(place.function));
    named.flat_map(|debug| debug.parameters.into_iter().chain(debug.slots)).map(|name| name.to_string()).collect()
}

/// What stands before a sign and behind it.
fn outside_of_quotes<'w>(words: &'w str, sign: &str) -> Option<(&'w str, &'w str)> {
    let at = words.find(sign)?;
    let (before, behind) = (words.get(..at)?, words.get(at + sign.len()..)?);
    (!before.contains(['"', '\''])).then_some((before, behind))
}

/// Numbers by what they are, other values by how they are shown.
fn order(left: &str, right: &str) -> Option<Ordering> {
    if let (Ok(left), Ok(right)) = (left.parse::<i128>(), right.parse::<i128>()) {
        return Some(left.cmp(&right));
    }
    match (left.parse::<f64>(), right.parse::<f64>()) {
        (Ok(left), Ok(right)) => left.partial_cmp(&right),
        _ => Some(left.cmp(right)),
    }
}
