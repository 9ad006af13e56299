//! A fault in each of some functions gives just as many complaints, each inside of its function: nothing hides another
//! one's fault, and none has two.

use proptest::prelude::*;
use vega_asm::{Options, assemble, disassemble};
use vega_report::Sources;

/// A function with one of everything, which calls the one after it.
fn good(number: usize, count: usize) -> Vec<String> {
    let callee = (number + 1) % count;
    let text = format!(
        ".function f{number}(I)I
.parameter count
.slot x = 0 variable 00000010
.slot p = 1 stencil point
STACK_ALLOC capacity=16
again:
VAR_ALLOC slot=x mask=00000010
STENCIL_ALLOC slot=p size=8
LOAD_CONST index=\"text ; no comment\"
STACK_POP
CELL_LOAD cell=count
VAR_STORE slot=x
FIELD_LOAD slot=p offset=y tag=int
CALL_NAT import=io.put(I)V
VAR_LOAD slot=x
CALL function=f{callee}(I)I
LOAD_CONST index=int:{number}
GT_INT
JUMP_TRUE target=done
VAR_FREE slot=x
JUMP target=last
done:
VAR_FREE slot=x
last:
STACK_FREE
LOAD_CONST index=seven
RETURN
.end"
    );
    text.lines().map(str::to_owned).collect()
}

/// What stands on a line of a good function, and what may stand there instead; all that it takes for one complaint.
const FAULTS: &[(&str, &str)] = &[
    ("STACK_ALLOC capacity=16", "STACK_ALOC capacity=16"),
    ("STACK_ALLOC capacity=16", "STACK_ALLOC"),
    ("STACK_ALLOC capacity=16", "STACK_ALLOC capacity=16 1"),
    ("STACK_ALLOC capacity=16", "STACK_ALLOC size=16"),
    ("STACK_ALLOC capacity=16", "STACK_ALLOC capacity=4294967296"),
    ("STACK_ALLOC capacity=16", "STACK_ALLOC capacity=x"),
    ("STACK_ALLOC capacity=16", "STACK_ALLOC capacity=16 \"open"),
    ("VAR_ALLOC slot=x mask=00000010", "VAR_ALLOC slot=x mask=2"),
    ("VAR_ALLOC slot=x mask=00000010", "VAR_ALLOC slot=y mask=00000010"),
    (".slot x = 0 variable 00000010", ".slto x = 0 variable 00000010"),
    (".slot x = 0 variable 00000010", ".slot x = 0 thing 00000010"),
    (".slot x = 0 variable 00000010", ".slot x = 1 variable 00000010"),
    (".slot x = 0 variable 00000010", ".slot 2x = 0 variable 00000010"),
    (".slot x = 0 variable 00000010", ".slot x = 0 variable"),
    (".slot x = 0 variable 00000010", ".slot x = 0 variable 00000010 \"open"),
    (".slot p = 1 stencil point", ".slot p = 1 stencil pint"),
    (".slot p = 1 stencil point", ".slot p = 1 stencil int[0]"),
    (".parameter count", ".parameter 1count"),
    (".parameter count", ".parameter"),
    (".parameter count", ".param count"),
    (".parameter count", ".producer \"here\""),
    ("again:", "aga-in:"),
    ("done:", "do-ne:"),
    ("done:", ".done:"),
    ("again:", "done:"),
    ("JUMP_TRUE target=done", "JUMP_TRUE target=don"),
    ("JUMP_TRUE target=done", "JUMP_TRUE target=1"),
    ("FIELD_LOAD slot=p offset=y tag=int", "FIELD_LOAD slot=p offset=z tag=int"),
    ("FIELD_LOAD slot=p offset=y tag=int", "FIELD_LOAD slot=p offset=y tag=integer"),
    ("LOAD_CONST index=\"text ; no comment\"", "LOAD_CONST index=\"text"),
    ("LOAD_CONST index=\"text ; no comment\"", "LOAD_CONST index=\"te\\xt\""),
    ("LOAD_CONST index=\"text ; no comment\"", "LOAD_CONST index=7"),
    ("LOAD_CONST index=seven", "LOAD_CONST index=sevn"),
    ("CELL_LOAD cell=count", "CELL_LOAD cell=coutn"),
    ("CALL_NAT import=io.put(I)V", "CALL_NAT import=io.putt(I)V"),
    ("RETURN", "return"),
    (".end", ""),
    (".end", ".end now"),
    (".end", ".ende"),
];

/// What stands on a line of a good function, and what the verifier refuses there.
const REFUSED: &[(&str, &str)] = &[
    ("GT_INT", "GT_LONG"),
    ("VAR_LOAD slot=x", "LOAD_CONST index=float:1"),
    ("FIELD_LOAD slot=p offset=y tag=int", "FIELD_LOAD slot=p offset=y tag=bool"),
    ("LOAD_CONST index=seven", "LOAD_CONST index=bool:true"),
];

/// The first line of the function at `place`, with another one there.
fn faulty_head(number: usize, fault: usize) -> String {
    match fault {
        0 => format!(".function f{number}(J)I"),
        1 => format!(".function f{number}(I"),
        2 => format!(".function f{number}(I)I exportde"),
        _ => format!(".functoin f{number}(I)I"),
    }
}

const HEADS: usize = 4;

/// The same of what stands before the functions.
const HEADER: &str = "\
.library
.source \"a.vg\"
.import io.put(I)V
.const seven = int:7
.struct point
.field x int
.field y int
.end
.static 8
.variable int turns
.end
.function g(I)I
.slot x = 0
.file 0
.line 1
STACK_ALLOC capacity=16
VAR_ALLOC slot=x mask=00000010
LOAD_CONST index=seven
VAR_STORE slot=x
VAR_LOAD slot=x
CALL_NAT import=io.put(I)V
STACK_FREE
STATIC_LOAD block=0 offset=turns tag=int
RETURN
.end";

const HEADER_FAULTS: &[(&str, &str)] = &[
    (".source \"a.vg\"", ".sorce \"a.vg\""),
    (".source \"a.vg\"", ".source \"a.vg"),
    (".import io.put(I)V", ".improt io.put(I)V"),
    (".import io.put(I)V", ".import io.put(X)V"),
    (".import io.put(I)V", ".import io.put(I)V of host"),
    (".const seven = int:7", ".cosnt seven = int:7"),
    (".const seven = int:7", ".const seven= int:7"),
    (".const seven = int:7", ".const seven = imt:7"),
    (".struct point", ".struckt point"),
    (".field x int", ".feild x int"),
    (".field x int", ".field x itn"),
    (".static 8", ".sttic 8"),
    (".static 8", ".static many"),
    (".variable int turns", ".varaible int turns"),
    (".function g(I)I", ".functoin g(I)I"),
    (".slot x = 0", ".slot 1x = 0"),
    (".slot x = 0", ".slto x = 0"),
    (".file 0", ".fiel 0"),
    (".file 0", ".producr 0"),
    ("VAR_ALLOC slot=x mask=00000010", "VAR_ALLOC slot=x mask=0000001"),
    ("VAR_ALLOC slot=x mask=00000010", "VAR_ALLOC slot=z mask=00000010"),
    ("VAR_ALLOC slot=x mask=00000010", "VAR_ALLOC slot=x mask=00000010 1"),
];

/// Directives outside of functions that are misspelled or do not fit take along nothing that speaks of what they define.
#[test]
fn each_fault_before_the_functions_is_one_complaint() {
    let complaints = |header: &str| {
        let mut sources = Sources::new();
        let source = sources.add("t.vasm", format!("{header}\n{}\n{}\n", good(0, 2).join("\n"), good(1, 2).join("\n")));
        let (_, diagnostics) = assemble(&sources, source, Options::default());
        let told = |diagnostic: &vega_report::Diagnostic| {
            (sources.position(source, diagnostic.primary().expect("a place").span.start).line, diagnostic.title.clone())
        };
        diagnostics.iter().map(told).collect::<Vec<_>>()
    };
    assert_eq!(complaints(HEADER), []);
    for (old, new) in HEADER_FAULTS {
        let line = HEADER.lines().position(|line| line == *old).expect("a line of the header") + 1;
        let found = complaints(&HEADER.replacen(old, new, 1));
        assert!(matches!(found.as_slice(), [(place, _)] if *place == line), "{new}: {found:#?}");
    }
    let one_line = complaints(&format!("{HEADER}\n.function h()V RETURN .end"));
    assert_eq!(one_line.len(), 1, "{one_line:#?}");
}

fn complaints(functions: &[Vec<String>]) -> Vec<(usize, String)> {
    let header = ".library\n.import io.put(I)V\n.const seven = int:7\n.struct point\n.field x int\n.field y int\n.end";
    let text = format!("{header}\n{}\n", functions.concat().join("\n"));
    let mut sources = Sources::new();
    let source = sources.add("t.vasm", text);
    let (_, diagnostics) = assemble(&sources, source, Options::default());
    let found = diagnostics.iter().map(|diagnostic| {
        let label = diagnostic.primary().expect("every complaint has a place");
        let line = sources.position(label.source, label.span.start).line - header.lines().count() - 1;
        let mut ends = functions.iter().scan(0, |end, function| {
            *end += function.len();
            Some(*end)
        });
        (ends.position(|end| line < end).unwrap_or(functions.len()), diagnostic.title.clone())
    });
    found.collect()
}

fn check(count: usize, faults: &[(usize, usize)]) -> Result<(), TestCaseError> {
    let mut functions: Vec<Vec<String>> = (0..count).map(|number| good(number, count)).collect();
    for (number, fault) in faults {
        let lines = &mut functions[*number];
        match FAULTS.get(*fault) {
            Some((old, new)) => {
                let place = lines.iter().position(|line| line == old).expect("the line is in a good function");
                (*new).clone_into(&mut lines[place]);
            }
            None => lines[0] = faulty_head(*number, fault - FAULTS.len()),
        }
    }
    let found = complaints(&functions);
    let places: Vec<usize> = found.iter().map(|(place, _)| *place).collect();
    let mut wanted: Vec<usize> = faults.iter().map(|(number, _)| *number).collect();
    wanted.sort_unstable();
    prop_assert_eq!(places, wanted, "{:#?}", found);
    Ok(())
}

/// The faults that lie within a function, after its first line and before its last, those of the verifier among them.
fn faults_within() -> Vec<(&'static str, &'static str)> {
    FAULTS.iter().filter(|(old, _)| *old != ".end").chain(REFUSED).copied().collect()
}

#[test]
fn each_fault_alone_is_one_complaint() {
    assert_eq!(complaints(&[good(0, 2), good(1, 2)]), []);
    for fault in 0..FAULTS.len() + HEADS {
        check(3, &[(1, fault)]).unwrap_or_else(|error| panic!("{:?}: {error}", FAULTS.get(fault)));
    }
}

/// What cannot be read in one function does not hide what the verifier refuses in another, nor is any refused for it.
#[test]
fn each_fault_beside_a_refusal_is_one_complaint() {
    for (old, new) in faults_within() {
        for (good_line, bad_line) in REFUSED {
            let mut functions = [good(0, 3), good(1, 3), good(2, 3)];
            for (function, from, to) in [(0, old, new), (2, *good_line, *bad_line)] {
                let line = functions[function].iter_mut().find(|line| *line == from).expect("a line of it");
                to.clone_into(line);
            }
            let found = complaints(&functions);
            let places: Vec<usize> = found.iter().map(|(place, _)| *place).collect();
            assert_eq!(places, [0, 2], "{new} beside {bad_line}: {found:#?}");
        }
    }
}

/// A function as a disassembler writes it, with constants and types of its own and such as others have, or one that has to be read in full.
fn other(number: usize, count: usize, is_ordinary: bool) -> String {
    let (callee, length) = ((number + 1) % count, number % 50 + 1);
    let slot = if is_ordinary { "0 stencil" } else { "row = 0 stencil" };
    format!(
        ".function g{number}(I)I
    .parameter count
    .slot {slot} int[{length}]
    STACK_ALLOC capacity=256
    STENCIL_ALLOC slot=0 size={}
    LOAD_CONST index=\"shared\"
    STACK_POP
    LOAD_CONST index=\"of {number}\"
    STACK_POP
    STACK_FREE
    CELL_LOAD cell=count
    CALL function=g{callee}(I)I
    LOAD_CONST index=int:{}
    ADD_INT
    RETURN
.end
",
        4 * length,
        number % 7,
    )
}

/// The same bytes come out, or the same complaints, and the same text again, however many threads there are.
#[test]
fn threads_change_nothing() {
    const COUNT: usize = 2_000;
    let text = |faults: &[usize]| {
        let functions = (0..COUNT).map(|number| {
            let text = other(number, COUNT, number % 40 != 7);
            if faults.contains(&number) { text.replace("ADD_INT", "AD_INT") } else { text }
        });
        format!(
            ".library\n.const int:3\n.const \"of 9\"\n.function f()I exported\nLOAD_CONST index=0\nCALL function=g0(I)I\nRETURN\n.end\n{}",
            functions.collect::<String>()
        )
    };
    for faults in [&[][..], &[0, 700, 701, 1_999], &[1_000]] {
        let mut sources = Sources::new();
        let source = sources.add("t.vasm", text(faults));
        let (bytes, complaints) = assemble(&sources, source, Options::default());
        assert_eq!((bytes.is_some(), complaints.len()), (faults.is_empty(), faults.len()), "{complaints:?}");
        for threads in 2..=8 {
            let again = assemble(&sources, source, Options { threads, ..Options::default() });
            assert!(again == (bytes.clone(), complaints.clone()), "{threads} threads");
        }
        let Some(bytes) = bytes else { continue };
        let parsed = vega_format::read(bytes.as_slice()).expect("it was just written");
        let text = vega_asm::disassemble(&parsed).text;
        for threads in 1..=8 {
            let mut again = Vec::new();
            let losses = disassemble::write(&parsed, threads, &mut again).expect("memory takes it");
            assert!(losses.is_empty() && again == text.as_bytes(), "{threads} threads");
        }
    }
}

proptest! {
    #[test]
    fn as_many_complaints_as_faults(
        faults in prop::collection::btree_map(0usize..60, 0..FAULTS.len() + HEADS, 0..40),
    ) {
        check(60, &faults.into_iter().collect::<Vec<_>>())?;
    }
}
