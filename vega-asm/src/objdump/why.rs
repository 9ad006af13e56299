//! Why a file is refused: for each refusal the least listing that is refused at the same instruction by the same rule.
//!
//! A listing is cut down, larger pieces first, as long as what is left assembles and is refused in that way: with the same words, and
//! with the same types, arenas and instructions that left them. So it needs to know
//! nothing of the rules, and what it gives is shown to be refused. It starts from the function alone, as an object that leaves
//! what it calls to others; where that is not refused in the same way, from the listing of the file. What no instruction and
//! no directive says stands there as bytes. The work is limited: of a large file more may be left than is needed, and that is said.

use super::{Subject, Views};
use crate::directive::Directive;
use crate::{disassemble, exact};
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::iter;
use std::rc::Rc;
use vega_format::Parsed;
use vega_format::error::VerifyError;
use vega_format::text::counted;
use vega_format::verify::StackEntry;
use vega_report::quote;

/// More refusals are not looked into.
const MOST: usize = 8;
/// The most bytes of listings that are assembled for one refusal.
const MOST_WORK: usize = 16 << 20;
/// In a longer function no two lines are taken out together that stand apart.
const MOST_APART: usize = 32;

/// The lines of a block, or a line outside of them. Lists of them are made over and over.
type Unit = Vec<Rc<str>>;

/// A refusal and what leads there.
#[derive(Debug, Clone, Serialize)]
pub struct Slice {
    /// The code of the rule.
    pub code: &'static str,
    /// What was found and what was wanted, and where.
    pub words: String,
    /// `None`: it would take more work than is allowed.
    pub listing: Option<String>,
    /// Whether so much work was done that no more could be found to be missing: less may be enough.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub gave_up: bool,
}

/// What leads to each refusal of a file, up to the first eight.
pub fn slices(parsed: &Parsed<'_>, refusals: &[VerifyError]) -> Vec<Slice> {
    let slice = |refusal: &VerifyError| {
        let mut judge = Judge { refusal, left: MOST_WORK, others: usize::MAX, gave_up: false };
        let listing = least(parsed, &mut judge);
        Slice { code: refusal.rule.code(), words: refusal.to_string(), listing, gave_up: judge.gave_up }
    };
    refusals.iter().take(MOST).map(slice).collect()
}

/// How many refusals there are that were asked for.
pub(super) struct Found {
    count: usize,
    /// Whether there may be more: not all are told, of a function as of all.
    is_least: bool,
}

impl Found {
    pub(super) fn of(subject: &Subject<'_>, views: &Views) -> Found {
        let all = subject.verdict.err().unwrap_or_default();
        let untold: usize = all.iter().map(|refusal| refusal.untold).sum();
        // Whose they are is not known.
        let behind = if views.wanted_function().is_none() { untold } else { 0 };
        Found { count: subject.refusals(views).len() + behind, is_least: untold > 0 }
    }

    /// Of how many there is no slice.
    pub(super) fn left_out(&self) -> usize {
        self.count.saturating_sub(MOST)
    }

    fn words(&self, count: usize) -> String {
        format!("{}{count}", if self.is_least { "at least " } else { "" })
    }
}

pub(super) fn write(out: &mut dyn Write, subject: &Subject<'_>, views: &Views) -> io::Result<()> {
    let (parsed, refusals) = (subject.parsed, subject.refusals(views));
    match (subject.verdict, views.wanted_function()) {
        (Ok(_), _) => return writeln!(out, "; it is accepted"),
        (Err(all), Some(wanted)) if refusals.is_empty() => {
            let others = counted(all.len(), "refusal");
            return writeln!(out, "; nothing of `{}` is refused; elsewhere: {others}", quote(wanted));
        }
        _ => {}
    }
    let found = Found::of(subject, views);
    if refusals.len() > 1 {
        writeln!(out, "; {} refusals; each listing stands for itself\n", found.words(found.count))?;
    }
    for (place, Slice { code, words, listing, gave_up }) in slices(parsed, &refusals).into_iter().enumerate() {
        if place > 0 {
            writeln!(out)?;
        }
        writeln!(out, "; {code}: {words}")?;
        match listing {
            Some(listing) => {
                writeln!(out, "; this is enough for it; `vega-asm --no-verify` assembles it")?;
                if gave_up {
                    writeln!(out, "; less may be, but to look for that would take too much work")?;
                }
                out.write_all(listing.as_bytes())?;
            }
            None => writeln!(out, "; the file is too large for a listing of it; `--bytes` marks what is wrong")?,
        }
    }
    match found.left_out() {
        0 => Ok(()),
        more => writeln!(out, "\n; and {} more", found.words(more)),
    }
}

/// The least listing that is refused as the file is.
fn least(parsed: &Parsed<'_>, judge: &mut Judge<'_>) -> Option<String> {
    let mut found = None;
    for listing in listings(parsed, judge.refusal) {
        if let Some(others) = judge.others_beside(&listing).filter(|others| *others < judge.others) {
            (judge.others, found) = (others, Some(listing));
        }
        // None is better than one that is refused for this alone.
        if judge.others == 0 {
            break;
        }
    }
    let mut units = found?;
    reduce(&mut units, |units| judge.is_same(units));
    for place in 0..units.len() {
        if judge.gave_up {
            break;
        }
        let Some(unit) = units.get(place).filter(|unit| unit.len() > 2).cloned() else { continue };
        let (first, rest) = unit.split_at(1);
        let (body, end) = rest.split_at(rest.len() - 1);
        let mut body = body.to_vec();
        let whole = |body: &[Rc<str>]| [first, body, end].concat();
        let mut is_enough = |body: &[Rc<str>]| {
            let changed =
                units.iter().enumerate().map(|(at, unit)| if at == place { whole(body) } else { unit.clone() });
            judge.is_same(&changed.collect::<Vec<_>>())
        };
        reduce(&mut body, &mut is_enough);
        take_pairs(&mut body, &mut is_enough);
        if let Some(unit) = units.get_mut(place) {
            *unit = whole(&body);
        }
    }
    // What was called, or named, may be missing now.
    reduce(&mut units, |units| judge.is_same(units));
    Some(text(&units))
}

/// Listings of the file: the function alone; as it is written; with the bodies of sections that would be other ones; and byte
/// for byte.
fn listings(parsed: &Parsed<'_>, refusal: &VerifyError) -> impl Iterator<Item = Vec<Unit>> {
    let plain = units(&disassemble(parsed).text);
    let alone = alone(&plain, &refusal.function_name);
    let with_others = plain.clone();
    // The later ones are seldom asked for.
    let with_others = move || {
        let others = units(&exact::other_sections(exact::made(&text(&with_others))?, parsed));
        Some(with_others.into_iter().chain(others).collect())
    };
    let bytes = || units(&exact::whole("byte for byte", parsed.bytes()));
    alone.into_iter().chain([plain]).chain(iter::once_with(with_others).flatten()).chain(iter::once_with(bytes))
}

/// A function without the others, as an object; what it calls is in other modules.
fn alone(units: &[Unit], name: &str) -> Option<Vec<Unit>> {
    let names = |line: &Rc<str>, directive: Directive| {
        let mut words = line.split_whitespace();
        (words.next() == Some(directive.row().name)).then(|| words.next().unwrap_or_default().to_owned())
    };
    let head = |unit: &Unit, directive| unit.first().and_then(|line| names(line, directive));
    let function = units.iter().find(|unit| head(unit, Directive::Function).is_some_and(|found| found == name))?;
    let others = [Directive::Function, Directive::Entry, Directive::Library, Directive::Object];
    let kept = units.iter().filter(|unit| others.iter().all(|other| head(unit, *other).is_none()));
    let called = function.iter().filter_map(|line| line.trim_start().strip_prefix("CALL function="));
    let called: BTreeSet<&str> = called.filter(|called| *called != name).collect();
    let import = |name: &&str| vec![format!("{} {name} module", Directive::Import.row().name).into()];
    let object = vec![Directive::Object.row().name.into()];
    Some([object].into_iter().chain(called.iter().map(import)).chain(kept.cloned()).chain([function.clone()]).collect())
}

/// The blocks of a listing, and the lines outside of them.
fn units(listing: &str) -> Vec<Unit> {
    let opens = [Directive::Function, Directive::Struct, Directive::Static].map(|directive| directive.row().name);
    let mut units: Vec<Unit> = Vec::new();
    let mut is_open = false;
    for line in listing.lines().filter(|line| !line.is_empty()) {
        // Comments stand behind code, which has no `; ` of its own but in quotes.
        let code = if line.contains('"') { line } else { line.split("; ").next().unwrap_or_default() };
        let line: Rc<str> = code.trim_end().into();
        if line.is_empty() {
            continue;
        }
        let word = code.split_whitespace().next().unwrap_or_default();
        let ends = word == Directive::End.row().name;
        let begins = opens.contains(&word);
        match units.last_mut().filter(|_| is_open) {
            Some(unit) => unit.push(line),
            None => units.push(vec![line]),
        }
        is_open = (is_open || begins) && !ends;
    }
    units
}

fn text(units: &[Unit]) -> String {
    units.iter().flatten().flat_map(|line| [line, "\n"]).collect()
}

/// Takes out of a list whatever can be missing: halves first, then ever smaller pieces; until nobody can say any more what is
/// enough.
fn reduce<T: Clone>(items: &mut Vec<T>, mut is_enough: impl FnMut(&[T]) -> Option<bool>) {
    let mut size = items.len().div_ceil(2);
    while size > 0 {
        let before = items.len();
        let mut at = 0;
        while at < items.len() {
            let mut fewer = items.clone();
            fewer.drain(at..(at + size).min(items.len()));
            match is_enough(&fewer) {
                Some(true) => *items = fewer,
                Some(false) => at += size,
                None => return,
            }
        }
        // What could not be missing alone may be, now that others are gone.
        let again = size == 1 && items.len() < before;
        size = if again { 1 } else { size / 2 };
    }
}

/// Takes out two items at a time that can be missing only together, such as those that open and end an arena.
fn take_pairs<T: Clone>(items: &mut Vec<T>, mut is_enough: impl FnMut(&[T]) -> Option<bool>) {
    let mut first = 0;
    while first < items.len() && items.len() <= MOST_APART {
        let fewer = (first + 1..items.len()).find_map(|second| {
            let others = items.iter().enumerate().filter(|(place, _)| *place != first && *place != second);
            let fewer: Vec<T> = others.map(|(_, item)| item.clone()).collect();
            is_enough(&fewer)?.then_some(fewer)
        });
        match fewer {
            Some(fewer) => *items = fewer,
            None => first += 1,
        }
    }
}

/// Whether a refusal has the same reason as another one, of which it may show less: what lies beneath on the stack, or is open
/// around, need not be there.
fn is_like(found: &VerifyError, wanted: &VerifyError) -> bool {
    // Elsewhere numbers say how many there are of what is left out.
    let counts = (200..400).contains(&(wanted.rule as u16));
    let words = |refusal: &VerifyError| without_offsets(&refusal.words, !counts);
    let is_same_cell = |(found, wanted): (&StackEntry, &StackEntry)| {
        let mnemonics = |cell: &StackEntry| cell.from.iter().map(|(mnemonic, _)| *mnemonic).collect::<BTreeSet<_>>();
        without_offsets(&found.type_, false) == without_offsets(&wanted.type_, false)
            && mnemonics(found).is_subset(&mnemonics(wanted))
            && found.from.is_empty() == wanted.from.is_empty()
    };
    // What stands in an arena may be left out, but not how large it is.
    let arena = |words: &String| without_offsets(words.split(", ").next().unwrap_or_default(), false);
    (found.rule, found.mnemonic, &found.function_name) == (wanted.rule, wanted.mnemonic, &wanted.function_name)
        && words(found) == words(wanted)
        && found.stack.cells.len() <= wanted.stack.cells.len()
        && found.stack.cells.iter().rev().zip(wanted.stack.cells.iter().rev()).all(is_same_cell)
        && found.arenas.len() <= wanted.arenas.len()
        && found.arenas.iter().rev().map(arena).eq(wanted.arenas.iter().rev().take(found.arenas.len()).map(arena))
}

/// Words in which offsets, or all numbers, are no longer told apart.
fn without_offsets(words: &str, all_numbers: bool) -> String {
    let is_number = |word: &str| match word.strip_prefix("0x") {
        Some(digits) => digits.bytes().all(|digit| digit.is_ascii_hexdigit()),
        None => all_numbers && word.bytes().all(|digit| digit.is_ascii_digit()),
    };
    let is_of_word = |character: char| character.is_alphanumeric() || character == '_';
    let pieces = words.split_inclusive(|character| !is_of_word(character));
    let kept = pieces.map(|piece| {
        let word = piece.trim_end_matches(|character| !is_of_word(character));
        if !word.is_empty() && is_number(word) { piece.strip_prefix(word).unwrap_or(piece) } else { piece }
    });
    kept.collect()
}

/// Tells whether a listing is refused in the way that is looked for, as long as it may.
struct Judge<'r> {
    refusal: &'r VerifyError,
    left: usize,
    /// How many other refusals there are beside it; there shall not be more than there were.
    others: usize,
    /// Whether there was something that it may not judge any more.
    gave_up: bool,
}

impl Judge<'_> {
    /// How many other refusals there are beside that which is looked for, if it is there.
    fn others_beside(&mut self, units: &[Unit]) -> Option<usize> {
        let text = text(units);
        let left = self.left.checked_sub(text.len() + 1);
        self.gave_up |= left.is_none();
        self.left = left?;
        let parsed = exact::made(&text).and_then(|bytes| vega_format::read(bytes).ok())?;
        let found = vega_format::verify(parsed).err()?;
        found.iter().any(|found| is_like(found, self.refusal)).then(|| found.len() - 1)
    }

    /// Nothing once it has given up.
    fn is_same(&mut self, units: &[Unit]) -> Option<bool> {
        if self.gave_up {
            return None;
        }
        let others = self.others_beside(units).filter(|others| *others <= self.others);
        if let Some(others) = others {
            self.others = others;
        }
        (!self.gave_up).then_some(others.is_some())
    }
}
