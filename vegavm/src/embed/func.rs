//! [`Func`]: a function whose types were checked when it was looked up.

use super::convert::{Arguments, Returned};
use super::error::Error;
use super::instance::Instance;
use super::module::Module;
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
    pub fn call<T>(&self, instance: &mut Instance<T>, arguments: A::Given<'_>) -> Result<R, Error> {
        instance.invoke::<A, R>(&self.module, self.function, arguments)
    }
}
