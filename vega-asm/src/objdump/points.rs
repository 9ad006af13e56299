//! What the verifier knows before each instruction: the stack, the open arenas, and where the slots in them stand.

use crate::spelling;
use serde::Serialize;
use vega_format::Parsed;
use vega_format::container::{Function, FunctionDebug, SlotKind};
use vega_format::text::counted;
use vega_format::verify::{CellType, PointFinder, Points, Site, SlotPoint};

/// Of a function with more cells and slots in all, only the first are told.
const MOST: usize = 1 << 20;
/// The most cells and slots that a line shows.
const SHOWN: usize = 8;

/// What is known before an instruction.
#[derive(Serialize)]
pub(super) struct Before {
    /// The types of the cells, lowest first.
    stack: Vec<String>,
    /// The open arenas, outermost first.
    arenas: Vec<Arena>,
}

#[derive(Serialize)]
struct Arena {
    /// Where it is opened.
    offset: u32,
    capacity: u32,
    strategy: String,
    /// Whether every offset in it is a constant; if not, nothing is known of its slots.
    is_static: bool,
    slots: Vec<Slot>,
}

#[derive(Serialize)]
struct Slot {
    slot: u16,
    name: String,
    /// Its bytes in the arena, unless the program computes where it points.
    start: Option<u32>,
    end: Option<u32>,
    /// What the value of a variable may be; the type of any other slot.
    types: Vec<String>,
    /// Whether it is a variable, and it may be that nothing was stored yet.
    unset: bool,
}

/// What is known of the instructions of a function that are reached; it is put into words one at a time, since there may be
/// much of it.
pub(super) struct Known(Points);

impl Known {
    pub(super) fn of(finder: &mut PointFinder<'_>, function: &Function<'_>) -> Known {
        Known(finder.points(function.index, MOST))
    }

    /// What is known before the instruction at an offset.
    pub(super) fn before(
        &self,
        parsed: &Parsed<'_>,
        function: &Function<'_>,
        debug: Option<&FunctionDebug>,
        offset: u32,
    ) -> Option<Before> {
        let Known(Points { arenas, points, .. }) = self;
        let place = points.binary_search_by_key(&offset, |point| point.offset).ok()?;
        let point = points.get(place)?;
        let local = |is_local| if is_local { " local" } else { "" };
        let cell = |cell: &CellType| format!("{}{}", cell.describe(parsed.stencils()), local(cell.is_local()));
        let sites = point.open.iter().filter_map(|site| arenas.sites.get(*site)).enumerate();
        let arenas = sites.map(|(level, site)| {
            let slots = point.slots.iter().filter(|slot| slot.arena == level);
            arena(site, slots.map(|slot| self::slot(parsed, function, slot, debug)).collect())
        });
        Some(Before { stack: point.stack.iter().map(cell).collect(), arenas: arenas.collect() })
    }
}

fn arena(site: &Site, slots: Vec<Slot>) -> Arena {
    let strategy = site.strategy.to_string().trim().to_owned();
    Arena { offset: site.offset, capacity: site.capacity, strategy, is_static: site.is_static(), slots }
}

fn slot(parsed: &Parsed<'_>, function: &Function<'_>, point: &SlotPoint, debug: Option<&FunctionDebug>) -> Slot {
    let (types, unset) = match function.slots.get(usize::from(point.slot)) {
        Some(SlotKind::Alias(tag)) => (vec![tag.name().to_owned()], false),
        Some(SlotKind::Stencil(type_ref)) => (vec![spelling::type_of(parsed, *type_ref)], false),
        _ => (point.held.types.tags().map(|tag| tag.name().to_owned()).collect(), point.held.unset),
    };
    let name = debug.and_then(|debug| debug.slots.get(usize::from(point.slot)));
    Slot {
        slot: point.slot,
        name: name.map(ToString::to_string).unwrap_or_default(),
        start: point.bytes.as_ref().map(|bytes| bytes.start),
        end: point.bytes.as_ref().map(|bytes| bytes.end),
        types,
        unset,
    }
}

impl Before {
    /// On one line: `[int string] 0x0000: 32 bytes: a [0..4) int`.
    pub(super) fn line(&self) -> String {
        let beneath = self.stack.len().saturating_sub(SHOWN);
        let more = if beneath > 0 { format!("… {beneath} more, then ") } else { String::new() };
        let top = self.stack.get(beneath..).unwrap_or_default();
        let mut line = format!("[{more}{}]", top.join(", "));
        for arena in &self.arenas {
            line.push_str(&format!(" | {:04x}: {}", arena.offset, counted(arena.capacity, "byte")));
            if !arena.is_static {
                line.push_str(", dynamic");
            }
            for slot in arena.slots.iter().take(SHOWN) {
                line.push_str(&format!(", {}", slot.words()));
            }
            if arena.slots.len() > SHOWN {
                line.push_str(&format!(", {} more", arena.slots.len() - SHOWN));
            }
        }
        line
    }
}

impl Slot {
    fn words(&self) -> String {
        let name = if self.name.is_empty() { format!("slot {}", self.slot) } else { vega_report::quote(&self.name) };
        let bytes = match (self.start, self.end) {
            (Some(start), Some(end)) => format!(" [{start}..{end})"),
            _ => " somewhere".to_owned(),
        };
        let types = if self.types.is_empty() { String::new() } else { format!(" {}", self.types.join("|")) };
        let unset = match (self.unset, self.types.is_empty()) {
            (false, _) => "",
            (true, true) => " unset",
            (true, false) => " or unset",
        };
        format!("{name}{bytes}{types}{unset}")
    }
}
