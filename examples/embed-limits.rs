//! Limits: what a program may use is fixed before it runs, what it used is known afterwards, and a limit ends only the call.

use vegavm::Limits;
use vegavm::embed::{ErrorKind, Imports, Instance, Module};

const PROGRAM: &str = r#"
pub fn sum(n: int) -> long {
    alloc 8 {
        total = 0l
        for i in 0..n { total += i }
        return total
    }
}
pub fn hungry() -> int {
    alloc 1000000 { a: byte[1000000]; return len(a) }
}
fn main() { }
"#;

/// Calls a function within limits, beyond one, and one that could never fit.
pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let compiled = vegac::compile("sum.vg", PROGRAM.as_bytes(), &mut vega_report::Sources::new());
    let module = Module::try_from(compiled.module.ok_or("the program has mistakes")?)?;
    let limits = Limits { memory: 64 << 10, steps: Some(1_000), ..Limits::untrusted() };
    let mut instance = Instance::with_limits(&module, &Imports::new(), (), limits)?;

    let sum = instance.func::<(i32,), i64>("sum")?;
    println!("the sum is {}, after {:?}", sum.call(&mut instance, (10,))?, instance.used());
    let error = sum.call(&mut instance, (1_000_000,)).expect_err("a thousand steps are not enough");
    println!("{error}");
    assert!(matches!(error.kind(), ErrorKind::Limit(..)));

    // This one is refused before it runs: the proof says what it would need.
    let error = instance.func::<(), i32>("hungry").expect_err("it needs a megabyte");
    println!("{error}");
    assert!(matches!(error.kind(), ErrorKind::Budget { .. }));
    assert_eq!(sum.call(&mut instance, (3,))?, 3);
    Ok(())
}
