//! Runs that pause and go on: cutting one into pieces changes nothing of it.

use crate::common::*;
use crate::instructions::sum_to;
use vega_format::builder::StaticDraft;
use vega_format::instruction::Offset;
use vega_format::stencil::TypeRef;
use vega_format::types::Tag;
use vegavm::{End, Imports, Limits, Outcome, Program, Progress, Run};

/// Ends a run by what takes it a little further; gives how often it paused, too.
fn in_pieces(
    program: &Program,
    limits: &Limits,
    mut piece: impl FnMut(&mut Run<'_, '_>) -> Progress,
) -> (Outcome, u32) {
    let mut instance = program.instantiate();
    let mut run = instance.start(&[], limits).expect("no arguments");
    for pauses in 0.. {
        let before = run.used();
        match piece(&mut run) {
            Progress::Paused => assert!(run.used().steps >= before.steps),
            Progress::Ended(outcome) => {
                assert_eq!(run.used(), outcome.used);
                assert_eq!(piece(&mut run), Progress::Ended(outcome.clone()), "it stays over");
                return (outcome, pauses);
            }
        }
    }
    unreachable!("it ends")
}

fn trapping() -> Vec<u8> {
    let mut draft = Draft::new();
    let (one, zero) = (draft.int(1), draft.int(0));
    draft.main("main()I", &[], &[one, zero, I::DivInt {}, one, I::AddInt {}, RETURN])
}

#[test]
fn pieces_are_the_whole() {
    let mut imports = Imports::new();
    for bytes in [sum_to(20), trapping(), Draft::new().main("main()V", &[], &[open(6400), CLOSE, RETURN])] {
        let program = load_good(bytes, &imports);
        for limits in [Limits::trusted(), Limits { steps: Some(100), ..Limits::trusted() }] {
            let whole = program.run(&[], &mut imports, &limits, &mut ()).expect("no arguments");
            for steps in [1, 2, 7, 13, 50, u64::MAX] {
                let pieces = in_pieces(&program, &limits, |run| run.resume(steps, &mut imports, &mut ()));
                assert_eq!(pieces.0, whole, "{steps} steps at a time");
            }
            assert_eq!(in_pieces(&program, &limits, |run| run.step(&mut imports, &mut ())).0, whole);
        }
    }
}

/// A piece takes no more than was given in all.
#[test]
fn steps_that_are_left_over_are_kept() {
    let mut imports = Imports::new();
    let program = load_good(sum_to(50), &imports);
    let mut given = 0;
    let (outcome, pauses) = in_pieces(&program, &Limits::trusted(), |run| {
        given += 5;
        let progress = run.resume(5, &mut imports, &mut ());
        assert!(run.used().steps <= given);
        progress
    });
    assert_eq!(u64::from(pauses), outcome.used.steps.div_ceil(5) - 1);
}

/// Between two instructions the state can be looked at.
#[test]
fn state_between_instructions() {
    let mut imports = Imports::new();
    let mut draft = Draft::new();
    let (one, two) = (draft.int(1), draft.int(2));
    let program = load_good(draft.main("main()I", &[], &[one, two, I::AddInt {}, RETURN]), &imports);
    let mut instance = program.instantiate();
    let mut run = instance.start(&[], &Limits::trusted()).expect("no arguments");
    let mut seen = Vec::new();
    while let Progress::Paused = run.step(&mut imports, &mut ()) {
        let frame = run.state().frame();
        seen.push((frame.ip(), frame.sp()));
    }
    assert_eq!(seen, [(5, 1), (10, 2), (11, 1)]);
}

/// What a run that is given up has written to static variables is there in the next.
#[test]
fn dropped_runs_leave_their_statics() {
    let mut imports = Imports::new();
    let mut draft = Draft::new();
    let (capacity, variables) = (Tag::Int.size(), vec![TypeRef::Scalar(Tag::Int)]);
    let block = draft.0.static_block(StaticDraft { capacity, variables, image: Vec::new() });
    let offset = Offset(0);
    let one = draft.int(1);
    let load = I::StaticLoad { block, offset, tag: Tag::Int };
    let store = I::StaticStore { block, offset, tag: Tag::Int };
    let program = load_good(draft.main("main()I", &[], &[load, one, I::AddInt {}, store, load, RETURN]), &imports);
    let mut instance = program.instantiate();
    let mut run = instance.start(&[], &Limits::trusted()).expect("no arguments");
    for _ in 0..4 {
        assert_eq!(run.step(&mut imports, &mut ()), Progress::Paused);
    }
    drop(run);
    let outcome = instance.run(&[], &mut imports, &Limits::trusted(), &mut ()).expect("no arguments");
    assert_eq!(outcome.end, End::Result(Some(int(2))));
}
