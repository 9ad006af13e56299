//! `spec/examples.md` has a listing for every instruction, in the order of the table. That they run is for
//! [`fences`](super::fences).

use crate::case::{Check, root, trial};
use crate::suites::fences;
use libtest_mimic::Trial;
use std::fs;
use vega_format::instruction::ROWS;

const PAGE: &str = "spec/examples.md";

/// One test of the page as a whole.
pub fn trials() -> Vec<Trial> {
    vec![trial("examples: every instruction has one", check)]
}

fn check() -> Check {
    let page = fs::read_to_string(root().join(PAGE)).map_err(|error| format!("{PAGE}: {error}"))?;
    let headings: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let rows: Vec<&str> = ROWS.iter().map(|row| row.mnemonic).collect();
    if let Some(missing) = rows.iter().find(|row| !headings.contains(row)) {
        return Err(format!("{PAGE} has no listing for {missing}; put one below a heading `### {missing}`"));
    }
    if headings != rows {
        return Err(format!("the headings of {PAGE} do not stand in the order of the instruction set"));
    }
    let listings = fences::read(PAGE, &page);
    let lacks = |(row, listing): &(&&str, &fences::Fence)| {
        !listing.text.lines().any(|line| line.split_whitespace().next() == Some(row))
    };
    match rows.iter().zip(&listings).find(lacks) {
        Some((row, listing)) => Err(format!("the listing at {} does not use {row}", listing.place)),
        None if listings.len() != rows.len() => {
            Err(format!("{} listings for {} instructions", listings.len(), rows.len()))
        }
        None => Ok(()),
    }
}
