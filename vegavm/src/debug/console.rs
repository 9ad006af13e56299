//! The debugger for people: commands as those of gdb, line by line, from a terminal or a script.

use super::commands::{self, Command};
use super::conditions::Condition;
use super::places::{self, CodePlace};
use super::session::{Breakpoint, Go, Session, Stopped};
use super::variables::{self, Variable};
use super::watches::{Watch, WatchHit};
use crate::observe::FrameView;
use crate::outcome::End;
use crate::trace::listing;
use std::io::{self, BufRead, Read, Write};
use vega_format::instruction::Instruction;
use vega_format::text::{counted, escaped, line_of};
use vega_format::verify::result_cells;
use vega_report::command::SourceTexts;
use vega_report::picture::{Owned, picture};

const PROMPT: &str = "(vega) ";

/// A session and what a person looks at in it.
pub(super) struct Face<'f, 'i, 'p> {
    session: Session<'i, 'p>,
    sources: SourceTexts,
    out: &'f mut dyn Write,
    /// The frame that is looked at, counted from the innermost.
    frame: usize,
    /// The next line to list.
    listed: Option<(String, u32)>,
    /// The line that was shown last, so that a function is told only when it changes.
    shown: Option<u32>,
}

/// Does the commands of an input until it ends or one says to quit. A script is shown with what it brings about.
pub(super) fn converse(
    session: Session<'_, '_>,
    sources: SourceTexts,
    input: &mut dyn BufRead,
    is_script: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut face = Face { session, sources, out, frame: 0, listed: None, shown: None };
    face.tell(&Stopped::Start)?;
    let mut last = String::new();
    loop {
        write!(face.out, "{PROMPT}")?;
        face.out.flush()?;
        let Some(line) = read_line(input)? else { return writeln!(face.out) };
        if is_script {
            writeln!(face.out, "{}", line.trim_end())?;
        }
        // An empty line does the last command once more.
        if !line.trim().is_empty() {
            last = line;
        }
        let (word, rest) = last.trim().split_once(char::is_whitespace).unwrap_or((last.trim(), ""));
        if word.is_empty() || word.starts_with('#') {
            continue;
        }
        let rest = rest.trim();
        match commands::find(word, rest) {
            Ok(Command::Quit) => return Ok(()),
            Ok(command) => face.execute(command, rest)?,
            Err(words) => writeln!(face.out, "{words}")?,
        }
    }
}

/// A line of commands, whatever its bytes are; of a longer one so much as a command can have.
fn read_line(input: &mut dyn BufRead) -> io::Result<Option<String>> {
    const MOST: u64 = 4_096;
    let mut line = Vec::new();
    let count = (&mut *input).take(MOST).read_until(b'\n', &mut line)?;
    Ok((count > 0).then(|| String::from_utf8_lossy(&line).into_owned()))
}

impl Face<'_, '_, '_> {
    fn execute(&mut self, command: Command, rest: &str) -> io::Result<()> {
        let ended = self.session.outcome().is_some_and(|outcome| matches!(outcome.end, End::Result(_)));
        let done = match command {
            Command::Watch | Command::Print | Command::Arena | Command::Backtrace | Command::Frame if ended => {
                Err("the program has ended: nothing of it is there; `back` goes back, `run` to the start".to_owned())
            }
            Command::Break => self.add_breakpoint(rest),
            Command::Watch => self.add_watch(rest),
            Command::Delete => self.delete(rest),
            Command::Run => return self.go("", false, |session| session.restart()),
            Command::Continue => return self.go(rest, true, |session| session.go(Go::On)),
            Command::Step => return self.go(rest, false, |session| session.go(Go::Line)),
            Command::StepInstruction => return self.go(rest, false, |session| session.go(Go::Instruction)),
            Command::Next => return self.go(rest, false, |session| session.go(Go::Over)),
            Command::Finish => return self.finish(),
            Command::Back => return self.go(rest, false, |session| session.go_back(Go::Line)),
            Command::BackInstruction => return self.go(rest, false, |session| session.go_back(Go::Instruction)),
            Command::BackNext => return self.go(rest, false, |session| session.go_back(Go::Over)),
            Command::BackContinue => return self.go(rest, true, |session| session.go_back(Go::On)),
            Command::Print => self.print(rest),
            Command::Arena => self.arena(),
            Command::Backtrace => self.backtrace(rest),
            Command::Up => times(rest).and_then(|count| self.select(self.frame.saturating_add(count as usize))),
            Command::Down => times(rest).and_then(|count| match self.frame.checked_sub(count as usize) {
                Some(inner) => self.select(inner),
                None if self.frame == 0 => Err("this is the innermost frame".to_owned()),
                None => Err(format!("this is frame {}; the innermost is 0", self.frame)),
            }),
            Command::Frame => match rest {
                "" => self.select(self.frame),
                _ => rest.parse().map_err(|_| no_number(rest)).and_then(|frame| self.select(frame)),
            },
            Command::List => self.list(rest),
            Command::Disassemble => self.disassemble(rest),
            Command::Info => self.info(rest),
            Command::Help => Ok(commands::help()),
            Command::Quit => Ok(String::new()),
        };
        match done {
            Ok(text) => write!(self.out, "{text}"),
            Err(words) => writeln!(self.out, "{words}"),
        }
    }

    /// Goes on so many times, or until something else stops it. What is to be passed are the places where it stops.
    fn go(&mut self, words: &str, passes: bool, mut go: impl FnMut(&mut Session<'_, '_>) -> Stopped) -> io::Result<()> {
        let times = match times(words) {
            Ok(times) => times,
            Err(problem) => return writeln!(self.out, "{problem}"),
        };
        self.out.flush()?;
        self.session.was_interrupted();
        let mut stopped = Stopped::Step;
        for _ in 0..times {
            stopped = go(&mut self.session);
            match stopped {
                Stopped::Step => {}
                Stopped::Breakpoint(_) | Stopped::Watch(_) if passes => {}
                _ => break,
            }
        }
        self.tell(&stopped)
    }

    fn finish(&mut self) -> io::Result<()> {
        let (name, cells) = {
            let signature = self.session.state().frame().function().signature;
            let cells = |type_| result_cells(self.session.module().stencils(), type_).map_or(0, |cells| cells.len());
            (signature.to_string(), signature.result.map_or(0, cells))
        };
        self.out.flush()?;
        let stopped = self.session.go(Go::Out);
        self.tell(&stopped)?;
        if stopped == Stopped::Step && cells > 0 {
            let state = self.session.state();
            let stack = state.frame().stack();
            let result = stack.get(stack.len().saturating_sub(cells)..).unwrap_or_default();
            let words = crate::value::describe_cells(result, state.memory(), state.module().stencils());
            writeln!(self.out, "{name} gave {words}")?;
        }
        Ok(())
    }

    /// Says why it stopped, and shows where.
    fn tell(&mut self, stopped: &Stopped) -> io::Result<()> {
        self.frame = 0;
        self.listed = None;
        if self.session.leaves_line_open() {
            writeln!(self.out)?;
        }
        match stopped {
            Stopped::Start | Stopped::Step => {}
            Stopped::Breakpoint(number) => {
                write!(self.out, "breakpoint {number}, ")?;
                self.shown = None;
            }
            Stopped::Watch(WatchHit { number, words, before, after }) => {
                let after = after.as_deref().unwrap_or("gone, and no longer watched");
                writeln!(self.out, "watch {number}, `{words}`: {before} is now {after}")?;
            }
            Stopped::Interrupted => write!(self.out, "interrupted, ")?,
            Stopped::Ended => {
                let end = self.session.outcome().map(|outcome| &outcome.end);
                writeln!(self.out, "{}", end.map(ToString::to_string).unwrap_or_default())?;
                if end.is_none_or(|end| matches!(end, End::Result(_))) {
                    return Ok(());
                }
                // Its words have said in which function.
                self.shown = Some(self.session.place().function);
            }
        }
        let text = self.here();
        write!(self.out, "{text}")
    }

    /// The place where it stands: the function if it is another one, and the line or the instruction.
    fn here(&mut self) -> String {
        let place = self.session.place();
        let module = self.session.module();
        let source = module.source_line(place.function, place.offset);
        let mut text = String::new();
        if self.shown != Some(place.function) {
            let name = module.function(place.function).map(|function| function.signature.to_string());
            text.push_str(&name.unwrap_or_default());
            if let Some((file, line)) = source {
                text.push_str(&format!(" at {}", line_of(file, line)));
            }
            text.push('\n');
            self.shown = Some(place.function);
        }
        let starts = source.is_some_and(|(file, line)| {
            places::at_line(module, Some(file), line).is_ok_and(|found| found.places.contains(&place))
        });
        if let Some((file, line)) = source {
            let words = self.sources.line(file, line).unwrap_or_default();
            text.push_str(&format!("{line:<5} {words}\n"));
        }
        if !starts {
            text.push_str(&format!("{}\n", self.instruction(place)));
        }
        text
    }

    fn instruction(&self, place: CodePlace) -> String {
        let code = self.session.module().function(place.function).map(|function| function.code).unwrap_or_default();
        let decoded = Instruction::decode(code.get(place.offset as usize..).unwrap_or_default());
        let words = decoded.map_or(String::new(), |(instruction, _)| listing(&instruction));
        format!("{:#06x}  {words}", place.offset)
    }

    fn add_breakpoint(&mut self, words: &str) -> Result<String, String> {
        let module = self.session.module();
        let place = self.session.place();
        let here = module.source_line(place.function, place.offset);
        let (words, condition) = match words.strip_prefix("if ") {
            Some(condition) => ("", Some(condition)),
            None => {
                words.split_once(" if ").map_or((words, None), |(place, condition)| (place.trim(), Some(condition)))
            }
        };
        let found = match (words, here) {
            ("", _) => places::Found { places: vec![place], source: here.map(|(file, line)| (file.to_owned(), line)) },
            _ => places::parse(module, words, here.map(|(file, _)| file)).map_err(|problem| problem.to_string())?,
        };
        let many = match found.places.len() {
            1 => String::new(),
            count => format!(", {count} places"),
        };
        let at = match (&found.source, found.places.first()) {
            (Some((file, line)), _) => line_of(file, *line),
            (None, Some(place)) => format!("{:#06x}", place.offset),
            (None, None) => String::new(),
        };
        let condition = condition.map(|words| Condition::parse(words, module, &found.places)).transpose()?;
        let only = condition.as_ref().map(|condition| format!(" if {}", condition.words)).unwrap_or_default();
        let words = format!("{at}{many}{only}");
        let number = self.session.add_breakpoint(Breakpoint { words: words.clone(), places: found.places, condition });
        Ok(format!("breakpoint {number} at {words}\n"))
    }

    fn add_watch(&mut self, words: &str) -> Result<String, String> {
        let state = self.session.state();
        if words.is_empty() {
            return Err("wanted a variable, or bytes of the innermost arena such as `0..4`".to_owned());
        }
        let watch = match words.split_once("..") {
            Some((start, end)) => {
                let (Ok(start), Ok(end)) = (start.trim().parse(), end.trim().parse()) else {
                    return Err(format!("`{words}` is no range of bytes such as `0..4`"));
                };
                Watch::bytes(&state, start..end)?
            }
            None => Watch::path(&state, words)?,
        };
        let number = self.session.add_watch(watch);
        Ok(format!("watch {number}, `{words}`\n"))
    }

    fn delete(&mut self, words: &str) -> Result<String, String> {
        let numbers: Vec<u32> = match words {
            "" => self.session.breakpoints.keys().chain(self.session.watches.keys()).copied().collect(),
            _ => vec![words.parse().map_err(|_| format!("`{words}` is no number of a breakpoint or watch"))?],
        };
        match numbers.iter().find(|number| !self.session.remove(**number)) {
            Some(number) => Err(format!("there is no breakpoint or watch {number}")),
            None => Ok(String::new()),
        }
    }

    fn selected(&self) -> Result<FrameView<'_>, String> {
        self.session.state().frames().nth(self.frame).ok_or_else(|| "there is no such frame".to_owned())
    }

    fn print(&self, path: &str) -> Result<String, String> {
        let state = self.session.state();
        if path.is_empty() {
            return self.locals();
        }
        let variable = variables::find(&state, &self.selected()?, path)?;
        let mut text = describe(&variable);
        if let Some(slot) = &variable.slot {
            let bytes = &slot.bytes;
            text.push_str(&format!("  slot {}, arena {} [{}..{})", slot.id, slot.arena, bytes.start, bytes.end));
        }
        if !variable.memory.is_empty() {
            text.push_str(&format!("  <{}>", variable.bytes(&state)));
        }
        Ok(text + "\n")
    }

    fn locals(&self) -> Result<String, String> {
        let variables = variables::of_frame(&self.session.state(), &self.selected()?);
        Ok(list(&variables, "no parameters, and no variable is there now\n"))
    }

    fn arena(&self) -> Result<String, String> {
        let (state, frame) = (self.session.state(), self.selected()?);
        let slots: Vec<_> = variables::of_frame(&state, &frame)
            .into_iter()
            .filter_map(|variable| {
                let slot = variable.slot?;
                Some((slot.arena, Owned { name: variable.name, bytes: slot.bytes, is_alias: slot.is_alias }))
            })
            .collect();
        let mut text = String::new();
        for (place, arena) in frame.arenas().enumerate() {
            let own: Vec<Owned> =
                slots.iter().filter(|(arena, _)| *arena == place).map(|(_, slot)| slot.clone()).collect();
            let free: Vec<_> = arena.free_blocks().map(|(start, size)| start..start + size).collect();
            let (name, capacity) = (frame.function().signature, arena.bytes.len());
            let (strategy, left) = (arena.strategy(), arena.free_bytes());
            text.push_str(&format!("arena {place} of {name}: {}{strategy}, {left} free\n", counted(capacity, "byte")));
            text.push_str(&picture(arena.bytes, &own, free));
        }
        if text.is_empty() { Err("no arena is open here".to_owned()) } else { Ok(text) }
    }

    fn backtrace(&self, rest: &str) -> Result<String, String> {
        const MOST: usize = 30;
        const OUTERMOST: usize = 10;
        let state = self.session.state();
        let depth = state.depth();
        let (inner, outer) = match rest.strip_prefix('-') {
            _ if rest.is_empty() && depth <= MOST + OUTERMOST => (depth, 0),
            _ if rest.is_empty() => (MOST, OUTERMOST),
            Some(count) => (0, times(count)? as usize),
            None => (times(rest)? as usize, 0),
        };
        let (inner, outer) = (inner.min(depth), outer.min(depth));
        let mut text = String::new();
        for (index, frame) in state.frames().enumerate() {
            if index < inner || index >= depth - outer {
                text.push_str(&self.frame_line(index, &frame));
            } else if index == inner {
                text.push_str(&format!("  … {} …\n", counted(depth - outer - inner, "more frame")));
            }
        }
        Ok(text)
    }

    fn frame_line(&self, index: usize, frame: &FrameView<'_>) -> String {
        let arrow = if index == self.frame { "→" } else { " " };
        let ip = frame.at();
        let source = self.session.module().source_line(frame.function().index, ip);
        let place = source.map_or(format!("{ip:#06x}"), |(file, line)| line_of(file, line));
        format!("{arrow} #{index}  {} at {place}\n", frame.function().signature)
    }

    fn select(&mut self, frame: usize) -> Result<String, String> {
        let state = self.session.state();
        let Some(found) = state.frames().nth(frame) else {
            return Err(format!("there is no frame {frame}; the outermost is {}", state.depth() - 1));
        };
        self.frame = frame;
        Ok(self.frame_line(frame, &found))
    }

    fn list(&mut self, rest: &str) -> Result<String, String> {
        const AROUND: u32 = 5;
        let module = self.session.module();
        let frame = self.selected()?;
        let (function, ip) = (frame.function().index, frame.at());
        let here = module.source_line(function, ip).map(|(file, line)| (file.to_owned(), line));
        let (file, start) = match (rest, &self.listed) {
            ("", Some((file, next))) => (file.clone(), *next),
            ("", None) => here
                .clone()
                .map(|(file, line)| (file, line.saturating_sub(AROUND).max(1)))
                .ok_or("no lines are known here")?,
            _ => {
                let found = places::parse(module, rest, here.as_ref().map(|(file, _)| file.as_str()));
                let (file, line) =
                    found.map_err(|problem| problem.to_string())?.source.ok_or("no lines are known there")?;
                (file, line.saturating_sub(AROUND).max(1))
            }
        };
        let mut text = String::new();
        let end = start.saturating_add(2 * AROUND);
        for line in start..end {
            let Some(words) = self.sources.line(&file, line) else { break };
            let arrow = if here.as_ref() == Some(&(file.clone(), line)) { "→" } else { " " };
            text.push_str(format!("{arrow} {line:<5} {words}").trim_end());
            text.push('\n');
        }
        if text.is_empty() {
            let file = escaped(&file);
            return Err(format!("there are no lines of `{file}` from {start} on; is the source beside the program?"));
        }
        self.listed = Some((file, end));
        Ok(text)
    }

    /// The instructions of the functions that words mean, or of that which is looked at.
    fn disassemble(&self, words: &str) -> Result<String, String> {
        let module = self.session.module();
        let frame = self.selected()?;
        let here = CodePlace { function: frame.function().index, offset: frame.at() };
        let source = module.source_line(here.function, here.offset).map(|(file, _)| file);
        let places = match words {
            "" => vec![here],
            _ => places::parse(module, words, source).map_err(|problem| problem.to_string())?.places,
        };
        let mut text = String::new();
        for function in places.iter().filter_map(|place| module.function(place.function)) {
            text.push_str(&format!("{}\n", function.signature));
            for (offset, instruction) in vega_format::instruction::walk(function.code).filter_map(Result::ok) {
                let arrow = if here == (CodePlace { function: function.index, offset }) { "→" } else { " " };
                text.push_str(&format!("{arrow} {offset:#06x}  {}\n", listing(&instruction)));
            }
        }
        Ok(text)
    }

    fn info(&self, what: &str) -> Result<String, String> {
        match what {
            "locals" | "args" | "l" => self.locals(),
            "statics" => Ok(list(&variables::statics(&self.session.state()), "no static variables\n")),
            "breakpoints" | "break" | "watch" | "watches" | "b" => {
                let breakpoints = self.session.breakpoints.iter();
                let mut lines: Vec<_> = breakpoints
                    .map(|(number, one)| (*number, format!("breakpoint {number} at {}\n", one.words)))
                    .collect();
                let watches = self.session.watches.iter();
                lines.extend(watches.map(|(number, watch)| (*number, format!("watch {number}, `{}`\n", watch.words))));
                lines.sort();
                let none = "no breakpoints and no watches\n".to_owned();
                Ok(if lines.is_empty() { none } else { lines.into_iter().map(|(_, line)| line).collect() })
            }
            "functions" | "f" => {
                let functions = self.session.module().functions();
                Ok(functions.map(|function| format!("{}\n", function.signature)).collect())
            }
            "sources" => Ok(self.session.module().sources().map(|source| format!("{}\n", escaped(source))).collect()),
            "" | "frame" | "program" => {
                let (instructions, steps) = self.session.counts();
                let state = self.session.state();
                let frame = self.selected()?;
                let stack = crate::value::describe_cells(frame.stack(), state.memory(), state.module().stencils());
                let place = self.instruction(CodePlace { function: frame.function().index, offset: frame.at() });
                Ok(format!(
                    "{}\n{place}\nstack [{stack}]\n{}, {} executed, {} charged\n",
                    frame.function().signature,
                    counted(state.depth(), "frame"),
                    counted(instructions, "instruction"),
                    counted(steps, "step")
                ))
            }
            _ => {
                Err("there is `info locals`, `info statics`, `info breakpoints`, `info functions`, `info sources`, `info frame`"
                    .to_owned())
            }
        }
    }
}

fn list(variables: &[Variable], none: &str) -> String {
    match variables {
        [] => none.to_owned(),
        some => some.iter().map(|variable| describe(variable) + "\n").collect(),
    }
}

fn describe(variable: &Variable) -> String {
    format!("{}: {} = {}", variable.name, variable.type_name, variable.value)
}

/// How often something is to be done: once, if nothing is said.
fn times(words: &str) -> Result<u32, String> {
    match words {
        "" => Ok(1),
        _ => words.parse().ok().filter(|times| *times > 0).ok_or_else(|| no_number(words)),
    }
}

fn no_number(words: &str) -> String {
    format!("`{}` is no number that can be meant here", vega_report::quote(words))
}
