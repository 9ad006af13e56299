//! How long a call takes that does nothing else: from the host into a program and back, and from a program to the host.
//! `cargo run --release -p vega --example bench-calls`

use std::hint::black_box;
use std::time::Instant;
use vegavm::Limits;
use vegavm::embed::{Func, Imports, Instance, Module, Pool};

const PROGRAM: &str = r#"
extern fn next(n: int) -> int
pub fn add(a: int, b: int) -> int { return a + b }
pub fn ask(n: int) -> int {
    alloc 8 {
        x = 0
        for i in 0..n { x = next(x) }
        return x
    }
}
pub fn turn(n: int) -> int {
    alloc 8 {
        x = 0
        for i in 0..n { x = x + 1 }
        return x
    }
}
fn main() { }
"#;

/// Nanoseconds for each of so many, the least of several rounds.
fn least(count: u32, mut round: impl FnMut()) -> f64 {
    let times = (0..15).map(|_| {
        let began = Instant::now();
        round();
        began.elapsed().as_secs_f64() * 1e9 / f64::from(count)
    });
    times.fold(f64::INFINITY, f64::min)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let compiled = vegac::compile("calls.vg", PROGRAM.as_bytes(), &mut vega_report::Sources::new());
    let bytes = compiled.module.ok_or("the program has mistakes")?.into_module().into_bytes();
    let module = Module::new(bytes.clone())?;
    let mut imports = Imports::new();
    imports.func("next", |n: i32| n.wrapping_add(1))?;
    const CALLS: u32 = 100_000;
    for is_compiled in [true, false] {
        let module = Module::new(bytes.clone())?;
        let (mut instance, engine) =
            (Instance::new(&module, &imports, ())?, if is_compiled { "machine code" } else { "words" });
        let instance = &mut instance;
        // What is prepared stays in words unless the module was compiled.
        match is_compiled {
            true => module.compile(&Limits::untrusted())?,
            false => instance.prepare(0)?,
        }
        let add = instance.func::<(i32, i32), i32>("add")?;
        let ask = instance.func::<(i32,), i32>("ask")?;
        let turn = instance.func::<(i32,), i32>("turn")?;
        let into = least(CALLS, || {
            for n in 0..CALLS as i32 {
                black_box(add.call(instance, (black_box(n), 1)).unwrap_or_default());
            }
        });
        let mut rounds = |function: &Func<(i32,), i32>| {
            least(CALLS, || {
                black_box(function.call(instance, (CALLS as i32,)).unwrap_or_default());
            })
        };
        let host = rounds(&ask) - rounds(&turn);
        println!("{:<40}{into:8.1} ns", format!("a call into {engine}"));
        println!("{:<40}{host:8.1} ns", format!("a call of the host from {engine}"));
    }
    let pool = Pool::<()>::new(1, &module, &imports, Limits::untrusted())?;
    drop(pool.take(()));
    let pooled = least(CALLS, || {
        for _ in 0..CALLS {
            drop(black_box(pool.take(())));
        }
    });
    let empty = Pool::<()>::new(0, &module, &imports, Limits::untrusted())?;
    let started = least(CALLS, || {
        for _ in 0..CALLS {
            drop(black_box(empty.take(())));
        }
    });
    let add = pool.take(()).func::<(i32, i32), i32>("add")?;
    let fresh = least(1_000, || {
        for _ in 0..1_000 {
            let mut instance = Instance::new(&module, &imports, ()).unwrap_or_else(|error| panic!("{error}"));
            black_box(add.call(&mut instance, (1, 2)).unwrap_or_default());
        }
    });
    println!("an instance out of a pool               {pooled:8.1} ns");
    println!("a new one for a pool                    {started:8.1} ns");
    println!("a new instance and a call               {fresh:8.1} ns");
    Ok(())
}
