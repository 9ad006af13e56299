//! An output of a program that can be looked at while something else owns it.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

/// What was written; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Shared(Rc<RefCell<Vec<u8>>>);

impl Shared {
    /// What was written so far, which is gone from there.
    pub fn take(&self) -> Vec<u8> {
        self.0.take()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
