//! The row of each mnemonic. A listing asks for it on nearly every line, so a word is compared with one mnemonic or two.

use vega_format::instruction::{ROWS, Row};

/// Places for rows, a few for each.
const PLACES: usize = 1024;

/// The rows by mnemonic: each stands at the place that its letters give, or at the next free one.
pub(super) struct Mnemonics {
    places: Vec<Option<&'static Row>>,
}

impl Mnemonics {
    pub(super) fn new() -> Mnemonics {
        let mut places = vec![None; PLACES];
        for row in ROWS {
            let start = start(row.mnemonic.as_bytes());
            if let Some(place) = (start..start + PLACES).find(|place| places[place % PLACES].is_none()) {
                places[place % PLACES] = Some(row);
            }
        }
        Mnemonics { places }
    }

    #[inline]
    pub(super) fn find(&self, word: &str) -> Option<&'static Row> {
        let start = start(word.as_bytes());
        let rows = (start..start + PLACES).map_while(|place| self.places[place % PLACES]);
        rows.into_iter().find(|row| row.mnemonic == word)
    }
}

/// Where the row of a word stands, if nobody was there before. The first eight letters and the last eight tell mnemonics
/// apart.
#[inline]
fn start(word: &[u8]) -> usize {
    let number = |letters: &[u8]| letters.iter().fold(0, |number, letter| number << 8 | u64::from(*letter));
    let (first, last) = match (word.first_chunk(), word.last_chunk()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => (number(word), 0),
    };
    let mixed = (first ^ last.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> (u64::BITS - PLACES.ilog2())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mnemonic_is_found_and_nothing_else() {
        let mnemonics = Mnemonics::new();
        for row in ROWS {
            assert_eq!(mnemonics.find(row.mnemonic).map(|found| found.number), Some(row.number));
            assert!(mnemonics.find(&row.mnemonic.to_lowercase()).is_none());
            assert!(mnemonics.find(&format!("{}_", row.mnemonic)).is_none());
        }
        assert!(mnemonics.find("").is_none());
    }

    #[test]
    fn few_rows_stand_in_the_way_of_others() {
        let mnemonics = Mnemonics::new();
        let moved =
            |row: &&Row| mnemonics.places[start(row.mnemonic.as_bytes())].is_none_or(|at| at.number != row.number);
        assert!(ROWS.iter().filter(moved).count() < 30);
    }
}
