//! The debugger for editors: the Debug Adapter Protocol on standard input and output.
//!
//! `launch` takes `program` (a .vgb), `args`, `input` (a file to read from), `stopOnEntry` and `noDebug`. Lines, functions and
//! instructions can be stopped at, and everything can be gone back over. A trap stops like an exception: its state can be
//! looked at, and gone back from.

mod answers;
mod wire;

use super::conditions::Condition;
use super::places;
use super::session::{Breakpoint, Go, Journey, Session, Stopped};
use super::tape::Tape;
use super::watches::Watch;
use crate::arguments;
use crate::limits::Limits;
use crate::loader::load;
use crate::native::Imports;
use crate::outcome::End;
use crate::program::Program;
use crate::value::Value as Argument;
use alloc::sync::Arc;
use answers::Answers;
use core::sync::atomic::{AtomicBool, Ordering};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{self, BufRead, Read, Write};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, TryRecvError};
use vega_format::cell;
use vega_format::types::Tag;
use vega_report::command::{SourceTexts, Status, read_input, unreadable};
use vega_report::quote;
use wire::Outgoing;

/// Serves one editor until it goes away.
///
/// # Errors
/// The streams fail, or what comes is no message.
pub(crate) fn by_messages(
    limits: &Limits,
    input: impl BufRead + Send + 'static,
    output: Box<dyn Write>,
) -> io::Result<()> {
    let interrupt = Arc::new(AtomicBool::new(false));
    let requests = requests(input, Arc::clone(&interrupt));
    let outgoing = Outgoing::new(output);
    let mut counts = Counts::default();
    while let Ok(request) = requests.recv() {
        let request = request?;
        match request["command"].as_str().unwrap_or_default() {
            "initialize" => {
                counts = Counts::new(&request["arguments"]);
                outgoing.respond(&request, Ok(capabilities()))?;
            }
            "launch" => match Launch::new(&request["arguments"], limits) {
                Err(words) => outgoing.respond(&request, Err(words))?,
                Ok(launch) => {
                    outgoing.respond(&request, Ok(json!({})))?;
                    return launch.serve(limits, counts, &requests, &outgoing, interrupt);
                }
            },
            "disconnect" => return outgoing.respond(&request, Ok(json!({}))),
            other => outgoing.respond(&request, Err(format!("`{}` before `launch`", quote(other))))?,
        }
    }
    Ok(())
}

/// Reads requests on a thread of their own, so that each can interrupt a program that runs. The flag is raised behind what it
/// speaks of: who sees it finds that in the channel, unless it was taken out already.
fn requests(mut input: impl BufRead + Send + 'static, interrupt: Arc<AtomicBool>) -> Receiver<io::Result<Value>> {
    let (sender, requests) = mpsc::channel();
    std::thread::spawn(move || {
        while let Some(request) = wire::read(&mut input).transpose() {
            let is_over = request.is_err();
            if sender.send(request).is_err() || is_over {
                break;
            }
            interrupt.store(true, Ordering::Release);
        }
        // An editor that has gone away leaves no program running.
        drop(sender);
        interrupt.store(true, Ordering::Release);
    });
    requests
}

fn capabilities() -> Value {
    json!({
        "supportsConfigurationDoneRequest": true,
        "supportsFunctionBreakpoints": true,
        "supportsConditionalBreakpoints": true,
        "supportsStepBack": true,
        "supportsSteppingGranularity": true,
        "supportsTerminateRequest": true,
        "supportsRestartRequest": true,
        "supportsEvaluateForHovers": true,
        "supportsDataBreakpoints": true,
        "supportsExceptionInfoRequest": true,
        "supportsDelayedStackTraceLoading": true,
    })
}

/// A program that is to be debugged.
struct Launch {
    program: Program,
    arguments: Vec<Argument>,
    input: Box<dyn Read>,
    sources: SourceTexts,
    stops_on_entry: bool,
    /// Whether it is only to run.
    only_runs: bool,
}

impl Launch {
    fn new(request: &Value, limits: &Limits) -> Result<Launch, String> {
        let file = request["program"].as_str().ok_or("`program` is missing: the .vgb to debug")?;
        let read = |file: &str| {
            let unread = |error| format!("`{}`: {}", quote(file), unreadable(Path::new(file), &error).title);
            read_input(Path::new(file)).map_err(unread)
        };
        let bytes = read(file)?;
        let granted = Imports::console(crate::Console::new(io::sink(), io::empty()));
        let program = load(bytes, &granted, limits, &mut ()).map_err(|error| error.to_string())?;
        let words = texts(&request["args"])?;
        let arguments = arguments::parse(&program, &words).map_err(|error| error.to_string())?;
        let input: Box<dyn Read> = match &request["input"] {
            Value::Null => Box::new(io::empty()),
            Value::String(file) => Box::new(io::Cursor::new(read(file)?)),
            other => return Err(format!("`input`: found `{}`, wanted the name of a file", quote(&other.to_string()))),
        };
        let is_set = |word: &str| request[word].as_bool().unwrap_or(false);
        let only_runs = is_set("noDebug");
        let stops_on_entry = is_set("stopOnEntry") && !only_runs;
        let sources = SourceTexts::beside(Path::new(file));
        Ok(Launch { program, arguments, input, sources, stops_on_entry, only_runs })
    }

    fn serve(
        self,
        limits: &Limits,
        counts: Counts,
        requests: &Receiver<io::Result<Value>>,
        outgoing: &Outgoing,
        interrupt: Arc<AtomicBool>,
    ) -> io::Result<()> {
        let tape = Tape::new(self.input, outgoing.stream("stdout"), outgoing.stream("stderr"));
        let imports = Imports::console(tape.console());
        let mut instance = self.program.instantiate();
        let run = match instance.stepper(&self.arguments, limits) {
            Ok(run) => run,
            Err(error) => return outgoing.event("terminated", json!({ "error": error.to_string() })),
        };
        let mut server = Server {
            session: Session::new(self.program.module(), run, tape, imports, Arc::clone(&interrupt)),
            outgoing,
            answers: Answers::new(self.sources, counts),
            counts,
            stops_on_entry: self.stops_on_entry,
            only_runs: self.only_runs,
            breakpoints: HashMap::new(),
            running: None,
        };
        outgoing.event("initialized", json!({}))?;
        loop {
            let request = match server.running {
                None => requests.recv().map_err(|_| TryRecvError::Disconnected),
                Some(journey) => {
                    server.go_on(journey)?;
                    requests.try_recv()
                }
            };
            let goes_on = match request {
                Ok(request) => server.serve(&request?)?,
                Err(TryRecvError::Empty) => true,
                Err(TryRecvError::Disconnected) => false,
            };
            if !goes_on {
                return Ok(());
            }
        }
    }
}

/// What an editor calls the first line and the first column: 1, unless it says otherwise.
#[derive(Debug, Clone, Copy)]
struct Counts {
    line: u32,
    column: u32,
}

impl Default for Counts {
    fn default() -> Counts {
        Counts { line: 1, column: 1 }
    }
}

impl Counts {
    fn new(request: &Value) -> Counts {
        let first = |word: &str| u32::from(request[word] != false);
        Counts { line: first("linesStartAt1"), column: first("columnsStartAt1") }
    }

    /// What the editor calls a line.
    fn told(self, line: u32) -> u32 {
        (line + self.line).saturating_sub(1)
    }

    /// The line that the editor calls so; 0 if there can be none.
    fn meant(self, line: &Value) -> u32 {
        let line = line.as_u64().and_then(|line| u32::try_from(line).ok()).unwrap_or_default();
        (u64::from(line) + 1).saturating_sub(self.line.into()) as u32
    }
}

/// The words of a list.
fn texts(list: &Value) -> Result<Vec<&str>, String> {
    let wrong = |found: &Value| format!("`args`: found `{}`, wanted a list of texts", quote(&found.to_string()));
    match list {
        Value::Null => Ok(Vec::new()),
        Value::Array(words) => words.iter().map(|word| word.as_str().ok_or_else(|| wrong(word))).collect(),
        other => Err(wrong(other)),
    }
}

/// What an editor talks to once a program is there.
struct Server<'s, 'i, 'p> {
    session: Session<'i, 'p>,
    outgoing: &'s Outgoing,
    answers: Answers,
    counts: Counts,
    stops_on_entry: bool,
    /// Whether nothing is to stop it: then there are no breakpoints, and a trap is its end.
    only_runs: bool,
    /// The numbers of breakpoints by the source, or for functions the empty text, for which they were set.
    breakpoints: HashMap<String, Vec<u32>>,
    /// Where it is on its way to.
    running: Option<Journey>,
}

impl Server<'_, '_, '_> {
    /// Answers a request; says whether there may be another.
    fn serve(&mut self, request: &Value) -> io::Result<bool> {
        let arguments = &request["arguments"];
        let command = request["command"].as_str().unwrap_or_default();
        let go = go_of(command, arguments["granularity"] == "instruction");
        if let Some((how, goes_back)) = go {
            self.outgoing.respond(request, Ok(json!({ "allThreadsContinued": true })))?;
            match goes_back {
                true => self.go_back(how)?,
                false => self.set_out(how)?,
            }
            return Ok(true);
        }
        match command {
            "configurationDone" => {
                self.outgoing.respond(request, Ok(json!({})))?;
                match self.stops_on_entry {
                    true => self.tell(&Stopped::Start)?,
                    false => self.set_out(Go::On)?,
                }
            }
            "restart" => {
                self.outgoing.respond(request, Ok(json!({})))?;
                self.answers.forget();
                match (self.session.restart(), self.stops_on_entry) {
                    (stopped, true) => self.arrive(&stopped)?,
                    (_, false) => self.set_out(Go::On)?,
                }
            }
            "terminate" => {
                self.running = None;
                self.outgoing.respond(request, Ok(json!({})))?;
                self.outgoing.event("terminated", json!({}))?;
            }
            "disconnect" => {
                self.outgoing.respond(request, Ok(json!({})))?;
                return Ok(false);
            }
            "pause" => {
                self.outgoing.respond(request, Ok(json!({})))?;
                if self.running.is_some() {
                    self.arrive(&Stopped::Interrupted)?;
                }
            }
            "setExceptionBreakpoints" => self.outgoing.respond(request, Ok(json!({})))?,
            "setBreakpoints" => {
                let answer = self.set_line_breakpoints(arguments);
                self.outgoing.respond(request, answer)?;
            }
            "setFunctionBreakpoints" => {
                let answer = self.set_function_breakpoints(arguments);
                self.outgoing.respond(request, Ok(answer))?;
            }
            "setDataBreakpoints" => {
                let answer = self.set_watches(arguments);
                self.outgoing.respond(request, Ok(answer))?;
            }
            _ => {
                let answer = self.answers.answer(&self.session, command, arguments);
                self.outgoing.respond(request, answer)?;
            }
        }
        Ok(true)
    }

    /// It is to run, from here; of a program that is over nothing is left to go on with.
    fn set_out(&mut self, how: Go) -> io::Result<()> {
        if self.session.outcome().is_some() {
            return self.end();
        }
        self.running = Some(self.session.set_out(how));
        Ok(())
    }

    /// Runs until it stops, or a request comes: that is answered, and it goes on unless it was to stop.
    fn go_on(&mut self, journey: Journey) -> io::Result<()> {
        self.answers.forget();
        match self.session.go_on(journey) {
            Stopped::Interrupted => Ok(()),
            stopped => self.arrive(&stopped),
        }
    }

    fn go_back(&mut self, how: Go) -> io::Result<()> {
        self.answers.forget();
        let stopped = self.session.go_back(how);
        self.arrive(&stopped)
    }

    fn arrive(&mut self, stopped: &Stopped) -> io::Result<()> {
        self.running = None;
        self.tell(stopped)
    }

    /// Says why it stopped.
    fn tell(&self, stopped: &Stopped) -> io::Result<()> {
        let mut body = json!({ "threadId": 1, "allThreadsStopped": true });
        body["reason"] = match stopped {
            Stopped::Start => "entry".into(),
            Stopped::Step => "step".into(),
            Stopped::Interrupted => "pause".into(),
            Stopped::Breakpoint(number) => {
                body["hitBreakpointIds"] = json!([number]);
                "breakpoint".into()
            }
            Stopped::Watch(hit) => {
                body["hitBreakpointIds"] = json!([hit.number]);
                "data breakpoint".into()
            }
            Stopped::Ended => match self.session.outcome().map(|outcome| &outcome.end) {
                None | Some(End::Result(_)) => return self.end(),
                Some(end) if self.only_runs => {
                    let output = json!({ "category": "stderr", "output": format!("{end}\n") });
                    self.outgoing.event("output", output)?;
                    return self.end();
                }
                Some(end) => {
                    let words = end.to_string();
                    body["description"] = words.lines().next().unwrap_or_default().into();
                    body["text"] = words.into();
                    "exception".into()
                }
            },
        };
        self.outgoing.event("stopped", body)
    }

    fn end(&self) -> io::Result<()> {
        let Some(outcome) = self.session.outcome() else { return Ok(()) };
        if let End::Result(Some(value)) = &outcome.end {
            self.outgoing.event("output", json!({ "category": "console", "output": format!("{value}\n") }))?;
        }
        self.outgoing.event("exited", json!({ "exitCode": exit_code(&outcome.end) }))?;
        self.outgoing.event("terminated", json!({}))
    }

    fn set_line_breakpoints(&mut self, arguments: &Value) -> Result<Value, String> {
        let source = &arguments["source"];
        let file = source["path"].as_str().or(source["name"].as_str()).ok_or("`source` is missing")?.to_owned();
        self.forget_breakpoints(&file);
        let mut told = Vec::new();
        for wanted in arguments["breakpoints"].as_array().into_iter().flatten() {
            let line = self.counts.meant(&wanted["line"]);
            let found = places::at_line(self.session.module(), Some(&file), line);
            told.push(self.set(&file, found, wanted));
        }
        Ok(json!({ "breakpoints": told }))
    }

    fn set_function_breakpoints(&mut self, arguments: &Value) -> Value {
        self.forget_breakpoints("");
        let mut told = Vec::new();
        for wanted in arguments["breakpoints"].as_array().into_iter().flatten() {
            let found = places::parse(self.session.module(), wanted["name"].as_str().unwrap_or_default(), None);
            told.push(self.set("", found, wanted));
        }
        json!({ "breakpoints": told })
    }

    /// What a data breakpoint is known by is a path of the frame where it stands.
    fn set_watches(&mut self, arguments: &Value) -> Value {
        let known: Vec<u32> = self.session.watches.keys().copied().collect();
        let mut kept = Vec::new();
        let mut told = Vec::new();
        for wanted in arguments["breakpoints"].as_array().into_iter().flatten() {
            let path = wanted["dataId"].as_str().unwrap_or_default();
            let same =
                known.iter().find(|number| self.session.watches.get(number).is_some_and(|watch| watch.words == path));
            let number = match same {
                Some(number) => Ok(*number),
                None => Watch::path(&self.session.state(), path).map(|watch| self.session.add_watch(watch)),
            };
            kept.extend(number.as_ref().ok().copied());
            told.push(match number {
                Ok(number) => json!({ "verified": true, "id": number }),
                Err(words) => json!({ "verified": false, "message": words }),
            });
        }
        for number in known.into_iter().filter(|number| !kept.contains(number)) {
            self.session.remove(number);
        }
        json!({ "breakpoints": told })
    }

    fn forget_breakpoints(&mut self, key: &str) {
        for number in self.breakpoints.remove(key).unwrap_or_default() {
            self.session.remove(number);
        }
    }

    /// Sets a breakpoint where it was found to be, as it is wanted.
    fn set(&mut self, key: &str, found: Result<places::Found, places::NoPlace>, wanted: &Value) -> Value {
        let odd = ["hitCondition", "logMessage"].into_iter().find(|word| wanted[*word].is_string());
        let set = match (found, odd) {
            _ if self.only_runs => Err("it only runs: `noDebug`".to_owned()),
            (Err(problem), _) => Err(problem.to_string()),
            (_, Some(word)) => Err(format!("`{word}` is not understood")),
            (Ok(found), None) => {
                let words = wanted["condition"].as_str().filter(|words| !words.trim().is_empty());
                let condition = words.map(|words| Condition::parse(words, self.session.module(), &found.places));
                condition.transpose().map(|condition| (found, condition))
            }
        };
        match set {
            Err(words) => json!({ "verified": false, "message": words }),
            Ok((places::Found { places, source }, condition)) => {
                let line = source.as_ref().map(|(_, line)| self.counts.told(*line));
                let number = self.session.add_breakpoint(Breakpoint { words: key.to_owned(), places, condition });
                self.breakpoints.entry(key.to_owned()).or_default().push(number);
                json!({ "verified": true, "id": number, "line": line })
            }
        }
    }
}

/// How far a request goes, and whether back.
fn go_of(command: &str, by_instruction: bool) -> Option<(Go, bool)> {
    Some(match command {
        "continue" => (Go::On, false),
        "reverseContinue" => (Go::On, true),
        "stepOut" => (Go::Out, false),
        "next" | "stepIn" if by_instruction => (Go::Instruction, false),
        "stepBack" if by_instruction => (Go::Instruction, true),
        "next" => (Go::Over, false),
        "stepIn" => (Go::Line, false),
        "stepBack" => (Go::Over, true),
        _ => return None,
    })
}

fn exit_code(end: &End) -> i32 {
    match end {
        End::Result(Some(Argument::Scalar(Tag::Int, bits))) => cell::int(*bits),
        End::Result(_) => 0,
        End::Trap(_) => Status::Trap.run_code().into(),
        End::Limit(..) | End::Cancelled(_) => Status::Limit.run_code().into(),
        End::HostIo(..) => Status::Io.run_code().into(),
        End::Internal(_) => Status::Internal.run_code().into(),
    }
}
