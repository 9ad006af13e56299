//! Runs that pause and go on: cutting one into pieces changes nothing of it.

use crate::common::*;
use crate::instructions::sum_to;
use vega_format::builder::StaticDraft;
use vega_format::instruction::Offset;
use vega_format::stencil::TypeRef;
use vega_format::types::Tag;
use vegavm::{End, Engine, Imports, Limits, Outcome, Program, Progress};

const ENGINES: [Engine; 3] = [Engine::Interpreter, Engine::Tables, Engine::Reference];

/// Ends a run on an engine, with so many steps for each piece; gives how often it paused, too.
fn in_pieces(program: &Program, engine: Engine, limits: &Limits, mut steps: impl FnMut() -> u64) -> (Outcome, u32) {
    let (mut instance, mut imports) = (program.instantiate(), Imports::new());
    instance.set_engine(engine);
    let mut run = instance.start(&[], limits).expect("no arguments");
    let mut given = 0u64;
    for pauses in 0.. {
        let steps = steps();
        given = given.saturating_add(steps);
        match run.resume(steps, &mut imports) {
            Progress::Paused => assert!(run.used().steps <= given),
            Progress::Ended(outcome) => {
                assert_eq!(run.used(), outcome.used);
                assert_eq!(run.resume(steps, &mut imports), Progress::Ended(outcome.clone()), "it stays over");
                return (outcome, pauses);
            }
        }
    }
    unreachable!("it ends")
}

/// The same an instruction at a time.
fn by_instructions(program: &Program, limits: &Limits) -> Outcome {
    let (mut instance, mut imports) = (program.instantiate(), Imports::new());
    let mut stepper = instance.stepper(&[], limits).expect("no arguments");
    loop {
        if let Progress::Ended(outcome) = stepper.step(&mut imports, &mut ()) {
            assert_eq!(stepper.step(&mut imports, &mut ()), Progress::Ended(outcome.clone()), "it stays over");
            return outcome;
        }
    }
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
            for (engine, steps) in
                ENGINES.iter().flat_map(|engine| [1, 2, 7, 13, 50, u64::MAX].map(|steps| (*engine, steps)))
            {
                let (pieces, _) = in_pieces(&program, engine, &limits, || steps);
                assert_eq!(pieces, whole, "{engine:?}, {steps} steps at a time");
            }
            assert_eq!(by_instructions(&program, &limits), whole);
        }
    }
}

/// A run takes no more than was given in all, but for bulk work.
#[test]
fn steps_that_are_left_over_are_kept() {
    let program = load_good(sum_to(50), &Imports::new());
    for engine in ENGINES {
        let (outcome, pauses) = in_pieces(&program, engine, &Limits::trusted(), || 5);
        assert_eq!(u64::from(pauses), outcome.used.steps.div_ceil(5) - 1, "{engine:?}");
    }
}

/// Between two instructions the state can be looked at.
#[test]
fn state_between_instructions() {
    let mut imports = Imports::new();
    let mut draft = Draft::new();
    let (one, two) = (draft.int(1), draft.int(2));
    let program = load_good(draft.main("main()I", &[], &[one, two, I::AddInt {}, RETURN]), &imports);
    let mut instance = program.instantiate();
    let mut stepper = instance.stepper(&[], &Limits::trusted()).expect("no arguments");
    let mut seen = Vec::new();
    while let Progress::Paused = stepper.step(&mut imports, &mut ()) {
        let frame = stepper.state().frame();
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
    let mut stepper = instance.stepper(&[], &Limits::trusted()).expect("no arguments");
    for _ in 0..4 {
        assert_eq!(stepper.step(&mut imports, &mut ()), Progress::Paused);
    }
    drop(stepper);
    for engine in ENGINES {
        instance.set_engine(engine);
        let mut run = instance.start(&[], &Limits::trusted()).expect("no arguments");
        assert_eq!(run.resume(4, &mut imports), Progress::Paused, "it has only one block, which needs more");
        drop(run);
    }
    let outcome = instance.run(&[], &mut imports, &Limits::trusted(), &mut ()).expect("no arguments");
    assert_eq!(outcome.end, End::Result(Some(int(2))));
}
