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

pub(crate) use boundary::{Bytes, Guest};
use door::Door;
pub(crate) use door::{Entered, STRAIGHT, Terms, fuel};
pub(crate) use run::Flight;

use crate::interpreter::Registers;
use crate::loaded::Loaded;
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
use std::sync::{Mutex, OnceLock, PoisonError, RwLock};

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
    /// The places at which machine code takes over, by function and offset: for views that are as long, and peaks that are as
    /// high, as they were when it was made, and for any.
    landings: Mutex<HashMap<(u32, u32), [Made; 2]>>,
    /// Where the host enters functions, as far as it was looked for.
    doors: Box<[OnceLock<Option<Door>>]>,
    /// Whether all is made that calls can want of it.
    is_whole: AtomicBool,
    /// One is compiled at a time.
    compiles: Mutex<()>,
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
    /// For a module with so many functions; `None` where there can be no machine code. Where steps are limited code is
    /// `exact`: it stops before the very block that cannot be paid for.
    pub(crate) fn new(functions: u32, exact: bool, left_out: Passes) -> Option<Native> {
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
        let count = functions as usize;
        Some(Native {
            isa,
            code: CodeMemory::new()?,
            table: (0..2 * count).map(|_| AtomicUsize::new(0)).collect(),
            takes: OnceLock::new(),
            limits: OnceLock::new(),
            codes: RwLock::default(),
            landings: Mutex::default(),
            doors: (0..count).map(|_| OnceLock::new()).collect(),
            is_whole: AtomicBool::new(false),
            compiles: Mutex::default(),
            calls: OnceLock::new(),
            exact,
            left_out,
        })
    }

    /// Whether the functions of a module can all be compiled, so that none has to go back to words.
    fn takes(&self, loaded: &Loaded) -> bool {
        *self.takes.get_or_init(|| {
            let module = loaded.module();
            let bytes: usize = module.functions().map(|function| function.code.len()).sum();
            if module.function_count() > MOST_FUNCTIONS || bytes > MOST_IN_ALL {
                return false;
            }
            let mut translator = Translator::new(loaded.verified(), false);
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
    fn limits(&self, loaded: &Loaded) -> bool {
        *self.limits.get_or_init(|| loaded.module().functions().any(|function| function.limit.is_some()))
    }

    /// Makes the code of an entry of the table if it is not there yet; says whether it is.
    fn compile(&self, loaded: &Loaded, entry: u32) -> bool {
        let Some(there) = self.table.get(entry as usize) else { return false };
        let _one = self.compiles.lock().unwrap_or_else(PoisonError::into_inner);
        if there.load(Ordering::Acquire) != 0 {
            return true;
        }
        let functions = loaded.module().function_count();
        let from = if entry < functions { From::Call } else { From::Counting };
        let Some(start) = self.make(loaded, entry % functions, from).map(|landing| landing.start) else { return false };
        there.store(start, Ordering::Release);
        true
    }

    /// Makes the code of every function that is not there yet; gives how many bytes it has of each.
    pub(crate) fn compile_all(&self, loaded: &Loaded) -> Option<Vec<usize>> {
        let functions = loaded.module().function_count();
        if !self.takes(loaded) || !(0..functions).all(|function| self.compile(loaded, function)) {
            return None;
        }
        let codes = self.codes.read().unwrap_or_else(PoisonError::into_inner);
        let lengths: HashMap<usize, usize> = codes.iter().map(|code| (code.start, code.length)).collect();
        let starts = self.table.iter().take(functions as usize);
        starts.map(|start| lengths.get(&start.load(Ordering::Acquire)).copied()).collect()
    }

    /// Makes everything that calls from the host can want of machine code, so that no call makes any; says whether it is
    /// there.
    pub(crate) fn make_whole(&self, loaded: &Loaded) -> bool {
        let module = loaded.module();
        let is_there = self.compile_all(loaded).is_some()
            && (0..module.function_count()).all(|function| self.compile(loaded, module.function_count() + function));
        if is_there {
            module.exported_functions().for_each(|function| self.look_for_door(loaded, function.index));
        }
        self.is_whole.fetch_or(is_there, Ordering::Relaxed);
        is_there
    }

    /// What calls run on, with room for so many frames and all that they take there: this, if it has that.
    pub(crate) fn guest(&self, loaded: &Loaded, there: Option<Guest>, frames: u32) -> Option<Guest> {
        let mut guest = Guest::with_room(there, frames)?;
        if self.limits(loaded) {
            guest.count_activations(loaded.module().function_count() as usize);
            guest.has_returned();
        }
        Some(guest)
    }

    /// Whether no call makes anything.
    #[inline]
    pub(crate) fn is_whole(&self) -> bool {
        self.is_whole.load(Ordering::Relaxed)
    }

    /// Finds out whether the host can enter a function.
    pub(crate) fn look_for_door(&self, loaded: &Loaded, function: u32) {
        if let Some(door) = self.doors.get(function as usize) {
            door.get_or_init(|| Door::open(self, loaded, function));
        }
    }

    /// Where the host enters a function, if that was found.
    #[inline]
    pub(crate) fn door(&self, function: u32) -> Option<&Door> {
        self.doors.get(function as usize)?.get()?.as_ref()
    }

    /// Where machine code takes over from words: in a function, at the offset of the instruction with which it or a loop of it
    /// begins.
    fn landing(
        &self,
        loaded: &Loaded,
        (function, ip): (u32, u32),
        registers: &Registers,
        spare: Taken,
    ) -> Option<Landing> {
        let _one = self.compiles.lock().unwrap_or_else(PoisonError::into_inner);
        let mut landings = self.landings.lock().unwrap_or_else(PoisonError::into_inner);
        let [special, any] = landings.entry((function, ip)).or_default();
        let length = |view: Register| (registers[usize::from(view)] >> 32) as u32;
        let make = |length, spare| self.make(loaded, function, From::Words(Entry { ip, length, spare }));
        let special = special.get_or_insert_with(|| make(&length, spare));
        let fits = |landing: &&Landing| {
            landing.lengths.iter().all(|(view, least)| length(*view) >= *least) && landing.spare.is_within(spare)
        };
        match special.as_ref().filter(fits) {
            Some(landing) => Some(landing.clone()),
            None => any.get_or_insert_with(|| make(&|_| 0, Taken::default())).clone(),
        }
    }

    /// Where the code begins of a function that the host enters.
    fn start(&self, loaded: &Loaded, function: u32) -> Option<usize> {
        let _one = self.compiles.lock().unwrap_or_else(PoisonError::into_inner);
        let mut landings = self.landings.lock().unwrap_or_else(PoisonError::into_inner);
        let [_, any] = landings.entry((function, 0)).or_default();
        let entry = Entry { ip: 0, length: &|_| 0, spare: Taken::default() };
        let any = any.get_or_insert_with(|| self.make(loaded, function, From::Words(entry)));
        any.as_ref().map(|landing| landing.start)
    }

    /// What becomes of a function, as Cranelift is told it and as machine code.
    pub(crate) fn show(&self, loaded: &Loaded, function: u32) -> Option<String> {
        let prepared = self.prepared(loaded, function, self.left_out, From::Call, &mut |_, _| {})?;
        let (lowered, _) = self.lowered(loaded, &prepared, 0)?;
        let before = lowered.display().to_string();
        let mut context = cranelift_codegen::Context::for_function(lowered);
        context.set_disasm(true);
        context.compile(&*self.isa, &mut ControlPlane::default()).ok()?;
        let code = context.compiled_code()?.vcode.clone().unwrap_or_default();
        Some(format!("{}\n{before}\n{code}", prepared.body))
    }

    /// What the passes make of a function, one after another.
    pub(crate) fn show_passes(&self, loaded: &Loaded, function: u32) -> Option<String> {
        let (mut shown, mut last) = (String::new(), String::new());
        self.prepared(loaded, function, self.left_out, From::Call, &mut |pass, text| {
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

    fn prepared(
        &self,
        loaded: &Loaded,
        function: u32,
        left_out: Passes,
        from: From<'_>,
        show: Show<'_>,
    ) -> Option<Prepared> {
        let module = loaded.module();
        let calls = self.calls.get_or_init(|| inline::count_calls(module));
        let preparing = Preparing { module, function, from, left_out, calls, exact: self.exact };
        preparing.prepare(&mut Translator::new(loaded.verified(), false), show)
    }

    fn lowered(&self, loaded: &Loaded, prepared: &Prepared, number: usize) -> Option<(Function, Vec<Site>)> {
        let [tell, ask] = [boundary::tell_address(), boundary::ask_address()];
        let number = u32::try_from(number).ok()?;
        let frontend = self.isa.frontend_config();
        let task = Task { module: loaded.module(), prepared, number, tell, ask, frontend };
        let (lowered, sites) = lower(&task)?;
        #[cfg(feature = "planted")]
        let lowered = planted::in_code(lowered);
        Some((lowered, sites))
    }

    /// Compiles a function, from its beginning or to be taken over at an instruction. One is made at a time.
    fn make(&self, loaded: &Loaded, function: u32, from: From<'_>) -> Option<Landing> {
        // A fault of the compiler is no reason to end the host. What becomes too much of several functions together may do of
        // one alone, and the last is what was found to be little enough before anything was done to it.
        let attempt = |left_out: Passes| {
            catch_unwind(AssertUnwindSafe(|| self.attempt(loaded, function, left_out, from))).ok().flatten()
        };
        attempt(self.left_out)
            .or_else(|| attempt(self.left_out | Passes::of(&[Pass::Inline])))
            .or_else(|| attempt(Passes::of(&Pass::ALL)))
    }

    fn attempt(&self, loaded: &Loaded, function: u32, left_out: Passes, from: From<'_>) -> Option<Landing> {
        let number = self.codes.read().unwrap_or_else(PoisonError::into_inner).len();
        let prepared = self.prepared(loaded, function, left_out, from, &mut |_, _| {})?;
        let (lowered, sites) = self.lowered(loaded, &prepared, number)?;
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
