//! [`Instance`]: a module with memory of its own and the host's data, whose functions can be called.

use super::call::Call;
#[cfg(vega_machine_code)]
use super::convert::Reader;
use super::convert::{Arguments, Returned};
use super::error::{Error, ErrorKind, NotGranted};
use super::func::Func;
use super::imports::{Granted, Host, Imports};
use super::module::Module;
use crate::cancel::Cancel;
use crate::error::{ArgumentError, ImportError};
#[cfg(vega_machine_code)]
use crate::instance::Engine;
use crate::instance::Ran;
#[cfg(vega_machine_code)]
use crate::interpreter::Registers;
use crate::interpreter::{Entry, Need, NoNeed, Session, has_memory};
#[cfg(vega_machine_code)]
use crate::jit::{Entered, STRAIGHT};
use crate::limits::Limits;
use crate::loaded::Loaded;
use crate::outcome::Used;
use alloc::borrow::ToOwned;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::marker::PhantomData;

/// A module with its own static variables and the host's data of the type `T`.
#[derive(Debug)]
pub struct Instance<T = ()> {
    module: Module,
    granted: Arc<[Granted<T>]>,
    data: T,
    limits: Limits,
    /// `None` only while a call has it that nobody can forget.
    cancel: Option<Cancel>,
    session: Session,
    used: Used,
    ran: Option<Ran>,
}

impl<T> core::fmt::Debug for Granted<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.words)
    }
}

/// What became of a call straight in machine code.
#[cfg(vega_machine_code)]
pub(super) enum Straight<R> {
    /// There is no way.
    None,
    Ended(R),
    /// It tells an event.
    Tells(u64),
}

impl<T> Instance<T> {
    /// An instance within the limits for programs of others.
    ///
    /// # Errors
    /// As [`Instance::with_limits`].
    pub fn new(module: &Module, imports: &Imports<T>, data: T) -> Result<Instance<T>, Error> {
        Instance::with_limits(module, imports, data, Limits::untrusted())
    }

    /// An instance within limits. Those of time, steps and output are for each call.
    ///
    /// # Errors
    /// The host does not grant all that the module asks for, its static variables go beyond the limit of memory, or the host
    /// has not so much.
    pub fn with_limits(module: &Module, imports: &Imports<T>, data: T, limits: Limits) -> Result<Instance<T>, Error> {
        let granted = grant(module, imports, &limits)?;
        Ok(Instance::of(module, granted, data, limits, Idle::new(module, 0)))
    }

    /// What the module imports is granted.
    pub(super) fn of(module: &Module, granted: Arc<[Granted<T>]>, data: T, limits: Limits, idle: Idle) -> Instance<T> {
        let Idle { session, cancel } = idle;
        let (module, cancel, used) = (module.clone(), Some(cancel), Used::default());
        Instance { module, granted, data, limits, cancel, session, used, ran: None }
    }

    /// Looks up an exported function: by its mangled name, or by its name alone where only one has these types.
    ///
    /// # Errors
    /// There is no such function, its types are others, or it is proved to need more memory than it may use.
    pub fn func<A: Arguments, R: Returned>(&self, name: &str) -> Result<Func<A, R>, Error> {
        Func::find(&self.module, name, &self.limits)
    }

    /// A call of a function of this module, without its arguments; whether it may pause.
    #[inline(always)]
    pub(super) fn enter<'i, 'g, A: Arguments, R>(
        &'i mut self,
        loaded: &'i Loaded,
        entry: Entry<'i>,
        pauses: bool,
    ) -> Call<'i, 'g, T, A, R> {
        let exact = pauses || self.limits.steps.is_some();
        let cancel = if pauses { self.cancel.clone() } else { self.cancel.take() };
        Call {
            interpreter: self.session.enter(entry, (&self.limits, cancel.unwrap_or_default()), exact),
            cancel: &mut self.cancel,
            host: Host { granted: &self.granted, data: &mut self.data },
            loaded,
            session: &mut self.session,
            used: &mut self.used,
            ran: &mut self.ran,
            kept: None,
            result: PhantomData,
        }
    }

    /// Calls a function with scalars straight in machine code, if there is some of it.
    #[cfg(vega_machine_code)]
    #[inline(always)]
    pub(super) fn call_straight<A: Arguments, R: Returned>(
        &mut self,
        loaded: &Loaded,
        function: u32,
        given: &A::Given<'_>,
    ) -> Straight<R> {
        if self.cancel.as_ref().is_some_and(Cancel::is_cancelled) {
            return Straight::None;
        }
        let put = |registers: &mut Registers| A::cells(given, registers);
        let mut result = None;
        let take = |registers: &Registers, memory: &[u8]| result = R::take(registers, &Reader(memory));
        match (self.session.call_straight((loaded, function), &self.limits, put, take), result) {
            (Some(Entered::Ended(used)), Some(result)) => {
                self.used = used;
                self.ran = Some(Ran { engine: Engine::Jit, why: STRAIGHT });
                Straight::Ended(result)
            }
            (Some(Entered::Tells(event)), _) => Straight::Tells(event),
            _ => Straight::None,
        }
    }

    /// Goes on with such a call that tells an event.
    #[cfg(vega_machine_code)]
    #[inline(never)]
    pub(super) fn follow<A: Arguments, R: Returned>(
        &mut self,
        loaded: &Loaded,
        function: u32,
        event: u64,
    ) -> Result<R, Error> {
        let entry = Entry::new(loaded, function).map_err(|_| ErrorKind::Internal("what is called is no function"))?;
        let limits = self.limits;
        let mut call: Call<'_, '_, T, A, R> = self.enter(loaded, entry, false);
        call.follow(&limits, event)
    }

    /// Finds out whether there is machine code that can be called straight.
    #[cfg(vega_machine_code)]
    #[inline]
    pub(super) fn look_for_door(&mut self, entry: &Entry<'_>) {
        self.session.look_for_door(entry, &self.limits);
    }

    /// The module, if it is this one.
    #[inline]
    pub(super) fn loaded<'m>(&self, module: &'m Module) -> Result<&'m Loaded, Error> {
        if module.is(&self.module) { Ok(&module.0) } else { Err(ErrorKind::OtherModule.into()) }
    }

    /// How many bytes arguments may have.
    pub(super) fn most_arguments(&self) -> u64 {
        self.limits.most_arguments()
    }

    /// Takes all the memory that calls of exported functions are proved to need, and as many bytes for the strings and
    /// slices that they are called with; the functions are translated. Afterwards, calls in this thread allocate nothing,
    /// but for what host functions do, and for blocks of a dynamic layout, which keep a table of their slots while they
    /// are open. Compiling takes memory, too: of a module that was [compiled](Module::compile) before, functions that take
    /// scalars are called in machine code, and all others stay with the interpreter.
    ///
    /// # Errors
    /// Nothing bounds what a function needs, it needs more than the limit of memory, or the host has not so much.
    pub fn prepare(&mut self, arguments: usize) -> Result<(), Error> {
        let need = need(&self.module, &self.limits)?;
        match self.session.prepare(need, arguments, &self.limits, &self.module.0) {
            true => Ok(()),
            false => Err(ErrorKind::HostMemory { need: need.memory.saturating_add(arguments as u64) }.into()),
        }
    }

    /// The module.
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// The limits of each call.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Other limits, from the next call on. An instance that was [prepared](Instance::prepare) is to be prepared again.
    ///
    /// # Errors
    /// The static variables go beyond the limit of memory, or there is a limit of time and no clock; the limits stay as they were.
    pub fn set_limits(&mut self, limits: Limits) -> Result<(), Error> {
        admit(&self.module, &limits)?;
        self.limits = limits;
        self.session.forget();
        Ok(())
    }

    /// Lets this handle end the calls, and those of all other instances that have it.
    pub fn set_cancel(&mut self, cancel: Cancel) {
        self.cancel = Some(cancel);
    }

    /// Nothing but the host's data.
    pub fn into_data(self) -> T {
        self.data
    }

    /// The host's data.
    pub fn data(&self) -> &T {
        &self.data
    }

    /// The same, to be changed.
    pub fn data_mut(&mut self) -> &mut T {
        &mut self.data
    }

    /// What the last call used.
    pub fn used(&self) -> Used {
        self.used
    }

    /// Which engine did the work of the last call to its end, and why it was that one; `None` before the first.
    pub fn ran(&self) -> Option<Ran> {
        self.ran
    }

    /// The handle that ends a call from another thread. It stays cancelled until it is [reset](Cancel::reset): the next call ends at
    /// once, too.
    pub fn cancel(&self) -> Cancel {
        self.cancel.clone().unwrap_or_default()
    }

    /// What stays of it, as of a new one within these limits: the static variables are as the module declares them, nobody who had it before can end
    /// its calls, and nobody learns what these were.
    pub(super) fn into_idle(mut self, limits: &Limits) -> Idle {
        self.session.reset(self.module.parsed());
        // What a tenant prepared for, the next may not want.
        if self.limits != *limits || self.session.is_prepared() {
            self.session.forget();
        }
        let mut cancel = self.cancel.unwrap_or_default();
        cancel.renew();
        Idle { session: self.session, cancel }
    }
}

/// An instance without the host's data.
#[derive(Debug)]
pub(super) struct Idle {
    session: Session,
    cancel: Cancel,
}

impl Idle {
    /// A new one, with room for arenas of so many bytes.
    pub(super) fn new(module: &Module, room: usize) -> Idle {
        Idle { session: Session::new(module.parsed(), room), cancel: Cancel::new() }
    }
}

/// What the calls of a module need, if that is within the limits.
pub(super) fn need<'m>(module: &'m Module, limits: &Limits) -> Result<&'m Need, Error> {
    let name = |function| module.parsed().function(function).map(|function| function.signature.to_string());
    let need = module.0.need().map_err(|none| match none {
        NoNeed::Unbounded(function) => ErrorKind::Unbounded { function: name(function).unwrap_or_default() },
        NoNeed::TooLarge => ErrorKind::Internal("a function is too large to be translated"),
    })?;
    let all = need.memory.saturating_add(module.parsed().static_bytes());
    if all > limits.memory {
        let function = name(need.most).unwrap_or_default();
        return Err(ErrorKind::Budget { function, need: all, limit: limits.memory }.into());
    }
    Ok(need)
}

/// What every instance of a module begins with: its strings and its static blocks.
pub(super) fn bytes_of(module: &Module) -> u64 {
    module.parsed().static_bytes().saturating_add(module.parsed().string_bytes().len() as u64)
}

/// An instance of the module may be within these limits.
fn admit(module: &Module, limits: &Limits) -> Result<(), Error> {
    if !limits.can_be_kept() {
        return Err(ErrorKind::Arguments(ArgumentError::NoClock).into());
    }
    let (need, limit) = (module.parsed().static_bytes(), limits.memory);
    match need > limit {
        true => Err(ErrorKind::Statics { need, limit }.into()),
        false => Ok(()),
    }
}

/// What a module imports, by number. There is memory for an instance.
pub(super) fn grant<T>(module: &Module, imports: &Imports<T>, limits: &Limits) -> Result<Arc<[Granted<T>]>, Error> {
    admit(module, limits)?;
    let need = bytes_of(module);
    if !has_memory(need) {
        return Err(ErrorKind::HostMemory { need }.into());
    }
    let mut missing = Vec::new();
    let mut granted = Vec::new();
    for import in module.parsed().imports() {
        match imports.find(import.name) {
            None => missing.push(NotGranted::Function(ImportError {
                name: import.name.to_owned(),
                wanted: import.signature.to_string(),
                granted: imports.named(import.signature.name),
            })),
            // The proof counts what the module declares, so a call must not need more.
            Some(found) if found.bytes > import.bound.unwrap_or_default() => missing.push(NotGranted::Cost {
                name: import.name.to_owned(),
                wanted: import.signature.to_string(),
                needs: found.bytes,
                declared: import.bound.unwrap_or_default(),
            }),
            Some(found) => granted.push(found),
        }
    }
    if missing.is_empty() { Ok(granted.into()) } else { Err(ErrorKind::Imports(missing).into()) }
}
