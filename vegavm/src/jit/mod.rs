//! The native engine: Cranelift makes machine code of the register form of functions, each when it is first called.
//!
//! It agrees with the other engines in all that is observable. Machine code computes, touches the linear memory of the
//! instance and counts; everything else it asks the host for, by an event: it goes back to the host's stack and waits.

mod body;
mod boundary;
mod charges;
mod compute;
mod counted;
mod inline;
mod liveness;
mod lower;
#[cfg(feature = "planted")]
pub(crate) mod planted;
mod ranges;
mod run;
mod sites;
mod values;

pub(crate) use run::Flight;

use crate::interpreter::Registers;
use crate::loader::Loaded;
use crate::register::{Place, Register, Translator};
use body::{At, Body, Context};
use boundary::CodeMemory;
use core::sync::atomic::{AtomicUsize, Ordering};
use cranelift_codegen::FinalizedRelocTarget;
use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{ExternalName, Function};
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use liveness::Live;
use lower::{Shape, Task, lower};
use ranges::Lengths;
use sites::{Site, What};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

/// The most bytes of bytecode of a function that is compiled.
const MOST_BYTECODE: usize = 64 << 10;
/// The most cells of the expression stack of such a function.
const MOST_STACK: u16 = 4_000;
/// The most functions, and the most bytes of bytecode, of a module that is compiled.
const MOST_FUNCTIONS: u32 = 4_096;
const MOST_IN_ALL: usize = 1 << 20;

/// The machine code of a module, as far as its functions were called. Threads share it.
pub(crate) struct Native {
    isa: OwnedTargetIsa,
    code: CodeMemory,
    /// Where each function begins; 0 if it is not compiled.
    table: Box<[AtomicUsize]>,
    /// Whether no function is too large.
    takes: OnceLock<bool>,
    /// What was compiled, by number.
    codes: RwLock<Vec<Arc<Compiled>>>,
    /// The places at which machine code takes over, by function and offset: for views that are as long as they were when it
    /// was made, and for views of any length.
    landings: Mutex<HashMap<(u32, u32), [Made; 2]>>,
    /// One is compiled at a time.
    compiles: Mutex<()>,
    /// How often each function is called in the code of the module.
    calls: OnceLock<Vec<u32>>,
    exact: bool,
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
}

/// Where words are taken over, with how long the views in registers are.
type Entry<'e> = (u32, &'e dyn Fn(Register) -> u32);

/// A function on its way to machine code.
struct Lowered {
    body: Body,
    /// How long views must be.
    lengths: Lengths,
    function: Function,
    sites: Vec<Site>,
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
    pub(crate) fn new(functions: u32, exact: bool) -> Option<Native> {
        let mut flags = settings::builder();
        let wanted = [
            ("opt_level", "speed"),
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
            table: (0..count).map(|_| AtomicUsize::new(0)).collect(),
            takes: OnceLock::new(),
            codes: RwLock::default(),
            landings: Mutex::default(),
            compiles: Mutex::default(),
            calls: OnceLock::new(),
            exact,
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
            module.functions().all(|function| {
                let is_small = function.code.len() <= MOST_BYTECODE && function.max_stack <= MOST_STACK;
                let mut is_little = || Live::of(&Body::new(function.index, translator.plain(function.index)?)?);
                is_small && Shape::of(module, function.index).is_some() && is_little().is_some()
            })
        })
    }

    /// Compiles a function if it is not yet; says whether it is there.
    fn compile(&self, loaded: &Loaded, function: u32) -> bool {
        let Some(entry) = self.table.get(function as usize) else { return false };
        let _one = self.compiles.lock().unwrap_or_else(PoisonError::into_inner);
        if entry.load(Ordering::Acquire) != 0 {
            return true;
        }
        let Some(start) = self.make(loaded, function, None).map(|landing| landing.start) else { return false };
        entry.store(start, Ordering::Release);
        true
    }

    /// Where machine code takes over from words: in a function, at the offset of an instruction at which paths meet.
    fn landing(&self, loaded: &Loaded, function: u32, ip: u32, registers: &Registers) -> Option<Landing> {
        let _one = self.compiles.lock().unwrap_or_else(PoisonError::into_inner);
        let mut landings = self.landings.lock().unwrap_or_else(PoisonError::into_inner);
        let [special, any] = landings.entry((function, ip)).or_default();
        let length = |view: Register| (registers[usize::from(view)] >> 32) as u32;
        let special = special.get_or_insert_with(|| self.make(loaded, function, Some((ip, &length))));
        let fits = |landing: &&Landing| landing.lengths.iter().all(|(view, least)| length(*view) >= *least);
        match special.as_ref().filter(fits) {
            Some(landing) => Some(landing.clone()),
            None => any.get_or_insert_with(|| self.make(loaded, function, Some((ip, &|_| 0)))).clone(),
        }
    }

    /// How a function is compiled, step by step.
    pub(crate) fn show(&self, loaded: &Loaded, function: u32) -> Option<String> {
        let Lowered { body, function: lowered, .. } = self.lowered(loaded, (function, true), None, 0)?;
        let before = lowered.display().to_string();
        let mut context = cranelift_codegen::Context::for_function(lowered);
        context.set_disasm(true);
        context.compile(&*self.isa, &mut ControlPlane::default()).ok()?;
        let code = context.compiled_code()?.vcode.clone().unwrap_or_default();
        Some(format!("{body}\n{before}\n{code}"))
    }

    fn lowered(
        &self,
        loaded: &Loaded,
        (function, inlines): (u32, bool),
        entry: Option<Entry<'_>>,
        number: usize,
    ) -> Option<Lowered> {
        let module = loaded.module();
        let mut translator = Translator::new(loaded.verified(), false);
        let mut body = Body::new(function, translator.plain(function)?)?;
        if inlines {
            let calls = self.calls.get_or_init(|| inline::count_calls(module));
            body = inline::inline(body, module, &mut translator, calls);
        }
        let (entry, lengths) = match entry {
            Some((ip, length)) => {
                let lengths = body.steady_views().into_iter().map(|view| (view, length(view)));
                (Some(body.meeting(ip)?), lengths.collect())
            }
            None => (None, Lengths::new()),
        };
        ranges::prove(&mut body, entry, &lengths);
        #[cfg(feature = "planted")]
        planted::in_body(&mut body, entry, &lengths);
        let (leave, frontend) = (boundary::leave_address(), self.isa.frontend_config());
        let number = u32::try_from(number).ok()?;
        let task = Task { module, body: &body, entry, number, exact: self.exact, leave, frontend };
        let (lowered, sites) = lower(&task)?;
        #[cfg(feature = "planted")]
        let lowered = planted::in_code(lowered);
        Some(Lowered { body, lengths, function: lowered, sites })
    }

    /// Compiles a function, from its beginning or to be taken over at an instruction. One is made at a time.
    fn make(&self, loaded: &Loaded, function: u32, entry: Option<Entry<'_>>) -> Option<Landing> {
        // A fault of the compiler is no reason to end the host; and what becomes too much of several functions together may
        // do of one alone.
        let attempt = |inlines: bool| {
            catch_unwind(AssertUnwindSafe(|| self.attempt(loaded, (function, inlines), entry))).ok().flatten()
        };
        attempt(true).or_else(|| attempt(false))
    }

    fn attempt(&self, loaded: &Loaded, what: (u32, bool), entry: Option<Entry<'_>>) -> Option<Landing> {
        let number = self.codes.read().unwrap_or_else(PoisonError::into_inner).len();
        let Lowered { body, lengths, function: lowered, sites } = self.lowered(loaded, what, entry, number)?;
        let (code, returns) = self.machine_code(lowered)?;
        let start = self.code.publish(&code, entry.is_some())?;
        let compiled = Compiled { start, length: code.len(), sites, contexts: body.contexts, returns };
        self.codes.write().unwrap_or_else(PoisonError::into_inner).push(Arc::new(compiled));
        Some(Landing { start, first: body.first, lengths })
    }

    /// What Cranelift makes of a function, and where its calls return to.
    fn machine_code(&self, function: Function) -> Option<(Vec<u8>, Returns)> {
        let mut context = cranelift_codegen::Context::for_function(function);
        context.compile(&*self.isa, &mut ControlPlane::default()).ok()?;
        let compiled = context.compiled_code()?;
        let buffer = &compiled.buffer;
        // With the address to return to, and what a call puts below.
        let below = 8 * lower::MOST_PARAMETERS + 512;
        if buffer.frame_layout()?.frame_to_fp_offset as usize + below > boundary::MOST_FRAME {
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

    /// The code and the site with the number of an event.
    fn site(&self, number: u64) -> Option<(u32, Site)> {
        let code = u32::try_from(number >> 32).ok()?;
        let codes = self.codes.read().unwrap_or_else(PoisonError::into_inner);
        Some((code, codes.get(code as usize)?.sites.get(number as u32 as usize)?.clone()))
    }

    /// The places that a place in code stands for, and those of the calls that are no calls any more, innermost first.
    fn expand(&self, code: u32, at: At) -> Vec<(u32, Place)> {
        let codes = self.codes.read().unwrap_or_else(PoisonError::into_inner);
        codes.get(code as usize).map(|code| code.expand(at)).unwrap_or_default()
    }

    /// The calls that wait at an address to which code returns.
    fn call(&self, address: usize) -> Vec<(u32, Place)> {
        let codes = self.codes.read().unwrap_or_else(PoisonError::into_inner);
        let code = codes.iter().find(|code| (code.start..=code.start + code.length).contains(&address));
        code.and_then(|code| Some(code.expand(code.call_at(address)?))).unwrap_or_default()
    }
}

impl Compiled {
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
