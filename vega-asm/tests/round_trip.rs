//! Module → bytes → text → bytes: the same bytes, whatever the module holds.

use proptest::prelude::*;
use vega_asm::{Options, assemble, disassemble};
use vega_format::builder::{Builder, ConstantValue, CustomSection, FunctionDraft, StaticDraft};
use vega_format::cell;
use vega_format::container::{EntryResult, FunctionDebug, Kind, Line, SlotKind};
use vega_format::instruction::{Instruction, OperandKind, ROWS, Row, Space, Spelling};
use vega_format::mangle::{mangle, parse_type};
use vega_format::stencil::{Field, Stencil, TypeRef};
use vega_format::types::{Mask, Signature, Tag, Type};
use vega_report::{Format, Sources, draw};

/// Assembles without the verifier, so that any sequence of instructions will do.
fn assembled(text: &str) -> Result<Vec<u8>, String> {
    let mut sources = Sources::new();
    let source = sources.add("t.vasm", text);
    let (bytes, diagnostics) = assemble(&sources, source, Options { verify: false, ..Options::default() });
    let messages = || diagnostics.iter().map(|diagnostic| draw(diagnostic, &sources, Format::Short, false));
    bytes.ok_or_else(|| messages().collect::<String>())
}

fn check(builder: &Builder) -> Result<(), TestCaseError> {
    let bytes = builder.write().map_err(|error| TestCaseError::fail(error.to_string()))?;
    let parsed = vega_format::read(bytes.as_slice()).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let rebuilt = Builder::from_parsed(&parsed).write().map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert!(rebuilt == bytes, "{}", disassemble(&parsed).text);
    let listing = disassemble(&parsed);
    prop_assert_eq!(&listing.losses, &Vec::<String>::new(), "{}", listing.text);
    match assembled(&listing.text) {
        Ok(again) => prop_assert!(again == bytes, "{}\n{}", listing.text, {
            let again = vega_format::read(again).map(|parsed| disassemble(&parsed).text);
            again.unwrap_or_else(|error| error.to_string())
        }),
        Err(messages) => prop_assert!(false, "{}\n{}", listing.text, messages),
    }
    let bare = without_keys(&listing.text);
    prop_assert_eq!(assembled(&bare), Ok(bytes), "{}", bare);
    Ok(())
}

/// A listing without the keys of its operands. It means the same, though none of its functions is read at a glance.
fn without_keys(listing: &str) -> String {
    let mut text = String::new();
    for line in listing.lines() {
        let mut quoted = false;
        let mut rest = line;
        let is_code = line.trim_start().starts_with(|letter: char| letter.is_ascii_uppercase());
        while let Some(letter) = rest.chars().next().filter(|letter| quoted || *letter != ';') {
            let key = rest.split('=').next().filter(|_| is_code && letter == ' ' && !quoted).unwrap_or_default();
            let is_key =
                key.len() > 1 && key.trim_start().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            let length = match letter {
                _ if is_key => key.len() + 1,
                '\\' => 2,
                _ => letter.len_utf8(),
            };
            quoted ^= matches!(letter, '"' | '\'');
            text.push_str(if is_key { " " } else { &rest[..length] });
            rest = &rest[length..];
        }
        text.push('\n');
    }
    text
}

/// Instructions that use every operand's space within its bounds.
#[derive(Debug, Clone)]
struct Raw {
    row: &'static Row,
    operands: [u32; 3],
}

fn raw() -> impl Strategy<Value = Raw> {
    (prop::sample::select(ROWS.iter().collect::<Vec<_>>()), any::<[u32; 3]>())
        .prop_map(|(row, operands)| Raw { row, operands })
}

#[derive(Debug, Clone)]
struct Draft {
    exported: bool,
    max_stack: u16,
    slots: Vec<(u8, u8)>,
    code: Vec<Raw>,
    lines: Vec<(u32, u32)>,
    line: u32,
    names: Vec<String>,
}

fn draft() -> impl Strategy<Value = Draft> {
    let slots = prop::collection::vec((0u8..3, any::<u8>()), 0..5);
    let code = prop::collection::vec(raw(), 1..30);
    let lines = prop::collection::vec((0u32..30, any::<u32>()), 0..6);
    let names = prop::collection::vec("[a-zé_]{0,3}|\\PC{0,6}|[\\x00-\\x20\"';#]{0,4}", 12);
    (any::<bool>(), any::<u16>(), slots, code, lines, any::<u32>(), names).prop_map(
        |(exported, max_stack, slots, code, mut lines, line, names)| {
            lines.sort_unstable();
            Draft { exported, max_stack, slots, code, lines, line, names }
        },
    )
}

#[derive(Debug, Clone)]
struct Module {
    kind: Kind,
    producer: String,
    sources: Vec<String>,
    debug: bool,
    constants: Vec<(Tag, [u8; 8])>,
    strings: Vec<String>,
    custom: Vec<CustomSection>,
    certificate: Vec<u8>,
    signature: Vec<u8>,
    functions: Vec<Draft>,
}

fn module() -> impl Strategy<Value = Module> {
    let text = || prop::collection::vec(any::<char>(), 0..12).prop_map(String::from_iter);
    let constants = prop::collection::vec((prop::sample::select(Tag::ALL.to_vec()), any::<[u8; 8]>()), 1..8);
    let strings = prop::collection::vec(prop_oneof![9 => text(), 1 => "[ab\n]{3000}"], 1..4);
    let bytes = || prop::collection::vec(any::<u8>(), 0..120);
    let custom = prop::collection::btree_map(11u16.., ("\\PC{1,9}", bytes()), 0..3);
    let custom = custom.prop_map(|sections| {
        let section = |(number, (name, bytes))| CustomSection { number, name, bytes };
        sections.into_iter().map(section).collect::<Vec<_>>()
    });
    let kind = prop::sample::select(Kind::ALL.to_vec());
    let functions = prop::collection::vec(draft(), 1..4);
    let sources = prop::collection::vec(text(), 0..3);
    (kind, text(), sources, any::<bool>(), constants, strings, (custom, bytes(), bytes()), functions).prop_map(
        |(kind, producer, sources, debug, constants, strings, (custom, certificate, signature), functions)| Module {
            kind,
            producer,
            sources,
            debug,
            constants,
            strings,
            custom,
            certificate,
            signature,
            functions,
        },
    )
}

const TYPES: [&str; 10] =
    ["I", "s", "[]I", "3int", "[][4]3int", "(IZ)", "<IZ>", "[]s{16}", "14geometry.point", "[](3int)"];

fn name(index: usize) -> String {
    let type_ = |place: usize| parse_type(TYPES[place % TYPES.len()]).expect("a type");
    let parameters = (0..index % 4).map(|place| type_(index + 3 * place)).collect();
    let name = ["main", "a.b", "été", "CALL", "exported"][index % 5].to_owned();
    mangle(&Signature { name, parameters, result: index.is_multiple_of(2).then(|| type_(0)) })
}

impl Module {
    fn build(&self) -> Builder {
        let mut builder = Builder::new(self.kind);
        builder.producer.clone_from(&self.producer);
        builder.sources.clone_from(&self.sources);
        builder.custom.clone_from(&self.custom);
        builder.certificate.clone_from(&self.certificate);
        builder.signature.clone_from(&self.signature);
        if self.kind == Kind::Program {
            builder.entry = Some((name(0), EntryResult::Print));
        }
        let field = |name: &str, type_ref| Field { name: name.to_owned(), type_ref };
        let mut stencil = |stencil| builder.stencil(stencil).expect("well-formed");
        let scalar = TypeRef::Scalar;
        let int = stencil(Stencil::Struct { name: "int".to_owned(), fields: vec![field("x", scalar(Tag::Int))] });
        let ints = stencil(Stencil::Array(int, 4));
        let text = stencil(Stencil::Text(16));
        let pair = stencil(Stencil::Tuple(vec![scalar(Tag::Int), scalar(Tag::Bool)]));
        let one = stencil(Stencil::Tuple(vec![int]));
        let fields = vec![field("ünï", ints), field("type", text), field("c", pair)];
        let point = stencil(Stencil::Struct { name: "geometry.point".to_owned(), fields });
        let stencils = [int, ints, text, pair, one, point];
        for (index, draft) in self.functions.iter().enumerate() {
            self.add(&mut builder, index, draft, &stencils);
        }
        builder
    }

    fn add(&self, builder: &mut Builder, index: usize, draft: &Draft, stencils: &[TypeRef]) {
        let slot = |(kind, operand): &(u8, u8)| match kind {
            0 => SlotKind::Variable(Mask::from_bits(*operand)),
            1 => SlotKind::Stencil(stencils[usize::from(*operand) % stencils.len()]),
            _ => SlotKind::Alias(Tag::ALL[usize::from(*operand) % 8]),
        };
        let mut names = draft.names.iter().map(Into::into).cycle();
        let debug = (self.debug && !self.sources.is_empty()).then(|| FunctionDebug {
            source: draft.line % self.sources.len() as u32,
            line: draft.line,
            lines: draft.lines.iter().map(|(offset, line)| Line { offset: *offset, line: *line }).collect(),
            parameters: names.by_ref().take(index % 4).collect(),
            slots: names.take(draft.slots.len()).collect(),
        });
        let code = draft.code.iter().map(|raw| self.instruction(builder, raw, draft)).collect();
        let added = FunctionDraft {
            exported: draft.exported,
            slots: draft.slots.iter().map(slot).collect(),
            max_stack: Some(draft.max_stack),
            limit: Some(draft.line).filter(|line| *line > 0),
            code,
            debug,
        };
        assert!(builder.add_function(&name(index), added));
    }

    fn instruction(&self, builder: &mut Builder, raw: &Raw, draft: &Draft) -> Instruction {
        let kinds = raw.row.operands.iter().map(|(_, kind)| kind);
        let operands: Vec<u32> =
            kinds.zip(raw.operands).map(|(kind, raw)| self.operand(builder, kind, raw, draft)).collect();
        Instruction::from_parts(raw.row.number, &operands).expect("operands in range")
    }

    fn operand(&self, builder: &mut Builder, kind: &OperandKind, raw: u32, draft: &Draft) -> u32 {
        let place = raw as usize;
        match (kind.spelling, kind.space) {
            (Spelling::TagName, _) => 1 + raw % 8,
            (_, Space::Constants) => {
                let count = self.constants.len();
                let value = match place % (count + self.strings.len()) {
                    place if place < count => {
                        let (tag, bytes) = self.constants[place];
                        ConstantValue::Scalar(tag, cell::decode(tag, &bytes))
                    }
                    place => ConstantValue::String(self.strings[place - count].clone()),
                };
                builder.constant(value).0
            }
            (_, Space::Statics) => {
                let variables = vec![TypeRef::Scalar(Tag::Int), TypeRef::Scalar(Tag::Byte)];
                let image = raw.to_le_bytes()[..place % 5].to_vec();
                builder.static_block(StaticDraft { capacity: 5 + raw % 9, variables, image }).0.into()
            }
            (_, Space::Imports) => builder.import(&name(place % 6)).0,
            (_, Space::Functions) => {
                // An object also calls functions that it does not define.
                let elsewhere = if self.kind == Kind::Object { 3 } else { 0 };
                builder.function(&name(place % (self.functions.len() + elsewhere))).0
            }
            (_, Space::Code) => raw % (draft.code.len() as u32 + 1),
            (_, Space::Plain | Space::Slots | Space::Cells) => raw & (u32::MAX >> (32 - 8 * kind.width)),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_module_survives(module in module()) {
        check(&module.build())?;
    }
}

/// A value of each kind of operand that assembles on its own.
fn sample(kind: &OperandKind) -> &'static str {
    match (kind.spelling, kind.space) {
        (Spelling::Binary, _) => "10000001",
        (Spelling::TagName, _) => "decimal",
        (Spelling::Label, _) => "L0000",
        (Spelling::Number, Space::Imports) => "io.put(I)V",
        (Spelling::Number, Space::Functions) => "main()V",
        (Spelling::Number, Space::Constants) => "\"x\"",
        (Spelling::Number, _) => "0",
    }
}

#[test]
fn every_instruction_assembles_and_disassembles_to_itself() {
    for row in ROWS {
        let operands = row.operands.iter().map(|(key, kind)| format!(" {key}={}", sample(kind)));
        let instruction = format!("{}{}", row.mnemonic, operands.collect::<String>());
        let header = ".entry main()V print\n.import io.put(I)V\n.static 4\n.variable int\n.end\n.function main()V\n.stack 0\nL0000:\n";
        let bytes = assembled(&format!("{header}{instruction}\n.end\n")).expect(row.mnemonic);
        let parsed = vega_format::read(bytes.as_slice()).expect(row.mnemonic);
        let listing = disassemble(&parsed).text;
        let lines = listing.lines().map(|line| line.split(';').next().unwrap_or_default().trim());
        assert!(lines.clone().any(|line| line == instruction), "{instruction}\n{listing}");
        assert_eq!(assembled(&listing), Ok(bytes), "{listing}");

        // Keys may be left out.
        let bare: String = row.operands.iter().map(|(_, kind)| format!(" {}", sample(kind))).collect();
        assert!(assembled(&format!("{header}{}{bare}\n.end\n", row.mnemonic)).is_ok(), "{}", row.mnemonic);
    }
}

#[test]
fn what_is_no_instruction_of_the_module_stands_there_as_bytes() {
    let text = ".nodebug\n.library\n.function f()V exported\n.stack 1\n\
                .bytes \"120300000003070000001009000000\"\nRETURN\n.bytes \"32\"\n.end\n";
    let bytes = assembled(text).expect("bytes may be anything");
    let listing = disassemble(&vega_format::read(bytes.as_slice()).expect("it is well-formed"));
    assert_eq!(assembled(&listing.text), Ok(bytes), "{}", listing.text);
    let words: Vec<&str> = listing.text.lines().map(str::trim).collect();
    for wanted in ["; JUMP target=0x0003", ".bytes \"1203000000\"", "; LOAD_CONST index=7", "RETURN", ".bytes \"32\""] {
        assert!(words.contains(&wanted), "{wanted}\n{}", listing.text);
    }
    assert_eq!(listing.losses.len(), 1, "what an unknown instruction uses is unknown: {:?}", listing.losses);
}

#[test]
fn names_stand_for_numbers() {
    let text = |slot: &str, first: &str, second: &str| {
        format!(
            ".nodebug\n.library\n.function f(<IZ>I)I exported\n.parameter u\n.parameter n\n.slot 0 variable 00000010 x\n\
             .slot 1 alias int \"a b\"\nVAR_LOAD slot={slot}\nCELL_LOAD cell={first}\nCELL_LOAD cell={second}\nRETURN\n.end\n"
        )
    };
    assert_eq!(assembled(&text("x", "u", "n")), assembled(&text("0", "0", "2")));
    assert_eq!(assembled(&text("\"a b\"", "u", "n")), assembled(&text("1", "0", "2")));
    assert!(assembled(&text("x", "u", "n")).is_ok());
}

#[test]
fn union_types_have_a_type() {
    // What the generator above relies on.
    assert!(TYPES.iter().all(|type_| parse_type(type_).is_ok()));
    assert_eq!(parse_type("3int"), Ok(Type::Struct("int".to_owned())));
}
