//! Pause and go on: a program runs in turns with other work, a thousand steps at a time, and ends as if it had not paused.

use vegavm::{Console, End, Imports, Limits, Progress, load};

const PROGRAM: &str = r#"
alloc 16 {
    a = 0
    for i in 0..2000 { a = (a * 31 + i) % 65521 }
    a
}
"#;

/// Runs the program in pieces and whole.
pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let compiled = vegac::compile("turns.vg", PROGRAM.as_bytes(), &mut vega_report::Sources::new());
    let bytes = compiled.module.ok_or("the program has mistakes")?.into_module().into_bytes();
    let mut imports = Imports::console(Console::new(std::io::stdout(), std::io::empty()));
    let limits = Limits::untrusted();
    let program = load(bytes, &imports, &limits, &mut ())?;

    let mut instance = program.instantiate();
    let mut run = instance.start(&[], &limits)?;
    let mut turns = 0;
    let outcome = loop {
        turns += 1;
        match run.resume(1_000, &mut imports) {
            Progress::Paused => println!("turn {turns}: {} steps so far", run.used().steps),
            Progress::Ended(outcome) => break outcome,
        }
    };
    let whole = program.run(&[], &mut imports, &limits, &mut ())?;
    assert_eq!(outcome, whole);
    assert!(turns > 10 && matches!(whole.end, End::Result(Some(_))));
    Ok(())
}
