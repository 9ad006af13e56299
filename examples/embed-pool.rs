//! A pool under threads: a module is verified and translated once, its instances serve whoever comes.

use std::sync::atomic::{AtomicI64, Ordering};
use vegavm::Limits;
use vegavm::embed::{Imports, Module, Pool};

const PROGRAM: &str = r#"
static 8 { seen = 0l }

pub fn score(points: []int) -> long {
    seen += 1
    for p in points { seen += p * p }
    return seen
}
fn main() { }
"#;

/// Four threads share a pool; each call has an instance to itself, as if it were new.
pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let compiled = vegac::compile("score.vg", PROGRAM.as_bytes(), &mut vega_report::Sources::new());
    let module = Module::try_from(compiled.module.ok_or("the program has mistakes")?)?;
    let pool = Pool::<()>::new(4, &module, &Imports::new(), Limits::untrusted())?;
    let score = pool.func::<(&[i32],), i64>("score")?;
    let total = AtomicI64::new(0);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (pool, score, total) = (&pool, &score, &total);
            scope.spawn(move || {
                for round in 0..250 {
                    let mut instance = pool.take(());
                    let points = score.call(&mut instance, (&[thread, round % 3],));
                    total.fetch_add(points.unwrap_or_default(), Ordering::Relaxed);
                }
            });
        }
    });
    println!("{} points, {} instances were enough", total.load(Ordering::Relaxed), pool.idle());
    Ok(())
}
