//! The console: what is printed and read, what goes wrong there, and that nothing else is granted with it.

use crate::common::*;
use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::rc::Rc;
use vega_format::stencil::{Stencil, TypeRef};
use vega_format::types::Tag;
use vegavm::{Console, End, Imports, LimitKind, Limits, Outcome};

/// An output that can be looked at.
#[derive(Clone, Default)]
struct Shared(Rc<RefCell<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An output whose reader has gone, or an input that cannot be read.
struct Broken;

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::PermissionDenied.into())
    }
}

fn run_on(bytes: Vec<u8>, console: Console<'_>, limits: &Limits) -> Outcome {
    let mut imports = Imports::console(console);
    load_good(bytes, &imports).run(&[], &mut imports, limits, &mut ()).expect("no arguments are wanted")
}

fn print(text: &str, endless: bool) -> Vec<u8> {
    let mut draft = Draft::new();
    let (text, put) = (draft.text(text), draft.host("io.put(s)V"));
    let last = if endless { I::Jump { target: target(0) } } else { RETURN };
    draft.main("main()V", &[], &[text, put, last])
}

/// Reads into eight bytes, writes all eight, and gives how many were read.
fn echo() -> Vec<u8> {
    let mut draft = Draft::new();
    let array = draft.0.stencil(Stencil::Array(TypeRef::Scalar(Tag::Byte), 8)).expect("an array");
    let (read, write) = (draft.host("io.read([]B)I"), draft.host("io.write([]B)V"));
    let code = [open(8), stencil_alloc(0, 8), view(0), read, view(0), write, CLOSE, RETURN];
    draft.main("main()I", &[stencil(array)], &code)
}

#[test]
fn values_are_printed() {
    let mut draft = Draft::new();
    let union = [Tag::Int, Tag::Char];
    let code = [
        draft.scalar(Tag::Short, u64::MAX),
        draft.host("io.put(i)V"),
        draft.text(" ä "),
        draft.host("io.put(s)V"),
        open(4),
        alloc(0, &union),
        draft.scalar(Tag::Char, 'x' as u64),
        store(0),
        load_var(0),
        draft.host("io.put(<Ic>)V"),
        CLOSE,
        RETURN,
    ];
    let output = Shared::default();
    let bytes = draft.main("main()V", &[variable(&union)], &code);
    let outcome = run_on(bytes, Console::new(output.clone(), io::empty()), &Limits::trusted());
    assert_eq!(outcome.end, End::Result(None));
    assert_eq!(String::from_utf8_lossy(&output.0.borrow()), "-1 ä x");
    assert_eq!(outcome.used.output, 7);
}

/// S75: the end of input is 0 bytes; bytes that are no text are bytes.
#[test]
fn input_is_read() {
    let output = Shared::default();
    let outcome = run_on(echo(), Console::new(output.clone(), &b"ab\xff"[..]), &Limits::trusted());
    assert_eq!(outcome.end, End::Result(Some(int(3))));
    assert_eq!(output.0.borrow().as_slice(), b"ab\xff\0\0\0\0\0");
    let outcome = run_on(echo(), Console::new(Shared::default(), io::empty()), &Limits::trusted());
    assert_eq!(outcome.end, End::Result(Some(int(0))));
    let outcome = run_on(echo(), Console::new(Shared::default(), Broken), &Limits::trusted());
    assert!(matches!(outcome.end, End::HostIo(..)));
}

#[test]
fn a_reader_that_has_gone_ends_the_run() {
    let limits = Limits::trusted();
    for endless in [false, true] {
        let outcome = run_on(print("text", endless), Console::new(Broken, io::empty()), &limits);
        assert!(matches!(outcome.end, End::HostIo(..)), "{:?}", outcome.end);
    }
}

/// S73: output is counted before it is written.
#[test]
fn output_is_limited() {
    let output = Shared::default();
    let limits = Limits { output: Some(10), ..Limits::trusted() };
    let outcome = run_on(print("abcd", true), Console::new(output.clone(), io::empty()), &limits);
    let End::Limit(reached, _) = outcome.end else { panic!("{:?}", outcome.end) };
    assert_eq!((reached.kind, reached.value, reached.maximum), (LimitKind::Output, 12, 10));
    assert_eq!((outcome.used.output, output.0.borrow().as_slice()), (8, &b"abcdabcd"[..]));
    let limits = Limits { steps: Some(9), ..Limits::trusted() };
    let outcome = run_on(print(&"x".repeat(640), true), Console::new(Shared::default(), io::empty()), &limits);
    assert!(matches!(outcome.end, End::Limit(reached, _) if reached.kind == LimitKind::Steps));
    assert_eq!(outcome.used.output, 0);
}

/// S76: nothing that a console grants takes a path; nothing at all is granted without being asked for.
#[test]
fn no_file_can_be_named() {
    assert_eq!(Imports::new().names().len(), 0);
    let console = Imports::console(Console::new(io::sink(), io::empty()));
    let mut names: Vec<_> = console.names();
    names.iter_mut().for_each(|name| name.truncate(name.find('(').unwrap_or(name.len())));
    names.dedup();
    assert_eq!(names, ["io.put", "io.put_error", "io.read", "io.write"]);
}
