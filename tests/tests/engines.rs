//! The engines agree about programs that are made at random, under limits that are small and large in turn.

use vega_tests::{engines, generate};
use vegavm::{End, Imports, Limits, load};

const SEEDS: u64 = 3_000;

#[test]
fn engines_agree_about_generated_programs() {
    let mut ends = [0; 3];
    for seed in 0..SEEDS {
        let verified = generate::program(seed).finish().expect("a generated program is accepted");
        let bytes = verified.module().bytes().to_vec();
        let program = load(bytes, &Imports::new(), &Limits { memory: u64::MAX, ..Limits::trusted() }, &mut ());
        let program = program.expect("a verified program loads");
        for (steps, memory, frames) in
            [(3_000, 1 << 30, 200), (7 + seed % 90, u64::MAX, 200), (3_000, 64 + seed % 400, 1 + seed % 6)]
        {
            let limits = Limits { steps: Some(steps), memory, frames: frames as u32, ..Limits::trusted() };
            let outcome =
                engines::agree(&program, &[], &limits).unwrap_or_else(|problem| panic!("seed {seed}: {problem}"));
            ends[match outcome.expect("no arguments are wanted").end {
                End::Result(_) => 0,
                End::Trap(_) => 1,
                _ => 2,
            }] += 1;
        }
    }
    // A generator that got dull would prove nothing.
    assert!(ends.iter().all(|count| *count > 100), "results, traps and limits: {ends:?}");
}
