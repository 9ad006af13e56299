//! Where machine code meets the host: stacks, threads, pages, and how it is ended from outside. Elsewhere there is none.
#![cfg(all(target_arch = "x86_64", target_os = "linux"))]

use std::fs;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use vega_format::builder::{Builder, ConstantValue, FunctionDraft};
use vega_format::cell;
use vega_format::container::{EntryResult, Kind};
use vega_format::instruction::Instruction;
use vega_format::types::Tag;
use vega_tests::{engines, module};
use vegavm::embed;
use vegavm::{Cancel, Console, End, Engine, Imports, Instance, LimitKind, Limits, Outcome, Program, Value, load};

/// What is asked about the process is asked while nothing else goes on in it.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn bytes(source: &str) -> Vec<u8> {
    module::compile("boundary.vg", source.as_bytes()).accepted().unwrap_or_else(|words| panic!("{words}"))
}

fn program(bytes: Vec<u8>) -> Program {
    let imports = Imports::console(Console::new(std::io::sink(), std::io::empty()));
    load(bytes, &imports, &Limits::trusted(), &mut ()).unwrap_or_else(|error| panic!("{error}"))
}

fn int(value: i32) -> Value {
    Value::Scalar(Tag::Int, cell::from_int(value))
}

/// Calls a function as machine code, which must be what ran.
fn call(instance: &mut Instance<'_>, mangled: &str, arguments: &[Value], limits: &Limits) -> Outcome {
    instance.set_engine(Engine::Jit);
    let outcome = instance.call(mangled, arguments, &mut Imports::new(), limits, &mut ());
    assert_eq!(instance.ran().map(|ran| ran.engine), Some(Engine::Jit), "{:?}: {outcome:?}", instance.ran());
    outcome.unwrap_or_else(|error| panic!("{error}"))
}

const DEEP: &str = "fn main(n: int) -> int { if n == 0 { return 0 }; return main(n - 1) + 1 }";

#[test]
fn a_hundred_thousand_frames_need_no_stack_of_the_host() {
    let _alone = alone();
    let work = || {
        let program = program(bytes(DEEP));
        for steps in [None, Some(10_000_000)] {
            let limits = Limits { frames: 100_000, steps, ..Limits::trusted() };
            let deepest =
                engines::agree(&program, &[int(99_999)], &limits).unwrap_or_else(|problem| panic!("{problem}"));
            let deepest = deepest.expect("it takes an int");
            assert_eq!((deepest.end, deepest.used.frames), (End::Result(Some(int(99_999))), 100_000));
            let deeper =
                engines::agree(&program, &[int(100_000)], &limits).unwrap_or_else(|problem| panic!("{problem}"));
            assert!(matches!(deeper.expect("it takes an int").end, End::Trap(_)));
        }
    };
    let thread = thread::Builder::new().stack_size(256 << 10).spawn(work).expect("a thread");
    thread.join().expect("it ends well");
}

/// Functions that are too large to be put into one another.
fn many_functions() -> String {
    let mut source = String::new();
    for number in 0..24 {
        let body: String =
            (0..60).map(|k| format!("x = x * {} + (x >> {}); ", 2 * k + number + 3, k % 9 + 1)).collect();
        source += &format!("fn f{number}(n: int) -> int {{ alloc 4 {{ x = n; {body} return x }} }}\n");
    }
    let calls: String = (0..24).map(|number| format!("y += f{number}(i) + f{}(y); ", 23 - number)).collect();
    source
        + &format!(
            "pub fn all(n: int) -> int {{ alloc 4 {{ y = n; for i in 0..9 {{ {calls} }}; return y }} }}\nfn main() {{ }}\n"
        )
}

/// The compiler wants more than this thread has.
#[test]
fn code_is_made_whatever_stack_the_host_has() {
    let _alone = alone();
    let program = program(bytes(&many_functions()));
    let work = || {
        let outcome = call(&mut program.instantiate(), "all(I)I", &[int(3)], &Limits::trusted());
        assert!(matches!(outcome.end, End::Result(_)), "{outcome:?}");
    };
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(64 << 10).spawn_scoped(scope, work).expect("a thread");
        thread.join().expect("it ends well");
    });
}

#[test]
fn four_threads_call_one_module_while_it_is_compiled() {
    let _alone = alone();
    let file = bytes(&many_functions());
    let limits = Limits::trusted();
    for _ in 0..5 {
        let program = program(file.clone());
        let mut instance = program.instantiate();
        instance.set_engine(Engine::Reference);
        let wanted: Vec<_> = (0..8)
            .map(|n| instance.call("all(I)I", &[int(n)], &mut Imports::new(), &limits, &mut ()).expect("an int"))
            .collect();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut instance = program.instantiate();
                    for (n, wanted) in (0..).zip(&wanted) {
                        assert_eq!(call(&mut instance, "all(I)I", &[int(n)], &limits), *wanted);
                    }
                });
            }
        });
    }
}

#[test]
fn no_page_is_both_writable_and_executable() {
    let _alone = alone();
    let program = program(bytes(&many_functions()));
    let mut instance = program.instantiate();
    let _ = call(&mut instance, "all(I)I", &[int(1)], &Limits::trusted());
    let maps = fs::read_to_string("/proc/self/maps").expect("it can be read");
    let rights = maps.lines().filter_map(|line| Some((line, line.split_whitespace().nth(1)?)));
    let both: Vec<_> = rights.filter(|(_, rights)| rights.contains('w') && rights.contains('x')).collect();
    assert!(both.is_empty(), "{both:#?}");
    // Code that no file has: there is some.
    let is_made =
        |line: &str| line.contains("r-xp") && line.split_whitespace().nth(4) == Some("0") && !line.contains('[');
    assert!(maps.lines().any(is_made), "{maps}");
}

/// How many stretches of so many bytes, or a page more, can be written and lie between pages that nobody may touch.
fn guarded(bytes: u64) -> usize {
    let maps = fs::read_to_string("/proc/self/maps").expect("it can be read");
    let mapping = |line: &str| {
        let (range, rest) = line.split_once(' ')?;
        let (start, end) = range.split_once('-')?;
        let [start, end] = [start, end].map(|number| u64::from_str_radix(number, 16).ok());
        Some((start?, end?, rest.get(..4)?.to_owned()))
    };
    let all: Vec<_> = maps.lines().map(|line| mapping(line).expect(line)).collect();
    let is_guarded = |three: &&[(u64, u64, String)]| {
        let [(_, first, before), (start, end, here), (last, _, behind)] = three else { return false };
        let rights = [before, here, behind].map(String::as_str);
        (first, end) == (start, last)
            && rights == ["---p", "rw-p", "---p"]
            && (bytes..=bytes + (8 << 10)).contains(&(end - start))
    };
    all.windows(3).filter(is_guarded).count()
}

const LOOKS: &str = "extern fn look()\n\
    pub fn work(n: int) -> int { alloc 1048576 { a: byte[1048576]; a[n] = 7b; look(); return int(a[n]) } }\n\
    fn main() { }\n";

#[test]
fn memory_lies_between_pages_that_nobody_may_touch() {
    const LENGTH: u64 = 1 << 20;
    let _alone = alone();
    let seen = Arc::new(Mutex::new(0));
    let mut imports = embed::Imports::new();
    let look = Arc::clone(&seen);
    imports.func("look", move || *look.lock().expect("nobody panics") = guarded(LENGTH)).expect("a name");
    let limits = Limits::untrusted();
    for is_compiled in [false, true] {
        let module = embed::Module::new(bytes(LOOKS)).expect("it is verified");
        if is_compiled {
            module.compile(&limits).expect("there is machine code");
        }
        let work = |instance: &mut embed::Instance| {
            let work = instance.func::<(i32,), i32>("work").expect("it is there");
            assert_eq!(work.call(instance, (LENGTH as i32 - 1,)).expect("it works"), 7);
            std::mem::take(&mut *seen.lock().expect("nobody panics"))
        };
        assert_eq!(guarded(LENGTH), 0, "before there is any instance");
        let fresh = || embed::Instance::new(&module, &imports, ()).expect("all is granted");
        let mut grown = fresh();
        assert_eq!((guarded(LENGTH), work(&mut grown), guarded(LENGTH)), (0, 1, 1), "what grew when it was needed");
        let mut prepared = fresh();
        prepared.prepare(0).expect("it is proved");
        assert_eq!((guarded(LENGTH), work(&mut prepared), guarded(LENGTH)), (2, 2, 2), "what was prepared");
        let pool = embed::Pool::<()>::new(1, &module, &imports, limits).expect("all is granted");
        let mut pooled = pool.take(());
        assert_eq!((guarded(LENGTH), work(&mut pooled), guarded(LENGTH)), (3, 3, 3), "what a pool made");
        drop(pooled);
        drop((grown, prepared, pool));
        assert_eq!(guarded(LENGTH), 0, "when all are gone");
    }
}

/// Guards are mappings, which the system counts: there is no end of instances, and the host still gets mappings of its own.
#[test]
fn many_instances_leave_mappings_to_the_host() {
    const COUNT: usize = 10_000;
    let _alone = alone();
    let source =
        "pub fn work(n: int) -> int { alloc 65536 { a: byte[65536]; a[n] = 7b; return int(a[n]) } }\nfn main() { }\n";
    let module = embed::Module::new(bytes(source)).expect("it is verified");
    let pool = embed::Pool::<()>::new(COUNT, &module, &embed::Imports::new(), Limits::untrusted());
    let pool = pool.expect("all is granted");
    let work = pool.take(()).func::<(i32,), i32>("work").expect("it is there");
    let mut instances: Vec<_> = (0..COUNT).map(|_| pool.take(())).collect();
    for instance in &mut instances {
        assert_eq!(work.call(instance, (65_535,)).expect("it works"), 7);
    }
    let mappings = fs::read_to_string("/proc/self/maps").expect("it can be read").lines().count();
    assert!((8_000..30_000).contains(&mappings), "{mappings}");
}

/// So are stacks, of which each call has one that waits for the host: those beyond are left to the interpreter.
#[test]
fn many_calls_that_wait_leave_mappings_to_the_host() {
    const COUNT: usize = 9_000;
    let _alone = alone();
    let source = "pub fn work(n: int) -> int { alloc 4 { i = 0; while i < n { i += 1 }; return i } }\nfn main() { }\n";
    let module = embed::Module::new(bytes(source)).expect("it is verified");
    let limits = Limits { frames: 100_000, ..Limits::untrusted() };
    module.compile(&limits).expect("there is machine code");
    let fresh = || embed::Instance::with_limits(&module, &embed::Imports::new(), (), limits).expect("all is granted");
    let mut instances: Vec<_> = (0..COUNT).map(|_| fresh()).collect();
    let work = instances.first().expect("one").func::<(i32,), i32>("work").expect("it is there");
    let waiting: Vec<_> = instances
        .iter_mut()
        .map(|instance| match work.start(instance, (1_000_000,)).expect("it begins").resume(10_000) {
            Ok(embed::Progress::Paused(call)) => call,
            other => panic!("{other:?}"),
        })
        .collect();
    let maps = fs::read_to_string("/proc/self/maps").expect("it can be read");
    assert!((1_000..30_000).contains(&maps.lines().count()), "{}", maps.lines().count());
    for call in waiting.into_iter().take(3) {
        assert_eq!(call.finish().expect("it ends"), 1_000_000);
    }
}

/// And machine code of modules.
#[test]
fn many_compiled_modules_leave_mappings_to_the_host() {
    const COUNT: usize = 9_000;
    let _alone = alone();
    let bytes = bytes("pub fn add(n: int) -> int { return n + 1 }\nfn main() { }\n");
    let modules: Vec<_> = (0..COUNT).map(|_| embed::Module::new(bytes.clone()).expect("it is verified")).collect();
    let compiled = modules.iter().take_while(|module| module.compile(&Limits::untrusted()).is_ok()).count();
    assert!((4_000..9_000).contains(&compiled), "{compiled}");
    let maps = fs::read_to_string("/proc/self/maps").expect("it can be read").lines().count();
    assert!(maps < 30_000, "{maps}");
    for module in [modules.first(), modules.last()].into_iter().flatten() {
        let mut instance = embed::Instance::new(module, &embed::Imports::new(), ()).expect("all is granted");
        let add = instance.func::<(i32,), i32>("add").expect("it is there");
        assert_eq!(add.call(&mut instance, (1,)).expect("it adds"), 2);
    }
}

const ENDLESS: &str = "static 4 { rounds = 0 }\n\
    pub fn endless() { while true { } }\n\
    pub fn busy() { while true { rounds += 1 } }\n\
    pub fn calls(n: int) -> int { while true { rounds += double(n) }; return 0 }\n\
    fn double(n: int) -> int { return n * 2 }\n\
    pub fn add(n: int) -> int { return n + 1 }\n\
    fn main() { }\n";

#[test]
fn a_loop_without_an_end_is_ended_from_outside_and_the_instance_goes_on() {
    let _alone = alone();
    let program = program(bytes(ENDLESS));
    let endless: [(&str, Vec<Value>); 3] = [("endless()V", vec![]), ("busy()V", vec![]), ("calls(I)I", vec![int(3)])];
    let mut slowest = Duration::ZERO;
    for steps in [None, Some(u64::MAX)] {
        for (mangled, arguments) in &endless {
            let mut instance = program.instantiate();
            let cancel = Cancel::new();
            instance.set_cancel(cancel.clone());
            let limits = Limits { steps, ..Limits::trusted() };
            let (ended, cancelled) = thread::scope(|scope| {
                let canceller = scope.spawn(|| {
                    thread::sleep(Duration::from_millis(30));
                    let now = Instant::now();
                    cancel.cancel();
                    now
                });
                let outcome = call(&mut instance, mangled, arguments, &limits);
                let ended = Instant::now();
                assert!(matches!(outcome.end, End::Cancelled(_)), "{mangled}: {outcome:?}");
                (ended, canceller.join().expect("it ends well"))
            });
            slowest = slowest.max(ended.saturating_duration_since(cancelled));
            cancel.reset();
            assert_eq!(call(&mut instance, "add(I)I", &[int(4)], &limits).end, End::Result(Some(int(5))));

            let short = Limits { time: Some(Duration::from_millis(30)), ..limits };
            let outcome = call(&mut instance, mangled, arguments, &short);
            let is_time = matches!(&outcome.end, End::Limit(reached, _) if reached.kind == LimitKind::Time);
            assert!(is_time, "{mangled}: {outcome:?}");
            assert_eq!(call(&mut instance, "add(I)I", &[int(5)], &short).end, End::Result(Some(int(6))));
        }
    }
    println!("the slowest took {slowest:?}");
    // A millisecond is wanted; other work on the machine may take some more.
    assert!(slowest < Duration::from_millis(500), "{slowest:?}");
}

/// Pages of the process: all that are mapped, and those that are there.
fn pages() -> [u64; 2] {
    let text = fs::read_to_string("/proc/self/statm").expect("it can be read");
    let mut numbers = text.split_whitespace().map_while(|number| number.parse().ok());
    [(); 2].map(|()| numbers.next().unwrap_or_default())
}

#[test]
fn memory_does_not_grow_with_modules_that_were_compiled_and_are_gone() {
    let _alone = alone();
    let file = bytes(DEEP);
    let limits = Limits { frames: 100, steps: Some(10_000), memory: 1 << 20, ..Limits::trusted() };
    let load_and_run = || {
        let program = program(file.clone());
        let mut instance = program.instantiate();
        instance.set_engine(Engine::Jit);
        let outcome = instance.run(&[int(20)], &mut Imports::new(), &limits, &mut ());
        assert_eq!(outcome.expect("an int").end, End::Result(Some(int(20))));
        assert_eq!(instance.ran().map(|ran| ran.engine), Some(Engine::Jit));
    };
    (0..100).for_each(|_| load_and_run());
    let before = pages();
    (0..1_000).for_each(|_| load_and_run());
    let grown: Vec<_> = pages().into_iter().zip(before).map(|(after, before)| after.saturating_sub(before)).collect();
    assert!(grown.iter().all(|pages| *pages < 2_000), "pages mapped, and pages there: {grown:?} more");
}

#[test]
fn what_is_too_large_to_be_compiled_is_left_to_the_interpreter() {
    let mut builder = Builder::new(Kind::Program);
    let index = builder.constant(ConstantValue::Scalar(Tag::Int, 1));
    let mut code = vec![Instruction::LoadConst { index }];
    for _ in 0..30_000 {
        code.extend([Instruction::LoadConst { index }, Instruction::AddInt {}]);
    }
    code.push(Instruction::Return {});
    let large = builder.function("large()I");
    builder.add_function("large()I", FunctionDraft { code, ..FunctionDraft::default() });
    let code = vec![Instruction::Call { function: large }, Instruction::Return {}];
    builder.add_function("main()I", FunctionDraft { code, ..FunctionDraft::default() });
    builder.entry = Some(("main()I".to_owned(), EntryResult::Print));
    let program = program(builder.write().expect("it can be written"));
    for engine in [Engine::Jit, Engine::Auto] {
        let mut instance = program.instantiate();
        instance.set_engine(engine);
        let outcome = instance.run(&[], &mut Imports::new(), &Limits::trusted(), &mut ());
        assert_eq!(outcome.expect("it takes nothing").end, End::Result(Some(int(30_001))));
        assert_eq!(instance.ran().map(|ran| ran.engine), Some(Engine::Interpreter));
    }
    let mut instance = program.instantiate();
    instance.set_engine(Engine::Jit);
    let _ = instance.run(&[], &mut Imports::new(), &Limits::trusted(), &mut ());
    assert_eq!(instance.ran().map(|ran| ran.why), Some("the module, or a function of it, is too large to be compiled"));
}

/// However much memory there may be, what is used of it is told to the byte.
#[test]
fn limits_of_memory_beyond_all_memory_are_limits() {
    let _alone = alone();
    let source = "fn less(n: int) -> int limit 9 { alloc 40 { a: int[10]; a[n] = n; if n == 0 { return a[0] }; return less(n - 1) + a[n] } }\n\
                  pub fn f(n: int) -> int { return less(n) }\nfn main(n: int) -> int { return f(n) }";
    let program = program(bytes(source));
    for memory in [1 << 30, 1 << 39, 1 << 40, (1 << 40) + 1, 1 << 41, 1 << 42, 1 << 62, u64::MAX] {
        let limits = Limits { memory, ..Limits::trusted() };
        let mut instance = program.instantiate();
        let outcome = call(&mut instance, "f(I)I", &[int(8)], &limits);
        assert_eq!((outcome.end, outcome.used.frames), (End::Result(Some(int(36))), 10), "{memory}");
        let agreed = engines::agree(&program, &[int(8)], &limits).unwrap_or_else(|problem| panic!("{problem}"));
        assert!(agreed.is_some_and(|agreed| agreed.used.memory > 9 * 40));
    }
}

/// A function whose frame of machine code is large: as many roots, each of the one before, wait on its stack while it calls
/// itself for all numbers below its own.
fn wide(roots: usize) -> Vec<u8> {
    let mut text = String::from(".entry main(I)f print\n.function main(I)f exported\n    CELL_LOAD cell=0\n");
    text +=
        "    LOAD_CONST index=int:0\n    GT_INT\n    JUMP_FALSE target=end\n    CELL_LOAD cell=0\n    INT_TO_FLOAT\n";
    for cell in 1..roots {
        text += &format!("    CELL_LOAD cell={cell}\n    SQRT_FLOAT\n");
    }
    // The last of so many roots is one.
    text += &format!(
        "    CELL_LOAD cell=0\n    CELL_LOAD cell={roots}\n    FLOAT_TO_INT\n    SUB_INT\n    CALL function=main(I)f\n"
    );
    text += &"    ADD_FLOAT\n".repeat(roots);
    text += "    RETURN\nend:\n    LOAD_CONST index=float:0.5\n    RETURN\n.end\n";
    module::assemble("wide.vasm", &text, true).accepted().unwrap_or_else(|words| panic!("{words}"))
}

#[test]
fn wide_frames_have_room_however_deep_they_are() {
    let _alone = alone();
    // Each beneath another that could not be sure of its room.
    for roots in [100, 360] {
        let program = program(wide(roots));
        let limits = Limits { frames: 1_001, ..Limits::trusted() };
        let deep = call(&mut program.instantiate(), "main(I)f", &[int(1_000)], &limits);
        let (wanted, _) = engines::run(&program, Engine::Interpreter, &[int(1_000)], &limits);
        assert_eq!(Some(&deep), wanted.as_ref(), "{roots}");
        assert_eq!(deep.used.frames, 1_001);
    }
}

/// What is computed twice is kept by the compiler meanwhile, however many values that are, and has room in a frame.
#[test]
fn values_that_the_compiler_keeps_have_room() {
    // More would be left to the interpreter.
    for values in [30, 590] {
        let sums: String = (0..values)
            .map(|value| {
                format!("    CELL_LOAD cell=0\n    LOAD_CONST index=int:{}\n    MUL_INT\n    XOR_INT\n", 2 * value + 3)
            })
            .collect();
        let text = format!(
            ".entry main(I)I print\n.function main(I)I exported\n    LOAD_CONST index=int:0\n{sums}    CELL_LOAD cell=0\n    \
             LOAD_CONST index=int:0\n    LT_INT\n    JUMP_TRUE target=end\n{sums}end:\n    RETURN\n.end\n"
        );
        let bytes = module::assemble("twice.vasm", &text, true).accepted().unwrap_or_else(|words| panic!("{words}"));
        let program = program(bytes);
        let limits = Limits::trusted();
        for n in [7, -7] {
            let outcome = call(&mut program.instantiate(), "main(I)I", &[int(n)], &limits);
            let (wanted, _) = engines::run(&program, Engine::Interpreter, &[int(n)], &limits);
            assert_eq!(Some(outcome), wanted);
        }
    }
}

/// Where a pass makes more of a function than can be compiled, the function is compiled without it.
#[test]
fn what_a_pass_makes_too_much_of_is_compiled_without() {
    const FIELDS: usize = 120;
    const KEPT: usize = 110;
    let fields = |with: &str| (0..FIELDS).map(|field| with.replace('#', &field.to_string())).collect::<String>();
    let loads = fields("    FIELD_LOAD slot=0 offset=f# tag=int\n    XOR_INT\n");
    let kept: String = (0..KEPT)
        .map(|value| {
            format!("    CELL_LOAD cell={}\n    LOAD_CONST index=int:{}\n    MUL_INT\n", 1 + value, 2 * value + 3)
        })
        .collect();
    let mixed: String = (0..400)
        .map(|number| {
            let [one, other] = [1 + number % KEPT, 1 + (7 * number + 3) % KEPT];
            format!("    CELL_LOAD cell={one}\n    CELL_LOAD cell={other}\n    MUL_INT\n    XOR_INT\n")
        })
        .collect();
    let text = format!(
        ".struct wide\n{}.end\n.entry main(I)I print\n.function main(I)I exported\n    CELL_LOAD cell=0\n    CALL function=f(I)I\n    \
         RETURN\n.end\n.function f(I)I\n    .slot 0 stencil wide\n    STACK_ALLOC capacity={size}\n    STENCIL_ALLOC slot=0 \
         size={size}\n    CELL_LOAD cell=0\n{loads}{kept}{mixed}{}{loads}    STACK_FREE\n    RETURN\n.end\n",
        fields("    .field f# int\n"),
        "    XOR_INT\n".repeat(KEPT),
        size = 4 * FIELDS,
    );
    let bytes = module::assemble("wide.vasm", &text, true).accepted().unwrap_or_else(|words| panic!("{words}"));
    let program = program(bytes);
    let limits = Limits::trusted();
    let outcome = call(&mut program.instantiate(), "main(I)I", &[int(7)], &limits);
    let (wanted, _) = engines::run(&program, Engine::Interpreter, &[int(7)], &limits);
    assert_eq!(Some(outcome), wanted);
}

/// So many values at once would take the compiler minutes; words take them as they are.
#[test]
fn what_would_take_the_compiler_long_is_left_to_the_interpreter() {
    let program = program(wide(1_000));
    let limits = Limits { frames: 1_001, ..Limits::trusted() };
    let (wanted, _) = engines::run(&program, Engine::Interpreter, &[int(1_000)], &limits);
    let mut instance = program.instantiate();
    instance.set_engine(Engine::Jit);
    let outcome = instance.call("main(I)f", &[int(1_000)], &mut Imports::new(), &limits, &mut ());
    assert_eq!(outcome.ok(), wanted);
    assert_eq!(instance.ran().map(|ran| ran.engine), Some(Engine::Interpreter));
}

/// What a callee keeps on the stack of machine code is not there for each call of its caller, of which there may be many.
#[test]
fn a_callee_that_is_put_in_does_not_make_deep_recursion_wide() {
    let _alone = alone();
    const ROOTS: usize = 220;
    const DEPTH: i32 = 99_000;
    let mut text = String::from(".entry main(I)f print\n.function roots(f)f\n    CELL_LOAD cell=0\n");
    for cell in 0..ROOTS {
        text += &format!("    CELL_LOAD cell={}\n    SQRT_FLOAT\n", cell + 1);
    }
    text += &"    ADD_FLOAT\n".repeat(ROOTS);
    text += "    RETURN\n.end\n.function main(I)f exported\n    CELL_LOAD cell=0\n    INT_TO_FLOAT\n    CALL function=roots(f)f\n";
    text += "    CELL_LOAD cell=0\n    LOAD_CONST index=int:0\n    GT_INT\n    JUMP_FALSE target=end\n    CELL_LOAD cell=0\n";
    text +=
        "    LOAD_CONST index=int:1\n    SUB_INT\n    CALL function=main(I)f\n    ADD_FLOAT\nend:\n    RETURN\n.end\n";
    let bytes = module::assemble("deep.vasm", &text, true).accepted().unwrap_or_else(|words| panic!("{words}"));
    let program = program(bytes);
    let limits = Limits { frames: 100_000, memory: 1 << 30, ..Limits::trusted() };
    let [_, before] = pages();
    let mut instance = program.instantiate();
    let outcome = call(&mut instance, "main(I)f", &[int(DEPTH)], &limits);
    assert_eq!(outcome.used.frames, DEPTH as u32 + 2);
    // The stack keeps the memory of some frames only when a call is over, so what it had is asked of the system.
    let text = fs::read_to_string("/proc/self/status").expect("it can be read");
    let peak =
        text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    let grown = peak.expect("Linux tells it") * 1024 / 4096 - before;
    assert!(grown < 20_000, "{grown} pages more were there");
}

/// The registers and tables of a function are found in time that grows as it does, also where one depends on the next.
#[test]
fn functions_in_which_all_hangs_together_are_translated() {
    // Each slot holds one of two types on two paths, again and again.
    let mut unions = String::from(".entry main(Z)I print\n.function main(Z)I\n");
    (0..2_000).for_each(|slot| unions += &format!("    .slot {slot} variable 00000110\n"));
    unions += "    STACK_ALLOC capacity=16000\n";
    (0..2_000).for_each(|slot| unions += &format!("    VAR_ALLOC slot={slot} mask=00000110\n"));
    for slot in 0..2_000 {
        unions += &format!(
            "    CELL_LOAD cell=0\n    JUMP_FALSE target=L{slot}\n    LOAD_CONST index=int:1\n    VAR_STORE slot={slot}\n"
        );
        unions += &format!(
            "    JUMP target=M{slot}\nL{slot}:\n    LOAD_CONST index=long:2\n    VAR_STORE slot={slot}\nM{slot}:\n"
        );
    }
    unions += "    STACK_FREE\n    LOAD_CONST index=int:1\n    RETURN\n.end\n";
    // Each slot stands in two arenas, and there is no room for the last.
    let mut chain = String::from(".entry main(Z)I print\n.function main(Z)I\n");
    (0..=15_900).for_each(|slot| chain += &format!("    .slot {slot} variable 01000000\n"));
    for slot in 0..15_900 {
        chain += &format!("    STACK_ALLOC capacity=2\n    VAR_ALLOC slot={slot} mask=01000000\n");
        chain += &format!("    VAR_ALLOC slot={} mask=01000000\n    STACK_FREE\n", slot + 1);
    }
    chain += "    CELL_LOAD cell=0\n    JUMP_FALSE target=end\n    STACK_ALLOC capacity=0\n    VAR_ALLOC slot=15900 mask=01000000\n";
    chain += "    STACK_FREE\nend:\n    LOAD_CONST index=int:1\n    RETURN\n.end\n";
    for text in [unions, chain] {
        let bytes = module::assemble("all.vasm", &text, true).accepted().unwrap_or_else(|words| panic!("{words}"));
        let program = program(bytes);
        for way in [false, true] {
            let arguments = [Value::Scalar(Tag::Bool, way.into())];
            engines::agree(&program, &arguments, &Limits::trusted()).unwrap_or_else(|problem| panic!("{problem}"));
        }
    }
}

/// An offset in linear memory has 32 bits, whatever the limit of memory is and however much of it is taken beforehand.
#[test]
fn beyond_four_gigabytes_a_call_ends_as_in_words() {
    let _alone = alone();
    let source = "pub fn far(n: int) -> int {
        alloc 2000000000 { alloc 2000000000 { alloc 2000000000 { a: int[4]; a[n] = n; return a[n] } } }
    }
    fn main() { }";
    let module = embed::Module::new(bytes(source)).unwrap_or_else(|error| panic!("{error}"));
    let limits = Limits { memory: 8 << 30, ..Limits::trusted() };
    module.compile(&limits).unwrap_or_else(|error| panic!("{error}"));
    for is_prepared in [false, true] {
        let mut instance =
            embed::Instance::with_limits(&module, &embed::Imports::new(), (), limits).expect("all is granted");
        // Where there is not so much memory, nothing is different.
        let _ = is_prepared.then(|| instance.prepare(0));
        let far = instance.func::<(i32,), i32>("far").unwrap_or_else(|error| panic!("{error}"));
        let ended = far.call(&mut instance, (1,)).map_err(|error| error.to_string());
        let wanted = "constants, arguments and arenas need 6000000000 bytes, the memory limit is 4294967295";
        assert!(matches!(&ended, Err(words) if words.starts_with(wanted)), "{is_prepared}: {ended:?}");
    }
}
