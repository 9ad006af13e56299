//! Every instruction that computes does so as machine code, and every pass on the way to it can be left out.

use vega_tests::case::cases;
use vega_tests::computations::{COMPUTATIONS, check};
use vega_tests::engines::{run, same};
use vega_tests::module::compile_file;
use vegavm::{Console, Engine, Imports, Limits, Pass, Passes, load};

#[test]
fn every_computation_gives_what_the_arithmetic_says_on_edge_values() {
    for computation in COMPUTATIONS {
        check(*computation).unwrap_or_else(|problem| panic!("{problem}"));
    }
}

#[test]
fn each_pass_can_be_left_out() {
    let sets = Pass::ALL.into_iter().map(|pass| vec![pass]).chain([Pass::ALL.to_vec()]);
    let sets: Vec<_> = sets.collect();
    let mut many = 0;
    for case in cases("run/language", &["vg"]) {
        let Ok(bytes) = compile_file(&case.path, vegac::Options::default()).accepted() else { continue };
        let limits = Limits { steps: Some(1 << 40), ..Limits::trusted() };
        let Ok(program) =
            load(bytes, &Imports::console(Console::new(std::io::sink(), std::io::empty())), &limits, &mut ())
        else {
            continue;
        };
        for limits in [Limits { steps: None, ..limits }, limits] {
            let wanted = run(&program, Engine::Reference, &[], &limits);
            for passes in &sets {
                let program = program.clone().without(Passes::of(passes));
                let came = run(&program, Engine::Jit, &[], &limits);
                same(&format!("{passes:?}"), came, &wanted)
                    .unwrap_or_else(|problem| panic!("{}: {problem}", case.name));
            }
        }
        many += 1;
    }
    assert!(many > 30, "{many} programs");
}
