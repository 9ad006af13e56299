//! The state of a run, and how one operation follows another.
//!
//! Each operation ends by calling the function of the next word. Where the compiler makes such calls into jumps
//! (`build.rs` says where) that is all there is to dispatch; elsewhere an operation gives the next word back to a loop.
//! Every few thousand operations it comes back to the loop in any case, so the host's stack is bounded even if a call were
//! left a call.

use super::dynamic::Tables;
use super::linear::Linear;
use super::word::{At, Code, Codes, Word};
use crate::bulk;
use crate::cancel::{Cancel, Halt};
use crate::limits::{LimitKind, LimitReached, Limits};
use crate::meter::Meter;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;
use vega_format::hash::HashMap;
use vega_format::parsed::Parsed;
use vega_format::trap::Trap;

/// Why the operations do not go on by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// The next word waits in [`Vm::next`].
    #[cfg_attr(vega_tail_calls, allow(dead_code, reason = "operations call one another"))]
    Go,
    /// The function that was called first has returned.
    Done,
    /// A host function is called; [`Vm::call`] says which.
    Host,
    /// A function is called for the first time; [`Vm::call`] says which, and the call is to be made again.
    Translate,
    /// The registers of all frames are to become more for that call, or there is no room yet for calls that wait.
    Grow,
    /// More steps are to be paid for, before the block that [`Vm::call`] names.
    Starved,
    /// It has gone on for long; the word that [`Vm::call`] names is next.
    Breathe,
    /// [`Vm::stop`] says why.
    Stopped,
}

/// Why a run ends before its time.
#[derive(Debug)]
pub(crate) enum Stop {
    Trap(Trap),
    Halt(Halt),
    #[cfg_attr(not(feature = "std"), allow(dead_code, reason = "the host's functions read and write by themselves"))]
    HostIo(String),
    /// What a verified program cannot bring about.
    Broken(&'static str),
    /// It has taken the steps that it was given, and can go on.
    Paused,
}

impl From<Trap> for Stop {
    fn from(trap: Trap) -> Stop {
        Stop::Trap(trap)
    }
}

impl From<Halt> for Stop {
    fn from(halt: Halt) -> Stop {
        Stop::Halt(halt)
    }
}

impl From<LimitReached> for Stop {
    fn from(limit: LimitReached) -> Stop {
        Stop::Halt(limit.into())
    }
}

/// A call that waits for the one that it made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'c> {
    pub(super) code: &'c Code,
    /// What stands behind the call.
    pub(super) rest: &'c [Word],
    /// The first of its registers that belongs to the frame of the call.
    pub(super) first: u16,
}

impl Frame<'_> {
    /// No frame at all, of whatever lifetime.
    pub(super) fn nowhere<'b>() -> Option<Frame<'b>> {
        None
    }
}

/// What a call asks of the loop around the operations.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Call {
    /// The function or the import.
    pub(crate) number: u32,
    /// The register of the first argument.
    pub(crate) first: u16,
    /// The word of the call.
    pub(crate) word: usize,
}

/// A run.
pub(crate) struct Vm<'c> {
    /// Steps that are paid for and not yet taken.
    pub(crate) fuel: u64,
    /// How many steps are paid for at once.
    pub(crate) slice: u64,
    pub(super) words: &'c [Word],
    pub(super) code: &'c Code,
    pub(super) codes: &'c Codes,
    /// The calls that wait, outermost first, and room for more; how many there are, and the most frames there were.
    pub(super) frames: Vec<Frame<'c>>,
    pub(crate) depth: usize,
    pub(crate) deepest: usize,
    /// Where the registers of the innermost frame begin.
    pub(super) base: u32,
    pub(crate) meter: Meter,
    /// The most steps before it pauses; only a block that goes beyond them pauses it.
    pub(super) pause_at: u64,
    /// Whether every call is to be looked at, because machine code may do its work.
    pub(super) is_hot: bool,
    /// Linear memory; longer than what is in use.
    pub(crate) memory: Linear,
    /// Behind the innermost arena.
    pub(crate) top: usize,
    /// Behind all that was ever in use: from here on there are zeroes.
    pub(crate) dirty: usize,
    /// Bytes of linear memory that are spoken for, also those that nothing looks at.
    pub(crate) linear: u64,
    pub(super) tables: Tables,
    /// Live activations of the functions that limit them.
    pub(super) live: Option<HashMap<u32, u32>>,
    pub(crate) module: &'c Parsed<'static>,
    pub(super) next: Option<(&'c [Word], u64)>,
    pub(crate) call: Call,
    pub(super) stop: Option<(Stop, At)>,
    /// Where it stopped last.
    pub(super) stopped_at: At,
}

/// The bytes of a linear memory that is lengthened for the first time: of instances there may be very many.
const FEWEST_BYTES: usize = 1 << 10;

/// How many steps are paid for at once.
const SLICE: u64 = 4096;

/// The word of an operation, and the next one; there always is one behind an operation that another follows.
macro_rules! here {
    ($vm:ident, $words:ident) => {
        match $words {
            [word, next, ..] => (word, next),
            _ => return $vm.broken(),
        }
    };
}

/// Ends an operation: the next word follows, and is handed the value that this one leaves.
macro_rules! go {
    ($vm:ident, $window:ident, $words:ident, $next:ident, $value:expr) => {{
        let rest = $words.get(1..).unwrap_or_default();
        $crate::interpreter::vm::follow!($vm, $window, $next, rest, $value)
    }};
}

/// Ends an operation: a block follows that begins at a slice of words, if there is one, and is paid for.
macro_rules! enter {
    ($vm:ident, $window:ident, $words:expr) => {
        match $words {
            Some(words @ [word, ..]) => {
                let steps = u64::from(word.steps);
                if $vm.fuel < steps {
                    return $vm.starve(words);
                }
                $vm.fuel -= steps;
                $crate::interpreter::vm::follow!($vm, $window, word, words, 0)
            }
            _ => $vm.broken(),
        }
    };
}

/// Ends an operation: this word follows, with which these begin.
macro_rules! follow {
    ($vm:ident, $window:ident, $word:ident, $words:ident, $value:expr) => {{
        #[cfg(vega_tail_calls)]
        {
            ($word.run)($vm, $window, $words, $value)
        }
        #[cfg(not(vega_tail_calls))]
        {
            let _ = ($window, $word);
            $vm.next = Some(($words, $value));
            $crate::interpreter::vm::Exit::Go
        }
    }};
}

pub(super) use {enter, follow, go, here};

impl<'c> Vm<'c> {
    /// The beginning of a call, with nothing in memory.
    #[inline(always)]
    pub(super) fn new(
        code: &'c Code,
        codes: &'c Codes,
        module: &'c Parsed<'static>,
        limits: &Limits,
        cancel: Cancel,
    ) -> Vm<'c> {
        Vm {
            fuel: 0,
            slice: SLICE,
            words: &code.words,
            code,
            codes,
            frames: Vec::new(),
            depth: 0,
            deepest: 0,
            base: 0,
            // It is large, so it is made where it stays.
            meter: Meter::new(limits, cancel),
            pause_at: 0,
            is_hot: false,
            memory: Linear::default(),
            top: 0,
            dirty: 0,
            linear: 0,
            tables: Tables::default(),
            live: None,
            module,
            next: None,
            call: Call::default(),
            stop: None,
            stopped_at: At::Block(0),
        }
    }

    /// The words of the function from one on.
    #[inline(always)]
    pub(super) fn at(&self, word: u32) -> Option<&'c [Word]> {
        // So it is looked at only once, and not whether there is any word, too.
        if word as usize >= self.words.len() { None } else { self.words.get(word as usize..) }
    }

    /// The number of the word with which these begin.
    #[inline]
    pub(super) fn number(&self, words: &[Word]) -> usize {
        self.words.len() - words.len()
    }

    /// There is not enough fuel for the block that begins here.
    #[cold]
    #[inline(never)]
    pub(super) fn starve(&mut self, words: &'c [Word]) -> Exit {
        self.call.word = self.number(words);
        core::hint::black_box(Exit::Starved)
    }

    /// The same for the block of the word before this one.
    #[cold]
    #[inline(never)]
    pub(super) fn starve_before(&mut self, word: u32) -> Exit {
        self.call.word = (word as usize).saturating_sub(1);
        core::hint::black_box(Exit::Starved)
    }

    /// Pays for more steps; says whether there are enough for the block that begins here.
    #[cold]
    #[inline(never)]
    pub(super) fn refuel(&mut self, steps: u64, words: &'c [Word]) -> bool {
        let paid = self.pay_block(steps);
        let can_go_on = paid.is_ok();
        if let Err(stop) = paid {
            self.stop = Some((stop, At::Block(self.number(words))));
        }
        can_go_on
    }

    /// Pays for the block that is next, which takes so many steps.
    pub(crate) fn pay_block(&mut self, steps: u64) -> Result<(), Stop> {
        self.give_back();
        if self.meter.used().steps.saturating_add(steps) > self.pause_at {
            return Err(Stop::Paused);
        }
        Ok(self.pay_ahead(steps)?)
    }

    /// There is fuel for so many steps afterwards, and for some more if the limit allows it.
    fn pay_ahead(&mut self, steps: u64) -> Result<(), Halt> {
        self.give_back();
        self.meter.charge(steps)?;
        let before_pause = self.pause_at.saturating_sub(self.meter.used().steps);
        self.fuel = steps + self.meter.charge_up_to(self.slice.min(before_pause))?;
        Ok(())
    }

    /// Charges steps beyond those of the block. They are taken from what was paid ahead, or paid alone: that the next block has to be
    /// paid for is what brings a loop of large operations back to the loop around them all.
    #[inline]
    pub(crate) fn charge(&mut self, steps: u64) -> Result<(), Halt> {
        match self.fuel.checked_sub(steps) {
            Some(left) => self.fuel = left,
            None => self.charge_alone(steps)?,
        }
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn charge_alone(&mut self, steps: u64) -> Result<(), Halt> {
        self.give_back();
        self.meter.charge(steps)
    }

    /// Charges what bulk work costs beyond the step of its instruction.
    #[inline]
    pub(super) fn charge_bytes(&mut self, bytes: u64) -> Result<(), Halt> {
        self.charge(bytes / 64)
    }

    /// The meter without what was paid ahead.
    pub(crate) fn settle(&mut self) -> &mut Meter {
        self.meter.count_frames(self.deepest as u32);
        self.give_back();
        &mut self.meter
    }

    /// What was paid ahead and not taken is not used.
    fn give_back(&mut self) {
        let left = core::mem::take(&mut self.fuel);
        self.meter.give_steps(left);
    }

    /// The operation with which these words begin ends the run.
    #[cold]
    #[inline(never)]
    pub(super) fn stopped(&mut self, words: &[Word], stop: impl Into<Stop>) -> Exit {
        self.stop = Some((stop.into(), At::Word(self.number(words))));
        // What the compiler does not know it must pass on, and so an operation can jump here as to the next one.
        core::hint::black_box(Exit::Stopped)
    }

    /// The same where it is known why.
    #[cold]
    #[inline(never)]
    pub(super) fn stopped_apart(&mut self, words: &[Word]) -> Exit {
        let at = At::Word(self.number(words));
        self.stop.iter_mut().for_each(|(_, place)| *place = at);
        core::hint::black_box(Exit::Stopped)
    }

    /// What a verified program cannot bring about.
    #[cold]
    #[inline(never)]
    pub(super) fn broken(&mut self) -> Exit {
        self.stop = Some((Stop::Broken("execution left the code"), At::Word(self.words.len())));
        core::hint::black_box(Exit::Stopped)
    }

    /// The first frame is there from now on.
    pub(crate) fn enter_first(&mut self) -> Result<(), Stop> {
        let code = self.code;
        if let Some(limit) = code.limit {
            self.activate(code.function, limit)?;
        }
        self.deepest = 1;
        self.meter.take_frame(code.frame_bytes, code.bookkeeping)?;
        Ok(())
    }

    /// Charges steps of the host.
    pub(crate) fn charge_host(&mut self, steps: u64) -> Result<(), Halt> {
        self.charge(steps)
    }

    /// Counts one more live activation of a function that limits them, unless there are as many as it allows.
    pub(crate) fn activate(&mut self, function: u32, limit: u32) -> Result<(), Stop> {
        let live = self.live.get_or_insert_default().entry(function).or_insert(0);
        if *live >= limit {
            let live = *live;
            return self.may_activate(function, live);
        }
        *live += 1;
        Ok(())
    }

    /// Whether a function of which so many activations are live may have another one.
    #[cold]
    pub(crate) fn may_activate(&self, function: u32, live: u32) -> Result<(), Stop> {
        let called = self.module.function(function).ok_or(Stop::Broken("the function is not there"))?;
        match called.limit.filter(|limit| live >= *limit) {
            Some(limit) => Err(Trap::ActivationLimit { function: called.signature.to_string(), limit }.into()),
            None => Ok(()),
        }
    }

    /// The functions that limit their activations, with how many are live.
    #[cfg(vega_machine_code)]
    pub(crate) fn activations(&self) -> impl Iterator<Item = (u32, u32)> {
        self.live.iter().flatten().map(|(function, live)| (*function, *live))
    }

    /// An activation has ended.
    #[cold]
    pub(crate) fn deactivate(&mut self, function: u32) {
        if let Some(live) = self.live.as_mut().and_then(|live| live.get_mut(&function)) {
            *live = live.saturating_sub(1);
        }
    }

    /// Takes bytes behind the innermost arena; they are zero. Gives the address of the first.
    pub(super) fn extend(&mut self, bytes: usize) -> Result<usize, Stop> {
        let start = self.top;
        let end = start + bytes;
        if end > self.memory.len() {
            self.lengthen(end)?;
        }
        let used = self.dirty.min(end);
        if let Some(bytes) = self.memory.get_mut(start..used) {
            bulk::clear(bytes, &self.meter)?;
        }
        self.dirty = self.dirty.max(end);
        self.top = end;
        Ok(start)
    }

    /// Room for all that can be used, so that memory stays where it is: what is proved, or what the limit of memory allows.
    ///
    /// # Errors
    /// It is not there, or something else could run out before that limit does; says which.
    #[cfg(vega_machine_code)]
    pub(crate) fn make_room(&mut self, bookkeeping_of_a_frame: u64, proved: Option<u64>) -> Result<(), &'static str> {
        let limit = self.meter.most_memory(bookkeeping_of_a_frame);
        let limit = limit.ok_or("so many frames could reach the limit of tables, which machine code does not count")?;
        let most = proved.unwrap_or(u64::MAX).min(limit);
        let end = self.linear.saturating_add(most);
        let is_there =
            end <= u32::MAX.into() && (end as usize <= self.memory.len() || self.lengthen(end as usize).is_ok());
        is_there.then_some(()).ok_or("machine code wants all the memory at once that the limit allows, below 4 GiB")
    }

    /// What machine code has left of what was paid for; below zero, what it took beyond that.
    #[cfg(vega_machine_code)]
    pub(crate) fn set_fuel(&mut self, fuel: i64) {
        self.fuel = u64::try_from(fuel).unwrap_or_default();
        if fuel < 0 {
            self.meter.add_steps(fuel.unsigned_abs());
        }
    }

    /// Makes bytes zeroes, as far as they were ever in use.
    #[cfg(vega_machine_code)]
    pub(crate) fn zero(&mut self, start: usize, length: usize) -> Result<(), Stop> {
        let end = start.saturating_add(length).min(self.dirty);
        if let Some(bytes) = self.memory.get_mut(start..end) {
            bulk::clear(bytes, &self.meter)?;
        }
        Ok(())
    }

    #[cold]
    fn lengthen(&mut self, end: usize) -> Result<(), Stop> {
        let wanted = end.max(2 * self.memory.len()).max(FEWEST_BYTES);
        let full = || LimitReached::of_host(end);
        let mut longer = Linear::try_new(wanted).or_else(|| Linear::try_new(end)).ok_or_else(full)?;
        let used = self.dirty.min(self.memory.len());
        if let (Some(to), Some(from)) = (longer.get_mut(..used), self.memory.get(..used)) {
            bulk::copy(to, from, &self.meter)?;
        }
        self.memory = longer;
        Ok(())
    }

    /// Counts bytes of linear memory, of which an offset has 32 bits.
    #[inline]
    pub(super) fn count_linear(&mut self, bytes: u64) -> Result<(), Stop> {
        let end = self.linear + bytes;
        if end > u32::MAX.into() {
            let (kind, maximum) = (LimitKind::Memory, u32::MAX.into());
            return Err(LimitReached { kind, subject: "constants, arguments and arenas", value: end, maximum }.into());
        }
        self.linear = end;
        Ok(())
    }

    pub(crate) fn bytes(&self, start: usize, length: usize) -> Result<&[u8], Stop> {
        let end = start.saturating_add(length);
        self.memory.get(start..end).ok_or(Stop::Broken("bytes outside memory"))
    }

    pub(crate) fn bytes_mut(&mut self, start: usize, length: usize) -> Result<&mut [u8], Stop> {
        let end = start.saturating_add(length);
        self.memory.get_mut(start..end).ok_or(Stop::Broken("bytes outside memory"))
    }

    /// Zeroes bytes that are paid for.
    pub(super) fn clear(&mut self, start: usize, length: usize) -> Result<(), Stop> {
        let bytes = self.memory.get_mut(start..start.saturating_add(length));
        Ok(bulk::clear(bytes.ok_or(Stop::Broken("bytes outside memory"))?, &self.meter)?)
    }
}
