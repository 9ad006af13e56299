//! [`Instance`]: a module with memory of its own and the host's data, whose functions can be called.

use super::convert::{Arguments, Placer, Reader, Returned};
use super::error::{Error, ErrorKind};
use super::func::Func;
use super::imports::{Granted, Host, Imports};
use super::module::Module;
use crate::cancel::Cancel;
use crate::error::ArgumentError;
use crate::interpreter::{Session, Stop};
use crate::limits::{LimitKind, LimitReached, Limits};
use crate::outcome::Used;
use core::marker::PhantomData;
use std::sync::Arc;
use vega_format::mangle::mangle;
use vega_format::proof::Worst;
use vega_format::types::Signature;

/// A module with its own static variables and the host's data of the type `T`.
#[derive(Debug)]
pub struct Instance<T = ()> {
    module: Module,
    granted: Arc<[Granted<T>]>,
    data: T,
    limits: Limits,
    cancel: Cancel,
    session: Session,
    used: Used,
}

impl<T> core::fmt::Debug for Granted<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.words)
    }
}

impl<T> Instance<T> {
    /// An instance within the limits for programs of others.
    ///
    /// # Errors
    /// The host does not grant all that the module asks for.
    pub fn new(module: &Module, imports: &Imports<T>, data: T) -> Result<Instance<T>, Error> {
        Instance::with_limits(module, imports, data, Limits::untrusted())
    }

    /// An instance within limits. Those of time, steps and output are for each call.
    ///
    /// # Errors
    /// The host does not grant all that the module asks for, or its static variables go beyond the limit of memory.
    pub fn with_limits(module: &Module, imports: &Imports<T>, data: T, limits: Limits) -> Result<Instance<T>, Error> {
        let granted = grant(module, imports)?;
        Ok(Instance::of(module, granted, data, limits))
    }

    pub(super) fn of(module: &Module, granted: Arc<[Granted<T>]>, data: T, limits: Limits) -> Instance<T> {
        let (session, cancel) = (Session::new(module.parsed()), Cancel::new());
        Instance { module: module.clone(), granted, data, limits, cancel, session, used: Used::default() }
    }

    /// Looks up an exported function: by its mangled name, or by its name alone where only one has these types.
    ///
    /// # Errors
    /// There is no such function, its types are others, or it is proved to need more memory than it may use.
    pub fn func<A: Arguments, R: Returned>(&self, name: &str) -> Result<Func<A, R>, Error> {
        let module = self.module.parsed();
        let named = |signature: &Signature| mangle(signature);
        let plain = name.split('(').next().unwrap_or_default();
        let wanted = Signature { name: plain.to_owned(), parameters: A::types(), result: R::type_() };
        let mangled = named(&wanted);
        let exported = |index: &u32| module.function(*index).is_some_and(|function| function.exported);
        let found = module.find_function(&mangled).filter(exported);
        let is_asked_for = name == plain || name == mangled;
        let Some(function) = found.filter(|_| is_asked_for) else {
            let others = module.exported_functions().filter(|function| function.signature.name == plain);
            let others: Vec<_> = others.map(|function| function.signature.to_string()).collect();
            let all = || module.exported_functions().map(|function| function.signature.to_string()).collect();
            return Err(match others.is_empty() {
                true => ErrorKind::NoFunction { wanted: name.to_owned(), found: all() }.into(),
                false => ErrorKind::Signature { wanted: wanted.to_string(), found: others }.into(),
            });
        };
        let need = match self.module.0.verified().proof().worst(function) {
            Worst::Bytes(bytes) => bytes.total().saturating_add(module.static_bytes()),
            _ => 0,
        };
        if need > self.limits.memory {
            let (function, limit) = (wanted.to_string(), self.limits.memory);
            return Err(ErrorKind::Budget { function, need, limit }.into());
        }
        if !self.module.0.translates() {
            return Err(ErrorKind::Internal("a function is too large to be translated").into());
        }
        Ok(Func { module: self.module.clone(), function, types: PhantomData })
    }

    pub(super) fn invoke<A: Arguments, R: Returned>(
        &mut self,
        module: &Module,
        function: u32,
        arguments: A::Given<'_>,
    ) -> Result<R, Error> {
        if !module.is(&self.module) {
            return Err(ErrorKind::OtherModule.into());
        }
        let loaded = &*self.module.0;
        let mut host = Host { granted: &self.granted, data: &mut self.data };
        let maximum = self.limits.arguments;
        let mut too_many = None;
        let called = self.session.call(
            loaded,
            function,
            (&self.limits, &self.cancel),
            &mut host,
            |vm, registers| {
                let mut placer = Placer { vm, registers, next: 0, bytes: 0 };
                let kept = A::put(arguments, &mut placer).map_err(|refused| refused.0)?;
                too_many = Some(placer.bytes).filter(|bytes| *bytes > maximum);
                match too_many {
                    Some(_) => Err(Stop::Broken("the arguments go beyond their limit")),
                    None => Ok(kept),
                }
            },
            |vm, kept| {
                let reader = Reader(vm);
                A::take_back(kept, &reader);
                R::take(vm.result_cells(), &reader)
            },
        );
        self.used = called.used;
        if let Some(value) = too_many {
            let reached = LimitReached { kind: LimitKind::Arguments, subject: "arguments", value, maximum };
            return Err(ErrorKind::Arguments(ArgumentError::Limit(reached)).into());
        }
        match called.result {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Err(ErrorKind::Internal("a result of another type").into()),
            Err(end) => {
                let mut end = end;
                if let crate::outcome::End::Trap(report) = &mut end {
                    report.enough = loaded.enough(report);
                }
                Err(Error::of_end(end))
            }
        }
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

    /// The handle that ends a call from another thread.
    pub fn cancel(&self) -> Cancel {
        self.cancel.clone()
    }

    /// The static variables are as the module declares them, and nobody who had the instance before can end its calls.
    pub(super) fn reset(&mut self) {
        self.session.reset(self.module.parsed());
        self.cancel = Cancel::new();
    }
}

/// What a module imports, by number.
pub(super) fn grant<T>(module: &Module, imports: &Imports<T>) -> Result<Arc<[Granted<T>]>, Error> {
    let mut missing = Vec::new();
    let mut granted = Vec::new();
    for import in module.parsed().imports() {
        match imports.get(import.name) {
            None => {
                let others = imports.named(import.signature.name);
                let but =
                    if others.is_empty() { String::new() } else { format!(" (it grants `{}`)", others.join("`, `")) };
                missing.push(format!("the module asks for `{}`, which the host does not grant{but}", import.signature));
            }
            // The proof counts what the module declares, so a call must not need more.
            Some(found) if found.bytes > import.bound.unwrap_or_default() => missing.push(format!(
                "a call of `{}` needs {} bytes, and the module declares {}",
                import.signature,
                found.bytes,
                import.bound.unwrap_or_default()
            )),
            Some(found) => granted.push(found.clone()),
        }
    }
    if missing.is_empty() { Ok(granted.into()) } else { Err(ErrorKind::Imports(missing).into()) }
}
