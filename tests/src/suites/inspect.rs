//! All views of `vega-objdump`, of the good and the refused files of `tests/verify` and `tests/cli/objdump` and of the programs of
//! `tests/run/seeds`: as JSON they have the form of `spec/objdump.schema.json`, and every view that the schema names is there in some file.

use crate::case::{Case, Check, cases, trial};
use crate::suites::{run, verify};
use crate::{module, schema};
use libtest_mimic::Trial;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use vega_asm::html;
use vega_asm::objdump::{self, Examined, Form, Texts, Views};
use vega_format::Parsed;

/// One test of all files.
pub fn trials() -> Vec<Trial> {
    vec![
        trial("inspect: what --json prints is what spec/objdump.schema.json says", check_schema),
        trial("inspect: what leads to a refusal is refused by the same rule", check_slices),
        trial("inspect: what leads to a refusal is little, also in a large file", check_large_slices),
        trial("inspect: what --diff --json prints is what spec/objdump-diff.schema.json says", check_differences),
    ]
}

fn files(folders: &[&str]) -> Result<Vec<(String, Vec<u8>)>, String> {
    let build = |case: Case| {
        let bytes = if case.is("vasm") { verify::build(&case)? } else { run::build(&case)? };
        Ok((case.name, bytes))
    };
    let listings = folders.iter().flat_map(|folder| cases(folder, &["vasm"]));
    listings.chain(cases("run/seeds", &["vg"])).map(build).collect()
}

/// What leads to a refusal is a listing that is refused for it and nothing else, with the same types in its words.
fn check_slices() -> Check {
    for case in cases("verify", &["vasm"]).into_iter().filter(|case| case.name.contains("/reject/")) {
        let bytes = verify::build(&case)?;
        let Ok(parsed) = vega_format::read(bytes.as_slice()) else { continue };
        let Err(refusals) = vega_format::verify(parsed.clone()) else { continue };
        for (slice, refusal) in objdump::slices(&parsed, &refusals).into_iter().zip(&refusals) {
            let Some(listing) = slice.listing else {
                return Err(format!("{}: {} is not said in a listing", case.name, slice.code));
            };
            let again = module::assemble("slice.vasm", &listing, false).accepted()?;
            let found = module::judge(&again).err().unwrap_or_default();
            if found.is_empty() || found.iter().any(|(code, ..)| code != slice.code) {
                return Err(format!("{}: wanted {}, found {found:?} of\n{listing}", case.name, slice.code));
            }
            let types =
                |words: &str| words.split(['[', ']', '`']).skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
            let again = vega_format::read(again).map_err(|error| error.to_string())?;
            let found = vega_format::verify(again).err().unwrap_or_default();
            if (200..300).contains(&(refusal.rule as u16))
                && found.iter().all(|found| types(&found.words) != types(&refusal.words))
            {
                return Err(format!("{}: wanted `{}`, found {found:?} of\n{listing}", case.name, refusal.words));
            }
        }
    }
    Ok(())
}

/// Two faults in functions of a program: of what leads to each, nothing is left of the rest, and nothing of the other.
fn check_large_slices() -> Check {
    const MOST_LINES: usize = 40;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/calculator.vg");
    let source = fs::read(root).map_err(|error| error.to_string())?;
    let program = module::compile("calculator.vg", &source).accepted()?;
    let listing =
        vega_asm::disassemble(&vega_format::read(program.as_slice()).map_err(|error| error.to_string())?).text;
    let (before, behind) = listing.rsplit_once("LT_INT").ok_or("nothing to change")?;
    let faulty = format!("{before}LT_DECIMAL{behind}").replacen("ADD_DECIMAL", "ADD_INT", 1);
    let bytes = module::assemble("calculator.vasm", &faulty, false).accepted()?;
    let parsed = vega_format::read(bytes.as_slice()).map_err(|error| error.to_string())?;
    let refusals = vega_format::verify(parsed.clone()).err().ok_or("it is accepted")?;
    if refusals.len() < 2 {
        return Err(format!("{} refusals of two faults", refusals.len()));
    }
    for slice in objdump::slices(&parsed, &refusals) {
        let listing = slice.listing.ok_or("too large")?;
        let again = module::assemble("slice.vasm", &listing, false).accepted()?;
        let found = module::judge(&again).err().unwrap_or_default();
        if listing.lines().count() > MOST_LINES || found.iter().any(|(code, ..)| code != slice.code) {
            return Err(format!("{}: {found:?} of\n{listing}", slice.code));
        }
    }
    Ok(())
}

/// Of each file and the next, and of each file and itself, which differs in nothing.
fn check_differences() -> Check {
    let schema = schema::published("objdump-diff.schema.json")?;
    let files = files(&["verify"])?;
    let parsed: Vec<_> = files.iter().filter_map(|(_, bytes)| vega_format::read(bytes.as_slice()).ok()).collect();
    for pair in parsed.windows(2) {
        for (first, second) in [(&pair[0], &pair[1]), (&pair[0], &pair[0])] {
            let mut json = Vec::new();
            let written = objdump::json_of_difference(&mut json, ["a.vgb", "b.vgb"], first, second);
            written.map_err(|error| error.to_string())?;
            let document: Value = serde_json::from_slice(&json).map_err(|error| error.to_string())?;
            schema::check(&schema, &document)?;
            let same = document["difference"]["same_file"] == Value::Bool(true);
            let differs = document["difference"]["items"].as_array().is_none_or(|items| !items.is_empty());
            if same == differs {
                return Err(format!("files that are {} differ: {differs}", if same { "the same" } else { "not" }));
            }
        }
    }
    Ok(())
}

fn check_schema() -> Check {
    let schema = schema::published("objdump.schema.json")?;
    let mut seen = BTreeSet::new();
    for (name, bytes) in files(&["verify", "cli/objdump"])? {
        let document = document(&name, &bytes)?;
        schema::check(&schema, &document).map_err(|problem| format!("{name}: {problem}"))?;
        let lengths = document.get("fields").and_then(Value::as_array).into_iter().flatten();
        let told: u64 = lengths.filter_map(|field| field.get("length").and_then(Value::as_u64)).sum();
        if told != bytes.len() as u64 {
            return Err(format!("{name}: the fields have {told} of {} bytes", bytes.len()));
        }
        seen.extend(document.as_object().into_iter().flat_map(|fields| fields.keys().cloned()));
    }
    let named = schema.get("properties").and_then(Value::as_object).ok_or("the schema names no fields")?;
    match named.keys().find(|name| !seen.contains(*name)) {
        Some(missing) => Err(format!("the schema names `{missing}`, which no file has")),
        None => Ok(()),
    }
}

/// All views of a file as JSON, which must be there; and as text, which must be told.
fn document(name: &str, bytes: &[u8]) -> Result<Value, String> {
    let mut json = Vec::new();
    let views = Views { why_refused: true, ..Views::all() };
    show(name, bytes, &views, &mut json, &mut std::io::sink()).map_err(|error| error.to_string())?;
    serde_json::from_slice(&json).map_err(|error| format!("{name}: {error}"))
}

/// Looks at a file in all views. A panic fails the test that calls this.
///
/// # Errors
/// A view is not what it must be.
pub fn survive(bytes: &[u8]) -> Check {
    show("file.vgb", bytes, &Views::all(), &mut std::io::sink(), &mut std::io::sink())
        .map_err(|error| error.to_string())
}

/// Writes views of a file, whatever is wrong with it.
fn show(
    name: &str,
    bytes: &[u8],
    views: &Views,
    json: &mut dyn std::io::Write,
    text: &mut dyn std::io::Write,
) -> std::io::Result<()> {
    let examined = match Examined::of(bytes, 1) {
        Ok(examined) => examined,
        Err(faults) => {
            check_page(&html::page_of_bytes(name, bytes, &faults))?;
            objdump::json_of_bytes(json, name, bytes, &faults, views)?;
            return objdump::text_of_bytes(text, bytes, views);
        }
    };
    let parsed = &examined.parsed;
    let mut texts = Texts::default();
    parsed.sources().for_each(|_| texts.push(Some("a line\nanother\n")));
    let subject = examined.subject(name, &texts);
    check_page(&html::page(&subject))?;
    objdump::json(json, &subject, views)?;
    for views in [Views::default(), views.clone()].into_iter().chain(alone(parsed)) {
        objdump::text(text, &subject, &views)?;
    }
    objdump::difference(text, parsed, parsed)?;
    objdump::json_of_difference(&mut std::io::sink(), [name, name], parsed, parsed)
}

/// The views that show nothing beside them, or want a name.
fn alone(parsed: &Parsed<'_>) -> impl Iterator<Item = Views> + use<> {
    let graphs = [Form::Dot, Form::Mermaid].into_iter().flat_map(|form| {
        let (calls, cfg) = (Views::default(), Views::default());
        [Views { calls: Some(form), ..calls }, Views { cfg: Some(form), ..cfg }]
    });
    let last = parsed.functions().last().map(|function| function.name.to_owned());
    let named = Views { function: last.clone(), demangle: true, ..Views::all() };
    let searched = Views { who_calls: last, reads_slot: Some("0".to_owned()), ..Views::default() };
    graphs.chain([named, searched, Views { why_refused: true, ..Views::default() }])
}

/// Demands that nothing in the file has got out of the data of its page.
fn check_page(page: &str) -> std::io::Result<()> {
    let is_whole = page.matches("</script").count() == 2 && page.matches("<!--").count() == 0;
    if is_whole { Ok(()) } else { Err(std::io::Error::other("the page is torn by what stands in the file")) }
}
