//! What is asked of the allocator: files that claim more than they have reserve nothing (rows S07 and S08 of the list of bad
//! inputs), what is refused leaves nothing behind, and an instance that was prepared allocates no more.
//!
//! An allocator that counts must be `unsafe`; it is part of this test alone. It counts each thread by itself, as tests run
//! side by side.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use vega_tests::suites::container;
use vega_tests::{bytes, module};
use vegavm::embed::{ErrorKind, Func, Imports, Instance, Module, Pool};
use vegavm::{Console, Engine, Limits, load};

/// The allocator of the system, with what was asked of it.
struct Watching;

/// What a thread has asked for.
#[derive(Debug, Clone, Copy, Default)]
struct Asked {
    /// How often.
    count: usize,
    /// The bytes of the largest block.
    largest: usize,
    /// Bytes that were not given back; of another thread's, they may be less than none.
    live: isize,
}

thread_local! {
    static ASKED: Cell<Asked> = const { Cell::new(Asked { count: 0, largest: 0, live: 0 }) };
}

fn note(change: impl FnOnce(&mut Asked)) {
    // Where the thread is about to end nobody looks any more.
    let _ = ASKED.try_with(|asked| {
        let mut now = asked.get();
        change(&mut now);
        asked.set(now);
    });
}

/// What this thread asks for meanwhile.
fn watch<R>(work: impl FnOnce() -> R) -> (R, Asked) {
    let before = ASKED.replace(Asked::default());
    let done = work();
    let asked = ASKED.replace(before);
    (done, asked)
}

// SAFETY: every call is handed on to the allocator of the system as it came.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(|asked| {
            asked.count += 1;
            asked.largest = asked.largest.max(layout.size());
            asked.live += layout.size() as isize;
        });
        // SAFETY: the caller keeps what `alloc` demands.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(|asked| {
            asked.count += 1;
            asked.largest = asked.largest.max(layout.size());
            asked.live += layout.size() as isize;
        });
        // SAFETY: the caller keeps what `alloc_zeroed` demands.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        note(|asked| asked.live -= layout.size() as isize);
        // SAFETY: the block came from `System`.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Watching = Watching;

/// One block of the good file's tables takes less.
const MOST: usize = 16 << 10;

#[test]
fn claims_reserve_nothing() {
    let rows: Vec<_> = container::rows();
    let claims = rows.iter().filter(|row| row.name.starts_with("s07") || row.name.starts_with("s08"));
    let mut count = 0;
    for row in claims {
        let bytes = row.bytes().expect("the good file is there");
        let (refused, asked) = watch(|| vega_format::read(bytes.as_slice()).is_err());
        assert!(refused && asked.largest <= MOST, "{}: {asked:?}", row.name);
        count += 1;
    }
    assert!(count > 20, "{count} rows");
}

/// Functions that call functions, with arenas, static variables, activations that are limited, and a host function.
const PROVED: &str = r#"
extern fn next(n: int) -> int
static 8 { calls = 0l }
struct point { x: long, y: long }

fn swap(p: point) -> point { return point { x = p.y, y = p.x } }
fn down(n: int) -> int limit 40 {
    if n == 0 { return 0 }
    alloc 16 { a: int[4]; a[n % 4] = n; return down(n - 1) + a[n % 4] }
}
fn scale(values: []int, by: int) { for i in 0..len(values) { values[i] = values[i] * by } }
pub fn work(n: int) -> long {
    calls += 1
    alloc 216 {
        a: int[50]
        for i in 0..50 { a[i] = next(i) }
        scale(a, n)
        p = swap(point { x = long(a[49]), y = long(down(39)) })
        return p.x + p.y + calls
    }
}
pub fn length(s: string) -> int { return len(s) }
fn main() { }
"#;

fn proved() -> Module {
    let compiled = module::compile("proved.vg", PROVED.as_bytes()).accepted();
    Module::new(compiled.unwrap_or_else(|words| panic!("{words}"))).unwrap_or_else(|error| panic!("{error}"))
}

fn imports() -> Imports {
    let mut imports = Imports::new();
    imports.func("next", |n: i32| n + 1).expect("a name");
    imports
}

/// What `work(3)` gives when it is called for the first time.
const WORKED: i64 = 3 * 50 + 40 * 39 / 2 + 1;

/// Prepares an instance and calls it, for which nothing may be allocated; gives the engine of the calls with scalars.
fn call_prepared(module: &Module) -> Option<Engine> {
    let mut instance = Instance::new(module, &imports(), ()).expect("all is granted");
    instance.prepare(64).expect("it is proved");
    let work = instance.func::<(i32,), i64>("work").expect("it is there");
    let length = instance.func::<(&str,), i32>("length").expect("it is there");
    let (results, asked) = watch(|| [(); 3].map(|()| work.call(&mut instance, (3,))));
    for (result, wanted) in results.into_iter().zip(WORKED..) {
        assert_eq!(result.expect("it works"), wanted);
    }
    assert_eq!(asked.count, 0, "{asked:?}");
    let engine = instance.ran().map(|ran| ran.engine);
    let text = "x".repeat(64);
    let (result, asked) = watch(|| length.call(&mut instance, (&text,)));
    assert_eq!((result.expect("it measures"), asked.count), (64, 0), "{asked:?}");
    engine
}

#[test]
fn a_prepared_instance_allocates_nothing() {
    let module = proved();
    assert_eq!(call_prepared(&module), Some(Engine::Interpreter));
    // Nor does it in machine code, where that was made before.
    if module.compile(&Limits::untrusted()).is_ok() {
        assert_eq!(call_prepared(&module), Some(Engine::Jit));
    }
}

/// The limit of arguments is there for their memory, too.
#[test]
fn arguments_that_are_too_much_take_nothing() {
    let mut instance = Instance::new(&proved(), &imports(), ()).expect("all is granted");
    let length = instance.func::<(&str,), i32>("length").expect("it is there");
    let text = "x".repeat(48 << 20);
    let (result, asked) = watch(|| length.call(&mut instance, (&text,)));
    let error = result.expect_err("more than a MiB");
    assert!(matches!(error.kind(), ErrorKind::Arguments(_)), "{error}");
    assert!(asked.largest < 1 << 20, "{asked:?}");
}

#[test]
fn what_is_not_bounded_is_not_prepared() {
    let source = "pub fn f(n: int) -> int { if n == 0 { return 0 }; return f(n - 1) }\nfn main() { }\n";
    let bytes = module::compile("circle.vg", source.as_bytes()).accepted().unwrap_or_else(|words| panic!("{words}"));
    let module = Module::new(bytes).expect("it is verified");
    let error = Instance::new(&module, &Imports::new(), ()).expect("all is granted").prepare(0).expect_err("a circle");
    assert!(matches!(error.kind(), ErrorKind::Unbounded { function } if function == "f(int) -> int"), "{error}");
    let limits = Limits { memory: 1000, ..Limits::untrusted() };
    let mut instance = Instance::with_limits(&proved(), &imports(), (), limits).expect("all is granted");
    let error = instance.prepare(0).expect_err("too little");
    assert!(matches!(error.kind(), ErrorKind::Budget { limit: 1000, .. }), "{error}");
}

/// As many instances as one likes, each with what is proved and some hundred bytes, and nothing left of them.
#[test]
fn instances_are_small() {
    const COUNT: usize = 100_000;
    const BESIDE: usize = 512;
    let module = proved();
    let pool = Pool::<()>::new(COUNT, &module, &imports(), Limits::untrusted()).expect("all is granted");
    let work = pool.take(()).func::<(i32,), i64>("work").expect("it is there");
    // What is proved of the function that needs most, with the static variables.
    let need = module.budget("work(I)L").and_then(|budget| budget.bytes).expect("it is proved") as usize + 8;
    let call =
        |instance: &mut Instance, work: &Func<(i32,), i64>| assert_eq!(work.call(instance, (3,)).ok(), Some(WORKED));
    // Machine code is made once for all.
    (0..2_000).for_each(|_| call(&mut pool.take(()), &work));
    let (mut taken, asked) = watch(|| (0..COUNT).map(|_| pool.take(())).collect::<Vec<_>>());
    let each = asked.live as usize / COUNT;
    println!("each instance takes {each} bytes, of which {need} are proved to be needed");
    assert!(each <= need + BESIDE, "{each} bytes for each instance, {need} are needed");
    let ((), asked) = watch(|| taken.iter_mut().step_by(100).for_each(|instance| call(instance, &work)));
    assert_eq!(asked.count, 0, "{asked:?}");
    drop(taken);
    assert_eq!(pool.idle(), COUNT);

    let ((), asked) = watch(|| {
        for _ in 0..COUNT {
            let mut instance = Instance::new(&module, &imports(), ()).expect("all is granted");
            call(&mut instance, &work);
        }
    });
    assert!(asked.live <= 0, "{asked:?}");
}

/// Files that are refused by the reader, the verifier, the loader, and for what they import.
#[test]
fn refused_files_leave_nothing() {
    const COUNT: usize = 100_000;
    let compiled = module::compile("proved.vg", PROVED.as_bytes()).accepted();
    let good = compiled.unwrap_or_else(|words| panic!("{words}"));
    let mut ill_typed = good.clone();
    let last = ill_typed.len();
    // Some byte of the code makes a file that is well-formed and not right.
    let refused_by_verifier =
        |file: &[u8]| vega_format::read(file).is_ok_and(|parsed| vega_format::verify::verify(parsed).is_err());
    for place in 0..last {
        ill_typed.clone_from(&good);
        ill_typed[place] ^= 1;
        bytes::repair(&mut ill_typed);
        if refused_by_verifier(&ill_typed) {
            break;
        }
    }
    assert!(refused_by_verifier(&ill_typed));
    let mut damaged = good.clone();
    damaged[last / 2] ^= 0x55;
    let kinds = [Vec::new(), b"#!/bin/sh\n".to_vec(), good[..last / 2].to_vec(), damaged, ill_typed, good.clone()];
    let limits = Limits::untrusted();
    let granted = vegavm::Imports::console(Console::new(std::io::sink(), std::io::empty()));
    let refuse = |file: &Vec<u8>| {
        assert!(load(file.clone(), &granted, &limits, &mut ()).is_err());
        match Module::new(file.clone()) {
            Err(error) => drop(error.to_string()),
            Ok(module) => assert!(Instance::new(&module, &Imports::new(), ()).is_err(), "nothing is granted"),
        }
    };
    kinds.iter().for_each(refuse);
    let ((), asked) = watch(|| (0..COUNT).for_each(|number| refuse(&kinds[number % kinds.len()])));
    assert!(asked.count > COUNT && asked.live <= 0, "{asked:?}");
}
