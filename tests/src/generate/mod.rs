//! Valid modules from seeds: what the verifier must accept, whatever they then do.
//!
//! They are made instruction by instruction and not through the language, so they also do what no compiler would write:
//! arenas that run out, slots that are gone on one path only, slots used after they are gone, blocks left from the
//! middle. The same seed gives the same module everywhere. Runs end where the limits of the run end them; most end
//! by themselves. What they load and compute goes into the number that they give.

mod body;
mod carry;
pub(crate) mod loops;
mod numbers;
mod walk;

use crate::random::Random;
use body::Body;
use vega_format::builder::{Builder, FunctionDraft, StaticDraft};
use vega_format::container::{EntryResult, Kind, SlotKind};
use vega_format::instruction::Static;
use vega_format::stencil::{Field, Stencil, TypeRef};
use vega_format::types::{Mask, Tag};

/// How wild a module is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mood {
    /// Of a hundred places where paths meet, how many look different on each.
    disagree: u32,
    /// Of a hundred uses of slots, how many take any slot, whether it is there or not.
    careless: u32,
    /// Of a hundred arenas, how many have no room for all that they are to hold.
    tight: u32,
    /// Of a hundred functions, how many call those that come before them, themselves among them.
    recursive: u32,
    /// Of a hundred functions that recurse, how many limit it.
    limited: u32,
}

/// A function as its callers see it.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    /// Its mangled name.
    pub(crate) mangled: String,
    /// What it takes behind its fuel, which is an int and comes first.
    pub(crate) parameters: Vec<Parameter>,
    /// What it gives.
    pub(crate) result: Parameter,
    /// Whether it is called on a circle.
    pub(crate) recursive: bool,
    /// The most activations that it allows.
    pub(crate) limit: Option<u32>,
}

/// A parameter, or what a function gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parameter {
    Scalar(Tag),
    /// A union of int and bool.
    Union,
    /// `[]byte`.
    Bytes,
    /// A tuple of int and bool, by value.
    Pair,
    /// A struct with an array in it, lent.
    Row,
}

impl Parameter {
    fn letters(self) -> String {
        match self {
            Parameter::Scalar(tag) => tag.letter().to_string(),
            Parameter::Union => "<IZ>".to_owned(),
            Parameter::Bytes => "[]B".to_owned(),
            Parameter::Pair => "(IZ)".to_owned(),
            Parameter::Row => "3row".to_owned(),
        }
    }

    /// How many cells it has.
    pub(crate) fn cells(self) -> u16 {
        if matches!(self, Parameter::Union | Parameter::Pair) { 2 } else { 1 }
    }
}

/// The struct that is lent.
pub(crate) const ROW: &str = "row";

/// The mask of `int|bool`.
pub(crate) fn int_or_bool() -> Mask {
    Tag::Int.mask().union(Tag::Bool.mask())
}

/// The module of a seed.
pub fn program(seed: u64) -> Builder {
    let mut random = Random::new(seed ^ 0x7665_6761);
    let mood = mood(&mut random);
    let mut builder = Builder::new(Kind::Program);
    builder.producer = "generate".to_owned();
    let kinds = slot_kinds(&mut builder);
    let statics = statics(&mut builder, &mut random);
    let count = random.within(1, 5);
    let shapes: Vec<Shape> = (0..count).map(|index| shape(&mut random, mood, index)).collect();
    for (index, shape) in shapes.iter().enumerate() {
        let mut slots: Vec<_> = (0..random.within(2, 7)).filter_map(|_| random.pick(&kinds).copied()).collect();
        if random.percent(40) {
            slots.extend([SlotKind::Variable(Tag::Int.mask()); 2]);
        }
        let draft = function(&mut builder, &mut random, mood, &shapes, index, slots, &statics);
        builder.add_function(&shape.mangled, draft);
    }
    builder.entry = shapes.first().map(|main| (main.mangled.clone(), EntryResult::Print));
    builder
}

fn mood(random: &mut Random) -> Mood {
    // Most modules are calm in most ways, so that one thing can be seen that another would hide.
    let mut some = |times: u32, calm: u32, wild: u32| if random.percent(times) { wild } else { calm };
    Mood {
        disagree: some(40, 0, 40),
        careless: some(25, 0, 12),
        tight: some(30, 5, 60),
        recursive: some(35, 0, 60),
        limited: some(70, 0, 80),
    }
}

/// A scalar in a static block, or an array of bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StaticPart {
    pub(crate) block: Static,
    pub(crate) offset: u32,
    pub(crate) type_ref: TypeRef,
}

/// Static blocks and the variables in them: the first is the number of what was noted, and some modules have more.
fn statics(builder: &mut Builder, random: &mut Random) -> Vec<StaticPart> {
    let noted = TypeRef::Scalar(Tag::Long);
    let block = builder.static_block(StaticDraft { capacity: 8, variables: vec![noted], image: Vec::new() });
    let mut parts = vec![StaticPart { block, offset: 0, type_ref: noted }];
    for _ in 0..random.below(3) {
        let bytes = builder.stencil(Stencil::Array(TypeRef::Scalar(Tag::Byte), 5));
        let all = Tag::ALL.map(TypeRef::Scalar).into_iter().chain(bytes).collect::<Vec<_>>();
        let variables: Vec<TypeRef> = (0..random.within(1, 4)).filter_map(|_| random.pick(&all).copied()).collect();
        let (mut end, mut starts) = (0, Vec::new());
        for type_ref in &variables {
            starts.push((end, *type_ref));
            end += builder.stencils().size(*type_ref);
        }
        let image = (0..random.within(0, end)).map(|_| random.below(256) as u8).collect();
        let capacity = end + random.below(9);
        let block = builder.static_block(StaticDraft { capacity, variables, image });
        parts.extend(starts.into_iter().map(|(offset, type_ref)| StaticPart { block, offset, type_ref }));
    }
    parts
}

/// Kinds of slots to choose from.
fn slot_kinds(builder: &mut Builder) -> Vec<SlotKind> {
    let scalars = Tag::ALL.into_iter().map(|tag| SlotKind::Variable(tag.mask()));
    let aliases = [Tag::Int, Tag::Byte, Tag::Long, Tag::Char].map(SlotKind::Alias);
    let unions = [int_or_bool(), Tag::Long.mask().union(Tag::Byte.mask()).union(Tag::Float.mask())];
    let field = |name: &str, tag: Tag| Field { name: name.to_owned(), type_ref: TypeRef::Scalar(tag) };
    let point = builder.stencil(Stencil::Struct {
        name: "point".to_owned(),
        fields: vec![field("x", Tag::Int), field("y", Tag::Short), field("z", Tag::Bool)],
    });
    let tuple = builder.stencil(Stencil::Tuple(vec![TypeRef::Scalar(Tag::Byte), TypeRef::Scalar(Tag::Long)]));
    _ = builder.stencil(Stencil::Tuple(vec![TypeRef::Scalar(Tag::Int), TypeRef::Scalar(Tag::Bool)]));
    let bytes = [3, 5, 16].map(|count| builder.stencil(Stencil::Array(TypeRef::Scalar(Tag::Byte), count)));
    let texts = [5, 16].map(|bytes| builder.stencil(Stencil::Text(bytes)));
    let shorts = builder.stencil(Stencil::Array(TypeRef::Scalar(Tag::Short), 4));
    let row = shorts.clone().and_then(|cells| {
        let fields = vec![field("last", Tag::Int), Field { name: "cells".to_owned(), type_ref: cells }];
        builder.stencil(Stencil::Struct { name: ROW.to_owned(), fields })
    });
    let points = point.clone().and_then(|point| builder.stencil(Stencil::Array(point, 2)));
    let stencils =
        [point, tuple, shorts, points, row].into_iter().chain(bytes).chain(texts).flatten().map(SlotKind::Stencil);
    scalars.chain(aliases).chain(unions.map(SlotKind::Variable)).chain(stencils).collect()
}

fn shape(random: &mut Random, mood: Mood, index: u32) -> Shape {
    if index == 0 {
        let (mangled, parameters) = ("main()I".to_owned(), Vec::new());
        return Shape { mangled, parameters, result: Parameter::Scalar(Tag::Int), recursive: false, limit: None };
    }
    const CHOICE: [Parameter; 8] = [
        Parameter::Scalar(Tag::Long),
        Parameter::Scalar(Tag::Bool),
        Parameter::Scalar(Tag::Byte),
        Parameter::Scalar(Tag::Decimal),
        Parameter::Union,
        Parameter::Bytes,
        Parameter::Pair,
        Parameter::Row,
    ];
    let parameters: Vec<Parameter> = (0..random.below(3)).filter_map(|_| random.pick(&CHOICE).copied()).collect();
    let letters: String = parameters.iter().map(|parameter| parameter.letters()).collect();
    let result = match random.below(10) {
        0 => Parameter::Union,
        1 => Parameter::Pair,
        2 => Parameter::Scalar(Tag::Decimal),
        3 => random.pick(&Tag::ALL).copied().map_or(Parameter::Union, Parameter::Scalar),
        _ => Parameter::Scalar(Tag::Int),
    };
    let recursive = random.percent(mood.recursive);
    let limit = (recursive && random.percent(mood.limited)).then(|| random.within(1, 4));
    let mangled = format!("f{index}(I{letters}){}", result.letters());
    Shape { mangled, parameters, result, recursive, limit }
}

fn function(
    builder: &mut Builder,
    random: &mut Random,
    mood: Mood,
    shapes: &[Shape],
    index: usize,
    slots: Vec<SlotKind>,
    statics: &[StaticPart],
) -> FunctionDraft {
    let code = Body::new(builder, random, mood, shapes, index, &slots, statics).write();
    let limit = shapes.get(index).and_then(|shape| shape.limit);
    FunctionDraft { exported: index % 2 == 1, slots, limit, code, ..FunctionDraft::default() }
}
