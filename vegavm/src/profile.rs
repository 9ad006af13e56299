//! Where the steps of a run go: a tree of calls with the steps of each line in them. No clock is read, so a profile is exact,
//! and the same on every run.
//!
//! What a block or bulk work costs counts for the call in which it is charged; the sum is what the run used. Calls that are
//! deeper than [`MOST_DEPTH`], or come when there are [`MOST_NODES`] already, count for the caller.

use crate::observe::{Done, Observer, Snapshot};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt::Write as _;
use vega_format::parsed::Parsed;

/// The deepest call that has a node of its own.
pub const MOST_DEPTH: usize = 256;
/// The most nodes.
pub const MOST_NODES: usize = 10_000;

/// Calls of one function on one path of calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The function.
    pub function: u32,
    /// The node of the caller, by its index; it stands before this one.
    pub caller: Option<usize>,
    /// Steps by source line; where there are none, line 0.
    pub lines: BTreeMap<u32, u64>,
    callees: BTreeMap<u32, usize>,
}

impl Node {
    /// The steps of the function itself.
    pub fn steps(&self) -> u64 {
        self.lines.values().sum()
    }
}

/// Finds out where steps go.
#[derive(Debug, Default)]
pub struct Profiler {
    nodes: Vec<Node>,
    /// Where it is now.
    node: usize,
    /// How many frames deeper it is than its node.
    beyond: usize,
    depth: usize,
    line: u32,
    counted: u64,
}

impl Profiler {
    /// Nothing has happened yet.
    pub fn new() -> Profiler {
        Profiler::default()
    }

    /// The calls, each behind its caller.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// A line for each path of calls on which steps were used, as tools that draw flame graphs read it:
    /// `main();sum([]int) -> int 73`.
    pub fn folded(&self, module: &Parsed<'_>) -> String {
        let name =
            |function| module.function(function).map_or(String::new(), |function| function.signature.to_string());
        let mut paths: Vec<String> = Vec::new();
        let mut text = String::new();
        for node in &self.nodes {
            let caller = node.caller.and_then(|caller| paths.get(caller));
            let path = match caller {
                Some(caller) => format!("{caller};{}", name(node.function)),
                None => name(node.function),
            };
            if node.steps() > 0 {
                let _ = writeln!(text, "{path} {}", node.steps());
            }
            paths.push(path);
        }
        text
    }

    /// Steps since the last time were used where it is now.
    fn count(&mut self, state: &Snapshot<'_>) {
        let used = state.used().steps;
        if let Some(node) = self.nodes.get_mut(self.node) {
            *node.lines.entry(self.line).or_default() += used - self.counted;
        }
        self.counted = used;
    }

    fn call(&mut self, function: u32) {
        let count = self.nodes.len();
        let known = self.nodes.get(self.node).and_then(|node| node.callees.get(&function)).copied();
        let node = match known {
            Some(node) if self.beyond == 0 => node,
            None if self.beyond == 0 && self.depth < MOST_DEPTH && count < MOST_NODES => {
                if let Some(caller) = self.nodes.get_mut(self.node) {
                    caller.callees.insert(function, count);
                }
                self.add(function, Some(self.node))
            }
            _ => {
                self.beyond += 1;
                return;
            }
        };
        self.node = node;
    }

    fn add(&mut self, function: u32, caller: Option<usize>) -> usize {
        self.nodes.push(Node { function, caller, lines: BTreeMap::new(), callees: BTreeMap::new() });
        self.nodes.len() - 1
    }

    fn leave(&mut self) {
        match self.beyond.checked_sub(1) {
            Some(beyond) => self.beyond = beyond,
            None => self.node = self.nodes.get(self.node).and_then(|node| node.caller).unwrap_or(self.node),
        }
    }
}

impl Observer for Profiler {
    fn before_instruction(&mut self, coming: &Done<'_>, state: &Snapshot<'_>) {
        let function = coming.function.index;
        let depth = state.depth();
        match depth.cmp(&self.depth) {
            core::cmp::Ordering::Greater if self.nodes.is_empty() => self.node = self.add(function, None),
            core::cmp::Ordering::Greater => self.call(function),
            core::cmp::Ordering::Less => self.leave(),
            core::cmp::Ordering::Equal => {}
        }
        self.depth = depth;
        self.line = state.module().source_line(function, coming.ip).map_or(0, |(_, line)| line);
    }

    fn after_instruction(&mut self, _: &Done<'_>, state: &Snapshot<'_>) {
        self.count(state);
    }

    fn at_end(&mut self, state: &Snapshot<'_>) {
        self.count(state);
    }
}
