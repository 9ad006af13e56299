//! The host's side: what is granted, and what goes wrong there.

use crate::common::*;
use vega_format::builder::{Builder, FunctionDraft, StaticDraft};
use vega_format::container::Kind;
use vega_format::instruction::Offset;
use vega_format::stencil::{Stencil, TypeRef};
use vega_format::types::Tag;
use vegavm::embed;
use vegavm::{ArgumentError, End, HostError, Imports, Instance, Limits, LoadError, Value, load};

/// `count` in a static block, from 40 on: `next(I)L` adds to it and gives it; `fail()V` adds 100 and divides by zero.
fn counter() -> Vec<u8> {
    let mut draft = Draft::new();
    let image = 40i64.to_le_bytes().to_vec();
    let variables = vec![TypeRef::Scalar(Tag::Long)];
    let block = draft.0.static_block(StaticDraft { capacity: 64, variables, image });
    let load = I::StaticLoad { block, offset: Offset(0), tag: Tag::Long };
    let store = I::StaticStore { block, offset: Offset(0), tag: Tag::Long };
    let next = vec![load, cell_load(0), I::IntToLong {}, I::AddLong {}, store, load, RETURN];
    let (hundred, one, zero) = (draft.long(100), draft.int(1), draft.int(0));
    let fail = vec![load, hundred, I::AddLong {}, store, one, zero, I::DivInt {}, I::StackPop {}, RETURN];
    for (name, code) in [("next(I)L", next), ("fail()V", fail)] {
        let function = FunctionDraft { exported: true, code, ..FunctionDraft::default() };
        assert!(draft.0.add_function(name, function));
    }
    draft.main("main()L", &[], &[load, RETURN])
}

#[test]
fn an_instance_keeps_its_statics() {
    let limits = Limits { memory: 200, ..Limits::untrusted() };
    let program = load(counter(), &Imports::new(), &limits, &mut ()).expect("it loads");
    let mut instance = program.instantiate();
    let call = |instance: &mut Instance<'_>, name: &str, arguments: &[Value]| {
        instance.call(name, arguments, &mut Imports::new(), &limits, &mut ())
    };
    let long = |value: i64| End::Result(Some(Value::Scalar(Tag::Long, value as u64)));
    let one = [int(1)];
    assert_eq!(call(&mut instance, "next(I)L", &one).expect("it fits").end, long(41));
    let second = call(&mut instance, "next(I)L", &one).expect("it fits");
    assert_eq!((second.end, second.used.memory), (long(42), 64 + 8 * 3));

    // What a call did before it trapped is done.
    assert!(matches!(call(&mut instance, "fail()V", &[]).expect("it fits").end, End::Trap(_)));
    assert_eq!(call(&mut instance, "next(I)L", &one).expect("it fits").end, long(143));

    // Another instance has its own; so has every run of the program.
    assert_eq!(call(&mut program.instantiate(), "next(I)L", &one).expect("it fits").end, long(41));
    assert_eq!(program.run(&[], &mut Imports::new(), &limits, &mut ()).expect("it fits").end, long(40));

    let error = call(&mut instance, "main()L", &[]).expect_err("it is not exported");
    assert_eq!(error, ArgumentError::NotExported("main()L".to_owned()));
    assert_eq!(call(&mut instance, "next(I)L", &[]), Err(ArgumentError::Count { found: 0, wanted: 1, or_more: false }));
}

#[test]
fn statics_count_as_memory() {
    let tight = Limits { memory: 64, ..Limits::untrusted() };
    let refused = load(counter(), &Imports::new(), &tight, &mut ()).expect_err("it needs more");
    assert!(matches!(refused, LoadError::Budget { need: 72, limit: 64, .. }), "{refused:?}");
}

/// No machine has memory for these; that is told, and ends nothing.
#[test]
fn statics_that_no_host_has_memory_for() {
    let mut builder = Builder::new(Kind::Library);
    let mut code = Vec::new();
    for _ in 0..65_536 {
        let variables = vec![TypeRef::Scalar(Tag::Byte)];
        let capacity = i32::MAX as u32;
        let block = builder.static_block(StaticDraft { capacity, variables, ..StaticDraft::default() });
        code.extend([I::StaticLoad { block, offset: Offset(0), tag: Tag::Byte }, I::StackPop {}]);
    }
    code.push(RETURN);
    builder.add_function("all()V", FunctionDraft { exported: true, code, ..FunctionDraft::default() });
    let module = embed::Module::new(builder.write().expect("a library")).expect("it loads");
    let limits = Limits { memory: u64::MAX, ..Limits::untrusted() };
    let refused =
        embed::Instance::with_limits(&module, &embed::Imports::new(), (), limits).expect_err("there is not so much");
    let wanted = 65_536 * i32::MAX as u64;
    assert!(matches!(refused.kind(), embed::ErrorKind::HostMemory { need } if *need == wanted), "{refused}");
}

/// S72: at load, with both signatures.
#[test]
fn unknown_functions_are_refused() {
    let refused = |mangled: &str| {
        let mut draft = Draft::new();
        let (zero, call) = (draft.long(0), draft.host(mangled));
        let bytes = draft.main("main()V", &[], &[zero, call, RETURN]);
        let mut imports = Imports::new();
        imports.define("near(I)V", |_| Ok(())).expect("a name");
        match load(bytes, &imports, &Limits::trusted(), &mut ()) {
            Err(LoadError::Imports(errors)) => (errors[0].code(), errors[0].to_string()),
            other => panic!("{other:?}"),
        }
    };
    let (code, words) = refused("far(L)V");
    assert_eq!((code, words.ends_with("which is not granted")), ("H001", true), "{words}");
    let (code, words) = refused("near(L)V");
    assert_eq!(code, "H002");
    assert!(words.contains("`near(long)`") && words.contains("granted as `near(int)`"), "{words}");
}

/// S70: what pauses and what is limited stop at the same instruction with the same figures, whatever the steps.
#[test]
fn limits_and_pauses_stop_at_one_place() {
    let mut imports = Imports::new();
    let program = load_good(crate::instructions::sum_to(4), &imports);
    let whole = program.run(&[], &mut imports, &Limits::trusted(), &mut ()).expect("no arguments").used.steps;
    for steps in 0..whole {
        let limits = Limits { steps: Some(steps), ..Limits::trusted() };
        let limited = program.run(&[], &mut imports, &limits, &mut ()).expect("no arguments");
        let End::Limit(_, stack) = limited.end else { panic!("{steps} steps are too few") };
        let mut instance = program.instantiate();
        let mut stepper = instance.stepper(&[], &Limits::trusted()).expect("no arguments");
        assert_eq!(stepper.resume(steps, &mut imports, &mut ()), vegavm::Progress::Paused);
        assert_eq!((stepper.used(), stepper.state().frame().ip()), (limited.used, stack.at.ip), "{steps}");
        drop(stepper);
        let mut run = instance.start(&[], &Limits::trusted()).expect("no arguments");
        assert_eq!(run.resume(steps, &mut imports), vegavm::Progress::Paused);
        assert_eq!(run.used(), limited.used, "{steps}");
    }
}

/// S74: a host function fails half-way; the cause is kept, and the next run works.
#[test]
fn a_failure_is_over_with_its_run() {
    let mut draft = Draft::new();
    let call = draft.host("sometimes()I");
    let bytes = draft.main("main()I", &[], &[open(64), call, CLOSE, RETURN]);
    let mut left = 1;
    let mut imports = Imports::new();
    let sometimes = move |call: &mut vegavm::HostCall<'_>| {
        if left > 0 {
            left -= 1;
            return Err(HostError::Failed("not yet".to_owned()));
        }
        call.give(int(7));
        Ok(())
    };
    imports.define("sometimes()I", sometimes).expect("a name");
    let program = load_good(bytes, &imports);
    let mut run = || program.run(&[], &mut imports, &Limits::trusted(), &mut ()).expect("no arguments").end;
    assert!(matches!(run(), End::Trap(report) if report.trap.to_string().ends_with("failed: not yet")));
    assert_eq!(run(), End::Result(Some(int(7))));
}

#[test]
fn what_a_host_gives_is_checked() {
    let mut draft = Draft::new();
    let call = draft.host("odd()I");
    let bytes = draft.main("main()I", &[], &[call, RETURN]);
    for value in [None, Some(Value::Scalar(Tag::Long, 1)), Some(Value::String("x".to_owned()))] {
        let mut imports = Imports::new();
        let odd = move |call: &mut vegavm::HostCall<'_>| {
            value.iter().for_each(|value| call.give(value.clone()));
            Ok(())
        };
        imports.define("odd()I", odd).expect("a name");
        let program = load_good(bytes.clone(), &imports);
        let end = program.run(&[], &mut imports, &Limits::trusted(), &mut ()).expect("no arguments").end;
        assert!(matches!(end, End::Trap(_)), "{end:?}");
    }
    assert!(Imports::new().define("text()s", |_| Ok(())).is_err(), "a host gives no text");
}

#[test]
fn arguments_are_read_by_the_signature() {
    let imports = Imports::new();
    let bytes = Draft::new().main("main(Is)s", &[], &[cell_load(1), RETURN]);
    let program = load_good(bytes, &imports);
    let parse = |texts: &[&str]| vegavm::arguments::parse(&program, texts);
    let values = parse(&["-5", "größe"]).expect("they fit");
    let run = |values: &[Value], limits: &Limits| program.run(values, &mut Imports::new(), limits, &mut ());
    let outcome = run(&values, &Limits::trusted()).expect("they fit");
    assert_eq!(outcome.end, End::Result(Some(Value::String("größe".to_owned()))));
    assert_eq!(parse(&["1"]), Err(ArgumentError::Count { found: 1, wanted: 2, or_more: false }));
    let wrong = parse(&["x", "y"]).expect_err("x is no int");
    assert_eq!(wrong.to_string(), "argument 1, `argument1`: found `x`, wanted int");
    let limits = Limits { arguments: 6, ..Limits::trusted() };
    assert!(matches!(run(&values, &limits), Err(ArgumentError::Limit(_))));
    assert!(run(&[int(1), int(1)], &limits).is_err());
    assert_eq!(vegavm::arguments::usage(&program, "prog.vgb"), "prog.vgb <argument1: int> <argument2: string>");
}

/// A host hands views over to any exported function, beside a union in its two cells.
#[test]
fn views_are_handed_over() {
    let mut draft = Draft::new();
    let load = I::ViewLoad { offset: Offset(0), tag: Tag::Int };
    let code = vec![cell_load(2), cell_load(3), load, RETURN];
    draft.0.add_function("pick(<IZ>[]II)I", FunctionDraft { exported: true, code, ..FunctionDraft::default() });
    let program = load_good(draft.main("main()V", &[], &[RETURN]), &Imports::new());
    let call = |numbers: Vec<Value>, index: i32, limits: &Limits| {
        let arguments = [Value::Scalar(Tag::Bool, 1), Value::View(numbers), int(index)];
        program.instantiate().call("pick(<IZ>[]II)I", &arguments, &mut Imports::new(), limits, &mut ())
    };
    let limits = Limits { arguments: 12, ..Limits::trusted() };
    let numbers = [7, -8, 9].map(int).to_vec();
    assert_eq!(call(numbers.clone(), 1, &limits).expect("it fits").end, End::Result(Some(int(-8))));
    assert!(matches!(call(numbers.clone(), 3, &limits).expect("it fits").end, End::Trap(_)));
    assert!(matches!(call(Vec::new(), 0, &limits).expect("it fits").end, End::Trap(_)));
    let limits = Limits { arguments: 11, ..Limits::trusted() };
    let many = call(numbers, 1, &limits).expect_err("three ints have 12 bytes");
    assert_eq!(many.to_string(), "arguments need 12 bytes, the arguments limit is 11");
    let wrong = call(vec![int(1), Value::String("2".to_owned())], 1, &limits).expect_err("a text is no int");
    assert_eq!(wrong.to_string(), "argument 2, `argument2`: found `[1, 2]`, wanted []int");
}

#[test]
fn what_is_left_of_the_words_is_a_view() {
    let mut draft = Draft::new();
    draft.0.stencil(Stencil::Text(4)).expect("a text");
    let program = load_good(draft.main("main(s[]s{4})V", &[], &[RETURN]), &Imports::new());
    let parse = |texts: &[&str]| vegavm::arguments::parse(&program, texts);
    let text = |text: &str| Value::String(text.to_owned());
    assert_eq!(parse(&["a"]), Ok(vec![text("a"), Value::View(Vec::new())]));
    assert_eq!(parse(&["a", "", "grö"]), Ok(vec![text("a"), Value::View(vec![text(""), text("grö")])]));
    assert_eq!(parse(&[]).expect_err("there is no word").to_string(), "found 0 arguments, wanted at least 1");
    let long = parse(&["a", "b", "größe"]).expect_err("it has seven bytes");
    assert_eq!(long.to_string(), "argument 3, `argument2`: found `größe` of 7 bytes, wanted at most 4");
    let usage = vegavm::arguments::usage(&program, "prog.vgb");
    assert_eq!(usage, "prog.vgb <argument1: string> [argument2: string<4>…]");
}

/// The flowchart's steps are told in order; a library is no program.
#[test]
fn loading_is_told() {
    let names = |bytes: Vec<u8>| {
        let mut names = Vec::new();
        let mut observer = |step: &vegavm::LoadStep| names.push(step.to_string());
        let loaded = load(bytes, &Imports::new(), &Limits::trusted(), &mut observer);
        (names, loaded.err())
    };
    let good = Draft::new().main("main()V", &[], &[RETURN]);
    let (steps, _) = names(good.clone());
    let expected = [
        "allocate stack",
        "initialise stack pointer",
        "check magic",
        "load metadata",
        "load constant data",
        "load function definitions",
        "find main",
        "initialise instruction pointer",
        "push first frame",
    ];
    assert_eq!(steps.iter().map(|step| step.split(':').next().unwrap_or("")).collect::<Vec<_>>(), expected);
    assert_eq!(steps[2], "check magic: f6 56 45 47 41 0d 0a 1a, program, version 1");
    let (steps, error) = names(b"\x7fELF....".to_vec());
    assert_eq!(steps.len(), 3);
    assert!(steps[2].starts_with("close gracefully: not a .vgb file: it starts with 7f 45 4c 46"), "{steps:?}");
    assert!(matches!(error, Some(LoadError::Format(_))));
    let mut library = Draft::new();
    library.0.kind = Kind::Library;
    library.function("f()V", &[], &[RETURN]);
    let (_, error) = names(library.0.write().expect("a library"));
    assert!(matches!(error, Some(LoadError::NotAProgram(Kind::Library))));
    for cut in 0..good.len() {
        assert!(names(good[..cut].to_vec()).1.is_some());
    }
}
