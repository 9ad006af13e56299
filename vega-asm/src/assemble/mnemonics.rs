//! The row of each mnemonic. A listing asks for it on nearly every line, so a word is compared with one mnemonic or two.

use vega_format::instruction::{ROWS, Row};

/// Places for rows, a few for each.
const PLACES: usize = 1024;

/// The rows by mnemonic: each stands, behind its letters, at the place that they give, or at the next free one.
pub(super) struct Mnemonics {
    places: Vec<Option<(Letters, &'static Row)>>,
}

impl Mnemonics {
    pub(super) fn new() -> Mnemonics {
        let mut places = vec![None; PLACES];
        for row in ROWS {
            let letters = Letters::of(row.mnemonic.as_bytes());
            let start = letters.start();
            if let Some(place) = (start..start + PLACES).find(|place| places[place % PLACES].is_none()) {
                places[place % PLACES] = Some((letters, row));
            }
        }
        Mnemonics { places }
    }

    #[inline]
    pub(super) fn find(&self, word: &str) -> Option<&'static Row> {
        let letters = Letters::of(word.as_bytes());
        let start = letters.start();
        let places = (start..start + PLACES).map_while(|place| self.places[place % PLACES]);
        let is_it = |(known, row): &(Letters, &Row)| *known == letters && (letters.are_all() || row.mnemonic == word);
        places.into_iter().find(is_it).map(|(_, row)| row)
    }
}

/// The first eight letters of a word and the last eight, which tell mnemonics apart.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Letters {
    first: u64,
    last: u64,
    count: usize,
}

impl Letters {
    #[inline]
    fn of(word: &[u8]) -> Letters {
        let number = |letters: &[u8]| letters.iter().fold(0, |number, letter| number << 8 | u64::from(*letter));
        let (first, last) = match (word.first_chunk(), word.last_chunk()) {
            (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
            _ => (number(word), 0),
        };
        Letters { first, last, count: word.len() }
    }

    /// Whether the word has no others.
    #[inline]
    fn are_all(&self) -> bool {
        self.count <= 16
    }

    /// Where the row of the word stands, if nobody was there before.
    #[inline]
    fn start(&self) -> usize {
        let mixed = (self.first ^ self.last.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> (u64::BITS - PLACES.ilog2())) as usize
    }
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
        let moved = |row: &&Row| {
            let place = Letters::of(row.mnemonic.as_bytes()).start();
            mnemonics.places[place].is_none_or(|(_, at)| at.number != row.number)
        };
        assert!(ROWS.iter().filter(moved).count() < 30);
    }
}
