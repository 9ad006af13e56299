//! Every trap is provoked, with its words; and a list of the table's traps says that none is forgotten.

use crate::common::*;
use vega_format::builder::FunctionDraft;
use vega_format::cell;
use vega_format::container::{EntryResult, SlotKind};
use vega_format::instruction::Slot;
use vega_format::stencil::{Stencil, TypeRef};
use vega_format::trap::{TRAPS, Trap};
use vega_format::types::{Mask, Tag};
use vegavm::{End, HostError, Imports, Limits};

const INT: &[Tag] = &[Tag::Int];

/// A program whose arena of eight bytes holds these instructions.
fn in_arena(slots: &[SlotKind], code: impl FnOnce(&mut Draft) -> Vec<I>) -> Vec<u8> {
    let mut draft = Draft::new();
    let mut all = vec![open(8)];
    all.extend(code(&mut draft));
    all.extend([CLOSE, RETURN]);
    draft.main("main()V", slots, &all)
}

fn with_array(code: impl FnOnce(&mut Draft) -> Vec<I>) -> Vec<u8> {
    let mut draft = Draft::new();
    let array = draft.0.stencil(Stencil::Array(TypeRef::Scalar(Tag::Short), 3)).expect("an array");
    let mut all = vec![open(8), stencil_alloc(0, 6)];
    all.extend(code(&mut draft));
    all.extend([CLOSE, RETURN]);
    draft.main("main()V", &[stencil(array)], &all)
}

fn recursion() -> Vec<u8> {
    let mut draft = Draft::new();
    let call = draft.call("main()V");
    draft.main("main()V", &[], &[call, RETURN])
}

/// `main` calls itself, and may be active three times.
fn limited_recursion() -> Vec<u8> {
    let mut draft = Draft::new();
    let code = vec![draft.call("main()V"), RETURN];
    let main = FunctionDraft { code, limit: Some(3), ..FunctionDraft::default() };
    draft.0.add_function("main()V", main);
    draft.0.entry = Some(("main()V".to_owned(), EntryResult::Print));
    draft.0.write().expect("the program can be written")
}

fn failure() -> Vec<u8> {
    let mut draft = Draft::new();
    let words = draft.text("never");
    draft.main("main()V", &[], &[words, I::Fail {}])
}

fn full_text() -> Vec<u8> {
    let mut draft = Draft::new();
    let text = draft.0.stencil(Stencil::Text(4)).expect("text");
    let code = [open(4), stencil_alloc(0, 4), draft.text("seven"), I::TextStore { slot: Slot(0) }, CLOSE, RETURN];
    draft.main("main()V", &[stencil(text)], &code)
}

fn host_failure() -> Trap {
    let mut draft = Draft::new();
    let call = draft.host("broken()V");
    let bytes = draft.main("main()V", &[], &[call, RETURN]);
    let mut imports = Imports::new();
    imports.define("broken()V", |_| Err(HostError::Failed("no luck".to_owned()))).expect("a name");
    match load_good(bytes, &imports).run(&[], &mut imports, &Limits::trusted(), &mut ()).expect("none").end {
        End::Trap(report) => report.trap,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_trap_happens() {
    let var = [variable(INT)];
    let union = [variable(&[Tag::Int, Tag::Bool])];
    let alias = [SlotKind::Alias(Tag::Int)];
    let long = [variable(INT), variable(&[Tag::Long])];
    let cases: Vec<(Trap, Trap)> = vec![
        (
            trap(in_arena(&long, |_| vec![alloc(0, INT), alloc(1, &[Tag::Long])])),
            Trap::OutOfMemory { need: 8, free: 4, largest: 4 },
        ),
        (
            trap(in_arena(&union, |draft| vec![draft.long(1), alloc(0, &[Tag::Int, Tag::Bool]), store(0)])),
            Trap::TypeMismatch { slot: 0, mask: [Tag::Int, Tag::Bool].into_iter().collect(), tag: Tag::Long },
        ),
        (trap(in_arena(&var, |_| vec![alloc(0, INT), load_var(0), I::StackPop {}])), Trap::NeverStored { slot: 0 }),
        (trap(in_arena(&var, |_| vec![load_var(0), I::StackPop {}])), Trap::NeverAllocated { slot: 0 }),
        (
            trap(in_arena(&var, |_| vec![alloc(0, INT), free(0), load_var(0), I::StackPop {}])),
            Trap::UseAfterFree { slot: 0 },
        ),
        (
            trap(in_arena(&var, |draft| vec![alloc(0, INT), free(0), draft.int(1), store(0)])),
            Trap::StoreAfterFree { slot: 0 },
        ),
        (trap(in_arena(&var, |_| vec![alloc(0, INT), free(0), free(0)])), Trap::DoubleFree { slot: 0 }),
        (
            trap(in_arena(&alias, |draft| vec![draft.int(0), point(0, Tag::Int), free(0)])),
            Trap::FreeOfAlias { slot: 0 },
        ),
        (trap(in_arena(&var, |_| vec![alloc(0, INT), alloc(0, INT)])), Trap::AlreadyAllocated { slot: 0 }),
        (
            trap(in_arena(&alias, |draft| vec![draft.int(5), point(0, Tag::Int)])),
            Trap::AliasOutOfBounds { offset: 5, size: 4, capacity: 8 },
        ),
        (
            trap(with_array(|draft| vec![draft.int(3), elem_load(0, 0, Tag::Short), I::StackPop {}])),
            Trap::IndexOutOfBounds { index: 3, length: 3 },
        ),
        (
            trap(with_array(|draft| vec![view(0), draft.int(2), draft.int(1), I::ViewSlice {}, I::StackPop {}])),
            Trap::SliceOutOfBounds { start: 2, end: 1, length: 3 },
        ),
        (
            trap(in_arena(&[], |draft| vec![draft.int(1), draft.int(0), I::DivInt {}, I::StackPop {}])),
            Trap::DivisionByZero {},
        ),
        (trap(recursion()), Trap::CallStackExhausted { depth: 100_001, limit: 100_000 }),
        (host_failure(), Trap::HostFailed { function: "broken()".to_owned(), cause: "no luck".to_owned() }),
        (trap(limited_recursion()), Trap::ActivationLimit { function: "main()".to_owned(), limit: 3 }),
        (trap(failure()), Trap::AssertionFailed { words: "never".to_owned() }),
        (
            trap(in_arena(&union, |draft| {
                let (mask, one) = ([Tag::Int, Tag::Bool].into_iter().collect(), draft.int(1));
                vec![one, I::UnionAs { mask }, I::UnionAs { mask: Tag::Bool.mask() }, I::StackPop {}]
            })),
            Trap::UnionMismatch { mask: Tag::Bool.mask(), tag: Tag::Int },
        ),
        (trap(full_text()), Trap::TextFull { need: 5, free: 4, capacity: 4 }),
    ];
    for (found, expected) in &cases {
        assert_eq!(found, expected);
    }
    let kinds: Vec<_> = cases.iter().map(|(found, _)| found.kind()).collect();
    assert_eq!(kinds, TRAPS.iter().map(|row| row.kind).collect::<Vec<_>>(), "one case a row, in its order");
}

/// S53, S56: what is gone or not there yet is never touched, in whatever way it is named.
#[test]
fn slots_that_are_not_there() {
    let var = [variable(INT)];
    let offset = I::VarOffset { slot: Slot(0) };
    assert_eq!(trap(in_arena(&var, |_| vec![free(0)])), Trap::NeverAllocated { slot: 0 });
    assert_eq!(trap(in_arena(&var, |draft| vec![draft.int(1), store(0)])), Trap::NeverAllocated { slot: 0 });
    assert_eq!(trap(in_arena(&var, |_| vec![offset, I::StackPop {}])), Trap::NeverAllocated { slot: 0 });
    let freed = vec![alloc(0, INT), free(0), offset, I::StackPop {}];
    assert_eq!(trap(in_arena(&var, |_| freed)), Trap::UseAfterFree { slot: 0 });
    let outlived = |last: &[I]| {
        let mut code = vec![open(8), alloc(0, INT), CLOSE];
        code.extend(last);
        code
    };
    let use_ = in_arena(&var, |_| outlived(&[load_var(0), I::StackPop {}]));
    assert_eq!(trap(use_), Trap::UseAfterFree { slot: 0 });
    assert_eq!(trap(in_arena(&var, |_| outlived(&[free(0)]))), Trap::DoubleFree { slot: 0 });
    assert_eq!(result(in_arena(&var, |_| outlived(&[drop_var(0), alloc(0, INT), drop_var(0)]))), None);
    let again = outlived(&[open(8), alloc(0, INT), CLOSE, alloc(0, INT)]);
    assert_eq!(result(in_arena(&var, |_| again)), None, "a slot that has ended can be allocated again");
}

/// S57: fragments do not add up.
#[test]
fn fragmented() {
    let shorts = [Tag::Short; 4].map(|tag| variable(&[tag]));
    let slots: Vec<_> = shorts.into_iter().chain([variable(INT)]).collect();
    let mut code: Vec<_> = (0..4).map(|slot| alloc(slot, &[Tag::Short])).collect();
    code.extend([free(0), free(2), alloc(4, INT)]);
    let expected = Trap::OutOfMemory { need: 4, free: 4, largest: 2 };
    assert_eq!(trap(in_arena(&slots, |_| code)), expected);
}

/// S58: a single-type slot is checked like a union.
#[test]
fn another_type() {
    let stored = in_arena(&[variable(INT)], |draft| vec![draft.long(1), alloc(0, INT), store(0)]);
    assert_eq!(trap(stored), Trap::TypeMismatch { slot: 0, mask: Mask::from(Tag::Int), tag: Tag::Long });
    let aliased = in_arena(&[SlotKind::Alias(Tag::Int)], |draft| {
        vec![draft.int(0), point(0, Tag::Int), draft.scalar(Tag::Byte, 1), store(0)]
    });
    assert_eq!(trap(aliased), Trap::TypeMismatch { slot: 0, mask: Mask::from(Tag::Int), tag: Tag::Byte });
}

/// S60, S61: the exact boundary of an alias, and offsets far outside.
#[test]
fn alias_bounds() {
    let at = |offset: i64, tag: Tag| in_arena(&[SlotKind::Alias(tag)], |draft| vec![draft.long(offset), point(0, tag)]);
    for (offset, tag) in [(0, Tag::Long), (4, Tag::Int), (7, Tag::Byte)] {
        assert_eq!(result(at(offset, tag)), None);
    }
    for (offset, tag) in [
        (1, Tag::Long),
        (5, Tag::Int),
        (8, Tag::Byte),
        (-1, Tag::Byte),
        (1 << 31, Tag::Int),
        (1 << 32, Tag::Int),
        (i64::MAX, Tag::Int),
        (i64::MIN, Tag::Int),
    ] {
        let expected = Trap::AliasOutOfBounds { offset, size: tag.size(), capacity: 8 };
        assert_eq!(trap(at(offset, tag)), expected);
    }
    let larger = in_arena(&[], |_| vec![]);
    assert_eq!(result(larger), None);
}

/// S65: an alias is not freed, also when what it views is gone; with its arena it goes.
#[test]
fn alias_life() {
    let alias = [SlotKind::Alias(Tag::Int), variable(INT)];
    let make = |draft: &mut Draft| vec![alloc(1, INT), draft.int(0), point(0, Tag::Int)];
    let over_freed = in_arena(&alias, |draft| {
        let mut code = make(draft);
        code.extend([free(1), load_var(0), I::StackPop {}, drop_var(0), drop_var(0)]);
        code
    });
    assert_eq!(result(over_freed), None);
    let freed = in_arena(&alias, |draft| {
        let mut code = make(draft);
        code.extend([drop_var(0), free(0)]);
        code
    });
    assert_eq!(trap(freed), Trap::FreeOfAlias { slot: 0 });
    let outside = in_arena(&alias, |draft| {
        let mut code = vec![open(4)];
        code.extend(make(draft));
        code.extend([CLOSE, load_var(0), I::StackPop {}]);
        code
    });
    assert_eq!(trap(outside), Trap::UseAfterFree { slot: 0 });
}

/// A report names function, place and callers, and cuts a deep stack in the middle.
#[test]
fn reports() {
    let mut draft = Draft::new();
    let (one, zero, call) = (draft.int(1), draft.int(0), draft.call("inner(I)V"));
    draft.function("inner(I)V", &[], &[one, zero, I::DivInt {}, I::StackPop {}, RETURN]);
    let bytes = draft.main("main()V", &[], &[one, call, RETURN]);
    let expected = "\
trap T013 DivisionByZero: division by zero
  in inner(int) (DIV_INT, ip 0x000a, sp 3)
  called from main() (CALL, ip 0x0005, sp 1)";
    assert_eq!(report(bytes).to_string(), expected);
    let deep = report(recursion()).to_string();
    assert_eq!(deep.lines().count(), 1 + 1 + 20 + 1);
    assert!(deep.contains("… 99979 more frames …"), "{deep}");
}

#[test]
fn bad_bits_in_memory_are_values() {
    let bytes = |byte: u64, tag: Tag, want: u64| {
        let mut draft = Draft::new();
        let code = [
            open(8),
            draft.scalar(Tag::Int, byte),
            alloc(0, INT),
            store(0),
            draft.int(0),
            point(1, tag),
            load_var(1),
            draft.scalar(tag, want),
            if tag == Tag::Bool { I::EqBool {} } else { I::EqChar {} },
            CLOSE,
            RETURN,
        ];
        draft.main("main()Z", &[variable(INT), SlotKind::Alias(tag)], &code)
    };
    let yes = Some(vegavm::Value::Scalar(Tag::Bool, 1));
    for bits in [0xD800u32, 0x11_0000, 0xFFFF_FFFF] {
        let bits = cell::from_int(bits.cast_signed());
        assert_eq!(result(bytes(bits, Tag::Char, 0xFFFD)), yes, "S62");
    }
    for bits in [1, 2, 255] {
        assert_eq!(result(bytes(bits, Tag::Bool, 1)), yes, "S63: trues are equal");
    }
}
