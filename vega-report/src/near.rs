//! "Did you mean": the nearest of several names.
//!
//! Nearness is the Damerau–Levenshtein distance (insert, delete, replace, swap neighbours) over Unicode scalars.
//! Names beyond [`LONGEST`] scalars are never near anything, which bounds the work a candidate costs.

/// The longest name, in Unicode scalars, that is compared.
pub const LONGEST: usize = 64;

/// A name that was probably meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Near<'a> {
    /// The name.
    pub name: &'a str,
    /// Whether there is no doubt: one slip away, of a kind that fingers make, and the only one that is; the name has at
    /// least [`SURE`] scalars.
    pub is_certain: bool,
}

/// The shortest name, in Unicode scalars, of which one slip leaves no doubt.
const SURE: usize = 4;
/// The same where the slip is another letter, which makes another word of a short one.
const SURE_OF_ANOTHER: usize = 6;

/// The candidate nearest to `name`, as [`nearest`] finds it.
pub fn near<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest(name, candidates).map(|near| near.name)
}

/// The candidate nearest to `name`, if it is near enough to be a slip of the fingers: a third of the name's length
/// may differ (at least one character), and a name that differs in case alone is always near. Of equals the least in
/// the order of text wins.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<Near<'a>> {
    let written = name;
    let name: Vec<char> = name.chars().take(LONGEST + 1).collect();
    if name.is_empty() || name.len() > LONGEST {
        return None;
    }
    let furthest = (name.len() / 3).max(1);
    let lower: Vec<char> = name.iter().flat_map(|character| character.to_lowercase()).collect();
    let mut best: Option<(usize, &str)> = None;
    let mut rival = false;
    for candidate in candidates {
        let letters: Vec<char> = candidate.chars().take(LONGEST + 1).collect();
        if letters.is_empty() || letters.len() > LONGEST || letters.len().abs_diff(name.len()) > furthest {
            continue;
        }
        let same_but_case = letters.iter().flat_map(|character| character.to_lowercase()).eq(lower.iter().copied());
        let distance = if same_but_case { 0 } else { distance(&name, &letters) };
        // A name of which nothing is left is no slip: `a` is not near `b`.
        let near_enough = distance <= furthest && distance < name.len().max(letters.len());
        if !near_enough {
            continue;
        }
        rival |= distance <= 1 && best.is_some_and(|(least, other)| least <= 1 && other != candidate);
        if best.is_none_or(|least| (distance, candidate) < least) {
            best = Some((distance, candidate));
        }
    }
    let (distance, found) = best?;
    let is_certain = distance <= 1 && !rival && name.len() >= SURE && !tells_apart(written, found);
    Some(Near { name: found, is_certain })
}

/// Whether two names that are one slip apart differ where names are told apart on purpose: in a digit, at the first letter,
/// by another last one, or by another one at all if they are short. `player2` is not `player1`, `flower` not `lower`, `pos_y`
/// not `pos_x`, and `lift` not `left`. Swapped letters are a slip wherever they stand.
fn tells_apart(name: &str, other: &str) -> bool {
    let [name, other] = [name, other].map(|name| name.to_lowercase().chars().collect::<Vec<char>>());
    let is_short = name.len() < SURE_OF_ANOTHER;
    let before = name.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let [name, other] = [&name, &other].map(|letters| letters.get(before..).unwrap_or_default());
    let behind = name.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
    let [name, other] = [name, other].map(|letters| letters.get(..letters.len() - behind).unwrap_or_default());
    let has_digit = name.iter().chain(other).any(|letter| letter.is_numeric());
    let is_swap = name.len() == 2;
    let is_another = !name.is_empty() && !other.is_empty();
    has_digit
        || !is_swap && (name.len(), other.len()) != (0, 0) && (before == 0 || is_another && (behind == 0 || is_short))
}

/// The distance with swaps of neighbours ("optimal string alignment"), by three rows of the usual table.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut before: Vec<usize> = vec![0; right.len() + 1];
    let mut above: Vec<usize> = (0..=right.len()).collect();
    let mut row: Vec<usize> = vec![0; right.len() + 1];
    for (i, &from) in left.iter().enumerate() {
        row[0] = i + 1;
        for (j, &to) in right.iter().enumerate() {
            let replaced = above[j] + usize::from(from != to);
            row[j + 1] = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            let swapped = i > 0 && j > 0 && from == right[j - 1] && left[i - 1] == to;
            if swapped {
                row[j + 1] = row[j + 1].min(before[j - 1] + 1);
            }
        }
        std::mem::swap(&mut before, &mut above);
        std::mem::swap(&mut above, &mut row);
    }
    above[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_slip_and_nothing_else() {
        let candidates = ["count", "point", "total", "VAR_LOAD", "VAR_STORE", "x", "länge"];
        let cases = [
            ("cuont", Some("count")),
            ("counts", Some("count")),
            ("pont", Some("point")),
            ("var_load", Some("VAR_LOAD")),
            ("VAR_LAOD", Some("VAR_LOAD")),
            ("X", Some("x")),
            ("laenge", Some("länge")),
            ("lange", Some("länge")),
            ("y", None),
            ("elephant", None),
            ("", None),
        ];
        for (name, expected) in cases {
            assert_eq!(near(name, candidates), expected, "{name}");
        }
        assert_eq!(near(&"x".repeat(1_000_000), candidates), None);
    }

    #[test]
    fn one_slip_from_one_name_leaves_no_doubt() {
        let certain = |name, candidates: &[&'static str]| {
            nearest(name, candidates.iter().copied()).is_some_and(|near| near.is_certain)
        };
        assert!(certain("cuont", &["count", "point", "count"]));
        assert!(certain("Count", &["count", "counter"]));
        assert!(certain("ocunt", &["count"]));
        assert!(certain("total_1", &["totl_1"]));
        assert!(certain("indxe", &["index"]));
        // Names that are told apart by a digit, by the first letter, or by the last.
        for (name, other) in [("player2", "player1"), ("LEVEL", "LEVEL1"), ("row12", "row21"), ("flower", "lower")] {
            assert!(!certain(name, &[other]) && !certain(other, &[name]), "{name} {other}");
        }
        assert!(!certain("pos_y", &["pos_x"]));
        assert!(!certain("lift", &["left"]) && certain("courser", &["courier"]));
        // Two names, two slips, and a name that is too short to tell.
        assert!(!certain("coun", &["count", "noun"]));
        assert!(!certain("conter", &["count", "cover"]));
        assert!(!certain("xs", &["xy"]));
    }

    #[test]
    fn counts_single_edits() {
        let cases = [
            ("abc", "abc", 0),
            ("abc", "acb", 1),
            ("abc", "ab", 1),
            ("abc", "axc", 1),
            ("ca", "abc", 3),
            ("", "ab", 2),
        ];
        for (left, right, expected) in cases {
            let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
            assert_eq!(distance(&left, &right), expected, "{left:?} {right:?}");
        }
    }
}
