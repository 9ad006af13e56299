//! A listing beside what became of it: for every instruction its offset in its function, its bytes, and what the verifier
//! knows before it: the types on the stack, and how many bytes of the open arenas are in use.
//!
//! Every line of the text is there, in order; lines that made no code stand alone.

use crate::listing;
use crate::places::Places;
use crate::problem::Problems;
use crate::syntax::Span;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use vega_format::container::{Function, SlotKind};
use vega_format::verify::{Point, PointFinder, Points};
use vega_format::{Parsed, read};
use vega_report::SourceId;

/// Of a function with more cells and slots in all, only the first are told.
const MOST: usize = 1 << 20;

/// Of `.bytes` so many are shown.
const MOST_BYTES: usize = 9;

/// What stands beside a line.
struct Note {
    offset: u32,
    bytes: String,
    stack: String,
    arenas: String,
}

/// The text with notes: of the file that was assembled from it. Of a file that is malformed there is nothing to say.
pub fn annotate(text: &str, source: SourceId, file: &[u8]) -> String {
    let mut notes = BTreeMap::new();
    if let Ok(parsed) = read(file) {
        let places = Places::new(listing::read(text, source, &mut Problems::default()), Span::default());
        let mut finder = PointFinder::new(&parsed);
        for function in parsed.functions() {
            let known = finder.points(function.index, MOST);
            note(&mut notes, &parsed, &function, &known, &places);
        }
    }
    let mut out = String::new();
    let mut start = 0;
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let end = start + line.len();
        let empty = Note { offset: 0, bytes: String::new(), stack: String::new(), arenas: String::new() };
        let found = notes.range(start..end).next().map(|(_, note)| note);
        let offset = found.map_or(String::new(), |note| format!("{:04x}", note.offset));
        let Note { bytes, stack, arenas, .. } = found.unwrap_or(&empty);
        let row = format!("{number:>5}  {offset:4}  {bytes:23}  {stack:20}  {arenas:10}  {}", line.trim_end());
        // A `String` takes all that is written to it, so there is no error to hand on.
        let _ = writeln!(out, "{}", row.trim_end());
        start = end;
    }
    out
}

/// Notes by the place of the instruction in the text.
fn note(
    notes: &mut BTreeMap<usize, Note>,
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    known: &Points,
    places: &Places<'_>,
) {
    let spans = places.of_function(function.name);
    let ends = spans.code.iter().skip(1).map(|(offset, _)| *offset as usize).chain([function.code.len()]);
    for (&(offset, span), end) in spans.code.iter().zip(ends) {
        let code = function.code.get(offset as usize..end).unwrap_or_default();
        let shown = code.iter().take(MOST_BYTES).map(|byte| format!("{byte:02x}"));
        let rest = (code.len() > MOST_BYTES).then(|| "…".to_owned());
        let bytes = shown.chain(rest).collect::<Vec<_>>().join(" ");
        let place = known.points.binary_search_by_key(&offset, |point| point.offset);
        let point = place.ok().and_then(|place| known.points.get(place));
        let (stack, arenas) = match point {
            Some(point) => (stack(parsed, point), arenas(function, known, point)),
            None => ("not known".to_owned(), String::new()),
        };
        notes.insert(span.range().start, Note { offset, bytes, stack, arenas });
    }
}

fn stack(parsed: &Parsed<'_>, point: &Point) -> String {
    let cells = point.stack.iter().map(|cell| cell.describe(parsed.stencils()));
    format!("[{}]", cells.collect::<Vec<_>>().join(" "))
}

/// `12/64`: of an arena with 64 bytes, 12 are in use; `?/64` where that depends on the path.
fn arenas(function: &Function<'_>, known: &Points, point: &Point) -> String {
    let sites = point.open.iter().filter_map(|site| known.arenas.sites.get(*site)).enumerate();
    let arena = sites.map(|(level, site)| {
        let is_alias = |slot: u16| matches!(function.slots.get(usize::from(slot)), Some(SlotKind::Alias(_)));
        let slots = point.slots.iter().filter(|slot| slot.arena == level && !is_alias(slot.slot));
        let used: u64 = slots.flat_map(|slot| &slot.bytes).map(|bytes| u64::from(bytes.end - bytes.start)).sum();
        match site.is_static() {
            true => format!("{used}/{}", site.capacity),
            false => format!("?/{}", site.capacity),
        }
    });
    arena.collect::<Vec<_>>().join(" ")
}
