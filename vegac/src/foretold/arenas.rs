//! Arenas that are larger than they need to be, and aliases that view bytes of nobody.

use super::{Lines, MOST};
use crate::ast::Span;
use std::ops::Range;
use vega_format::container::{Function, SlotKind, Value};
use vega_format::instruction::{Instruction, walk};
use vega_format::text::counted;
use vega_format::verify::{Arenas, Placement, Site};
use vega_report::Diagnostic;

/// Bytes that an arena may have beyond what it needs without a word, if they are many times as many.
const SPARE: u32 = 256;
/// So many times.
const TIMES: u32 = 4;

impl Lines<'_> {
    pub(super) fn oversized_arenas(&self) -> Vec<Diagnostic> {
        let is_large = |function: &Function<'_>| {
            let summary = self.module.summaries().get(function.index);
            summary.is_some_and(|summary| summary.most_open.0 > SPARE.into()) && !has_alias(function)
        };
        let functions = self.module.module().functions().filter(is_large);
        let found = functions.flat_map(|function| {
            let sites = self.module.arenas(function.index).sites.into_iter();
            sites.filter(is_oversized).filter_map(move |site| self.oversized(function.index, &site))
        });
        found.take(MOST).collect()
    }

    fn oversized(&self, function: u32, site: &Site) -> Option<Diagnostic> {
        let opened = self.alloc_at(function, site.offset);
        let span = opened.or_else(|| self.line_of(function, site.offset))?;
        let title = format!(
            "an arena of {}, of which at most {} are ever used",
            counted(site.capacity, "byte"),
            site.high_water
        );
        let diagnostic = Diagnostic::warning("W0007", title).label(self.source, span, "far more than it needs");
        Some(self.with_capacity(diagnostic, opened.as_ref(), site))
    }

    pub(super) fn aliases_of_freed(&self) -> Vec<Diagnostic> {
        let functions = self.module.module().functions().filter(has_alias);
        functions.flat_map(|function| self.aliases_of_freed_in(&function)).take(MOST).collect()
    }

    fn aliases_of_freed_in(&self, function: &Function<'_>) -> Vec<Diagnostic> {
        let code: Vec<(u32, Instruction)> = walk(function.code).flatten().collect();
        if !code.iter().any(|(_, instruction)| matches!(instruction, Instruction::VarFree { .. })) {
            return Vec::new();
        }
        let arenas = self.module.arenas(function.index);
        let mut aliases: Vec<(u16, Alias)> = Vec::new();
        let mut found = Vec::new();
        let mut before = None;
        for (offset, instruction) in &code {
            match instruction {
                Instruction::VarPtr { slot, tag } => {
                    aliases.retain(|(other, _)| *other != slot.0);
                    let start = before.and_then(|before| self.constant_offset(before, *offset, &arenas));
                    aliases.extend(start.map(|(site, start)| {
                        (slot.0, Alias { made_at: *offset, site, bytes: start..start.saturating_add(tag.size()) })
                    }));
                }
                Instruction::VarLoad { slot } => {
                    let alias = aliases.iter().find(|(alias, _)| *alias == slot.0).map(|(_, alias)| alias);
                    let freed = alias.and_then(|alias| Some((alias, freed_under(alias, *offset, &arenas, &code)?)));
                    found.extend(
                        freed.and_then(|(alias, freed)| {
                            self.alias_of_freed(function.index, slot.0, alias, freed, *offset)
                        }),
                    );
                }
                _ => {}
            }
            before = Some(instruction);
        }
        found
    }

    /// The arena and the offset that an instruction pushes for the one behind it, as far as they are constant.
    fn constant_offset(&self, pushes: &Instruction, at: u32, arenas: &Arenas) -> Option<(usize, u32)> {
        match pushes {
            Instruction::VarOffset { slot } => {
                let owner = arenas.placements.iter().find(|owner| owner.slot == slot.0 && is_live(owner, at))?;
                Some((owner.site, owner.at))
            }
            Instruction::LoadConst { index } => {
                let Value::Scalar(_, cell) = self.module.module().constant(index.0)? else { return None };
                Some((innermost(at, arenas)?, u32::try_from(cell as i64).ok()?))
            }
            _ => None,
        }
    }

    fn alias_of_freed(
        &self,
        function: u32,
        alias: u16,
        made: &Alias,
        freed: &Placement,
        at: u32,
    ) -> Option<Diagnostic> {
        let debug = self.module.module().debug(function)?;
        let name = |slot: u16| debug.slots.get(usize::from(slot)).cloned().unwrap_or_default();
        let (alias, owner) = (name(alias), name(freed.slot));
        let places: Option<Vec<Span>> =
            [at, freed.end, made.made_at].into_iter().map(|offset| self.line_of(function, offset)).collect();
        let [read, freed, made] = <[Span; 3]>::try_from(places?).ok()?;
        let diagnostic = Diagnostic::warning("W0006", format!("`{alias}` views bytes of `{owner}`, which was freed"))
            .label(self.source, read, format!("`{alias}` is read here"))
            .also(self.source, freed, format!("`{owner}` is freed here"))
            .also(self.source, made, format!("`{alias}` was made here"));
        Some(diagnostic.hint(format!("read `{alias}` before, or free `{owner}` later")))
    }
}

/// An alias whose place is known.
struct Alias {
    made_at: u32,
    site: usize,
    bytes: Range<u32>,
}

fn has_alias(function: &Function<'_>) -> bool {
    function.slots.iter().any(|kind| matches!(kind, SlotKind::Alias(_)))
}

fn is_oversized(site: &Site) -> bool {
    let needed = site.high_water.max(1);
    site.is_static() && site.capacity > needed.saturating_mul(TIMES) && site.capacity - needed > SPARE
}

fn is_live(placement: &Placement, at: u32) -> bool {
    (placement.offset..=placement.end).contains(&at)
}

/// The arena that was opened last before a place, if a variable shows that it is still open; then it is the innermost.
fn innermost(at: u32, arenas: &Arenas) -> Option<usize> {
    let opened = arenas.sites.iter().enumerate().filter(|(_, site)| site.offset < at);
    let (site, _) = opened.max_by_key(|(_, site)| site.offset)?;
    arenas.placements.iter().any(|variable| variable.site == site && is_live(variable, at)).then_some(site)
}

/// The variable whose bytes an alias viewed and which was freed before this place, if nobody has the bytes now.
fn freed_under<'a>(alias: &Alias, at: u32, arenas: &'a Arenas, code: &[(u32, Instruction)]) -> Option<&'a Placement> {
    let overlaps = |placement: &&Placement| {
        let end = placement.at.saturating_add(placement.size);
        placement.site == alias.site && placement.at < alias.bytes.end && alias.bytes.start < end
    };
    let mut under = arenas.placements.iter().filter(overlaps);
    if under.clone().any(|placement| is_live(placement, at)) {
        return None;
    }
    under.find(|placement| {
        let end = code.binary_search_by_key(&placement.end, |(offset, _)| *offset).ok().and_then(|at| code.get(at));
        let is_freed = matches!(end, Some((_, Instruction::VarFree { .. })));
        is_freed && placement.end < at && is_live(placement, alias.made_at)
    })
}
