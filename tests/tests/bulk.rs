//! Work on very many bytes is ended from another thread as soon as anything else, on every engine.
//!
//! What is counted, a piece of work between two looks, is tested where it is done (`vegavm/src/bulk.rs`); how long it took
//! until a run ended is printed: `cargo test -p vega-tests --test bulk -- --nocapture`.

use std::time::{Duration, Instant};
use vega_tests::module;
use vegavm::observe::{Done, Observer, Snapshot};
use vegavm::{Cancel, End, Engine, Imports, Limits, load};

const OPENED: &str = "while true { alloc 400000000 { a: byte[400000000]; a[399999999] = 1b } }";
const COPIED: &str = "alloc 400000000 { a: byte[200000000]; b: byte[200000000]; while true { b = a } }";
const CLEARED: &str = "while true { alloc 400000000 { a: byte[400000000]; a[7] = 1b; free(a) } }";
const COMPARED: &str = r#"
fn same(a: string, b: string) -> bool { return a == b }
alloc 400000000 { a: string<200000000>; b: string<200000000>; while true { append(a, "x"); if same(a, b) { append(b, "x") } } }
"#;

#[test]
fn bulk_work_is_cancelled_in_its_midst() {
    for source in [OPENED, COPIED, CLEARED, COMPARED] {
        let bytes = module::compile("bulk.vg", source.as_bytes()).accepted().unwrap_or_else(|words| panic!("{words}"));
        let limits = Limits { time: None, ..Limits::trusted() };
        let program = load(bytes, &Imports::new(), &limits, &mut ()).unwrap_or_else(|error| panic!("{error}"));
        let engines = [Engine::Interpreter, Engine::Jit, Engine::Reference];
        for (engine, wait) in engines.into_iter().flat_map(|engine| [(engine, 2), (engine, 300)]) {
            let cancel = Cancel::new();
            let mut instance = program.instantiate();
            instance.set_engine(engine);
            instance.set_cancel(cancel.clone());
            let waiter = std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(wait));
                cancel.cancel();
                Instant::now()
            });
            let mut run = instance.start(&[], &limits).expect("no arguments");
            let progress = run.resume(u64::MAX, &mut Imports::new());
            let ended = Instant::now();
            let cancelled = waiter.join().expect("it ends");
            let vegavm::Progress::Ended(outcome) = progress else { panic!("it has paused") };
            assert!(matches!(outcome.end, End::Cancelled(_)), "{:?}", outcome.end);
            println!("{engine:?} after {wait} ms: {:?} later; {source:.40}", ended.duration_since(cancelled));
        }
    }
}

/// Ends the run at the first instruction that it sees, and counts all.
struct Once(Cancel, u32);

impl Observer for Once {
    fn after_instruction(&mut self, _: &Done<'_>, _: &Snapshot<'_>) {
        self.0.cancel();
        self.1 += 1;
    }
}

/// Who watches may take long for each instruction: a block without jumps is not gone through to its end.
#[test]
fn watched_runs_are_cancelled_within_straight_code() {
    let source = format!("alloc 8 {{ x = 0l; {} x }}", "x += 1l; ".repeat(200));
    let bytes = module::compile("long.vg", source.as_bytes()).accepted().unwrap_or_else(|words| panic!("{words}"));
    let limits = Limits::trusted();
    let program = load(bytes, &Imports::new(), &limits, &mut ()).unwrap_or_else(|error| panic!("{error}"));
    let mut instance = program.instantiate();
    let cancel = Cancel::new();
    instance.set_cancel(cancel.clone());
    let mut observer = Once(cancel, 0);
    let outcome = instance.run(&[], &mut Imports::new(), &limits, &mut observer).expect("no arguments");
    assert!(matches!(outcome.end, End::Cancelled(_)), "{:?}", outcome.end);
    assert_eq!(observer.1, 1);
}
