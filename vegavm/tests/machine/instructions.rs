//! Each instruction that is no arithmetic, by a program that shows what it does; and a check that all rows are run.

use crate::arithmetic;
use crate::common::*;
use vega_format::builder::StaticDraft;
use vega_format::cell;
use vega_format::container::SlotKind;
use vega_format::instruction::{Capacity, Count, Depth, Instruction, Offset, ROWS, Size, Slot};
use vega_format::stencil::{Field, Stencil, TypeRef};
use vega_format::types::{Mask, Tag};
use vegavm::{End, Engine, Imports, Limits, Value};

const INT: &[Tag] = &[Tag::Int];

/// Programs and what they give.
fn programs() -> Vec<(&'static str, Vec<u8>, Option<Value>)> {
    vec![
        ("a loop", sum_to(10), Some(int(45))),
        ("fields", fields(), Some(int(7))),
        ("elements", elements(), Some(int(30))),
        ("a view in another function", lent_view(), Some(int(60))),
        ("text", text(), Some(int(1))),
        ("a union is passed", union_call(), Some(Value::Scalar(Tag::Bool, 1))),
        ("a string comes back", string_back(), Some(Value::String("zwei".to_owned()))),
        ("offsets", offsets(), Some(int(4))),
        ("a union is dropped", union_pop(), None),
        ("jumps", jumps(), Some(int(1))),
        ("parts and copies", parts(), Some(int(42))),
        ("statics", statics(), Some(int(18))),
        ("parts of strings", parts_of_strings(), Some(int(3))),
        ("bounded text", bounded_text(), Some(Value::String("né 42".to_owned()))),
        ("text in an array", text_in_an_array(), Some(int(6))),
        ("what a union holds", union_tests(), Some(int(7))),
        ("arenas with a strategy", strategies(), Some(int(8))),
    ]
}

/// The bytes of all of them.
pub(crate) fn all() -> impl Iterator<Item = Vec<u8>> {
    programs().into_iter().map(|(_, bytes, _)| bytes)
}

/// i = 0, sum = 0; while i < n { t = i (freed each turn); sum = sum + t; i = i + 1 }
pub(crate) fn sum_to(n: i32) -> Vec<u8> {
    let mut draft = Draft::new();
    let (zero, one, end) = (draft.int(0), draft.int(1), draft.int(n));
    let start = [open(16), zero, alloc(0, INT), store(0), zero, alloc(1, INT), store(1)];
    let test = [load_var(0), end, I::LtInt {}, I::JumpFalse { target: target(24) }];
    let turn = [
        load_var(0),
        alloc(2, INT),
        store(2),
        load_var(1),
        load_var(2),
        I::AddInt {},
        store(1),
        drop_var(2),
        load_var(0),
        one,
        I::AddInt {},
        store(0),
        I::Jump { target: target(7) },
    ];
    let code = [&start[..], &test, &turn, &[load_var(1), CLOSE, RETURN]].concat();
    draft.main("main()I", &[variable(INT), variable(INT), variable(INT)], &code)
}

/// A struct { a: byte, b: int }: `b` stands at offset 1.
fn fields() -> Vec<u8> {
    let mut draft = Draft::new();
    let fields = [("a", Tag::Byte), ("b", Tag::Int)]
        .map(|(name, tag)| Field { name: name.to_owned(), type_ref: TypeRef::Scalar(tag) });
    let pair = Stencil::Struct { name: "pair".to_owned(), fields: fields.to_vec() };
    let type_ref = draft.0.stencil(pair).expect("a struct");
    let store = |offset, tag| I::FieldStore { slot: Slot(0), offset: Offset(offset), tag };
    let load = |offset, tag| I::FieldLoad { slot: Slot(0), offset: Offset(offset), tag };
    let code = [
        open(5),
        stencil_alloc(0, 5),
        load(0, Tag::Byte),
        I::ByteToInt {},
        draft.int(7),
        store(1, Tag::Int),
        load(1, Tag::Int),
        I::AddInt {},
        free(0),
        CLOSE,
        RETURN,
    ];
    draft.main("main()I", &[stencil(type_ref)], &code)
}

/// Two static blocks { int, int[2] }, of which one starts as 5, 6, 7: its int becomes 11, and 11 + 7 is given.
fn statics() -> Vec<u8> {
    let mut draft = Draft::new();
    let SlotKind::Stencil(pair) = int_array(&mut draft, 2) else { unreachable!("an array is a stencil") };
    let variables = vec![TypeRef::Scalar(Tag::Int), pair];
    let image = [5, 6, 7].iter().flat_map(|value: &i32| value.to_le_bytes()).collect();
    let first = draft.0.static_block(StaticDraft { capacity: 12, variables: variables.clone(), image });
    let second = draft.0.static_block(StaticDraft { capacity: 20, variables, image: Vec::new() });
    let load = |block, offset| I::StaticLoad { block, offset: Offset(offset), tag: Tag::Int };
    let code = [
        load(second, 8),
        I::StackPop {},
        draft.int(11),
        I::StaticStore { block: first, offset: Offset(0), tag: Tag::Int },
        load(first, 0),
        I::StaticView { block: first, offset: Offset(4), depth: Depth(0) },
        draft.int(1),
        I::ViewLoad { offset: Offset(0), tag: Tag::Int },
        I::AddInt {},
        RETURN,
    ];
    draft.main("main()I", &[], &code)
}

/// An array of two rows { n: int, cells: int[3] }: what is stored in one comes out of the other; a slide drops the rest.
fn parts() -> Vec<u8> {
    let mut draft = Draft::new();
    let SlotKind::Stencil(cells) = int_array(&mut draft, 3) else { unreachable!("an array is a stencil") };
    let field = |name: &str, type_ref| Field { name: name.to_owned(), type_ref };
    let fields = vec![field("n", TypeRef::Scalar(Tag::Int)), field("cells", cells)];
    let row = draft.0.stencil(Stencil::Struct { name: "row".to_owned(), fields }).expect("a struct");
    let rows = draft.0.stencil(Stencil::Array(row, 2)).expect("an array");
    let whole = |offset, depth| I::FieldView { slot: Slot(0), offset: Offset(offset), depth: Depth(depth) };
    let (zero, one, two, value) = (draft.int(0), draft.int(1), draft.int(2), draft.int(42));
    let part = [I::ViewField { offset: Offset(4), depth: Depth(0) }, two];
    let (load, store) =
        (I::ViewLoad { offset: Offset(0), tag: Tag::Int }, I::ViewStore { offset: Offset(0), tag: Tag::Int });
    let write = [&[open(32), stencil_alloc(0, 32), whole(0, 0), zero][..], &part, &[value, store]].concat();
    let copy = [whole(0, 1), whole(16, 0), I::ViewCopy {}];
    let read = [&[zero, whole(0, 0), one][..], &part, &[load]].concat();
    let slide = I::StackSlide { keep: Count(1), drop: Count(1) };
    let code = [&write[..], &copy, &read, &[slide, CLOSE, RETURN]].concat();
    draft.main("main()I", &[stencil(rows)], &code)
}

fn int_array(draft: &mut Draft, length: u32) -> SlotKind {
    stencil(draft.0.stencil(Stencil::Array(TypeRef::Scalar(Tag::Int), length)).expect("an array"))
}

fn elements() -> Vec<u8> {
    let mut draft = Draft::new();
    let array = int_array(&mut draft, 3);
    let (one, two, thirty) = (draft.int(1), draft.long(2), draft.int(30));
    let code = [
        open(12),
        stencil_alloc(0, 12),
        two,
        thirty,
        elem_store(0, 0, Tag::Int),
        one,
        elem_load(0, 0, Tag::Int),
        two,
        elem_load(0, 0, Tag::Int),
        I::AddInt {},
        CLOSE,
        RETURN,
    ];
    draft.main("main()I", &[array], &code)
}

/// `change(v)` stores 50 in the element 0 of v[1..3]; the caller sees it in its own array.
fn lent_view() -> Vec<u8> {
    let mut draft = Draft::new();
    let array = int_array(&mut draft, 3);
    let (zero, one, three, ten, fifty) = (draft.int(0), draft.int(1), draft.int(3), draft.int(10), draft.int(50));
    let store = I::ViewStore { offset: Offset(0), tag: Tag::Int };
    let load = I::ViewLoad { offset: Offset(0), tag: Tag::Int };
    let slice = [cell_load(0), one, three, I::ViewSlice {}];
    let code = [&slice[..], &[zero, fifty, store, cell_load(0), I::ViewLength {}, RETURN]].concat();
    draft.function("change([]I)I", &[], &code);
    let call = draft.call("change([]I)I");
    let code = [
        open(12),
        stencil_alloc(0, 12),
        one,
        ten,
        elem_store(0, 0, Tag::Int),
        view(0),
        call,
        I::StackPop {},
        view(0),
        one,
        load,
        ten,
        I::AddInt {},
        CLOSE,
        RETURN,
    ];
    draft.main("main()I", &[array], &code)
}

/// "ab" == "ab" and not "ab" != "ab", and byte 1 of "ab" is 98, and its length 2.
fn text() -> Vec<u8> {
    let mut draft = Draft::new();
    let (ab, one, two, b) = (draft.text("ab"), draft.int(1), draft.int(2), draft.scalar(Tag::Byte, 98));
    let code = [
        ab,
        ab,
        I::EqString {},
        ab,
        ab,
        I::NeString {},
        I::NeBool {},
        ab,
        one,
        I::StringByte {},
        b,
        I::EqByte {},
        I::EqBool {},
        ab,
        I::StringLength {},
        two,
        I::EqInt {},
        I::EqBool {},
        I::JumpTrue { target: target(21) },
        two,
        RETURN,
        one,
        RETURN,
    ];
    draft.main("main()I", &[], &code)
}

/// A union goes into a function and comes back; `CELL_LOAD` of its value copies both cells.
fn union_call() -> Vec<u8> {
    let union = [Tag::Int, Tag::Bool];
    let mut draft = Draft::new();
    draft.function("same(<IZ>)<IZ>", &[], &[cell_load(0), cell_load(0), I::StackPop {}, RETURN]);
    let (yes, call) = (draft.scalar(Tag::Bool, 1), draft.call("same(<IZ>)<IZ>"));
    let code = [open(4), yes, alloc(0, &union), store(0), load_var(0), call, CLOSE, RETURN];
    draft.main("main()<IZ>", &[variable(&union)], &code)
}

/// The characters of "né": where each starts and where the next one does, and how strings compare.
fn parts_of_strings() -> Vec<u8> {
    let mut draft = Draft::new();
    let (text, zero, one, three) = (draft.text("né"), draft.int(0), draft.int(1), draft.int(3));
    let mut code = vec![text, one, three, I::StringSlice {}, I::StackPop {}];
    code.extend([text, one, I::StringChar {}, draft.scalar(Tag::Char, 'é'.into()), I::EqChar {}, I::StackPop {}]);
    for compare in [I::LtString {}, I::LeString {}, I::GtString {}, I::GeString {}] {
        code.extend([text, text, zero, one, I::StringSlice {}, compare, I::StackPop {}]);
    }
    code.extend([one, text, I::StringNext {}, RETURN]);
    draft.main("main()I", &[], &code)
}

/// Text of eight bytes is stored, appended to, and read by another function.
fn bounded_text() -> Vec<u8> {
    let mut draft = Draft::new();
    let text = draft.0.stencil(Stencil::Text(8)).expect("text");
    draft.function("same(s)s", &[], &[cell_load(0), RETURN]);
    let (stored, appended, number) = (draft.text("né"), draft.text(" "), draft.int(42));
    let (whole, slot) = (draft.text("né 42"), Slot(0));
    let code = [
        open(8),
        stencil_alloc(0, 8),
        stored,
        I::TextStore { slot },
        appended,
        I::TextAppend { slot },
        number,
        I::TextFormat { slot },
        I::TextView { slot },
        whole,
        I::EqString {},
        I::JumpFalse { target: target(14) },
        CLOSE,
        I::Jump { target: target(15) },
        CLOSE,
        whole,
        RETURN,
    ];
    draft.main("main()s", &[stencil(text)], &code)
}

/// The second of two texts is stored, appended to twice, and six bytes long then.
fn text_in_an_array() -> Vec<u8> {
    let mut draft = Draft::new();
    let text = draft.0.stencil(Stencil::Text(8)).expect("text");
    let texts = draft.0.stencil(Stencil::Array(text, 2)).expect("texts");
    let (one, stored, appended, number) = (draft.int(1), draft.text("né"), draft.text(" "), draft.int(42));
    let (view, offset) = (I::ArrayView { slot: Slot(0) }, Offset(0));
    let mut code = vec![open(16), stencil_alloc(0, 16)];
    code.extend([view, one, stored, I::ViewTextStore { offset }]);
    code.extend([view, one, appended, I::ViewTextAppend { offset }]);
    code.extend([view, one, number, I::ViewTextFormat { offset }]);
    code.extend([view, one, I::ViewText { offset }, I::StringLength {}, CLOSE, RETURN]);
    draft.main("main()I", &[stencil(texts)], &code)
}

fn union_tests() -> Vec<u8> {
    let union: Mask = [Tag::Int, Tag::Bool].into_iter().collect();
    let mut draft = Draft::new();
    let code = [
        draft.int(7),
        I::UnionAs { mask: union },
        cell_load(0),
        I::UnionIs { mask: Tag::Bool.mask() },
        I::StackPop {},
        I::UnionAs { mask: Tag::Int.mask() },
        RETURN,
    ];
    draft.main("main()I", &[], &code)
}

/// In a bump arena nothing is given back: the second int stands at 4 though the first is freed; and in a pool with places
/// of eight bytes at 0, and the next at 8.
fn strategies() -> Vec<u8> {
    let code = [
        I::StackAllocBump { capacity: Capacity(8) },
        alloc(0, INT),
        free(0),
        alloc(1, INT),
        CLOSE,
        I::StackAllocPool { capacity: Capacity(16), place: Size(8) },
        alloc(2, INT),
        alloc(3, INT),
        I::VarOffset { slot: Slot(3) },
        CLOSE,
        RETURN,
    ];
    Draft::new().main("main()I", &[variable(INT); 4], &code)
}

fn string_back() -> Vec<u8> {
    let mut draft = Draft::new();
    draft.function("second(ss)s", &[], &[cell_load(1), RETURN]);
    let (one, two, call) = (draft.text("eins"), draft.text("zwei"), draft.call("second(ss)s"));
    draft.main("main()s", &[], &[one, two, call, RETURN])
}

fn offsets() -> Vec<u8> {
    let code = [open(12), alloc(0, INT), alloc(1, INT), I::VarOffset { slot: Slot(1) }, CLOSE, RETURN];
    Draft::new().main("main()I", &[variable(INT), variable(INT)], &code)
}

fn union_pop() -> Vec<u8> {
    let union = [Tag::Int, Tag::Bool];
    let mut draft = Draft::new();
    let code = [open(4), draft.int(1), alloc(0, &union), store(0), load_var(0), I::StackPop {}, CLOSE, RETURN];
    draft.main("main()V", &[variable(&union)], &code)
}

fn jumps() -> Vec<u8> {
    let mut draft = Draft::new();
    let (no, one, two) = (draft.scalar(Tag::Bool, 0), draft.int(1), draft.int(2));
    let code = [
        I::Jump { target: target(3) },
        two,
        RETURN,
        no,
        I::JumpTrue { target: target(1) },
        no,
        I::JumpFalse { target: target(8) },
        I::Jump { target: target(1) },
        one,
        RETURN,
    ];
    draft.main("main()I", &[], &code)
}

#[test]
fn programs_give_what_they_should() {
    for (what, bytes, expected) in programs() {
        assert_eq!(result(bytes), expected, "{what}");
    }
}

/// S64: overlapping aliases, x at 0..4 and y = *int(2): each store is a whole value, read before it is written.
#[test]
fn overlapping_aliases() {
    let mut draft = Draft::new();
    let code = [
        open(8),
        draft.int(0x0403_0201),
        alloc(0, INT),
        store(0),
        draft.int(2),
        point(1, Tag::Int),
        load_var(0),
        store(1),
        load_var(1),
        store(0),
        draft.int(0),
        point(2, Tag::Long),
        load_var(2),
        CLOSE,
        RETURN,
    ];
    let slots = [variable(INT), SlotKind::Alias(Tag::Int), SlotKind::Alias(Tag::Long)];
    let mut model = [0u8; 8];
    model[..4].copy_from_slice(&[1, 2, 3, 4]);
    model.copy_within(0..4, 2);
    model.copy_within(2..6, 0);
    let expected = cell::from_long(i64::from_le_bytes(model));
    assert_eq!(result(draft.main("main()L", &slots, &code)), Some(Value::Scalar(Tag::Long, expected)));
}

#[test]
fn every_row_is_executed() {
    let mut executed = Executed::default();
    let mut run = |bytes: Vec<u8>, arguments: &[Value]| {
        let mut imports = Imports::new();
        imports.define("nothing()V", |_| Ok(())).expect("a name");
        let program = load_good(bytes, &imports);
        let outcome = program.run(arguments, &mut imports, &Limits::trusted(), &mut executed);
        assert!(matches!(outcome.expect("they fit").end, End::Result(_)));
    };
    for (_, bytes, _) in programs() {
        run(bytes, &[]);
    }
    let mut draft = Draft::new();
    let (zero, host) = (draft.int(0), draft.host("nothing()V"));
    let code = [open(4), zero, point(0, Tag::Int), host, CLOSE, RETURN];
    run(draft.main("main()V", &[SlotKind::Alias(Tag::Int)], &code), &[]);
    for row in ROWS {
        if let Some((bytes, tags, _)) = arithmetic::program(row) {
            run(bytes, &tags.iter().map(|tag| Value::Scalar(*tag, 1)).collect::<Vec<_>>());
        }
    }
    // What always traps is executed where the traps are.
    let missing = |row: &&str| *row != "FAIL" && !executed.0.contains(row);
    let missing: Vec<_> = ROWS.iter().map(|row| row.mnemonic).filter(missing).collect();
    assert!(missing.is_empty(), "no program runs {}", missing.join(", "));
}

/// More cells are kept than the interpreter keeps uncomputed.
#[test]
fn a_wide_slide() {
    let mut draft = Draft::new();
    let mut code = vec![draft.int(1_000)];
    code.extend((1..=40).map(|value| draft.int(value)));
    code.push(Instruction::StackSlide { keep: Count(40), drop: Count(1) });
    code.extend([Instruction::AddInt {}; 39]);
    code.push(Instruction::Return {});
    assert_eq!(result(draft.main("main()I", &[], &code)), Some(Value::Scalar(Tag::Int, 820)));
}

/// Variables for which there is no register live in slot tables; nobody sees that.
#[test]
fn more_variables_than_registers() {
    const COUNT: u16 = 5_000;
    let mut draft = Draft::new();
    let mut code = vec![open(4 * u32::from(COUNT))];
    for slot in 0..COUNT {
        code.extend([alloc(slot, &[Tag::Int]), draft.int(slot.into()), store(slot)]);
    }
    code.extend([load_var(1), load_var(COUNT - 1), Instruction::AddInt {}, CLOSE, RETURN]);
    let kinds = vec![variable(&[Tag::Int]); COUNT.into()];
    let (mut imports, limits) = (Imports::new(), Limits::trusted());
    let program = load_good(draft.main("main()I", &kinds, &code), &imports);
    let [interpreted, wanted] = [Engine::Interpreter, Engine::Reference].map(|engine| {
        let mut instance = program.instantiate();
        instance.set_engine(engine);
        instance.run(&[], &mut imports, &limits, &mut ()).expect("no arguments")
    });
    assert_eq!(interpreted, wanted);
    assert_eq!(wanted.end, End::Result(Some(int(COUNT.into()))));
}
