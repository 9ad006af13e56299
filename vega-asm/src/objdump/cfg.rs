//! The basic blocks of each function, and which may follow which.

use super::Views;
use super::graph::{self, Form, Graph};
use super::names::{self, name_of};
use crate::spelling::{self, Labels};
use serde::Serialize;
use std::io::{self, Write};
use vega_format::Parsed;
use vega_format::container::Function;
use vega_format::instruction::{Flow, walk};

/// A function with its blocks.
#[derive(Serialize)]
pub(super) struct Row {
    function: String,
    blocks: Vec<Block>,
}

#[derive(Default, Serialize)]
struct Block {
    /// Where it starts in the code of the function, and where it ends.
    start: u32,
    end: u32,
    instructions: Vec<String>,
    next: Vec<Next>,
    /// Whether the end of its last instruction may be passed.
    #[serde(skip)]
    falls: bool,
}

/// How it goes on where no instruction begins.
const NOWHERE: &str = "jumps nowhere";

/// A block that may follow.
#[derive(Serialize)]
struct Next {
    start: u32,
    /// `falls through`, `jumps`, or [`NOWHERE`].
    how: &'static str,
}

pub(super) fn rows<'a>(parsed: &'a Parsed<'a>, views: &'a Views) -> impl Iterator<Item = Row> + 'a {
    let functions = parsed.functions().filter(|function| views.wants(function));
    functions.map(move |function| Row { function: name_of(&function, views), blocks: blocks(parsed, &function, views) })
}

fn blocks(parsed: &Parsed<'_>, function: &Function<'_>, views: &Views) -> Vec<Block> {
    let (labels, debug) = (Labels::of(function), parsed.debug(function.index));
    let mut blocks: Vec<Block> = Vec::new();
    let mut is_open = false;
    for (offset, instruction) in walk(function.code).map_while(Result::ok) {
        // A call ends no block here: what stands behind it always follows.
        if !is_open || labels.contains(offset) {
            if let Some(before) = blocks.last_mut().filter(|before| before.falls) {
                before.next.insert(0, Next { start: offset, how: "falls through" });
            }
            blocks.push(Block { start: offset, ..Block::default() });
        }
        let Some(block) = blocks.last_mut() else { break };
        let naming = names::naming(views);
        let text = spelling::instruction(parsed, function, &labels, offset, &instruction, naming);
        let meaning = spelling::meaning(parsed, function, debug.as_ref(), offset, &instruction);
        // A name that stands there already says nothing more.
        let meaning = meaning.filter(|meaning| !text.ends_with(meaning.as_str()));
        block.instructions.push(match meaning {
            Some(meaning) => format!("{text} ; {meaning}"),
            None => text,
        });
        block.end = offset + instruction.width() as u32;
        block.falls = !matches!(instruction.flow(), Flow::ends | Flow::jumps);
        let how = |target: &u32| if labels.contains(*target) { "jumps" } else { NOWHERE };
        block.next.extend(instruction.target().map(|start| Next { start, how: how(&start) }));
        is_open = instruction.target().is_none() && block.falls;
    }
    blocks
}

pub(super) fn write(out: &mut dyn Write, parsed: &Parsed<'_>, views: &Views, form: Form) -> io::Result<()> {
    if form.is_graph() {
        return graph::write(out, form, rows(parsed, views).map(graph));
    }
    for row in rows(parsed, views) {
        super::heading(out, &format!("Blocks of {}", row.function))?;
        for Block { start, end, instructions, next, .. } in row.blocks {
            let next = next.iter().map(|next| match next.how {
                NOWHERE => format!("jumps to {:04x}, where no instruction begins", next.start),
                how => format!("{how} to {:04x}", next.start),
            });
            let next: Vec<String> = next.collect();
            let next = if next.is_empty() { "ends".to_owned() } else { next.join(", ") };
            writeln!(out, "  {start:04x} to {end:04x}: {next}")?;
            instructions.iter().try_for_each(|text| writeln!(out, "    {text}"))?;
        }
    }
    Ok(())
}

fn graph(row: Row) -> Graph {
    let starts: Vec<u32> = row.blocks.iter().map(|block| block.start).collect();
    let mut graph = Graph { name: row.function, ..Graph::default() };
    let mut nowhere = Vec::new();
    for (number, block) in row.blocks.into_iter().enumerate() {
        for next in &block.next {
            let place = starts.binary_search(&next.start).unwrap_or_else(|_| {
                nowhere.push(vec![format!("{:04x}:", next.start), "no instruction begins here".to_owned()]);
                starts.len() + nowhere.len() - 1
            });
            graph.edges.push((number, place, next.how.to_owned()));
        }
        graph.nodes.push([vec![format!("{:04x}:", block.start)], block.instructions].concat());
    }
    graph.nodes.extend(nowhere);
    graph
}
