//! Many functions, and how they call each other.

use super::alloc;
use super::judge::{Ends, Memory, family};
use std::io;
use vega_format::budget::Budget;
use vega_format::builder::{Builder, FunctionDraft};
use vega_format::container::{EntryResult, Kind};
use vega_format::instruction::{Function, Instruction};

fn tiny_functions(count: usize) -> Vec<u8> {
    let mut builder = Builder::new(Kind::Program);
    builder.entry = Some(("main()V".to_owned(), EntryResult::Print));
    let draft = || FunctionDraft {
        code: vec![Instruction::Return {}, Instruction::Return {}],
        max_stack: Some(0),
        ..FunctionDraft::default()
    };
    builder.add_function("main()V", draft());
    for index in 1..count {
        builder.add_function(&format!("f{index}()V"), draft());
    }
    builder.write().expect("it can be written")
}

#[test]
fn s44_tiny_functions() {
    family("tiny functions", 250_000, Ends::Either, Memory::ByFile, tiny_functions);
}

/// Functions that call each other; `calls` says whom.
fn graph(count: usize, limit: Option<u32>, calls: impl Fn(usize) -> Vec<usize>) -> Vec<u8> {
    let mut builder = Builder::new(Kind::Program);
    let name = |index: usize| if index == 0 { "main()V".to_owned() } else { format!("f{index}()V") };
    builder.entry = Some((name(0), EntryResult::Print));
    let numbers: Vec<Function> = (0..count).map(|index| builder.function(&name(index))).collect();
    for index in 0..count {
        let callees = calls(index);
        let called = callees.iter().filter_map(|callee| numbers.get(*callee).copied());
        let mut code: Vec<_> = called.map(|function| Instruction::Call { function }).collect();
        code.push(Instruction::Return {});
        let limit = limit.filter(|_| index > 0);
        builder.add_function(&name(index), FunctionDraft { code, limit, max_stack: Some(1), ..Default::default() });
    }
    builder.write().expect("it can be written")
}

#[test]
fn a_chain_of_calls() {
    family("chain of calls", 25_000, Ends::Accepted, Memory::ByFile, |count| {
        graph(count, None, |index| vec![index + 1])
    });
}

#[test]
fn a_star_of_calls() {
    family("star of calls", 25_000, Ends::Accepted, Memory::ByFile, |count| {
        graph(count, None, |index| if index == 0 { (1..count).collect() } else { Vec::new() })
    });
}

#[test]
fn a_great_circle_of_calls() {
    family("great circle", 25_000, Ends::Accepted, Memory::ByFile, |count| {
        graph(count, None, |index| vec![if index + 1 == count { 1 } else { index + 1 }])
    });
}

#[test]
fn a_great_circle_with_limits() {
    family("great circle with limits", 25_000, Ends::Accepted, Memory::ByFile, |count| {
        graph(count, Some(3), |index| vec![if index + 1 == count { 1 } else { index + 1 }])
    });
}

#[test]
fn many_circles_with_limits() {
    family("circles with limits", 25_000, Ends::Accepted, Memory::ByFile, |count| {
        graph(count, Some(3), |index| vec![index, index + 1, index.saturating_sub(1).max(1), index + 7])
    });
}

#[test]
fn paths_through_calls_that_double() {
    family("doubling calls", 25_000, Ends::Accepted, Memory::ByFile, |count| {
        graph(count, None, |index| vec![index + 1, index + 1, index + 2])
    });
}

#[test]
fn many_calls_of_other_modules() {
    family("calls of other modules", 10_000, Ends::Accepted, Memory::ByFile, |count| {
        let mut builder = Builder::new(Kind::Object);
        let called: Vec<Function> = (0..count).map(|index| builder.function(&format!("m.f{index}()V"))).collect();
        let mut code: Vec<_> = called.into_iter().map(|function| Instruction::Call { function }).collect();
        code.push(Instruction::Return {});
        let draft = FunctionDraft { code, exported: true, max_stack: Some(0), ..FunctionDraft::default() };
        builder.add_function("all()V", draft);
        builder.write().expect("it can be written")
    });
}

fn exported_chain(count: usize) -> Vec<u8> {
    let mut builder = Builder::new(Kind::Program);
    let name = |index: usize| if index == 0 { "main()V".to_owned() } else { format!("f{index}()V") };
    builder.entry = Some((name(0), EntryResult::Print));
    for index in 0..count {
        let next = (index + 1 < count).then(|| Instruction::Call { function: builder.function(&name(index + 1)) });
        let code = next.into_iter().chain([Instruction::Return {}]).collect();
        let draft = FunctionDraft { code, exported: true, max_stack: Some(1), ..FunctionDraft::default() };
        builder.add_function(&name(index), draft);
    }
    builder.write().expect("it can be written")
}

/// Writes a report, of which nothing is kept; gives the bytes that it has, those at most in use, and all that were allocated.
fn write_report(write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> [u64; 3] {
    struct Count(u64);
    impl io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len() as u64;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    let (written, peak, total) = alloc::peak(|| write(&mut count));
    written.expect("nothing is in the way");
    [count.0, peak, total]
}

/// Of each of so many paths the ends are told, one path after another.
#[test]
fn budgets_of_long_paths_are_short() {
    let reports = [1_000, 2_000, 4_000].map(|count| {
        let module = vega_format::verify::verify(vega_format::read(exported_chain(count)).expect("a file"));
        let module = module.expect("it is accepted");
        let budget = Budget::of(&module);
        let text = write_report(|out| write!(out, "{budget}"));
        let json = write_report(|out| Ok(serde_json::to_writer_pretty(out, &budget)?));
        println!("{count} budgets: text {text:?}, JSON {json:?}");
        [text, json]
    });
    for peak in reports.as_flattened().iter().map(|[_, peak, _]| *peak) {
        assert!(peak <= 1 << 20, "{peak} bytes at once");
    }
    for pair in reports.windows(2) {
        for (smaller, larger) in pair[0].as_flattened().iter().zip(pair[1].as_flattened()) {
            assert!(larger * 10 <= smaller * 23, "{smaller} bytes, and for twice as many functions {larger}");
        }
    }
}

/// Exported functions that call each other in a chain: each has a path of its own, and no path is told at loading.
#[test]
fn a_chain_of_exported_functions_is_loaded() {
    let totals = [500, 1_000, 2_000].map(|count| {
        let bytes = exported_chain(count);
        let (imports, limits) = (vegavm::Imports::new(), vegavm::Limits::trusted());
        let (program, peak, total) = alloc::peak(|| vegavm::load(bytes, &imports, &limits, &mut ()).map(drop));
        println!("a chain of {count} exported functions: peak {peak}, total {total}");
        program.expect("it is loaded");
        total
    });
    for pair in totals.windows(2) {
        assert!(
            pair[1] * 10 <= pair[0] * 23,
            "{} bytes are allocated, and for twice as many functions {}",
            pair[0],
            pair[1]
        );
    }
}
