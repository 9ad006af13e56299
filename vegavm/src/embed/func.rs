//! [`Func`]: a function whose types were checked when it was looked up.

use super::call::Call;
use super::convert::{Arguments, Returned};
use super::error::{Error, ErrorKind};
use super::instance::Instance;
#[cfg(vega_machine_code)]
use super::instance::Straight;
use super::module::{Module, plain};
use crate::interpreter::Entry;
use crate::limits::Limits;
use crate::loaded::Loaded;
use alloc::borrow::ToOwned;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use vega_format::container::functions::Function;
use vega_format::mangle::mangle;
use vega_format::proof::Worst;
use vega_format::types::{Signature, Type};

/// An exported function of a module. It can be called in every instance of the module.
///
/// What is given to a call need live no longer than the call, whatever lifetimes its type has: who keeps it in a struct writes
/// `Func<(&'static [i32], &'static str), f64>`.
pub struct Func<A, R> {
    pub(super) module: Module,
    pub(super) function: u32,
    pub(super) types: PhantomData<fn(A) -> R>,
}

impl<A, R> Clone for Func<A, R> {
    fn clone(&self) -> Func<A, R> {
        Func { module: self.module.clone(), function: self.function, types: PhantomData }
    }
}

impl<A, R> fmt::Debug for Func<A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let function = self.module.parsed().function(self.function);
        f.debug_tuple("Func").field(&function.map(|function| function.name).unwrap_or_default()).finish()
    }
}

impl<A: Arguments, R: Returned> Func<A, R> {
    /// The exported function of a module that has this name and these types, if instances with such limits can call it.
    pub(super) fn find(module: &Module, name: &str, limits: &Limits) -> Result<Func<A, R>, Error> {
        let plain = plain(name);
        let wanted = Signature { name: plain.to_owned(), parameters: A::types(), result: R::type_() };
        let mangled = mangle(&wanted);
        let Some(Function { index: function, .. }) = module.exported(name).find(|one| one.name == mangled) else {
            let others = module.exported(plain).map(|function| function.signature.to_owned());
            let others: Vec<Signature> = others.collect();
            let all = module.parsed().exported_functions();
            let all = || all.map(|function| function.signature.to_string()).collect();
            // The types may fit a function that has another name than the one that was asked for.
            let fits = others.iter().any(|other| mangle(other) == mangled);
            return Err(match others.is_empty() || fits {
                true => ErrorKind::NoFunction { wanted: name.to_owned(), found: all() }.into(),
                false => ErrorKind::Signature {
                    wanted: wanted.to_string(),
                    found: others.iter().map(Signature::to_string).collect(),
                    in_parts: others.iter().any(is_for_modules_only),
                }
                .into(),
            });
        };
        let need = match module.0.verified().proof().worst(function) {
            Worst::Bytes(bytes) => bytes.total().saturating_add(module.parsed().static_bytes()),
            _ => 0,
        };
        if need > limits.memory {
            let (function, limit) = (wanted.to_string(), limits.memory);
            return Err(ErrorKind::Budget { function, need, limit }.into());
        }
        if !module.0.translates() {
            return Err(ErrorKind::Internal("a function is too large to be translated").into());
        }
        Ok(Func { module: module.clone(), function, types: PhantomData })
    }

    /// Calls it. The static variables of the instance are afterwards as the call left them, also if it did not end well; `&mut`
    /// slices only if it ended with a value.
    ///
    /// # Errors
    /// The instance is of another module, the arguments go beyond the limit, the function traps, a limit is reached, the call
    /// is cancelled, or the host cannot read or write when it is called.
    #[inline]
    pub fn call<T>(&self, instance: &mut Instance<T>, arguments: A::Given<'_>) -> Result<R, Error> {
        #[cfg(vega_machine_code)]
        if A::ARE_SCALARS {
            let loaded = instance.loaded(&self.module)?;
            match instance.call_straight::<A, R>(loaded, self.function, &arguments) {
                Straight::Ended(result) => return Ok(result),
                Straight::Tells(event) => return instance.follow::<A, R>(loaded, self.function, event),
                Straight::None => {}
            }
        }
        self.call_in_words(instance, arguments)
    }

    /// The same for a call that begins in words.
    #[inline(never)]
    fn call_in_words<T>(&self, instance: &mut Instance<T>, arguments: A::Given<'_>) -> Result<R, Error> {
        let loaded = instance.loaded(&self.module)?;
        let (entry, maximum) = (self.entry(loaded)?, instance.most_arguments());
        #[cfg(vega_machine_code)]
        if A::ARE_SCALARS {
            instance.look_for_door(&entry);
        }
        // It stays where it is made: it is large, and may be short.
        let mut call: Call<'_, '_, T, A, R> = instance.enter(loaded, entry, false);
        call.put(arguments, maximum)?;
        call.finish_at_once()
    }

    /// Begins a call, which goes on by [`Call::resume`] and can pause.
    ///
    /// # Errors
    /// The instance is of another module, the arguments go beyond a limit, or the first frame goes beyond one.
    pub fn start<'i, 'g, T>(
        &'i self,
        instance: &'i mut Instance<T>,
        arguments: A::Given<'g>,
    ) -> Result<Call<'i, 'g, T, A, R>, Error> {
        let loaded = instance.loaded(&self.module)?;
        let (entry, maximum) = (self.entry(loaded)?, instance.most_arguments());
        let mut call = instance.enter(loaded, entry, true);
        call.put(arguments, maximum)?;
        Ok(call)
    }

    #[inline]
    fn entry<'m>(&self, loaded: &'m Loaded) -> Result<Entry<'m>, Error> {
        Entry::new(loaded, self.function).map_err(|_| ErrorKind::Internal("what is called is no function").into())
    }
}

/// Whether no type of Rust is one of a function's: structs, tuples and unions stay within the module.
fn is_for_modules_only(signature: &Signature) -> bool {
    fn stays(type_: &Type) -> bool {
        match type_ {
            Type::Struct(_) | Type::Tuple(_) | Type::Union(_) => true,
            Type::View(element) | Type::Array(element, _) => stays(element),
            Type::Scalar(_) | Type::String | Type::Text(_) => false,
        }
    }
    signature.parameters.iter().chain(&signature.result).any(stays)
}
