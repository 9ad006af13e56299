//! Text → complaints, in their short form: each row is what is written in a function, or a whole file.

use proptest::prelude::*;
use vega_asm::{Options, assemble};
use vega_report::{Format, Sources, draw};

fn complaints(text: &str) -> String {
    let mut sources = Sources::new();
    let source = sources.add("t.vasm", text);
    let (bytes, diagnostics) = assemble(&sources, source, Options::default());
    assert_eq!(bytes.is_none(), !diagnostics.is_empty(), "{text}");
    let lines = diagnostics.iter().map(|diagnostic| draw(diagnostic, &sources, Format::Short, false));
    lines.map(|line| line.replace("t.vasm:", "").replace("error", "")).collect()
}

/// The hints of what is complained about in a function of one line.
fn hints(line: &str) -> Vec<String> {
    let mut sources = Sources::new();
    let source = sources.add("t.vasm", format!(".entry main()V print\n.function main()V\n{line}\nRETURN\n.end\n"));
    let (_, diagnostics) = assemble(&sources, source, Options::default());
    diagnostics.iter().flat_map(|diagnostic| diagnostic.hint.clone()).collect()
}

#[test]
fn instructions_of_other_assemblers() {
    let constant = "a constant is pushed by `LOAD_CONST index=int:42`";
    for (line, hint) in [
        ("PUSH 42", constant),
        ("i32.const 42", constant),
        ("iload_0", "that is `VAR_LOAD slot=SLOT` here"),
        ("local.set 0", "that is `VAR_STORE slot=SLOT` here"),
        ("ladd", "that is `ADD_LONG` here"),
        ("f64.mul", "that is `MUL_DECIMAL` here"),
        ("i64.lt_s", "that is `LT_LONG` here"),
        ("JNZ there", "that is `JUMP_TRUE target=LABEL` here"),
        ("drop", "that is `STACK_POP` here"),
        ("nop", "no instruction does nothing; leave it out"),
        ("SUB", "there is `SUB_BYTE`, `SUB_SHORT`, `SUB_INT`, `SUB_LONG`, `SUB_FLOAT`, `SUB_DECIMAL`"),
        ("i64.extend_i32_s", "`spec/instruction-set.md` has all instructions, with what source yields each"),
    ] {
        assert_eq!(hints(line), [hint], "{line}");
    }
}

#[test]
fn refusals_of_the_verifier_say_what_to_write() {
    let slots = ".slot 0 variable 00000010\n.slot 1 stencil string<8>\n.slot 2 stencil int[2]\n";
    for (line, hint) in [
        ("LOAD_CONST long:1\nLOAD_CONST long:2\nADD_INT\nSTACK_POP", "`ADD_LONG` takes `long`"),
        (
            "LOAD_CONST long:1\nLOAD_CONST int:2\nADD_INT\nSTACK_POP",
            "`LONG_TO_INT` makes `int` of it, where it is pushed",
        ),
        ("LOAD_CONST int:1\nLOAD_CONST char:'a'\nADD_INT\nSTACK_POP", "`CHAR_TO_INT` makes `int` of it"),
        (
            "LOAD_CONST int:1\nJUMP_TRUE 0",
            "a comparison makes a bool: `NE_INT` with `LOAD_CONST index=int:0` before it",
        ),
        (
            "STACK_ALLOC 8\nVAR_LOAD 2",
            "`FIELD_LOAD` reads a part of a struct or tuple, `ELEM_LOAD` an element of an array",
        ),
        ("STENCIL_ALLOC 0 4", "`VAR_ALLOC` reserves a variable"),
        ("TEXT_VIEW 2", "a text is declared by its most bytes: `.slot x = 0 stencil string<16>`"),
        ("FIELD_LOAD 2 3 int", "a part can be named instead of its place: `offset=corners.1.x`"),
        ("VAR_ALLOC 0 00000010", "open one before it: `STACK_ALLOC capacity=64`, and end that with `STACK_FREE`"),
        ("STACK_FREE", "it ends what a `STACK_ALLOC` before it opened: take one of them out"),
        ("STACK_ALLOC 8", "end it before: `STACK_FREE`"),
        (".stack 0\nLOAD_CONST int:1\nSTACK_POP", "leave out `.stack`, and it is measured"),
    ] {
        assert_eq!(hints(&format!("{slots}{line}")), [hint], "{line}");
    }
}

#[test]
fn values_without_their_types() {
    for (line, hint) in [
        ("LOAD_CONST true", "write `bool:true`"),
        ("LOAD_CONST -1", "write `int:-1`"),
        ("LOAD_CONST -3000000000", "write `long:-3000000000`"),
        ("LOAD_CONST 3.14", "write `decimal:3.14`"),
        ("LOAD_CONST 'x'", "write `char:'x'`"),
        ("LOAD_CONST f64:1", "did you mean `decimal`?"),
        ("CALL_NAT main()V", "it is a function of this listing: `CALL function=main()V`"),
    ] {
        assert_eq!(hints(line), [hint], "{line}");
    }
    let file = ".entry main()V print\n.import io.put(I)V\n.function main()V\nCALL io.put(I)V\nRETURN\n.end\n";
    let mut sources = Sources::new();
    let source = sources.add("t.vasm", file);
    let (_, diagnostics) = assemble(&sources, source, Options::default());
    let hints: Vec<_> = diagnostics.iter().flat_map(|diagnostic| diagnostic.hint.clone()).collect();
    assert_eq!(hints, ["it is a function of the host: `CALL_NAT import=io.put(I)V`"]);
}

#[test]
fn a_label_without_its_colon_is_told_once() {
    check("again\nJUMP again", &["3:1: [A003]: unknown instruction `again`"]);
    assert_eq!(hints("again"), ["a label ends in a colon: `again:`; instructions are in capitals"]);
    assert_eq!(hints("end"), ["a block ends with `.end`, and a function before it with `RETURN`"]);
}

#[test]
fn the_beginning_of_a_directive_is_enough_to_know_it() {
    let file = ".library\n.func f()V\nLOAD_CONST int:1\nSTACK_POP\nRETURN\n.end\n";
    check_file(file, &["2:1: [A004]: unknown directive `.func`"]);
}

#[test]
fn static_blocks_without_room() {
    let file = |body: &str| format!(".library\n.static 4\n{body}\n.end\n.function f()V\nRETURN\n.end\n");
    check_file(&file(".variable int"), &[]);
    check_file(
        &file(".variable int\n.variable int"),
        &["2:9: [A013]: found `4`, wanted at least 8, the bytes of its variables"],
    );
    check_file(
        &file(".bytes \"0102030405\""),
        &["2:9: [A013]: found `4`, wanted at least 5, the bytes of its `.bytes`"],
    );
}

#[test]
fn digits_in_groups() {
    check("LOAD_CONST int:1_000_000\nSTACK_POP\nLOAD_CONST decimal:1_000.5e1_0\nSTACK_POP", &[]);
    for number in ["int:_1", "int:1_", "int:1__0", "decimal:1_.5"] {
        let tag = number.split(':').next().unwrap_or_default();
        let value = number.split(':').nth(1).unwrap_or_default();
        let words = format!("3:12: [A007]: found `{value}`, wanted a number for `{tag}`");
        check(&format!("LOAD_CONST {number}"), &[&words]);
    }
}

#[test]
fn comments_of_other_languages() {
    for line in ["LOAD_CONST int:1 // one", "STACK_POP // it", "RETURN //back"] {
        assert!(hints(line).contains(&"a comment begins with `;` or `#`".to_owned()), "{line}");
    }
}

#[test]
fn what_is_not_declared_is_written_out() {
    for (line, hint) in [
        ("LOAD_CONST 42", "a value has a type before it: `int:42`; a number alone counts the `.const`"),
        ("CALL_NAT import=io.put(s)V", "if the host provides it, say so before the functions: `.import io.put(s)V`"),
        ("VAR_LOAD 0", "slots are declared before the instructions: `.slot x = 0 variable 00000010`, for an int"),
    ] {
        assert_eq!(hints(line), [hint], "{line}");
    }
}

/// Lines inside a function that begins on line 2.
fn check(body: &str, expected: &[&str]) {
    let text = format!(".entry main()V print\n.function main()V\n{body}\nRETURN\n.end\n");
    let found = complaints(&text);
    assert_eq!(found.lines().collect::<Vec<_>>(), expected, "{body}");
}

fn check_file(text: &str, expected: &[&str]) {
    let found = complaints(text);
    assert_eq!(found.lines().collect::<Vec<_>>(), expected, "{text}");
}

#[test]
fn instructions_and_operands() {
    check("", &[]);
    check("VAR_LAOD slot=0", &["3:1: [A003]: unknown instruction `VAR_LAOD`"]);
    check("return", &["3:1: [A003]: unknown instruction `return`"]);
    check("JUMP", &["3:1: [A005]: `JUMP` has no operands here, wanted 1 operand"]);
    check("RETURN 1", &["3:8: [A005]: `RETURN` has 1 operand here, wanted no operands"]);
    check("VAR_FREE slt=0", &["3:10: [A006]: `VAR_FREE` has no operand `slt`, wanted `slot` here"]);
    check(
        "VAR_ALLOC mask=00000010 slot=0",
        &["3:11: [A006]: operand `mask` of `VAR_ALLOC` stands where `slot` is wanted"],
    );
    check("VAR_FREE slot=", &["3:15: [A007]: `slot` is nothing, wanted a number or the name of a slot"]);
    check(
        "VAR_PTR 0 ints",
        &[
            "3:11: [A007]: no scalar type is named `ints`, wanted one of short, int, long, float, decimal, bool, byte, char",
        ],
    );
    check("VAR_ALLOC 0 2", &["3:13: [A007]: `mask` is `2`, wanted eight binary digits, such as `00000010` for int"]);
}

#[test]
fn operands_out_of_range() {
    check("VAR_ALLOC 0 100000000", &["3:13: [A008]: `mask` is 100000000, out of range: 00000000 to 11111111"]);
    check("VAR_FREE slot=65536", &["3:15: [A008]: `slot` is 65536, out of range: 0 to 65535"]);
    for number in ["4294967296", "-1", "0x1_0000_0000", "99999999999999999999999999"] {
        let words = format!("3:22: [A008]: `capacity` is {number}, out of range: 0 to 2147483647");
        check(&format!("STACK_ALLOC capacity={number}"), &[&words]);
    }
    check("LOAD_CONST byte:256", &["3:12: [A008]: `256` is out of range for `byte`: 0 to 255"]);
}

#[test]
fn names() {
    check("JUMP lop\nloop:", &["3:6: [A009]: label `lop` is not defined"]);
    check("a:\na:", &["4:1: [A010]: label `a` stands twice"]);
    check("1a:", &["3:1: [A013]: found `1a`, wanted a label: letters, digits and `_`"]);
    check("JUMP 0x3", &["3:6: [A020]: no instruction of this function starts at 0x0003; its code ends at 0x0006"]);
    check("LOAD_CONST 0", &["3:12: [A009]: constant 0 is not defined; the listing has 0 `.const`, counted from 0"]);
    check("LOAD_CONST ansewr", &["3:12: [A009]: constant `ansewr` is not defined"]);
    check(
        ".slot 0 stencil (int,bool) p\nFIELD_LOAD p 2 int\nFIELD_LOAD p x int\nFIELD_LOAD p",
        &["5:14: [A009]: part `x` is not defined", "6:1: [A005]: `FIELD_LOAD` has 1 operand here, wanted 3 operands"],
    );
    check("CALL main", &["3:6: [A009]: function `main` is not defined"]);
    check("CALL 7", &["3:6: [A009]: function 7 is not defined; the listing has 1 `.function`, counted from 0"]);
    check("CALL_NAT put(I)V", &["3:10: [A009]: import `put(I)V` is not defined"]);
    check(
        ".slot 0 alias int x\n.slot 1 alias int x\nVAR_LOAD x\nVAR_LOAD y",
        &["5:10: [A019]: several slots are named `x`", "6:10: [A009]: slot `y` is not defined"],
    );
    check_file(
        ".library\n.import f()V\n.import f()V\n.function f()V\nRETURN\n.end\n.function f()V\nRETURN\n.end\n",
        &["3:9: [A010]: import `f()V` stands twice", "7:11: [A010]: function `f()V` stands twice"],
    );
}

#[test]
fn literals() {
    check("LOAD_CONST \"abc ; no comment", &["3:12: [A002]: this string is never closed"]);
    check("LOAD_CONST char:'x", &["3:17: [A002]: this character is never closed"]);
    let one_of = r#"wanted one of \n \r \t \0 \\ \" \' \u{hex}"#;
    check(r#"LOAD_CONST "ab\x""#, &[&format!(r"3:12: [A002]: unknown escape `\x`, {one_of}")]);
    check(
        r#"LOAD_CONST "\u{110000}""#,
        &[r"3:12: [A002]: `\u{110000}` is beyond U+10FFFF, the last Unicode character"],
    );
    check(
        r#"LOAD_CONST "\u{D800}""#,
        &[r"3:12: [A002]: `\u{D800}` is half of a surrogate pair, not a Unicode character"],
    );
    check("LOAD_CONST char:'ab'", &["3:17: [A002]: 2 characters between the quotes, wanted one"]);
    check(
        "LOAD_CONST in:1",
        &[
            "3:12: [A007]: no scalar type is named `in`, wanted one of short, int, long, float, decimal, bool, byte, char",
        ],
    );
    check("LOAD_CONST bool:1", &["3:12: [A007]: found `1`, wanted `true` or `false`"]);
}

#[test]
fn directives() {
    check(".slto 0 alias int", &["3:1: [A004]: unknown directive `.slto`"]);
    check(".slot 1 alias int", &["3:7: [A013]: found `1`, wanted 0: slots stand in order, from 0"]);
    check(
        ".slot 0 alias",
        &["3:1: [A013]: the arguments do not fit, wanted `.slot name = number [variable|stencil|alias type]`"],
    );
    check(".slot x = 0\nVAR_LOAD x", &["3:7: [A021]: nothing says what the slot `x` is"]);
    check(".slot x = 1", &["3:11: [A013]: found `1`, wanted 0: slots stand in order, from 0"]);
    check(
        ".slot x =",
        &["3:1: [A013]: the arguments do not fit, wanted `.slot name = number [variable|stencil|alias type]`"],
    );
    check(".slot 0 thing int", &["3:9: [A013]: found `thing`, wanted `variable`, `stencil` or `alias`"]);
    check(".slot 0 stencil int", &["3:17: [A017]: `int` is a scalar; write `variable 00000010`"]);
    check(".slot 0 stencil int[0]", &["3:17: [A017]: type `int[0]`: found `0`, wanted a number from 1 to 2147483647"]);
    check(".slot 0 stencil point", &["3:17: [A009]: struct `point` is not defined"]);
    check(".slot 0 stencil int[2147483647]", &["3:17: [A017]: the type is larger than 2147483647 bytes"]);
    check(".parameter x", &["3:12: [A013]: found `x`, wanted a `.parameter` less: `main()V` has 0"]);
    check(".stack 65536", &["3:8: [A008]: `.stack` is 65536, out of range: 0 to 65535"]);
    check(".stack 0\n.stack 0", &["4:1: [A010]: `.stack` stands twice"]);
    check(".line 3", &["3:1: [A018]: `.line` has no use: the file names no `.source`"]);
    check(".producer \"x\"", &["3:1: [A012]: `.producer` stands outside all blocks"]);
    check(".stack 1\n.append \"x\"", &["4:1: [A012]: `.append` stands behind a directive that ends in a text"]);
    check(".append \"x\"", &["3:1: [A012]: `.append` stands behind a directive that ends in a text"]);
    check_file(
        ".library\n.slot 0 alias int\n.custom 10 \"x\" \"\"\n.custom 11 \"x\" \"abc\"\n.function main(V\n.end\n.function f()V\nRETURN\n.end",
        &[
            "2:1: [A012]: `.slot` stands between `.function` and `.end`",
            "3:9: [A013]: found `10`, wanted a number above 10, those of the known sections",
            "4:16: [A013]: found `abc`, wanted pairs of hex digits",
            "5:11: [A016]: mangled name `main(V`: found `V`, wanted a type or `)`",
        ],
    );
    check_file(
        ".library\n.struct p\n.field x int\n.field x int\n.end\n.struct q\n.end\n.function f(1q)V\nRETURN\n.end",
        &["4:1: [A010]: field `x` stands twice", "6:9: [A017]: the type has no bytes"],
    );
}

#[test]
fn objects() {
    let file = |directives: &str| format!("{directives}\n.function f()V\nCALL function=g()V\nRETURN\n.end\n.limit 0");
    let wrong_place = "7:1: [A012]: `.limit` stands between `.function` and `.end`";
    check_file(&file(".object\n.import g()V module"), &[wrong_place]);
    check_file(
        ".library\n.import g()V module\n.function f()V\nCALL function=g()V\nRETURN\n.end",
        &["2:9: [A014]: `g()V` is left to another module, and the file is no object"],
    );
    check_file(
        ".object\n.library\n.import f()V module\n.import f()V module\n.function f()V\n.limit 0\nRETURN\n.end",
        &[
            "1:1: [A014]: a library is linked, and an object is not",
            "3:9: [A010]: function `f()V` stands twice",
            "4:9: [A010]: import `f()V` stands twice",
            "6:8: [A008]: `.limit` is 0, out of range: 1 to 4294967295",
        ],
    );
    check_file(
        ".object\n.custom 11 \"\" \"\"\n.custom 12 \"x\" \"\"\n.custom 12 \"y\" \"\"\n.certificate \"0\"\n.function f()V\nRETURN\n.end",
        &[
            "2:12: [A013]: found ``, wanted a name of 1 to 255 bytes",
            "4:9: [A010]: section 12 stands twice",
            "5:14: [A013]: found `0`, wanted pairs of hex digits",
        ],
    );
}

#[test]
fn blocks() {
    check_file(
        ".producer \"x\"\n.library\n.append \"y\"\n.function f()V\nRETURN\n.end\n",
        &["3:1: [A012]: `.append` stands behind a directive that ends in a text"],
    );
    let open = "1:1: [A011]: this `.function` has no `.end`";
    check_file(".function main()V\nRETURN\n", &[open]);
    check_file(".function main()V\nRETURN\n.function f()V\nRETURN\n.end\n", &[open]);
    check_file(".library\n.function f()V\nRETURN\n.end;now\n.function g()V\nRETURN\nx: .end#now", &[]);
    check_file(
        ".library\n.end\n.function f()V\nRETURN\n.end",
        &["2:1: [A011]: `.end` without a `.function` or `.struct`"],
    );
    check_file(".library\n.function f()V\nRETURN\n.end\nRETURN\nRETURN\n", &["5:1: [A012]: code outside a function"]);
}

#[test]
fn files_as_a_whole() {
    let nothing = ["1:1: [A015]: there is not one instruction to assemble"];
    for text in ["", "\u{feff}", "; only a comment\n", ".library\n", ".library\n.function f()V\n.end\n"] {
        assert_eq!(complaints(text).lines().take(1).collect::<Vec<_>>(), nothing, "{text}");
    }
    let main = ".function main()V\nRETURN\n.end\n";
    check_file(main, &["1:1: [A014]: the file says neither `.entry` nor `.library` nor `.object`"]);
    check_file(&format!("\u{feff}.entry main()V print\r\n{main}"), &[]);
    check_file(&format!(".entry main()V print\n.library\n{main}"), &["2:1: [A014]: a library has no entry"]);
    check_file(&format!(".entry mian()V print\n{main}"), &["1:8: [A009]: function `mian()V` is not defined"]);
    check_file(&format!(".entry main()V x\n{main}"), &["1:16: [A013]: found `x`, wanted `print` or `status`"]);
}

#[test]
fn what_the_verifier_refuses_is_told_at_its_line() {
    check("STACK_POP", &["3:1: [V201]: the stack is empty"]);
    check("JUMP end\nRETURN\nend:\nSTACK_FREE", &["6:1: [V301]: no arena is open"]);
    check_file(".entry f()V print\n.function f()V\nRETURN\n.end\n", &["1:1: [V401]: no function is named `main`"]);
}

#[test]
fn limits_are_reached_without_allocating_much() {
    let long = format!(";{}", "x".repeat(10 << 20));
    check(&long, &["3:1: [L201]: this line has 10485762 bytes; the limit is 1048576 (line length, cannot be raised)"]);
    let name = format!("CALL f({})V", "I".repeat(10_000));
    assert!(complaints(&format!(".library\n.import f({})V\n", "I".repeat(5000))).contains("[L002]"));
    assert!(complaints(&name).contains("code outside"));
    let labels: String = (0..1_000_000).map(|number| format!("l{number}:\n")).collect();
    check(&labels, &[]);
    let slots: String = (0..65_536).map(|number| format!(".slot {number} alias int s{number}\n")).collect();
    check(
        &slots,
        &["65538:1: [L203]: the number of slots is 65536; the limit is 65535 (part of the format, cannot be raised)"],
    );
}

#[test]
fn many_complaints_are_cut() {
    let found = complaints(&".x\n".repeat(1_000_000));
    assert_eq!(found.lines().count(), 101);
    assert_eq!(found.lines().last(), Some("note: stopped after 100 s"), "the word `error` is cut from all lines");
}

proptest! {
    #[test]
    fn no_text_is_too_strange(lines in prop::collection::vec(
        prop_oneof![
            "\\PC{0,20}",
            "\\.(function|end|struct|field|slot|const|append|line|custom|parameter) ?(f\\(I\\)I|[0-9]|\"a\"|int|alias|x) ?(int|x|\"\")?",
            "(VAR_LOAD|CALL|JUMP|LOAD_CONST|RETURN|CELL_LOAD|x:) ?(slot=|cell=)?(0|x|int:1|f\\(I\\)I|0x0)?",
        ],
        0..20,
    )) {
        complaints(&lines.join("\n"));
    }
}
