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

/// Lines with commas as data are, from a few numbers: whole ones and quarters, whose sums are exact.
fn table() -> String {
    let line = |n: i64| format!("name {n},{},{},,{}\n", n * n - 400, (n % 9) as f64 / 4.0, -n);
    std::iter::once("name,a,b,empty,c\n".to_owned()).chain((0..300).map(line)).collect()
}

#[test]
fn sums_are_those_of_awk() {
    let program = "NR > 1 { for (i = 1; i <= NF; i++) sum[i] += $i } END { print \"\", sum[2], sum[3], \"\", sum[5] }";
    let Some(wanted) = tool("awk", &["-F,", "-vOFS=,", "-vOFMT=%.17g", program], table().as_bytes()) else { return };
    assert_eq!(text(&run("sums.vg", &[], table().as_bytes()).0), text(&wanted));
    for (input, wanted) in [
        ("", "\n"),
        ("1", "1\n"),
        ("\"a, \"\"b\"\"\n\",1\n2,\" 3.5 \"\r\nx\n", "2,4.5\n"),
        ("1e3,-.5\n,\n1,1,1\n", "1001,0.5,1\n"),
    ] {
        assert_eq!(text(&run("sums.vg", &[], input.as_bytes()).0), wanted, "{input}");
    }
    assert_eq!(run("sums.vg", &[], ",".repeat(63).as_bytes()).1, "0");
    assert_eq!(run("sums.vg", &[], ",".repeat(64).as_bytes()).1, "1");
    assert_eq!(run("sums.vg", &[], "x".repeat(257).as_bytes()).1, "1");
}

#[test]
fn json_is_printed_as_json_tool_prints_it() {
    let good = [
        "0",
        " [ ] ",
        "{}",
        "\"\"",
        "[[], {}, [{}], null, true, false]",
        "{\"a\": [1, -2.5, 0.125], \"b\\\"\\n\": {\"c\": {\"ä\": \"\\\\\"}}}\n",
        &format!("[{}]", "{\"key\": [1, 22, \"three\"]},".repeat(2000) + "4"),
        &("[".repeat(200) + &"]".repeat(200)),
    ];
    let jq = tool("jq", &["--version"], b"").is_some();
    for input in good {
        let (output, status) = run("json.vg", &[], input.as_bytes());
        assert_eq!(status, "0", "{input}");
        if let Some(wanted) = tool("python3", &["-m", "json.tool", "--no-ensure-ascii"], input.as_bytes()) {
            assert_eq!(text(&output), text(&wanted));
        }
        if jq {
            assert_eq!(Some(output), tool("jq", &["--indent", "4", "."], input.as_bytes()));
        }
    }
    // Kept as they are, where others write them anew.
    assert_eq!(text(&run("json.vg", &[], b"[1E+2,\"\\u00e4\\/\"]").0), "[\n    1E+2,\n    \"\\u00e4\\/\"\n]\n");
    for wrong in [
        "",
        "[",
        "]",
        "[1,]",
        "[1 2]",
        "{1: 2}",
        "{\"a\"}",
        "{\"a\": 1,}",
        "{\"a\": }",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "+1",
        "\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\n\"",
        "tru",
        "truex",
        "nul",
        "1 2",
        "[}",
        "{]",
        "'a'",
        "NaN",
    ] {
        let (output, status) = run("json.vg", &[], wrong.as_bytes());
        assert_eq!(status, "1", "{wrong}");
        assert!(text(&output).contains("json: line"), "{wrong}");
    }
    let (output, _) = run("json.vg", &[], b"[\n\n1,\nx]");
    assert!(text(&output).ends_with("json: line 4 is no JSON, or is nested more than 200 deep\n"));
    assert_eq!(run("json.vg", &[], ("[".repeat(201) + &"]".repeat(201)).as_bytes()).1, "1");
}

#[test]
fn frequencies_are_those_of_uniq() {
    let pipeline = "tr -cs A-Za-z '\\n' | tr A-Z a-z | grep . | sort | uniq -c | sort -k1,1nr -k2 | sed 's/^ *//'";
    for (path, input) in files().into_iter().step_by(6) {
        let Some(wanted) = tool("sh", &["-c", pipeline], &input) else { return };
        let wanted: String = text(&wanted).lines().take(20).flat_map(|line| [line, "\n"]).collect();
        assert_eq!(text(&run("frequencies.vg", &["20"], &input).0), wanted, "{}", path.display());
    }
    assert_eq!(text(&run("frequencies.vg", &["5"], b"").0), "");
    let word = |n: usize| -> String {
        format!("{n:04} ").chars().map(|c| if c == ' ' { c } else { (c as u8 + 49) as char }).collect()
    };
    let words = |count| (0..count).map(word).collect::<String>();
    assert_eq!(text(&run("frequencies.vg", &["1"], words(6000).as_bytes()).0), "1 aaaa\n");
    assert_eq!(run("frequencies.vg", &["1"], words(6001).as_bytes()).1, "1");
    assert_eq!(run("frequencies.vg", &["1"], &[b'x'; 70_000]).1, "1");
}

#[test]
fn regex_finds_what_grep_finds() {
    let inputs: Vec<_> =
        files().into_iter().step_by(12).map(|(_, input)| input).chain([b"]\n^\n\n-a\naab\nb".to_vec()]).collect();
    for expression in [
        "a.*b+c?",
        "^#+ [A-Z].*e$",
        "[^a-z ]",
        "x*",
        "^$",
        "\\.$",
        "[0-9]+-",
        "^- ?[T]",
        "[]x]",
        "[^]a-z]",
        "[a-]b",
        "a?a?a?aab",
        "",
    ] {
        for input in &inputs {
            let Some(found) = tool("grep", &["-a", "-E", "--", expression], input) else { return };
            let (output, status) = run("regex.vg", &[expression], input);
            assert_eq!(text(&output), text(&found), "`{expression}`");
            assert_eq!(status, i32::from(found.is_empty()).to_string(), "`{expression}`");
        }
    }
    for wrong in ["*a", "a**", "(a)", "a|b", "[a", "[]", "\\", &"a".repeat(101)] {
        assert_eq!(run("regex.vg", &[wrong], b"a").1, "2", "`{wrong}`");
    }
    // What takes others forever.
    let hard = "a?".repeat(40) + &"a*".repeat(40);
    assert_eq!(run("regex.vg", &[&format!("^{hard}b$")], &[b'a'; 2000]).1, "1");
}

#[test]
fn histogram_counts_ranges() {
    let (output, _) = run("histogram.vg", &["4"], b"0\n1\nnone\n 2\n2\n2.5\n3.5\n4\n");
    let bar = |n| "#".repeat(n);
    assert_eq!(text(&output), format!("0 1 {}\n1 1 {}\n2 2 {}\n3 2 {}\n", bar(25), bar(25), bar(50), bar(50)));
    // Lengths of lines in ranges of one, as `sort` and `uniq` count them.
    let lengths: String =
        (0..500).map(|n| format!("{}\n", n * n % 37 % 20)).chain(["0\n".into(), "20\n".into()]).collect();
    let Some(counts) = tool("sh", &["-c", "sort -n | uniq -c | awk '{ print $2, $1 }'"], lengths.as_bytes()) else {
        return;
    };
    let (output, _) = run("histogram.vg", &["20"], lengths.as_bytes());
    for line in text(&counts).lines().filter(|line| !line.starts_with("19 ") && !line.starts_with("20 ")) {
        assert!(text(&output).lines().any(|row| row.starts_with(&format!("{line} "))), "{line}");
    }
    assert_eq!(text(&run("histogram.vg", &["1"], b"7\n7\n").0), format!("7 2 {}\n", bar(50)));
    for (ranges, input) in [("0", "1\n"), ("101", "1\n"), ("5", "none\n"), ("5", &"1\n".repeat(10_001))] {
        assert_eq!(run("histogram.vg", &[ranges], input.as_bytes()).1, "1");
    }
}

#[test]
fn distances_are_known() {
    for (from, to, wanted) in [
        ("kitten", "sitting", 3),
        ("saturday", "sunday", 3),
        ("flaw", "lawn", 2),
        ("intention", "execution", 5),
        ("rosettacode", "raisethysword", 8),
        ("", "abc", 3),
        ("", "", 0),
        ("grün", "grun", 1),
        ("𝄞ä", "äö", 2),
    ] {
        for (a, b) in [(from, to), (to, from)] {
            assert_eq!(text(&run("distance.vg", &[a, b], b"").0), format!("{wanted}\n"), "{a} {b}");
        }
    }
    assert_eq!(text(&run("distance.vg", &[&"a".repeat(1000), "ba"], b"").0), "999\n");
    assert_eq!(run("distance.vg", &[&"a".repeat(1001), ""], b"").1, "1");
}

#[test]
fn calculator_computes_as_python_does() {
    let lines = [
        "2 * (3 + 4) ^ 2 - sqrt(16)",
        "1 - 2 - 3",
        "100 / 8 / 2",
        "-2 ^ 2",
        "2 ^ 3 ^ 2",
        "2 ^ -1",
        "- - 3",
        "(((0.125))) * -.5",
        "1 + 2 * 3 - 4 / 5",
        "sqrt(2) * sqrt ( 2 )",
        "exp(0) + log(1) + sin(0) + cos(0)",
    ];
    let script = "from math import *\nimport sys\nfor line in sys.stdin: print(float(eval(line.replace('^', '**'))))";
    let input = lines.join("\n");
    let (output, status) = run("calculator.vg", &[], input.as_bytes());
    assert_eq!(status, "0");
    if let Some(wanted) = tool("python3", &["-c", script], input.as_bytes()) {
        let numbers =
            |output: &[u8]| text(output).lines().map(|line| line.parse().expect("a number")).collect::<Vec<f64>>();
        assert_eq!(numbers(&output), numbers(&wanted));
    }
    assert_eq!(text(&run("calculator.vg", &[], b"6 * 7\nans / 2\n2 * pi\n").0), "42\n21\n6.283185307179586\n");
    for (wrong, column) in [
        ("", 1),
        ("1 +", 4),
        ("(1", 3),
        ("1)", 2),
        ("1 2", 3),
        ("x", 2),
        ("pit(1)", 1),
        ("sin 1", 5),
        ("1..2", 5),
        ("*", 1),
    ] {
        let (output, status) = run("calculator.vg", &[], format!("{wrong}\n").as_bytes());
        let wanted = format!("calculator: this cannot be read from column {column} on\n");
        assert_eq!((text(&output), status.as_str()), (wanted, "1"), "{wrong}");
    }
    for (nested, status) in
        [("(".repeat(99) + "1" + &")".repeat(99), "0"), ("-".repeat(99) + "1", "0"), ("(".repeat(900), "1")]
    {
        assert_eq!(run("calculator.vg", &[], nested.as_bytes()).1, status);
    }
}

#[test]
fn roman_goes_both_ways() {
    let numbers: String = (1..4000).map(|n| format!("{n}\n")).collect();
    let (numerals, _) = run("roman.vg", &[], numbers.as_bytes());
    assert_eq!(text(&run("roman.vg", &[], &numerals).0), numbers);
    for (number, numeral) in
        [(1, "I"), (4, "IV"), (1994, "MCMXCIV"), (2026, "MMXXVI"), (3888, "MMMDCCCLXXXVIII"), (3999, "MMMCMXCIX")]
    {
        assert_eq!(text(&numerals).lines().nth(number - 1), Some(numeral));
    }
    for wrong in ["", "0", "4000", "-1", "IIII", "VV", "IC", "iv", "MMMM", "IM", "XIIX", "99999999999999999999"] {
        assert_eq!(run("roman.vg", &[], format!("{wrong}\n").as_bytes()).1, "1", "{wrong}");
    }
}
