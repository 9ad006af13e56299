//! One function with as much code as may be: straight, in the smallest blocks, or wrong everywhere.

use super::code::{Code, INT};
use super::judge::{Ends, Memory, check_memory, family, judge};
use vega_format::builder::{Builder, FunctionDraft};
use vega_format::container::{FunctionDebug, Kind, Line};
use vega_format::instruction::{Instruction, Slot};
use vega_format::types::Tag;
use vega_format::verify::{Options, verify_with};

#[test]
fn straight_code() {
    let make = |count: usize| {
        let mut code = Code::new(1);
        for _ in 0..count {
            code.bool();
            code.push(Instruction::StackPop {});
        }
        code.bytes()
    };
    family("straight code", 50_000, Ends::Accepted, Memory::ByFile, make);
    let largest = "straight code, 7 MiB";
    check_memory(largest, &judge(largest, make(1_200_000), Ends::Accepted), Memory::ByFile);
}

/// One byte an instruction, and each of them a block.
#[test]
fn nothing_but_returns() {
    let make = |count: usize| {
        let mut code = Code::new(0);
        (0..count).for_each(|_| _ = code.push(Instruction::Return {}));
        code.bytes()
    };
    let name = "nothing but returns, 7 MiB";
    check_memory(name, &judge(name, make((7 << 20) - 1), Ends::Accepted), Memory::ByFile);
}

/// Every instruction is wrong, and what is wrong with each is not kept.
#[test]
fn nothing_but_faults() {
    let make = |count: usize| {
        let mut code = Code::new(0);
        (0..count).for_each(|_| _ = code.push(Instruction::VarFree { slot: Slot(9) }));
        code.bytes()
    };
    let name = "nothing but faults";
    check_memory(name, &judge(name, make(500_000), Ends::Refused), Memory::ByFile);
}

/// Not all refusals are told, and how many are not is.
#[test]
fn faults_that_are_not_told_are_counted() {
    let mut builder = Builder::new(Kind::Library);
    let faulty = || FunctionDraft {
        code: vec![Instruction::StackPop {}, Instruction::Return {}],
        exported: true,
        max_stack: Some(1),
        ..FunctionDraft::default()
    };
    (0..5_000).for_each(|index| _ = builder.add_function(&format!("f{index}()V"), faulty()));
    let bytes = builder.write().expect("it can be written");
    for threads in [1, 3] {
        let options = Options { threads, ..Options::default() };
        let refused = verify_with(vega_format::read(bytes.as_slice()).expect("a file"), options);
        let refusals = refused.expect_err("the stack is empty");
        let untold = refusals.last().map(|last| last.untold);
        assert_eq!((refusals.len(), untold), (100, Some(4_900)), "on {threads} threads");
    }
}

/// Every block that is reached ends with a fault of the stack.
#[test]
fn a_fault_in_every_block() {
    let mut code = Code::new(1);
    let jumps: Vec<usize> = (0..200_000).map(|_| code.branch()).collect();
    for jump in jumps {
        code.land(jump);
        code.push(Instruction::StackPop {});
    }
    let name = "a fault in every block";
    check_memory(name, &judge(name, code.bytes(), Ends::Refused), Memory::ByFile);
}

/// Every instruction is accepted and certainly traps.
#[test]
fn nothing_but_certain_traps() {
    family("certain traps", 100_000, Ends::Accepted, Memory::ByFile, |count| {
        let mut code = Code::new(0);
        let slot = code.slot(INT);
        (0..count).for_each(|_| code.free(slot));
        code.bytes()
    });
    let mut code = Code::new(0);
    let slot = code.slot(INT);
    (0..2_400_000).for_each(|_| code.free(slot));
    let name = "certain traps, 7 MiB";
    check_memory(name, &judge(name, code.bytes(), Ends::Accepted), Memory::ByFile);
}

/// Every value is stored where it does not fit, and few of them are kept to be told.
#[test]
fn nothing_but_values_that_do_not_fit() {
    let make = |mask| {
        let mut code = Code::new(1);
        let slot = code.slot(mask);
        code.open(16);
        code.allocate(slot);
        for _ in 0..900_000 {
            code.bool();
            code.push(Instruction::VarStore { slot });
        }
        code.end();
        code.bytes()
    };
    let name = "values that do not fit, 7 MiB";
    let [fit, do_not] = [Tag::Bool.mask(), INT].map(|mask| judge(name, make(mask), Ends::Accepted));
    check_memory(name, &do_not, Memory::ByFile);
    assert!(do_not.peak <= fit.peak + (1 << 20), "{do_not:?}, and where all fit {fit:?}");
}

#[test]
fn many_lines() {
    family("lines", 50_000, Ends::Accepted, Memory::ByFile, |count| {
        let mut code = Code::new(1);
        for _ in 0..count {
            code.bool();
            code.push(Instruction::StackPop {});
        }
        code.push(Instruction::Return {});
        let Code { mut builder, code, .. } = code;
        builder.sources = vec!["a.vg".to_owned()];
        let lines = (0..code.len() as u32).map(|offset| Line { offset, line: offset % 1_000 + 1 }).collect();
        let debug = Some(FunctionDebug { lines, line: 1, ..FunctionDebug::default() });
        builder.add_function("main()V", FunctionDraft { code, debug, max_stack: Some(1), ..Default::default() });
        builder.write().expect("it can be written")
    });
}
