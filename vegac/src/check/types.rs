//! Type names → types, and types in words.

use super::function::Declared;
use super::{Checker, Struct, builtin};
use crate::ast::{self, Span, TypeKind, TypeName};
use crate::checked::Type;
use crate::foreign;
use ecow::EcoString;
use foldhash::HashMap;
use vega_format::stencil::{Field, Stencil, StencilError, StencilTable, TypeRef};
use vega_format::types::{self, Mask, Tag};

/// Why a string or a view is no part of anything.
const BORROWED: &str = "it has no bytes of its own";

impl<'a> Checker<'a> {
    /// A type as people spell it.
    pub(super) fn show(&self, type_: Type) -> String {
        match type_ {
            Type::Scalar(tag) => tag.name().to_owned(),
            Type::Union(mask) => mask.to_string(),
            Type::String => "string".to_owned(),
            Type::View(element) => format!("[]{}", self.show_reference(element)),
            Type::Stencil(type_ref) => self.show_reference(type_ref),
            Type::AnyInteger => "int".to_owned(),
            Type::AnyDecimal => "decimal".to_owned(),
            Type::Nothing => "nothing".to_owned(),
            Type::Never => "never".to_owned(),
            Type::Error => "?".to_owned(),
        }
    }

    fn show_reference(&self, type_ref: TypeRef) -> String {
        self.stencils.type_of(type_ref).map(|type_| self.named_here(type_).to_string()).unwrap_or_default()
    }

    /// A type with the structs of the file as the file names them, without its own module.
    fn named_here(&self, type_: types::Type) -> types::Type {
        use types::Type::{Array, Struct, Tuple, View};
        let inside = |type_: Box<types::Type>| Box::new(self.named_here(*type_));
        match type_ {
            View(element) => View(inside(element)),
            Array(element, length) => Array(inside(element), length),
            Tuple(elements) => Tuple(elements.into_iter().map(|element| self.named_here(element)).collect()),
            Struct(name) => Struct(self.name_here(&name).to_owned()),
            other => other,
        }
    }

    /// An absolute name as the file spells it.
    fn name_here<'n>(&self, name: &'n str) -> &'n str {
        let own = self.module.and_then(|module| name.strip_prefix(module)?.strip_prefix('.'));
        own.unwrap_or(name)
    }

    /// A function as calls see it; a type that is not known is a `?`.
    pub(super) fn show_function(&self, function: &Declared) -> String {
        let parameters: Vec<String> = function.parameters.iter().map(|(_, type_)| self.show(*type_)).collect();
        let result = function.result.map(|result| format!(" -> {}", self.show(result))).unwrap_or_default();
        format!("{}({}){result}", self.name_here(&function.signature.name), parameters.join(", "))
    }

    /// The type of the elements of an array or a view.
    pub(super) fn element_type(&self, type_: Type) -> Option<TypeRef> {
        match type_ {
            Type::View(element) => Some(element),
            Type::Stencil(type_ref) => self.stencils.array(type_ref).map(|(element, _)| element),
            _ => None,
        }
    }

    /// A type as signatures have it; `None` for what no signature can have.
    pub(super) fn signature_type(&self, type_: Type) -> Option<types::Type> {
        match type_ {
            Type::Scalar(tag) => Some(types::Type::Scalar(tag)),
            Type::Union(mask) => Some(types::Type::Union(mask)),
            Type::String => Some(types::Type::String),
            Type::View(element) => self.stencils.type_of(element).map(types::Type::view),
            Type::Stencil(type_ref) => self.stencils.type_of(type_ref),
            _ => None,
        }
    }

    pub(super) fn parameter_type(&mut self, type_name: &TypeName) -> Type {
        let type_ = self.type_of(type_name);
        match type_ {
            Type::Scalar(_) | Type::Union(_) | Type::String | Type::View(_) | Type::Error => type_,
            Type::Stencil(type_ref) if self.stencils.text(type_ref).is_some() => {
                let title = format!("a parameter is `{}`", self.show(type_));
                let diagnostic = self.error("E0404", type_name.span, title, "bounded text is passed as a string");
                self.complain(diagnostic.hint("write `string`, which takes text of any length"));
                Type::Error
            }
            Type::Stencil(type_ref) if self.stencils.array(type_ref).is_none() => type_,
            Type::Stencil(type_ref) => {
                let element = self.stencils.array(type_ref).map(|(element, _)| self.show_reference(element));
                let element = element.unwrap_or_default();
                let title = format!("a parameter is `{}`", self.show(type_));
                let diagnostic = self
                    .error("E0404", type_name.span, title, "arrays are passed as views")
                    .hint(format!("write `[]{element}`, which takes arrays of any length"));
                self.complain(diagnostic);
                Type::Error
            }
            other => {
                let title = format!("a parameter is `{}`", self.show(other));
                let diagnostic = self
                    .error(
                        "E0404",
                        type_name.span,
                        title,
                        "parameters are scalars, unions, strings, structs, tuples and views",
                    )
                    .hint("pass its parts");
                self.complain(diagnostic);
                Type::Error
            }
        }
    }

    pub(super) fn result_type(&mut self, type_name: &TypeName) -> Type {
        if let Some(text) = text_in_tuple(type_name) {
            let whole = self.written(type_name.span);
            let diagnostic =
                self.error("E0405", text, format!("a result is `{whole}`"), "text in it ends with the function");
            self.complain(
                diagnostic.hint(
                    "give the rest, and store text where the caller lends it: `into: []string<64>`, `into[0] = …`",
                ),
            );
            return Type::Error;
        }
        let type_ = self.type_of(type_name);
        match type_ {
            Type::Scalar(_) | Type::Union(_) | Type::String | Type::Error => type_,
            Type::Stencil(type_ref) if self.stencils.cells(type_ref).is_some() => type_,
            other => {
                let title = format!("a result is `{}`", self.show(other));
                let (label, hint) = match other {
                    Type::Stencil(type_ref) if self.stencils.text(type_ref).is_some() => (
                        "it ends with the function",
                        "store it where the caller lends it: `into: []string<64>`, `into[0] = …`",
                    ),
                    Type::Stencil(type_ref) if self.stencils.array(type_ref).is_none() => (
                        "it has an array or text in it, or more than 64 scalars",
                        "take an array of it as a view, `[]T`, and store the result in an element",
                    ),
                    _ => (
                        "results are scalars, unions, strings, and structs and tuples of scalars",
                        "take a view as a parameter and store the result there",
                    ),
                };
                let diagnostic = self.error("E0405", type_name.span, title, label);
                self.complain(diagnostic.hint(hint));
                Type::Error
            }
        }
    }

    /// The type that a name spells; complains and gives `Error` if there is none.
    pub(super) fn type_of(&mut self, type_name: &TypeName) -> Type {
        match &type_name.kind {
            TypeKind::Named(name) => self.named_type(name, type_name.span),
            TypeKind::View(element) => match self.part_type(element) {
                Some(element) => Type::View(element),
                None => Type::Error,
            },
            TypeKind::Array(element, length) => {
                let element = if self.is_text_in_brackets(element, length) { None } else { self.part_type(element) };
                // Of `List[int]` one complaint is enough.
                let is_elsewhere = element.is_none() && self.names_type(length);
                let length = if is_elsewhere { None } else { self.constant_size(length, "the length of an array") };
                match (element, length) {
                    (Some(element), Some(length)) => self.stencil(Stencil::Array(element, length), type_name.span),
                    _ => Type::Error,
                }
            }
            TypeKind::Text(bytes) => match self.positive(bytes, "the length of a text") {
                Some(bytes) => self.stencil(Stencil::Text(bytes), type_name.span),
                None => Type::Error,
            },
            TypeKind::Tuple(elements) => {
                let elements: Vec<_> = elements.iter().map(|element| self.part_type(element)).collect();
                match elements.into_iter().collect::<Option<Vec<_>>>() {
                    Some(elements) => self.stencil(Stencil::Tuple(elements), type_name.span),
                    None => Type::Error,
                }
            }
            TypeKind::Union(members) => self.union_type(members),
        }
    }

    /// Complains of `string[24]`, the array of texts that have no longest length: the number is rather meant as that.
    fn is_text_in_brackets(&mut self, element: &TypeName, length: &ast::Expression) -> bool {
        let number = self.text.get(length.span.range()).unwrap_or_default();
        let is_plain = number.chars().all(|character| character.is_alphanumeric() || character == '_');
        if !matches!(&element.kind, TypeKind::Named(name) if name == "string") || !is_plain || self.names_type(length) {
            return false;
        }
        let title = "`string` cannot be part of a struct, tuple, array or view";
        let hint =
            format!("a text of at most {number} bytes is `string<{number}>`, an array of them `string<64>[{number}]`");
        self.complain(self.error("E0407", element.span, title.to_owned(), BORROWED).hint(hint));
        true
    }

    /// Complains of text as it is called elsewhere where it is stored, and so has a longest length.
    pub(super) fn is_text_elsewhere(&mut self, type_name: &TypeName) -> bool {
        let TypeKind::Named(name) = &type_name.kind else { return false };
        let is_known = self.structs.contains_key(name.as_str()) || self.pending.contains_key(name.as_str());
        if !foreign::TEXT.contains(&name.as_str()) || is_known {
            return false;
        }
        let diagnostic = self
            .error("E0302", type_name.span, format!("unknown type `{name}`"), "no such type")
            .hint("text that is stored has a longest length: did you mean `string<64>`?");
        self.complain(diagnostic.edit(self.source, type_name.span, "string<64>"));
        true
    }

    pub(super) fn named_type(&mut self, name: &str, span: Span) -> Type {
        self.count_use(name);
        if let Some(tag) = Tag::from_name(name) {
            return Type::Scalar(tag);
        }
        if name == "string" {
            return Type::String;
        }
        if let Some(known) = self.structs.get(name) {
            return known.type_ref.map_or(Type::Error, Type::Stencil);
        }
        if let Some(place) = self.around.iter().position(|around| around == name) {
            self.struct_inside_itself(place, span);
            return Type::Error;
        }
        if let Some(declaration) = self.pending.get(name).copied() {
            if self.around.len() >= StencilTable::MOST_DEPTH as usize {
                self.stencil_error(StencilError::TooDeep, span);
                return Type::Error;
            }
            self.declare_struct(declaration);
            return self.named_type(name, span);
        }
        let spelled = ast::Name { text: name.into(), span };
        if self.is_refused_in_module(&spelled, "struct") {
            return Type::Error;
        }
        let diagnostic = self.error("E0302", span, format!("unknown type `{name}`"), "no such type");
        let text = foreign::TEXT.contains(&name).then_some("string");
        let elsewhere = foreign::scalar(name).or(text);
        let diagnostic = match (name, elsewhere) {
            ("List" | "list" | "Array" | "array" | "ArrayList" | "Vec" | "vector" | "slice", _) => diagnostic.hint(
                "an array has a length, `int[10]`; a parameter that takes arrays of any length is a view, `[]int`",
            ),
            ("void" | "unit" | "nothing" | "None" | "none" | "null", _) if self.is_result(span) => {
                diagnostic.hint("a function without a result has no `->`")
            }
            _ if matches!(self.scopes.find(name), Some(Ok(_))) => {
                diagnostic.hint(format!("`{name}` is a value, and no type; values are told apart by `if x == {name}`"))
            }
            _ if let Some(hint) = foreign::type_(name) => diagnostic.hint(hint),
            (_, Some(other)) => diagnostic.hint(format!("did you mean `{other}`?")).edit(self.source, span, other),
            _ if let Some(full) = self.in_a_module(name) => self.with_module(diagnostic, span, full),
            _ => {
                let structs = self.structs.keys().map(EcoString::as_str);
                let known = structs.chain(Tag::ALL.iter().map(|tag| tag.name())).chain(["string"]);
                self.meant(diagnostic, span, name, known, |diagnostic| {
                    diagnostic
                        .note("the types are short, int, long, float, decimal, bool, byte, char, string, and structs")
                })
            }
        };
        self.complain(diagnostic);
        Type::Error
    }

    /// The type of a part of a struct, tuple or array.
    fn part_type(&mut self, type_name: &TypeName) -> Option<TypeRef> {
        if self.is_text_elsewhere(type_name) {
            return None;
        }
        let type_ = self.type_of(type_name);
        self.part_of_type(type_, type_name.span)
    }

    /// A type as a part of another; complains if it cannot be one.
    pub(super) fn part_of_type(&mut self, type_: Type, span: Span) -> Option<TypeRef> {
        match type_ {
            Type::Scalar(tag) => Some(TypeRef::Scalar(tag)),
            Type::Stencil(type_ref) => Some(type_ref),
            Type::Error => None,
            other => {
                let title = format!("`{}` cannot be part of a struct, tuple, array or view", self.show(other));
                let (label, hint) = match other {
                    Type::String => (BORROWED, "give the text a longest length: `string<64>`"),
                    Type::View(_) => (BORROWED, "give it a number of elements: `int[10]`"),
                    Type::Union(_) => {
                        ("there is no place for its tag there", "use one of its types, or a field for each of them")
                    }
                    _ => ("it has no bytes", "use one of the eight scalar types, bounded text, or a struct"),
                };
                self.complain(self.error("E0407", span, title, label).hint(hint));
                None
            }
        }
    }

    fn union_type(&mut self, members: &[TypeName]) -> Type {
        let mut masks = Vec::new();
        for member in members {
            let type_ = self.type_of(member);
            masks.push(self.member_of_union(type_, member.span));
        }
        masks.into_iter().collect::<Option<Vec<_>>>().map_or(Type::Error, union_of)
    }

    /// The types that a member adds to a union; complains if it cannot be one.
    pub(super) fn member_of_union(&mut self, type_: Type, span: Span) -> Option<Mask> {
        match type_ {
            Type::Scalar(tag) => Some(tag.mask()),
            Type::Union(mask) => Some(mask),
            Type::Error => None,
            other => {
                let title = format!("`{}` is a member of a union", self.show(other));
                let diagnostic = self.error("E0409", span, title, "the members are scalar types");
                self.complain(match other {
                    Type::String => diagnostic
                        .hint("keep text in a `string<64>` of its own, and a `bool` that says which one counts"),
                    _ => diagnostic,
                });
                None
            }
        }
    }

    /// The type of a stencil; complains if it is malformed.
    pub(super) fn stencil(&mut self, stencil: Stencil, span: Span) -> Type {
        match self.stencils.intern(stencil) {
            Ok(type_ref) => Type::Stencil(type_ref),
            Err(error) => {
                self.stencil_error(error, span);
                Type::Error
            }
        }
    }

    fn stencil_error(&mut self, error: StencilError, span: Span) {
        let (code, hint) = match error {
            StencilError::TooLarge | StencilError::TooDeep | StencilError::TooLong => ("L0109", None),
            StencilError::Empty => ("E0410", Some("give it at least one element")),
            _ => ("E0410", None),
        };
        let mut diagnostic = self.error(code, span, format!("this type {error}"), "this type");
        if let Some(hint) = hint {
            diagnostic = diagnostic.hint(hint);
        }
        self.complain(diagnostic);
    }

    /// A field is the struct that it is part of, or one around that, the first of a circle.
    fn struct_inside_itself(&mut self, place: usize, span: Span) {
        let circle = self.around.get(place..).unwrap_or_default();
        let Some((first, others)) = circle.split_first() else { return };
        let title = format!("struct `{first}` contains itself");
        let way: Vec<String> = others.iter().map(|other| format!("`{other}`, which holds ")).collect();
        let diagnostic = self
            .error("E0317", span, title, "it would have no end")
            .note(format!("`{first}` holds {}`{first}`", way.concat()))
            .hint("keep the elements in an array, and the index of another one in a field: `next: int`");
        self.complain(diagnostic);
    }

    /// A struct of a block, known from here to the end of the block.
    pub(super) fn declare_inner_struct(&mut self, declaration: &ast::Struct) {
        let name = &declaration.name.text;
        let before = self.structs.get(name).cloned();
        self.declare_struct(declaration);
        self.hidden_structs.push((name.into(), before));
    }

    /// Forgets the structs of a block, when it began so many were known.
    pub(super) fn restore_structs(&mut self, count: usize) {
        for (name, before) in self.hidden_structs.drain(count..).rev() {
            match before {
                Some(before) => self.structs.insert(name, before),
                None => self.structs.remove(&name),
            };
        }
    }

    pub(super) fn declare_struct(&mut self, declaration: &ast::Struct) {
        let name = &declaration.name;
        if let Some(other) = self.structs.get(&name.text) {
            let diagnostic = self
                .error("E0311", name.span, format!("struct `{}` is declared twice", name.text), "declared again here")
                .also(self.source, other.span, "first declared here");
            self.complain(diagnostic);
            return;
        }
        if Tag::from_name(&name.text).is_some() || name.text == "string" {
            let title = format!("a struct is named `{}`", name.text);
            self.complain(self.error("E0312", name.span, title, "this is the name of a type already"));
            return;
        }
        if builtin::is_builtin(&name.text) {
            let title = format!("a struct is named `{}`", name.text);
            let diagnostic = self.error("E0312", name.span, title, "the language has a function of this name");
            self.complain(diagnostic.hint("give it another name"));
        }
        self.pending.remove(name.text.as_str());
        self.around.push(name.text.to_string());
        let type_ref = self.struct_type(declaration);
        self.around.pop();
        self.structs.insert(name.text.clone(), Struct { type_ref, span: name.span });
    }

    /// The layout of a struct that is declared, if it is a good one.
    fn struct_type(&mut self, declaration: &ast::Struct) -> Option<TypeRef> {
        let name = &declaration.name;
        let fields = self.fields(declaration)?;
        if fields.is_empty() {
            let title = format!("struct `{}` has no fields", name.text);
            let diagnostic =
                self.error("E0410", name.span, title, "it has no bytes").hint("give it at least one field");
            self.complain(diagnostic);
            return None;
        }
        let stencil = Stencil::Struct { name: self.absolute_name(&name.text), fields };
        let other = self.struct_places.get(&name.text).cloned();
        if let (Some(other), Err(StencilError::Duplicate)) = (other, self.stencils.intern(stencil.clone())) {
            let title = format!("struct `{}` is declared in another block with other fields", name.text);
            let diagnostic = self
                .error("E0311", name.span, title, "declared again here")
                .also(self.source, other, "first declared here")
                .note("a file has one struct of a name")
                .hint("give one of them another name");
            self.complain(diagnostic);
            return None;
        }
        self.struct_places.entry(name.text.clone()).or_insert_with(|| name.span);
        match self.stencil(stencil, name.span) {
            Type::Stencil(type_ref) => Some(type_ref),
            _ => None,
        }
    }

    /// The fields of a struct; `None` if the type of one was complained about: what follows from it is not told.
    fn fields(&mut self, declaration: &ast::Struct) -> Option<Vec<Field>> {
        let mut fields: Vec<Option<Field>> = Vec::new();
        let mut places: HashMap<&str, Span> = HashMap::default();
        for (field, type_name) in &declaration.fields {
            if let Some(first) = places.get(field.text.as_str()) {
                let diagnostic = self
                    .error("E0313", field.span, format!("two fields are named `{}`", field.text), "named again here")
                    .also(self.source, *first, "first named here");
                self.complain(diagnostic);
                continue;
            }
            places.insert(&field.text, field.span);
            let type_ref = self.part_type(type_name);
            fields.push(type_ref.map(|type_ref| Field { name: field.text.to_string(), type_ref }));
        }
        fields.into_iter().collect()
    }
}

/// The text in a tuple, bounded or not.
fn text_in_tuple(type_name: &TypeName) -> Option<Span> {
    let TypeKind::Tuple(elements) = &type_name.kind else { return None };
    elements.iter().find_map(|element| match &element.kind {
        TypeKind::Named(name) if name == "string" => Some(element.span),
        TypeKind::Text(_) => Some(element.span),
        _ => text_in_tuple(element),
    })
}

/// The union of some types. `int|int` is int: the order and repetition of members do not matter.
pub(super) fn union_of(members: Vec<Mask>) -> Type {
    let mask = members.into_iter().fold(Mask::from_bits(0), Mask::union);
    mask.is_single().map_or(Type::Union(mask), Type::Scalar)
}
