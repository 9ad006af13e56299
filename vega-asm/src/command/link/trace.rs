//! `--time-trace`: where the time goes, in the form that `chrome://tracing` and Perfetto read.

use serde::Serialize;
use std::time::Instant;

/// The steps so far.
pub(super) struct Trace {
    start: Instant,
    events: Vec<Event>,
}

/// A document of that form.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    trace_events: Vec<Event>,
}

/// A step: times are in microseconds.
#[derive(Debug, Serialize)]
struct Event {
    name: &'static str,
    /// `X`: an event with a beginning and a duration.
    ph: &'static str,
    ts: u64,
    dur: u64,
    pid: u32,
    tid: u32,
}

impl Trace {
    pub(super) fn start() -> Trace {
        Trace { start: Instant::now(), events: Vec::new() }
    }

    /// A step begins; the one before it ends.
    pub(super) fn step(&mut self, name: &'static str) {
        let ts = self.close();
        self.events.push(Event { name, ph: "X", ts, dur: 0, pid: 1, tid: 1 });
    }

    fn close(&mut self) -> u64 {
        let now = self.start.elapsed().as_micros() as u64;
        if let Some(last) = self.events.last_mut() {
            last.dur = now - last.ts;
        }
        now
    }

    /// All of it, with the whole as an event of its own.
    pub(super) fn end(mut self) -> Document {
        let dur = self.close();
        self.events.push(Event { name: "link", ph: "X", ts: 0, dur, pid: 1, tid: 1 });
        Document { trace_events: self.events }
    }
}
