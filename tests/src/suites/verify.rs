//! `tests/verify/<pass>/{accept,reject}`: listings that a pass takes or refuses. The folder `container` holds files that
//! the reader refuses before there is anything to verify.
//!
//! - `rule: V203` the rule that is kept or broken; of a broken one also `at: 0x0012`, the offset in the function's code,
//!   or, of a malformed file, `at: SECTION+0xOFFSET`; and `words: …`, a part of the message or of its notes
//!
//! What no assembler writes of itself stands in the listing: `.raw`, `.section`, `.crc`, `.keep`, `.cut`.

use crate::bytes::place;
use crate::case::{Case, Check, cases, trial};
use crate::header::Header;
use crate::module;
use libtest_mimic::Trial;
use vega_format::error::{RULES, RuleRow};

/// A test a file; and one that no rule lacks files.
pub fn trials() -> Vec<Trial> {
    let files = listings().into_iter().map(|case| case.trial(check));
    files.chain([trial("verify: every rule has an accepted and a refused file", check_completeness)]).collect()
}

fn listings() -> Vec<Case> {
    cases("verify", &["vasm"])
}

/// The good files of all rules.
pub fn accepted() -> Vec<Case> {
    listings().into_iter().filter(is_good).collect()
}

fn is_good(case: &Case) -> bool {
    case.name.contains("/accept/")
}

fn header(text: &str) -> Result<Header, String> {
    Header::read(text, &["rule", "at", "words"])
}

/// The bytes that a case describes.
///
/// # Errors
/// The listing or its header is malformed.
pub fn build(case: &Case) -> Result<Vec<u8>, String> {
    assemble(case, &case.text()?)
}

/// The file before it is damaged, if damage is not all that there is.
fn undamaged(case: &Case, text: &str) -> Result<Vec<u8>, String> {
    const DAMAGE: [&str; 5] = [".raw ", ".section ", ".crc ", ".keep ", ".cut "];
    let is_kept = |line: &&str| !DAMAGE.iter().any(|directive| line.starts_with(directive));
    assemble(case, &text.lines().filter(is_kept).collect::<Vec<_>>().join("\n")).or_else(|_| assemble(case, text))
}

fn assemble(case: &Case, text: &str) -> Result<Vec<u8>, String> {
    module::assemble(&case.file_name(), text, false).accepted()
}

fn check(case: &Case) -> Check {
    let text = case.text()?;
    let header = header(&text)?;
    let rule = header.one("rule").ok_or("the first line says no `rule:`")?;
    if pass_of(rule) != pass_folder(case) {
        return Err(format!("{rule} belongs to the folder `{}`", pass_of(rule)));
    }
    match (module::judge(&build(case)?), is_good(case)) {
        (Ok(()), true) => Ok(()),
        (Ok(()), false) => Err(format!("it is accepted, wanted {rule}")),
        (Err(found), true) => Err(format!("it is refused: {found:?}")),
        (Err(found), false) => check_refusal(&undamaged(case, &text)?, &header, rule, &found),
    }
}

fn check_refusal(bytes: &[u8], header: &Header, rule: &str, found: &[module::Refusal]) -> Check {
    let [(code, offset, words)] = found else { return Err(format!("several errors: {found:?}")) };
    let at = match header.one("at") {
        None => 0,
        Some(at) if at.contains('+') => place(bytes, at)? as u64,
        Some(at) => {
            u64::from_str_radix(at.trim_start_matches("0x"), 16).map_err(|_| format!("`at: {at}` is no offset"))?
        }
    };
    if (code.as_str(), *offset) != (rule, at) {
        return Err(format!("refused by {code} at {offset:#06x}, wanted {rule} at {at:#06x}: {words}"));
    }
    match header.all("words").find(|wanted| !words.contains(wanted)) {
        Some(wanted) => Err(format!("the message lacks `{wanted}`: {words}")),
        None => Ok(()),
    }
}

/// The pass that a rule belongs to, by its number.
pub fn pass_of(rule: &str) -> &'static str {
    match rule.as_bytes() {
        b"V109" | [b'V', b'4', ..] => "module",
        [b'V', b'1', ..] => "bounds",
        [b'V', b'2', ..] => "stack",
        [b'V', b'3', ..] => "arena",
        [b'V', b'5', ..] => "proof",
        _ => "container",
    }
}

fn pass_folder(case: &Case) -> &str {
    case.name.split('/').nth(1).unwrap_or_default()
}

/// The files that name a rule: accepted ones, refused ones.
///
/// # Errors
/// A file cannot be read.
pub fn files_of(rule: &str) -> Result<(Vec<Case>, Vec<Case>), String> {
    let mut found = Vec::new();
    for case in listings() {
        if header(&case.text()?)?.one("rule") == Some(rule) {
            found.push(case);
        }
    }
    Ok(found.into_iter().partition(is_good))
}

/// The rules that small files keep and break. Those that are limits, with codes of their own, take large ones.
pub fn rules() -> impl Iterator<Item = &'static RuleRow> {
    RULES.iter().filter(|row| row.code.starts_with('V'))
}

fn check_completeness() -> Check {
    for rule in rules() {
        let (accepted, refused) = files_of(rule.code)?;
        if accepted.is_empty() || refused.is_empty() {
            return Err(format!("{} has {} accepted and {} refused files", rule.code, accepted.len(), refused.len()));
        }
    }
    Ok(())
}
