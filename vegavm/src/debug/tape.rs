//! What a program read and wrote, so that a part of its run can be repeated: it then reads the same again, in the same
//! pieces, and writes nothing twice.

use crate::console::Console;
use alloc::rc::Rc;
use core::cell::RefCell;
use std::io::{self, Read, Write};

/// How far a run is with its input and outputs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct TapePosition {
    reads: usize,
    written: [u64; 2],
}

/// Input and outputs of a program under a debugger.
#[derive(Clone)]
pub(super) struct Tape(Rc<RefCell<Reel>>);

struct Reel {
    input: Box<dyn Read>,
    /// What each read gave.
    reads: Vec<Vec<u8>>,
    outputs: [Box<dyn Write>; 2],
    position: TapePosition,
    /// How much has ever been written.
    most: [u64; 2],
    /// Whether the last line that was written has not ended.
    is_amid_line: bool,
}

impl Tape {
    pub(super) fn new(input: Box<dyn Read>, output: Box<dyn Write>, errors: Box<dyn Write>) -> Tape {
        let (position, most) = (TapePosition::default(), [0; 2]);
        Tape(Rc::new(RefCell::new(Reel {
            input,
            reads: Vec::new(),
            outputs: [output, errors],
            position,
            most,
            is_amid_line: false,
        })))
    }

    /// A console on it.
    pub(super) fn console(&self) -> Console<'static> {
        Console::new(TapeOutput(self.clone(), 0), self.clone()).errors(TapeOutput(self.clone(), 1))
    }

    /// How far it is; the console must hold nothing back.
    pub(super) fn position(&self) -> TapePosition {
        self.0.borrow().position
    }

    /// Whether what was written last has left a line open; it counts as ended from now on.
    pub(super) fn leaves_line_open(&self) -> bool {
        core::mem::take(&mut self.0.borrow_mut().is_amid_line)
    }

    /// From here on it prints also what it has printed before.
    pub(super) fn print_again(&self) {
        let mut reel = self.0.borrow_mut();
        reel.most = reel.position.written;
    }

    /// Goes back to where it was.
    pub(super) fn rewind(&self, position: TapePosition) {
        self.0.borrow_mut().position = position;
    }
}

impl Read for Tape {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let Reel { input, reads, position, .. } = &mut *self.0.borrow_mut();
        if reads.len() == position.reads {
            let count = input.read(bytes)?;
            reads.push(bytes.get(..count).unwrap_or_default().to_vec());
        }
        let read = reads.get(position.reads).map(Vec::as_slice).unwrap_or_default();
        position.reads += 1;
        let count = read.len().min(bytes.len());
        bytes.iter_mut().zip(read).for_each(|(to, from)| *to = *from);
        Ok(count)
    }
}

struct TapeOutput(Tape, usize);

impl Write for TapeOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let TapeOutput(tape, which) = self;
        let Reel { outputs, position, most, is_amid_line, .. } = &mut *tape.0.borrow_mut();
        let (Some(output), Some(at), Some(most)) =
            (outputs.get_mut(*which), position.written.get_mut(*which), most.get_mut(*which))
        else {
            return Ok(bytes.len());
        };
        let known = usize::try_from(*most - *at).unwrap_or(usize::MAX).min(bytes.len());
        let new = bytes.get(known..).unwrap_or_default();
        output.write_all(new)?;
        *is_amid_line = new.last().map_or(*is_amid_line, |last| *last != b'\n');
        *at += bytes.len() as u64;
        *most = (*most).max(*at);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let TapeOutput(tape, which) = self;
        tape.0.borrow_mut().outputs.get_mut(*which).map_or(Ok(()), |output| output.flush())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_repeated_is_the_same_and_written_once() {
        let shown = Rc::new(RefCell::new(Vec::new()));
        struct Shared(Rc<RefCell<Vec<u8>>>);
        impl Write for Shared {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.borrow_mut().extend_from_slice(bytes);
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut tape = Tape::new(Box::new(&b"abcdef"[..]), Box::new(Shared(Rc::clone(&shown))), Box::new(io::sink()));
        let mut output = TapeOutput(tape.clone(), 0);
        let start = tape.position();
        for _ in 0..2 {
            tape.rewind(start);
            let (mut first, mut second) = ([0; 2], [0; 8]);
            assert_eq!(tape.read(&mut first).ok(), Some(2));
            assert_eq!(tape.read(&mut second).ok(), Some(4));
            assert_eq!((&first, &second[..4]), (b"ab", &b"cdef"[..]));
            assert!(output.write_all(b"xy").is_ok());
        }
        assert!(output.write_all(b"z").is_ok());
        assert_eq!(shown.borrow().as_slice(), b"xyz");
    }
}
