//! The command: exit statuses, streams and messages, with programs on standard input.

use crate::common::*;
use std::io::{Read, Write};
use std::process::{Command, Output, Stdio};
use vega_format::builder::{Builder, FunctionDraft};
use vega_format::container::{EntryResult, Kind};

fn vegavm(options: &[&str], program: &[u8], arguments: &[&str]) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_vegavm"))
        .args(options)
        .arg("-")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    // A command that refuses its words does not read its input.
    let _ = child.stdin.take().expect("a pipe").write_all(program);
    let Output { status, stdout, stderr } = child.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (status.code().unwrap_or(-1), text(stdout), text(stderr))
}

fn status_program(value: i32) -> Vec<u8> {
    let mut draft = Draft::new();
    let code = vec![draft.int(value), RETURN];
    let mut builder: Builder = draft.0;
    builder.kind = Kind::Program;
    builder.add_function("main()I", FunctionDraft { code, ..FunctionDraft::default() });
    builder.entry = Some(("main()I".to_owned(), EntryResult::Status));
    builder.write().expect("a program")
}

fn print_argument() -> Vec<u8> {
    Draft::new().main("main(I)I", &[], &[cell_load(0), RETURN])
}

#[test]
fn results() {
    for (value, status) in [(0, 0), (99, 99), (100, 99), (-1, 99)] {
        let (code, output, errors) = vegavm(&[], &status_program(value), &[]);
        assert_eq!((code, output.as_str(), errors.is_empty()), (status, "", (0..=99).contains(&value)));
    }
    for argument in ["-5", "12"] {
        let (code, output, errors) = vegavm(&["-q"], &print_argument(), &[argument]);
        assert_eq!((code, output, errors.as_str()), (0, format!("{argument}\n"), ""));
    }
}

#[test]
fn refusals() {
    let short = ["--message-format", "short"];
    type Case<'c> = (&'c [&'c str], &'c [u8], &'c [&'c str], i32, &'c str);
    let cases: [Case<'_>; 7] = [
        (&[], b"", &[], 110, "<stdin>:0x0: error[F003]: "),
        (&[], b"alloc 4 { x = 1 }", &[], 110, "<stdin>:0x0: error[F001]: "),
        (&[], &print_argument(), &[], 111, "<stdin>: error[U002]: found 0 arguments, wanted 1\n"),
        (&[], &print_argument(), &["--stats"], 111, "<stdin>: error[U006]: argument 1, `argument1`: found `--stats`"),
        (
            &["--steps", "1"],
            &status_program(1),
            &[],
            113,
            "<stdin>:main() -> int, LOAD_CONST at 0x0000, sp 0: error[L102]",
        ),
        (
            &["--memory", "7"],
            &status_program(1),
            &[],
            113,
            "<stdin>: error[L105]: the program is proved to need 8 bytes; the limit is 7",
        ),
        (&["--frames", "0"], &status_program(1), &[], 111, "error[U001]: invalid value '0' for '--frames <N>'"),
    ];
    for (options, program, arguments, status, words) in cases {
        let (code, output, errors) = vegavm(&[&short, options].concat(), program, arguments);
        assert_eq!((code, output.as_str()), (status, ""), "{errors}");
        assert!(errors.starts_with(words), "{errors}");
    }
}

#[test]
fn traps() {
    let mut draft = Draft::new();
    let (one, zero) = (draft.int(1), draft.int(0));
    let bytes = draft.main("main()I", &[], &[one, zero, I::DivInt {}, RETURN]);
    let (code, _, errors) = vegavm(&[], &bytes, &[]);
    let expected = "\
trap T013 DivisionByZero: division by zero
  in main() -> int (DIV_INT, ip 0x000a, sp 2)
";
    assert_eq!((code, errors.as_str()), (112, expected));
    let (_, _, errors) = vegavm(&["--message-format", "short"], &bytes, &[]);
    assert_eq!(errors, "<stdin>:main() -> int, DIV_INT at 0x000a, sp 2: error[T013]: division by zero\n");
    let (_, _, errors) = vegavm(&["--message-format", "json"], &bytes, &[]);
    assert!(errors.contains("\"T013\""), "{errors}");
}

#[test]
fn views_go_to_standard_error() {
    let bytes = Draft::new().main("main()V", &[], &[open(4), CLOSE, RETURN]);
    let (code, output, errors) = vegavm(&["--trace", "--trace-load", "--dump-arena", "--stats"], &bytes, &[]);
    assert_eq!((code, output.as_str()), (0, ""));
    for part in ["check magic: ", "STACK_ALLOC capacity=4", "arena 0 of main(), at its end", "steps 3\n"] {
        assert!(errors.contains(part), "{part}: {errors}");
    }
}

/// Who looks at a run that does not end, and goes away, ends it.
#[test]
fn a_run_whose_watcher_has_gone_ends() {
    let jump = I::Jump { target: vega_format::instruction::Target(0) };
    let bytes = Draft::new().main("main()V", &[], &[jump]);
    for option in ["--trace", "--trace=main"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_vegavm"))
            .args([option, "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        child.stdin.take().expect("a pipe").write_all(&bytes).expect("a pipe");
        let mut first = [0];
        child.stderr.take().expect("a pipe").read_exact(&mut first).expect("it is traced");
        assert_eq!(child.wait().expect("it ends").code(), Some(114), "{option}");
    }
}

/// Figures and steps of loading that were asked for and cannot be written are no good end.
#[cfg(target_os = "linux")]
#[test]
fn what_is_not_shown_is_no_success() {
    let bytes = Draft::new().main("main()V", &[], &[RETURN]);
    for option in ["--stats", "--trace-load"] {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("it is there");
        let mut child = Command::new(env!("CARGO_BIN_EXE_vegavm"))
            .args([option, "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(full)
            .spawn()
            .expect("the command starts");
        child.stdin.take().expect("a pipe").write_all(&bytes).expect("a pipe");
        assert_eq!(child.wait().expect("it ends").code(), Some(114), "{option}");
    }
}

#[test]
fn words() {
    let (code, output, _) = vegavm(&["--version"], b"", &[]);
    assert_eq!((code, output.starts_with("vegavm ")), (0, true));
    let (code, _, errors) = vegavm(&["--explain", "X999"], b"", &[]);
    assert_eq!((code, errors.contains("X999")), (111, true));
    let (code, ..) = vegavm(&["--no-such-option"], b"", &[]);
    assert_eq!(code, 111);
}
