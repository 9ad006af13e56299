//! [`Func`]: a function whose types were checked when it was looked up.

use super::call::Call;
use super::convert::{Arguments, Returned};
use super::error::{Error, ErrorKind};
use super::instance::Instance;
#[cfg(vega_machine_code)]
use super::instance::Straight;
use super::module::Module;
use crate::interpreter::Entry;
use crate::loaded::Loaded;
use core::fmt;
use core::marker::PhantomData;

/// An exported function of a module. It can be called in every instance of the module.
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
    /// Calls it. What the instance keeps is afterwards as the call left it, also if it did not end well.
    ///
    /// # Errors
    /// The instance is of another module, the arguments go beyond the limit, the function traps, or a limit is reached.
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
    /// The instance is of another module, or the arguments go beyond a limit.
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
