//! How much a program may use, and what is said when it wants more.

use core::fmt;
use core::time::Duration;
use vega_format::text::counted;

/// How much a program may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of arenas and frames.
    pub memory: u64,
    /// Bytes of what the host keeps beside them for slots and open arenas, as `spec/runtime.md` counts them.
    pub tables: u64,
    /// Calls that are active at once: at least one, the entry's, and at most [`Limits::MOST_FRAMES`].
    pub frames: u32,
    /// Steps; `None` for no limit.
    pub steps: Option<u64>,
    /// Time by the clock, in each call; `None` for no limit, and then no clock is read. Without the feature `std` there is no
    /// clock, and limits with one are refused: let a timer [cancel](crate::Cancel) the call instead. The clock is looked at every
    /// few thousand steps, so a short call may end before anybody looks.
    pub time: Option<Duration>,
    /// Bytes of output; `None` for no limit. Those that a host function writes count if it says so: a [console](crate::native)'s
    /// do, those of [`embed`](crate::embed) by [`Caller::output`](crate::embed::Caller::output).
    pub output: Option<u64>,
    /// Bytes of the strings and elements that the host hands over: at most [`Limits::MOST_ARGUMENTS`].
    pub arguments: u64,
}

const MIB: u64 = 1 << 20;

/// Whether time can be limited.
const HAS_CLOCK: bool = cfg!(feature = "std");

impl Limits {
    /// No limit of frames is higher, as frames are kept by the host.
    pub const MOST_FRAMES: u32 = 1_000_000;

    /// The command line takes no higher limit of memory: linear memory ends there.
    pub const MOST_MEMORY: u64 = 4 << 30;

    /// No limit of arguments is higher: programs have the length of a string as an `int`.
    pub const MOST_ARGUMENTS: u64 = i32::MAX as u64;

    /// For programs of one's own: what the command line allows unless told otherwise.
    pub const fn trusted() -> Limits {
        Limits {
            memory: 1024 * MIB,
            tables: 1024 * MIB,
            frames: 100_000,
            steps: None,
            time: None,
            output: None,
            arguments: 64 * MIB,
        }
    }

    /// For programs of others: what an embedding host should start from. Without the feature `std` time is not limited.
    pub const fn untrusted() -> Limits {
        Limits {
            memory: 64 * MIB,
            tables: 64 * MIB,
            frames: 1_000,
            steps: Some(1_000_000_000),
            time: if HAS_CLOCK { Some(Duration::from_secs(10)) } else { None },
            output: Some(64 * MIB),
            arguments: MIB,
        }
    }

    /// The most bytes that the host may hand over.
    pub(crate) fn most_arguments(&self) -> u64 {
        self.arguments.min(Limits::MOST_ARGUMENTS)
    }

    /// Whether all of them can be kept: there is a clock for a limit of time.
    pub(crate) fn can_be_kept(&self) -> bool {
        HAS_CLOCK || self.time.is_none()
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits::untrusted()
    }
}

/// Which limit of a run was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LimitKind {
    /// [`Limits::memory`].
    Memory,
    /// [`Limits::tables`].
    Tables,
    /// [`Limits::steps`].
    Steps,
    /// [`Limits::time`].
    Time,
    /// [`Limits::output`].
    Output,
    /// [`Limits::arguments`].
    Arguments,
    /// None of the limits: the host has no memory for what they allow.
    HostMemory,
}

impl LimitKind {
    /// The code that `--explain` takes.
    pub fn code(self) -> &'static str {
        match self {
            LimitKind::Memory => "L101",
            LimitKind::Steps => "L102",
            LimitKind::Output => "L103",
            LimitKind::Arguments => "L104",
            LimitKind::Time => "L106",
            LimitKind::HostMemory => "L108",
            LimitKind::Tables => "L109",
        }
    }

    /// The name of the limit, as in [`Limits`].
    pub fn name(self) -> &'static str {
        match self {
            LimitKind::Memory => "memory",
            LimitKind::Tables => "tables",
            LimitKind::Steps => "steps",
            LimitKind::Time => "time",
            LimitKind::Output => "output",
            LimitKind::Arguments => "arguments",
            LimitKind::HostMemory => "host's memory",
        }
    }

    /// What it is counted in.
    pub fn unit(self) -> &'static str {
        match self {
            LimitKind::Steps => "steps",
            LimitKind::Time => "µs",
            LimitKind::Memory
            | LimitKind::Tables
            | LimitKind::Output
            | LimitKind::Arguments
            | LimitKind::HostMemory => "bytes",
        }
    }
}

/// A limit that was reached: what wanted how much, and the most there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LimitReached {
    /// Which limit.
    pub kind: LimitKind,
    /// What wanted more, in the plural: `arenas and frames`, `slot tables`.
    pub subject: &'static str,
    /// How much it would have been in all.
    pub value: u64,
    /// The limit.
    pub maximum: u64,
}

impl LimitReached {
    /// The host has no memory for constants, arguments and arenas of so many bytes.
    pub(crate) fn of_host(bytes: usize) -> LimitReached {
        let (subject, value) = ("constants, arguments and arenas", bytes as u64);
        LimitReached { kind: LimitKind::HostMemory, subject, value, maximum: value }
    }
}

impl fmt::Display for LimitReached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LimitReached { kind, subject, value, maximum } = self;
        // How long it took until somebody looked is chance; what is told is the same on every run.
        if let LimitKind::Time = kind {
            let milliseconds = *maximum as f64 / 1000.0;
            return write!(f, "the program still runs after {milliseconds} ms, the time limit");
        }
        if let LimitKind::HostMemory = kind {
            return write!(f, "the host has no memory for {subject} of {} in all", counted(*value, "byte"));
        }
        write!(f, "{subject} need {value} {}, the {} limit is {maximum}", kind.unit(), kind.name())
    }
}

impl core::error::Error for LimitReached {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_limit_value_and_maximum() {
        let reached = LimitReached { kind: LimitKind::Tables, subject: "slot tables", value: 80, maximum: 64 };
        assert_eq!(reached.to_string(), "slot tables need 80 bytes, the tables limit is 64");
    }
}
