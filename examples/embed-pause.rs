//! Pause and go on: a call runs in turns with other work, a thousand steps at a time, and ends as if it had not paused.

use vegavm::embed::{Imports, Instance, Module, Progress};

const PROGRAM: &str = r#"
pub fn mix(rounds: int) -> int {
    alloc 4 {
        a = 0
        for i in 0..rounds { a = (a * 31 + i) % 65521 }
        return a
    }
}
fn main() { }
"#;

/// Calls the function in pieces and whole.
pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let compiled = vegac::compile("turns.vg", PROGRAM.as_bytes(), &mut vega_report::Sources::new());
    let module = Module::try_from(compiled.module.ok_or("the program has mistakes")?)?;
    let mut instance = Instance::new(&module, &Imports::new(), ())?;
    let mix = instance.func::<(i32,), i32>("mix")?;

    let mut call = mix.start(&mut instance, (2_000,))?;
    let mut turns = 1;
    let mixed = loop {
        match call.resume(1_000)? {
            Progress::Paused(paused) => {
                println!("turn {turns}: {} steps so far", paused.used().steps);
                call = paused;
            }
            Progress::Ended(mixed) => break mixed,
        }
        turns += 1;
    };
    let used = instance.used();
    assert_eq!(mix.call(&mut instance, (2_000,))?, mixed);
    assert_eq!(instance.used(), used);
    assert!(turns > 10);
    Ok(())
}
