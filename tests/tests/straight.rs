//! Calls from the host straight into machine code are what they are in words: results, traps with their places, limits, what was
//! used, what is kept, and what host functions see.

use std::time::Duration;
use vega_tests::module;
use vega_tests::random::Random;
use vegavm::embed::{Arguments, Caller, ErrorKind, Func, Imports, Instance, Module, Pool, Returned};
use vegavm::{Engine, HostError, Limits};

const SOURCE: &str = r#"
extern fn next(n: long) -> long
extern fn again(n: int) -> int

static 24 { calls = 0l; last: int[2] }

pub fn add(a: int, b: int) -> int { return a + b }
pub fn mix(a: short, b: int, c: long, d: float, e: decimal, f: bool, g: byte, h: char) -> decimal {
    if f { return e }
    return decimal(long(a) + long(b) + c) + decimal(d) + e + decimal(int(g)) + decimal(int(h))
}
pub fn divide(a: int, b: int) -> int { return a / b }
pub fn count(n: int) -> long { calls += 1; last[n] = n; return calls * 10l + long(last[1]) }
pub fn turn(n: int) -> long { alloc 8 { x = 0l; for i in 0..n { x += long(i) * x + 1l }; return x } }
pub fn down(n: int) -> int { if n == 0 { return 0 }; return down(n - 1) + 1 }
pub fn few(n: int) -> int limit 5 { if n == 0 { return 0 }; return few(n - 1) + 1 }
pub fn fill(n: int) -> int { alloc 400 { a: int[100]; for i in 0..n { a[i] = i }; return a[n % 100] } }
pub fn deep(n: int) -> int {
    alloc 64 { a: int[16]; a[n % 16] = n; if n > 0 { return deep(n - 1) + a[n % 16] }; return a[0] }
}
pub fn ask(n: int) -> long { alloc 8 { x = 0l; for i in 0..n { x = next(x) + 1l }; return x } }
pub fn nest(n: int) -> int { return again(n) + n }
pub fn name(n: int) -> string { if n == 0 { return "none" }; return "some" }
pub fn nothing() { }
pub fn forever() { while true { } }
fn main() { }
"#;

fn fresh() -> Module {
    let bytes = module::compile("straight.vg", SOURCE.as_bytes()).accepted().unwrap_or_else(|words| panic!("{words}"));
    Module::new(bytes).unwrap_or_else(|error| panic!("{error}"))
}

/// What the host grants; `again` calls another instance of the module, and that another.
fn imports(module: &Module) -> Imports<u32> {
    let mut imports = Imports::new();
    let next = |caller: &mut Caller<'_, '_, u32>, n: i64| {
        *caller.data_mut() += 1;
        if n > 1_000 { Err(HostError::Failed("too many".to_owned())) } else { Ok(n + 1) }
    };
    imports.func("next", next).expect("a name").cost(0, 3);
    let inner = module.clone();
    let again = move |n: i32| -> i32 {
        if n <= 0 {
            return 1;
        }
        let mut instance = Instance::new(&inner, &self::imports(&inner), 0).expect("all is granted");
        let nest = instance.func::<(i32,), i32>("nest").expect("it is there");
        nest.call(&mut instance, (n - 1,)).expect("it nests")
    };
    imports.func("again", again).expect("a name");
    imports
}

fn instance(module: &Module, limits: Limits) -> Instance<u32> {
    Instance::with_limits(module, &imports(module), 0, limits).unwrap_or_else(|error| panic!("{error}"))
}

/// Whether machine code is made here at all.
fn compiled(module: &Module, limits: &Limits) -> bool {
    match module.compile(limits) {
        Ok(()) => true,
        Err(error) => {
            assert!(matches!(error.kind(), ErrorKind::NotCompiled(_)), "{error}");
            let nobody_makes_it = !cfg!(all(target_arch = "x86_64", target_os = "linux"));
            assert!(nobody_makes_it, "{error}");
            false
        }
    }
}

/// Calls of two instances, one of which has only words.
struct Pair {
    straight: Instance<u32>,
    words: Instance<u32>,
}

impl Pair {
    fn new(limits: Limits) -> Pair {
        let (with, without) = (fresh(), fresh());
        let _ = compiled(&with, &limits);
        Pair { straight: instance(&with, limits), words: instance(&without, limits) }
    }

    /// Calls a function several times; says whether all but the first went straight.
    fn agree<A, R>(&mut self, name: &str, given: impl Fn() -> A) -> bool
    where
        A: Arguments + for<'a> Arguments<Given<'a> = A>,
        R: Returned + PartialEq + std::fmt::Debug,
    {
        let looked_up = (self.straight.func::<A, R>(name), self.words.func::<A, R>(name));
        let (straight, words): (Func<A, R>, Func<A, R>) = match looked_up {
            (Ok(straight), Ok(words)) => (straight, words),
            (straight, words) => {
                assert_eq!(
                    straight.map_err(|error| error.to_string()).err(),
                    words.map_err(|error| error.to_string()).err()
                );
                return false;
            }
        };
        let mut went = true;
        for round in 0..3 {
            let found = straight.call(&mut self.straight, given());
            let wanted = words.call(&mut self.words, given());
            let told = |ended: Result<R, vegavm::embed::Error>| ended.map_err(|error| format!("{error:?}"));
            assert_eq!(told(found), told(wanted), "{name}, round {round}");
            assert_eq!(self.straight.used(), self.words.used(), "{name}, round {round}");
            assert_eq!(self.straight.data(), self.words.data(), "{name}, round {round}");
            let ran = self.straight.ran().expect("it was called");
            went &= round == 0 || (ran.engine, ran.why) == (Engine::Jit, "its code was there");
        }
        went
    }

    /// All functions, with numbers about as large as this one.
    fn agree_on_all(&mut self, n: i32) {
        self.agree::<(i32, i32), i32>("add", || (n, i32::MAX));
        let many = || (n as i16, n, i64::from(n), n as f32, f64::from(n), n % 2 == 0, n as u8, 'ü');
        self.agree::<(i16, i32, i64, f32, f64, bool, u8, char), f64>("mix", many);
        self.agree::<(i32, i32), i32>("divide", || (1_000, n - 3));
        self.agree::<(i32,), i64>("count", || (n % 3,));
        self.agree::<(i32,), i64>("turn", || (n * 50,));
        self.agree::<(i32,), i32>("down", || (n,));
        self.agree::<(i32,), i32>("few", || (n % 8,));
        self.agree::<(i32,), i32>("fill", || (n,));
        self.agree::<(i32,), i32>("deep", || (n % 100,));
        self.agree::<(i32,), i64>("ask", || (n * 4,));
        self.agree::<(i32,), i32>("nest", || (n % 4,));
        self.agree::<(i32,), String>("name", || (n % 2,));
        self.agree::<(), ()>("nothing", || ());
    }
}

#[test]
fn calls_go_straight_once_the_module_is_compiled() {
    for limits in [Limits::untrusted(), Limits { memory: 1 << 20, ..Limits::trusted() }] {
        if !compiled(&fresh(), &limits) {
            return;
        }
        let mut pair = Pair::new(limits);
        assert!(pair.agree::<(i32, i32), i32>("add", || (40, 2)));
        assert!(pair.agree::<(i32,), i64>("count", || (1,)));
        assert!(pair.agree::<(i32,), i64>("turn", || (100,)));
        assert!(pair.agree::<(i32,), i32>("deep", || (20,)));
        assert!(pair.agree::<(), ()>("nothing", || ()));
        assert!(pair.agree::<(i32,), String>("name", || (1,)));
        // These have something to tell on their way.
        assert!(pair.agree::<(i32, i32), i32>("divide", || (1, 0)));
        assert!(pair.agree::<(i32,), i64>("ask", || (7,)));
        assert!(pair.agree::<(i32,), i64>("turn", || (300_000,)));
        // What counts its activations begins in words.
        assert!(!pair.agree::<(i32,), i32>("few", || (3,)));
    }
}

#[test]
fn calls_that_are_often_made_are_compiled() {
    let module = fresh();
    if !compiled(&fresh(), &Limits::untrusted()) {
        return;
    }
    let pool = Pool::<u32>::new(2, &module, &imports(&module), Limits::untrusted()).expect("all is granted");
    let add = pool.take(0).func::<(i32, i32), i32>("add").expect("it is there");
    let mut went = 0;
    for n in 0..20_000 {
        let mut instance = pool.take(0);
        assert_eq!(add.call(&mut instance, (n, 1)).expect("it adds"), n + 1);
        went += u32::from(instance.ran().is_some_and(|ran| ran.engine == Engine::Jit));
    }
    assert!(went > 10_000, "{went}");
}

#[test]
fn a_loop_that_was_entered_straight_is_ended_from_outside() {
    let limits = Limits { steps: None, time: Some(Duration::from_millis(20)), ..Limits::untrusted() };
    let mut pair = Pair::new(limits);
    let forever = pair.straight.func::<(), ()>("forever").expect("it is there");
    for _ in 0..3 {
        let error = forever.call(&mut pair.straight, ()).expect_err("its time is over");
        assert!(matches!(error.kind(), ErrorKind::Limit(limit, _) if limit.kind == vegavm::LimitKind::Time), "{error}");
    }
    let cancel = pair.straight.cancel();
    cancel.cancel();
    let error = forever.call(&mut pair.straight, ()).expect_err("it is cancelled");
    assert!(matches!(error.kind(), ErrorKind::Cancelled(_)), "{error}");
    cancel.reset();
    assert!(pair.agree::<(i32, i32), i32>("add", || (1, 2)) || !compiled(&fresh(), &limits));
}

/// A host function that panics takes nothing with it.
#[test]
fn a_panic_of_the_host_leaves_the_instance() {
    let module = fresh();
    let _ = compiled(&module, &Limits::untrusted());
    let mut imports = imports(&module);
    imports.func("next", |n: i64| if n == 4 { panic!("unlucky") } else { n }).expect("a name");
    let mut instance = Instance::new(&module, &imports, 0).expect("all is granted");
    let ask = instance.func::<(i32,), i64>("ask").expect("it is there");
    for _ in 0..3 {
        assert_eq!(ask.call(&mut instance, (4,)).expect("it asks"), 4);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| ask.call(&mut instance, (9,))));
        assert!(panicked.is_err());
    }
}

/// A stack that was made for few frames is not taken for many.
#[test]
fn instances_with_other_limits_share_a_thread() {
    let module = fresh();
    let few = Limits { frames: 3, ..Limits::untrusted() };
    let many = Limits { frames: 50_000, ..Limits::untrusted() };
    let _ = compiled(&module, &few);
    let (mut few, mut many) = (instance(&module, few), instance(&module, many));
    let down = few.func::<(i32,), i32>("down").expect("it is there");
    for _ in 0..3 {
        assert_eq!(down.call(&mut few, (2,)).expect("it ends"), 2);
        assert!(down.call(&mut few, (3,)).is_err());
        assert_eq!(down.call(&mut many, (49_999,)).expect("it ends"), 49_999);
        assert_eq!(many.used().frames, 50_000);
    }
    // Also calls that are deep go straight, one after another.
    for _ in 0..3 {
        assert_eq!(down.call(&mut many, (5_000,)).expect("it ends"), 5_000);
    }
    let straight = many.ran().is_some_and(|ran| ran.why == "its code was there");
    assert!(straight || module.compile(&Limits::untrusted()).is_err());
}

#[test]
fn limits_are_the_same_to_the_last_step() {
    let mut random = Random::new(11);
    for _ in 0..60 {
        let n = random.below(305).cast_signed() - 5;
        let most = random.pick(&[600, 20_000]).copied().unwrap_or_default();
        let steps = random.pick(&[0, 3_000, 400_000]).copied().unwrap_or_default();
        let limits = Limits {
            memory: u64::from(24 + random.below(most)),
            frames: random.below(120),
            steps: (steps > 0).then(|| random.below(steps).into()),
            ..Limits::untrusted()
        };
        Pair::new(limits).agree_on_all(n);
    }
}

/// The memory of an instance is with the call while that lasts; one that is forgotten takes it along.
#[test]
fn a_call_that_is_forgotten_leaves_the_instance_as_it_was_declared() {
    for is_compiled in [true, false] {
        let module = fresh();
        if is_compiled && !compiled(&module, &Limits::untrusted()) {
            continue;
        }
        let mut instance = Instance::new(&module, &imports(&module), 0).expect("all is granted");
        let count = instance.func::<(i32,), i64>("count").expect("it is there");
        let name = instance.func::<(i32,), String>("name").expect("it is there");
        for _ in 0..3 {
            assert_eq!(count.call(&mut instance, (1,)).ok(), Some(11), "compiled: {is_compiled}");
            assert_eq!(count.call(&mut instance, (1,)).ok(), Some(21), "compiled: {is_compiled}");
            assert_eq!(name.call(&mut instance, (1,)).ok().as_deref(), Some("some"));
            core::mem::forget(count.start(&mut instance, (1,)).expect("it begins"));
        }
    }
}
