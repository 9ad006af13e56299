//! A profile in the form that <https://profiler.firefox.com> opens. Its clock is that of steps: a step is a millisecond, and a
//! sample is a line of a function on a path of calls, as wide as the steps that it used.

use crate::profile::Profiler;
use serde_json::{Value, json};
use std::collections::HashMap;
use vega_format::parsed::Parsed;

/// The version of the profiler's own format and of its processed one: those that the crate `fxprof-processed-profile` of the
/// profiler's developers writes. It knows no lines of sources, but a test holds these tables against its own.
const VERSIONS: [u32; 2] = [24, 55];

/// The profile as a document.
pub(super) fn document(profiler: &Profiler, module: &Parsed<'_>, name: &str) -> String {
    let mut tables = Tables::default();
    let (mut stacks, mut samples) = (Vec::new(), Samples::default());
    for node in profiler.nodes() {
        let prefix = node.caller.and_then(|caller| stacks.get(caller).copied());
        let function = tables.function(module, node.function);
        let own = tables.stack(prefix, function, None);
        stacks.push(own);
        for (line, steps) in node.lines.iter().filter(|(_, steps)| **steps > 0) {
            let line = Some(*line).filter(|line| *line > 0);
            let stack = line.map_or(own, |line| tables.stack(prefix, function, Some(line)));
            samples.add(stack, *steps);
        }
    }
    let [version, processed] = VERSIONS;
    let category = json!([{ "name": "Vega", "color": "blue", "subcategories": ["Other"] }]);
    let document = json!({
        "meta": {
            "version": version, "preprocessedProfileVersion": processed, "product": name, "processType": 0,
            "interval": 1, "startTime": 0, "symbolicated": true, "debug": false,
            "categories": category, "markerSchema": [],
            "extensions": { "baseURL": [], "id": [], "length": 0, "name": [] },
            "sampleUnits": { "time": "ms", "eventDelay": "ms", "threadCPUDelta": "µs" },
            "pausedRanges": [], "usesOnlyOneStackType": true, "sourceCodeIsNotOnSearchfox": true,
        },
        "libs": [], "pages": [], "counters": [], "profilerOverhead": [],
        "threads": [tables.thread(name, samples)],
    });
    format!("{document}\n")
}

#[derive(Default)]
struct Samples {
    stacks: Vec<usize>,
    /// The steps of the sample before.
    deltas: Vec<u64>,
    weights: Vec<u64>,
}

impl Samples {
    fn add(&mut self, stack: usize, steps: u64) {
        self.stacks.push(stack);
        self.deltas.push(self.weights.last().copied().unwrap_or_default());
        self.weights.push(steps);
    }
}

/// The tables of a thread, which point into one another by index.
#[derive(Default)]
struct Tables {
    strings: Vec<String>,
    known_strings: HashMap<String, usize>,
    /// Name, source, and line of the declaration.
    functions: Vec<(usize, Option<usize>, Option<u32>)>,
    known_functions: HashMap<u32, usize>,
    /// Function and line.
    frames: Vec<(usize, Option<u32>)>,
    known_frames: HashMap<(usize, Option<u32>), usize>,
    /// Prefix and frame.
    stacks: Vec<(Option<usize>, usize)>,
}

impl Tables {
    fn string(&mut self, text: &str) -> usize {
        let next = self.strings.len();
        let place = *self.known_strings.entry(text.to_owned()).or_insert(next);
        if place == next {
            self.strings.push(text.to_owned());
        }
        place
    }

    fn function(&mut self, module: &Parsed<'_>, index: u32) -> usize {
        if let Some(place) = self.known_functions.get(&index) {
            return *place;
        }
        let name = module.function(index).map(|function| function.signature.to_string()).unwrap_or_default();
        let name = self.string(&name);
        let debug = module.debug(index);
        let source = debug.as_ref().and_then(|debug| module.sources().nth(debug.source as usize));
        let source = source.map(|source| self.string(source));
        self.functions.push((name, source, debug.map(|debug| debug.line)));
        self.known_functions.insert(index, self.functions.len() - 1);
        self.functions.len() - 1
    }

    fn stack(&mut self, prefix: Option<usize>, function: usize, line: Option<u32>) -> usize {
        let next = self.frames.len();
        let frame = *self.known_frames.entry((function, line)).or_insert(next);
        if frame == next {
            self.frames.push((function, line));
        }
        self.stacks.push((prefix, frame));
        self.stacks.len() - 1
    }

    fn thread(self, name: &str, samples: Samples) -> Value {
        let Tables { strings, functions, frames, stacks, .. } = self;
        let (frame_count, function_count, stack_count) = (frames.len(), functions.len(), stacks.len());
        let zeros = |count| vec![0; count];
        let nulls = |count| vec![Value::Null; count];
        json!({
            "name": name, "isMainThread": true, "processType": "default", "processName": name,
            "processStartupTime": 0, "processShutdownTime": null, "registerTime": 0, "unregisterTime": null,
            "pausedRanges": [], "pid": "1", "tid": "1", "showMarkersInTimeline": false,
            "samples": {
                "stack": samples.stacks, "timeDeltas": samples.deltas, "weight": samples.weights,
                "weightType": "samples", "length": samples.weights.len(),
            },
            "markers": { "data": [], "name": [], "startTime": [], "endTime": [], "phase": [], "category": [], "length": 0 },
            "stackTable": {
                "prefix": stacks.iter().map(|(prefix, _)| *prefix).collect::<Vec<_>>(),
                "frame": stacks.iter().map(|(_, frame)| *frame).collect::<Vec<_>>(),
                "length": stack_count,
            },
            "frameTable": {
                "func": frames.iter().map(|(function, _)| *function).collect::<Vec<_>>(),
                "line": frames.iter().map(|(_, line)| *line).collect::<Vec<_>>(),
                "address": vec![-1; frame_count], "inlineDepth": zeros(frame_count),
                "category": zeros(frame_count), "subcategory": zeros(frame_count),
                "nativeSymbol": nulls(frame_count), "innerWindowID": zeros(frame_count),
                "column": nulls(frame_count), "length": frame_count,
            },
            "funcTable": {
                "name": functions.iter().map(|(name, ..)| *name).collect::<Vec<_>>(),
                "fileName": functions.iter().map(|(_, source, _)| *source).collect::<Vec<_>>(),
                "lineNumber": functions.iter().map(|(.., line)| *line).collect::<Vec<_>>(),
                "columnNumber": nulls(function_count), "isJS": vec![false; function_count],
                "relevantForJS": vec![false; function_count], "resource": vec![-1; function_count],
                "length": function_count,
            },
            "resourceTable": { "lib": [], "name": [], "host": [], "type": [], "length": 0 },
            "nativeSymbols": { "libIndex": [], "address": [], "name": [], "functionSize": [], "length": 0 },
            "stringArray": strings,
        })
    }
}
