//! Texts and their tokens, texts and their complaints.

use vega_report::{Format, Sources, draw};

use super::*;

/// The tokens after their places, on one line.
fn tokens(text: &str) -> String {
    let mut sources = Sources::new();
    let (tokens, diagnostics) = lex(sources.add("t", text), text);
    assert!(diagnostics.is_empty(), "{text:?}: {diagnostics:?}");
    let printed = print(&tokens, text);
    let words: Vec<&str> = printed.lines().filter_map(|line| line.split_once(' ')).map(|(_, token)| token).collect();
    words.join(", ").trim_end_matches(", end").to_owned()
}

/// The complaints in the short form, without the file.
fn complaints(text: &str) -> String {
    let mut sources = Sources::new();
    let source = sources.add("t", text);
    let (tokens, diagnostics) = lex(source, text);
    assert_eq!(tokens.last().map(|token| token.kind), Some(TokenKind::End));
    let lines = diagnostics.iter().map(|diagnostic| draw(diagnostic, &sources, Format::Short, false));
    lines.collect::<String>().trim_end().replace("t:", "")
}

#[test]
fn tokens_of_all_kinds() {
    let cases = [
        ("", "end"),
        ("\u{feff}x", "name x"),
        (" \t\r\n", "end"),
        ("# only\n// comments", "end"),
        ("x # a\n// b\ny", "name x, name y"),
        ("alloc 64 {", "keyword alloc, integer 64, sign {"),
        ("int boolean _a1 größe", "name int, name boolean, name _a1, name größe"),
        ("match is nil", "keyword match, keyword is, keyword nil"),
        ("42 42b 42s 42l 1_000", "integer 42, integer 42b, integer 42s, integer 42l, integer 1_000"),
        ("3.14 3.14f 1_0.0_1", "decimal 3.14, decimal 3.14f, decimal 1_0.0_1"),
        ("0xFF 0Xff", "hex 0xFF, hex 0Xff"),
        ("0xFFl 0x1234_5678", "hex 0xFFl, hex 0x1234_5678"),
        ("18446744073709551615", "integer 18446744073709551615"),
        ("'A' '\\'' '\\u{1F600}' 'ä'", r"char 'A', char '\'', char '\u{1F600}', char 'ä'"),
        (r#""" "a\"b" "\\""#, r#"string "", string "a\"b", string "\\""#),
        ("1..2 a[..3]", "integer 1, sign .., integer 2, name a, sign [, sign .., integer 3, sign ]"),
        ("p.0.1 p.x.0", "name p, sign ., integer 0, sign ., integer 1, name p, sign ., name x, sign ., integer 0"),
        (">>>=>>>>>=>>>=>", "sign >>>=, sign >>>, sign >>=, sign >>>=, sign >"),
        ("a->b..c", "name a, sign ->, name b, sign .., name c"),
    ];
    for (text, expected) in cases {
        assert_eq!(tokens(text), expected, "{text:?}");
    }
}

#[test]
fn complaints_say_what_was_found_and_what_was_wanted() {
    let cases = [
        ("x = 5 @ 3", "1:7: error[E0103]: found `@`, expected a statement, a name, a number or an operator"),
        (
            "“a”",
            "1:1: error[E0103]: found `“`, expected a statement, a name, a number or an operator\n1:3: error[E0103]: found `”`, expected a statement, a name, a number or an operator",
        ),
        ("x = \"abc", "1:5: error[E0104]: found the end of the line, expected `\"` to close the text"),
        ("x = \"abc\\\ny", "1:5: error[E0104]: found the end of the line, expected `\"` to close the text"),
        ("'a", "1:1: error[E0104]: found the end of the line, expected `'` to close the character"),
        ("''", "1:1: error[E0105]: found nothing between single quotes, expected one character"),
        ("'ab'", "1:1: error[E0105]: found 2 characters between single quotes, expected one character"),
        (r#""\q""#, r#"1:2: error[E0106]: found the escape `\q`, expected one of `\n \t \r \\ \' \" \0 \u{…}`"#),
        (r#""\u{110000}""#, r"1:2: error[E0107]: found `\u{110000}`, expected the number of a Unicode character"),
        (
            r#""\u{99999999999}""#,
            r"1:2: error[E0107]: found `\u{99999999999}`, expected the number of a Unicode character",
        ),
        (r#""\u{}""#, r"1:2: error[E0107]: found `\u` without a number, expected `\u{…}` with hexadecimal digits"),
        ("42q", "1:3: error[E0108]: found the suffix `q` on a number, expected `b`, `s` or `l`"),
        ("1.5d", "1:4: error[E0108]: found the suffix `d` on a number, expected `f` or none"),
        ("0xFFs", "1:5: error[E0108]: found the suffix `s` on a number, expected `l` or hexadecimal digits"),
        ("1.", "1:1: error[E0109]: found `1.`, expected digits on both sides of the point"),
        (".5f", "1:1: error[E0109]: found `.5f`, expected digits on both sides of the point"),
        ("0x", "1:1: error[E0110]: found `0x`, expected hexadecimal digits after `0x`"),
        ("18446744073709551616", "1:1: error[E0111]: found a number of 20 digits, expected one that fits 64 bits"),
        ("1_", "1:2: error[E0112]: found `_` at the edge of a number, expected it between two digits"),
        ("0x_1", "1:3: error[E0112]: found `_` at the edge of a number, expected it between two digits"),
        ("/* a\n*/ x", "1:1: error[E0113]: found `/*`, expected `#` or `//` to begin a comment"),
        (
            "# \u{202e}",
            "1:3: error[E0114]: found the hidden character `\\u{202e}`, expected text that reads as it runs",
        ),
        ("1e5", "1:2: error[E0115]: found the exponent `e5`, expected digits only"),
        ("1.5e-3", "1:4: error[E0115]: found the exponent `e-3`, expected digits only"),
        ("0x123456789", "1:1: error[E0116]: found 9 hexadecimal digits, expected at most 8"),
        ("0x12345678901234567l", "1:1: error[E0116]: found 17 hexadecimal digits, expected at most 16"),
        ("a\0b\0", "1:2: error[E0102]: found a NUL character, expected text"),
    ];
    for (text, expected) in cases {
        assert_eq!(complaints(text), expected, "{text:?}");
    }
}

#[test]
fn literals_have_values() {
    let cases = [
        ("1_000l", "Integer(1000, Some(Long))"),
        ("7", "Integer(7, None)"),
        ("0xFFl", "Hex { bits: 255, digits: 2, long: true }"),
        ("0x00_ff", "Hex { bits: 255, digits: 4, long: false }"),
        ("1_0.50f", "Decimal(\"10.50\", true)"),
        (r"'\u{41}'", "Char('A')"),
        (r#""a\n\"\0""#, r#"String("a\n\"\0")"#),
        ("true", "Bool(true)"),
    ];
    for (text, expected) in cases {
        let mut sources = Sources::new();
        let (tokens, _) = lex(sources.add("t", text), text);
        let value = tokens.first().and_then(|token| literal(token.kind, token.text(text)));
        assert_eq!(value.map(|value| format!("{value:?}")).as_deref(), Some(expected));
    }
}

#[test]
fn names_are_normalized() {
    assert_eq!(name("gro\u{308}ße"), "größe");
}

#[test]
fn bytes_that_are_no_text_are_refused_with_their_place() {
    let cases: [(&[u8], &str); 5] = [
        (b"a\nbc\xff", "t:2:3: error[E0101]: found the byte 0xff, expected UTF-8 text\n"),
        (b"\xef\xbb\xbfa\xc0\x80", "t:1:2: error[E0101]: found the byte 0xc0, expected UTF-8 text\n"),
        (b"\xed\xa0\x80", "t:1:1: error[E0101]: found the byte 0xed, expected UTF-8 text\n"),
        (b"\x89VEGA\r\n\x1a", "t:1:1: error[E0101]: found the byte 0x89, expected UTF-8 text\n"),
        (b"x\xe2\x82", "t:1:2: error[E0101]: found the byte 0xe2, expected UTF-8 text\n"),
    ];
    for (bytes, expected) in cases {
        let diagnostic = text("t", bytes).expect_err("no UTF-8");
        assert_eq!(draw(&diagnostic, &Sources::new(), Format::Short, false), expected);
    }
    assert_eq!(text("t", b"\xef\xbb\xbfx"), Ok("x".into()));
    assert_eq!(text("t", b"\xef\xbb\xbfx".to_vec()), Ok("x".into()));
}

#[test]
fn limits_are_refused() {
    let line = "x".repeat(MAX_LINE + 1);
    assert_eq!(
        complaints(&format!("a\n{line}\n")),
        "2:1: error[L0102]: the line has 1048577 bytes, the limit is 1048576"
    );
    let long_name = "x".repeat(MAX_NAME + 1);
    assert_eq!(complaints(&long_name), "1:1: error[L0103]: the name has 1025 bytes, the limit is 1024");
    assert_eq!(complaints(&long_name[1..]), "");
}

#[test]
fn long_inputs_take_linear_time() {
    let digits = "1".repeat(1_000_000);
    assert_eq!(
        complaints(&digits),
        "1:1: error[E0111]: found a number of 1000000 digits, expected one that fits 64 bits"
    );
    assert_eq!(complaints(&format!("0.{digits}")), "");
    assert_eq!(complaints(&"@ ".repeat(500_000)).lines().count(), 100);
    let text = format!("\"{}\"", "\\n".repeat(500_000));
    assert_eq!(complaints(&text), "");
}

#[test]
fn any_cut_of_a_text_can_be_read() {
    let text = "x = \"a\\u{41}\" 'b' 0xFF_ 1.5e-3f .5 1_ /* */ # ä\n@€ p.0.1 a..b \u{202e}";
    let mut sources = Sources::new();
    let source = sources.add("t", text);
    for (start, _) in text.char_indices() {
        for (end, _) in text.char_indices().filter(|&(end, _)| end >= start) {
            let part = &text[start..end];
            let (tokens, _) = lex(source, part);
            for token in &tokens {
                literal(token.kind, token.text(part));
            }
            assert!(print(&tokens, part).ends_with(" end\n"));
        }
    }
}
