//! [`Pool`]: instances that are made once and used many times.

use super::convert::{Arguments, Returned};
use super::error::Error;
use super::func::Func;
use super::imports::{Granted, Imports};
use super::instance::{Idle, Instance, bytes_of, grant, need};
use super::module::Module;
use crate::interpreter::has_memory;
use crate::limits::Limits;
use crate::shared::Shared;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::ops::{Deref, DerefMut};

/// Instances of a module that wait to be used. Threads share it by reference; who takes one has it alone, and when it is
/// dropped it comes back, its static variables as the module declares them; the host's data go with who had it. An instance of
/// another module that was put in its place does not come back.
pub struct Pool<T = ()> {
    module: Module,
    granted: Arc<[Granted<T>]>,
    limits: Limits,
    /// Bytes that each has for arenas from the beginning.
    room: usize,
    idle: Shared<Vec<Idle>>,
    most: usize,
}

impl<T> fmt::Debug for Pool<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("most", &self.most).finish_non_exhaustive()
    }
}

impl<T> Pool<T> {
    /// A pool that keeps at most so many instances. Each takes as much memory as its calls are proved to need, and some hundred
    /// bytes; where that is not proved, what they come to need.
    ///
    /// # Errors
    /// As [`Instance::with_limits`].
    pub fn new(most: usize, module: &Module, imports: &Imports<T>, limits: Limits) -> Result<Pool<T>, Error> {
        let granted = grant(module, imports, &limits)?;
        let room = match need(module, &limits) {
            Ok(need) if has_memory(bytes_of(module).saturating_add(need.memory)) => {
                usize::try_from(need.memory).unwrap_or_default()
            }
            // It takes what it needs when it needs it.
            _ => 0,
        };
        Ok(Pool { module: module.clone(), granted, limits, room, idle: Shared::new(Vec::new()), most })
    }

    /// An instance with these data: one that waits, or else a new one.
    pub fn take(&self, data: T) -> Pooled<'_, T> {
        let waiting = self.idle.with(Vec::pop).flatten();
        let idle = waiting.unwrap_or_else(|| Idle::new(&self.module, self.room));
        let instance = Instance::of(&self.module, Arc::clone(&self.granted), data, self.limits, idle);
        Pooled { pool: self, instance: Some(instance) }
    }

    /// Looks up an exported function, for all instances of the pool, as [`Instance::func`] does.
    ///
    /// # Errors
    /// There is no such function, its types are others, or it is proved to need more memory than it may use.
    pub fn func<A: Arguments, R: Returned>(&self, name: &str) -> Result<Func<A, R>, Error> {
        Func::find(&self.module, name, &self.limits)
    }

    /// How many instances wait.
    pub fn idle(&self) -> usize {
        self.idle.with(|idle| idle.len()).unwrap_or_default()
    }
}

/// An instance out of a pool, to which it goes back.
pub struct Pooled<'p, T> {
    pool: &'p Pool<T>,
    /// There until it is dropped.
    instance: Option<Instance<T>>,
}

impl<T> Deref for Pooled<'_, T> {
    type Target = Instance<T>;

    fn deref(&self) -> &Instance<T> {
        self.instance.as_ref().unwrap_or_else(|| unreachable!("it is there until it is dropped"))
    }
}

impl<T> DerefMut for Pooled<'_, T> {
    fn deref_mut(&mut self) -> &mut Instance<T> {
        self.instance.as_mut().unwrap_or_else(|| unreachable!("it is there until it is dropped"))
    }
}

impl<T> Drop for Pooled<'_, T> {
    fn drop(&mut self) {
        // Who has it may have put another in its place, of which all that is kept belongs to another module.
        let own = self.instance.take().filter(|instance| instance.module().is(&self.pool.module));
        let mut back = own.map(|instance| instance.into_idle(&self.pool.limits));
        self.pool.idle.with(|idle| {
            if idle.len() < self.pool.most {
                idle.extend(back.take());
            }
        });
    }
}
