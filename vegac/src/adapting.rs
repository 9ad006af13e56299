//! What a constant without a type comes to, in each of the types that its place may want: as its expression would there.
//!
//! `7 / 2` is 3 as an int and 3.5 as a decimal, and a type in which it would wrap around has no value of it.

use std::fmt::{self, Write};
use vega_format::cell;
use vega_format::types::Tag;

/// The types that literals adapt to.
const TYPES: [Tag; 6] = [Tag::Byte, Tag::Short, Tag::Int, Tag::Long, Tag::Float, Tag::Decimal];

/// A cell for each type that has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adapting([Option<u64>; TYPES.len()]);

impl Adapting {
    /// What something comes to in each type.
    pub fn of(value: impl FnMut(Tag) -> Option<u64>) -> Adapting {
        Adapting(TYPES.map(value))
    }

    /// What it comes to in a type.
    pub fn get(&self, tag: Tag) -> Option<u64> {
        TYPES.into_iter().zip(self.0).find_map(|(known, cell)| if known == tag { cell } else { None })
    }

    /// The whole number that it is without a context, or as a long if it is no int; `None` of what has a fraction.
    pub fn whole(&self) -> Option<i64> {
        self.get(Tag::Int).or(self.get(Tag::Long)).map(u64::cast_signed)
    }

    /// Reads what `Display` writes.
    pub fn read(word: &str) -> Option<Adapting> {
        let mut cells = [None; TYPES.len()];
        for one in word.split(':') {
            let mut characters = one.chars();
            let letter = characters.next()?;
            let place = TYPES.into_iter().position(|tag| tag.letter() == letter)?;
            let bits = u64::from_str_radix(characters.as_str(), 16).ok()?;
            let (stored, length) = cell::encode(TYPES[place], bits);
            let is_one = stored.get(..length).is_some_and(|stored| cell::decode(TYPES[place], stored) == bits);
            if !is_one || cells[place].replace(bits).is_some() {
                return None;
            }
        }
        let each = Adapting(cells);
        (each.whole().is_some() || each.get(Tag::Decimal).is_some()).then_some(each)
    }
}

/// `I3:d400c000000000000`: the letter of each type with a value, and the bits of its cell.
impl fmt::Display for Adapting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = TYPES.into_iter().zip(self.0).filter_map(|(tag, cell)| Some((tag, cell?)));
        for (index, (tag, cell)) in values.enumerate() {
            if index > 0 {
                f.write_char(':')?;
            }
            write!(f, "{}{cell:x}", tag.letter())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Adapting;
    use vega_format::types::Tag;

    #[test]
    fn it_is_read_as_it_is_written() {
        let each = Adapting::read("I3:d400c000000000000").unwrap();
        assert_eq!([each.get(Tag::Int), each.get(Tag::Long), each.whole().map(|_| 3)], [Some(3), None, Some(3)]);
        assert_eq!(each.to_string(), "I3:d400c000000000000");
        for damaged in ["", "I", "I3:", "I3:I3", "B100", "c41", "x3"] {
            assert_eq!(Adapting::read(damaged), None, "{damaged}");
        }
    }
}
