//! The native engine: Cranelift makes machine code of the register form of functions, each when it is first called.
//!
//! It agrees with the other engines in all that is observable. Machine code computes, touches the linear memory of the
//! instance and counts; everything else it asks the host for, by an event: it goes back to the host's stack and waits.

mod abreast;
mod body;
mod boundary;
mod charges;
mod compute;
mod counted;
mod door;
mod fill;
mod forward;
mod fuel;
mod inline;
mod left;
mod liveness;
mod lower;
#[cfg(feature = "planted")]
pub(crate) mod planted;
mod prepare;
mod ranges;
mod run;
mod sites;
mod steady;
mod values;
mod worker;

pub(crate) use boundary::{Bytes, Guest};
use door::Door;
pub(crate) use door::{Entered, STRAIGHT, Terms, fuel};
pub(crate) use run::{Flight, TakenOff};

use crate::cancel::Halt;
use crate::meter;
use crate::passes::{Pass, Passes};
use crate::register::{Place, Register, Translator};
use alloc::sync::Arc;
use body::{At, Body, Context, Taken};
use boundary::CodeMemory;
use core::panic::AssertUnwindSafe;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use cranelift_codegen::FinalizedRelocTarget;
use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{ExternalName, Function};
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use liveness::Live;
use lower::{Shape, Task, lower};
use prepare::{Entry, From, Prepared, Preparing, Show};
use ranges::Lengths;
use sites::{Site, What};
use std::collections::HashMap;
use std::panic::catch_unwind;
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use vega_format::Parsed;
use vega_format::verify::Verified;
use worker::{GLANCE, Look, start, wait_for};

/// The most bytes of bytecode of a function that is compiled.
const MOST_BYTECODE: usize = 64 << 10;
/// The most cells of the expression stack of such a function.
const MOST_STACK: u16 = 4_000;
/// The most functions, and the most bytes of bytecode, of a module that is compiled.
const MOST_FUNCTIONS: u32 = 4_096;
const MOST_IN_ALL: usize = 1 << 20;
/// The most of the [sizes](Body::size) of its functions together, for each of which there are some fifty bytes of machine code.
const MOST_SIZES: usize = 1 << 19;

/// The most bytes of a frame of machine code that stands for frames of several functions.
const MOST_FRAME_OF_SEVERAL: usize = 1 << 10;

/// The machine code of a module, as far as its functions were called. Threads share it.
pub(crate) struct Native {
    verified: Arc<Verified>,
    isa: OwnedTargetIsa,
    code: CodeMemory,
    /// Where the code of each function begins, and behind all those where the code begins that counts what it takes of frames
    /// and memory; 0 if it is not there.
    table: Box<[AtomicUsize]>,
    /// Whether no function is too large.
    takes: OnceLock<bool>,
    /// Whether a function limits its activations, which are counted then.
    limits: OnceLock<bool>,
    /// What was compiled, by number.
    codes: RwLock<Vec<Arc<Compiled>>>,
    /// The places at which machine code takes over, by function and offset.
    landings: Mutex<HashMap<(u32, u32), Landings>>,
    /// Where the host enters functions, as far as it was looked for.
    doors: Box<[OnceLock<Option<Door>>]>,
    /// Whether all is made that calls can want of it.
    is_whole: AtomicBool,
    /// Whether somebody makes code: one thing is made at a time.
    makes: Mutex<bool>,
    made: Condvar,
    /// How often each function is called in the code of the module.
    calls: OnceLock<Vec<u32>>,
    exact: bool,
    left_out: Passes,
}

impl core::fmt::Debug for Native {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Native").field("exact", &self.exact).finish_non_exhaustive()
    }
}

/// A place at which machine code takes over, once it was made; `None` within if it could not be.
type Made = Option<Option<Landing>>;

/// The places at an offset: for views that are as long, and peaks that are as high, as they were when it was made, and for
/// any.
#[derive(Debug, Default)]
struct Landings {
    special: Made,
    any: Made,
}

/// How long the view in a register is; of those that are not there it is not known.
fn length(registers: &[u64], view: Register) -> u32 {
    registers.get(usize::from(view)).map_or(0, |cell| (cell >> 32) as u32)
}

/// A place at which machine code takes over from words.
#[derive(Debug, Clone)]
struct Landing {
    /// The address of the code.
    start: usize,
    /// The register of the lowest cell of the stack.
    first: Register,
    /// How long views must be.
    lengths: Lengths,
    /// What must have been taken before, beyond what is.
    spare: Taken,
}

/// What is known of a place at which machine code could take over.
#[derive(Debug)]
enum Takeover {
    At(Landing),
    /// There is no code for it.
    Never,
    /// Somebody makes other code, which may take a while.
    Later,
}

/// The right to make code, which one has at a time.
struct Turn(Arc<Native>);

impl Turn {
    /// Makes something, and lets others have their turn.
    fn make<T>(self, work: impl FnOnce(&Native) -> T) -> T {
        work(&self.0)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.0.makes() = false;
        self.0.made.notify_all();
    }
}

/// What is known of code.
#[derive(Debug)]
struct Compiled {
    start: usize,
    length: usize,
    sites: Vec<Site>,
    contexts: Vec<Context>,
    returns: Returns,
}

/// Where calls return to, from the start of the code, by rising offset, with their sites.
type Returns = Vec<(u32, u32)>;

impl Native {
    /// For a module; `None` where there can be no machine code. Where steps are limited code is `exact`: it stops before the
    /// very block that cannot be paid for.
    pub(crate) fn new(verified: Arc<Verified>, exact: bool, left_out: Passes) -> Option<Native> {
        let mut flags = settings::builder();
        let wanted = [
            ("opt_level", if left_out.has(Pass::Cranelift) { "none" } else { "speed" }),
            ("preserve_frame_pointers", "true"),
            ("enable_probestack", "false"),
            ("unwind_info", "false"),
            ("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" }),
        ];
        for (name, value) in wanted {
            flags.set(name, value).ok()?;
        }
        let isa = cranelift_native::builder().ok()?.finish(settings::Flags::new(flags)).ok()?;
        let count = verified.module().function_count() as usize;
        Some(Native {
            verified,
            isa,
            code: CodeMemory::new()?,
            table: (0..2 * count).map(|_| AtomicUsize::new(0)).collect(),
            takes: OnceLock::new(),
            limits: OnceLock::new(),
            codes: RwLock::default(),
            landings: Mutex::default(),
            doors: (0..count).map(|_| OnceLock::new()).collect(),
            is_whole: AtomicBool::new(false),
            makes: Mutex::default(),
            made: Condvar::new(),
            calls: OnceLock::new(),
            exact,
            left_out,
        })
    }

    fn module(&self) -> &Parsed<'static> {
        self.verified.module()
    }

    /// Finds out whether the module can be compiled; says whether that is known then. Who does not want to `wait` for others may not
    /// come to know it.
    ///
    /// # Errors
    /// Who asks for it may wait no longer.
    pub(crate) fn find_out(self: &Arc<Native>, (wait, look): (bool, Look<'_>)) -> Result<bool, Halt> {
        if self.takes.get().is_none() {
            let Some(turn) = self.turn_if((wait, look))? else { return Ok(false) };
            wait_for(move || turn.make(Native::takes), look)?;
        }
        Ok(true)
    }

    /// Whether the functions of the module can all be compiled, so that none has to go back to words.
    fn takes(&self) -> bool {
        *self.takes.get_or_init(|| {
            let module = self.module();
            let bytes: usize = module.functions().map(|function| function.code.len()).sum();
            if module.function_count() > MOST_FUNCTIONS || bytes > MOST_IN_ALL {
                return false;
            }
            let mut translator = Translator::new(&self.verified, false);
            let mut left = MOST_SIZES;
            module.functions().all(|function| {
                let is_small = function.code.len() <= MOST_BYTECODE && function.max_stack <= MOST_STACK;
                let mut is_little = || {
                    let body = Body::new(function.index, translator.plain(function.index)?)?;
                    left = left.checked_sub(body.size())?;
                    Live::of(&body)
                };
                is_small && Shape::of(module, function.index).is_some() && is_little().is_some()
            })
        })
    }

    /// Whether a function of the module limits its activations.
    fn limits(&self) -> bool {
        *self.limits.get_or_init(|| self.module().functions().any(|function| function.limit.is_some()))
    }

    /// The most that a frame counts for in the host's bookkeeping, with the arenas that it may have open.
    fn most_bookkeeping(&self) -> u64 {
        self.module().functions().map(|function| meter::bookkeeping_with_arenas(&function)).max().unwrap_or_default()
    }

    fn makes(&self) -> MutexGuard<'_, bool> {
        self.makes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The right to make code, if nobody has it.
    fn turn_now(self: &Arc<Native>) -> Option<Turn> {
        let makes = &mut *self.makes();
        (!core::mem::replace(makes, true)).then(|| Turn(Arc::clone(self)))
    }

    /// The right to make code, once nobody has it any more.
    fn turn(self: &Arc<Native>, look: Look<'_>) -> Result<Turn, Halt> {
        loop {
            if let Some(turn) = self.turn_now() {
                return Ok(turn);
            }
            let makes = self.makes();
            drop(self.made.wait_timeout_while(makes, GLANCE, |makes| *makes));
            look()?;
        }
    }

    /// The right to make code, for which one may `wait` or not.
    fn turn_if(self: &Arc<Native>, (wait, look): (bool, Look<'_>)) -> Result<Option<Turn>, Halt> {
        if wait { self.turn(look).map(Some) } else { Ok(self.turn_now()) }
    }

    /// Makes the code of an entry of the table if it is not there yet; says whether it is.
    ///
    /// # Errors
    /// Who asks for it may wait no longer.
    fn compile(self: &Arc<Native>, entry: u32, look: Look<'_>) -> Result<bool, Halt> {
        let Some(there) = self.table.get(entry as usize) else { return Ok(false) };
        if there.load(Ordering::Acquire) != 0 {
            return Ok(true);
        }
        let turn = self.turn(look)?;
        Ok(wait_for(move || turn.make(|native| native.fill(entry)), look)?.unwrap_or_default())
    }

    /// Makes the code of an entry of the table, where it is one's turn.
    fn fill(&self, entry: u32) -> bool {
        let Some(there) = self.table.get(entry as usize) else { return false };
        if there.load(Ordering::Acquire) != 0 {
            return true;
        }
        let functions = self.module().function_count();
        let from = if entry < functions { From::Call } else { From::Counting };
        let Some(start) = self.make(entry % functions, from).map(|landing| landing.start) else { return false };
        there.store(start, Ordering::Release);
        true
    }

    /// Does work where it is one's turn, however long that takes.
    fn in_turn<T: Send + 'static>(self: &Arc<Native>, work: impl FnOnce(&Native) -> T + Send + 'static) -> Option<T> {
        let look: Look<'_> = &mut || Ok(());
        let turn = self.turn(look).ok()?;
        wait_for(move || turn.make(work), look).ok().flatten()
    }

    /// Makes the code of every function that is not there yet; gives how many bytes it has of each.
    pub(crate) fn compile_all(self: &Arc<Native>) -> Option<Vec<usize>> {
        self.in_turn(Native::fill_all).flatten()
    }

    fn fill_all(&self) -> Option<Vec<usize>> {
        let functions = self.module().function_count();
        if !self.takes() || !(0..functions).all(|function| self.fill(function)) {
            return None;
        }
        let codes = self.codes.read().unwrap_or_else(PoisonError::into_inner);
        let lengths: HashMap<usize, usize> = codes.iter().map(|code| (code.start, code.length)).collect();
        let starts = self.table.iter().take(functions as usize);
        starts.map(|start| lengths.get(&start.load(Ordering::Acquire)).copied()).collect()
    }

    /// Makes everything that calls from the host can want of machine code, so that no call makes any; says whether it is
    /// there.
    pub(crate) fn make_whole(self: &Arc<Native>) -> bool {
        self.in_turn(Native::fill_whole).unwrap_or_default()
    }

    fn fill_whole(&self) -> bool {
        let module = self.module();
        let functions = module.function_count();
        let is_there = self.fill_all().is_some() && (functions..2 * functions).all(|entry| self.fill(entry));
        if is_there {
            for function in module.exported_functions() {
                self.start(function.index);
                self.open_door(function.index);
            }
        }
        self.is_whole.fetch_or(is_there, Ordering::Relaxed);
        is_there
    }

    /// What calls run on, with room for so many frames and all that they take there: this, if it has that.
    pub(crate) fn guest(&self, there: Option<Guest>, frames: u32) -> Option<Guest> {
        let mut guest = Guest::with_room(there, frames)?;
        if self.limits() {
            guest.count_activations(self.module().function_count() as usize);
            guest.has_returned();
        }
        Some(guest)
    }

    /// Whether no call makes anything.
    #[inline]
    pub(crate) fn is_whole(&self) -> bool {
        self.is_whole.load(Ordering::Relaxed)
    }

    /// Finds out whether the host can enter a function, unless others have their code made.
    pub(crate) fn look_for_door(self: &Arc<Native>, function: u32) {
        if self.doors.get(function as usize).is_some_and(|door| door.get().is_none())
            && let Some(turn) = self.turn_now()
        {
            let _ = wait_for(move || turn.make(|native| native.open_door(function)), &mut || Ok(()));
        }
    }

    /// Makes what the host enters a function by, where it is one's turn.
    fn open_door(&self, function: u32) {
        if let Some(door) = self.doors.get(function as usize) {
            door.get_or_init(|| Door::open(self, function));
        }
    }

    /// Where the host enters a function, if that was found.
    #[inline]
    pub(crate) fn door(&self, function: u32) -> Option<&Door> {
        self.doors.get(function as usize)?.get()?.as_ref()
    }

    /// Where machine code takes over from words: in a function, at the offset of the instruction with which it or a loop of it
    /// begins, with these in the registers. Who does not want to `wait` for others is told so.
    ///
    /// # Errors
    /// Who asks for it may wait no longer.
    fn landing(
        self: &Arc<Native>,
        at: (u32, u32),
        registers: &[u64],
        spare: Taken,
        (wait, look): (bool, Look<'_>),
    ) -> Result<Takeover, Halt> {
        let known = match self.known(at, registers, spare) {
            Some(known) => known,
            None => {
                let any = self.landings().get(&at).and_then(|landings| landings.any.clone()).flatten();
                let turn = self.turn_if((wait && any.is_none(), look))?;
                let registers = registers.to_vec();
                let work = turn.map(|turn| move || turn.make(|native| native.land(at, &registers, spare)));
                match (any, work) {
                    // What is right for any registers will do until there is better.
                    (Some(any), work) => {
                        if let Some(work) = work {
                            start(work);
                        }
                        Some(any)
                    }
                    (None, Some(work)) => wait_for(work, look)?.flatten(),
                    (None, None) => return Ok(Takeover::Later),
                }
            }
        };
        Ok(known.map_or(Takeover::Never, Takeover::At))
    }

    fn landings(&self) -> MutexGuard<'_, HashMap<(u32, u32), Landings>> {
        self.landings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The place that is right for these registers, once it was made.
    fn known(&self, at: (u32, u32), registers: &[u64], spare: Taken) -> Made {
        let landings = self.landings();
        let Landings { special, any } = landings.get(&at)?;
        let fits = |landing: &&Landing| {
            let mut lengths = landing.lengths.iter();
            lengths.all(|(view, least)| length(registers, *view) >= *least) && landing.spare.is_within(spare)
        };
        match special.as_ref()?.as_ref().filter(fits) {
            Some(landing) => Some(Some(landing.clone())),
            None => any.clone(),
        }
    }

    /// Makes the place that is right for these registers, where it is one's turn.
    fn land(&self, at: (u32, u32), registers: &[u64], spare: Taken) -> Option<Landing> {
        if self.known(at, registers, spare).is_none() {
            let entry = Entry { ip: at.1, length: &|view| length(registers, view), spare };
            self.place(at, |landings| &mut landings.special, entry);
        }
        match self.known(at, registers, spare) {
            Some(known) => known,
            None => self.place(at, |landings| &mut landings.any, Entry::any(at.1)),
        }
    }

    /// Makes a place if it is not there yet.
    fn place(&self, at: (u32, u32), of: fn(&mut Landings) -> &mut Made, entry: Entry<'_>) -> Option<Landing> {
        let there = of(self.landings().entry(at).or_default()).clone();
        there.unwrap_or_else(|| {
            let made = self.make(at.0, From::Words(entry));
            of(self.landings().entry(at).or_default()).insert(made).clone()
        })
    }

    /// Where the code begins of a function that the host enters, which is made where it is one's turn.
    fn start(&self, function: u32) -> Option<usize> {
        Some(self.place((function, 0), |landings| &mut landings.any, Entry::any(0))?.start)
    }

    /// What becomes of a function, as Cranelift is told it and as machine code.
    pub(crate) fn show(&self, function: u32) -> Option<String> {
        let prepared = self.prepared(function, self.left_out, From::Call, &mut |_, _| {})?;
        let (lowered, _) = self.lowered(&prepared, 0)?;
        let before = lowered.display().to_string();
        let mut context = cranelift_codegen::Context::for_function(lowered);
        context.set_disasm(true);
        context.compile(&*self.isa, &mut ControlPlane::default()).ok()?;
        let code = context.compiled_code()?.vcode.clone().unwrap_or_default();
        Some(format!("{}\n{before}\n{code}", prepared.body))
    }

    /// What the passes make of a function, one after another.
    pub(crate) fn show_passes(&self, function: u32) -> Option<String> {
        let (mut shown, mut last) = (String::new(), String::new());
        self.prepared(function, self.left_out, From::Call, &mut |pass, text| {
            let text = text();
            let title = pass.map_or("as it is translated".to_owned(), |pass| format!("after {pass}"));
            match text.is_empty() || text == last {
                true => shown.push_str(&format!("; {title}: nothing\n")),
                false => shown.push_str(&format!("; {title}\n{text}")),
            }
            if !text.is_empty() {
                last = text;
            }
        })?;
        Some(shown)
    }

    fn prepared(&self, function: u32, left_out: Passes, from: From<'_>, show: Show<'_>) -> Option<Prepared> {
        let module = self.module();
        let calls = self.calls.get_or_init(|| inline::count_calls(module));
        let preparing = Preparing { module, function, from, left_out, calls, exact: self.exact };
        preparing.prepare(&mut Translator::new(&self.verified, false), show)
    }

    fn lowered(&self, prepared: &Prepared, number: usize) -> Option<(Function, Vec<Site>)> {
        let [tell, ask] = [boundary::tell_address(), boundary::ask_address()];
        let number = u32::try_from(number).ok()?;
        let frontend = self.isa.frontend_config();
        let task = Task { module: self.module(), prepared, number, tell, ask, frontend };
        let (lowered, sites) = lower(&task)?;
        #[cfg(feature = "planted")]
        let lowered = planted::in_code(lowered);
        Some((lowered, sites))
    }

    /// Compiles a function, from its beginning or to be taken over at an instruction. One is made at a time.
    fn make(&self, function: u32, from: From<'_>) -> Option<Landing> {
        // A fault of the compiler is no reason to end the host. What becomes too much of several functions together may do of
        // one alone, and the last is what was found to be little enough before anything was done to it.
        let attempt =
            |left_out: Passes| catch_unwind(AssertUnwindSafe(|| self.attempt(function, left_out, from))).ok().flatten();
        attempt(self.left_out)
            .or_else(|| attempt(self.left_out | Passes::of(&[Pass::Inline])))
            .or_else(|| attempt(Passes::of(&Pass::ALL)))
    }

    fn attempt(&self, function: u32, left_out: Passes, from: From<'_>) -> Option<Landing> {
        let number = self.codes.read().unwrap_or_else(PoisonError::into_inner).len();
        let prepared = self.prepared(function, left_out, from, &mut |_, _| {})?;
        let (lowered, sites) = self.lowered(&prepared, number)?;
        // Frames of callees that are put in are counted while they are there, and take room of the stack as long as their
        // caller's, of which there may be many.
        let most_frame = match prepared.body.contexts.len() {
            0 | 1 => boundary::MOST_FRAME,
            _ => MOST_FRAME_OF_SEVERAL,
        };
        let (code, returns) = self.machine_code(lowered, most_frame)?;
        let start = self.code.publish(&code, matches!(from, From::Words(_)))?;
        let Prepared { body, lengths, spare, .. } = prepared;
        let compiled = Compiled { start, length: code.len(), sites, contexts: body.contexts, returns };
        self.codes.write().unwrap_or_else(PoisonError::into_inner).push(Arc::new(compiled));
        Some(Landing { start, first: body.first, lengths, spare: spare.unwrap_or_default() })
    }

    /// What Cranelift makes of a function, and where its calls return to.
    fn machine_code(&self, function: Function, most_frame: usize) -> Option<(Vec<u8>, Returns)> {
        let mut context = cranelift_codegen::Context::for_function(function);
        context.compile(&*self.isa, &mut ControlPlane::default()).ok()?;
        let compiled = context.compiled_code()?;
        let buffer = &compiled.buffer;
        // With the address to return to, and what a call puts below.
        let below = 8 * lower::MOST_PARAMETERS + 512;
        let frame = buffer.frame_layout()?.frame_to_fp_offset as usize;
        if frame > most_frame || frame + below > boundary::MOST_FRAME {
            return None;
        }
        let mut returns = Vec::new();
        for site in buffer.call_sites() {
            let places = buffer.get_srclocs_sorted();
            let place = places.partition_point(|place| place.end < site.ret_addr);
            if let Some(place) = places.get(place).filter(|place| place.start < site.ret_addr)
                && !place.loc.is_default()
            {
                returns.push((site.ret_addr, place.loc.bits()));
            }
        }
        let mut code = compiled.code_buffer().to_vec();
        for reloc in buffer.relocs() {
            // Code refers to nothing by name but itself.
            let is_call = reloc.kind == Reloc::X86CallPCRel4;
            let itself = is_call && matches!(reloc.target, FinalizedRelocTarget::ExternalName(ExternalName::User(_)));
            let distance = i32::try_from(reloc.addend - i64::from(reloc.offset)).ok()?;
            let place = reloc.offset as usize;
            code.get_mut(place..place + 4).filter(|_| itself)?.copy_from_slice(&distance.to_le_bytes());
        }
        Some((code, returns))
    }

    /// The code with a number.
    fn code(&self, number: u32) -> Option<Arc<Compiled>> {
        self.codes.read().unwrap_or_else(PoisonError::into_inner).get(number as usize).cloned()
    }

    /// The calls that wait at an address to which code returns.
    fn call(&self, address: usize) -> Vec<(u32, Place)> {
        let codes = self.codes.read().unwrap_or_else(PoisonError::into_inner);
        let code = codes.iter().find(|code| (code.start..=code.start + code.length).contains(&address));
        code.and_then(|code| Some(code.expand(code.call_at(address)?))).unwrap_or_default()
    }
}

impl Compiled {
    /// The places that a place stands for, and those of the calls that are no calls any more, innermost first.
    fn expand(&self, at: At) -> Vec<(u32, Place)> {
        let mut places = Vec::new();
        let mut next = Some(at);
        while let Some(at) = next {
            let Some(context) = self.contexts.get(at.context as usize) else { break };
            places.push((context.function, at.place));
            next = context.caller;
        }
        places
    }

    fn call_at(&self, address: usize) -> Option<At> {
        let offset = u32::try_from(address - self.start).ok()?;
        let place = self.returns.binary_search_by_key(&offset, |(offset, _)| *offset).ok()?;
        let (_, site) = self.returns.get(place)?;
        self.sites.get(*site as usize).filter(|site| matches!(site.what, What::Call)).map(|site| site.at)
    }
}

#[cfg(test)]
mod tests {
    use crate::instance::Engine;
    use crate::limits::Limits;
    use crate::loader::load;
    use crate::native::Imports;
    use crate::outcome::End;
    use crate::value::Value;
    use vega_format::builder::{Builder, ConstantValue, FunctionDraft};
    use vega_format::container::{EntryResult, Kind};
    use vega_format::instruction::Instruction;
    use vega_format::types::Tag;

    #[test]
    fn who_does_not_wait_for_the_code_of_others_goes_on_in_words() {
        let mut builder = Builder::new(Kind::Program);
        let index = builder.constant(ConstantValue::Scalar(Tag::Long, 7));
        let code = vec![Instruction::LoadConst { index }, Instruction::Return {}];
        builder.add_function("main()L", FunctionDraft { code, ..FunctionDraft::default() });
        builder.entry = Some(("main()L".to_owned(), EntryResult::Print));
        let limits = Limits { steps: None, ..Limits::trusted() };
        let bytes = builder.write().expect("it is valid");
        let program = load(bytes, &Imports::new(), &limits, &mut ()).expect("it is valid");
        let native = program.loaded().native(false).expect("there is machine code here");
        let run = || {
            let mut instance = program.instantiate();
            instance.set_take_over(0);
            let outcome = instance.run(&[], &mut Imports::new(), &limits, &mut ()).expect("it takes nothing");
            assert_eq!(outcome.end, End::Result(Some(Value::Scalar(Tag::Long, 7))));
            instance.ran().map(|ran| ran.engine)
        };
        // Nothing is known of the module yet; then everything but the code.
        for _ in 0..2 {
            let turn = native.turn_now().expect("nobody makes code");
            assert!(native.turn_now().is_none());
            assert_eq!(run(), Some(Engine::Interpreter));
            drop(turn);
            assert!(native.find_out((false, &mut || Ok(()))).expect("nobody ends it"));
        }
        assert_eq!(run(), Some(Engine::Jit));
    }
}
