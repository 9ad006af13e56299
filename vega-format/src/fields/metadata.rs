//! The section `metadata`.

use super::{Field, Walker};
use crate::container::ContentId;
use crate::text::counted;
use alloc::borrow::ToOwned;

pub(super) fn explain<E>(walker: &mut Walker<'_, E, impl FnMut(Field) -> Result<(), E>>) {
    let _ = fields(walker);
}

fn fields<E>(walker: &mut Walker<'_, E, impl FnMut(Field) -> Result<(), E>>) -> Option<()> {
    walker.bytes(ContentId::SIZE, "meaning", "id of what the file means")?;
    walker.bytes(ContentId::SIZE, "whole", "id of the whole file")?;
    walker.number(4, "entry", |entry| match entry as u32 {
        u32::MAX => "none".to_owned(),
        function => format!("function {function}"),
    })?;
    walker.number(1, "result", |result| match result {
        0 => "there is no entry",
        1 => "is printed",
        2 => "is the exit status",
        _ => "none that is known",
    })?;
    walker.number(8, "strings", |bytes| format!("{} of string constants", counted(bytes, "byte")))?;
    let count = walker.plain(4, "proofs")?;
    for proof in 0..count {
        let field = |name: &str| format!("proof {proof}: {name}");
        walker.plain(4, field("function"))?;
        walker.number(1, field("flags"), |flags| match flags {
            0 => "an arena may run out of memory",
            1 => "never out of memory",
            _ => "none that is known",
        })?;
        for name in ["arenas", "stack"] {
            walker.number(8, field(name), |bytes| match bytes {
                u64::MAX => "no bound".to_owned(),
                bytes => counted(bytes, "byte"),
            })?;
        }
    }
    walker.text("producer")?;
    let count = walker.plain(4, "sources")?;
    for source in 0..count {
        walker.text(format!("source {source}"))?;
    }
    Some(())
}
