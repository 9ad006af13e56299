//! Whether all inputs mean the same struct by the same name: an importer was compiled against a layout, and reads and
//! writes bytes by it.

use super::Input;
use super::problem::{Layout, LayoutField, Problem, Problems};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use vega_format::stencil::{Field, Stencil, TypeRef};

/// Demands it; each struct that differs is told once for each input in which it does.
pub(super) fn agree(inputs: &[&Input<'_>], problems: &mut Problems) {
    let mut first: HashMap<&str, (u32, u32)> = HashMap::new();
    for (input, from) in (0..).zip(inputs) {
        for (index, stencil) in (0..).zip(from.module.stencils().iter()) {
            let Stencil::Struct { name, .. } = stencil else { continue };
            match first.entry(name) {
                Entry::Vacant(place) => _ = place.insert((input, index)),
                Entry::Occupied(other) => {
                    let (other_input, other_index) = *other.get();
                    let (Some(one), Some(two)) =
                        (layout(inputs, other_input, other_index), layout(inputs, input, index))
                    else {
                        continue;
                    };
                    // Where offsets alone differ, a struct inside does, which is told for itself.
                    let is_same = |(one, two): (&LayoutField, &LayoutField)| {
                        one.name == two.name && one.type_name == two.type_name
                    };
                    let all_same = one.fields.iter().zip(&two.fields).all(is_same);
                    if !all_same || one.fields.len() != two.fields.len() {
                        problems.push(Problem::Layouts { name: name.clone(), first: one, second: two });
                    }
                }
            }
        }
    }
}

/// A struct as an input has it. Structs inside it are spelled by their names: they are compared for themselves.
fn layout(inputs: &[&Input<'_>], input: u32, index: u32) -> Option<Layout> {
    let input = inputs.get(input as usize)?;
    let table = input.module.stencils();
    let Some(Stencil::Struct { fields, .. }) = table.get(index) else { return None };
    let mut offset = 0;
    let field = |field: &Field| {
        let type_name = table.type_of(field.type_ref).map(|type_| type_.to_string()).unwrap_or_default();
        let start = offset;
        offset += table.size(field.type_ref);
        LayoutField { name: field.name.clone(), type_name, offset: start }
    };
    let size = table.size(TypeRef::Stencil(index));
    Some(Layout { file: input.name.to_string(), fields: fields.iter().map(field).collect(), size })
}
