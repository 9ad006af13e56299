//! Structs, and the types that signatures and slots speak of, as stencils of the module.

use super::{Assembler, HashMap, HashSet};
use crate::directive::Directive;
use crate::listing::{Block, Sort, Statement};
use crate::literal;
use crate::problem;
use crate::syntax::Span;
use crate::type_name::{self, BadType};
use vega_format::builder::{Builder, StaticDraft};
use vega_format::mangle;
use vega_format::share::Share;
use vega_format::stencil::{Field, Stencil, StencilError, StencilTable, TypeRef};
use vega_format::types::Type;
use vega_report::quote;

/// Why a type has no stencil.
pub(super) enum NoStencil<'t> {
    /// No struct has this name.
    Undefined(&'t str),
    /// Such a type has no bytes in an arena.
    Bytes(&'t Type),
    /// A stencil cannot be so.
    Malformed(StencilError),
}

/// What has stencils: the module, or a share of it.
pub(super) trait Stencils {
    fn table(&self) -> &StencilTable;
    fn intern(&mut self, stencil: Stencil) -> Result<TypeRef, StencilError>;
}

impl Stencils for Builder {
    fn table(&self) -> &StencilTable {
        self.stencils()
    }

    fn intern(&mut self, stencil: Stencil) -> Result<TypeRef, StencilError> {
        self.stencil(stencil)
    }
}

impl Stencils for Share {
    fn table(&self) -> &StencilTable {
        self.stencils()
    }

    fn intern(&mut self, stencil: Stencil) -> Result<TypeRef, StencilError> {
        self.stencil(stencil)
    }
}

/// The stencil of a type. Types that are read nest at most 64 levels, which bounds the recursion.
pub(super) fn stencil_of<'t>(type_: &'t Type, stencils: &mut impl Stencils) -> Result<TypeRef, NoStencil<'t>> {
    let stencil = match type_ {
        Type::Scalar(tag) => return Ok(TypeRef::Scalar(*tag)),
        Type::Struct(name) => return stencils.table().find(type_).ok_or(NoStencil::Undefined(name)),
        Type::Array(element, length) => Stencil::Array(stencil_of(element, stencils)?, *length),
        Type::Text(bytes) => Stencil::Text(*bytes),
        Type::Tuple(elements) => {
            Stencil::Tuple(elements.iter().map(|element| stencil_of(element, stencils)).collect::<Result<_, _>>()?)
        }
        Type::String | Type::View(_) | Type::Union(_) => return Err(NoStencil::Bytes(type_)),
    };
    stencils.intern(stencil).map_err(NoStencil::Malformed)
}

impl<'l> Assembler<'l, '_> {
    pub(super) fn structs(&mut self) {
        let listing = self.listing;
        let mut names: Vec<(&str, Span)> = Vec::new();
        for block in &listing.structs {
            let words = self.words(&block.opening);
            let [name] = words.as_slice() else {
                self.arguments_do_not_fit(&block.opening, Directive::Struct);
                self.has_gaps |= words.is_empty();
                self.bad_structs.extend(words.first());
                continue;
            };
            let span = self.span(&block.opening, 0);
            if !mangle::is_name(name) {
                self.problems.push(problem::argument(listing.source, span, name, "an absolute name: `geometry.point`"));
                // Those who speak of it will call it what it should have been called here.
                let meant = name.trim_start_matches(|first: char| !first.is_alphabetic() && first != '_');
                self.bad_structs.insert(meant.trim_end_matches(|last: char| !last.is_alphanumeric() && last != '_'));
                continue;
            }
            if self.builder.stencils().find(&Type::Struct((*name).to_owned())).is_some() {
                let first = names.iter().find(|(known, _)| known == name).map_or(span, |(_, first)| *first);
                let what = format!("struct `{}`", quote(name));
                self.problems.push(problem::duplicate(listing.source, span, &what, first));
                continue;
            }
            names.push((name, span));
            let fields = self.fields(block);
            let stencil = fields.map(|fields| Stencil::Struct { name: (*name).to_owned(), fields });
            if stencil.and_then(|stencil| self.add_stencil(span, stencil)).is_none() {
                self.bad_structs.insert(name);
            }
        }
    }

    /// The fields, or nothing if one of them is malformed.
    fn fields(&mut self, block: &Block) -> Option<Vec<Field>> {
        let mut fields = Some(Vec::new());
        let mut spans = HashMap::default();
        let body = self.begin_body(block);
        for statement in &body.0 {
            let Sort::Directive(Directive::Field) = statement.sort else { continue };
            let field = self.field(statement);
            if let Some(field) = &field
                && let Some(first) = spans.insert(field.name.clone(), statement.name)
            {
                let what = format!("field `{}`", quote(&field.name));
                self.problems.push(problem::duplicate(self.listing.source, statement.name, &what, first));
                fields = None;
                continue;
            }
            fields = fields.zip(field).map(|(mut fields, field)| {
                fields.push(field);
                fields
            });
        }
        self.end_body(body);
        fields
    }

    fn field(&mut self, statement: &Statement) -> Option<Field> {
        let words = self.words(statement);
        let [name, _] = words.as_slice() else {
            self.arguments_do_not_fit(statement, Directive::Field);
            return None;
        };
        if !mangle::is_identifier(name) {
            let span = self.span(statement, 0);
            self.problems.push(problem::argument(self.listing.source, span, name, "a field's name"));
            return None;
        }
        let type_ref = self.type_at(self.span(statement, 1))?;
        Some(Field { name: (*name).to_owned(), type_ref })
    }

    /// The static blocks, which keep the numbers of the listing also where one is malformed.
    pub(super) fn static_blocks(&mut self) {
        let listing = self.listing;
        for block in &listing.statics {
            let mut draft = StaticDraft::default();
            let (mut names, mut spans) = (HashMap::default(), HashMap::default());
            let mut end = 0u32;
            match self.words(&block.opening).as_slice() {
                [_] => {
                    let most = StencilTable::MOST_BYTES.into();
                    draft.capacity = self.number(&block.opening, 0, most).unwrap_or(0) as u32;
                }
                _ => self.arguments_do_not_fit(&block.opening, Directive::Static),
            }
            let body = self.begin_body(block);
            for statement in &body.0 {
                let Sort::Directive(directive) = statement.sort else { continue };
                match (directive, self.words(statement).as_slice()) {
                    (Directive::Variable, [_] | [_, _]) => {
                        let Some(type_ref) = self.type_at(self.span(statement, 0)) else { continue };
                        if self.words(statement).len() == 2 {
                            self.name_variable(statement, (end, type_ref), &mut names, &mut spans);
                        }
                        end = end.saturating_add(self.builder.stencils().size(type_ref));
                        draft.variables.push(type_ref);
                    }
                    (Directive::Bytes, [_]) => draft.image.extend(self.hex(statement, 0).unwrap_or_default()),
                    _ => self.arguments_do_not_fit(statement, directive),
                }
            }
            self.end_body(body);
            self.check_room(block, end, &draft);
            let number = self.builder.static_block(draft);
            self.statics.push(number);
            self.static_names.push(names);
        }
    }

    /// Whether a static block has room for its variables, and for the bytes with which it starts.
    fn check_room(&mut self, block: &Block, variables: u32, draft: &StaticDraft) {
        let [size] = block.opening.arguments(&self.arguments) else { return };
        let found = self.listing.word(size.span());
        let wanted = [("its variables", u64::from(variables)), ("its `.bytes`", draft.image.len() as u64)];
        if let Some((what, bytes)) = wanted.into_iter().max_by_key(|(_, bytes)| *bytes)
            && u64::from(draft.capacity) < bytes
            && literal::number(found, u64::MAX).is_ok()
        {
            let words = format!("at least {bytes}, the bytes of {what}");
            self.problems.push(problem::argument(self.listing.source, size.span(), found, &words));
        }
    }

    fn name_variable(
        &mut self,
        statement: &Statement,
        variable: (u32, TypeRef),
        names: &mut HashMap<&'l str, (u32, TypeRef)>,
        spans: &mut HashMap<&'l str, Span>,
    ) {
        let span = self.span(statement, 1);
        let name = self.listing.word(span);
        if !mangle::is_identifier(name) {
            self.problems.push(problem::argument(self.listing.source, span, name, "a variable's name"));
        } else if let Some(first) = spans.get(name) {
            let what = format!("variable `{}`", quote(name));
            self.problems.push(problem::duplicate(self.listing.source, span, &what, *first));
        } else {
            names.insert(name, variable);
            spans.insert(name, span);
        }
    }

    /// The type that a word spells.
    pub(super) fn type_at(&mut self, span: Span) -> Option<TypeRef> {
        let word = self.listing.word(span);
        match type_name::parse(word) {
            Ok(type_) => self.type_ref(span, &type_),
            Err(BadType { at, words }) => {
                self.problems.push(problem::type_(self.listing.source, span, at, word, &words));
                None
            }
        }
    }

    /// Makes stencils of what the signatures of functions and imports speak of.
    pub(super) fn signature_types(&mut self) {
        let mut heads = std::mem::take(&mut self.heads);
        let host = self.imports.iter().map(|(name, span, _)| (*name, *span));
        let imports: Vec<(&'l str, Span)> = host.chain(self.module_imports.iter().copied()).collect();
        // Most names share their types with others; these bring nothing new.
        let mut known = HashSet::default();
        for head in &mut heads {
            head.is_well_formed = self.types_of(head.name, head.span, &mut known);
        }
        for (name, span) in imports {
            self.types_of(name, span, &mut known);
        }
        self.heads = heads;
    }

    /// The same of one name; says whether it is well-formed.
    fn types_of(&mut self, name: &'l str, span: Span, known: &mut HashSet<&'l str>) -> bool {
        let types = mangle::types(name);
        if types.is_some_and(|types| known.contains(types)) {
            return true;
        }
        let Ok(signature) = mangle::parse(name) else { return false };
        let before = self.problems.count();
        for type_ in signature.parameters.iter().chain(&signature.result) {
            let element = match type_ {
                Type::View(element) => element,
                other => other,
            };
            if !matches!(element, Type::Scalar(_) | Type::String | Type::Union(_)) {
                self.type_ref(span, element);
            }
        }
        // Of what there is not, each that speaks of it is told.
        known.extend(types.filter(|_| self.problems.count() == before));
        true
    }

    fn type_ref(&mut self, span: Span, type_: &Type) -> Option<TypeRef> {
        let words = match stencil_of(type_, &mut self.builder) {
            Ok(type_ref) => return Some(type_ref),
            Err(NoStencil::Undefined(name)) => {
                // Of one that is there and malformed was complained already; one may hide in what could not be read.
                if !self.bad_structs.contains(name) && !self.may_be_defined(name) {
                    let names: Vec<&str> = self.struct_names().collect();
                    let undefined = problem::undefined(self.listing.source, span, "struct", name, names);
                    self.problems.push(undefined.note("a `.struct` stands above everything that speaks of it"));
                }
                return None;
            }
            Err(NoStencil::Bytes(type_)) => format!("`{type_}` has no bytes in an arena"),
            Err(NoStencil::Malformed(error)) => format!("the type {error}"),
        };
        self.problems.push(problem::unusable_type(self.listing.source, span, &words));
        None
    }

    fn struct_names(&self) -> impl Iterator<Item = &str> {
        self.builder.stencils().iter().filter_map(|stencil| match stencil {
            Stencil::Struct { name, .. } => Some(name.as_str()),
            _ => None,
        })
    }

    fn add_stencil(&mut self, span: Span, stencil: Stencil) -> Option<TypeRef> {
        match self.builder.stencil(stencil) {
            Ok(type_ref) => Some(type_ref),
            Err(error) => {
                let words = format!("the type {error}");
                self.problems.push(problem::unusable_type(self.listing.source, span, &words));
                None
            }
        }
    }
}
