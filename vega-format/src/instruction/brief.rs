//! Rows in the form in which many instructions are looked at quickly: what the table says, in a few bytes a row.

use super::{Effect, Flow, Pattern, ROWS, Row, Rule};

/// What an instruction does that has no operands, takes at most two cells of fixed types, leaves at most one, and goes on
/// with the next. Two cells are one number: the top in the low half, what lies beneath it in the high one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plain {
    /// The bits that count of the two topmost cells.
    pub(crate) mask: u64,
    /// What they must be.
    pub(crate) wanted: u64,
    /// The type of the cell that it leaves, or 0 if it leaves none.
    pub(crate) left: u32,
    /// How many cells it takes.
    pub(crate) pops: u8,
}

/// A row in brief.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Brief {
    /// All that it does, if it is so little.
    pub(crate) plain: Option<Plain>,
    /// What is asked most often of those that do more.
    pub(crate) often: Often,
    /// Bytes in the code.
    pub(crate) width: u8,
}

/// The instructions that compiled code has most, beside the plain ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Often {
    /// `LOAD_CONST`, with a constant.
    Constant,
    /// `VAR_LOAD`, with a slot.
    Load,
    /// `VAR_STORE`, with a slot.
    Store,
    /// `CELL_LOAD`, with a cell.
    Cell,
    /// `CALL`, with a function.
    Call,
    /// `RETURN`.
    Return,
    /// `JUMP_FALSE` and `JUMP_TRUE`, with a target: they take a bool.
    Branch,
    /// `JUMP`, with a target.
    Jump,
    /// `STACK_FREE`.
    EndArena,
    /// Another one, or none.
    Other,
}

/// The row with this number in brief.
#[allow(clippy::indexing_slicing, reason = "a byte into 256 places")]
#[inline(always)]
pub(crate) fn brief(number: u8) -> &'static Brief {
    static BRIEFS: [Brief; 256] = briefs();
    &BRIEFS[usize::from(number)]
}

/// The code of a string; scalars have their tags.
pub(crate) const STRING: u32 = 9;

/// The bit of the code of a view or string that may show an arena of this frame.
pub(crate) const LOCAL: u32 = 0x80;

const fn code(pattern: Pattern) -> u32 {
    match pattern.tag() {
        Some(tag) => tag.number() as u32,
        None => STRING,
    }
}

#[allow(clippy::indexing_slicing, reason = "run by the compiler")]
const fn briefs() -> [Brief; 256] {
    let mut briefs = [Brief { width: 0, often: Often::Other, plain: None }; 256];
    let mut place = 0;
    while place < ROWS.len() {
        let row = &ROWS[place];
        briefs[row.number as usize] = Brief { width: row.width as u8, often: often(row), plain: plain(row) };
        place += 1;
    }
    briefs
}

const fn often(row: &Row) -> Often {
    match row.flow {
        Flow::branches => return Often::Branch,
        Flow::jumps => return Often::Jump,
        _ => {}
    }
    let Effect::By(rule, _) = row.effect else { return Often::Other };
    match rule {
        Rule::EndArena => Often::EndArena,
        Rule::Constant => Often::Constant,
        Rule::Load => Often::Load,
        Rule::Store => Often::Store,
        Rule::Cell => Often::Cell,
        Rule::Call => Often::Call,
        Rule::Return => Often::Return,
        _ => Often::Other,
    }
}

#[allow(clippy::indexing_slicing, reason = "run by the compiler")]
const fn plain(row: &Row) -> Option<Plain> {
    let Effect::Fixed { pops, pushes } = row.effect else { return None };
    if !row.operands.is_empty() || !matches!(row.flow, Flow::next) || pops.len() > 2 || pushes.len() > 1 {
        return None;
    }
    let (mut mask, mut wanted, mut place) = (0, 0, 0);
    while place < pops.len() {
        let shift = 32 * place;
        mask |= (!LOCAL as u64) << shift;
        wanted |= (code(pops[pops.len() - 1 - place]) as u64) << shift;
        place += 1;
    }
    let left = if pushes.is_empty() { 0 } else { code(pushes[0]) };
    Some(Plain { mask, wanted, left, pops: pops.len() as u8 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instruction::Space;

    #[test]
    fn what_is_frequent_is_what_its_name_says() {
        let wanted = [
            (Often::Constant, "LOAD_CONST", Some(Space::Constants)),
            (Often::Load, "VAR_LOAD", Some(Space::Slots)),
            (Often::Store, "VAR_STORE", Some(Space::Slots)),
            (Often::Cell, "CELL_LOAD", Some(Space::Cells)),
            (Often::Call, "CALL", Some(Space::Functions)),
            (Often::Return, "RETURN", None),
            (Often::Branch, "JUMP_FALSE", Some(Space::Code)),
            (Often::Branch, "JUMP_TRUE", Some(Space::Code)),
            (Often::Jump, "JUMP", Some(Space::Code)),
            (Often::EndArena, "STACK_FREE", None),
        ];
        let often: Vec<&Row> = ROWS.iter().filter(|row| brief(row.number).often != Often::Other).collect();
        assert_eq!(often.len(), wanted.len());
        for row in often {
            let space = wanted
                .iter()
                .find(|(often, mnemonic, _)| (brief(row.number).often, row.mnemonic) == (*often, mnemonic));
            let Some((often, _, space)) = space else { panic!("{} is frequent", row.mnemonic) };
            let operands: Vec<Space> = row.operands.iter().map(|(_, kind)| kind.space).collect();
            assert_eq!(operands, space.iter().copied().collect::<Vec<_>>(), "{}", row.mnemonic);
            if *often == Often::Branch {
                assert!(matches!(row.effect, Effect::Fixed { pops: [Pattern::Bool], pushes: [] }), "{}", row.mnemonic);
            }
        }
    }
}
