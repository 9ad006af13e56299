//! What an editor asks of a program that stands still: its calls, their variables, and why it stopped.

use super::Counts;
use crate::debug::session::Session;
use crate::debug::variables::{self, Variable};
use crate::debug::watches::Watch;
use crate::observe::Snapshot;
use crate::outcome::End;
use serde_json::{Value, json};
use vega_report::command::SourceTexts;

/// What a reference that was given out stands for, until it goes on.
enum Shown {
    /// The variables of a frame, by its place from the innermost.
    Variables(usize),
    /// Where a frame is.
    Registers(usize),
    /// The static variables.
    Statics,
    /// The parts of a variable.
    Parts(Box<Variable>),
}

/// Answers, with the references that were given out.
pub(super) struct Answers {
    sources: SourceTexts,
    counts: Counts,
    shown: Vec<Shown>,
}

impl Answers {
    pub(super) fn new(sources: SourceTexts, counts: Counts) -> Answers {
        Answers { sources, counts, shown: Vec::new() }
    }

    /// It goes on: what was shown is no longer so.
    pub(super) fn forget(&mut self) {
        self.shown.clear();
    }

    pub(super) fn answer(
        &mut self,
        session: &Session<'_, '_>,
        command: &str,
        arguments: &Value,
    ) -> Result<Value, String> {
        match command {
            "threads" => Ok(json!({ "threads": [{ "id": 1, "name": "main" }] })),
            "stackTrace" => Ok(self.stack_trace(session, arguments)),
            "scopes" => Ok(self.scopes(session, place_of(arguments))),
            "variables" => self.variables(session, arguments),
            "evaluate" => self.evaluate(session, arguments),
            "dataBreakpointInfo" => self.watchable(session, arguments),
            "exceptionInfo" => exception_info(session),
            other => Err(format!("`{}` is not known here", vega_report::quote(other))),
        }
    }

    fn stack_trace(&self, session: &Session<'_, '_>, arguments: &Value) -> Value {
        const MOST: u64 = 1_000;
        let state = session.state();
        let start = number(&arguments["startFrame"]).unwrap_or(0);
        let levels = number(&arguments["levels"]).filter(|levels| *levels > 0).unwrap_or(MOST).min(MOST);
        let frames = state.frames().enumerate().skip(start as usize).take(levels as usize);
        let frames: Vec<_> = frames
            .map(|(place, frame)| {
                let (function, ip) = (frame.function(), frame.at());
                let source = session.module().source_line(function.index, ip);
                let mut shown = json!({ "id": place + 1, "name": function.signature.to_string() });
                shown["line"] = source.map_or(0, |(_, line)| self.counts.told(line)).into();
                shown["column"] = self.counts.column.into();
                shown["instructionPointerReference"] = format!("{}+{ip:#06x}", function.name).into();
                if let Some((file, _)) = source {
                    let path = self.sources.path(file).and_then(|path| std::path::absolute(path).ok());
                    let name = file.rsplit('/').next().unwrap_or(file);
                    shown["source"] = match path {
                        Some(path) => json!({ "name": name, "path": path }),
                        None => json!({ "name": name }),
                    };
                }
                shown
            })
            .collect();
        json!({ "stackFrames": frames, "totalFrames": state.depth() })
    }

    fn scopes(&mut self, session: &Session<'_, '_>, place: usize) -> Value {
        let variables = self.refer(Shown::Variables(place));
        let registers = self.refer(Shown::Registers(place));
        let mut scopes = vec![
            json!({ "name": "Variables", "presentationHint": "locals", "variablesReference": variables, "expensive": false }),
            json!({ "name": "Registers", "presentationHint": "registers", "variablesReference": registers, "expensive": false }),
        ];
        if session.module().static_count() > 0 {
            let statics = self.refer(Shown::Statics);
            scopes.push(json!({ "name": "Static variables", "variablesReference": statics, "expensive": false }));
        }
        json!({ "scopes": scopes })
    }

    fn refer(&mut self, shown: Shown) -> usize {
        self.shown.push(shown);
        self.shown.len()
    }

    /// What a reference stands for.
    fn shown(&self, reference: u64) -> Result<&Shown, String> {
        let shown = (reference as usize).checked_sub(1).and_then(|place| self.shown.get(place));
        shown.ok_or_else(|| "what was shown is no longer so".to_owned())
    }

    /// The variables of what was shown; registers are none.
    fn listed(&self, state: &Snapshot<'_>, shown: &Shown) -> Result<Vec<Variable>, String> {
        Ok(match shown {
            Shown::Variables(place) => {
                variables::of_frame(state, &state.frames().nth(*place).ok_or("there is no such frame")?)
            }
            Shown::Statics => variables::statics(state),
            Shown::Parts(variable) => variable.parts(state),
            Shown::Registers(_) => Vec::new(),
        })
    }

    fn variables(&mut self, session: &Session<'_, '_>, arguments: &Value) -> Result<Value, String> {
        let state = session.state();
        let shown = self.shown(number(&arguments["variablesReference"]).unwrap_or(0))?;
        if let Shown::Registers(place) = shown {
            let frame = state.frames().nth(*place).ok_or("there is no such frame")?;
            let (instructions, steps) = session.counts();
            let stack = crate::value::describe_cells(frame.stack(), state.memory(), state.module().stencils());
            let registers = [
                ("ip", format!("{:#06x}", frame.at())),
                ("sp", frame.sp().to_string()),
                ("stack", stack),
                ("instructions", instructions.to_string()),
                ("steps", steps.to_string()),
            ];
            let registers =
                registers.map(|(name, value)| json!({ "name": name, "value": value, "variablesReference": 0 }));
            return Ok(json!({ "variables": registers }));
        }
        let variables = self.listed(&state, shown)?;
        let start = number(&arguments["start"]).unwrap_or(0) as usize;
        let count = number(&arguments["count"]).filter(|count| *count > 0).map_or(usize::MAX, |count| count as usize);
        let told: Vec<_> =
            variables.into_iter().skip(start).take(count).map(|variable| self.tell(session, variable)).collect();
        Ok(json!({ "variables": told }))
    }

    fn tell(&mut self, session: &Session<'_, '_>, variable: Variable) -> Value {
        let parts = variable.part_count(&session.state());
        let mut told = json!({ "name": variable.name, "value": variable.value, "type": variable.type_name });
        told["evaluateName"] = variable.path.as_str().into();
        told["indexedVariables"] = parts.min(variables::MOST_PARTS).into();
        told["variablesReference"] = if parts > 0 { self.refer(Shown::Parts(Box::new(variable))) } else { 0 }.into();
        told
    }

    /// By which path the bytes of a variable or a part can be watched.
    fn watchable(&self, session: &Session<'_, '_>, arguments: &Value) -> Result<Value, String> {
        let name = arguments["name"].as_str().ok_or("`name` is missing")?;
        let state = session.state();
        let meant = match number(&arguments["variablesReference"]).filter(|reference| *reference > 0) {
            None => {
                let frame = state.frames().nth(place_of(arguments)).ok_or("there is no such frame")?;
                variables::find(&state, &frame, name)?
            }
            Some(reference) => {
                let listed = self.listed(&state, self.shown(reference)?)?;
                let named = listed.into_iter().rev().find(|variable| variable.name == name);
                named.ok_or_else(|| format!("`{}` is no variable here", vega_report::quote(name)))?
            }
        };
        let path = &meant.path;
        let is_meant = |found: &Variable| found.memory == meant.memory;
        let watched = Watch::path(&state, path).and_then(|_| variables::find(&state, &state.frame(), path));
        Ok(match watched {
            Ok(found) if is_meant(&found) => {
                json!({ "dataId": path, "description": path, "accessTypes": ["write"] })
            }
            Err(words) if meant.memory.is_empty() => json!({ "dataId": null, "description": words }),
            _ => json!({ "dataId": null, "description": "only variables of the innermost frame can be watched" }),
        })
    }

    fn evaluate(&mut self, session: &Session<'_, '_>, arguments: &Value) -> Result<Value, String> {
        let path = arguments["expression"].as_str().ok_or("`expression` is missing")?;
        let state = session.state();
        let frame = state.frames().nth(place_of(arguments)).ok_or("there is no such frame")?;
        let variable = variables::find(&state, &frame, path.trim())?;
        let mut told = self.tell(session, variable);
        let value = told.as_object_mut().and_then(|told| told.remove("value"));
        told["result"] = value.unwrap_or_default();
        Ok(told)
    }
}

/// The place of the frame that a request is about.
fn place_of(arguments: &Value) -> usize {
    number(&arguments["frameId"]).map_or(0, |id| (id as usize).saturating_sub(1))
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64()
}

fn exception_info(session: &Session<'_, '_>) -> Result<Value, String> {
    let end = session.outcome().map(|outcome| &outcome.end).ok_or("nothing has happened")?;
    let id = match end {
        End::Trap(report) => report.trap.kind().code(),
        End::Limit(limit, _) => limit.kind.code(),
        _ => "end",
    };
    Ok(json!({ "exceptionId": id, "description": end.to_string(), "breakMode": "always" }))
}
