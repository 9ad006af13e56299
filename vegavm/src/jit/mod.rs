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
mod landing;
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
mod turn;
mod values;
mod worker;

pub(crate) use boundary::{Bytes, Guest};
use door::Door;
pub(crate) use door::{Entered, STRAIGHT, Terms, fuel};
pub(crate) use run::{Flight, TakenOff};

use crate::cancel::Halt;
use crate::meter;
use crate::passes::{Pass, Passes};
use crate::register::{Place, Translator};
use alloc::sync::Arc;
use body::{At, Body, Context};
use boundary::CodeMemory;
use core::panic::AssertUnwindSafe;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use cranelift_codegen::FinalizedRelocTarget;
use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{ExternalName, Function};
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use inline::Growth;
use landing::{Landing, Landings};
use liveness::Live;
use lower::{Shape, Task, lower};
use prepare::{From, Prepared, Preparing, Show};
use sites::{Site, What};
use std::collections::HashMap;
use std::panic::catch_unwind;
use std::sync::{OnceLock, PoisonError, RwLock};
use turn::Turns;
use vega_format::Parsed;
use vega_format::verify::Verified;
use worker::{Look, wait_for};

/// The most bytes of bytecode of a function that is compiled.
const MOST_BYTECODE: usize = 64 << 10;
/// The most cells of the expression stack of such a function.
const MOST_STACK: u16 = 4_000;
/// The most functions, and the most bytes of bytecode, of a module that is compiled.
const MOST_FUNCTIONS: u32 = 4_096;
const MOST_IN_ALL: usize = 1 << 20;
/// The most of the [sizes](Body::size) of its functions together, for each of which there are some fifty bytes of machine code.
const MOST_SIZES: usize = 1 << 19;

/// The machine code of a module, as far as its functions were called. Threads share it.
pub(crate) struct Native {
    verified: Arc<Verified>,
    isa: OwnedTargetIsa,
    code: CodeMemory,
    /// Where the code of each function begins, and behind all those where the code begins that counts what it takes of frames
    /// and memory; 0 if it is not there.
    table: Box<[AtomicUsize]>,
    /// The [sizes](Body::size) of all functions together, if none is too large.
    size: OnceLock<Option<usize>>,
    /// Whether a function limits its activations, which are counted then.
    limits: OnceLock<bool>,
    /// What was compiled, by number.
    codes: RwLock<Vec<Arc<Compiled>>>,
    /// The places at which machine code takes over.
    landings: Landings,
    /// Where the host enters functions, as far as it was looked for.
    doors: Box<[OnceLock<Option<Door>>]>,
    /// Whether all is made that calls can want of it.
    is_whole: AtomicBool,
    /// Whose turn it is to make code.
    turns: Turns,
    /// How much functions may still grow.
    growth: OnceLock<Growth>,
    exact: bool,
    left_out: Passes,
}

impl core::fmt::Debug for Native {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Native").field("exact", &self.exact).finish_non_exhaustive()
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
            size: OnceLock::new(),
            limits: OnceLock::new(),
            codes: RwLock::default(),
            landings: Landings::default(),
            doors: (0..count).map(|_| OnceLock::new()).collect(),
            is_whole: AtomicBool::new(false),
            turns: Turns::default(),
            growth: OnceLock::new(),
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
        if self.size.get().is_none() {
            let Some(turn) = self.turn_if((wait, look))? else { return Ok(false) };
            wait_for(move || turn.make(Native::takes), look)?;
        }
        Ok(true)
    }

    /// Whether the functions of the module can all be compiled, so that none has to go back to words.
    fn takes(&self) -> bool {
        self.size().is_some()
    }

    /// The size of all functions together, if they can all be compiled.
    fn size(&self) -> Option<usize> {
        *self.size.get_or_init(|| {
            let module = self.module();
            let bytes: usize = module.functions().map(|function| function.code.len()).sum();
            if module.function_count() > MOST_FUNCTIONS || bytes > MOST_IN_ALL {
                return None;
            }
            let mut translator = Translator::new(&self.verified, false);
            let mut size = 0;
            module.functions().try_for_each(|function| {
                let is_small = function.code.len() <= MOST_BYTECODE && function.max_stack <= MOST_STACK;
                Shape::of(module, function.index).filter(|_| is_small)?;
                let body = Body::new(function.index, translator.plain(function.index)?)?;
                size += body.size();
                Live::of(&body).filter(|_| size <= MOST_SIZES).map(drop)
            })?;
            Some(size)
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

    /// What becomes of a function, as Cranelift is told it and as machine code.
    pub(crate) fn show(&self, function: u32) -> Option<String> {
        let (prepared, _) = self.way_of(function)?;
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
        let (_, left_out) = self.way_of(function)?;
        let (mut shown, mut last) = (String::new(), String::new());
        if left_out != self.left_out {
            shown.push_str("; without what makes it too large\n");
        }
        self.prepared(function, left_out, From::Call, &mut |pass, text| {
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

    /// The ways to compile a function, by the passes that are left out, the best first. What becomes too much of several functions
    /// together may do of one alone, and the last is what was found to be little enough before anything was done to it.
    fn ways(&self) -> [Passes; 3] {
        [self.left_out, self.left_out | Passes::of(&[Pass::Inline]), Passes::of(&Pass::ALL)]
    }

    /// A function, prepared in the way in which it is compiled.
    fn way_of(&self, function: u32) -> Option<(Prepared, Passes)> {
        self.ways().into_iter().find_map(|left_out| {
            let prepared = self.prepared(function, left_out, From::Call, &mut |_, _| {})?;
            let (lowered, _) = self.lowered(&prepared, 0)?;
            self.machine_code(lowered, prepared.most_frame())?;
            Some((prepared, left_out))
        })
    }

    fn prepared(&self, function: u32, left_out: Passes, from: From<'_>, show: Show<'_>) -> Option<Prepared> {
        let module = self.module();
        let growth = self.growth.get_or_init(|| Growth::new(module, self.size().unwrap_or_default()));
        let preparing = Preparing { module, function, from, left_out, growth, exact: self.exact };
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
        // A fault of the compiler is no reason to end the host.
        let attempt =
            |left_out: Passes| catch_unwind(AssertUnwindSafe(|| self.attempt(function, left_out, from))).ok().flatten();
        self.ways().into_iter().find_map(attempt)
    }

    fn attempt(&self, function: u32, left_out: Passes, from: From<'_>) -> Option<Landing> {
        let number = self.codes.read().unwrap_or_else(PoisonError::into_inner).len();
        let prepared = self.prepared(function, left_out, from, &mut |_, _| {})?;
        let (lowered, sites) = self.lowered(&prepared, number)?;
        let (code, returns) = self.machine_code(lowered, prepared.most_frame())?;
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
