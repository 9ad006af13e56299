//! The two binaries as a user meets them: files in, files out, exit statuses.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const PROGRAM: &str = "\
.entry main()I status
.import io.put(s)V
.struct geometry.point
    .field x decimal
    .field kind byte
.end
.function main()I
    .slot 0 stencil geometry.point[2] points
    LOAD_CONST index=\"h\\u{e9}llo\\n\"
    CALL_NAT import=io.put(s)V
    STACK_ALLOC capacity=32
    STENCIL_ALLOC slot=points size=18
    STACK_FREE
again:
    LOAD_CONST index=float:0x7fc00001
    CALL function=is_zero(f)Z
    JUMP_TRUE target=again
    LOAD_CONST index=int:0
    RETURN
.end
.function is_zero(f)Z exported
    .parameter number
    CELL_LOAD cell=number
    LOAD_CONST index=float:0
    EQ_FLOAT
    RETURN
.end
";

fn run(tool: &str, directory: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(tool);
    command.args(arguments).current_dir(directory).env("NO_COLOR", "1");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the tool starts");
    // A tool that does not read its input closes it, which is no failure of the test.
    let _ = child.stdin.take().expect("piped").write_all(input);
    child.wait_with_output().expect("the tool ends")
}

fn asm(directory: &Path, arguments: &[&str], input: &[u8]) -> Output {
    run(env!("CARGO_BIN_EXE_vega-asm"), directory, arguments, input)
}

fn objdump(directory: &Path, arguments: &[&str]) -> Output {
    run(env!("CARGO_BIN_EXE_vega-objdump"), directory, arguments, b"")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn check(output: &Output, status: i32, stderr: &str) {
    assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(status), stderr));
}

fn directory() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    fs::write(directory.path().join("prog.vasm"), PROGRAM).expect("writable");
    directory
}

#[test]
fn a_program_goes_there_and_back() {
    let directory = directory();
    let path = directory.path();
    check(&asm(path, &["prog.vasm"], b""), 0, "");
    let bytes = fs::read(path.join("prog.vgb")).expect("written");
    for arguments in [&["--vasm", "prog.vgb"][..], &["-q", "--vasm", "prog.vgb"]] {
        let listing = objdump(path, arguments);
        check(&listing, 0, "");
        let again = asm(path, &["-", "-o", "-"], &listing.stdout);
        check(&again, 0, "");
        assert!(again.stdout == bytes, "{}", text(&listing.stdout));
    }
    fs::write(path.join("arguments"), "prog.vasm\n-o\nother.vgb\n").expect("writable");
    check(&asm(path, &["@arguments"], b""), 0, "");
    assert_eq!(fs::read(path.join("other.vgb")).expect("written"), bytes);
}

#[test]
fn headers_and_instructions_show_everything() {
    let directory = directory();
    check(&asm(directory.path(), &["prog.vasm"], b""), 0, "");
    let summary = objdump(directory.path(), &["-xd", "prog.vgb"]);
    check(&summary, 0, "");
    let expected = include_str!("summary.txt");
    if std::env::var_os("BLESS").is_some() {
        fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/summary.txt"), &summary.stdout).expect("writable");
    } else {
        assert_eq!(text(&summary.stdout), expected);
    }
    let one = text(&objdump(directory.path(), &["--function", "is_zero", "prog.vgb"]).stdout);
    assert!(one.contains("EQ_FLOAT") && !one.contains("STACK_FREE"), "{one}");
    let headers = text(&objdump(directory.path(), &["-h", "prog.vgb"]).stdout);
    assert!(headers.contains("metadata") && !headers.contains("RETURN"), "{headers}");
}

#[test]
fn failure_leaves_the_old_file() {
    let directory = directory();
    let path = directory.path();
    let at = |name: &str| path.join(name);
    fs::write(at("prog.vgb"), "old").expect("writable");
    fs::write(at("prog.vasm"), PROGRAM.replace("RETURN", "RETRUN")).expect("writable");
    let output = asm(path, &["prog.vasm", "--message-format", "short"], b"");
    let line = |line: u32| format!("prog.vasm:{line}:5: error[A003]: unknown instruction `RETRUN`\n");
    check(&output, 1, &(line(19) + &line(26)));
    assert_eq!(fs::read(at("prog.vgb")).expect("there"), b"old");
    assert_eq!(fs::read_dir(path).expect("readable").count(), 2);

    fs::write(at("latin"), b".producer \"\xe9\"").expect("writable");
    check(
        &asm(path, &["latin", "--message-format=short"], b""),
        1,
        "latin:1:12: error[A001]: the text is not UTF-8 from its byte 11 on\n",
    );
    fs::write(at("long"), "x".repeat((1 << 20) + 1)).expect("writable");
    assert_eq!(asm(path, &["long"], b"").status.code(), Some(4));
}

#[test]
fn wrong_command_lines() {
    let directory = directory();
    let path = directory.path();
    let same = "error[U003]: `prog.vasm` is the listing, and `-o` would write over it\n";
    let short = "--message-format=short";
    check(&asm(path, &[short, "prog.vasm", "-o", "./prog.vasm"], b""), 2, same);
    fs::rename(path.join("prog.vasm"), path.join("prog.vgb")).expect("movable");
    check(&asm(path, &[short, "prog.vgb"], b""), 2, &same.replace("vasm", "vgb"));
    check(&asm(path, &[short, "-"], b""), 2, "error[U005]: standard input has no name to make another of\n");
    assert_eq!(asm(path, &[], b"").status.code(), Some(2));
    assert_eq!(asm(path, &["--explain", "nonsense"], b"").status.code(), Some(2));
    check(&asm(path, &[short, "none"], b""), 5, "none: error[I002]: cannot be read: no such file or directory\n");
    check(&objdump(path, &[short, "none"]), 5, "none: error[I002]: cannot be read: no such file or directory\n");
    assert_eq!(objdump(path, &["--vasm", "-d", "prog.vgb"]).status.code(), Some(2));
    for tool in [asm(path, &["--version"], b""), objdump(path, &["--help"])] {
        check(&tool, 0, "");
    }
}

#[test]
fn refused_files_are_shown_and_explained() {
    let directory = directory();
    let path = directory.path();
    let refused = ".nodebug\n.entry main()V print\n.function main()V\n.stack 0\nSTACK_POP\nRETURN\n.end\n";
    check(&asm(path, &["--no-verify", "-", "-o", "bad.vgb"], refused.as_bytes()), 0, "");
    let output = objdump(path, &["-d", "bad.vgb", "--message-format=short"]);
    let complaint = "error[V201]: function `main()V`, code 0x0000 (STACK_POP): the stack is empty\n";
    let stderr = text(&output.stderr);
    assert!(stderr.starts_with("bad.vgb:0x") && stderr.ends_with(complaint), "{stderr}");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("STACK_POP"));

    let mut bytes = fs::read(path.join("bad.vgb")).expect("written");
    *bytes.last_mut().expect("not empty") ^= 1;
    fs::write(path.join("bad.vgb"), &bytes).expect("writable");
    let output = objdump(path, &["bad.vgb", "--message-format=short"]);
    assert!(
        text(&output.stderr).contains("error[F006]: the checksum of the section `code` is"),
        "{}",
        text(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(1));
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_trouble() {
    let directory = directory();
    check(&asm(directory.path(), &["prog.vasm"], b""), 0, "");
    let mut command = Command::new(env!("CARGO_BIN_EXE_vega-objdump"));
    command.args(vec!["prog.vgb"; 200]).current_dir(directory.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the tool starts");
    drop(child.stdout.take());
    check(&child.wait_with_output().expect("the tool ends"), 0, "");
}
