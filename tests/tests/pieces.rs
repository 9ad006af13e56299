//! However a run is cut into pieces, and whoever watches it, it is the same run: in programs that are made at random.

use vega_tests::generate;
use vega_tests::random::Random;
use vegavm::coverage::Coverage;
use vegavm::profile::{Node, Profiler};
use vegavm::{End, Engine, Imports, Limits, Observer, Outcome, Program, Progress, load};

const SEEDS: u64 = 300;

/// Every third program has too few steps.
fn limits_for(seed: u64) -> Limits {
    let steps = if seed.is_multiple_of(3) { 25 } else { 3_000 };
    Limits { memory: u64::MAX, tables: u64::MAX, frames: 200, steps: Some(steps), ..Limits::trusted() }
}

/// Often few, sometimes very many.
fn any_steps(random: &mut Random) -> u64 {
    let most = random.pick(&[1, 3, 20, 500, 6_000]).copied().unwrap_or(1);
    random.within(1, most).into()
}

/// On an engine, with so many steps for each piece.
fn in_pieces(program: &Program, engine: Engine, limits: &Limits, mut steps: impl FnMut() -> u64) -> Outcome {
    let (mut instance, mut imports) = (program.instantiate(), Imports::new());
    instance.set_engine(engine);
    let mut run = instance.start(&[], limits).expect("no arguments");
    loop {
        if let Progress::Ended(outcome) = run.resume(steps(), &mut imports) {
            return outcome;
        }
    }
}

/// An instruction at a time, observed.
fn by_instructions(program: &Program, limits: &Limits, observer: &mut dyn Observer) -> Outcome {
    let (mut instance, mut imports) = (program.instantiate(), Imports::new());
    let mut stepper = instance.stepper(&[], limits).expect("no arguments");
    loop {
        if let Progress::Ended(outcome) = stepper.step(&mut imports, observer) {
            return outcome;
        }
    }
}

#[test]
fn pieces_of_generated_programs_are_the_whole() {
    let mut ends = [0; 3];
    for seed in 0..SEEDS {
        let limits = limits_for(seed);
        let verified = generate::program(seed).finish().expect("a generated program is accepted");
        let bytes = verified.module().bytes().to_vec();
        let program = load(bytes, &Imports::new(), &limits, &mut ()).expect("a verified program loads");
        let whole = program.run(&[], &mut Imports::new(), &limits, &mut ()).expect("no arguments");
        for engine in [Engine::Interpreter, Engine::Tables, Engine::Jit, Engine::Reference] {
            for steps in [1, 17, 500] {
                let pieces = in_pieces(&program, engine, &limits, || steps);
                assert_eq!(pieces, whole, "{engine:?}, seed {seed}, {steps} steps at a time");
            }
            let mut random = Random::new(seed);
            let pieces = in_pieces(&program, engine, &limits, || any_steps(&mut random));
            assert_eq!(pieces, whole, "{engine:?}, seed {seed}, any number of steps at a time");
        }
        let mut seen = (Profiler::new(), Coverage::new());
        let stepped = by_instructions(&program, &limits, &mut seen);
        assert_eq!(stepped, whole, "seed {seed}, an instruction at a time");
        let profiled: u64 = seen.0.nodes().iter().map(Node::steps).sum();
        assert_eq!(profiled, whole.used.steps, "seed {seed}: every step is one of the profile");
        ends[match whole.end {
            End::Result(_) => 0,
            End::Trap(_) => 1,
            _ => 2,
        }] += 1;
    }
    // A generator that got dull would prove nothing.
    assert!(ends.iter().all(|count| *count > 5), "results, traps and limits: {ends:?}");
}
