//! Functions that are called by other names than their own: `--wrap` and `--defsym`, with the meaning that they have in
//! other linkers.

use super::symbols::path;
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
const REAL: &str = "__real_";

impl Renames {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.wrapped.is_empty() && self.aliases.is_empty()
    }

    /// The mangled name that is called where this one is written.
    pub(super) fn called<'n>(&self, mangled: &'n str) -> Cow<'n, str> {
        if self.is_empty() {
            return Cow::Borrowed(mangled);
        }
        let names = |name: &str, mangled: &str| name == mangled || name == path(mangled);
        let is_wrapped = |mangled: &str| self.wrapped.iter().any(|name| names(name, mangled));
        let name = match mangled.strip_prefix(REAL).filter(|real| is_wrapped(real)) {
            Some(real) => Cow::Borrowed(real),
            None if is_wrapped(mangled) => Cow::Owned(format!("{WRAP}{mangled}")),
            None => Cow::Borrowed(mangled),
        };
        match self.aliases.iter().find(|(alias, _)| names(alias, &name)) {
            // What it takes and gives stays, so a call is right or finds nothing.
            Some((_, target)) => {
                let types = name.get(path(&name).len()..).unwrap_or_default();
                Cow::Owned(format!("{}{types}", path(target)))
            }
            None => name,
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
            aliases: vec![("old".to_owned(), "m.new".to_owned()), ("m.f".to_owned(), "n.f".to_owned())],
        };
        let cases = [
            ("m.f(I)V", "__wrap_m.f(I)V"),
            ("__real_m.f(I)V", "n.f(I)V"),
            ("__real_other()V", "__real_other()V"),
            ("g()V", "__wrap_g()V"),
            ("g(I)V", "g(I)V"),
            ("old(sI)d", "m.new(sI)d"),
            ("older()V", "older()V"),
        ];
        for (written, called) in cases {
            assert_eq!(renames.called(written), called, "{written}");
        }
        assert_eq!(Renames::default().called("m.f(I)V"), "m.f(I)V");
    }
}
