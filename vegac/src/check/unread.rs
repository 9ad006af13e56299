//! Declarations of which no more than the name could be read: the name is known, and nothing is said of what it stands for.

use super::convert::failed;
use super::{Checker, Struct};
use crate::ast::{Declares, Unread};

impl Checker<'_> {
    /// Makes them known, with types that fit everywhere.
    pub(super) fn declare_unread(&mut self, unread: &[Unread]) {
        for Unread { what, name, .. } in unread {
            match what {
                Declares::Function => _ = self.unread_functions.insert(name.text.clone()),
                Declares::Struct => {
                    self.structs.insert(name.text.clone(), Struct { type_ref: None, span: name.span });
                }
                Declares::Constant => {
                    self.scopes.declare_standing(&name.text, failed(name.span), "constant", name.span)
                }
            }
        }
    }
}
