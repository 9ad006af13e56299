//! Examples that work on lines and words, against the tools that do the same.

use crate::{files, run, text, tool};
use std::path::PathBuf;

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
fn grep_finds_what_grep_finds() {
    for wanted in ["arena", "the ", "#", "no such text anywhere, I hope?", ""] {
        for (path, input) in files() {
            let (output, status) = run("grep.vg", &[wanted], &input);
            let Some(found) = tool("grep", &["-a", "-F", "--", wanted], &input) else { return };
            assert_eq!(text(&output), text(&found), "`{wanted}` in {}", path.display());
            let expected = i32::from(found.is_empty());
            assert_eq!(status, expected.to_string(), "{}", path.display());
        }
    }
    let long = [b"x".repeat(70_000), b"\n".to_vec()].concat();
    let (output, status) = run("grep.vg", &["x"], &long);
    assert_eq!(text(&output), "grep: a line is longer than 65535 bytes\n");
    assert_eq!(status, "2");
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
    assert_eq!(status, "2");
    let (output, _) = run("sort.vg", &[], &vec![b'x'; 1 << 20]);
    assert_eq!(text(&output), "sort: the input has 1048576 bytes or more\n");
}

#[test]
fn statistics_are_those_of_a_column() {
    let lines = b"name,value\na, 1.5\nb,2\nc,4\r\nd,-0.5\ne, 10 \nf\n";
    let wanted =
        "5 numbers, 2 lines without one\nmean 3.4 deviation 4.02181551043804\nfrom -0.5 to 10\nquartiles 1.5 2 4\n";
    assert_eq!(text(&run("statistics/main.vg", &["2"], lines).0), wanted);
    assert_eq!(text(&run("statistics/main.vg", &["1"], b"x\n").0), "0 numbers, 1 lines without one\n");
}

#[test]
fn tail_gives_what_tail_gives() {
    let odd: [&[u8]; 5] = [b"", b"\n", b"a\n\nb", b"a\nb\n\n", b"no end"];
    // More than the ring holds, so that the lines lie over its end.
    let long: Vec<u8> = (0..30_000).flat_map(|n: i32| format!("line {n}\n").into_bytes()).collect();
    let files = files().into_iter().step_by(8).map(|(_, input)| input);
    for input in odd.iter().map(|input| input.to_vec()).chain(files).chain([long]) {
        for lines in ["0", "1", "3", "20", "5000"] {
            let Some(wanted) = tool("tail", &["-n", lines], &input) else { return };
            let (output, status) = run("tail.vg", &[lines], &input);
            if wanted.len() < 65_536 {
                assert_eq!((text(&output), status.as_str()), (text(&wanted), "0"), "{lines} lines");
            } else {
                assert_eq!(
                    (text(&output).as_str(), status.as_str()),
                    ("tail: the lines have more than 65536 bytes\n", "1")
                );
            }
        }
    }
}
