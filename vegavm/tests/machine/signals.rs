//! S69, S104: signals end a run gracefully, whether it computes or waits for input.

use crate::common::*;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use vega_format::stencil::{Stencil, TypeRef};
use vega_format::types::Tag;

/// Says that it is there and jumps to itself.
fn endless() -> Vec<u8> {
    let mut draft = Draft::new();
    let code = [draft.text("there\n"), draft.host("io.put_error(s)V"), I::Jump { target: target(2) }];
    draft.main("main()V", &[], &code)
}

/// Says that it is there and reads.
fn waiting() -> Vec<u8> {
    let mut draft = Draft::new();
    let array = draft.0.stencil(Stencil::Array(TypeRef::Scalar(Tag::Byte), 4)).expect("an array");
    let (greeting, put) = (draft.text("there\n"), draft.host("io.put_error(s)V"));
    let read = draft.host("io.read([]B)I");
    let code = [greeting, put, open(4), stencil_alloc(0, 4), view(0), read, I::StackPop {}, CLOSE, RETURN];
    draft.main("main()V", &[stencil(array)], &code)
}

/// Says that it is there and writes what nobody reads.
fn writing() -> Vec<u8> {
    let mut draft = Draft::new();
    let greeting = [draft.text("there\n"), draft.host("io.put_error(s)V")];
    let endless = [draft.text("and so on, "), draft.host("io.put(s)V"), I::Jump { target: target(2) }];
    draft.main("main()V", &[], &[greeting.as_slice(), &endless].concat())
}

/// A program of this name, started and heard of.
struct Started {
    file: PathBuf,
    child: Child,
    errors: BufReader<ChildStderr>,
}

impl Started {
    fn new(name: &str, bytes: &[u8], options: &[&str]) -> Started {
        let file = std::env::temp_dir().join(format!("vegavm-{name}-{}.vgb", std::process::id()));
        fs::write(&file, bytes).expect("a file");
        let mut command = Command::new(env!("CARGO_BIN_EXE_vegavm"));
        command.args(options).args(["--stats", "--message-format", "short"]).arg(&file);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the command starts");
        let mut errors = BufReader::new(child.stderr.take().expect("a pipe"));
        let mut line = String::new();
        errors.read_line(&mut line).expect("it is there");
        assert_eq!(line, "there\n");
        Started { file, child, errors }
    }

    /// The exit status and the rest of what it says.
    fn end(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.errors.read_to_string(&mut rest).expect("text");
        fs::remove_file(&self.file).expect("it is there");
        (self.child.wait().expect("it ends").code(), rest)
    }
}

#[test]
fn the_first_signal_ends_the_run() {
    for (name, bytes, signal, status) in [
        ("int", endless(), "INT", 130),
        ("term", endless(), "TERM", 143),
        ("waits", waiting(), "INT", 130),
        ("writes", writing(), "INT", 130),
    ] {
        let started = Started::new(name, &bytes, &[]);
        let sent = Command::new("kill").args(["-s", signal, &started.child.id().to_string()]).status();
        assert!(sent.expect("`kill` is there").success());
        let (code, rest) = started.end();
        assert_eq!(code, Some(status), "{name}: {rest}");
        assert!(rest.contains("error[L107]: the run was cancelled") && rest.contains("\npeak frames 1, "), "{rest}");
    }
}

/// A program that waits is also over when its time is, for somebody who writes or who reads.
#[test]
fn time_is_over_while_a_program_waits() {
    let (code, rest) = Started::new("unread", &writing(), &["--timeout", "200ms"]).end();
    assert_eq!(code, Some(113), "{rest}");
    assert!(rest.contains("error[L106]: the program still runs after 200 ms"), "{rest}");
    let (code, rest) = Started::new("time", &waiting(), &["--timeout", "20ms"]).end();
    assert_eq!(code, Some(113), "{rest}");
    assert!(rest.contains("CALL_NAT at 0x0019, sp 1: error[L106]: the program still runs after 20 ms"), "{rest}");
}
