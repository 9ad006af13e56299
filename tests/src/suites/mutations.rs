//! Damage to small good files, those of `tests/verify/*/accept` and `tests/run/seeds`. Every prefix is refused, and so is
//! every changed byte while the checksums are stale; under right checksums the file is refused or runs within its
//! budget. No tool panics.

use crate::bytes::repair;
use crate::case::{Case, Check, cases, trial};
use crate::suites::{inspect, run, verify};
use crate::{engines, module};
use libtest_mimic::Trial;
use std::io;
use vegavm::{Console, End, Imports, Limits, load};

/// Two tests a good file.
pub fn trials() -> Vec<Trial> {
    let listings = verify::accepted().into_iter().flat_map(|case| pair(case, verify::build));
    let programs = cases("run/seeds", &["vg"]).into_iter().flat_map(|case| pair(case, run::build));
    listings.chain(programs).collect()
}

fn pair(case: Case, build: fn(&Case) -> Result<Vec<u8>, String>) -> [Trial; 2] {
    let (prefixes, flips) = (format!("prefixes of {}", case.name), format!("flips of {}", case.name));
    let again = case.clone();
    [trial(prefixes, move || check_prefixes(&build(&case)?)), trial(flips, move || check_flips(&build(&again)?))]
}

fn check_prefixes(bytes: &[u8]) -> Check {
    for length in 0..bytes.len() {
        let mut prefix = bytes[..length].to_vec();
        for checksums in ["old", "right"] {
            if survive(&prefix)? == Fate::Ran {
                return Err(format!(
                    "the first {length} of {} bytes are accepted, with {checksums} checksums",
                    bytes.len()
                ));
            }
            inspect::survive(&prefix)?;
            repair(&mut prefix);
        }
    }
    Ok(())
}

fn check_flips(bytes: &[u8]) -> Check {
    for place in 0..bytes.len() {
        for flip in (0..8).map(|bit| 1 << bit).chain([0xff]) {
            let mut changed = bytes.to_vec();
            changed[place] ^= flip;
            let what = |problem| format!("byte {place:#x} with bits {flip:#04x} turned: {problem}");
            if survive(&changed).map_err(what)? == Fate::Ran {
                return Err(what("it is accepted under stale checksums".to_owned()));
            }
            if flip == 0xff {
                inspect::survive(&changed).map_err(what)?;
            }
            repair(&mut changed);
            survive(&changed).map_err(|problem| what(format!("under right checksums: {problem}")))?;
            if flip == 0xff {
                inspect::survive(&changed).map_err(what)?;
            }
        }
    }
    Ok(())
}

/// What became of a damaged file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was refused.
    Refused,
    /// It was accepted, and if it is a program it ran.
    Ran,
}

/// The budget of a damaged program.
const LIMITS: Limits = Limits {
    memory: 1 << 20,
    tables: 64 << 20,
    frames: 1_000,
    steps: Some(100_000),
    time: None,
    output: Some(1 << 20),
    arguments: 1024,
};

/// Hands a file to the loader, the disassembler and objdump. A panic fails the test that calls this.
///
/// # Errors
/// A program leaves its budget, the engine finds itself at fault, or an accepted file has two forms.
pub fn survive(bytes: &[u8]) -> Result<Fate, String> {
    if module::judge(bytes).is_err() {
        module::check_listing(bytes)?;
        return Ok(Fate::Refused);
    }
    module::check_round_trip(bytes)?;
    let imports = Imports::console(Console::new(io::sink(), io::empty()));
    let Ok(program) = load(bytes.to_vec(), &imports, &LIMITS, &mut ()) else { return Ok(Fate::Ran) };
    let Some(outcome) = engines::agree(&program, &[], &LIMITS)? else { return Ok(Fate::Ran) };
    let used = outcome.used;
    if used.memory > LIMITS.memory || used.steps > LIMITS.steps.unwrap_or(u64::MAX) || used.frames > LIMITS.frames {
        return Err(format!("it left its budget: {used:?}"));
    }
    match outcome.end {
        End::Internal(words) => Err(format!("a fault of the engine: {words}")),
        _ => Ok(Fate::Ran),
    }
}
