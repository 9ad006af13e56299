//! What comes from elsewhere: functions, structs and constants of imported modules, and functions that the host grants.

use super::constant::from_elsewhere;
use super::convert::failed;
use super::function::{Callee, Declared};
use super::scope::Meaning;
use super::{Checker, Struct, builtin, faults_in};
use crate::ast::{self, Name, Span};
use crate::checked::{Expression, Type};
use crate::foreign;
use crate::interface::{ConstantShape, FunctionShape, Interface, StructShape};
use crate::library;
use ecow::EcoString;
use foldhash::{HashMap, HashSet};
use vega_format::container::ImportKind;
use vega_format::mangle;
use vega_format::stencil::{Field, Stencil, TypeRef};
use vega_format::types::{self, Signature};
use vega_report::Diagnostic;

/// A module that is imported, for those who look for something in it.
#[derive(Debug)]
pub(super) struct Module {
    /// Where it is imported.
    span: Span,
    /// What it has and does not offer.
    private: HashMap<EcoString, Private>,
    /// Whether something of it was named.
    used: bool,
    /// Whether all is known that it offers; if not, nothing is said of what it does not have.
    complete: bool,
}

/// What a module does not offer.
#[derive(Debug)]
struct Private {
    /// What would stand behind `pub`.
    keyword: &'static str,
    /// Where it is: `geometry.vg:12`; empty if that is not known.
    place: String,
}

impl Checker<'_> {
    /// Makes known what structs and constants the imported modules offer.
    pub(super) fn import(&mut self, imports: &[ast::Import], interfaces: &[Interface], faults: &[usize]) {
        for import in imports {
            if let Some(other) = self.modules.get(&import.module.text) {
                // `import std.math` beside `import math` was told already.
                let is_same = |one: &&ast::Import| one.module.text == import.module.text;
                let is_faulty = imports.iter().filter(is_same).any(|one| faults_in(faults, one.span) > 0);
                if import.promise.is_some() || is_faulty {
                    continue;
                }
                let title = format!("module `{}` is imported twice", import.module.text);
                let diagnostic = self.error("E0605", import.span, title, "imported again here");
                let other = other.span;
                self.complain(diagnostic.also(self.source, other, "first imported here").hint("leave this line away"));
                continue;
            }
            let Some(interface) = interfaces.iter().find(|interface| interface.module == import.module.text) else {
                continue;
            };
            // Where nothing was found, a slip was told of: what is meant is not missed again.
            if !interface.complete && interface.functions.is_empty() {
                let meant = vega_report::near(&import.module.text, library::MODULES.iter().map(|module| module.name));
                self.unimported.extend(meant.map(EcoString::from));
            }
            let module = Module {
                span: import.module.span,
                private: HashMap::default(),
                used: false,
                complete: interface.complete,
            };
            self.modules.insert(EcoString::from(&interface.module), module);
            for shape in &interface.structs {
                self.import_struct(shape, interface, import.module.span);
            }
            for shape in &interface.constants {
                self.import_constant(shape, interface, import.module.span);
            }
        }
    }

    /// Makes known what functions the imported modules offer.
    pub(super) fn import_functions(&mut self, imports: &[ast::Import], interfaces: &[Interface]) {
        for interface in interfaces {
            let import = imports.iter().find(|import| import.module.text == interface.module);
            let span = import.map(|import| import.module.span).unwrap_or_default();
            for shape in &interface.functions {
                self.import_function(shape, interface, span);
            }
        }
    }

    /// What importers may know of this module, in which something is wrong: what could be understood.
    pub(super) fn offered(
        &self,
        module: &str,
        file: &ast::File,
        (structs, constants): (&[StructShape], &[ConstantShape]),
    ) -> Interface {
        let is_known = |declared: &&Declared| {
            let mut types = declared.parameters.iter().map(|(_, type_)| *type_).chain(declared.result);
            types.all(|type_| type_ != Type::Error)
        };
        let shape = |(declared, function): (&Declared, &ast::Function)| FunctionShape {
            signature: declared.signature.clone(),
            parameters: declared.parameters.iter().map(|(name, _)| name.clone()).collect(),
            public: function.public,
            place: String::new(),
        };
        let declared = self.functions.iter().zip(&file.functions);
        let unknown: HashSet<&str> = declared
            .clone()
            .filter(|(declared, _)| !is_known(declared))
            .map(|(declared, _)| declared.signature.name.as_str())
            .collect();
        let known = declared.filter(|(declared, _)| !unknown.contains(&declared.signature.name.as_str()));
        let functions = known.map(shape).collect();
        let shapes: HashSet<&str> = structs.iter().map(|shape| shape.name.as_str()).collect();
        let has_struct = |one: &ast::Struct| shapes.contains(self.absolute_name(&one.name.text).as_str());
        let complete =
            unknown.is_empty() && file.structs.iter().all(has_struct) && constants.len() == file.constants.len();
        let (structs, constants) = (structs.to_vec(), constants.to_vec());
        Interface { module: module.to_owned(), source: String::new(), functions, structs, constants, complete }
    }

    /// Complains of what an imported file cannot have: statements outside functions, and a `main`.
    pub(super) fn declarations_only(&mut self, file: &ast::File) {
        let module = self.module.unwrap_or_default();
        if let Some(statement) = file.statements.first() {
            let title = format!("a statement stands outside functions, and module `{module}` is imported");
            let diagnostic = self.error("E0602", statement.span, title, "nobody would run this");
            self.complain(diagnostic.hint("an imported file has declarations only; move it into a function"));
        }
        if let Some(main) = file.functions.iter().find(|function| function.name.text == "main") {
            let title = format!("`main` is declared, and module `{module}` is imported");
            let diagnostic = self.error("E0603", main.head, title, "the program starts elsewhere");
            self.complain(diagnostic.hint("give it another name, or move it into a file that imports this one"));
        }
    }

    /// Remembers that something of a module was named.
    pub(super) fn count_use(&mut self, name: &str) {
        let module = name.rsplit_once('.').and_then(|(prefix, _)| self.modules.get_mut(prefix));
        module.into_iter().for_each(|module| module.used = true);
    }

    /// Modules of which nothing was named.
    pub(super) fn warn_unused_imports(&mut self, imports: &[ast::Import]) {
        for import in imports.iter().filter(|import| import.promise.is_none()) {
            let name = &import.module.text;
            if self.modules.get(name).is_none_or(|module| module.used) {
                continue;
            }
            let title = format!("module `{name}` is imported and not used");
            let diagnostic = Diagnostic::warning("W0010", title).label(self.source, import.span, "nothing of it");
            let ends_line = self.text.get(import.span.end()..).is_some_and(|rest| rest.starts_with('\n'));
            let line = import.span.start()..import.span.end() + usize::from(ends_line);
            self.complain(diagnostic.hint("leave this line away").edit(self.source, line, String::new()));
        }
    }

    /// `geometry.x`, where `geometry` is a module and no variable.
    pub(super) fn member(&mut self, whole: &ast::Expression, member: &Name, span: Span) -> Option<Expression> {
        let ast::ExpressionKind::Name(module) = &whole.kind else { return None };
        if !self.modules.contains_key(module) || self.scopes.find(module).is_some() {
            return None;
        }
        let name = Name { text: format!("{module}.{}", member.text).into(), span };
        self.count_use(&name.text);
        if let Some(Ok(Meaning::Stands { expression, .. })) = self.scopes.find(&name.text) {
            return Some(Expression { span, ..(**expression).clone() });
        }
        let hint = match (self.by_name.contains_key(&name.text), self.structs.contains_key(&name.text)) {
            (true, _) => Some(format!("it is a function: call it as `{}(…)`", name.text)),
            (_, true) => Some(format!("it is a struct: `{} {{ … }}`", name.text)),
            _ => None,
        };
        match hint {
            Some(hint) => {
                let diagnostic = self.error("E0301", span, format!("`{}` is no value", name.text), "a value is wanted");
                self.complain(diagnostic.hint(hint));
            }
            None => _ = self.is_refused_in_module(&name, "value"),
        }
        Some(failed(span))
    }

    fn hide(&mut self, module: &str, name: &str, keyword: &'static str, place: String) {
        if let Some(module) = self.modules.get_mut(module) {
            module.private.insert(name.into(), Private { keyword, place });
        }
    }

    /// A constant of another module stands for its value, under the name that importers give it.
    fn import_constant(&mut self, shape: &ConstantShape, interface: &Interface, span: Span) {
        match () {
            () if !is_of(&shape.name, &interface.module) => {}
            () if shape.public => {
                let value = from_elsewhere(&shape.value, span);
                self.scopes.declare_standing(&shape.name, value, "constant", span);
            }
            () => self.hide(&interface.module, &shape.name, "const", interface.place(shape.line)),
        }
    }

    fn import_struct(&mut self, shape: &StructShape, interface: &Interface, span: Span) {
        let mut field = |(name, type_): &(String, types::Type)| {
            Some(Field { name: name.clone(), type_ref: self.layout_from_elsewhere(type_)? })
        };
        let fields: Option<Vec<Field>> = shape.fields.iter().map(&mut field).collect();
        let stencil = fields.map(|fields| Stencil::Struct { name: shape.name.clone(), fields });
        let Some(Ok(type_ref)) = stencil.map(|stencil| self.stencils.intern(stencil)) else {
            let title = format!("`{}` has another idea of struct `{}`", interface.module, shape.name);
            let diagnostic = self
                .error("E0609", span, title, "imported here")
                .hint("compile the modules again, so that all know the same struct");
            self.complain(diagnostic);
            return;
        };
        match () {
            () if !is_of(&shape.name, &interface.module) => {}
            () if shape.public => {
                let known = Struct { type_ref: Some(type_ref), span };
                self.structs.insert(EcoString::from(&shape.name), known);
            }
            () => self.hide(&interface.module, &shape.name, "struct", interface.place(shape.line)),
        }
    }

    fn import_function(&mut self, shape: &FunctionShape, interface: &Interface, span: Span) {
        let name = &shape.signature.name;
        if !is_of(name, &interface.module) {
            return;
        }
        if !shape.public {
            return self.hide(&interface.module, name, "fn", shape.place.clone());
        }
        let types: Option<Vec<Type>> =
            shape.signature.parameters.iter().map(|type_| self.type_from_elsewhere(type_)).collect();
        let result = shape.signature.result.as_ref().map(|type_| self.type_from_elsewhere(type_));
        let (Some(types), false) = (types, result == Some(None)) else {
            let title =
                format!("`{}` speaks of a type that module `{}` does not say", shape.signature, interface.module);
            let diagnostic = self.error("E0609", span, title, "imported here").hint("compile the module again");
            return self.complain(diagnostic);
        };
        let parameters = shape.parameters.iter().cloned().zip(types).collect();
        let (signature, head, result) = (shape.signature.clone(), span, result.flatten());
        self.add_function(
            name,
            Declared { parameters, result, signature, head, callee: Callee::Module, called: false },
        );
    }

    /// A type of another module; its structs are known already. Types that were read nest at most 64 levels.
    fn type_from_elsewhere(&mut self, type_: &types::Type) -> Option<Type> {
        Some(match type_ {
            types::Type::Scalar(tag) => Type::Scalar(*tag),
            types::Type::String => Type::String,
            types::Type::Union(mask) => Type::Union(*mask),
            types::Type::View(element) => Type::View(self.layout_from_elsewhere(element)?),
            other => Type::Stencil(self.layout_from_elsewhere(other)?),
        })
    }

    fn layout_from_elsewhere(&mut self, type_: &types::Type) -> Option<TypeRef> {
        let stencil = match type_ {
            types::Type::Array(element, count) => Stencil::Array(self.layout_from_elsewhere(element)?, *count),
            types::Type::Tuple(parts) => {
                Stencil::Tuple(parts.iter().map(|part| self.layout_from_elsewhere(part)).collect::<Option<_>>()?)
            }
            types::Type::Text(bytes) => Stencil::Text(*bytes),
            other => return self.stencils.find(other),
        };
        self.stencils.intern(stencil).ok()
    }

    /// Remembers what a function of another module must not outgrow.
    pub(super) fn promise(&mut self, import: &ast::Import) {
        let Some(promise) = &import.promise else { return };
        let module = &import.module.text;
        if self.modules.get(module).is_none_or(|module| !module.complete) {
            return;
        }
        let name = Name { text: format!("{module}.{}", promise.function.text).into(), span: promise.function.span };
        self.count_use(&name.text);
        let types = promise.parameters.iter().map(|type_name| {
            let type_ = self.parameter_type(&self.in_module(module, type_name));
            self.signature_type(type_)
        });
        let types: Option<Vec<types::Type>> = types.collect();
        let bytes = self.constant_size(&promise.bytes, "the promise");
        let (Some(types), Some(bytes)) = (types, bytes) else { return };
        let overloads: Vec<&Declared> =
            self.by_name.get(&name.text).into_iter().flatten().filter_map(|place| self.functions.get(*place)).collect();
        match overloads.iter().find(|declared| declared.signature.parameters == types) {
            Some(found) => {
                let mangled = mangle::mangle(&found.signature);
                self.bounds.push((ImportKind::Module, mangled, bytes.into()));
            }
            None if overloads.is_empty() => _ = self.is_refused_in_module(&name, "function"),
            None => {
                let there: Vec<String> = overloads.iter().map(|one| format!("`{}`", one.signature)).collect();
                let wanted = Signature { name: name.text.to_string(), parameters: types, result: None };
                let title = format!("module `{module}` has no function `{wanted}`");
                let diagnostic = self.error("E0607", name.span, title, "not with these parameters");
                self.complain(diagnostic.note(format!("there is {}", there.join(", "))));
            }
        }
    }

    /// A type as it is spelled in a module: what has no module before it may be a struct of that one.
    fn in_module(&self, module: &str, type_name: &ast::TypeName) -> ast::TypeName {
        let inside = |type_name: &ast::TypeName| Box::new(self.in_module(module, type_name));
        let kind = match &type_name.kind {
            ast::TypeKind::Named(name) if self.structs.contains_key(format!("{module}.{name}").as_str()) => {
                ast::TypeKind::Named(format!("{module}.{name}").into())
            }
            ast::TypeKind::View(element) => ast::TypeKind::View(inside(element)),
            other => other.clone(),
        };
        ast::TypeName { kind, ..type_name.clone() }
    }

    /// Makes known what the host grants.
    pub(super) fn declare_extern(&mut self, function: &ast::Extern) {
        let name = &function.name.text;
        if builtin::is_builtin(name) {
            let title = format!("a function is named `{name}`");
            let diagnostic = self.error("E0312", function.name.span, title, "the language has a function of this name");
            return self.complain(diagnostic.hint("give it another name"));
        }
        let mut parameters = Vec::new();
        for (name, type_name) in &function.parameters {
            let type_ = self.parameter_type(type_name);
            let fits = !matches!(type_, Type::Stencil(_));
            parameters.push((name.text.clone(), self.host_type(type_, fits, type_name.span)));
        }
        let result = function.result.as_ref().map(|type_name| {
            let type_ = self.result_type(type_name);
            let fits = !matches!(type_, Type::Stencil(_) | Type::String);
            self.host_type(type_, fits, type_name.span)
        });
        let signature = Signature {
            name: name.to_string(),
            parameters: parameters.iter().filter_map(|(_, type_)| self.signature_type(*type_)).collect(),
            result: result.and_then(|type_| self.signature_type(type_)),
        };
        let cost = function.cost.as_ref().and_then(|cost| self.positive(cost, "the cost of a function"));
        if let Some(bytes) = cost {
            self.bounds.push((ImportKind::Host, mangle::mangle(&signature), bytes.into()));
        }
        let head = function.span;
        self.add_function(name, Declared { parameters, result, signature, head, callee: Callee::Host, called: false });
    }

    /// A type of a function of the host, if it fits there.
    fn host_type(&mut self, type_: Type, fits: bool, span: Span) -> Type {
        if fits {
            return type_;
        }
        let title = format!("a function of the host takes or gives `{}`", self.show(type_));
        let diagnostic = self.error("E0612", span, title, "not between program and host");
        self.complain(diagnostic.hint(match type_ {
            Type::Stencil(_) => {
                "hand over its parts one by one: it takes scalars, strings and views, and gives scalars"
            }
            _ => "it takes scalars, strings and views, and gives scalars",
        }));
        Type::Error
    }

    /// Complains of a name with a module before it, if that is what is wrong with it: the module is not imported, or
    /// has no such thing, or does not offer it.
    pub(super) fn is_refused_in_module(&mut self, name: &Name, what: &str) -> bool {
        let Some((prefix, last)) = name.text.rsplit_once('.') else { return false };
        let first = prefix.split('.').next().unwrap_or_default();
        if self.scopes.find(first).is_some() {
            return false;
        }
        let Some(module) = self.modules.get(prefix) else {
            if prefix.contains('.') || builtin::names().any(|known| known.starts_with(&format!("{prefix}."))) {
                return false;
            }
            let title = format!("module `{prefix}` is not imported");
            let diagnostic = self.error("E0608", name.span, title, "not known here");
            if let Some(hint) = of_the_language(last) {
                self.complain(diagnostic.hint(hint));
                return true;
            }
            if let Some(hint) = foreign::function_of(prefix, last) {
                self.complain(diagnostic.hint(hint));
                return true;
            }
            // Once says it for all that it is to have.
            if self.may_be_declared(prefix, name.span) || !self.unimported.insert(prefix.into()) {
                return true;
            }
            let names = library::MODULES.iter().map(|module| module.name);
            self.complain(match vega_report::near(prefix, names) {
                Some(module) if module == prefix => {
                    diagnostic.hint(format!("add `import {prefix}` at the top of the file"))
                }
                Some(module) => {
                    diagnostic.hint(format!("did you mean `{module}`? add `import {module}` at the top of the file"))
                }
                None => diagnostic
                    .note(library::in_words())
                    .hint(format!("where there is a `{prefix}.vg`, add `import {prefix}` at the top of the file")),
            });
            return true;
        };
        let imported = module.span;
        if let Some(Private { keyword, place }) = module.private.get(&name.text) {
            let title = format!("{what} `{}` is private to its module", name.text);
            let of_library = library::find(prefix).is_some_and(|module| place.starts_with(&module.file()));
            let words = if place.is_empty() { format!("module `{prefix}`") } else { format!("`{place}`") };
            let diagnostic = self
                .error("E0606", name.span, title, "not offered to importers")
                .also(self.source, imported, "imported here")
                .note(format!("it is declared in {words}, without `pub`"));
            self.complain(match of_library {
                // Nobody can make it public.
                true => self.meant_of_module(diagnostic, name, prefix),
                false if *keyword == "fn" && what == "value" => diagnostic
                    .hint(format!("it is a function: write `pub fn {last}` there, and call it as `{}(…)`", name.text)),
                false => diagnostic.hint(format!("write `pub {keyword} {last}` there")),
            });
            return true;
        }
        if !module.complete {
            return true;
        }
        let title = format!("module `{prefix}` has no {what} `{last}`");
        let diagnostic =
            self.error("E0607", name.span, title, "no such name in it").also(self.source, imported, "imported here");
        let diagnostic = match of_the_language(last) {
            Some(hint) => diagnostic.hint(hint),
            None if matches!(self.scopes.find(&name.text), Some(Ok(_))) => {
                diagnostic.hint(format!("it is a constant: write `{}`", name.text))
            }
            None if let Some(form) = self.struct_form(&name.text) => {
                diagnostic.hint(format!("it is a struct: `{form}`"))
            }
            None => self.meant_of_module(diagnostic, name, prefix),
        };
        self.complain(diagnostic);
        true
    }

    /// With the name that is meant, if the module offers one like it.
    fn meant_of_module(&self, diagnostic: Diagnostic, name: &Name, module: &str) -> Diagnostic {
        if self.errors.is_full() {
            return diagnostic;
        }
        let known = self.by_name.keys().chain(self.structs.keys()).map(EcoString::as_str).chain(self.scopes.names());
        let offered: Vec<&str> =
            known.filter(|known| is_of(known, module)).filter_map(|known| known.rsplit('.').next()).collect();
        // The part behind the last dot.
        let written = self.text.get(name.span.range()).unwrap_or_default();
        let dot = written.rfind('.').map_or(0, |dot| dot + 1);
        let span = Span::from(name.span.start() + dot..name.span.end());
        let last = name.text.rsplit('.').next().unwrap_or_default();
        let is_called = self.text.get(name.span.end()..).is_some_and(|behind| behind.starts_with('('));
        self.meant(diagnostic, span, last, offered, |diagnostic| match foreign::function(last) {
            _ if !is_called => {
                diagnostic.note("a module offers functions, structs and constants; its variables stay its own")
            }
            // The module is at hand.
            Some(hint) => diagnostic.hint(hint.split(", with `import").next().unwrap_or_default()),
            None => diagnostic,
        })
    }
}

/// What to write for a function that is looked for in a module and belongs to the language.
fn of_the_language(name: &str) -> Option<String> {
    builtin::is_builtin(name).then(|| format!("`{name}` belongs to the language and needs no module: `{name}(…)`"))
}

/// Whether an absolute name is one of this module.
fn is_of(name: &str, module: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(prefix, _)| prefix == module)
}
