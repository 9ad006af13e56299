//! The engines agree about programs that are made at random, under limits that are small and large in turn.

use vega_tests::engines;
use vegavm::End;

const SEEDS: u64 = 3_000;

#[test]
fn engines_agree_about_generated_programs() {
    let mut ends = [0; 3];
    for seed in 0..SEEDS {
        let outcomes = engines::agree_about(seed).unwrap_or_else(|problem| panic!("seed {seed}: {problem}"));
        for outcome in outcomes {
            ends[match outcome.end {
                End::Result(_) => 0,
                End::Trap(_) => 1,
                _ => 2,
            }] += 1;
        }
    }
    // A generator that got dull would prove nothing.
    assert!(ends.iter().all(|count| *count > 100), "results, traps and limits: {ends:?}");
}
