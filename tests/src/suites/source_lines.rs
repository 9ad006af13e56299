//! Every line of source on the page of the instruction set yields the instruction beside it.

use crate::case::{Check, root, trial};
use crate::module;
use crate::suites::fences;
use libtest_mimic::Trial;
use std::fs;
use vega_format::instruction::walk;

/// A test a row of the page.
pub fn trials() -> Vec<Trial> {
    let page = fs::read_to_string(root().join("spec/instruction-set.md")).unwrap_or_default();
    let context = fences::read("spec/instruction-set.md", &page).into_iter().find(|fence| fence.text.contains("HERE"));
    let context = context.map(|fence| fence.text).unwrap_or_default();
    let rows = page.lines().filter(|line| line.starts_with("| 0x"));
    rows.map(|row| {
        let (row, context) = (row.to_owned(), context.clone());
        trial(format!("source line of {}", cell(&row, 2)), move || check(&row, &context))
    })
    .collect()
}

/// A cell of a row, without its backticks. A bar inside a cell stands behind a backslash.
fn cell(row: &str, place: usize) -> String {
    let row = row.replace("\\|", "\0");
    let cell = row.split('|').nth(place).unwrap_or_default().trim().trim_matches('`');
    cell.replace('\0', "|")
}

fn check(row: &str, context: &str) -> Check {
    let (mnemonic, line) = (cell(row, 2), cell(row, 9));
    let place = context.lines().position(|line| line.trim() == "HERE").ok_or("the page has no context")?;
    let program = context.replace("HERE", &line);
    let bytes = module::compile("context.vg", program.as_bytes()).accepted()?;
    let parsed = vega_format::read(bytes).map_err(|error| error.to_string())?;
    let function = parsed.functions().find(|function| function.signature.name == "context").ok_or("no context")?;
    let found: Vec<&str> = walk(function.code)
        .filter_map(Result::ok)
        .filter(|(offset, _)| {
            parsed.source_line(function.index, *offset).is_some_and(|(_, line)| line as usize == place + 1)
        })
        .map(|(_, instruction)| instruction.row().mnemonic)
        .collect();
    match found.contains(&mnemonic.as_str()) {
        true => Ok(()),
        false => Err(format!("`{line}` yields {}, and no {mnemonic}", found.join(", "))),
    }
}
