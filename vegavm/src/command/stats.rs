//! `--stats`: what a run used, what was left, and the peaks, as lines or as JSON in the form of `spec/stats.schema.json`.

use crate::instance::Ran;
use crate::limits::Limits;
use crate::outcome::{End, Outcome, Used};
use clap::ValueEnum;
use serde_json::{Value, json};
use vega_format::text::counted;

const SCHEMA_VERSION: u32 = 1;

/// How to show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StatsForm {
    /// Lines for people
    Text,
    /// One JSON document on a line
    Json,
}

/// A figure and its limit, if it has one.
struct Figure {
    name: &'static str,
    /// How it is counted: all of a run, or the most at once.
    kind: &'static str,
    value: u64,
    limit: Option<u64>,
    unit: &'static str,
}

impl Figure {
    fn left(&self) -> Option<u64> {
        self.limit.map(|limit| limit.saturating_sub(self.value))
    }

    fn line(&self) -> String {
        let peak = if self.kind == PEAK { "peak " } else { "" };
        let left = self.left().map(|left| format!(", {left} left")).unwrap_or_default();
        let value = match self.unit {
            "" => self.value.to_string(),
            unit => counted(self.value, unit),
        };
        format!("{peak}{} {value}{left}\n", self.name)
    }

    fn json(&self) -> Value {
        json!({ self.kind: self.value, "left": self.left(), "limit": self.limit })
    }
}

const USED: &str = "used";
const PEAK: &str = "peak";
const LIMIT: &str = "limit";

fn figures(used: &Used, limits: &Limits) -> [Figure; 4] {
    let figure = |name, kind, value, limit, unit| Figure { name, kind, value, limit, unit };
    [
        figure("steps", USED, used.steps, limits.steps, ""),
        figure("memory", PEAK, used.memory, Some(limits.memory), "byte"),
        figure("frames", PEAK, used.frames.into(), Some(limits.frames.into()), ""),
        figure("output", USED, used.output, limits.output, "byte"),
    ]
}

/// What a run used, ended by a line feed.
pub(super) fn show(outcome: &Outcome, limits: &Limits, ran: Option<Ran>, form: StatsForm) -> String {
    show_end(name(&outcome.end), &outcome.used, limits, ran, form)
}

/// The same where a limit was in the way of the first instruction.
pub(super) fn show_unbegun(limits: &Limits, form: StatsForm) -> String {
    show_end(LIMIT, &Used::default(), limits, None, form)
}

fn show_end(end: &str, used: &Used, limits: &Limits, ran: Option<Ran>, form: StatsForm) -> String {
    let figures = figures(used, limits);
    match form {
        StatsForm::Text => figures.iter().map(Figure::line).collect(),
        StatsForm::Json => {
            let mut document = json!({ "schema_version": SCHEMA_VERSION, "end": end });
            if let Some(Ran { engine, why }) = ran {
                document["engine"] = json!({ "name": format!("{engine:?}").to_lowercase(), "why": why });
            }
            for figure in &figures {
                document[figure.name] = figure.json();
            }
            format!("{document}\n")
        }
    }
}

fn name(end: &End) -> &'static str {
    match end {
        End::Result(_) => "result",
        End::Trap(_) => "trap",
        End::Limit(..) => LIMIT,
        End::Cancelled(_) => "cancelled",
        End::HostIo(..) => "host-io",
        End::Internal(_) => "internal",
    }
}
