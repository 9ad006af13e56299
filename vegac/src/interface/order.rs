//! The structs of an interface, each once and behind those that it is made of.
//!
//! They come in any order, and twice if an object was linked of several: once as the module declares it, and once as one
//! that makes use of it knows it. The way through them keeps its own stack and looks at each field once.

use super::StructShape;
use foldhash::{HashMap, HashMapExt};
use vega_format::types::Type;

/// How far the way has come with a struct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Done,
}

/// Orders them.
///
/// # Errors
/// Two of one name have different fields, or one is made of itself: in words.
pub(super) fn order(structs: Vec<StructShape>) -> Result<Vec<StructShape>, String> {
    let (mut structs, places) = each_once(structs)?;
    let made_of: Vec<Vec<usize>> = structs
        .iter()
        .map(|shape| {
            let mut names = Vec::new();
            shape.fields.iter().for_each(|(_, type_)| add_structs(type_, &mut names));
            names.iter().filter_map(|name| places.get(*name).copied()).collect()
        })
        .collect();
    let mut states = vec![State::New; structs.len()];
    let mut ordered = Vec::with_capacity(structs.len());
    for first in 0..structs.len() {
        let mut open = vec![(first, 0)];
        while let Some((place, next)) = open.last_mut() {
            let part = made_of[*place].get(*next).copied();
            *next += 1;
            let place = *place;
            match (states[place], part) {
                (State::Done, _) => _ = open.pop(),
                (_, None) => {
                    states[place] = State::Done;
                    ordered.push(place);
                    open.pop();
                }
                (_, Some(part)) => {
                    states[place] = State::Open;
                    match states[part] {
                        State::Open => return Err(format!("struct `{}` is made of itself", structs[part].name)),
                        State::New => open.push((part, 0)),
                        State::Done => {}
                    }
                }
            }
        }
    }
    let nothing = || StructShape { name: String::new(), fields: Vec::new(), public: false, line: 0 };
    Ok(ordered.into_iter().map(|place| core::mem::replace(&mut structs[place], nothing())).collect())
}

/// Each struct once, as the one who says most of it does, and where it stands by its name.
fn each_once(structs: Vec<StructShape>) -> Result<(Vec<StructShape>, HashMap<String, usize>), String> {
    let mut once: Vec<StructShape> = Vec::with_capacity(structs.len());
    let mut places = HashMap::new();
    for shape in structs {
        let next = once.len();
        let place = *places.entry(shape.name.clone()).or_insert(next);
        match once.get_mut(place) {
            None => once.push(shape),
            Some(known) if known.fields == shape.fields => {
                known.public |= shape.public;
                known.line = known.line.max(shape.line);
            }
            Some(_) => return Err(format!("struct `{}` stands there twice, with different fields", shape.name)),
        }
    }
    Ok((once, places))
}

/// The structs in a type. Types nest at most 64 levels.
fn add_structs<'t>(type_: &'t Type, names: &mut Vec<&'t str>) {
    match type_ {
        Type::Struct(name) => names.push(name),
        Type::View(element) | Type::Array(element, _) => add_structs(element, names),
        Type::Tuple(parts) => parts.iter().for_each(|part| add_structs(part, names)),
        Type::Scalar(_) | Type::String | Type::Text(_) | Type::Union(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;

    fn names(text: &str) -> Result<Vec<String>, String> {
        Ok(read(text.as_bytes())?.0.into_iter().map(|shape| format!("{} {}", shape.line, shape.name)).collect())
    }

    #[test]
    fn structs_stand_behind_what_they_are_made_of() {
        let text = "struct - 0 b.y z:1b\nstruct - 0 c.x y:[2]3b.y w:3d.w\nstruct pub 7 b.y z:1b\nstruct - 4 b z:i\n";
        assert_eq!(names(text), Ok(vec!["4 b".to_owned(), "7 b.y".to_owned(), "0 c.x".to_owned()]));
    }

    #[test]
    fn contradictions_are_refused() {
        let ring = "struct - 1 a x:1b\nstruct - 1 b x:[3]1c\nstruct - 1 c x:(I1a)\n";
        assert_eq!(names(ring), Err("struct `a` is made of itself".to_owned()));
        let twice = "struct - 1 a x:I\nstruct - 2 a x:L\n";
        assert_eq!(names(twice), Err("struct `a` stands there twice, with different fields".to_owned()));
    }
}
