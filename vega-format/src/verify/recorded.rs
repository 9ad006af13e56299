//! Rule 501: the metadata say of the entry and of every exported function just what is proved of it.

use super::{Rule, VerifyError, module};
use crate::budget::needed;
use crate::container::{Kind, ProofRecord, RecordedProof};
use crate::parsed::Parsed;
use crate::proof::{Paths, Proof, Summaries, Worst};
use crate::text::counted;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

/// What the metadata of a module must say.
pub(super) fn of(parsed: &Parsed<'_>, proof: &Proof) -> RecordedProof {
    let mut proved: Vec<u32> = parsed.exported_functions().map(|function| function.index).collect();
    if let Some(entry) = parsed.entry()
        && let Err(place) = proved.binary_search(&entry.function)
    {
        proved.insert(place, entry.function);
    }
    let record = |function: u32| ProofRecord {
        function,
        worst: proof.worst(function),
        never_out_of_memory: proof.never_out_of_memory(function),
    };
    let functions = match parsed.kind() {
        Kind::Program | Kind::Library => proved.into_iter().map(record).collect(),
        // What an object uses depends on the functions that it is linked with.
        Kind::Object => Vec::new(),
    };
    RecordedProof { strings: parsed.string_bytes().len() as u64, functions }
}

/// Compares what the metadata say with what is seen without a proof: of an object, all that they may say.
pub fn check_claims(parsed: &Parsed<'_>) -> Option<VerifyError> {
    let (recorded, strings) = (parsed.recorded_proof(), parsed.string_bytes().len());
    if recorded.strings != strings as u64 {
        let bytes = counted(recorded.strings, "byte");
        let words = format!("the metadata say {bytes} of strings, and they have {strings}");
        return Some(module::refusal(Rule::ProofDiffers, words));
    }
    let extra = recorded.functions.first().filter(|_| parsed.kind() == Kind::Object);
    extra.map(|extra| superfluous(parsed, extra))
}

/// Compares what the metadata say with what is proved.
pub(super) fn check(parsed: &Parsed<'_>, summaries: &Summaries, proof: &Proof) -> Option<VerifyError> {
    let claim = check_claims(parsed);
    if claim.is_some() {
        return claim;
    }
    let (recorded, proved) = (parsed.recorded_proof(), of(parsed, proof));
    let mut records = recorded.functions.iter().peekable();
    for wanted in &proved.functions {
        if let Some(extra) = records.next_if(|record| record.function < wanted.function) {
            return Some(superfluous(parsed, extra));
        }
        let found = records.next_if(|record| record.function == wanted.function);
        if found != Some(wanted) {
            return Some(differs(parsed, summaries, proof, found, wanted));
        }
    }
    records.next().map(|extra| superfluous(parsed, extra))
}

fn name<'p>(parsed: &'p Parsed<'_>, function: u32) -> &'p str {
    parsed.function(function).map(|function| function.name).unwrap_or_default()
}

fn superfluous(parsed: &Parsed<'_>, record: &ProofRecord) -> VerifyError {
    let name = name(parsed, record.function);
    let words = match parsed.kind() {
        Kind::Object => format!("the metadata say what `{name}` uses, which is not known before an object is linked"),
        _ => format!("the metadata say what `{name}` uses, which is neither the entry nor exported"),
    };
    module::refusal(Rule::ProofDiffers, words)
}

fn differs(
    parsed: &Parsed<'_>,
    summaries: &Summaries,
    proof: &Proof,
    found: Option<&ProofRecord>,
    wanted: &ProofRecord,
) -> VerifyError {
    let found = found.map_or_else(|| "nothing".to_owned(), describe);
    let (name, wanted_words) = (name(parsed, wanted.function), describe(wanted));
    let way = way(parsed, summaries, proof, wanted.function);
    let words = format!("the metadata say of `{name}`: {found}; proved is: {wanted_words}{way}");
    module::refusal(Rule::ProofDiffers, words)
}

fn describe(record: &ProofRecord) -> String {
    let memory = if record.never_out_of_memory { "never out of memory" } else { "may run out of memory" };
    match record.worst {
        Worst::Bytes(bytes) => {
            let (total, arenas, stack) = (bytes.total(), bytes.arenas, bytes.stack);
            format!("{} ({arenas} in arenas, {stack} on the stack), {memory}", needed(total))
        }
        Worst::Unbounded => format!("no bound, {memory}"),
    }
}

/// The path that uses most, or the circle that has no bound.
fn way(parsed: &Parsed<'_>, summaries: &Summaries, proof: &Proof, function: u32) -> String {
    const SHOWN: usize = 8;
    let what = match proof.worst(function) {
        Worst::Bytes(_) => ", along",
        Worst::Unbounded => ", for these call each other in a circle:",
    };
    let ends = Paths::new(proof, summaries).ends(function);
    let shown = ends.first.iter().take(SHOWN);
    let names: Vec<String> = shown.map(|step| format!("`{}`", name(parsed, step.function))).collect();
    let all = ends.left_out.saturating_add((ends.first.len() + ends.last.len()) as u64);
    let more = match all.saturating_sub(names.len() as u64) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{what} {}{more}", names.join(", "))
}
