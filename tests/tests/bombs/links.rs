//! Objects of which much is still to come, or much is wrong: to find out about one function must not take as long as there are
//! functions.

use super::alloc;
use super::judge::{Judged, check_growth};
use vega_asm::link::{Input, Options, Output, Problem, link};
use vega_format::builder::{Builder, FunctionDraft};
use vega_format::container::{ImportKind, Kind};
use vega_format::instruction::{Capacity, Instruction};

/// An object in which each function calls the one of its number of another, which promises to need nothing.
fn calling(count: usize) -> Vec<u8> {
    let mut builder = Builder::new(Kind::Object);
    for index in 0..count {
        let other = format!("other.f{index}()V");
        builder.bound(ImportKind::Module, &other, 0);
        let code = vec![Instruction::Call { function: builder.function(&other) }, Instruction::Return {}];
        builder.add_function(&format!("m.f{index}()V"), FunctionDraft { exported: true, code, ..Default::default() });
    }
    builder.write().expect("it can be written")
}

/// That other object, whose functions need memory.
fn called(count: usize) -> Vec<u8> {
    let mut builder = Builder::new(Kind::Object);
    for index in 0..count {
        let open = Instruction::StackAlloc { capacity: Capacity(64) };
        let code = vec![open, Instruction::StackFree {}, Instruction::Return {}];
        let draft = FunctionDraft { exported: true, code, ..Default::default() };
        builder.add_function(&format!("other.f{index}()V"), draft);
    }
    builder.write().expect("it can be written")
}

/// Links the objects of a family at N, 2N and 4N; all that is allocated stands for the work. Gives the problems of each.
fn family(name: &str, output: Output, make: impl Fn(usize) -> Vec<Vec<u8>>) -> [Vec<Problem>; 3] {
    const COUNT: usize = 1_000;
    let linked = [COUNT, 2 * COUNT, 4 * COUNT].map(|count| {
        let files = make(count);
        let inputs: Vec<Input<'_>> = (0..)
            .zip(&files)
            .map(|(number, file): (u32, _)| Input {
                name: format!("{number}.vgo").into(),
                module: vega_format::read(file.as_slice()).expect("an object"),
            })
            .collect();
        let options = Options { output, threads: 1, ..Options::default() };
        let (linked, peak, total) = alloc::peak(|| link(&inputs, &options));
        let file = files.iter().map(Vec::len).sum::<usize>() as u64;
        let judged = Judged { work: 0, peak, total, file };
        println!("{name} {count}: {judged:?}");
        (linked.err().unwrap_or_default(), judged)
    });
    for pair in linked.windows(2) {
        if let [(_, smaller), (_, larger)] = pair {
            check_growth(name, smaller, larger);
        }
    }
    linked.map(|(problems, _)| problems)
}

#[test]
fn all_is_left_to_the_next_link() {
    let problems = family("left to the next link", Output::Object, |count| vec![calling(count)]);
    assert_eq!(problems, [vec![], vec![], vec![]]);
}

#[test]
fn no_promise_is_kept() {
    let problems = family("broken promises", Output::Library, |count| vec![calling(count), called(count)]);
    for problems in problems {
        assert_eq!(problems.len(), 100);
        assert!(problems.iter().all(|problem| matches!(problem, Problem::Outgrown { .. })));
    }
}
