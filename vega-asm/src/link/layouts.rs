//! Whether all inputs mean the same struct by the same name: an importer was compiled against a layout, and reads and
//! writes bytes by it. What an input means stands in its table of types, and of a struct that its own code does not use, in
//! what it offers to importers.

use super::problem::{Layout, LayoutField, Problem, Problems};
use super::{Input, offered};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use vega_format::stencil::{Stencil, StencilTable};
use vega_format::types::Type;

/// Demands it; each struct that differs is told once for each input in which it does.
pub(super) fn agree(inputs: &[&Input<'_>], problems: &mut Problems) {
    let mut first: HashMap<&str, Layout> = HashMap::new();
    for input in inputs {
        let mut told: HashSet<&str> = HashSet::new();
        for (name, layout) in layouts(input) {
            let known = match first.entry(name) {
                Entry::Vacant(place) => {
                    place.insert(layout);
                    continue;
                }
                Entry::Occupied(known) => known.into_mut(),
            };
            // Where offsets alone differ, a struct inside does, which is told for itself.
            let is_same =
                |(one, two): (&LayoutField, &LayoutField)| one.name == two.name && one.type_name == two.type_name;
            let all_same = known.fields.iter().zip(&layout.fields).all(is_same);
            if (!all_same || known.fields.len() != layout.fields.len()) && told.insert(name) {
                problems.push(Problem::Layouts { name: name.to_owned(), first: known.clone(), second: layout });
            }
        }
    }
}

/// The structs as an input has them, by name; a name may come twice. Structs inside them are spelled by their names: they are
/// compared for themselves.
fn layouts<'i>(input: &'i Input<'_>) -> impl Iterator<Item = (&'i str, Layout)> {
    let table = input.module.stencils();
    let used = table.iter().filter_map(|stencil| {
        let Stencil::Struct { name, fields } = stencil else { return None };
        let fields = fields.iter().map(|field| Some((field.name.as_str(), table.type_of(field.type_ref)?)));
        Some((name.as_str(), fields.collect::<Option<_>>()?))
    });
    used.chain(offered::structs(input)).map(|(name, fields)| (name, layout(&input.name, table, &fields)))
}

/// Where the fields lie; unknown behind one of a type that the table does not have.
fn layout(file: &str, table: &StencilTable, fields: &[(&str, Type)]) -> Layout {
    let mut end = Some(0);
    let field = |(name, type_): &(&str, Type)| {
        let offset = end;
        end = end.zip(table.find(type_)).and_then(|(end, found)| table.size(found).checked_add(end));
        LayoutField { name: (*name).to_owned(), type_name: type_.to_string(), offset }
    };
    let fields = fields.iter().map(field).collect();
    Layout { file: file.to_owned(), fields, size: end }
}
