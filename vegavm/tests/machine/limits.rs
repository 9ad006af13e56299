//! Limits: exact boundaries, and what stands in the counters when one is reached.

use crate::common::*;
use crate::instructions::sum_to;
use std::time::Duration;
use vega_format::instruction::Slot;
use vega_format::trap::Trap;
use vega_format::types::Tag;
use vegavm::{Cancel, End, Imports, LimitKind, Limits, LoadError, Used, load};

fn with_steps(steps: u64) -> Limits {
    Limits { steps: Some(steps), ..Limits::trusted() }
}

fn endless() -> Vec<u8> {
    Draft::new().main("main()V", &[], &[I::Jump { target: target(0) }])
}

/// Calls itself `depth` times, then returns.
fn nested(depth: i32) -> Vec<u8> {
    let mut draft = Draft::new();
    let (zero, one, call, first) = (draft.int(0), draft.int(1), draft.call("down(I)V"), draft.int(depth));
    let test = [cell_load(0), zero, I::GtInt {}, I::JumpFalse { target: target(8) }];
    let again = [cell_load(0), one, I::SubInt {}, call, RETURN];
    draft.function("down(I)V", &[], &[&test[..], &again].concat());
    draft.main("main()V", &[], &[first, call, RETURN])
}

/// S69: jumps to itself.
#[test]
fn endless_loops_stop() {
    let outcome = run_within(endless(), &with_steps(1_000));
    assert_eq!(outcome.used.steps, 1_000);
    let End::Limit(reached, stack) = outcome.end else { panic!("{:?}", outcome.end) };
    assert_eq!(reached.to_string(), "instructions need 1001 steps, the steps limit is 1000");
    assert_eq!((stack.at.ip, stack.at.mnemonic), (0, "JUMP"));
}

/// S69: the clock ends what nothing else does, and the instance can be called again.
#[cfg(feature = "std")]
#[test]
fn time_is_over() {
    let limits = Limits { time: Some(Duration::from_millis(5)), ..Limits::trusted() };
    assert_eq!(limit(endless(), &limits), LimitKind::Time);
    assert!(matches!(run_within(sum_to(3), &Limits { time: Some(Duration::MAX), ..limits }).end, End::Result(_)));
}

/// Without the standard library no clock would end it, so it does not begin.
#[cfg(not(feature = "std"))]
#[test]
fn without_a_clock_a_limit_of_time_is_refused() {
    let limits = Limits { time: Some(Duration::MAX), ..Limits::trusted() };
    let refused = vegavm::ArgumentError::NoClock;
    let program = load_good(sum_to(3), &Imports::new());
    assert_eq!(program.run(&[], &mut Imports::new(), &limits, &mut ()), Err(refused.clone()));
    assert_eq!(refused.code(), LimitKind::Time.code());
    let module = vegavm::embed::Module::new(sum_to(3)).expect("it loads");
    let refused = vegavm::embed::Instance::with_limits(&module, &vegavm::embed::Imports::new(), (), limits);
    assert!(refused.expect_err("there is no clock").to_string().starts_with("found a limit of time"));
    assert_eq!(Limits::untrusted().time, None);
}

/// S69: another thread ends a run; one that begins with a cancelled handle does nothing at all.
#[test]
fn runs_are_cancelled() {
    let mut imports = Imports::new();
    let program = load_good(endless(), &imports);
    let (mut instance, cancel, limits) = (program.instantiate(), Cancel::new(), Limits::trusted());
    instance.set_cancel(cancel.clone());
    let canceller = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(5));
        cancel.cancel();
    });
    for was_run in [true, false] {
        let outcome = instance.run(&[], &mut imports, &limits, &mut ()).expect("no arguments");
        assert!(matches!(&outcome.end, End::Cancelled(stack) if stack.at.mnemonic == "JUMP"), "{:?}", outcome.end);
        assert_eq!(outcome.used.steps > 0, was_run);
    }
    canceller.join().expect("it only waits");
    instance.set_cancel(Cancel::new());
    let outcome = instance.run(&[], &mut imports, &Limits { steps: Some(9), ..limits }, &mut ()).expect("no arguments");
    assert_eq!(outcome.used.steps, 9);
}

/// S70: no steps, one, the exact cost and one less. A block is paid for whole before its first instruction.
#[test]
fn steps_are_exact() {
    let bytes = sum_to(3);
    let cost = run(bytes.clone()).used.steps;
    assert_eq!(cost, 7 + 4 * 4 + 3 * 13 + 3);
    assert!(matches!(run_within(bytes.clone(), &with_steps(cost)).end, End::Result(_)));
    for (steps, used) in [(0, 0), (1, 0), (6, 0), (7, 7), (cost - 1, cost - 3)] {
        let outcome = run_within(bytes.clone(), &with_steps(steps));
        assert!(matches!(outcome.end, End::Limit(..)), "{steps}");
        assert_eq!(outcome.used.steps, used);
    }
}

#[test]
fn a_trap_refunds_nothing() {
    let mut draft = Draft::new();
    let (one, zero) = (draft.int(1), draft.int(0));
    let outcome = run(draft.main("main()I", &[], &[one, zero, I::DivInt {}, one, I::AddInt {}, RETURN]));
    assert!(matches!(outcome.end, End::Trap(_)));
    assert_eq!(outcome.used.steps, 6);
}

#[test]
fn bulk_work_costs_by_its_bytes() {
    let arena = |bytes: u32| run(Draft::new().main("main()V", &[], &[open(bytes), CLOSE, RETURN])).used.steps;
    assert_eq!([0, 63, 64, 6400].map(arena), [3, 3, 4, 103]);
    let compared = |first: &str, second: &str| {
        let mut draft = Draft::new();
        let (first, second) = (draft.text(first), draft.text(second));
        run(draft.main("main()Z", &[], &[first, second, I::EqString {}, RETURN])).used.steps
    };
    assert_eq!(compared(&"a".repeat(640), &"b".repeat(640)), 4 + 10);
    assert_eq!(compared(&"a".repeat(640), "b"), 4, "texts of different lengths are not looked at");
}

/// Memory is counted in frames and arenas, and its peak stays when they are gone.
#[test]
fn memory_is_exact() {
    let bytes = Draft::new().main("main()V", &[], &[open(100), open(28), CLOSE, CLOSE, open(8), CLOSE, RETURN]);
    let used = run(bytes.clone()).used;
    assert_eq!(used, Used { steps: 7 + 1, memory: 128, frames: 1, output: 0 });
    let within = |memory| run_within(bytes.clone(), &Limits { memory, ..Limits::trusted() });
    assert!(matches!(within(128).end, End::Result(_)));
    let End::Limit(reached, _) = within(127).end else { panic!("127 bytes are too few") };
    assert_eq!((reached.kind, reached.value, reached.maximum), (LimitKind::Memory, 128, 127));
    let outcome = run(nested(3));
    assert_eq!((outcome.used.frames, outcome.used.memory), (5, 8 + 4 * (8 + 16)));
}

/// S67, S71: the depth at the limit, and one above.
#[test]
fn frames_are_exact() {
    let limits = |frames| Limits { frames, ..Limits::trusted() };
    assert!(matches!(run_within(nested(8), &limits(10)).end, End::Result(_)));
    let End::Trap(report) = run_within(nested(9), &limits(10)).end else { panic!("ten frames are too few") };
    assert_eq!(report.trap, Trap::CallStackExhausted { depth: 11, limit: 10 });
    assert!(matches!(run(nested(99_998)).end, End::Result(_)));
}

/// S68: many slots a frame cost nothing by being declared; those that the code allocates are counted.
#[test]
fn slot_tables_are_bounded() {
    let slots = vec![variable(&[Tag::Byte]); 1_000];
    let recursive = |touched: u16| {
        let mut draft = Draft::new();
        let call = draft.call("main()V");
        let mut code = vec![open(1_000)];
        code.extend((0..touched).map(|slot| alloc(slot, &[Tag::Byte])));
        code.extend([call, CLOSE, RETURN]);
        draft.main("main()V", &slots, &code)
    };
    let limits = Limits { memory: 4 << 20, tables: 64 << 20, ..Limits::trusted() };
    assert_eq!(limit(recursive(0), &limits), LimitKind::Memory);
    assert_eq!(limit(recursive(1_000), &limits), LimitKind::Tables);
    let mut draft = Draft::new();
    let call = draft.call("main()V");
    let hollow = draft.main("main()V", &slots, &[call, RETURN]);
    assert!(matches!(run(hollow).end, End::Trap(_)), "only the frames are too many");
}

/// Empty arenas are no way around the limit of memory.
#[test]
fn empty_arenas_are_bounded() {
    let mut draft = Draft::new();
    let again = draft.call("main()V");
    let code = [vec![open(0); 100], vec![again], vec![CLOSE; 100], vec![RETURN]].concat();
    let bytes = draft.main("main()V", &[], &code);
    assert_eq!(limit(bytes, &Limits { memory: 65_536, ..Limits::trusted() }), LimitKind::Tables);
}

/// S59: what is freed in a loop is there again in its next turn, and nothing grows.
#[test]
fn loops_do_not_grow() {
    let outcome = run_within(sum_to(100_000), &Limits { memory: 512, ..Limits::trusted() });
    assert!(matches!(outcome.end, End::Result(_)), "{:?}", outcome.end);
    assert_eq!(outcome.used.memory, 16 + 8 * 2);
}

/// An arena that does not fit says so before anything is reserved: before it runs if that is proved, else when it opens.
#[test]
fn large_arenas() {
    let arena = open(i32::MAX as u32);
    let bytes = Draft::new().main("main()V", &[], &[arena, CLOSE, RETURN]);
    let refused = load(bytes, &Imports::new(), &Limits::trusted(), &mut ());
    let Err(LoadError::Budget { need, limit, .. }) = refused else { panic!("it is loaded") };
    assert_eq!((need, limit), (0x7FFF_FFFF, 1 << 30));

    let mut draft = Draft::new();
    let again = draft.call("main()V");
    let outcome = run(draft.main("main()V", &[], &[arena, again, CLOSE, RETURN]));
    let End::Limit(reached, _) = outcome.end else { panic!("{:?}", outcome.end) };
    assert_eq!((reached.value, reached.maximum), (0x7FFF_FFFF, 1 << 30));
    assert_eq!(outcome.used.memory, 0);
}

/// S71: as many arguments as there can be.
#[test]
fn two_hundred_and_fifty_five_arguments() {
    let name = format!("many({})I", "I".repeat(255));
    let mut draft = Draft::new();
    draft.function(&name, &[], &[cell_load(254), RETURN]);
    let call = draft.call(&name);
    let mut code: Vec<_> = (0..255).map(|value| draft.int(value)).collect();
    code.extend([call, RETURN]);
    assert_eq!(result(draft.main("main()I", &[], &code)), Some(int(254)));
}

#[test]
fn frees_cost_by_their_bytes() {
    let array = |draft: &mut Draft| {
        use vega_format::stencil::{Stencil, TypeRef};
        stencil(draft.0.stencil(Stencil::Array(TypeRef::Scalar(Tag::Byte), 640)).expect("an array"))
    };
    let steps = |end: I| {
        let mut draft = Draft::new();
        let array = array(&mut draft);
        run(draft.main("main()V", &[array], &[open(640), stencil_alloc(0, 640), end, CLOSE, RETURN])).used.steps
    };
    let (freed, dropped) = (I::VarFree { slot: Slot(0) }, I::VarDrop { slot: Slot(0) });
    assert_eq!([freed, dropped].map(steps), [5 + 10 + 10; 2]);
}
