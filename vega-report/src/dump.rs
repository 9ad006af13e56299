//! What stood where when a run ended badly: the document that `vegavm --dump-on-trap` writes, in the form of
//! `spec/dump.schema.json`, and that `vega-objdump` shows.

use crate::diagnostic::counted;
use crate::picture::{Owned, picture};
use core::fmt;
use serde::{Deserialize, Serialize};

/// How the document begins. The number behind it goes up when a field changes its meaning or goes away.
pub const FIRST_BYTES: &[u8] = b"{\"vega_dump\":";
/// The version that is written.
pub const VERSION: u32 = 1;

/// A run that ended badly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dump {
    /// The version of the form.
    pub vega_dump: u32,
    /// Who wrote it.
    pub producer: String,
    /// The file that was run.
    pub program: String,
    /// How it ended.
    pub end: DumpEnd,
    /// Steps that were used.
    pub steps: u64,
    /// The peak of memory in bytes.
    pub memory: u64,
    /// Bytes of output.
    pub output: u64,
    /// Active calls, innermost first; of many, some from either end.
    pub frames: Vec<DumpFrame>,
    /// How many frames are left out, behind the first half of those that are there.
    pub omitted: u64,
    /// Static variables with their values.
    #[serde(default)]
    pub statics: Vec<DumpVariable>,
    /// The last instructions, the one that ended the run at the end.
    pub last: Vec<DumpInstruction>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DumpEnd {
    /// The code, as `--explain` takes it.
    pub code: String,
    /// What happened.
    pub words: String,
}

/// An active call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DumpFrame {
    /// The function for people.
    pub function: String,
    /// Its mangled name.
    pub mangled: String,
    /// Offset of the instruction.
    pub ip: u32,
    /// The next free cell before that instruction.
    pub sp: u32,
    /// The source, if it is known.
    pub source: Option<String>,
    /// The line, if it is known.
    pub line: Option<u32>,
    /// The expression stack, lowest cell first, in words.
    pub stack: String,
    /// Parameters and slots with their values.
    pub variables: Vec<DumpVariable>,
    /// Open arenas, outermost first.
    pub arenas: Vec<DumpArena>,
}

/// A parameter, a slot, or a static variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DumpVariable {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Its value, as `print` would show it.
    pub value: String,
    /// The slot; parameters and static variables have none.
    pub slot: Option<u16>,
    /// The arena of the slot, by its place in the frame.
    pub arena: Option<u32>,
    /// Where its bytes begin in the arena.
    pub start: Option<u32>,
    /// Where they end.
    pub end: Option<u32>,
    /// Whether it is an alias.
    pub alias: bool,
}

/// An open arena.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DumpArena {
    /// Its bytes in all.
    pub capacity: u32,
    /// How slots are placed in it.
    pub strategy: String,
    /// What is free: pairs of start and end.
    pub free: Vec<[u32; 2]>,
    /// Its bytes in hexadecimal digits; of many, the first.
    pub bytes: String,
}

/// An instruction that was executed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DumpInstruction {
    /// The function for people.
    pub function: String,
    /// Offset of the instruction.
    pub ip: u32,
    /// The instruction as in a listing.
    pub instruction: String,
    /// The line, if it is known.
    pub line: Option<u32>,
}

impl Dump {
    /// The document, on a line.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }

    /// Reads a document.
    ///
    /// # Errors
    /// It is none, or of a later version, in words.
    pub fn from_json(bytes: &[u8]) -> Result<Dump, String> {
        let dump: Dump = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        match dump.vega_dump {
            VERSION => Ok(dump),
            other => Err(format!("version {other}; version {VERSION} is known")),
        }
    }
}

/// For people. A document may come from anywhere, so nothing in it reaches a terminal as a control character.
impl fmt::Display for Dump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} of {}", clean(&self.end.code), clean(&self.program))?;
        writeln!(f, "{}", clean(&self.end.words))?;
        let (memory, output) = (counted(self.memory, "byte"), counted(self.output, "byte"));
        writeln!(f, "steps {}, peak memory {memory}, output {output}", self.steps)?;
        let half = self.frames.len() / 2;
        for (place, frame) in self.frames.iter().enumerate() {
            if self.omitted > 0 && place == half {
                writeln!(f, "\n… {} …", counted(self.omitted, "more frame"))?;
            }
            let number = if place < half || self.omitted == 0 { place as u64 } else { place as u64 + self.omitted };
            write!(f, "\n#{number} ")?;
            frame.fmt(f)?;
        }
        if !self.statics.is_empty() {
            writeln!(f, "\nstatic variables:")?;
        }
        self.statics.iter().try_for_each(|variable| writeln!(f, "  {variable}"))?;
        if !self.last.is_empty() {
            writeln!(f, "\nthe last instructions:")?;
        }
        let mut function = "";
        for one in &self.last {
            if one.function != function {
                writeln!(f, "  {}", clean(&one.function))?;
                function = &one.function;
            }
            let line = one.line.map(|line| format!("; line {line}")).unwrap_or_default();
            writeln!(f, "{}", format!("    {:#06x}  {:<36}{line}", one.ip, clean(&one.instruction)).trim_end())?;
        }
        Ok(())
    }
}

impl fmt::Display for DumpFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", clean(&self.function))?;
        if let (Some(source), Some(line)) = (&self.source, self.line) {
            write!(f, " at {}:{line}", clean(source))?;
        }
        writeln!(f, ", ip {:#06x}, sp {}, stack [{}]", self.ip, self.sp, clean(&self.stack))?;
        self.variables.iter().try_for_each(|variable| writeln!(f, "  {variable}"))?;
        for (place, arena) in self.arenas.iter().enumerate() {
            let free: u64 = arena.free.iter().map(|[start, end]| u64::from(end.saturating_sub(*start))).sum();
            writeln!(f, "  arena {place}: {}{}, {free} free", counted(arena.capacity, "byte"), clean(&arena.strategy))?;
            let slots: Vec<Owned> = self.variables.iter().filter_map(|variable| variable.owned(place)).collect();
            let free = arena.free.iter().map(|[start, end]| *start..*end);
            picture(&arena.shown_bytes(), &slots, free).lines().try_for_each(|line| writeln!(f, "  {line}"))?;
        }
        Ok(())
    }
}

impl fmt::Display for DumpVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} = {}", clean(&self.name), clean(&self.type_name), clean(&self.value))
    }
}

impl DumpVariable {
    fn owned(&self, arena: usize) -> Option<Owned> {
        self.arena.filter(|own| *own as usize == arena)?;
        Some(Owned { name: clean(&self.name), bytes: self.start?..self.end?, is_alias: self.alias })
    }
}

impl DumpArena {
    fn shown_bytes(&self) -> Vec<u8> {
        let pairs = self.bytes.as_bytes().chunks_exact(2);
        let byte = |pair: &[u8]| u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok();
        pairs.map_while(byte).collect()
    }
}

fn clean(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '·' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Dump {
        let variable = DumpVariable {
            name: "x\u{1b}[31m".to_owned(),
            type_name: "int".to_owned(),
            value: "1".to_owned(),
            slot: Some(0),
            arena: Some(0),
            start: Some(u32::MAX),
            end: Some(0),
            alias: false,
        };
        let arena = DumpArena {
            capacity: 0,
            strategy: String::new(),
            free: vec![[9, 1], [0, u32::MAX]],
            bytes: "00ffzz1".to_owned(),
        };
        let frame = DumpFrame {
            function: "main()".to_owned(),
            mangled: "main()V".to_owned(),
            ip: 0,
            sp: 0,
            source: None,
            line: None,
            stack: String::new(),
            variables: vec![variable],
            arenas: vec![arena],
        };
        let end = DumpEnd { code: "T001".to_owned(), words: "words".to_owned() };
        let (producer, program) = (String::new(), "prog.vgb".to_owned());
        let frames = vec![frame];
        Dump {
            vega_dump: VERSION,
            producer,
            program,
            end,
            steps: 1,
            memory: 2,
            output: 3,
            frames,
            omitted: 4,
            statics: vec![],
            last: vec![],
        }
    }

    #[test]
    fn what_is_written_is_known_and_read() {
        let dump = example();
        let json = dump.to_json();
        assert!(json.as_bytes().starts_with(FIRST_BYTES));
        assert_eq!(Dump::from_json(json.as_bytes()), Ok(dump));
        assert!(Dump::from_json(&json.as_bytes()[..40]).is_err());
        let later = Dump { vega_dump: VERSION + 1, ..example() };
        assert_eq!(Dump::from_json(later.to_json().as_bytes()), Err("version 2; version 1 is known".to_owned()));
    }

    /// Numbers and texts of a document that nobody wrote in good faith.
    #[test]
    fn nothing_in_a_document_reaches_the_terminal() {
        let text = example().to_string();
        assert!(!text.contains('\u{1b}') && text.contains("x·[31m: int = 1"), "{text}");
        assert!(text.contains("0000  00 ff\n"), "{text}");
    }
}
