//! Which lines of the sources a run has reached, and how often, in the form of lcov, which `genhtml` and editors read.

use crate::observe::{Done, Observer, Snapshot};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt::Write as _;
use vega_format::hash::HashMap;
use vega_format::parsed::Parsed;
use vega_format::text::escaped;

/// Counts the instructions with which lines begin, and calls.
#[derive(Debug, Default)]
pub struct Coverage {
    executed: HashMap<(u32, u32), u64>,
    calls: HashMap<u32, u64>,
    depth: usize,
}

/// What is known of a source.
#[derive(Default)]
struct Covered {
    /// Line of the declaration, name, calls.
    functions: Vec<(u32, String, u64)>,
    lines: BTreeMap<u32, u64>,
}

impl Coverage {
    /// Nothing was reached yet.
    pub fn new() -> Coverage {
        Coverage::default()
    }

    /// All lines that have code, by source, with how often they were reached, of the sources that are wanted. A line that
    /// begins at several places in a function was reached as often as that of them which was reached most.
    pub fn lcov(&self, module: &Parsed<'_>, is_wanted: impl Fn(&str) -> bool) -> String {
        let mut sources: BTreeMap<&str, Covered> = BTreeMap::new();
        for function in module.functions() {
            let Some(debug) = module.debug(function.index) else { continue };
            let source = module.sources().nth(debug.source as usize);
            let Some(source) = source.filter(|source| is_wanted(source)) else { continue };
            let covered = sources.entry(source).or_default();
            let calls = self.calls.get(&function.index).copied().unwrap_or(0);
            covered.functions.push((debug.line, function.signature.to_string(), calls));
            let mut lines: BTreeMap<u32, u64> = BTreeMap::new();
            for record in &debug.lines {
                let executed = self.executed.get(&(function.index, record.offset)).copied().unwrap_or(0);
                let most = lines.entry(record.line).or_default();
                *most = executed.max(*most);
            }
            for (line, count) in lines {
                *covered.lines.entry(line).or_default() += count;
            }
        }
        let mut text = String::new();
        for (source, covered) in &sources {
            covered.write(source, &mut text);
        }
        text
    }
}

impl Covered {
    fn write(&self, source: &str, text: &mut String) {
        let _ = writeln!(text, "TN:\nSF:{}", escaped(source));
        for (line, name, _) in &self.functions {
            let _ = writeln!(text, "FN:{line},{name}");
        }
        for (_, name, calls) in &self.functions {
            let _ = writeln!(text, "FNDA:{calls},{name}");
        }
        let called = self.functions.iter().filter(|(_, _, calls)| *calls > 0).count();
        let _ = writeln!(text, "FNF:{}\nFNH:{called}", self.functions.len());
        for (line, count) in &self.lines {
            let _ = writeln!(text, "DA:{line},{count}");
        }
        let reached = self.lines.values().filter(|count| **count > 0).count();
        let _ = writeln!(text, "LF:{}\nLH:{reached}\nend_of_record", self.lines.len());
    }
}

impl Observer for Coverage {
    /// What traps was reached, too.
    fn before_instruction(&mut self, coming: &Done<'_>, state: &Snapshot<'_>) {
        let function = coming.function.index;
        *self.executed.entry((function, coming.ip)).or_default() += 1;
        let depth = state.depth();
        if depth > self.depth {
            *self.calls.entry(function).or_default() += 1;
        }
        self.depth = depth;
    }
}
