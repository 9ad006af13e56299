//! The basic blocks of each function, and which may follow which.

use super::Views;
use super::graph::{self, Form, Graph};
use super::names::{self, name_of};
use crate::spelling::{self, Labels};
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::{self, Write};
use vega_format::Parsed;
use vega_format::blocks::Blocks;
use vega_format::container::Function;
use vega_format::instruction::{Flow, walk};

/// A function with its blocks.
#[derive(Serialize)]
pub(super) struct Row {
    function: String,
    blocks: Vec<Block>,
}

#[derive(Serialize)]
struct Block {
    /// Where it starts in the code of the function, and where it ends.
    start: u32,
    end: u32,
    instructions: Vec<String>,
    next: Vec<Next>,
}

/// A block that may follow.
#[derive(Serialize)]
struct Next {
    start: u32,
    /// `falls through` or `jumps`.
    how: &'static str,
}

pub(super) fn rows<'a>(parsed: &'a Parsed<'a>, views: &'a Views) -> impl Iterator<Item = Row> + 'a {
    let functions = parsed.functions().filter(|function| views.wants(function));
    functions.map(move |function| Row { function: name_of(&function, views), blocks: blocks(parsed, &function, views) })
}

fn blocks(parsed: &Parsed<'_>, function: &Function<'_>, views: &Views) -> Vec<Block> {
    let labels = Labels::of(function);
    let starts: Vec<u32> = Blocks::of(function.code).ranges().map(|range| range.start).collect();
    let known: BTreeSet<u32> = starts.iter().copied().collect();
    let ends = starts.iter().skip(1).copied().chain([function.code.len() as u32]);
    let block = |(start, end): (u32, u32)| {
        let code = function.code.get(start as usize..end as usize).unwrap_or_default();
        let (mut instructions, mut next, mut falls) = (Vec::new(), Vec::new(), true);
        for (offset, instruction) in walk(code).map_while(Result::ok) {
            let offset = start + offset;
            instructions.push(spelling::instruction(
                parsed,
                function,
                &labels,
                offset,
                &instruction,
                names::naming(views),
            ));
            falls = !matches!(instruction.flow(), Flow::ends | Flow::jumps);
            let target = instruction.target().filter(|target| known.contains(target));
            next.extend(target.map(|start| Next { start, how: "jumps" }));
        }
        if falls && known.contains(&end) {
            next.insert(0, Next { start: end, how: "falls through" });
        }
        Block { start, end, instructions, next }
    };
    starts.iter().copied().zip(ends).map(block).collect()
}

pub(super) fn write(out: &mut dyn Write, parsed: &Parsed<'_>, views: &Views, form: Form) -> io::Result<()> {
    if form.is_graph() {
        return graph::write(out, form, rows(parsed, views).map(graph));
    }
    for row in rows(parsed, views) {
        super::heading(out, &format!("Blocks of {}", row.function))?;
        for Block { start, end, instructions, next } in row.blocks {
            let next: Vec<String> = next.iter().map(|next| format!("{} to {:04x}", next.how, next.start)).collect();
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
    for (number, block) in row.blocks.into_iter().enumerate() {
        let found = |next: &Next| starts.binary_search(&next.start).ok();
        let edges = block.next.iter().filter_map(|next| Some((number, found(next)?, next.how.to_owned())));
        graph.edges.extend(edges);
        graph.nodes.push([vec![format!("{:04x}:", block.start)], block.instructions].concat());
    }
    graph
}
