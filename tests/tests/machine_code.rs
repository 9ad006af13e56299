//! Every instruction that computes does so as machine code.

use vega_tests::computations::{COMPUTATIONS, check};

#[test]
fn every_computation_gives_what_the_arithmetic_says_on_edge_values() {
    for computation in COMPUTATIONS {
        check(*computation).unwrap_or_else(|problem| panic!("{problem}"));
    }
}
