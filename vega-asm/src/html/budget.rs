//! The budget as a tree: what each function takes, and what it calls while how much of that is open.

use serde::Serialize;
use std::collections::{BTreeSet, VecDeque};
use vega_format::budget::Budget;
use vega_format::proof::{CallSite, Worst};
use vega_format::text::counted;
use vega_format::verify::Verified;
use vega_report::quote;

/// The most functions in the trees.
const MOST_NODES: usize = 2_000;
/// The most calls that are told of one function.
const MOST_CALLS: usize = 100;
/// The most functions with which a tree starts.
const MOST_ROOTS: usize = 100;

#[derive(Serialize)]
pub(super) struct Budgets {
    /// Bytes of string constants, and of static blocks; they are there once, whatever runs.
    constants: u64,
    statics: u64,
    roots: Vec<Root>,
    nodes: Vec<Node>,
}

/// The entry, or a function that others may call.
#[derive(Serialize)]
struct Root {
    number: u32,
    /// The proof in the words of `--budget`.
    words: String,
}

/// A function.
#[derive(Serialize)]
struct Node {
    number: u32,
    name: String,
    /// Bytes of its frame, and the most of its own arenas.
    frame: u64,
    arenas: u64,
    /// The most bytes with all that it calls; nothing if there is no bound.
    bytes: Option<u64>,
    calls: Vec<Call>,
}

#[derive(Serialize)]
struct Call {
    function: u32,
    offset: u32,
    line: Option<u32>,
    /// Bytes of the caller's arenas that are open meanwhile.
    open: u64,
}

pub(super) fn of(module: &Verified, left_out: &mut Vec<String>) -> Budgets {
    let parsed = module.module();
    let entry = parsed.entry().map(|entry| entry.function);
    let exports = parsed.functions().filter(|function| function.exported).map(|function| function.index);
    let mut numbers = entry.into_iter().chain(exports.filter(|index| Some(*index) != entry));
    let root = |number| {
        let budget = Budget::of_function(module, number);
        let words = budget.to_string().lines().map(quote).collect::<Vec<_>>().join("\n");
        Root { number, words }
    };
    let roots: Vec<Root> = numbers.by_ref().take(MOST_ROOTS).map(root).collect();
    match numbers.count() {
        0 => {}
        more => left_out.push(format!("the budgets of {}", counted(more, "function"))),
    }
    let nodes = nodes(module, &roots, left_out);
    Budgets { constants: parsed.string_bytes().len() as u64, statics: parsed.static_bytes(), roots, nodes }
}

fn nodes(module: &Verified, roots: &[Root], left_out: &mut Vec<String>) -> Vec<Node> {
    let mut known: BTreeSet<u32> = roots.iter().map(|root| root.number).collect();
    let mut work: VecDeque<u32> = known.iter().copied().collect();
    let mut nodes = Vec::new();
    let mut cut = false;
    while let Some(number) = work.pop_front() {
        if nodes.len() >= MOST_NODES {
            cut = true;
            break;
        }
        let Some(node) = node(module, number) else { continue };
        work.extend(node.calls.iter().map(|call| call.function).filter(|called| known.insert(*called)));
        nodes.push(node);
    }
    if cut {
        left_out.push(format!("the budget tree beyond {MOST_NODES} functions"));
    }
    nodes
}

fn node(module: &Verified, number: u32) -> Option<Node> {
    let (parsed, summary) = (module.module(), module.summaries().get(number)?);
    let call = |call: &CallSite| Call {
        function: call.callee(),
        offset: call.offset(),
        line: parsed.source_line(number, call.offset()).map(|(_, line)| line),
        open: call.open(),
    };
    Some(Node {
        number,
        name: quote(&parsed.function(number)?.signature.to_string()),
        frame: summary.frame,
        arenas: summary.most_open.0,
        bytes: match module.proof().worst(number) {
            Worst::Bytes(bytes) => Some(bytes.total()),
            Worst::Unbounded => None,
        },
        calls: summary.calls.iter().take(MOST_CALLS).map(call).collect(),
    })
}
