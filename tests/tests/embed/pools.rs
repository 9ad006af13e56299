//! Pools of instances: what is lent is as new, and nothing of those who had it before, nor of others, comes back.

use super::{Log, ORDINARY, imports, module_of};
use std::sync::Mutex;
use vegavm::embed::{ErrorKind, Imports, Instance, Module, Pool};
use vegavm::{Engine, Limits};

/// Who gave an instance back to its pool has no hold on the calls of the next.
#[test]
fn a_handle_of_before_ends_nothing() {
    let pool = Pool::new(1, &module_of(ORDINARY), &imports(), Limits::untrusted()).expect("all is granted");
    let stale = pool.take(Log::default()).cancel();
    let mut instance = pool.take(Log::default());
    stale.cancel();
    let add = instance.func::<(i64, i64), i64>("add").expect("it is there");
    assert_eq!(add.call(&mut instance, (1, 2)).expect("it is not cancelled"), 3);
}

#[test]
fn an_instance_of_a_pool_tells_nothing_of_the_calls_before() {
    let pool = Pool::new(1, &module_of(ORDINARY), &imports(), Limits::untrusted()).expect("all is granted");
    let mut before = pool.take(Log::default());
    let add = before.func::<(i64, i64), i64>("add").expect("it is there");
    add.call(&mut before, (1, 2)).expect("it adds");
    assert!(before.ran().is_some() && before.used().steps > 0);
    drop(before);
    let instance = pool.take(Log::default());
    assert_eq!((instance.ran(), instance.used().steps, instance.used().memory), (None, 0, 0));
}

/// What one tenant prepared for is nothing to the next.
#[test]
fn nothing_is_prepared_for_who_comes_next() {
    let module = module_of(ORDINARY);
    let limits = Limits::untrusted();
    let pool = Pool::new(1, &module, &imports(), limits).expect("all is granted");
    pool.take(Log::default()).prepare(0).expect("it is proved");
    let mut next = pool.take(Log::default());
    let add = next.func::<(i64, i64), i64>("add").expect("it is there");
    let mut engine = None;
    for _ in 0..100_000 {
        add.call(&mut next, (1, 2)).expect("it adds");
        engine = next.ran().map(|ran| ran.engine);
        if engine == Some(Engine::Jit) {
            break;
        }
    }
    let there = module.compile(&limits).is_ok();
    assert_eq!(engine == Some(Engine::Jit), there, "what is called often is machine code, where there is any");
}

#[test]
fn a_pool_serves_threads_with_fresh_instances() {
    let module = module_of(ORDINARY);
    let pool = Pool::new(4, &module, &imports(), Limits::untrusted()).expect("all is granted");
    let count = pool.take(Log::default()).func::<(), i64>("count").expect("it is there");
    let sums = Mutex::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..1_000 {
                    let mut instance = pool.take(Log::default());
                    *sums.lock().expect("nobody panics") += count.call(&mut instance, ()).expect("it counts");
                }
            });
        }
    });
    assert_eq!(sums.into_inner().expect("nobody panics"), 4_000);
    assert!((1..=4).contains(&pool.idle()));
}

#[test]
fn a_pool_looks_functions_up() {
    let module = module_of(ORDINARY);
    let need = module.budget("shout").and_then(|budget| budget.bytes).expect("it has a bound");
    let pool = |memory| Pool::new(1, &module, &imports(), Limits { memory, ..Limits::untrusted() });
    let (enough, less) = (pool(need).expect("all is granted"), pool(need - 1).expect("all is granted"));
    let shout = enough.func::<(&str, i32), i64>("shout").expect("it fits");
    assert_eq!(shout.call(&mut enough.take(Log::default()), ("a", 3)).expect("it runs"), 6);
    let error = less.func::<(&str, i32), i64>("shout").expect_err("it needs more");
    assert!(matches!(error.kind(), ErrorKind::Budget { limit, .. } if *limit == need - 1), "{error}");
}

/// What is taken out of a pool has the pool's limits, whatever was set before; the host's data need no default.
#[test]
fn a_pool_lends_instances_within_its_own_limits() {
    struct Ticket(u32);
    let module = module_of("pub fn add(a: long, b: long) -> long { return a + b }\nfn main() { }");
    module.compile(&Limits::untrusted()).expect("there is machine code");
    let imports = Imports::<Ticket>::new();
    let pool = Pool::new(1, &module, &imports, Limits::untrusted()).expect("all is granted");
    let add = pool.func::<(i64, i64), i64>("add").expect("it is there");
    for number in 0..3 {
        let mut instance = pool.take(Ticket(number));
        assert_eq!((instance.data().0, add.call(&mut instance, (1, 2)).expect("it ends")), (number, 3));
        instance.set_limits(Limits { steps: Some(1), ..Limits::untrusted() }).expect("they can be kept");
        add.call(&mut instance, (1, 2)).expect_err("more than one step");
    }
}

/// Who has an instance of a pool may put another in its place, be it of another module: that one is not lent to others, and what
/// machine code it had goes with its module.
#[test]
fn an_instance_of_another_module_does_not_come_into_a_pool() {
    let counting = |first: u32| {
        let module = module_of(&format!(
            "static 8 {{ n = {first}l }}\npub fn next() -> long {{ n += 1; return n }}\nfn main() {{ }}"
        ));
        module.compile(&Limits::untrusted()).expect("there is machine code");
        module
    };
    let pool =
        |module: &Module| Pool::new(4, module, &Imports::<()>::new(), Limits::untrusted()).expect("all is granted");
    let next = |pool: &Pool, number: usize| {
        let next = pool.func::<(), i64>("next").expect("it is there");
        assert_eq!(next.call(&mut pool.take(()), ()).expect("it counts"), 10 * number as i64 + 1);
    };
    let modules = [counting(0), counting(10)];
    let pools = modules.each_ref().map(pool);
    let [one, two] = &pools;
    for _ in 0..3 {
        std::mem::swap(&mut *one.take(()), &mut *two.take(()));
        pools.iter().enumerate().for_each(|(number, pool)| next(pool, number));
    }
    let twin = counting(0);
    let mut stranger = Instance::new(&twin, &Imports::new(), ()).expect("all is granted");
    let call = stranger.func::<(), i64>("next").expect("it is there");
    call.call(&mut stranger, ()).expect("it counts");
    *one.take(()) = stranger;
    drop(twin);
    next(one, 0);
}
