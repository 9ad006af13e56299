//! What to write where the verifier refuses an instruction: the next edit, by the rule that is broken.

use vega_format::error::{Rule, VerifyError};
use vega_format::instruction::{Effect, Pattern, Space, row_by_mnemonic};
use vega_format::types::Tag;

/// `None` where the words of the refusal say it already.
pub(crate) fn remedy(error: &VerifyError) -> Option<String> {
    let words = match error.rule {
        Rule::NoFallOff => "a function ends with `RETURN`, or jumps back",
        Rule::Target => "a jump goes to an instruction: behind a label at the end stands a `RETURN`",
        Rule::Index => return names_slot(error).then(|| SLOT.to_owned()),
        Rule::SlotKind => return of_slot(error).map(str::to_owned),
        Rule::Field => "a part can be named instead of its place: `offset=corners.1.x`",
        Rule::EmptyMask => "a mask has a 1 for each type: `00000010` is int, `00100010` int or bool",
        Rule::Underflow => "push it before: `LOAD_CONST index=int:1` a value, `VAR_LOAD slot=0` what a variable holds",
        Rule::OperandType => return of_types(error),
        Rule::StackJoin => "leave the same cells on every path: `STACK_POP` takes one away",
        Rule::StackLimit => "leave out `.stack`, and it is measured",
        Rule::ViewLife => "use the view up before that, or take it away with `STACK_POP`",
        Rule::Passable => "return its parts, or write into a view that the caller lends",
        Rule::OpenArena if error.mnemonic == "STACK_FREE" => {
            "it ends what a `STACK_ALLOC` before it opened: take one of them out"
        }
        Rule::OpenArena if error.mnemonic.starts_with("STACK_ALLOC") => return None,
        Rule::OpenArena => "open one before it: `STACK_ALLOC capacity=64`, and end that with `STACK_FREE`",
        Rule::ArenaJoin => "end with `STACK_FREE` on every path what it opened, before the paths meet",
        Rule::ArenaLeft => "end it before: `STACK_FREE`",
        Rule::PoolPlace => "make its places as wide: `place=` of the `STACK_ALLOC_POOL`",
        _ => return None,
    };
    Some(words.to_owned())
}

const SLOT: &str = "slots are declared before the instructions: `.slot x = 0 variable 00000010`, for an int";

/// Whether an instruction names a slot that is not there.
fn names_slot(error: &VerifyError) -> bool {
    let row = row_by_mnemonic(error.mnemonic);
    row.is_some_and(|row| row.operands.iter().any(|(_, kind)| kind.space == Space::Slots))
}

/// What is done with a slot of the kind that was found, or how the one that is wanted is declared.
fn of_slot(error: &VerifyError) -> Option<&'static str> {
    let is = |kind: &str| error.words.starts_with(&format!("the slot is {kind}"));
    let reserves = error.mnemonic.ends_with("_ALLOC") || error.mnemonic == "VAR_PTR";
    Some(match error.mnemonic {
        "VAR_ALLOC" if is("a variable") => "the mask is that of the `.slot`",
        "VAR_PTR" if is("an alias") => "the tag is that of the `.slot`",
        "STENCIL_ALLOC" if is("`") => "the size is that of the type, which `size=` has to say",
        _ if reserves && is("a variable") => "`VAR_ALLOC` reserves a variable",
        _ if reserves && is("an alias") => "`VAR_PTR` makes an alias",
        _ if reserves => "`STENCIL_ALLOC` reserves a struct, tuple, array or text",
        text if text.starts_with("TEXT_") => "a text is declared by its most bytes: `.slot x = 0 stencil string<16>`",
        _ if is("`") => "`FIELD_LOAD` reads a part of a struct or tuple, `ELEM_LOAD` an element of an array",
        _ => "`VAR_LOAD` reads a variable or through an alias, and `VAR_STORE` writes it",
    })
}

/// The same instruction for the types that are there, or what makes of a cell what is wanted.
fn of_types(error: &VerifyError) -> Option<String> {
    let row = row_by_mnemonic(error.mnemonic)?;
    let Effect::Fixed { pops, .. } = row.effect else { return None };
    let cells = || error.stack.cells.iter().rev().map(|cell| cell.type_.as_str());
    let name = |wanted: &Pattern| wanted.tag().map_or("string", Tag::name);
    let differs = |(_, (wanted, found)): &(usize, (&Pattern, &str))| name(wanted) != *found;
    let (depth, (wanted, found)) = pops.iter().rev().zip(cells()).enumerate().find(differs)?;
    if let Some(tag) = wanted.tag().filter(|_| found.starts_with("tag of ")) {
        return Some(format!("`UNION_AS mask={}` takes out of a union what it holds", tag.mask().binary()));
    }
    let is_alike = cells().take(pops.len()).all(|cell| cell == found) && pops.iter().all(|pop| pop == wanted);
    let upper = found.to_uppercase();
    let stem = row.mnemonic.rsplit_once('_').map_or(row.mnemonic, |(stem, _)| stem);
    if let Some(row) = row_by_mnemonic(&format!("{stem}_{upper}")).filter(|_| is_alike) {
        return Some(format!("`{}` takes `{found}`", row.mnemonic));
    }
    if found == Tag::Bool.name() && wanted.tag().is_some() {
        return Some("a bool is no number: `JUMP_TRUE` and `JUMP_FALSE` choose by it".to_owned());
    }
    if let Some(row) = row_by_mnemonic(&format!("{upper}_TO_{}", name(wanted).to_uppercase())) {
        let place = if depth > 0 { ", where it is pushed" } else { "" };
        return Some(format!("`{}` makes `{}` of it{place}", row.mnemonic, name(wanted)));
    }
    let compared = row_by_mnemonic(&format!("NE_{upper}")).filter(|_| *wanted == Pattern::Bool)?;
    Some(format!("a comparison makes a bool: `{}` with `LOAD_CONST index={found}:0` before it", compared.mnemonic))
}
