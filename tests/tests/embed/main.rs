//! What a host does with programs of others, through `vegavm::embed`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use vega_format::cell::Scalar;
use vega_tests::module;
use vegavm::embed::{Caller, ErrorKind, Imports, Instance, Module, NotGranted, Progress, Text, View};
use vegavm::{Cancel, Console, End, Engine, HostError, LimitKind, Limits, load};

mod pools;

#[path = "../../../examples/embed-first.rs"]
mod first;
#[path = "../../../examples/embed-host.rs"]
mod host;
#[path = "../../../examples/embed-limits.rs"]
mod limits;
#[path = "../../../examples/embed-pause.rs"]
mod pause;
#[path = "../../../examples/embed-pool.rs"]
mod pool;

#[test]
fn the_examples_run() {
    let examples = [first::main(), host::main(), limits::main(), pause::main(), pool::main()];
    examples.into_iter().for_each(|ran| ran.expect("it runs"));
}

/// The rule in the README and the lines that call it are those of the example, which has the bytes of its rule at hand.
#[test]
fn the_readme_shows_the_first_call() {
    let (example, readme) = (include_str!("../../../examples/embed-first.rs"), include_str!("../../../README.md"));
    let marked = |begin: &str, end: &str| {
        let rest = example.split_once(begin).expect("it is marked").1;
        rest.split_once(end).expect("it ends").0
    };
    for lines in [marked("// README: begin\n", "    // README: end"), marked("r#\"\n", "\"#")] {
        assert!(readme.contains(lines), "the README lacks\n{lines}");
    }
}

fn module_of(source: &str) -> Module {
    let bytes = module::compile("host.vg", source.as_bytes()).accepted().unwrap_or_else(|words| panic!("{words}"));
    Module::new(bytes).unwrap_or_else(|error| panic!("{error}"))
}

const ORDINARY: &str = r#"
extern fn log(message: string, n: int)
extern fn twice(n: long) -> long
extern fn total(values: []int) -> long

static 16 { calls = 0l }

pub fn add(a: long, b: long) -> long { return a + b }
pub fn add(a: int, b: int) -> int { return a + b }
pub fn length(s: string) -> int { return len(s) }
pub fn count() -> long { calls += 1; return calls }
pub fn double(values: []int) { for i in 0..len(values) { values[i] = values[i] * 2 } }
pub fn sum(values: []int) -> long { return total(values) }
pub fn shout(s: string, n: int) -> long { log(s, n); return twice(long(n)) }
pub fn divide(a: int, b: int) -> int { return a / b }
pub fn forever() { while true { } }
pub fn first(s: string) -> string { return s[0..1] }
pub fn large(n: int) -> int { alloc 1000000 { a: byte[1000000]; a[n] = 1b; return int(a[0]) } }
fn main() { }
"#;

#[derive(Default)]
struct Log(Vec<String>);

fn imports() -> Imports<Log> {
    let mut imports = Imports::new();
    let log = |caller: &mut Caller<'_, '_, Log>, message: Text, n: i32| {
        let line = format!("{} {n}", caller.text(message));
        caller.data_mut().0.push(line);
    };
    imports.func("log", log).expect("a name");
    imports.func("twice", |n: i64| n * 2).expect("a name").cost(0, 10);
    imports
        .func("total", |values: Vec<i32>| values.iter().map(|value| i64::from(*value)).sum::<i64>())
        .expect("a name");
    imports
}

fn instance() -> Instance<Log> {
    Instance::new(&module_of(ORDINARY), &imports(), Log::default()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn functions_are_called_with_the_types_of_rust() {
    let mut instance = instance();
    let add = instance.func::<(i64, i64), i64>("add").expect("it is there");
    assert_eq!(add.call(&mut instance, (40, 2)).expect("it adds"), 42);
    let ints = instance.func::<(i32, i32), i32>("add(II)I").expect("it is there");
    assert_eq!(ints.call(&mut instance, (i32::MAX, 1)).expect("it wraps"), i32::MIN);
    let length = instance.func::<(&str,), i32>("length").expect("it is there");
    for text in ["", "grün"] {
        let text = text.to_owned();
        assert_eq!(length.call(&mut instance, (&text,)).expect("it measures"), text.len() as i32);
    }
    let first = instance.func::<(&str,), String>("first").expect("it is there");
    assert_eq!(first.call(&mut instance, ("vega",)).expect("it cuts"), "v");
}

#[test]
fn views_are_lent_and_come_back() {
    let mut instance = instance();
    let double = instance.func::<(&mut [i32],), ()>("double").expect("it is there");
    let mut values = [1, -2, i32::MAX];
    double.call(&mut instance, (&mut values,)).expect("it doubles");
    assert_eq!(values, [2, -4, -2]);
    let sum = instance.func::<(&[i32],), i64>("sum").expect("it is there");
    assert_eq!(sum.call(&mut instance, (&[1, 2, 3],)).expect("it sums"), 6);
    assert_eq!(sum.call(&mut instance, (&[],)).expect("it sums"), 0);
}

#[test]
fn host_functions_see_the_data_of_the_instance_and_have_a_cost() {
    let mut instance = instance();
    let shout = instance.func::<(&str, i32), i64>("shout").expect("it is there");
    assert_eq!(shout.call(&mut instance, ("hear", 7)).expect("it shouts"), 14);
    assert_eq!(instance.data().0, ["hear 7"]);
    let with_cost = instance.used().steps;
    let mut free = imports();
    free.func("twice", |n: i64| n * 2).expect("a name");
    let mut other = Instance::new(&module_of(ORDINARY), &free, Log::default()).expect("all is granted");
    let shout = other.func::<(&str, i32), i64>("shout").expect("it is there");
    shout.call(&mut other, ("hear", 7)).expect("it shouts");
    assert_eq!(other.used().steps + 10, with_cost);
}

/// What is printed is held to its limit where the host counts it, in every engine.
#[test]
fn output_that_the_host_counts_is_limited() {
    let module = module_of("pub fn say(n: int) { for i in 0..n { print(\"four\") } }\nfn main() { }\n");
    let error = Instance::new(&module, &Imports::<String>::new(), String::new()).expect_err("nothing is granted");
    assert!(error.to_string().contains("asks for `io.put(string)`, which the host does not grant; `print` calls it"));
    let mut imports = Imports::<String>::new();
    let put = |caller: &mut Caller<'_, '_, String>, text: Text| -> Result<(), HostError> {
        let text = caller.text(text).into_owned();
        caller.output(text.len())?;
        caller.data_mut().push_str(&text);
        Ok(())
    };
    imports.func("io.put", put).expect("a name");
    let limits = Limits { output: Some(10), ..Limits::untrusted() };
    for compiled in [false, true] {
        if compiled && module.compile(&limits).is_err() {
            continue; // there is no machine code here
        }
        let mut instance = Instance::with_limits(&module, &imports, String::new(), limits).expect("all is granted");
        let say = instance.func::<(i32,), ()>("say").expect("it is there");
        say.call(&mut instance, (2,)).expect("eight bytes");
        assert_eq!((instance.used().output, instance.data().as_str()), (8, "fourfour"));
        let error = say.call(&mut instance, (3,)).expect_err("twelve bytes");
        assert!(error.to_string().starts_with("printed texts need 12 bytes, the output limit is 10"), "{error}");
        assert_eq!((instance.used().output, instance.data().as_str()), (8, "fourfourfourfour"));
    }
}

/// One grant is enough for whatever is printed, which is what the command prints; it is held to its limit.
#[test]
fn printing_is_granted_for_all_types_at_once() {
    const SOURCE: &str = r#"
        fn tell(x: int|decimal) { println(x) }
        pub fn show(n: int, more: bool) {
            alloc 16 {
                print(n, 3.0f, 'é', "a\tb", true, 7b)
                tell(n)
                tell(0.5)
                println(n == 4)
                if more { eprintln("to", n) }
            }
        }
        fn main() { show(4, true) }
    "#;
    let bytes = module::compile("show.vg", SOURCE.as_bytes()).accepted().unwrap_or_else(|words| panic!("{words}"));
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let console = Console::new(&mut output, std::io::empty()).errors(&mut errors);
    let mut granted = vegavm::Imports::console(console);
    let limits = Limits::untrusted();
    let program = vegavm::load(bytes.clone(), &granted, &limits, &mut ()).expect("it is verified");
    program.run(&[], &mut granted, &limits, &mut ()).expect("no arguments");
    granted.flush().expect("memory takes all");
    drop(granted);

    let module = Module::new(bytes).expect("it is verified");
    let mut imports = Imports::<[String; 2]>::new();
    imports.print(|caller, text| {
        caller.data_mut()[0].push_str(text);
        Ok(())
    });
    let error = Instance::new(&module, &imports, Default::default()).expect_err("`eprint` is not granted");
    assert!(error.to_string().contains("`Imports::print_error` grants it for every type"), "{error}");
    imports.print_error(|caller, text| {
        caller.data_mut()[1].push_str(text);
        Ok(())
    });
    for compiled in [false, true] {
        if compiled && module.compile(&limits).is_err() {
            continue; // there is no machine code here
        }
        let mut instance = Instance::new(&module, &imports, Default::default()).expect("all is granted");
        let show = instance.func::<(i32, bool), ()>("show").expect("it is there");
        show.call(&mut instance, (4, true)).expect("it prints");
        let printed = instance.data().each_ref().map(|text| text.as_bytes());
        assert_eq!(printed, [&*output, &*errors]);
        assert_eq!(instance.used().output, (output.len() + errors.len()) as u64);
        let few = Limits { output: Some(instance.used().output - 1), ..limits };
        let mut instance = Instance::with_limits(&module, &imports, Default::default(), few).expect("all is granted");
        let error = show.call(&mut instance, (4, true)).expect_err("a byte too few");
        assert!(error.to_string().starts_with("printed texts need"), "{error}");
        // What is granted for one type goes before.
        let mut own = imports.clone();
        own.func("io.put", |caller: &mut Caller<'_, '_, [String; 2]>, _: bool| caller.data_mut()[0].push('?'))
            .expect("a name");
        let mut instance = Instance::new(&module, &own, Default::default()).expect("all is granted");
        show.call(&mut instance, (4, false)).expect("it prints");
        assert_eq!(instance.data()[0].matches('?').count(), 2);
    }
}

/// A string that ends within a character traps as it does on the console, with the same figures; a host function has its bytes.
#[test]
fn what_is_no_text_is_not_printed() {
    const SOURCE: &str = r#"
        extern fn keep(text: string)
        pub fn show() {
            print("é")
            keep("é"[0..1])
            begin("é", 1)
        }
        fn begin(text: string, end: int) { print(text[0..end]) }
        fn main() { show() }
    "#;
    let bytes = module::compile("show.vg", SOURCE.as_bytes()).accepted().unwrap_or_else(|words| panic!("{words}"));
    let mut output = Vec::new();
    let mut granted = vegavm::Imports::console(Console::new(&mut output, std::io::empty()));
    granted.define("keep(s)V", |_| Ok(())).expect("a name");
    let program = vegavm::load(bytes.clone(), &granted, &Limits::untrusted(), &mut ()).expect("it is verified");
    let mut instance = program.instantiate();
    let outcome = instance.call("show()V", &[], &mut granted, &Limits::untrusted(), &mut ()).expect("no arguments");
    let End::Trap(report) = outcome.end else { panic!("{:?}", outcome.end) };
    drop(granted);

    let mut imports = Imports::<(String, Vec<u8>)>::new();
    imports.print(|caller, text| {
        caller.data_mut().0.push_str(text);
        Ok(())
    });
    let keep = |caller: &mut Caller<'_, '_, (String, Vec<u8>)>, text: Text| {
        caller.look()?;
        caller.data_mut().1 = caller.text_bytes(text).to_vec();
        Ok::<(), HostError>(())
    };
    imports.func("keep", keep).expect("a name");
    let module = Module::new(bytes).expect("it is verified");
    let mut instance = Instance::new(&module, &imports, Default::default()).expect("all is granted");
    let show = instance.func::<(), ()>("show").expect("it is there");
    let error = show.call(&mut instance, ()).expect_err("it is no text");
    assert_eq!((error.trap(), error.code()), (Some(&*report), Some("T015")));
    assert_eq!(instance.used(), outcome.used);
    assert_eq!((instance.data().0.as_bytes(), &*instance.data().1), (&*output, &[0xc3][..]));
}

/// The proof counts what the module declares for a host function, so one that needs more is not granted.
#[test]
fn a_cost_beyond_what_is_declared_is_refused() {
    let module =
        module_of("extern fn f(n: int) -> int cost 96\npub fn g(n: int) -> int { return f(n) }\nfn main() { }\n");
    let with = |bytes: u64| {
        let mut imports = Imports::<()>::new();
        imports.func("f", |n: i32| n).expect("a name").cost(bytes, 0);
        Instance::new(&module, &imports, ())
    };
    let mut instance = with(96).expect("as declared");
    let g = instance.func::<(i32,), i32>("g").expect("it is there");
    assert_eq!(g.call(&mut instance, (7,)).expect("it is granted"), 7);
    assert!(instance.used().memory >= 96, "{:?}", instance.used());
    let error = with(97).expect_err("more than is declared");
    assert!(error.to_string().contains("needs 97 bytes, and the module declares 96"), "{error}");
    let ErrorKind::Imports(missing) = error.kind() else { panic!("{error}") };
    assert!(matches!(missing.as_slice(), [NotGranted::Cost { needs: 97, declared: 96, .. }]), "{missing:?}");
}

#[test]
fn static_variables_live_as_long_as_the_instance() {
    let mut instance = instance();
    let count = instance.func::<(), i64>("count").expect("it is there");
    for wanted in 1..=3 {
        assert_eq!(count.call(&mut instance, ()).expect("it counts"), wanted);
    }
    let mut other = Instance::new(&module_of(ORDINARY), &imports(), Log::default()).expect("all is granted");
    let error = count.call(&mut other, ()).expect_err("another module");
    assert!(matches!(error.kind(), ErrorKind::OtherModule));
}

#[test]
fn wrong_types_are_told_with_both_signatures() {
    let instance = instance();
    let error = instance.func::<(f64,), i32>("length").expect_err("other types");
    assert_eq!(
        error.to_string(),
        "the host wants `length(decimal) -> int`, and the module exports `length(string) -> int`"
    );
    let module = module_of(
        "pub struct point { x: int, y: int }\npub fn far(p: point) -> bool { return p.x > 9 }\nfn main() { }\n",
    );
    let points = Instance::new(&module, &Imports::<()>::new(), ()).expect("nothing is asked for");
    let error = points.func::<(i32, i32), bool>("far").expect_err("a struct");
    assert!(error.to_string().ends_with("export a function that takes and gives their parts"), "{error}");
    let error = instance.func::<(), ()>("nothing").expect_err("no function");
    assert!(error.to_string().starts_with("the module exports no function `nothing`; it exports `add("), "{error}");
    let error = instance.func::<(&str,), i32>("length(I)I").expect_err("a name that says other types");
    assert!(error.to_string().starts_with("the module exports no function `length(I)I`; it exports "), "{error}");
    assert!(matches!(error.into_kind(), ErrorKind::NoFunction { .. }));
    let error = Instance::new(&module_of(ORDINARY), &Imports::new(), ()).expect_err("nothing is granted");
    assert!(error.to_string().contains("the module asks for `log(string, int)`"), "{error}");
    let ErrorKind::Imports(missing) = error.kind() else { panic!("{error}") };
    let name = |missing: &NotGranted| matches!(missing, NotGranted::Function(one) if one.name == "log(sI)V");
    assert!(missing.iter().any(name) && missing.len() == 3 && error.code() == Some("H001"), "{missing:?}");
    let mut imports = Imports::<()>::new();
    assert!(matches!(imports.func("no name", || ()).expect_err("no name").kind(), ErrorKind::Name(_)));
}

#[test]
fn a_name_alone_means_the_only_function_that_is_called_so() {
    let module = module_of(ORDINARY);
    let need = |name| module.budget(name).map(|budget| budget.function);
    assert_eq!(need("divide"), Some("divide(int, int) -> int".to_owned()));
    assert_eq!(need("divide"), need("divide(II)I"));
    assert_eq!(need("add(LL)L"), Some("add(long, long) -> long".to_owned()));
    for none in ["add", "nothing", "main", "divide(I)I"] {
        assert_eq!(need(none), None, "{none}");
    }
    let instance = instance();
    for name in ["add", "add(LL)L"] {
        assert!(instance.func::<(i64, i64), i64>(name).is_ok(), "{name}");
    }
    assert!(instance.func::<(i32, i32), i32>("add(LL)L").is_err());
}

#[test]
fn traps_and_limits_leave_the_instance_usable() {
    let module = module_of(ORDINARY);
    let limits = Limits { steps: Some(10_000), time: None, memory: 4096, arguments: 64, ..Limits::untrusted() };
    let mut instance = Instance::with_limits(&module, &imports(), Log::default(), limits).expect("all is granted");
    let divide = instance.func::<(i32, i32), i32>("divide").expect("it is there");
    let error = divide.call(&mut instance, (1, 0)).expect_err("a trap");
    let report = error.trap().expect("it is one");
    assert_eq!(
        (report.trap.to_string().as_str(), report.stack.at.source.as_ref().map(|(_, line)| *line)),
        ("division by zero", Some(15))
    );
    let forever = instance.func::<(), ()>("forever").expect("it is there");
    let error = forever.call(&mut instance, ()).expect_err("a limit");
    assert!(matches!(error.kind(), ErrorKind::Limit(limit, _) if limit.kind == LimitKind::Steps), "{error}");
    assert_eq!(error.code(), Some("L102"));
    assert!(instance.used().steps <= 10_000 && instance.used().steps > 9_900);
    let error = instance.func::<(i32,), i32>("large").expect_err("too much memory");
    assert!(matches!(error.kind(), ErrorKind::Budget { need, limit: 4096, .. } if *need > 1_000_000), "{error}");
    let length = instance.func::<(&str,), i32>("length").expect("it is there");
    let error = length.call(&mut instance, (&"x".repeat(65),)).expect_err("too long");
    assert!(matches!(error.kind(), ErrorKind::Arguments(_)), "{error}");
    assert_eq!(divide.call(&mut instance, (6, 3)).expect("it divides"), 2);
}

/// However a call is cut into pieces it is the same call, and what it was lent comes back at its end.
#[test]
fn calls_pause_and_go_on() {
    let mut instance = instance();
    let double = instance.func::<(&mut [i32],), ()>("double").expect("it is there");
    let shout = instance.func::<(&str, i32), i64>("shout").expect("it is there");
    let mut whole: Vec<i32> = (0..500).collect();
    double.call(&mut instance, (&mut whole,)).expect("it doubles");
    let used = instance.used();
    for steps in [1, 7, 100, 5_000, u64::MAX] {
        let mut values: Vec<i32> = (0..500).collect();
        let mut call = double.start(&mut instance, (&mut values,)).expect("it begins");
        let mut given = 0u64;
        while let Progress::Paused(paused) = call.resume(steps).expect("it goes on") {
            given = given.saturating_add(steps);
            assert!(paused.used().steps <= given);
            call = paused;
        }
        assert_eq!((&values, instance.used()), (&whole, used), "{steps} steps at a time");
        let call = shout.start(&mut instance, ("pieces", 4)).expect("it begins");
        let given = match call.resume(steps).expect("it goes on") {
            Progress::Paused(call) => call.finish().expect("it ends"),
            Progress::Ended(given) => given,
        };
        assert_eq!((given, instance.data_mut().0.pop()), (8, Some("pieces 4".to_owned())));
    }
    let mut call = shout.start(&mut instance, ("more", 1)).expect("it begins");
    call.data_mut().0.push("while it waits".to_owned());
    assert_eq!(call.data().0, ["while it waits"]);
    call.finish().expect("it ends");
    assert_eq!(*instance.limits(), Limits::untrusted());
    assert!(instance.module().exports().any(|function| function.signature.name == "shout"));
    assert_eq!(instance.into_data().0, ["while it waits", "more 1"]);
}

/// A call that is given up, cancelled or out of steps while it has paused leaves an instance that can be called.
#[test]
fn what_has_paused_can_end_in_any_way() {
    let limits = Limits { steps: Some(5_000), ..Limits::untrusted() };
    let mut instance =
        Instance::with_limits(&module_of(ORDINARY), &imports(), Log::default(), limits).expect("all is granted");
    let cancel = instance.cancel();
    let forever = instance.func::<(), ()>("forever").expect("it is there");
    let count = instance.func::<(), i64>("count").expect("it is there");
    let Ok(Progress::Paused(call)) = forever.start(&mut instance, ()).expect("it begins").resume(100) else {
        panic!("it goes on for ever")
    };
    assert!(call.used().steps > 50);
    drop(call);
    assert_eq!(count.call(&mut instance, ()).expect("it counts"), 1);
    let Ok(Progress::Paused(call)) = forever.start(&mut instance, ()).expect("it begins").resume(100) else {
        panic!("it goes on for ever")
    };
    let error = call.finish().expect_err("out of steps");
    assert!(matches!(error.kind(), ErrorKind::Limit(limit, _) if limit.kind == LimitKind::Steps), "{error}");
    let Ok(Progress::Paused(call)) = forever.start(&mut instance, ()).expect("it begins").resume(100) else {
        panic!("it goes on for ever")
    };
    cancel.cancel();
    let error = call.finish().expect_err("cancelled");
    assert!(matches!(error.kind(), ErrorKind::Cancelled(_)), "{error}");
    cancel.reset();
    assert_eq!(count.call(&mut instance, ()).expect("it counts"), 2);
}

/// A host function may call other instances, and its panic leaves the instance as it was before the call.
#[test]
fn calls_within_calls_have_room_of_their_own() {
    let module =
        module_of("extern fn ask(n: int) -> int\npub fn up(n: int) -> int { return ask(n) + n }\nfn main() { }\n");
    let inner = module.clone();
    let mut imports = Imports::<()>::new();
    let ask = move |n: i32| -> i32 {
        assert!(n != 13, "unlucky");
        let mut imports = Imports::<()>::new();
        imports.func("ask", |n: i32| n * 100).expect("a name");
        let mut instance = Instance::new(&inner, &imports, ()).expect("all is granted");
        let up = instance.func::<(i32,), i32>("up").expect("it is there");
        up.call(&mut instance, (n,)).expect("it asks")
    };
    imports.func("ask", ask).expect("a name");
    let mut instance = Instance::new(&module, &imports, ()).expect("all is granted");
    let up = instance.func::<(i32,), i32>("up").expect("it is there");
    assert_eq!(up.call(&mut instance, (2,)).expect("it asks"), 204);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| up.call(&mut instance, (13,))));
    assert!(panicked.is_err());
    assert_eq!(up.call(&mut instance, (3,)).expect("it asks"), 306);
}

#[test]
fn another_thread_ends_a_call() {
    let module = module_of(ORDINARY);
    let limits = Limits { steps: None, time: None, ..Limits::untrusted() };
    let mut instance = Instance::with_limits(&module, &imports(), Log::default(), limits).expect("all is granted");
    let forever = instance.func::<(), ()>("forever").expect("it is there");
    let cancel = instance.cancel();
    let waiter = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        cancel.cancel();
    });
    let error = forever.call(&mut instance, ()).expect_err("it is cancelled");
    assert!(matches!(error.kind(), ErrorKind::Cancelled(_)), "{error}");
    waiter.join().expect("it ends");
}

#[test]
fn host_functions_that_fail_are_traps_with_their_words() {
    let mut imports = imports();
    let fail = |_: i64| -> Result<i64, HostError> { Err(HostError::Failed("out of twos".to_owned())) };
    imports.func("twice", fail).expect("a name");
    let mut instance = Instance::new(&module_of(ORDINARY), &imports, Log::default()).expect("all is granted");
    let shout = instance.func::<(&str, i32), i64>("shout").expect("it is there");
    let error = shout.call(&mut instance, ("a", 1)).expect_err("it fails");
    assert!(error.to_string().contains("host function `twice(long) -> long` failed: out of twos"), "{error}");
    let fill = |caller: &mut Caller<'_, '_, Log>, values: View<i32>| -> i64 {
        caller.bytes_mut(values).fill(1);
        values.len() as i64
    };
    imports.func("total", fill).expect("a name");
    let mut instance = Instance::new(&module_of(ORDINARY), &imports, Log::default()).expect("all is granted");
    let sum = instance.func::<(&mut [i32],), i64>("sum").expect("it is there");
    let mut values = [0, 0];
    assert_eq!(sum.call(&mut instance, (&mut values,)).expect("it fills"), 2);
    assert_eq!(values, [0x0101_0101; 2]);
}

#[test]
fn what_is_no_module_is_refused() {
    for bytes in [&b""[..], b"\x89VEGA", b"no module at all"] {
        let error = Module::new(bytes).expect_err("no module");
        assert!(matches!(error.kind(), ErrorKind::Load(_)), "{error}");
    }
    fn is_error<E: std::error::Error + Send + Sync + 'static>() {}
    is_error::<vegavm::embed::Error>();
    assert_eq!(size_of::<vegavm::embed::Error>(), size_of::<usize>());
    fn is_shared<M: Send + Sync>() {}
    is_shared::<Module>();
    is_shared::<Imports<Log>>();
}

const WAITS: &str = "extern fn wait()
pub fn often() { for i in 0..100 { wait() } }
pub fn add(a: int, b: int) -> int { return a + b }
fn main() { often() }
";

/// What host functions take is time of the run, in every engine, also where nothing else takes any: of calls that are longer than the
/// limit there are two at most.
#[test]
fn host_functions_that_wait_use_the_time_up() {
    let limits = Limits { time: Some(Duration::from_millis(5)), ..Limits::untrusted() };
    static WAITED: AtomicU32 = AtomicU32::new(0);
    let wait = || {
        WAITED.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(6));
    };
    let bytes = module::compile("waits.vg", WAITS.as_bytes()).accepted().unwrap_or_else(|words| panic!("{words}"));
    for engine in [Engine::Jit, Engine::Interpreter, Engine::Tables, Engine::Reference, Engine::Placed] {
        let mut imports = vegavm::Imports::new();
        let granted = imports.define("wait()V", move |_| {
            wait();
            Ok(())
        });
        granted.expect("a name");
        let program = load(bytes.clone(), &imports, &limits, &mut ()).expect("it loads");
        let mut instance = program.instantiate();
        instance.set_engine(engine);
        let outcome = instance.run(&[], &mut imports, &limits, &mut ()).expect("no arguments");
        let is_time = matches!(&outcome.end, End::Limit(reached, _) if reached.kind == LimitKind::Time);
        assert!(is_time, "{engine:?}: {outcome:?}");
        assert!(WAITED.swap(0, Ordering::Relaxed) <= 2, "{engine:?}");
    }
    let mut imports = Imports::new();
    imports.func("wait", wait).expect("a name");
    // At first in words, then in machine code.
    for is_compiled in [false, true] {
        let module = Module::new(bytes.clone()).expect("it loads");
        if is_compiled && module.compile(&limits).is_err() {
            continue;
        }
        let mut instance = Instance::with_limits(&module, &imports, (), limits).expect("all is granted");
        let often = instance.func::<(), ()>("often").expect("it is there");
        let error = often.call(&mut instance, ()).expect_err("its time is over");
        assert!(matches!(error.kind(), ErrorKind::Limit(limit, _) if limit.kind == LimitKind::Time), "{error}");
        assert!(WAITED.swap(0, Ordering::Relaxed) <= 2);
        let add = instance.func::<(i32, i32), i32>("add").expect("it is there");
        assert_eq!(add.call(&mut instance, (1, 2)).expect("it has time of its own"), 3);
    }
}

/// A run that a host function cancels calls no other.
#[test]
fn who_is_cancelled_calls_no_host_function() {
    let bytes = module::compile("waits.vg", WAITS.as_bytes()).accepted().unwrap_or_else(|words| panic!("{words}"));
    let module = Module::new(bytes).expect("it loads");
    let cancel = Cancel::new();
    let (handle, called) = (cancel.clone(), Arc::new(AtomicU32::new(0)));
    let count = Arc::clone(&called);
    let mut imports = Imports::new();
    let wait = move || {
        count.fetch_add(1, Ordering::Relaxed);
        handle.cancel();
    };
    imports.func("wait", wait).expect("a name");
    for is_compiled in [false, true] {
        if is_compiled && module.compile(&Limits::untrusted()).is_err() {
            continue;
        }
        cancel.reset();
        let mut instance = Instance::new(&module, &imports, ()).expect("all is granted");
        instance.set_cancel(cancel.clone());
        let often = instance.func::<(), ()>("often").expect("it is there");
        let error = often.call(&mut instance, ()).expect_err("it is cancelled");
        assert!(matches!(error.kind(), ErrorKind::Cancelled(_)), "{error}");
        assert_eq!(called.swap(0, Ordering::Relaxed), 1);
    }
}

/// Views of every element go in and out of host functions as Rust's own types.
#[test]
fn elements_of_views_are_read_and_written() {
    fn turned<E>(name: &str, values: &mut [E], longer: &[E])
    where
        E: Scalar + PartialEq + std::fmt::Debug + Send + Sync + 'static,
        for<'a> &'a mut [E]: vegavm::embed::Argument<Given<'a> = &'a mut [E]>,
        View<E>: vegavm::embed::HostArgument,
    {
        let mut imports = Imports::<()>::new();
        let longer = longer.to_vec();
        let turn = move |caller: &mut Caller<'_, '_, ()>, view: View<E>| -> i32 {
            let turned: Vec<E> = caller.elements(view).rev().collect();
            let written = caller.write(view, &longer);
            assert_eq!((caller.elements(view).len(), written), (view.len(), view.len()));
            caller.write(view, &turned) as i32
        };
        imports.func("turn", turn).expect("a name");
        let source =
            format!("extern fn turn(a: []{name}) -> int\npub fn f(a: []{name}) -> int {{ turn(a) }}\nfn main() {{}}");
        let mut instance = Instance::new(&module_of(&source), &imports, ()).expect("it is granted");
        let wanted: Vec<E> = values.iter().rev().copied().collect();
        let f = instance.func::<(&mut [E],), i32>("f").expect("it is there");
        assert_eq!(f.call(&mut instance, (&mut *values,)).expect("it runs"), 3);
        assert_eq!(values, wanted, "{name}");
    }
    turned("short", &mut [1_i16, -2, 3], &[7; 5]);
    turned("int", &mut [1_i32, -2, 3], &[7; 5]);
    turned("long", &mut [1_i64, -2, i64::MAX], &[7; 5]);
    turned("float", &mut [1.5_f32, -2.0, 3.0], &[7.0; 5]);
    turned("decimal", &mut [1.5_f64, -2.0, 3.0], &[7.0; 5]);
    turned("bool", &mut [true, false, false], &[true; 5]);
    turned("byte", &mut [1_u8, 2, 255], &[7; 5]);
    turned("char", &mut ['a', 'é', '\u{10ffff}'], &['z'; 5]);
}

/// What a compiler in the same process made need not be read and verified again.
#[test]
fn a_module_is_made_of_what_is_verified_already() {
    let verified = |object| {
        let options = vegac::Options { object, ..vegac::Options::default() };
        let compiled = vegac::compile_with("f.vg", b"pub fn f() -> int { 7 }\n", &mut Default::default(), options);
        compiled.module.expect("it is right")
    };
    let error = Module::try_from(verified(true)).expect_err("an object is linked first");
    assert!(error.to_string().contains("object"), "{error}");
    let bytes = module::compile("f.vg", b"pub fn f() -> int { 7 }\nfn main() { }\n").accepted().expect("it is right");
    let read = vega_format::read(bytes).expect("it is well-formed");
    let module = Module::try_from(vega_format::verify::verify(read).expect("it is right")).expect("a program");
    let mut instance = Instance::new(&module, &Imports::new(), ()).expect("nothing is asked for");
    assert_eq!(instance.func::<(), i32>("f").expect("it is there").call(&mut instance, ()).expect("it runs"), 7);
}

/// Whoever prints an error with its sources prints no words twice.
#[test]
fn an_error_says_everything_once() {
    let errors: Vec<Box<dyn std::error::Error>> = vec![
        Box::new(Module::new(b"text".to_vec()).expect_err("it is no module")),
        Box::new(HostError::from(std::io::Error::other("the disk is full"))),
        Box::new(HostError::failed(std::fmt::Error)),
        Box::new(load(vec![1; 80], &vegavm::Imports::new(), &Limits::trusted(), &mut ()).expect_err("it is no module")),
    ];
    for error in errors {
        let sources = std::iter::successors(Some(&*error), |error| error.source());
        let words: Vec<String> = sources.map(ToString::to_string).collect();
        assert!(words.windows(2).all(|pair| !pair[0].contains(&pair[1])), "{words:?}");
    }
}

/// Limits and the handle may be others from one call to the next, also where machine code was entered under those of before.
#[test]
fn an_instance_takes_other_limits_and_another_handle() {
    let module = module_of(ORDINARY);
    module.compile(&Limits::untrusted()).expect("there is machine code");
    let mut instance = Instance::new(&module, &imports(), Log::default()).expect("all is granted");
    let add = instance.func::<(i64, i64), i64>("add").expect("it is there");
    let forever = instance.func::<(), ()>("forever").expect("it is there");
    assert_eq!(add.call(&mut instance, (1, 2)).expect("it ends"), 3);
    for steps in [0, 1, 1_000] {
        instance.set_limits(Limits { steps: Some(steps), ..Limits::untrusted() }).expect("they can be kept");
        assert_eq!(add.call(&mut instance, (1, 2)).is_ok(), steps > 1, "{steps}");
        let ended = forever.call(&mut instance, ()).expect_err("it does not end");
        assert!(matches!(ended.kind(), ErrorKind::Limit(limit, _) if limit.kind == LimitKind::Steps), "{ended}");
    }
    let refused = instance.set_limits(Limits { memory: 8, ..Limits::untrusted() }).expect_err("16 bytes are static");
    assert!(matches!(refused.kind(), ErrorKind::Statics { need: 16, limit: 8 }), "{refused}");
    assert_eq!(instance.limits().steps, Some(1_000));

    let both = Cancel::new();
    let mut other = Instance::new(&module, &imports(), Log::default()).expect("all is granted");
    both.cancel();
    for instance in [&mut instance, &mut other] {
        instance.set_cancel(both.clone());
        let ended = add.call(instance, (1, 2)).expect_err("it is cancelled");
        assert!(matches!(ended.kind(), ErrorKind::Cancelled(..)), "{ended}");
    }
}

/// A host function sees what its caller has used, its own cost among it.
#[test]
fn a_host_function_asks_what_the_call_has_used() {
    let module = module_of("extern fn spent() -> long\npub fn ask() -> long { return spent() }\nfn main() { }");
    let mut imports = Imports::<()>::new();
    let spent = |caller: &mut Caller<'_, '_, ()>| caller.used().steps as i64;
    imports.func("spent", spent).expect("a name").cost(0, 10);
    let mut instance = Instance::new(&module, &imports, ()).expect("all is granted");
    let ask = instance.func::<(), i64>("ask").expect("it is there");
    let seen = ask.call(&mut instance, ()).expect("it ends") as u64;
    assert!(seen >= 10 && seen <= instance.used().steps, "{seen} of {:?}", instance.used());
}

/// The interpreter's operations end by a jump to the next one, and loops of large ones come back to the loop around them: a program
/// takes no more of the host's stack however long it goes on.
#[test]
fn long_loops_take_no_stack() {
    const SOURCE: &str = r#"
pub fn arenas(n: int) -> int {
    alloc 4 {
        sum = 0
        for i in 0..n {
            alloc 64 {
                b: byte[4]
                b[i & 3] = 2b
                sum += int(b[1])
            }
        }
        return sum
    }
}
pub fn large_arenas(n: int) -> int {
    alloc 4 {
        sum = 0
        for i in 0..n {
            alloc 300000 {
                b: byte[4]
                b[1] = 2b
                sum += int(b[i & 3])
            }
        }
        return sum
    }
}
pub fn compare(n: int, a: string, b: string) -> int {
    alloc 4 {
        sum = 0
        for i in 0..n {
            if a == b { sum += 1 }
        }
        return sum
    }
}
pub fn texts(n: int) -> int {
    alloc 4 {
        sum = 0
        for i in 0..n {
            alloc 64 {
                t: string<16> = ""
                t = ""
                t = ""
                t = ""
                t = ""
                t = ""
                t = ""
                append(t, "ab")
                sum += len(t)
            }
        }
        return sum
    }
}
pub fn copies(n: int) -> int {
    alloc 800000 {
        a: byte[400000]
        b: byte[400000]
        for i in 0..n {
            b = a
            a[i] = 1b
        }
        return int(b[n - 2])
    }
}
pub fn large_texts(n: int) -> int {
    alloc 300100 {
        t: string<300000>
        for i in 0..n { t = "" }
        return len(t)
    }
}
fn main() { }
"#;
    let module = module_of(SOURCE).interpreted();
    let rounds = move || {
        let limits = Limits { memory: 16 << 20, ..Limits::trusted() };
        let mut instance = Instance::with_limits(&module, &Imports::new(), (), limits).expect("nothing is asked for");
        let large = "x".repeat(100_000);
        let mut call = |name: &str, n: i32| {
            instance.func::<(i32,), i32>(name).expect("it is there").call(&mut instance, (n,)).expect("it ends")
        };
        assert_eq!(call("arenas", 200_000), 100_000);
        assert_eq!(call("large_arenas", 4_000), 2_000);
        assert_eq!(call("copies", 4_000), 1);
        assert_eq!(call("texts", 200_000), 400_000);
        assert_eq!(call("large_texts", 4_000), 0);
        let compare = instance.func::<(i32, &str, &str), i32>("compare").expect("it is there");
        for (n, text) in [(200_000, "ab"), (4_000, &*large)] {
            assert_eq!(compare.call(&mut instance, (n, text, text)).expect("it ends"), n);
        }
    };
    let thread = std::thread::Builder::new().stack_size(64 << 10).spawn(rounds);
    thread.expect("a thread starts").join().expect("it fits");
}

/// Programs have lengths as ints, so nothing longer is handed over, whatever the limit; memory for it is not even touched.
#[test]
fn nothing_is_handed_over_whose_length_is_no_int() {
    let module = module_of("pub fn count(bytes: []byte) -> int { return len(bytes) }\nfn main() { }");
    let limits = Limits { arguments: u64::MAX, ..Limits::trusted() };
    let mut instance = Instance::with_limits(&module, &Imports::new(), (), limits).expect("nothing is asked for");
    let count = instance.func::<(&[u8],), i32>("count").expect("it is exported");
    let long = vec![0; 1 << 31];
    let refused = count.call(&mut instance, (&long,)).map_err(|error| error.to_string());
    assert!(refused.as_ref().is_err_and(|words| words.contains("2147483647")), "{refused:?}");
    assert_eq!(count.call(&mut instance, (&long[..7],)).ok(), Some(7));
}
