//! A trap with everything that is known about the place where it happened.

use core::fmt;
use vega_format::trap::Trap;

/// The most frames that a report keeps; of a deeper stack, half from each end.
pub const MOST_FRAMES: usize = 20;

/// A place in a function that was running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameReport {
    /// The function for people: `geometry.norm(geometry.point) -> decimal`.
    pub function: String,
    /// Its mangled name.
    pub mangled: String,
    /// Offset of the instruction in the function's code.
    pub ip: u32,
    /// The cell of the frame that the next value would take: parameters count first, as in `CELL_LOAD`.
    pub sp: u32,
    /// The mnemonic of the instruction.
    pub mnemonic: &'static str,
    /// Source and line, if the file says so.
    pub source: Option<(String, u32)>,
}

impl fmt::Display for FrameReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.function)?;
        if let Some((source, line)) = &self.source {
            write!(f, " at {source}:{line}")?;
        }
        write!(f, " ({}, ip {:#06x}, sp {})", self.mnemonic, self.ip, self.sp)
    }
}

/// A trap, where it happened, and how execution got there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrapReport {
    /// What happened.
    pub trap: Trap,
    /// The instruction that trapped.
    pub at: FrameReport,
    /// Of an arena of static layout that ran out: the smallest size that is enough.
    pub enough: Option<u32>,
    /// The callers, innermost first.
    pub callers: Vec<FrameReport>,
    /// How many callers are left out, after the first half of those that are told.
    pub omitted: usize,
}

impl TrapReport {
    /// The callers as lines: `called from main() at a.vg:3 (CALL, ip 0x0010, sp 0)`.
    pub fn caller_lines(&self) -> Vec<String> {
        let mut lines: Vec<_> = self.callers.iter().map(|caller| format!("called from {caller}")).collect();
        if self.omitted > 0 {
            let middle = lines.len().min(MOST_FRAMES / 2);
            lines.insert(middle, format!("… {} more frames …", self.omitted));
        }
        lines
    }
}

impl fmt::Display for TrapReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.trap.kind();
        write!(f, "trap {} {}: {}\n  in {}", kind.code(), kind.row().name, self.trap, self.at)?;
        if let Some(enough) = self.enough {
            write!(f, "\n  an arena of {enough} bytes is enough")?;
        }
        self.caller_lines().iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

impl core::error::Error for TrapReport {}
