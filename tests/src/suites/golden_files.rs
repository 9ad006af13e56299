//! `tests/golden`: a file of every kind and section of version 1 of the container, with its listing beside it. They were
//! written once and do not change: whatever is done to the tools, these files load, mean the same, and are written again
//! byte for byte; and their listings, which earlier tools wrote, assemble to them. What breaks one of them needs another version of the container.

use crate::bytes::repair;
use crate::case::{Case, Check, cases, trial};
use crate::module::{check_listing, check_round_trip};
use libtest_mimic::Trial;
use std::collections::BTreeSet;
use std::fs;
use vega_format::container::{Kind, SectionId};
use vega_format::{Builder, Parsed, Verified};
use vega_report::Sources;

/// A test a file; and some of them all.
pub fn trials() -> Vec<Trial> {
    let files = files().into_iter().map(|case| case.trial(check));
    let others = [
        trial("golden: every kind and every section", check_completeness),
        trial("golden: stripping leaves the meaning, and only that", check_stripping),
        trial("golden: each file with any one bit turned has a listing that assembles to it", check_flips),
    ];
    files.chain(others).collect()
}

fn files() -> Vec<Case> {
    cases("golden", &["vgb", "vgo"])
}

fn bytes_of(case: &Case) -> Result<Vec<u8>, String> {
    fs::read(&case.path).map_err(|error| format!("`{}`: {error}", case.name))
}

fn load(case: &Case) -> Result<Verified, String> {
    let parsed = vega_format::read(bytes_of(case)?).map_err(|error| format!("{error} at {}", error.place()))?;
    vega_format::verify(parsed).map_err(|errors| format!("{errors:?}"))
}

fn file(name: &str) -> Result<Parsed<'static>, String> {
    let case = files().into_iter().find(|case| case.file_name() == name).ok_or_else(|| format!("no `{name}`"))?;
    load(&case).map(Verified::into_module)
}

fn check(case: &Case) -> Check {
    let module = load(case)?.into_module();
    check_round_trip(module.bytes())?;
    let listing = case.beside("vasm");
    let text = fs::read_to_string(&listing).map_err(|error| format!("`{}`: {error}", listing.display()))?;
    let mut sources = Sources::new();
    let source = sources.add("golden.vasm", text);
    match vega_asm::assemble(&sources, source, vega_asm::Options::default()) {
        (Some(bytes), _) if bytes == module.bytes() => Ok(()),
        (Some(_), _) => Err("its listing assembles to other bytes".to_owned()),
        (None, complaints) => Err(format!("its listing does not assemble: {complaints:?}")),
    }
}

fn check_completeness() -> Check {
    let (mut kinds, mut sections) = (Vec::new(), BTreeSet::new());
    for case in files() {
        let module = load(&case)?.into_module();
        kinds.push(module.kind());
        sections.extend(module.sections().iter().map(|record| record.id));
    }
    let known = SectionId::ALL.into_iter().map(|id| id as u16);
    let missing: Vec<u16> = known.chain([11, SectionId::FIRST_CUSTOM]).filter(|id| !sections.contains(id)).collect();
    match Kind::ALL.into_iter().find(|kind| !kinds.contains(kind)) {
        Some(kind) => Err(format!("there is no {kind}")),
        None if missing.is_empty() => Ok(()),
        None => Err(format!("there is no section {missing:?}")),
    }
}

fn check_stripping() -> Check {
    let (program, stripped) = (file("program.vgb")?, file("stripped.vgb")?);
    if program.ids().meaning != stripped.ids().meaning || program.ids().whole == stripped.ids().whole {
        return Err(format!("the ids are {:?} and {:?}", program.ids(), stripped.ids()));
    }
    let mut builder = Builder::from_parsed(&program);
    builder.strip_debug();
    match builder.write().map_err(|error| error.to_string())? == stripped.bytes() {
        true => Ok(()),
        false => Err("the stripped program is not `stripped.vgb`".to_owned()),
    }
}

/// Under right checksums, so that the bits are looked at.
fn check_flips() -> Check {
    for case in files() {
        let bytes = bytes_of(&case)?;
        for (place, bit) in (0..bytes.len()).flat_map(|place| (0..8).map(move |bit| (place, bit))) {
            let mut changed = bytes.clone();
            changed[place] ^= 1 << bit;
            repair(&mut changed);
            check_listing(&changed)
                .map_err(|problem| format!("{}, byte {place:#x}, bit {bit}: {problem}", case.name))?;
        }
    }
    Ok(())
}
