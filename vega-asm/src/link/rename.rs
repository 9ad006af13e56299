//! Functions that are called by other names than their own: `--wrap` and `--defsym`, with the meaning that they have in
//! other linkers.

use super::symbols::path;
use crate::meant::is_meant;
use std::borrow::Cow;

/// What calls of other objects' functions call instead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renames {
    /// Each of these is called as `__wrap_…`, and what is called as `__real_…` is it.
    pub wrapped: Vec<String>,
    /// A name, and the function that it is, too.
    pub aliases: Vec<(String, String)>,
}

/// What stands before the name of a function that is called in place of another.
pub(super) const WRAP: &str = "__wrap_";
/// What stands before the name by which the other can still be called.
pub(super) const REAL: &str = "__real_";

impl Renames {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.wrapped.is_empty() && self.aliases.is_empty()
    }

    /// The mangled name that is called where this one is written.
    ///
    /// # Errors
    /// `--defsym` lets it be this function, which does not take and give what the call does.
    pub(super) fn called<'n>(&self, mangled: &'n str) -> Result<Cow<'n, str>, &str> {
        let mut name = self.unwrapped(mangled);
        // A name may stand for one that stands for another; none is followed twice.
        for _ in 0..self.aliases.len() {
            let Some((_, target)) = self.aliases.iter().find(|(alias, _)| is_meant(alias, &name)) else { break };
            // What it takes and gives stays, so a call is right or finds nothing.
            let types = name.get(path(&name).len()..).unwrap_or_default();
            let called = format!("{}{types}", path(target));
            if !is_meant(target, &called) {
                return Err(target);
            }
            name = Cow::Owned(called);
        }
        Ok(name)
    }

    /// What a name of an option stands for in the end.
    pub(super) fn meant<'n>(&'n self, name: &'n str) -> &'n str {
        let mut meant = name;
        for _ in 0..self.aliases.len() {
            let Some((_, target)) = self.aliases.iter().find(|(alias, _)| alias == meant) else { break };
            meant = target;
        }
        meant
    }

    /// The same but for `--defsym`.
    pub(super) fn unwrapped<'n>(&self, mangled: &'n str) -> Cow<'n, str> {
        let is_wrapped = |mangled: &str| self.wrapped.iter().any(|name| is_meant(name, mangled));
        match mangled.strip_prefix(REAL).filter(|real| is_wrapped(real)) {
            Some(real) => Cow::Borrowed(real),
            None if is_wrapped(mangled) => Cow::Owned(format!("{WRAP}{mangled}")),
            None => Cow::Borrowed(mangled),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exchanged_as_other_linkers_do() {
        let renames = Renames {
            wrapped: vec!["m.f".to_owned(), "g()V".to_owned()],
            aliases: [
                ("old", "m.new"),
                ("m.f", "n.f"),
                ("one(I)", "two(int) -> int"),
                ("few", "many(I)I"),
                ("first", "second"),
                ("second", "third"),
                ("a", "b"),
                ("b", "a"),
            ]
            .map(|(name, other)| (name.to_owned(), other.to_owned()))
            .to_vec(),
        };
        let cases = [
            ("m.f(I)V", "__wrap_m.f(I)V"),
            ("__real_m.f(I)V", "n.f(I)V"),
            ("__real_other()V", "__real_other()V"),
            ("g()V", "__wrap_g()V"),
            ("g(I)V", "g(I)V"),
            ("old(sI)d", "m.new(sI)d"),
            ("older()V", "older()V"),
            ("one(I)I", "two(I)I"),
            ("one(s)I", "one(s)I"),
            ("few(I)I", "many(I)I"),
            ("first(I)I", "third(I)I"),
            ("a()V", "a()V"),
        ];
        for (written, called) in cases {
            assert_eq!(renames.called(written).as_deref(), Ok(called), "{written}");
        }
        assert_eq!(renames.called("one(I)V"), Err("two(int) -> int"));
        assert_eq!(renames.called("few(s)I"), Err("many(I)I"));
    }
}
