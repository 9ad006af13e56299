//! The three examples that the memory model is explained by: exactly their slots, offsets, masks, tags and bytes.

use crate::common::*;
use vega_format::container::SlotKind;
use vega_format::types::Tag;
use vegavm::observe::Done;
use vegavm::{End, Imports, Limits, Observer, Snapshot, Value};

/// After each instruction: slots as (id, bytes, tag), the free blocks, and the bytes of the arena.
#[derive(Default)]
struct States(Vec<State>);

#[derive(Debug, PartialEq)]
struct State {
    mnemonic: &'static str,
    slots: Vec<(u16, std::ops::Range<u32>, Option<Tag>)>,
    free: Vec<(u32, u32)>,
    bytes: Vec<u8>,
}

impl Observer for States {
    fn after_instruction(&mut self, done: &Done<'_>, state: &Snapshot<'_>) {
        let frame = state.frame();
        let arena = frame.arenas().next_back();
        self.0.push(State {
            mnemonic: done.instruction.row().mnemonic,
            slots: frame.slots().map(|slot| (slot.id, slot.bytes, slot.tag)).collect(),
            free: arena.map(|arena| arena.free_blocks().collect()).unwrap_or_default(),
            bytes: arena.map(|arena| arena.bytes.to_vec()).unwrap_or_default(),
        });
    }
}

fn watch(bytes: Vec<u8>) -> (Vec<State>, Option<Value>) {
    let mut imports = Imports::new();
    let mut states = States::default();
    let program = load_good(bytes, &imports);
    let outcome = program.run(&[], &mut imports, &Limits::untrusted(), &mut states).expect("no arguments");
    match outcome.end {
        End::Result(value) => (states.0, value),
        other => panic!("no result: {other:?}"),
    }
}

/// What the example stores in `y`; it is not meant to be π.
#[allow(clippy::approx_constant, reason = "the number of the seed")]
const Y: f64 = 3.14;

fn first_example() -> Vec<u8> {
    let mut draft = Draft::new();
    let code = [
        open(64),
        draft.int(42),
        alloc(0, &[Tag::Int]),
        store(0),
        draft.scalar(Tag::Decimal, Y.to_bits()),
        alloc(1, &[Tag::Decimal]),
        store(1),
        free(0),
        draft.long(100),
        alloc(2, &[Tag::Long]),
        store(2),
        load_var(2),
        CLOSE,
        RETURN,
    ];
    let slots = [("x", variable(&[Tag::Int])), ("y", variable(&[Tag::Decimal])), ("z", variable(&[Tag::Long]))];
    draft.main_with_names("main()L", &slots, &code)
}

#[test]
fn untyped() {
    let (states, value) = watch(first_example());
    assert_eq!(value, Some(Value::Scalar(Tag::Long, 100)));
    let after = |index: usize| &states[index];
    assert_eq!(after(3).slots, [(0, 0..4, Some(Tag::Int))]);
    assert_eq!(after(3).bytes[..8], [42, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(after(6).slots, [(0, 0..4, Some(Tag::Int)), (1, 4..12, Some(Tag::Decimal))]);
    assert_eq!(after(6).bytes[4..12], Y.to_le_bytes());
    assert_eq!(after(7).mnemonic, "VAR_FREE");
    assert_eq!(after(7).slots, [(1, 4..12, Some(Tag::Decimal))]);
    assert_eq!(after(7).bytes[..4], [0; 4]);
    assert_eq!(after(7).free, [(0, 4), (12, 52)]);
    assert_eq!(after(10).slots, [(1, 4..12, Some(Tag::Decimal)), (2, 12..20, Some(Tag::Long))]);
    assert_eq!(after(10).bytes[12..20], 100i64.to_le_bytes());
    assert_eq!(after(10).free, [(0, 4), (20, 44)]);
    assert_eq!((after(12).slots.len(), after(12).bytes.len()), (0, 0), "STACK_FREE ends arena and slots");
}

#[test]
fn pointer_aliases() {
    let mut draft = Draft::new();
    let code = [
        open(8),
        draft.int(42),
        alloc(0, &[Tag::Int]),
        store(0),
        draft.int(0),
        point(1, Tag::Int),
        draft.int(0),
        point(2, Tag::Short),
        load_var(1),
        load_var(2),
        CLOSE,
        I::ShortToInt {},
        I::AddInt {},
        RETURN,
    ];
    let slots = [variable(&[Tag::Int]), SlotKind::Alias(Tag::Int), SlotKind::Alias(Tag::Short)];
    let (states, value) = watch(draft.main("main()I", &slots, &code));
    assert_eq!(value, Some(int(84)));
    let slots = [(0, 0..4, Some(Tag::Int)), (1, 0..4, Some(Tag::Int)), (2, 0..2, Some(Tag::Short))];
    assert_eq!(states[7].slots, slots);
    assert_eq!(states[7].free, [(4, 4)], "aliases reserve nothing");
}

#[test]
fn typed() {
    let union = [Tag::Int, Tag::Bool];
    let mut draft = Draft::new();
    let code = [
        open(64),
        draft.int(15),
        alloc(0, &union),
        store(0),
        draft.scalar(Tag::Bool, 1),
        store(0),
        load_var(0),
        CLOSE,
        RETURN,
    ];
    let (states, value) = watch(draft.main("main()<IZ>", &[variable(&union)], &code));
    assert_eq!(value, Some(Value::Scalar(Tag::Bool, 1)));
    assert_eq!(states[2].slots, [(0, 0..4, None)], "max(4, 1) bytes, no tag yet");
    assert_eq!(states[3].slots, [(0, 0..4, Some(Tag::Int))]);
    assert_eq!(states[3].bytes[..4], [15, 0, 0, 0]);
    assert_eq!(states[5].slots, [(0, 0..4, Some(Tag::Bool))]);
    assert_eq!(states[5].bytes[..4], [1, 0, 0, 0], "the rest of the slot is zeroed");
}

/// What `--trace` and `--dump-arena` print is stable text.
#[cfg(feature = "std")]
#[test]
fn shown() {
    let (mut trace, mut dump) = (Vec::new(), Vec::new());
    let mut imports = Imports::new();
    let program = load_good(first_example(), &imports);
    let mut observer = (vegavm::trace::Tracer::new(&mut trace), vegavm::dump::Dumper::new(&mut dump));
    program.run(&[], &mut imports, &Limits::untrusted(), &mut observer).expect("no arguments");
    drop(observer);
    let trace = String::from_utf8(trace).expect("text");
    let line = trace.lines().nth(3).expect("four lines");
    let start = "main() -> long 0x000e sp 0  VAR_STORE slot=0                 [] {0:x int [0..4) tag=int mask=00000010} <2a 00 00 00 00";
    assert!(line.starts_with(start), "{line}");
    let expected = "\
arena 0 of main() -> long, at its end: capacity 64, 48 free
  slot  name  type     bytes    size  tag      mask      kind
  1     y     decimal  [4..12)  8     decimal  00010000  variable
  2     z     long     [12..20)  8     long     00000100  variable
  0000  00 00 00 00 1f 85 eb 51 b8 1e 09 40 64 00 00 00  |.......Q...@d...|
  0010  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  |................|
  *
  0030  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  |................|
  free: [0..4) [20..64)
";
    let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(squeeze(&String::from_utf8(dump).expect("text")), squeeze(expected));
}
