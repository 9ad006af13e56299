//! Mutants: programs, listings and files of the corpus with a few places changed.

use crate::bytes::{section, with_body};
use crate::random::Random;
use crate::suites::verify;
use crate::{case, module};
use std::path::Path;
use vega_format::container::SectionId;

/// Makes the mutant of a number out of seeds.
pub type Change = fn(&[Vec<u8>], u64) -> Vec<u8>;

/// A text that is longer is left out.
const MOST_TEXT: usize = 4_000;
/// A file that is longer is left out: most of it would be names and lines.
const MOST_FILE: usize = 1_500;

/// Texts of a folder of the corpus, with this extension, that are not long.
pub fn corpus(folder: &str, extension: &str) -> Vec<Vec<u8>> {
    of_folder(folder, &[extension]).filter(|text| text.len() < MOST_TEXT).collect()
}

/// Its files that are not long: those of every section and kind, listings that are accepted, and programs.
pub fn files() -> Vec<Vec<u8>> {
    let listings = verify::accepted().into_iter().map(|case| verify::build(&case).expect("an accepted listing"));
    let compile = |text: Vec<u8>| module::compile("seed.vg", &text).accepted().ok();
    let programs = corpus("run", "vg").into_iter().filter_map(compile);
    of_folder("golden", &["vgb", "vgo"]).chain(listings).chain(programs).filter(|file| file.len() < MOST_FILE).collect()
}

fn of_folder(folder: &str, extensions: &[&str]) -> impl Iterator<Item = Vec<u8>> + use<> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    case::files(&root, extensions).into_iter().map(|path| std::fs::read(path).expect("a file"))
}

/// The mutant of a number: one of the seeds with up to four places changed, taken away, or put in from another, or over
/// what stood there.
pub fn mutant(seeds: &[Vec<u8>], number: u64) -> Vec<u8> {
    let mut random = Random::new(number);
    let [seed, other] = [(); 2].map(|()| random.pick(seeds).cloned().unwrap_or_default());
    change(&mut random, seed, &other)
}

/// The mutant of a number, of files: every fourth time as [`mutant`], or cut; else one section is changed, and the table says
/// where it then ends.
pub fn damaged(seeds: &[Vec<u8>], number: u64) -> Vec<u8> {
    let mut random = Random::new(number);
    let [seed, other] = [(); 2].map(|()| random.pick(seeds).cloned().unwrap_or_default());
    let ids = SectionId::ALL.map(|id| (id, section(&seed, id).unwrap_or_default()));
    let ids: Vec<_> = ids.into_iter().filter(|(_, place)| !place.is_empty()).collect();
    match random.pick(&ids) {
        Some((id, place)) if !number.is_multiple_of(4) => {
            let body = change(&mut random, seed[place.clone()].to_vec(), &other);
            with_body(&seed, *id, &body)
        }
        _ if number.is_multiple_of(8) => {
            let length = random.below(seed.len() as u32) as usize;
            seed.get(..length).unwrap_or_default().to_vec()
        }
        _ => change(&mut random, seed, &other),
    }
}

fn change(random: &mut Random, mut bytes: Vec<u8>, other: &[u8]) -> Vec<u8> {
    let below = |random: &mut Random, end: usize| random.below(end as u32) as usize;
    // The more there are, the fewer get past the first that looks.
    let times = [1, 1, 2, 4][below(random, 4)];
    for _ in 0..times {
        let at = below(random, bytes.len());
        match random.below(5) {
            _ if bytes.is_empty() => {}
            0 => bytes[at] ^= 1 << random.below(8),
            1 => drop(bytes.drain(at..(at + 1 + below(random, 8)).min(bytes.len()))),
            2 => bytes[at] = random.below(256) as u8,
            over => {
                let from = below(random, other.len());
                let piece = &other[from..(from + below(random, 24)).min(other.len())];
                let end = if over == 3 { (at + piece.len()).min(bytes.len()) } else { at };
                drop(bytes.splice(at..end, piece.iter().copied()));
            }
        }
    }
    bytes
}
