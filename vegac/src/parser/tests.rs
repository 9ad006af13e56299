//! Texts and their trees, texts and their complaints, and what must not overflow.

use vega_report::{Diagnostic, Format, Sources, draw, explain};

use super::*;
use crate::lexer;

/// The tree, and the complaints of lexer and parser in the short form without the file.
fn read(text: &str) -> (File, String) {
    let mut sources = Sources::new();
    let source = sources.add("t", text);
    let (tokens, mut diagnostics) = lexer::lex(source, text);
    let (file, more) = parse(source, text, &tokens);
    diagnostics.extend(more);
    let lines = diagnostics.iter().map(|diagnostic| draw(diagnostic, &sources, Format::Short, false));
    (file, lines.collect::<String>().replace("t:", "").trim_end().to_owned())
}

fn tree(text: &str) -> String {
    let (file, complaints) = read(text);
    assert_eq!(complaints, "", "{text}");
    print(&file).trim_end().to_owned()
}

/// `line:column code` of every complaint.
fn codes(text: &str) -> Vec<String> {
    let complaints = read(text).1;
    let codes = complaints.lines().filter_map(|line| {
        let (place, rest) = line.split_once(": error[")?;
        let (code, _) = rest.split_once(']')?;
        Some(format!("{place} {code}"))
    });
    codes.collect()
}

#[test]
fn expressions() {
    let cases = [
        ("1 + 2 * 3 - 4", "(- (+ 1 (* 2 3)) 4)"),
        (
            "a || b && c == d | e ^ f & g << h + i * -j",
            "(|| a (&& b (== c (| d (^ e (& f (<< g (+ h (* i (- j))))))))))",
        ),
        ("a * b + c << d & e ^ f | g == h && i || j", "(|| (&& (== (| (^ (& (<< (+ (* a b) c) d) e) f) g) h) i) j)"),
        ("a - b - c >>> d >> e", "(>> (>>> (- (- a b) c) d) e)"),
        ("a & 1 == 0", "(== (& a 1) 0)"),
        ("-2147483648", "(- 2147483648)"),
        ("!a && ~b == - -c", "(&& (! a) (== (~ b) (- (- c))))"),
        ("-a.b[1]", "(- (index (field a b) 1))"),
        ("(1 + 2) * 3", "(* (+ 1 2) 3)"),
        ("((a))", "a"),
        ("(1, true)", "(tuple 1 true)"),
        ("(1,)", "(tuple 1)"),
        ("[1, 2,]", "(array 1 2)"),
        ("[]", "(array)"),
        ("p.0.1", "(field (field p 0) 1)"),
        ("a[1..2]", "(slice a 1 2)"),
        ("a[..]", "(slice a _ _)"),
        ("a[i + 1..]", "(slice a (+ i 1) _)"),
        ("f()", "(call f)"),
        ("io.read(b, 1,)", "(call io.read b 1)"),
        ("f(\n  1,\n  2\n)", "(call f 1 2)"),
        ("long(x) + 1l", "(+ (call long x) 1l)"),
        ("f(1)[0].x", "(field (index (call f 1) 0) x)"),
        ("point { x = 1, y = 2 }", "(struct point (x 1) (y 2))"),
        ("point {\n  x = 1\n  y = 2,\n}", "(struct point (x 1) (y 2))"),
        ("geometry.point { }", "(struct geometry.point)"),
        ("1 +\n2", "(+ 1 2)"),
        ("(1\n+ 2)", "(+ 1 2)"),
        ("alloc 64 { x }", "(alloc 64 {\n  x\n})"),
        ("alloc 64 :bump { x }", "(alloc 64 :bump {\n  x\n})"),
        ("alloc 64 :pool(2 * 4) { x }", "(alloc 64 (:pool (* 2 4)) {\n  x\n})"),
        ("alloc 8 * n { x; y }", "(alloc (* 8 n) {\n  x\n  y\n})"),
        ("'A'", "'A'"),
        (r#""a\n""#, r#""a\n""#),
        ("0xFFl", "0xFFl"),
        ("3.14f", "3.14f"),
        ("1_000s", "1000s"),
        ("größe", "größe"),
    ];
    for (text, expected) in cases {
        assert_eq!(tree(text), expected, "{text}");
    }
}

#[test]
fn statements() {
    let cases = [
        ("x = 42", "(= x 42)"),
        ("x =\n42", "(= x 42)"),
        ("x = 1; y = 2;;\n;z", "(= x 1)\n(= y 2)\nz"),
        ("x\n-1", "x\n(- 1)"),
        ("x: int|bool = 15", "(= x : int|bool 15)"),
        ("a: int[10]", "(= a : int[10])"),
        ("a: point[2][n + 1]", "(= a : point[2][(+ n 1)])"),
        ("a: (int, bool)", "(= a : (int, bool))"),
        ("a: (int,)", "(= a : (int))"),
        ("a: (int)", "(= a : int)"),
        ("a: []geometry.point", "(= a : []geometry.point)"),
        ("a.b[i].c = 5", "(= (field (index (field a b) i) c) 5)"),
        ("x += 1", "(+= x 1)"),
        ("a[0] >>>= 2", "(>>>= (index a 0) 2)"),
        ("y = *int(0)", "(alias y int 0)"),
        ("y = *short(offset(x) + 2)", "(alias y short (+ (call offset x) 2))"),
        ("free(x)", "(free x)"),
        ("if a { b }", "(if a {\n  b\n})"),
        ("if a { b } else if c { d } else { e }", "(if a {\n  b\n} c {\n  d\n} else {\n  e\n})"),
        ("if a { }\nelse { }", "(if a {} else {})"),
        ("if a\n{\n}", "(if a {})"),
        ("if (p { x = 1 }).x { }", "(if (field (struct p (x 1)) x) {})"),
        ("if f(p { x = 1 }) { }", "(if (call f (struct p (x 1))) {})"),
        ("while a < b { break; continue }", "(while (< a b) {\n  (break)\n  (continue)\n})"),
        ("for i in 0..n - 1 { x }", "(for i 0 (- n 1) {\n  x\n})"),
        ("return", "(return)"),
        ("return\nx", "(return)\nx"),
        ("return (1, 2)", "(return (tuple 1 2))"),
        ("alloc 8 { struct p { x: int } }", "(alloc 8 {\n  (struct p (x: int))\n})"),
        ("x = alloc 8 {\n y = 1\n y\n}", "(= x (alloc 8 {\n  (= y 1)\n  y\n}))"),
        ("f(alloc 8 {\n x = 1\n x\n})", "(call f (alloc 8 {\n  (= x 1)\n  x\n}))"),
        ("int = 1", "(= int 1)"),
    ];
    for (text, expected) in cases {
        assert_eq!(tree(text), expected, "{text}");
    }
}

#[test]
fn items() {
    let cases = [
        ("", ""),
        ("# nothing\n", ""),
        ("struct point { x: int, y: int }", "(struct point (x: int) (y: int))"),
        ("pub struct p {\n x: int\n y: int[2]\n}", "(pub struct p (x: int) (y: int[2]))"),
        ("fn f() { }", "(fn f (parameters) {})"),
        (
            "pub fn norm(p: []int,\n q: long) -> long|int {\n return q\n}",
            "(pub fn norm (parameters (p: []int) (q: long)) -> long|int {\n  (return q)\n})",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(tree(text), expected, "{text}");
    }
}

#[test]
fn the_first_program_of_the_seed() {
    let text = "alloc 64 {\n    x = 42\n    y = 3.14\n    free(x)\n    z = 100l\n    z\n}\n";
    assert_eq!(tree(text), "(alloc 64 {\n  (= x 42)\n  (= y 3.14)\n  (free x)\n  (= z 100l)\n  z\n})");
}

#[test]
fn messages() {
    let cases = [
        ("x = 1 2", "1:7: error[E0202]: found `2`, expected the end of the statement"),
        ("let x = 5", "1:5: error[E0202]: found the name `x`, expected the end of the statement"),
        ("if x = 5 { }", "1:6: error[E0201]: found `=`, expected `{`"),
        ("fn f(a) { }", "1:7: error[E0201]: found `)`, expected `:`"),
        ("x = )", "1:5: error[E0212]: found `)`, expected an expression"),
        ("x =", "1:4: error[E0212]: found the end of the file, expected an expression"),
        ("alloc 8 {\n x =\n}", "2:5: error[E0212]: found the end of the line, expected an expression"),
        ("for i in 5, 6 { }", "1:11: error[E0201]: found `,`, expected `..`"),
        ("for = 3", "1:5: error[E0201]: found `=`, expected the name of the loop variable"),
        ("fn if() { }", "1:4: error[E0214]: found `if`, expected the name of the function"),
        ("import \"geometry\"", "1:8: error[E0201]: found `\"geometry\"`, expected the name of a module"),
        ("import a.b", "1:9: error[E0201]: found `.`, expected the end of the line"),
        ("extern log()", "1:8: error[E0201]: found the name `log`, expected `fn`"),
        ("extern fn log() { }", "1:17: error[E0201]: found `{`, expected the end of the line"),
        (
            "alloc 1 { import a }",
            "1:11: error[E0208]: found `import` inside a block, expected it at the top level of the file",
        ),
        ("x = nil", "1:5: error[E0205]: found `nil`, which is reserved and not part of the language yet"),
        ("free(a.b)", "1:7: error[E0201]: found `.`, expected `)`"),
        ("f(1 2)", "1:5: error[E0201]: found `2`, expected `,` or `)`"),
        ("f(1\ny = 2", "1:2: error[E0203]: found the end of the line, expected `)` to close `(`"),
        ("x = 1..2", "1:6: error[E0202]: found `..`, expected the end of the statement"),
        ("a[0].f(1)", "1:7: error[E0218]: found a call of an expression, expected a call of a name"),
        ("x = a\n.b(1)", "2:1: error[E0212]: found `.`, expected an expression"),
        ("x++", "1:3: error[E0212]: found `+`, expected an expression"),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text).1, expected, "{text}");
    }
}

#[test]
fn a_mistake_makes_one_complaint_and_the_rest_is_read() {
    let cases: [(&str, &[&str]); 29] = [
        ("x = @\ny = )\nz = 1 2\n", &["1:5 E0103", "2:5 E0212", "3:7 E0202"]),
        ("x = 1 @ 2\ny = 3", &["1:7 E0103"]),
        ("print(\"abc)\ny = 1\n", &["1:7 E0104"]),
        ("f(1,\n 2 3,\n 4)\ny = )", &["2:4 E0201", "4:5 E0212"]),
        ("f(1, (2, 3)\ny = 2\nz = )", &["1:2 E0203", "3:5 E0212"]),
        ("f(g(1, 2\nwhile a { x = ) }", &["1:4 E0203", "2:15 E0212"]),
        ("p = point { x = 1 +, y = 2\n z = * }\nw = )", &["1:20 E0212", "2:6 E0209", "3:5 E0212"]),
        ("struct s { x int, y: int\n z: 5\n}\ny = )", &["1:14 E0201", "2:5 E0213", "4:5 E0212"]),
        ("fn f(a, b: int) { x = ) }\ny = )", &["1:7 E0201", "1:23 E0212", "2:5 E0212"]),
        ("fn f( { x = ) }\ny = )", &["1:7 E0201", "1:13 E0212", "2:5 E0212"]),
        ("if x = 5 { y = ) }\nz = )", &["1:6 E0201", "1:16 E0212", "2:5 E0212"]),
        ("if { y = ) }\nz = )", &["1:4 E0212", "1:10 E0212", "2:5 E0212"]),
        ("while a b { }\nz = )", &["1:9 E0201", "2:5 E0212"]),
        ("if p == point { x = 1 } { y = 2 }\nz = )", &["1:9 E0211", "2:5 E0212"]),
        ("{ x = ) }\nz = )", &["1:7 E0212", "1:1 E0207", "2:5 E0212"]),
        ("alloc 8 { fn f() { x = ) } }\nz = )", &["1:11 E0208", "1:24 E0212", "2:5 E0212"]),
        ("alloc { x = ) }\nz = )", &["1:7 E0212", "1:13 E0212", "2:5 E0212"]),
        ("alloc 8 :bumb { x = 1 }\n", &["1:10 E0201"]),
        ("match x { 1 { a } }\nz = )", &["1:11 E0213", "2:5 E0212"]),
        ("class p { x: int }\nz = )", &["1:7 E0202", "2:5 E0212"]),
        ("if a { } elif b { }\nz = )", &["1:10 E0202", "2:5 E0212"]),
        ("x = (1 + ]\nz = )", &["1:10 E0212", "2:5 E0212"]),
        ("fn f() {\n  if a {\n    x = 1\n}\nfn g() { y = ) }", &["1:8 E0203", "5:14 E0212"]),
        ("alloc 8 {\n  if a {\n    x = 1\n", &["2:8 E0203"]),
        ("x = 1 }\ny = )", &["1:7 E0204", "2:5 E0212"]),
        ("x = 1)\ny = ]", &["1:6 E0204", "2:5 E0212"]),
        ("else { x = 1 }\ny = )", &["1:1 E0217", "2:5 E0212"]),
        ("x: int = *int(0)\ny = *int(0) + 1\na.b = *int(0)\n", &["1:10 E0216", "2:13 E0209", "3:1 E0216"]),
        ("1 = 2\na[0..1] = 2\nf() += 1\na.b: int\n", &["1:1 E0210", "2:1 E0210", "3:1 E0210", "4:1 E0210"]),
    ];
    for (text, expected) in cases {
        assert_eq!(codes(text), expected, "{text}\n{}", read(text).1);
    }
}

#[test]
fn a_lost_brace_is_looked_for_by_indentation() {
    let text = "fn f() {\n    if a {\n        x = 1\n}\n";
    let mut sources = Sources::new();
    let source = sources.add("t", text);
    let (tokens, _) = lexer::lex(source, text);
    let (_, diagnostics) = parse(source, text, &tokens);
    let labels: Vec<usize> = diagnostics.iter().flat_map(|one| &one.labels).map(|label| label.span.start).collect();
    assert_eq!(labels, [7, 35, 18, 34]);
}

#[test]
fn no_more_than_a_hundred_complaints() {
    let (_, complaints) = read(&"x = )\n".repeat(100_000));
    assert_eq!(complaints.lines().count(), 100);
}

#[test]
fn spans_cover_what_was_written() {
    let text = "x = (a + b) * f(1)[2]; if c { d }";
    let mut sources = Sources::new();
    let source = sources.add("t", text);
    let (tokens, _) = lexer::lex(source, text);
    let (file, _) = parse(source, text, &tokens);
    let statements: Vec<&str> = file.statements.iter().map(|statement| &text[statement.span.range()]).collect();
    assert_eq!(statements, ["x = (a + b) * f(1)[2]", "if c { d }"]);
    let Some(crate::ast::StatementKind::Assign { value: Some(value), .. }) =
        file.statements.first().map(|first| &first.kind)
    else {
        panic!("an assignment");
    };
    let crate::ast::ExpressionKind::Binary(_, operator, operands) = &value.kind else { panic!("a product") };
    let [left, right] = &**operands;
    assert_eq!(
        [&text[operator.range()], &text[left.span.range()], &text[right.span.range()]],
        ["*", "(a + b)", "f(1)[2]"]
    );
}

/// Reads a text and drops its tree on a stack of the given size.
fn on_stack(kilobytes: usize, text: String) -> Vec<String> {
    let thread = std::thread::Builder::new().stack_size(kilobytes * 1024).spawn(move || codes(&text));
    thread.expect("a thread").join().expect("no panic")
}

#[test]
fn the_deepest_nesting_fits_a_small_stack() {
    let deep =
        |(open, middle, close): (&str, &str, &str), times: usize| open.repeat(times) + middle + &close.repeat(times);
    // What is repeated, and how many levels each makes.
    let shapes = [
        (("(", "1", ")"), 1),
        (("[", "1", "]"), 1),
        (("-", "1", ""), 1),
        (("f(", "1", ")"), 1),
        (("1 + (", "1", ")"), 1),
        (("a[1..1 + ", "1", "]"), 1),
        (("p {\n x = 1 + ", "1", " }"), 1),
        (("if a {\n", "x", "\n}"), 1),
        (("if a { } else {\n", "x", "\n}"), 1),
        (("while a {\n", "x", "\n}"), 1),
        (("for i in 0..1 {\n", "x", "\n}"), 1),
        (("alloc 8 {\n", "x", "\n}"), 2),
        (("alloc 8 :pool(\n", "x", ") { }"), 2),
        (("x = 1 + alloc 8 {\n", "x", "\n}"), 2),
        (("x: int = 1 + alloc 8 {\n", "x", "\n}"), 2),
        (("for i in 0..1 + alloc 8 {\n", "x", "\n} { }"), 2),
    ];
    for (shape, levels) in shapes {
        let fits = MAX_NESTING / levels;
        assert_eq!(on_stack(512, deep(shape, fits)), Vec::<String>::new(), "{shape:?}");
        for text in [deep(shape, fits + 1), deep(shape, 100_000), shape.0.repeat(100_000)] {
            let complaints = on_stack(512, text);
            assert_eq!(complaints.len(), 1, "{shape:?}: {complaints:?}");
            assert!(complaints[0].ends_with("L0104"), "{shape:?}: {complaints:?}");
        }
    }
    let types = [
        ("x: []", "[]", "int", ""),
        ("x: ", "(", "int", ",)"),
        ("x: int", "[1]", "", ""),
        ("x: ", "int[f(", "1", ")]"),
    ];
    for (before, open, middle, close) in types {
        let complaints = on_stack(512, format!("{before}{}", deep((open, middle, close), 100_000)));
        assert_eq!(complaints.len(), 1, "{open}: {complaints:?}");
        assert!(complaints[0].ends_with("L0104"), "{open}: {complaints:?}");
    }
}

#[test]
fn long_chains_are_read_or_refused() {
    let repeated = |start: &str, part: &str, times: usize| start.to_owned() + &part.repeat(times);
    for part in ["+1", "||1", ".x", "[0]", " - 1"] {
        assert_eq!(on_stack(512, repeated("x", part, 990)), Vec::<String>::new(), "{part}");
        let complaints = on_stack(512, repeated("x", part, 100_000));
        assert_eq!(complaints.len(), 1, "{part}: {complaints:?}");
        assert!(complaints[0].ends_with("L0105"), "{part}: {complaints:?}");
    }
    for (start, part) in [
        ("if a { }", " else if a {\n }"),
        ("x: int", "|\nint"),
        ("f(1", ", 1"),
        ("x = 1", "\nx = 1"),
        ("x = 1", ";"),
        ("", "free(x)\n"),
    ] {
        let close = if start == "f(1" { ")" } else { "" };
        assert_eq!(on_stack(512, repeated(start, part, 100_000) + close), Vec::<String>::new(), "{part}");
    }
    // A chain above a chain, again and again: each is short, together they are too deep.
    let chained = "(".repeat(200) + "1" + &"+1+1+1+1+1+1)".repeat(200);
    let in_a_function = repeated("fn f() {\nx = 1", "+1", 100_000) + "\n}\n";
    for text in [chained, in_a_function] {
        let complaints = on_stack(512, text);
        assert!(complaints.len() == 1 && complaints[0].ends_with("L0105"), "{complaints:?}");
    }
}

#[test]
fn the_highest_tree_can_be_printed() {
    let text =
        "x = ".to_owned() + &"alloc 8 {\nif a {\n".repeat(80) + "y = 1" + &" + 1".repeat(500) + &"\n}\n}".repeat(80);
    let printing = move || print(&read(&text).0).len();
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(printing);
    assert!(thread.expect("a thread").join().expect("no panic") > 1000);
}

#[test]
fn odd_inputs_take_linear_time() {
    for part in [
        "if ",
        "{",
        "}",
        "( ",
        ")",
        "fn ",
        "x = (\n",
        "alloc ",
        "alloc 8 :pool(",
        "else ",
        "pub ",
        "p {",
        "\"\n",
        "x y {",
        "f(}",
        "[)",
        "* ",
        "..",
        "struct a {",
    ] {
        let complaints = on_stack(2048, part.repeat(100_000));
        assert!((1..=200).contains(&complaints.len()), "{part}: {}", complaints.len());
    }
}

#[test]
fn any_cut_of_a_program_can_be_read() {
    let text = "pub fn f(a: int, b: []int) -> (int, bool) {\n  alloc 8 { x: int|bool = -1 + f(2, [3])[0..1].y; y = *int(0) }\n  \
                if a < p.0 { return 'a' } else { for i in 0..n { x += q { a = 1, b = (2,) } } }\n}\n";
    for start in 0..text.len() {
        let mut without = text.to_owned();
        without.remove(start);
        for part in [&text[start..], &text[..start], &without] {
            print(&read(part).0);
        }
    }
}

#[test]
fn every_example_provokes_its_code_first() {
    let ours = explain::codes().filter(|code| {
        ["E01", "E02", "L0101", "L0102", "L0103", "L0104", "L0105"].iter().any(|family| code.starts_with(family))
    });
    for code in ours {
        let page = explain::explain(code).expect("a code has a page");
        let (form, example) = example(page, code).unwrap_or_else(|| panic!("{code} has no example"));
        let first = first_complaint(&bytes(form, example));
        assert_eq!(first.as_deref(), Some(code), "{example}");
    }
}

/// The first fenced block of a page that is marked with the code, and its form.
fn example<'a>(page: &'a str, code: &str) -> Option<(&'a str, &'a str)> {
    page.split("```").skip(1).step_by(2).find_map(|block| {
        let (mark, example) = block.split_once('\n')?;
        let (form, marked) = mark.split_once(',')?;
        (marked == code).then_some((form, example))
    })
}

fn bytes(form: &str, example: &str) -> Vec<u8> {
    match form {
        "repeat" => {
            let (count, part) = example.trim_end().split_once(" × ").expect("N × text");
            part.repeat(count.parse().expect("a number")).into_bytes()
        }
        "bytes" => {
            let mut parts = example.split("\\x");
            let mut bytes = parts.next().unwrap_or("").as_bytes().to_vec();
            for part in parts {
                bytes.push(u8::from_str_radix(&part[..2], 16).expect("two digits"));
                bytes.extend_from_slice(&part.as_bytes()[2..]);
            }
            bytes
        }
        _ => example.as_bytes().to_vec(),
    }
}

fn first_complaint(bytes: &[u8]) -> Option<String> {
    let text = match lexer::text("t", bytes) {
        Ok(text) => text,
        Err(diagnostic) => return Some(diagnostic.code.to_owned()),
    };
    let mut sources = Sources::new();
    let source = sources.add("t", "");
    let (tokens, complaints) = lexer::lex(source, &text);
    let (_, more) = parse(source, &text, &tokens);
    let first: Option<&Diagnostic> = complaints.first().or(more.first());
    first.map(|diagnostic| diagnostic.code.to_owned())
}

#[test]
fn every_code_of_the_source_has_a_page() {
    let sources = [
        include_str!("../lexer.rs"),
        include_str!("../lexer/number.rs"),
        include_str!("../lexer/quoted.rs"),
        include_str!("cursor.rs"),
        include_str!("expressions.rs"),
        include_str!("items.rs"),
        include_str!("operators.rs"),
        include_str!("statements.rs"),
        include_str!("types.rs"),
    ];
    let is_code = |word: &&str| {
        word.len() == 5 && word.starts_with(['E', 'L']) && word[1..].bytes().all(|byte| byte.is_ascii_digit())
    };
    for code in sources.iter().flat_map(|source| source.split('"')).filter(is_code) {
        assert!(explain::explain(code).is_some(), "{code} has no section in spec/errors.md");
    }
}

#[test]
fn constants_below_each_other_are_not_one_inside_the_other() {
    let chain: String = (1..2 * MAX_HEIGHT).map(|place| format!("const A{place} = A{} + 1\n", place - 1)).collect();
    assert_eq!(codes(&format!("const A0 = 0\n{chain}print(A9)")), Vec::<String>::new());
}
