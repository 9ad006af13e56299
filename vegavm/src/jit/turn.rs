//! Whose turn it is to make code: one thing is made at a time, however many calls want some, and who may not wait does not.

use super::Native;
use super::worker::{GLANCE, Look, wait_for};
use crate::cancel::Halt;
use alloc::sync::Arc;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Whether somebody makes code.
#[derive(Default)]
pub(super) struct Turns {
    taken: Mutex<bool>,
    is_free: Condvar,
}

impl Turns {
    fn taken(&self) -> MutexGuard<'_, bool> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to make code, which one has at a time.
pub(super) struct Turn(Arc<Native>);

impl Turn {
    /// Makes something, and lets others have their turn.
    pub(super) fn make<T>(self, work: impl FnOnce(&Native) -> T) -> T {
        work(&self.0)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.0.turns.taken() = false;
        self.0.turns.is_free.notify_all();
    }
}

impl Native {
    /// The right to make code, if nobody has it.
    pub(super) fn turn_now(self: &Arc<Native>) -> Option<Turn> {
        let taken = &mut *self.turns.taken();
        (!core::mem::replace(taken, true)).then(|| Turn(Arc::clone(self)))
    }

    /// The right to make code, once nobody has it any more.
    pub(super) fn turn(self: &Arc<Native>, look: Look<'_>) -> Result<Turn, Halt> {
        loop {
            if let Some(turn) = self.turn_now() {
                return Ok(turn);
            }
            let taken = self.turns.taken();
            drop(self.turns.is_free.wait_timeout_while(taken, GLANCE, |taken| *taken));
            look()?;
        }
    }

    /// The right to make code, for which one may `wait` or not.
    pub(super) fn turn_if(self: &Arc<Native>, (wait, look): (bool, Look<'_>)) -> Result<Option<Turn>, Halt> {
        if wait { self.turn(look).map(Some) } else { Ok(self.turn_now()) }
    }

    /// Does work where it is one's turn, however long that takes.
    pub(super) fn in_turn<T: Send + 'static>(
        self: &Arc<Native>,
        work: impl FnOnce(&Native) -> T + Send + 'static,
    ) -> Option<T> {
        let look: Look<'_> = &mut || Ok(());
        let turn = self.turn(look).ok()?;
        wait_for(move || turn.make(work), look).ok().flatten()
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
