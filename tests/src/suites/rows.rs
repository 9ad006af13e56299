//! Rows of the list of bad inputs whose inputs are many or large, and are made here rather than kept in files.

use crate::bytes::{patch, repair};
use crate::case::{Check, trial};
use crate::module::{assemble, compile, judge};
use crate::suites::mutations::{Fate, survive};
use libtest_mimic::Trial;
use std::fmt::Write as _;
use vega_format::instruction::{ROWS, row};

/// A test a row.
pub fn trials() -> Vec<Trial> {
    vec![
        trial("s30: unassigned opcodes", unassigned_opcodes),
        trial("s31: operands cut off", operands_cut_off),
        trial("s39: calls with a parameter too few, too many and of another type", wrong_calls),
        trial("s50: arenas nested 10,000 deep", nested_arenas),
        trial("s71: 255 parameters", most_parameters),
    ]
}

/// A program whose `main` has this code, unverified.
fn program(header: &str, code: &str) -> Result<Vec<u8>, String> {
    let text = format!("{header}\n.entry main()V print\n.function main()V\n.stack 300\n{code}\n.end\n");
    assemble("row.vasm", &text, false).accepted()
}

fn refused(bytes: &[u8], rule: &str, offset: u64) -> Check {
    match judge(bytes) {
        Err(found) if found.iter().any(|(code, at, _)| (code.as_str(), *at) == (rule, offset)) => {
            survive(bytes).map(drop)
        }
        other => Err(format!("wanted {rule} at {offset:#06x}, found {other:?}")),
    }
}

/// Alone, and behind another instruction.
fn unassigned_opcodes() -> Check {
    for opcode in (0..=u8::MAX).filter(|number| row(*number).is_none()) {
        for (code, offset) in [("RETURN", 0), ("STACK_ALLOC capacity=1\nSTACK_FREE\nRETURN", 5)] {
            let mut bytes = program("", code)?;
            patch(&mut bytes, &format!("code+{offset:#x} {opcode:02x}"))?;
            repair(&mut bytes);
            refused(&bytes, "V101", offset).map_err(|problem| format!("opcode {opcode:#04x}: {problem}"))?;
        }
    }
    Ok(())
}

/// The last byte of the code begins an instruction that wants more.
fn operands_cut_off() -> Check {
    for row in ROWS.iter().filter(|row| row.width() > 1) {
        let mut bytes = program("", "STACK_ALLOC capacity=1\nSTACK_FREE\nRETURN")?;
        patch(&mut bytes, &format!("code+0x6 {:02x}", row.number))?;
        repair(&mut bytes);
        refused(&bytes, "V101", 6).map_err(|problem| format!("{}: {problem}", row.mnemonic))?;
    }
    Ok(())
}

fn wrong_calls() -> Check {
    let header = ".function f(IZ)V\nRETURN\n.end\n.import io.put(I)V";
    let push = |values: &[&str]| values.iter().map(|value| format!("LOAD_CONST index={value}\n")).collect::<String>();
    let calls = [
        (push(&["int:1"]), "CALL function=f(IZ)V", "V202"),
        (push(&["bool:true"]), "CALL function=f(IZ)V", "V201"),
        (push(&["bool:true", "int:1"]), "CALL function=f(IZ)V", "V202"),
        (push(&["long:1"]), "CALL_NAT import=io.put(I)V", "V202"),
        (String::new(), "CALL_NAT import=io.put(I)V", "V201"),
    ];
    for (pushes, call, rule) in calls {
        let bytes = program(header, &format!("{pushes}{call}\nRETURN"))?;
        let offset = 5 * pushes.lines().count() as u64;
        refused(&bytes, rule, offset).map_err(|problem| format!("{pushes}{call}: {problem}"))?;
    }
    // What lies beneath the arguments stays and goes with the frame.
    let more = program(
        header,
        &format!("{}CALL function=f(IZ)V\nCALL_NAT import=io.put(I)V\nRETURN", push(&["int:7", "int:1", "bool:true"])),
    )?;
    judge(&more).map_err(|found| format!("{found:?}"))
}

/// The parser stops before its own stack does, and the verifier at its limit.
fn nested_arenas() -> Check {
    let made = compile("nested.vg", "alloc 8 {\n".repeat(10_000).as_bytes());
    match made.complaints.first() {
        Some(first) if first.code == "L0104" && first.title.contains("level 257") => {}
        _ => return Err(format!("wanted L0104 at level 257 first:\n{}", made.drawn)),
    }
    let nested = |depth: usize| {
        let (open, end) = ("STACK_ALLOC capacity=1\n".repeat(depth), "STACK_FREE\n".repeat(depth));
        program("", &format!("{open}{end}RETURN"))
    };
    judge(&nested(256)?).map_err(|found| format!("256 arenas are refused: {found:?}"))?;
    refused(&nested(257)?, "V301", 5 * 256)
}

/// The exact boundary.
fn most_parameters() -> Check {
    let calling = |count: usize| {
        let name = format!("f({})V", "I".repeat(count));
        let mut code = "LOAD_CONST index=int:1\n".repeat(count);
        let _ = writeln!(code, "CALL function={name}\nRETURN");
        program(&format!(".function {name}\nRETURN\n.end"), &code)
    };
    match survive(&calling(255)?)? {
        Fate::Ran => {}
        Fate::Refused => return Err("255 parameters are refused".to_owned()),
    }
    match calling(256) {
        Err(drawn) if drawn.contains("[L002]") => Ok(()),
        other => Err(format!("256 parameters: wanted L002, found {other:?}")),
    }
}
