//! Where a program starts: in `main`, in the statements outside of functions, or in the function that is tested.

use super::function::Declared;
use super::{Assignments, Checker, Expected, Known, ScopeKind, start};
use crate::ast;
use crate::checked::{self, Block, Type};
use crate::lints::is_hard_error;
use ecow::EcoString;
use vega_format::container::EntryResult;
use vega_format::entry;
use vega_format::types::{self, Signature, Tag};
use vega_report::Diagnostic;

/// The name of the function with which a program starts.
const MAIN: &str = "main";

/// Where a program starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// In the function that was declared under this number.
    Main(usize, EntryResult),
    /// In the statements outside of functions.
    Script,
}

impl Checker<'_> {
    /// Finds where the program starts.
    pub(super) fn start(&mut self, file: &ast::File) -> Option<Start> {
        if self.module.is_some() {
            self.declarations_only(file);
            return None;
        }
        let mains: Vec<usize> = self.by_name.get(MAIN).cloned().unwrap_or_default();
        if let (Some(statement), Some(main)) = (file.statements.first(), mains.first()) {
            let head = self.functions.get(*main).map(|main| main.head).unwrap_or_default();
            let (span, hint) = self.first_stray().unwrap_or_else(|| {
                (statement.span, "move it into `main`, or leave `fn main` away and write a script".to_owned())
            });
            let diagnostic = self
                .error("E0307", span, "a statement stands outside `fn main`", "this belongs to no function")
                .also(self.source, head, "`main` is declared here")
                .hint(hint);
            self.complain(diagnostic);
            return None;
        }
        if let [first, second, ..] = mains.as_slice() {
            let head = |index: usize| self.functions.get(index).map(|main| main.head).unwrap_or_default();
            let second = head(*second);
            // With the same parameters it was told, as it is of any function.
            if !self.errors.kept.iter().any(|error| error.code == "E0305" && start(error) == Some(second.start())) {
                let diagnostic = self
                    .error("E0308", second, "`main` is declared twice", "a program starts in one place")
                    .also(self.source, head(*first), "first declared here");
                self.complain(diagnostic);
            }
            return None;
        }
        if let Some(main) = mains.first() {
            self.check_main(*main);
            let is_int = self.functions.get(*main).is_some_and(|main| main.result == Some(Type::Scalar(Tag::Int)));
            return Some(Start::Main(*main, if is_int { EntryResult::Status } else { EntryResult::Print }));
        }
        if let (true, Some(first)) = (file.statements.is_empty(), file.functions.first()) {
            if self.errors.kept.iter().any(is_hard_error) {
                return None;
            }
            let diagnostic = Diagnostic::error("E0309", "the program has no `main`")
                .label(self.source, first.head, "there are functions, and nothing calls them")
                .hint(match first.public {
                    true => "add `fn main() { … }`; or compile a module, `vegac -c`, of which `vega-ld --library` makes what a host calls",
                    false => "add `fn main() { … }`, or statements outside of functions",
                });
            self.complain(diagnostic);
            return None;
        }
        if file.statements.is_empty() {
            self.warn_empty();
        }
        Some(Start::Script)
    }

    /// `main` takes what a command line can give, and its result can be printed.
    fn check_main(&mut self, main: usize) {
        let Some(main) = self.functions.get(main) else { return };
        let head = main.head;
        if let Some((name, type_, hint)) = self.strange_parameter(main) {
            let title = format!("parameter `{name}` of `main` is `{type_}`");
            let diagnostic = self.error("E0310", head, title, "its arguments come from the command line").hint(hint);
            self.complain(diagnostic);
        } else if let Some(result @ Type::Stencil(_)) = main.result {
            let title = format!("the result of `main` is `{}`", self.show(result));
            let diagnostic = self
                .error("E0310", head, title, "its result goes to the command line")
                .hint("give a scalar or a string, or print it");
            self.complain(diagnostic);
        }
    }

    /// A parameter of `main` that no words can be read as: its name and type, and what to do.
    fn strange_parameter(&self, main: &Declared) -> Option<(EcoString, types::Type, &'static str)> {
        let known = main.parameters.iter().filter_map(|(name, type_)| Some((name, self.signature_type(*type_)?)));
        let (names, types): (Vec<_>, Vec<_>) = known.unzip();
        let place = entry::strange(&types)?;
        let type_ = types.get(place)?;
        let hint = match entry::rest(core::slice::from_ref(type_)) {
            Some(_) => "put it last: there a view takes all words that are left",
            None => {
                "take scalars and strings, and at the end a view of scalars or of bounded text, such as `[]string<256>`"
            }
        };
        Some(((*names.get(place)?).clone(), type_.clone(), hint))
    }

    pub(super) fn script(&mut self, file: &ast::File) -> checked::Function {
        self.scopes.begin_function();
        self.known = Known::default();
        self.assignments = Assignments::default();
        self.scopes.open(ScopeKind::Function);
        self.begin_outside();
        self.result = Expected::Anything;
        let span = file.statements.first().map(|first| first.span.before()).unwrap_or_default();
        let end = file.statements.last().map(|last| last.span.after()).unwrap_or_default();
        let body = self.statements(&file.statements, end, Expected::Anything);
        self.warn_unread();
        self.complain_of_outside(&body, |checker| checker.lines_of_script(file));
        let result = body.value.as_ref().and_then(|value| self.signature_type(value.type_));
        checked::Function {
            signature: self.linked(&Signature { name: MAIN.to_owned(), parameters: Vec::new(), result }),
            exported: false,
            limit: None,
            parameters: Vec::new(),
            slots: std::mem::take(&mut self.scopes.slots),
            body: Block { exits: Vec::new(), ..body },
            span,
        }
    }

    /// A signature under the name that a function has in the module: one to start with instead of `main` is called so, and
    /// `main` is then called otherwise.
    pub(super) fn linked(&self, signature: &Signature) -> Signature {
        let name = match self.test {
            Some(test) if signature.name == test && signature.parameters.is_empty() => MAIN.to_owned(),
            Some(_) if signature.name == MAIN => crate::MAIN_OF_TESTS.to_owned(),
            _ => return signature.clone(),
        };
        Signature { name, ..signature.clone() }
    }

    /// The function to start with instead of `main`.
    pub(super) fn test(&self, callees: &[String]) -> Option<(String, EntryResult)> {
        let is_test = |function: &Declared| {
            Some(function.signature.name.as_str()) == self.test && function.signature.parameters.is_empty()
        };
        let test = self.functions.iter().position(is_test)?;
        Some((callees.get(test)?.clone(), EntryResult::Print))
    }
}
