//! Printing, granted for all types at once: each value comes as the text that is printed of it.

use super::imports::{Caller, Cells, Granted, Imports, Text};
use crate::native::{HostError, is_printed, utf8};
use alloc::string::String;
use alloc::string::ToString;
use alloc::sync::Arc;
use vega_format::mangle::parse;
use vega_format::text;
use vega_format::types::{Tag, Type};

impl<T> Imports<T> {
    /// Grants `print`, that is `io.put` of every type: the closure is handed each value as text, and the blank between two of
    /// them. Their bytes cost steps and are held to [`Limits::output`](crate::Limits::output) before it is called. A string that is no
    /// UTF-8 traps (T015), as on the console. What is granted as `io.put` by [`Imports::func`] goes before.
    pub fn print(
        &mut self,
        print: impl Fn(&mut Caller<'_, '_, T>, &str) -> Result<(), HostError> + Send + Sync + 'static,
    ) {
        self.printers.insert("io.put", printer(print));
    }

    /// The same for `eprint`, that is `io.put_error`.
    pub fn print_error(
        &mut self,
        print: impl Fn(&mut Caller<'_, '_, T>, &str) -> Result<(), HostError> + Send + Sync + 'static,
    ) {
        self.printers.insert("io.put_error", printer(print));
    }

    /// The function of this mangled name, if it is one that prints.
    pub(super) fn printing(&self, mangled: &str) -> Option<Granted<T>> {
        let signature = parse(mangled).ok()?;
        let run = Arc::clone(self.printers.get(&*signature.name)?);
        let words = signature.to_string();
        match (signature.parameters.into_iter().next(), signature.result) {
            (Some(type_), None) if is_printed(&type_) => {
                Some(Granted { run, bytes: 0, steps: 0, words, printed: Some(type_) })
            }
            _ => None,
        }
    }
}

fn printer<T>(
    print: impl Fn(&mut Caller<'_, '_, T>, &str) -> Result<(), HostError> + Send + Sync + 'static,
) -> super::imports::Run<T> {
    Arc::new(move |caller, cells| {
        let shown = shown(caller, cells)?;
        caller.output(shown.len())?;
        print(caller, &shown).map(|()| None)
    })
}

/// # Errors
/// A string is no UTF-8.
fn shown<T>(caller: &Caller<'_, '_, T>, cells: &Cells<'_>) -> Result<String, HostError> {
    let tag = match cells.printed {
        Some(Type::Scalar(tag)) => Some(*tag),
        Some(Type::Union(_)) => u8::try_from(cells.get(1)).ok().and_then(Tag::from_number),
        _ => None,
    };
    let mut shown = String::new();
    match tag {
        Some(tag) => text::write_value(tag, cells.get(0), &mut shown),
        None => shown.push_str(utf8(caller.text_bytes(Text::of(cells.get(0))), 0)?),
    }
    Ok(shown)
}
