//! A host that does anything in any order: what must hold of the API, whatever a list of bytes makes of it. The body of the
//! fuzz target `calls`, which the tests run on bytes that are made at random.
//!
//! Every instance of `vegavm::embed` has a twin, an instance of `vegavm` on an engine that the bytes choose: results,
//! traps with their places, limits and what was used are the same at every turn, and so are the static variables.

use crate::module;
use std::sync::OnceLock;
use vega_format::cell;
use vega_format::types::Tag;
use vegavm::embed::{Arguments, Call, Error, ErrorKind, Func, Imports, Instance, Module, Pool, Progress, Returned};
use vegavm::{Cancel, End, Engine, HostCall, HostError, Limits, Outcome, Program, Run, Value, load};

const PROGRAM: &str = r#"
extern fn ask(n: int) -> int
static 16 { calls = 0l; last = 0 }

pub fn count() -> long { calls += 1; return calls }
pub fn divide(a: int, b: int) -> int { last = b; return a / b }
pub fn length(s: string) -> int { calls += len(s); return len(s) }
pub fn double(values: []int) { for i in 0..len(values) { last = values[i]; values[i] = values[i] * 2 } }
pub fn deep(n: int) -> int { if n <= 0 { return last }; calls += 1; return deep(n - 1) + 1 }
pub fn turn(n: int) -> int { alloc 4 { x = 0; while x < n { x += 1; last = x }; return x } }
pub fn large(n: int) -> int { alloc 3000 { a: byte[3000]; a[n] = 1b; calls += 1; return ask(n) } }
pub fn path(n: int) -> long { alloc 16 { x = calls; if n > 3 { free(x); y = 1l; z = 2l; calls += y + z }; return calls } }
pub fn first(s: string) -> string { return s[0..1] }
fn main() { }
"#;

/// What all instances share.
struct Shared {
    program: Program,
    module: Module,
    other: Module,
}

fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| {
        let bytes = module::compile("host.vg", PROGRAM.as_bytes()).accepted();
        let bytes = bytes.unwrap_or_else(|words| panic!("{words}"));
        let program = load(bytes.clone(), &twin_imports(), &Limits::untrusted(), &mut ());
        let modules = [(); 2].map(|()| Module::new(bytes.clone()).unwrap_or_else(|error| panic!("{error}")));
        let [module, other] = modules;
        Shared { program: program.unwrap_or_else(|error| panic!("{error}")), module, other }
    })
}

/// What the host answers to `ask`.
fn answer(n: i32) -> Result<i32, HostError> {
    if n % 7 == 3 { Err(HostError::Failed("no answer".to_owned())) } else { Ok(n.wrapping_mul(3)) }
}

fn imports() -> Imports {
    let mut imports = Imports::new();
    imports.func("ask", answer).unwrap_or_else(|error| panic!("{error}"));
    imports
}

fn twin_imports() -> vegavm::Imports<'static> {
    let mut imports = vegavm::Imports::new();
    let ask = |call: &mut HostCall<'_>| {
        let (_, bits) = call.scalar(0)?;
        call.give(int(answer(cell::int(bits))?));
        Ok(())
    };
    imports.define("ask(I)I", ask).unwrap_or_else(|error| panic!("{error}"));
    imports
}

fn int(n: i32) -> Value {
    Value::Scalar(Tag::Int, cell::from_int(n))
}

fn long(n: i64) -> Value {
    Value::Scalar(Tag::Long, cell::from_long(n))
}

/// Bytes that decide; when they are over, the host has done enough.
struct Choices<'d>(&'d [u8]);

impl Choices<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn below(&mut self, end: u8) -> Option<u8> {
        Some(self.next()? % end)
    }
}

/// An instance and its twin.
struct Pair {
    instance: Instance,
    twin: vegavm::Instance<'static>,
    limits: Limits,
    cancel: Cancel,
}

/// How a call is made.
#[derive(Clone, Copy)]
enum Way {
    Whole,
    /// So many steps at a time; it is given up after so many times.
    Pieces(u64, u8),
}

impl Pair {
    fn new(choices: &mut Choices<'_>) -> Option<Pair> {
        let untrusted = Limits { time: None, ..Limits::untrusted() };
        let limits = match choices.below(4)? {
            0 => Limits { steps: Some(20_000), ..untrusted },
            1 => Limits { steps: Some(u64::from(choices.next()?)), ..untrusted },
            2 => Limits { steps: Some(5_000), memory: 16 * u64::from(choices.next()?), ..untrusted },
            _ => Limits { steps: Some(5_000), frames: choices.next()?.into(), arguments: 8, ..untrusted },
        };
        let Shared { program, module, .. } = shared();
        let made = Instance::with_limits(module, &imports(), (), limits);
        let instance = match made {
            Ok(instance) => instance,
            Err(error) => {
                assert!(matches!(error.kind(), ErrorKind::Statics { need: 16, limit } if *limit < 16), "{error}");
                return None;
            }
        };
        let mut twin = program.instantiate();
        twin.set_engine([Engine::Reference, Engine::Interpreter, Engine::Tables][usize::from(choices.below(3)?)]);
        let cancel = instance.cancel();
        twin.set_cancel(cancel.clone());
        Some(Pair { instance, twin, limits, cancel })
    }

    /// Calls a function that the bytes choose.
    fn call(&mut self, choices: &mut Choices<'_>) -> Option<()> {
        let way = match choices.below(3)? {
            0 => Way::Whole,
            _ => Way::Pieces(u64::from(choices.next()?) * 5, choices.next()?),
        };
        let n = i32::from(choices.next()?.cast_signed());
        let text = &"grün ist die Heide"[..usize::from(choices.below(3)?)];
        let none = |()| None;
        match choices.below(9)? {
            0 => self.both::<(), i64>(way, "count()L", (), &[], |n| Some(long(n))),
            1 => self.both::<(i32, i32), i32>(way, "divide(II)I", (7, n / 8), &[int(7), int(n / 8)], |n| Some(int(n))),
            2 => self.both::<(&str,), i32>(way, "length(s)I", (text,), &[Value::String(text.into())], |n| Some(int(n))),
            3 => {
                let mut values: Vec<i32> = (0..n / 20).collect();
                let wanted: Vec<i32> = values.iter().map(|value| value * 2).collect();
                let lent = Value::View(values.iter().map(|value| int(*value)).collect());
                if self.both::<(&mut [i32],), ()>(way, "double([]I)V", (&mut values,), &[lent], none) {
                    assert_eq!(values, wanted);
                }
                return Some(());
            }
            4 => self.both::<(i32,), i32>(way, "deep(I)I", (n,), &[int(n)], |n| Some(int(n))),
            5 => self.both::<(i32,), i32>(way, "turn(I)I", (n * 9,), &[int(n * 9)], |n| Some(int(n))),
            6 => self.both::<(i32,), i32>(way, "large(I)I", (n * 30,), &[int(n * 30)], |n| Some(int(n))),
            7 => self.both::<(i32,), i64>(way, "path(I)L", (n / 16,), &[int(n / 16)], |n| Some(long(n))),
            _ => {
                let words = [Value::String(text.into())];
                self.both::<(&str,), String>(way, "first(s)s", (text,), &words, |text| Some(Value::String(text)))
            }
        };
        Some(())
    }

    /// Calls a function on both; says whether it gave a result.
    fn both<A: Arguments, R: Returned>(
        &mut self,
        way: Way,
        mangled: &str,
        given: A::Given<'_>,
        values: &[Value],
        value: impl FnOnce(R) -> Option<Value>,
    ) -> bool {
        let func: Func<A, R> = match self.instance.func(mangled) {
            Ok(func) => func,
            Err(error) => {
                assert!(matches!(error.kind(), ErrorKind::Budget { need, limit, .. } if need > limit), "{error}");
                return false;
            }
        };
        let twin = self.twin.start_call(mangled, values, &self.limits);
        let begun = func.start(&mut self.instance, given);
        let ended = match (begun, twin) {
            (Ok(call), Ok(run)) => both_ways(call, run, way),
            (Err(error), Err(_)) => {
                assert!(matches!(error.kind(), ErrorKind::Arguments(_)), "{error}");
                None
            }
            // What cannot even begin is told at once, and by the twin when it goes on.
            (Err(error), Ok(run)) => Some((Err(error), run.finish(&mut twin_imports()))),
            (Ok(_), Err(error)) => panic!("the twin says {error}"),
        };
        ended.is_some_and(|(ended, outcome)| self.same(ended.map(value), outcome))
    }

    fn same(&self, ended: Result<Option<Value>, Error>, outcome: Outcome) -> bool {
        let is_result = ended.is_ok();
        let end = match ended {
            Ok(value) => End::Result(value),
            Err(error) => end_of(&error).unwrap_or_else(|| panic!("{error}")),
        };
        assert_eq!((end, self.instance.used()), (outcome.end, outcome.used));
        assert!(outcome.used.steps <= self.limits.steps.unwrap_or(u64::MAX));
        assert!(outcome.used.memory <= self.limits.memory && outcome.used.frames <= self.limits.frames.max(1));
        is_result
    }
}

/// Takes both to their end, if they are not given up. What they did to the static variables stays in any case.
fn both_ways<A: Arguments, R: Returned>(
    mut call: Call<'_, '_, (), A, R>,
    mut run: Run<'_, '_>,
    way: Way,
) -> Option<(Result<R, Error>, Outcome)> {
    let Way::Pieces(steps, times) = way else { return Some((call.finish(), run.finish(&mut twin_imports()))) };
    for _ in 0..times {
        let progress = run.resume(steps, &mut twin_imports());
        call = match (call.resume(steps), progress) {
            (Ok(Progress::Paused(paused)), vegavm::Progress::Paused) => paused,
            (Ok(Progress::Ended(result)), vegavm::Progress::Ended(outcome)) => return Some((Ok(result), outcome)),
            (Err(error), vegavm::Progress::Ended(outcome)) => return Some((Err(error), outcome)),
            (_, progress) => panic!("the twin comes to {progress:?} after {:?}", run.used()),
        };
        assert_eq!(call.used(), run.used());
    }
    None
}

/// An error of a call as the twin tells it.
fn end_of(error: &Error) -> Option<End> {
    Some(match error.kind() {
        ErrorKind::Trap(report) => End::Trap(Box::new(report.clone())),
        ErrorKind::Limit(limit, stack) => End::Limit(*limit, Box::new(stack.clone())),
        ErrorKind::Cancelled(stack) => End::Cancelled(Box::new(stack.clone())),
        _ => return None,
    })
}

/// Makes instances and calls as the bytes say.
///
/// # Panics
/// Two engines disagree, a limit is passed, or an error is another than it should be.
pub fn anything(data: &[u8]) {
    let mut choices = Choices(data);
    let mut pairs: [Option<Pair>; 3] = [None, None, None];
    while act(&mut pairs, &mut choices).is_some() {}
}

fn act(pairs: &mut [Option<Pair>; 3], choices: &mut Choices<'_>) -> Option<()> {
    let what = choices.below(16)?;
    let place = &mut pairs[usize::from(choices.below(3)?)];
    let Some(pair) = place else {
        *place = Pair::new(choices);
        return Some(());
    };
    match what {
        0 => *place = None,
        1 => pair.cancel.cancel(),
        2..=4 => pair.cancel.reset(),
        5 => match pair.instance.prepare(choices.next()?.into()) {
            Err(error) => assert!(matches!(error.kind(), ErrorKind::Unbounded { .. }), "{error}"),
            Ok(()) => panic!("`deep` is not bounded"),
        },
        6 => {
            let error = pair.instance.func::<(f64,), i32>("length").map(drop).expect_err("of another type");
            assert!(matches!(error.kind(), ErrorKind::Signature { .. }), "{error}");
        }
        7 => {
            let other = Instance::new(&shared().other, &imports(), ()).unwrap_or_else(|error| panic!("{error}"));
            let count = other.func::<(), i64>("count").unwrap_or_else(|error| panic!("{error}"));
            let error = count.call(&mut pair.instance, ()).expect_err("of another module");
            assert!(matches!(error.kind(), ErrorKind::OtherModule), "{error}");
        }
        8 => pooled(choices)?,
        _ => pair.call(choices)?,
    }
    Some(())
}

/// Instances of a pool are as new, whoever had them before.
fn pooled(choices: &mut Choices<'_>) -> Option<()> {
    let limits = Limits { steps: Some(1_000), time: None, ..Limits::untrusted() };
    let pool = Pool::<()>::new(2, &shared().module, &imports(), limits).unwrap_or_else(|error| panic!("{error}"));
    for _ in 0..choices.below(4)? {
        let mut taken = [pool.take(()), pool.take(()), pool.take(())];
        let instance = &mut taken[usize::from(choices.below(3)?)];
        let count = instance.func::<(), i64>("count").unwrap_or_else(|error| panic!("{error}"));
        let turn = instance.func::<(i32,), i32>("turn").unwrap_or_else(|error| panic!("{error}"));
        if turn.call(instance, (choices.next()?.into(),)).is_err() {
            assert_eq!(instance.used().steps, instance.used().steps.min(1_000));
        }
        assert_eq!(count.call(instance, ()).unwrap_or_else(|error| panic!("{error}")), 1);
        instance.cancel().cancel();
        assert!(count.call(instance, ()).is_err());
    }
    assert!(pool.idle() <= 2);
    Some(())
}
