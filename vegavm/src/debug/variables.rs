//! What a frame has by name: parameters and slots, with their values as `print` would show them, their bytes, and the
//! parts of what has parts.

use crate::observe::{FrameView, Snapshot};
use crate::trace::hex;
use crate::value::{Cell, CellKind, describe_cells, shown};
use core::ops::Range;
use vega_format::cell;
use vega_format::container::SlotKind;
use vega_format::stencil::{Stencil, StencilTable, TypeRef};
use vega_format::text;
use vega_format::types::{Tag, Type};
use vega_format::verify::parameter_cells;

/// The most parts of one value that are listed, and the most bytes of a value as text.
pub(crate) const MOST_PARTS: u32 = 1_000;
const MOST_TEXT: usize = 400;

/// A parameter, a slot, or a part of one.
#[derive(Debug, Clone)]
pub(crate) struct Variable {
    pub(crate) name: String,
    /// What finds it: its own name, or that of the whole and where it is in there.
    pub(crate) path: String,
    pub(crate) type_name: String,
    pub(crate) value: String,
    /// The slot, and where its bytes are in its arena.
    pub(crate) slot: Option<Slot>,
    /// Its bytes in linear memory, if it has any.
    pub(crate) memory: Range<usize>,
    parts: Parts,
}

/// Where a slot is.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    pub(crate) id: u16,
    pub(crate) arena: usize,
    pub(crate) bytes: Range<u32>,
    pub(crate) is_alias: bool,
}

/// What has parts: something of a type, or elements of one.
#[derive(Debug, Clone, Copy)]
enum Parts {
    None,
    Of(TypeRef),
    Elements(TypeRef, u32),
}

impl Variable {
    /// How many parts it has.
    pub(crate) fn part_count(&self, state: &Snapshot<'_>) -> u32 {
        let stencils = state.module().stencils();
        match (self.elements(stencils), self.parts) {
            (Some((_, count)), _) => count,
            (None, Parts::Of(type_ref)) => stencils.part_count(type_ref) as u32,
            (None, _) => 0,
        }
    }

    /// Its fields or elements; of many, the first.
    pub(crate) fn parts(&self, state: &Snapshot<'_>) -> Vec<Variable> {
        let count = self.part_count(state).min(MOST_PARTS);
        (0..count).filter_map(|index| self.part(state, index)).collect()
    }

    /// The type of its elements and how many there are, if it has any.
    fn elements(&self, stencils: &StencilTable) -> Option<(TypeRef, u32)> {
        match self.parts {
            Parts::None => None,
            Parts::Elements(element, count) => Some((element, count)),
            Parts::Of(type_ref) => stencils.array(type_ref),
        }
    }

    /// That it has no such part, in words.
    fn without(&self, part: &str, state: &Snapshot<'_>) -> String {
        let words = format!("`{}` has no part `{part}`", self.name);
        match self.elements(state.module().stencils()) {
            Some((_, count)) => format!("{words}, but {} from 0 on", text::counted(count, "element")),
            None => words,
        }
    }

    fn part(&self, state: &Snapshot<'_>, index: u32) -> Option<Variable> {
        let stencils = state.module().stencils();
        if let Some((element, count)) = self.elements(stencils) {
            let start =
                self.memory.start.checked_add((index as usize).checked_mul(stencils.size(element) as usize)?)?;
            let name = format!("[{index}]");
            let path = format!("{}{name}", self.path);
            return (index < count).then(|| Variable::at(state, name, path, start, element));
        }
        let Parts::Of(whole) = self.parts else { return None };
        let (offset, type_ref) = stencils.parts(whole).nth(index as usize)?;
        let name = match stencil(stencils, whole) {
            Some(Stencil::Struct { fields, .. }) => fields.get(index as usize)?.name.clone(),
            _ => index.to_string(),
        };
        let path = format!("{}.{name}", self.path);
        Some(Variable::at(state, name, path, self.memory.start + offset as usize, type_ref))
    }

    /// Something of a type that starts at an address.
    fn at(state: &Snapshot<'_>, name: String, path: String, start: usize, type_ref: TypeRef) -> Variable {
        let stencils = state.module().stencils();
        let memory = start..start.saturating_add(stencils.size(type_ref) as usize);
        let mut value = String::new();
        write_value(state, start, type_ref, &mut value);
        let type_name = stencils.type_of(type_ref).map(|type_| type_.to_string()).unwrap_or_default();
        Variable { name, path, type_name, value: cut(value), slot: None, memory, parts: Parts::Of(type_ref) }
    }

    /// Its bytes as they lie in memory; of many, the first.
    pub(crate) fn bytes(&self, state: &Snapshot<'_>) -> String {
        const MOST: usize = 64;
        let bytes = state.memory().get(self.memory.clone()).unwrap_or_default();
        let more = if bytes.len() > MOST { " …" } else { "" };
        format!("{}{more}", hex(bytes.get(..MOST.min(bytes.len())).unwrap_or_default()))
    }
}

/// The parameters and the slots that are there, in the order of their declarations.
pub(crate) fn of_frame(state: &Snapshot<'_>, frame: &FrameView<'_>) -> Vec<Variable> {
    let mut variables = parameters(state, frame);
    variables.extend(slots(state, frame));
    variables
}

/// The static variables in their order. No file has their names, so they are called `static1`, `static2` and so on.
pub(crate) fn statics(state: &Snapshot<'_>) -> Vec<Variable> {
    let module = state.module();
    let mut block_start = module.string_bytes().len();
    let mut variables = Vec::new();
    for block in module.statics() {
        for (offset, type_ref) in block.variables {
            let name = format!("static{}", variables.len() + 1);
            variables.push(Variable::at(state, name.clone(), name, block_start + *offset as usize, *type_ref));
        }
        block_start += block.capacity as usize;
    }
    variables
}

/// The address behind them.
pub(super) fn end_of_statics(state: &Snapshot<'_>) -> usize {
    state.module().string_bytes().len() + state.module().static_bytes() as usize
}

/// What a path such as `p.x` or `a[2].y` names: a variable of the frame, else a static one. The innermost of several with
/// one name is the last that was declared; a number is the slot of this id.
pub(crate) fn find(state: &Snapshot<'_>, frame: &FrameView<'_>, path: &str) -> Result<Variable, String> {
    let mut steps = path.split(['.', '[']).map(|step| step.trim_end_matches(']').trim());
    let name = steps.next().unwrap_or_default();
    let id = name.parse::<u16>().ok();
    let is_wanted = |variable: &Variable| match id {
        Some(id) => variable.slot.as_ref().is_some_and(|slot| slot.id == id),
        None => variable.name == name,
    };
    let found = of_frame(state, frame).into_iter().rev().find(is_wanted);
    let found = found.or_else(|| statics(state).into_iter().find(is_wanted));
    let mut variable = found.ok_or_else(|| format!("`{name}` is no variable that is there now"))?;
    for step in steps {
        let by_number = step.parse::<u32>().ok().and_then(|index| variable.part(state, index));
        let part = by_number.or_else(|| variable.parts(state).into_iter().find(|part| part.name == step));
        variable = part.ok_or_else(|| variable.without(step, state))?;
    }
    variable.name = path.to_owned();
    variable.path = path.to_owned();
    Ok(variable)
}

fn parameters(state: &Snapshot<'_>, frame: &FrameView<'_>) -> Vec<Variable> {
    let function = frame.function();
    let stencils = state.module().stencils();
    let names = state.module().debug(function.index).map(|debug| debug.parameters).unwrap_or_default();
    let mut cells = frame.parameters();
    let mut variables = Vec::new();
    for (index, type_) in function.signature.parameters.iter().enumerate() {
        let count = parameter_cells(stencils, type_).map_or(0, |cells| cells.len());
        let (own, rest) = cells.split_at(count.min(cells.len()));
        cells = rest;
        let name = names.get(index).filter(|name| !name.is_empty());
        let name = name.map_or_else(|| format!("parameter{}", index + 1), |name| text::escaped(name));
        variables.push(parameter(state, name, type_, own));
    }
    variables
}

fn parameter(state: &Snapshot<'_>, name: String, type_: &Type, cells: &[Cell]) -> Variable {
    let stencils = state.module().stencils();
    let mut variable = Variable {
        path: name.clone(),
        name,
        type_name: type_.to_string(),
        value: String::new(),
        slot: None,
        memory: 0..0,
        parts: Parts::None,
    };
    match cells {
        [cell @ Cell { kind: CellKind::View(element), .. }] => {
            let span = cell.as_span();
            let start = span.offset as usize;
            let size = stencils.size(*element) as usize;
            variable.memory = start..start.saturating_add(size.saturating_mul(span.length as usize));
            variable.parts = Parts::Elements(*element, span.length);
            write_list(state, start, *element, span.length, &mut variable.value);
        }
        [Cell { kind: CellKind::Scalar(tag), bits }] => variable.value = shown(*tag, *bits),
        _ => {
            let words = describe_cells(cells, state.memory(), stencils);
            variable.value = words.strip_suffix(&format!(":{}", variable.type_name)).unwrap_or(&words).to_owned();
        }
    }
    variable.value = cut(variable.value);
    variable
}

fn slots(state: &Snapshot<'_>, frame: &FrameView<'_>) -> Vec<Variable> {
    let names = state.module().debug(frame.function().index).map(|debug| debug.slots).unwrap_or_default();
    let arenas: Vec<_> = frame.arenas().collect();
    let variable = |slot: crate::observe::SlotView| {
        let name = names.get(usize::from(slot.id)).filter(|name| !name.is_empty());
        let name = name.map_or_else(|| format!("slot{}", slot.id), |name| text::escaped(name));
        let start = arenas.get(slot.arena)?.start + slot.bytes.start as usize;
        let mut variable = match slot.kind {
            SlotKind::Stencil(type_ref) => Variable::at(state, name.clone(), name, start, type_ref),
            SlotKind::Variable(_) | SlotKind::Alias(_) => Variable {
                path: name.clone(),
                name,
                type_name: slot.kind.type_name(state.module().stencils()),
                value: slot.tag.map_or("not stored".to_owned(), |tag| scalar(state, start, tag)),
                slot: None,
                memory: start..start + slot.bytes.len(),
                parts: Parts::None,
            },
        };
        let is_alias = matches!(slot.kind, SlotKind::Alias(_));
        if is_alias {
            variable.type_name.push_str(" alias");
        }
        variable.slot = Some(Slot { id: slot.id, arena: slot.arena, bytes: slot.bytes, is_alias });
        Some(variable)
    };
    frame.slots().filter_map(variable).collect()
}

fn scalar(state: &Snapshot<'_>, start: usize, tag: Tag) -> String {
    let bytes = state.memory().get(start..start + tag.size() as usize).unwrap_or_default();
    shown(tag, cell::decode(tag, bytes))
}

fn stencil(stencils: &StencilTable, type_ref: TypeRef) -> Option<&Stencil> {
    match type_ref {
        TypeRef::Scalar(_) => None,
        TypeRef::Stencil(index) => stencils.get(index),
    }
}

/// A value as the language prints it, with texts in quotes. It stops where the text gets too long.
fn write_value(state: &Snapshot<'_>, start: usize, type_ref: TypeRef, value: &mut String) {
    let stencils = state.module().stencils();
    match stencil(stencils, type_ref) {
        None => match type_ref {
            TypeRef::Scalar(tag) => value.push_str(&scalar(state, start, tag)),
            TypeRef::Stencil(_) => {}
        },
        Some(Stencil::Text(most)) => {
            let bytes = state.memory().get(start..start + *most as usize).unwrap_or_default();
            let length = text::bounded_length(bytes).min(MOST_TEXT + 1);
            value.push_str(&format!("{:?}", String::from_utf8_lossy(bytes.get(..length).unwrap_or_default())));
        }
        Some(Stencil::Array(element, count)) => write_list(state, start, *element, *count, value),
        Some(Stencil::Struct { name, fields }) => {
            let parts = fields.iter().map(|field| Some(field.name.as_str())).zip(stencils.parts(type_ref));
            value.push_str(name);
            write_parts(state, start, parts, [" { ", " }"], value);
        }
        Some(Stencil::Tuple(_)) => {
            let parts = core::iter::repeat(None).zip(stencils.parts(type_ref));
            write_parts(state, start, parts, ["(", ")"], value);
        }
    }
}

fn write_parts<'a>(
    state: &Snapshot<'_>,
    start: usize,
    parts: impl Iterator<Item = (Option<&'a str>, (u32, TypeRef))>,
    [open, close]: [&str; 2],
    value: &mut String,
) {
    value.push_str(open);
    for (index, (name, (offset, type_ref))) in parts.enumerate() {
        if value.len() > MOST_TEXT {
            break;
        }
        value.push_str(if index == 0 { "" } else { ", " });
        if let Some(name) = name {
            value.push_str(name);
            value.push_str(" = ");
        }
        write_value(state, start + offset as usize, type_ref, value);
    }
    value.push_str(close);
}

fn write_list(state: &Snapshot<'_>, start: usize, element: TypeRef, count: u32, value: &mut String) {
    let size = state.module().stencils().size(element);
    let parts = (0..count).map(|index| (None, (index.saturating_mul(size), element)));
    write_parts(state, start, parts, ["[", "]"], value);
}

fn cut(value: String) -> String {
    match value.len() > MOST_TEXT {
        true => format!("{}…", value.get(..value.floor_char_boundary(MOST_TEXT)).unwrap_or_default()),
        false => value,
    }
}
