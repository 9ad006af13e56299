//! Who calls whom, and where.

use super::Views;
use super::graph::{self, Form, Graph};
use super::names::{self, name_of};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};
use vega_format::Parsed;
use vega_format::container::Function;
use vega_format::instruction::{Space, walk};
use vega_format::parsed::CallTarget;
use vega_format::text::line_of;

/// A call.
#[derive(Serialize)]
pub(super) struct Row {
    caller: String,
    /// Of the call, in the code of the caller.
    offset: u32,
    source: Option<String>,
    callee: String,
    /// `function`, or who provides it: `host`, `module`.
    from: String,
}

pub(super) fn rows<'a>(parsed: &'a Parsed<'a>, views: &'a Views) -> impl Iterator<Item = Row> + 'a {
    let functions = parsed.functions().filter(|function| views.wants(function));
    functions.flat_map(move |function| calls(parsed, function, views))
}

fn calls<'a>(parsed: &'a Parsed<'a>, function: Function<'a>, views: &'a Views) -> impl Iterator<Item = Row> + 'a {
    let caller = name_of(&function, views);
    walk(function.code).map_while(Result::ok).filter_map(move |(offset, instruction)| {
        let target = match instruction.index()? {
            (Space::Functions, called) => parsed.call_target(function.index, offset, called),
            (Space::Imports, import) => CallTarget::Import(import),
            _ => return None,
        };
        let (callee, from) = match target {
            CallTarget::Function(called) => (name_of(&parsed.function(called)?, views), "function".to_owned()),
            CallTarget::Import(import) => {
                let import = parsed.import(import)?;
                (names::name_of_import(&import, views), import.kind.to_string())
            }
        };
        let source = parsed.source_line(function.index, offset).map(|(source, line)| line_of(source, line));
        Some(Row { caller: caller.clone(), offset, source, callee, from })
    })
}

pub(super) fn write(out: &mut dyn Write, parsed: &Parsed<'_>, views: &Views, form: Form) -> io::Result<()> {
    if form.is_graph() {
        return graph::write(out, form, [graph(parsed, views)]);
    }
    super::heading(out, "Calls")?;
    let mut before = String::new();
    for Row { caller, offset, source, callee, from } in rows(parsed, views) {
        if caller != before {
            writeln!(out, "  {caller}")?;
            before = caller;
        }
        let from = if from == "function" { String::new() } else { format!(", of the {from}") };
        let source = source.map(|source| format!(", {}", vega_report::quote(&source))).unwrap_or_default();
        writeln!(out, "    {offset:04x}  {callee}{from}{source}")?;
    }
    Ok(())
}

/// A node a function, an edge a caller and callee, with how often it is called.
fn graph(parsed: &Parsed<'_>, views: &Views) -> Graph {
    let mut graph = Graph { name: "calls".to_owned(), ..Graph::default() };
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut node = |graph: &mut Graph, name: String| {
        let next = graph.nodes.len();
        *numbers.entry(name).or_insert_with_key(|name| {
            graph.nodes.push(vec![name.clone()]);
            next
        })
    };
    for function in parsed.functions().filter(|function| views.wants(function)) {
        node(&mut graph, name_of(&function, views));
    }
    let mut times: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for Row { caller, callee, .. } in rows(parsed, views) {
        let (from, to) = (node(&mut graph, caller), node(&mut graph, callee));
        *times.entry((from, to)).or_default() += 1;
    }
    let word = |times| if times == 1 { String::new() } else { format!("{times} times") };
    graph.edges = times.into_iter().map(|((from, to), times)| (from, to, word(times))).collect();
    graph
}
