//! Rows of the list of bad inputs that are about the linker, and whose inputs are many, large, or broken by hand.

use crate::bytes::{patch, repair};
use crate::case::{Check, trial};
use crate::module::assemble;
use crate::tools;
use libtest_mimic::Trial;
use std::fmt::Write as _;
use std::fs;
use vega_asm::link::{Input, Options, link};
use vega_format::Parsed;

/// A test a row.
pub fn trials() -> Vec<Trial> {
    vec![
        trial("s81: 10,000 objects", many_objects),
        trial("s81: an object with 100,000 functions", many_functions),
        trial("s82: relocations where none can be", misplaced_relocations),
        trial("s84: a damaged object among good ones", damaged_among_good),
    ]
}

fn object(text: &str) -> Result<Vec<u8>, String> {
    assemble("row.vasm", &format!(".object\n.nodebug\n{text}"), false).accepted()
}

fn read(name: String, bytes: Vec<u8>) -> Result<Input<'static>, String> {
    let module: Parsed<'static> = vega_format::read(bytes).map_err(|error| error.to_string())?;
    Ok(Input { name: name.into(), module })
}

/// Links, and gives how many functions there are then.
fn linked(inputs: &[Input<'_>]) -> Result<u32, String> {
    match link(inputs, &Options::default()) {
        Ok(module) => Ok(module.module().function_count()),
        Err(problems) => Err(format!("{} problems, first {:?}", problems.len(), problems.first())),
    }
}

fn expect(found: u32, wanted: u32) -> Check {
    if found == wanted { Ok(()) } else { Err(format!("{found} functions, wanted {wanted}")) }
}

/// A chain from one to the next, and one more that nobody calls in each.
fn many_objects() -> Check {
    const COUNT: u32 = 10_000;
    let unused = ".function m.unused()V exported\nRETURN\n.end\n";
    let object_of = |number: u32| {
        let code = match number + 1 {
            COUNT => ("", String::new()),
            next => ("module", format!("CALL function=m{next}.f()V\n")),
        };
        let import = match code.0 {
            "" => String::new(),
            _ => format!(".import m{}.f()V module\n", number + 1),
        };
        let unused = unused.replace("m.", &format!("m{number}."));
        object(&format!("{import}.function m{number}.f()V exported\n{}RETURN\n.end\n{unused}", code.1))
    };
    let mut inputs = (0..COUNT)
        .map(|number| read(format!("m{number}.vgo"), object_of(number)?))
        .collect::<Result<Vec<_>, String>>()?;
    let main = ".entry main()V print\n.import m0.f()V module\n.function main()V\nCALL function=m0.f()V\nRETURN\n.end\n";
    inputs.push(read("main.vgo".to_owned(), object(main)?)?);
    expect(linked(&inputs)?, COUNT + 1)
}

/// Every other one of them is called.
fn many_functions() -> Check {
    const COUNT: u32 = 100_000;
    let (mut library, mut imports, mut calls) = (String::new(), String::new(), String::new());
    for number in 0..COUNT {
        let _ = writeln!(library, ".function m.f{number}()V exported\nRETURN\n.end");
        if number % 2 == 0 {
            let _ = writeln!(imports, ".import m.f{number}()V module");
            let _ = writeln!(calls, "CALL function=m.f{number}()V");
        }
    }
    let main = format!(".entry main()V print\n{imports}.function main()V\n{calls}RETURN\n.end\n");
    let inputs = [read("m.vgo".to_owned(), object(&library)?)?, read("main.vgo".to_owned(), object(&main)?)?];
    expect(linked(&inputs)?, COUNT / 2 + 1)
}

/// Of an object with two calls, the operands of which stand at 1 and 6.
fn misplaced_relocations() -> Check {
    let calls = "CALL function=m.f()V\nCALL function=m.g()V\nRETURN\n.end\n";
    let imports = ".import io.put(I)V\n.import m.f()V module\n.import m.g()V module\n";
    // A constant and a call of the host behind them, so that there is something to hit.
    let more = ".function other()V\nLOAD_CONST index=int:0\nCALL_NAT import=io.put(I)V\nRETURN\n.end\n";
    let good = object(&format!("{imports}.function main()V\n{calls}{more}"))?;
    read(String::new(), good.clone())?;
    let cases = [
        ("behind the code", "relocations+0xc ff ff 00 00"),
        ("at an opcode", "relocations+0x4 00 00 00 00"),
        ("across an instruction", "relocations+0xc 08 00 00 00"),
        ("at another operand", "relocations+0xc 0c 00 00 00"),
        ("twice at one place", "relocations+0xc 01 00 00 00"),
        ("out of order", "relocations+0x4 07 00 00 00"),
        ("import out of range", "relocations+0x10 09 00 00 00"),
        ("import of the host", "relocations+0x10 00 00 00 00"),
        ("operand that is not zero", "code+0x1 01 00 00 00"),
        ("more than there are", "relocations+0x0 03 00 00 00"),
    ];
    for (what, change) in cases {
        let mut bytes = good.clone();
        patch(&mut bytes, change)?;
        repair(&mut bytes);
        match vega_format::read(bytes.as_slice()) {
            Ok(_) => return Err(format!("{what}: it is accepted")),
            Err(error) if matches!(error.kind.code(), "F012" | "F015" | "F020") => {}
            Err(error) => return Err(format!("{what}: {} {error}", error.kind.code())),
        }
    }
    Ok(())
}

/// Nothing is written, and what was written before stays.
fn damaged_among_good() -> Check {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let main = object(".entry main()V print\n.function main()V\nRETURN\n.end\n")?;
    let other = object(".function m.f()V exported\nRETURN\n.end\n")?;
    for place in [0, 8, other.len() / 2, other.len() - 1] {
        let mut damaged = other.clone();
        damaged[place] ^= 0x40;
        let files: [(&str, &[u8]); 4] =
            [("main.vgo", &main), ("other.vgo", &other), ("damaged.vgo", &damaged), ("prog.vgb", b"what was there")];
        for (name, bytes) in files {
            fs::write(folder.path().join(name), bytes).map_err(|error| error.to_string())?;
        }
        let words = ["main.vgo", "damaged.vgo", "other.vgo", "-o", "prog.vgb"];
        let ran = tools::run("vega-ld", words, folder.path(), b"")?;
        let stderr = String::from_utf8_lossy(&ran.stderr);
        let left = fs::read(folder.path().join("prog.vgb")).map_err(|error| error.to_string())?;
        if ran.status != 1 || !stderr.contains("damaged.vgo") || left != b"what was there" {
            return Err(format!("byte {place}: status {}\n{stderr}", ran.status));
        }
    }
    Ok(())
}
