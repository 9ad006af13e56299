//! The programs in `examples/` against the tools that people know, on the files of this repository.
//!
//! Where a tool is not installed, the test says so and what it could not compare.

use std::cell::RefCell;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;
use vega_report::{Format, Sources, draw};
use vegac::command::SearchOptions;
use vegavm::{Console, End, Imports, Limits, Value, arguments, load};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Output that can be looked at while something else owns it.
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

/// Runs an example; gives its output and its result, if it has one.
fn run(name: &str, words: &[&str], input: &[u8]) -> (Vec<u8>, Option<Value>) {
    let path = root().join("examples").join(name);
    let source = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut sources = Sources::new();
    let mut modules = SearchOptions::default().modules_of(&path);
    let compiled = vegac::compile_project(name, &source, &mut sources, vegac::Options::default(), &mut modules);
    let complaints: String =
        compiled.diagnostics.iter().map(|diagnostic| draw(diagnostic, &sources, Format::Human, false)).collect();
    let module = compiled.module.unwrap_or_else(|| panic!("{complaints}"));
    assert_eq!(complaints, "", "{name} compiles without a word");
    let output = Shared::default();
    let mut imports = Imports::console(Console::new(output.clone(), input));
    let limits = Limits::trusted();
    let program = load(module.module().bytes().to_vec(), &imports, &limits, &mut |_: &_| {}).expect("it loads");
    let values = arguments::parse(&program, words).expect("its arguments fit");
    let outcome = program.run(&values, &mut imports, &limits, &mut ()).expect("it starts");
    drop(imports);
    let output = output.0.borrow().clone();
    match outcome.end {
        End::Result(value) => (output, value),
        other => panic!("{name}: {other:?}\n{}", String::from_utf8_lossy(&output)),
    }
}

/// What a tool writes for an input; `None` if it is not installed.
fn tool(name: &str, arguments: &[&str], input: &[u8]) -> Option<Vec<u8>> {
    let child = Command::new(name)
        .args(arguments)
        .env("LC_ALL", if name == "wc" { "C.UTF-8" } else { "C" })
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("skipped: `{name}` is not installed");
        return None;
    };
    let mut stdin = child.stdin.take().expect("it is piped");
    let writer = std::thread::scope(|scope| {
        let writer = scope.spawn(move || stdin.write_all(input));
        let output = child.wait_with_output().expect("it ends");
        // A tool that stops reading early has seen enough.
        let _ = writer.join();
        output
    });
    Some(writer.stdout)
}

/// Files of this repository: its pages, its examples, and some of its code.
fn files() -> Vec<(PathBuf, Vec<u8>)> {
    let mut paths = Vec::new();
    for folder in [".", "spec", "examples", "vega-format/src", "vegac/src/check"] {
        let Ok(entries) = std::fs::read_dir(root().join(folder)) else { continue };
        paths.extend(entries.flatten().map(|entry| entry.path()));
    }
    paths.retain(|path| {
        path.extension().is_some_and(|extension| extension == "md" || extension == "vg" || extension == "rs")
    });
    paths.sort();
    assert!(paths.len() > 20, "the files of the repository are found");
    paths.into_iter().map(|path| (path.clone(), std::fs::read(&path).expect("it can be read"))).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn wordcount_counts_as_wc_does() {
    let odd: [&[u8]; 5] = [b"", b"\n", b"no end", b"two  words\n\n", b"\t\x0b\x0c \r\n x"];
    for (path, input) in files().into_iter().chain(odd.map(|input| (PathBuf::new(), input.to_vec()))) {
        let (output, _) = run("wordcount.vg", &[], &input);
        let Some(wanted) = tool("wc", &[], &input) else { return };
        assert_eq!(text(&output), text(&wanted), "{}", path.display());
    }
}

#[test]
fn crc32_is_that_of_gzip() {
    for (path, input) in files() {
        let (output, _) = run("crc32.vg", &[], &input);
        let Some(zipped) = tool("gzip", &["-c"], &input) else { return };
        // A gzip file ends with the CRC-32 and the length of what was put in, little-endian.
        let (_, tail) = zipped.split_at(zipped.len() - 8);
        let wanted = u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]);
        assert_eq!(text(&output), format!("{wanted}\n"), "{}", path.display());
    }
    // The check value of the CRC catalogues.
    assert_eq!(text(&run("crc32.vg", &[], b"123456789").0), "3421780262\n");
}

#[test]
fn grep_finds_what_grep_finds() {
    for wanted in ["arena", "the ", "#", "no such text anywhere, I hope?", ""] {
        for (path, input) in files() {
            let (output, status) = run("grep.vg", &[wanted], &input);
            let Some(found) = tool("grep", &["-a", "-F", "--", wanted], &input) else { return };
            assert_eq!(text(&output), text(&found), "`{wanted}` in {}", path.display());
            let expected = i32::from(found.is_empty());
            assert_eq!(status.map(|status| status.to_string()), Some(expected.to_string()), "{}", path.display());
        }
    }
    let long = [b"x".repeat(70_000), b"\n".to_vec()].concat();
    let (output, status) = run("grep.vg", &["x"], &long);
    assert_eq!(text(&output), "grep: a line is longer than 65535 bytes\n");
    assert_eq!(status.map(|status| status.to_string()), Some("2".to_owned()));
}

#[test]
fn sort_sorts_as_sort_does() {
    let odd: [&[u8]; 4] = [b"", b"\n\n", b"b\na", b"ab\na\nb\n\na\tb\na b\n\xff\n\x01\n"];
    for (path, input) in files().into_iter().chain(odd.map(|input| (PathBuf::new(), input.to_vec()))) {
        let (output, _) = run("sort.vg", &[], &input);
        let Some(wanted) = tool("sort", &[], &input) else { return };
        assert_eq!(text(&output), text(&wanted), "{}", path.display());
    }
    let (output, status) = run("sort.vg", &[], &vec![b'\n'; 70_000]);
    assert_eq!(text(&output), "sort: the input has more than 65536 lines\n");
    assert_eq!(status.map(|status| status.to_string()), Some("2".to_owned()));
    let (output, _) = run("sort.vg", &[], &vec![b'x'; 1 << 20]);
    assert_eq!(text(&output), "sort: the input has 1048576 bytes or more\n");
}

/// The same game in another language.
fn life(generations: usize) -> String {
    const WIDTH: usize = 32;
    const HEIGHT: usize = 16;
    let mut board = vec![[false; WIDTH]; HEIGHT];
    for (x, y) in [(1, 0), (2, 1), (0, 2), (1, 2), (2, 2), (20, 8), (21, 8), (22, 8)] {
        board[y][x] = true;
    }
    for _ in 0..generations {
        let before = board.clone();
        for y in 0..HEIGHT {
            for x in 0..WIDTH {
                let around = (0..9)
                    .filter(|place| *place != 4)
                    .filter(|place| before[(y + place / 3 + HEIGHT - 1) % HEIGHT][(x + place % 3 + WIDTH - 1) % WIDTH]);
                let around = around.count();
                board[y][x] = around == 3 || around == 2 && before[y][x];
            }
        }
    }
    let row =
        |row: &[bool; WIDTH]| row.iter().map(|cell| if *cell { '#' } else { '.' }).chain(['\n']).collect::<String>();
    board.iter().map(row).collect()
}

#[test]
fn life_goes_on() {
    for generations in [0, 1, 2, 7, 64] {
        let (output, _) = run("life.vg", &[&generations.to_string()], b"");
        assert_eq!(text(&output), life(generations), "after {generations} generations");
    }
    // A glider comes back after four generations, one cell further both ways; a blinker after two.
    let (output, _) = run("life.vg", &["4"], b"");
    let mut rows = vec![".".repeat(32); 16];
    for (y, row) in [
        (1, "..#............................."),
        (2, "...#............................"),
        (3, ".###............................"),
    ] {
        rows[y] = row.to_owned();
    }
    rows[8] = "....................###.........".to_owned();
    assert_eq!(text(&output), rows.join("\n") + "\n");
}

#[test]
fn the_tour_shows_what_it_says() {
    let (output, _) = run("tour.vg", &[], b"");
    let expected = std::fs::read_to_string(root().join("examples/tour.out")).expect("its output is written down");
    assert_eq!(text(&output), expected);
}

#[test]
fn statistics_are_those_of_a_column() {
    let lines = b"name,value\na, 1.5\nb,2\nc,4\r\nd,-0.5\ne, 10 \nf\n";
    let wanted =
        "5 numbers, 2 lines without one\nmean 3.4 deviation 4.02181551043804\nfrom -0.5 to 10\nquartiles 1.5 2 4\n";
    assert_eq!(text(&run("statistics/main.vg", &["2"], lines).0), wanted);
    assert_eq!(text(&run("statistics/main.vg", &["1"], b"x\n").0), "0 numbers, 1 lines without one\n");
}
