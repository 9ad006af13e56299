//! Tree → checked tree: names resolved, types known, lives of variables followed.
//!
//! All complaints are collected; a part that is wrong has the type `Error`, which fits everywhere, so that one mistake
//! is told once. When there are complaints, the checked tree is not meant to be generated from.

mod alias;
mod assert;
mod assign;
mod assigned;
mod beginning;
mod builtin;
mod call;
mod certain;
mod constant;
mod convert;
mod declare;
mod edits;
mod effect;
mod elsewhere;
mod expression;
mod fold;
mod foreign_call;
mod function;
mod hints;
mod import;
mod instead;
mod lent;
mod literal;
mod main;
mod narrow;
mod number;
mod operator;
mod otherwise;
mod outside;
mod pinned;
mod place;
mod repeat;
mod scope;
mod several;
mod size;
mod statement;
mod statics;
mod stray;
mod text;
mod turns;
mod types;
mod unknown;
mod unpromised;
mod unread;
mod unused;
mod whole;
mod wide;
mod wording;

use crate::ast::{self, Declares, Span};
use crate::checked::{self, Program, Type};
use crate::interface::{self, ConstantShape, Interface, StructShape};
use crate::lines::Lines;
use crate::lints::is_hard_error;
use ecow::EcoString;
use foldhash::{HashMap, HashSet};
use function::Declared;
use main::Start;
use narrow::{Assignments, Known};
use outside::Outside;
use scope::{ScopeKind, Scopes};
use statics::StaticVariable;
use stray::Stray;
use vega_format::container::{EntryResult, ImportKind};
use vega_format::mangle;
use vega_format::stencil::{StencilTable, TypeRef};
use vega_report::{Diagnostic, Level, Near, SourceId, nearest};

/// What a file is checked against.
#[derive(Debug, Clone, Copy, Default)]
pub struct Surroundings<'a> {
    /// The name of the module that the file is; `None` of the file with which the program starts.
    pub module: Option<&'a str>,
    /// What the modules offer that it imports.
    pub imports: &'a [Interface],
    /// The places, in order, at which the file could not be read, but for those within statements that were lost.
    pub faults: &'a [usize],
    /// Whether something is wrong with it already.
    pub broken: bool,
    /// The function to start with instead of `main`, if the file is compiled to be tested; then what is asserted shows
    /// its values.
    pub test: Option<&'a str>,
}

/// What the numbers in checked functions mean.
#[derive(Debug, Clone, Copy)]
pub struct Numbers<'a> {
    /// Layouts of structs, tuples and arrays so far.
    pub stencils: &'a StencilTable,
    /// The mangled names of what calls name by number: the functions of the file, then those of other modules.
    pub callees: &'a [String],
}

/// Checks a whole file, the tree of `text`. What there is to say comes in the order of the places.
///
/// Functions go one after another, so that there is never more of both trees than of one: `written` gives the body of one
/// by its place in the file, or `None` if it cannot be read; `take` gets it as it is checked, if nothing is wrong up to
/// there, no statement of it was lost, and all is known that it imports and that is declared.
///
/// Nothing is said of a function or a script that could not be read but for statements, nor of names that may be missing because
/// a declaration was lost.
pub fn check(
    source: SourceId,
    text: &str,
    file: &ast::File,
    surroundings: Surroundings<'_>,
    mut written: impl FnMut(usize) -> Option<ast::Block>,
    mut take: impl FnMut(checked::Function, Numbers<'_>),
) -> (Program, Vec<Diagnostic>) {
    let readable = Readable::new(file, surroundings.faults);
    let mut checker = Checker {
        source,
        text,
        errors: Told::default(),
        warnings: Told::default(),
        dropped: Vec::new(),
        stencils: StencilTable::default(),
        structs: HashMap::default(),
        pending: HashMap::default(),
        constants_below: HashMap::default(),
        around: Vec::new(),
        hidden_structs: Vec::new(),
        struct_places: HashMap::default(),
        statics: HashMap::default(),
        strays: stray::strays(file),
        broken: surroundings.broken,
        functions_at: elsewhere::functions_at(file),
        functions: Vec::new(),
        by_name: HashMap::default(),
        calling: None,
        calls: Vec::new(),
        unread_functions: HashSet::default(),
        module: surroundings.module,
        modules: HashMap::default(),
        unimported: HashSet::default(),
        scopes: Scopes::default(),
        outside: Outside::default(),
        unknown: HashMap::default(),
        unpromised: HashSet::default(),
        last_line: None,
        known: Known::default(),
        assignments: Assignments::default(),
        folding: false,
        unreached: false,
        sometimes: false,
        counted: Vec::new(),
        test: surroundings.test,
        result: Expected::Nothing,
        bounds: Vec::new(),
        pieces: 0,
    };
    checker.scopes.open(ScopeKind::File);
    checker.import(&file.imports, surroundings.imports, surroundings.faults);
    checker.declare_unread(&file.unread);
    checker.declare_structs_and_constants(file);
    // The functions of the file stand first, and so bear the numbers of those that it defines.
    for function in &file.functions {
        checker.declare_function(function);
    }
    checker.import_functions(&file.imports, surroundings.imports);
    for function in &file.externs {
        checker.declare_extern(function);
    }
    for import in &file.imports {
        checker.promise(import);
    }
    let statics = checker.declare_statics(&file.statics);
    checker.broken |= checker.errors.kept.iter().any(is_hard_error);
    let callees: Vec<String> =
        checker.functions.iter().map(|function| mangle::mangle(&checker.linked(&function.signature))).collect();
    let is_whole = file.unread.is_empty() && surroundings.imports.iter().all(|import| import.complete);
    let mut hand_over = |checker: &Checker<'_>, function| {
        let is_sound = !checker.errors.kept.iter().any(is_hard_error) && !checker.has_strays();
        if is_whole && !checker.scopes.lost && is_sound {
            take(function, Numbers { stencils: &checker.stencils, callees: &callees });
        }
    };
    for (index, function) in file.functions.iter().enumerate().filter(|(_, function)| readable.function(function)) {
        if let Some(body) = written(index) {
            let function = checker.function(index, function, &body);
            hand_over(&checker, function);
        }
    }
    let beginning = if readable.script { checker.start(file) } else { None };
    let entry = match beginning {
        Some(Start::Main(main, result)) => callees.get(main).map(|main| (main.clone(), result)),
        Some(Start::Script) => {
            let script = checker.script(file);
            let name = mangle::mangle(&script.signature);
            hand_over(&checker, script);
            Some((name, EntryResult::Print))
        }
        None => None,
    };
    let entry = if surroundings.test.is_some() { checker.test(&callees) } else { entry };
    checker.warn_uncalled(&file.functions);
    checker.warn_unused_imports(&file.imports);
    let (structs, constants) = checker.shapes(file);
    let is_broken = surroundings.broken || !is_whole || checker.errors.kept.iter().any(is_hard_error);
    let offered = checker.module.filter(|_| is_broken);
    let offered = offered.map(|module| match readable.names {
        true if file.unread.is_empty() => checker.offered(module, file, (&structs, &constants)),
        // What there is of it may lack parts.
        _ => Interface::unknown(module),
    });
    let Checker { errors, warnings, stencils, dropped, bounds, .. } = checker;
    let dropped =
        dropped.into_iter().filter_map(|(function, span)| Some((callees.get(function)?.clone(), span))).collect();
    let mut told: Vec<Diagnostic> = errors.in_order("errors").chain(warnings.in_order("warnings")).collect();
    // Where the text could not be read, that is what is said.
    told.retain(|diagnostic| start(diagnostic).is_none_or(|start| surroundings.faults.binary_search(&start).is_err()));
    if !readable.names {
        // A struct may have lost its fields, too.
        told.retain(|diagnostic| !diagnostic.code.starts_with("E03") && diagnostic.code != "E0410");
    }
    told.sort_by_key(start);
    (Program { stencils, statics, structs, constants, entry, bounds, dropped, offered }, told)
}

/// What of a file is whole enough to be judged.
struct Readable<'a> {
    faults: &'a [usize],
    /// Statements outside of functions.
    script: bool,
    /// All declarations, so that a name that is not there is a mistake.
    names: bool,
}

impl<'a> Readable<'a> {
    fn new(file: &ast::File, faults: &'a [usize]) -> Readable<'a> {
        let count = |spans: &mut dyn Iterator<Item = Span>| spans.map(|span| faults_in(faults, span)).sum::<usize>();
        let in_functions = count(&mut file.functions.iter().map(whole));
        let in_structs = count(&mut file.structs.iter().map(|declaration| declaration.span));
        let outside = faults.len().saturating_sub(in_functions + in_structs);
        // Statements may be those of a function whose head was lost, and where the program starts may be lost.
        let is_start = |unread: &ast::Unread| unread.what == Declares::Function && unread.name.text == "main";
        let starts = file.unread.is_empty() || !file.statements.is_empty() || file.functions.iter().any(is_main);
        let script = outside == 0 && !file.incomplete && starts && !file.unread.iter().any(is_start);
        let names = in_structs == 0 && !file.incomplete && (outside == 0 || file.statics.is_empty());
        Readable { faults, script, names }
    }

    fn function(&self, function: &ast::Function) -> bool {
        faults_in(self.faults, whole(function)) == 0
    }
}

fn is_main(function: &ast::Function) -> bool {
    function.name.text == "main"
}

/// A function from its head to its end.
fn whole(function: &ast::Function) -> Span {
    function.head.to(function.body.span)
}

fn faults_in(faults: &[usize], span: Span) -> usize {
    faults.partition_point(|fault| *fault < span.end()) - faults.partition_point(|fault| *fault < span.start())
}

/// Where a diagnostic points.
fn start(diagnostic: &Diagnostic) -> Option<usize> {
    diagnostic.primary().map(|label| label.span.start)
}

/// What was found of one kind, of which a person wants to see so much and no more.
#[derive(Debug, Default)]
struct Told {
    kept: Vec<Diagnostic>,
    left_out: bool,
}

impl Told {
    const MOST: usize = 100;

    fn is_full(&self) -> bool {
        self.kept.len() >= Told::MOST
    }

    fn add(&mut self, diagnostic: Diagnostic) {
        if self.is_full() {
            self.left_out = true;
        } else {
            self.kept.push(diagnostic);
        }
    }

    /// All that were kept, by their places; the last says whether there were more.
    fn in_order(mut self, kind: &str) -> impl Iterator<Item = Diagnostic> {
        self.kept.sort_by_key(start);
        let last = if self.left_out { self.kept.pop() } else { None };
        let last = last.map(|last| last.note(format!("these are {} {kind}: there are more, not shown", Told::MOST)));
        self.kept.into_iter().chain(last)
    }
}

/// What the function that is being checked gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// A value of this type.
    Value(Type),
    /// Nothing.
    Nothing,
    /// Whatever the last line gives: a script.
    Anything,
    /// The same, and literals take this type: an `alloc` block of which it is wanted.
    Adapted(Type),
}

/// A struct that can be named.
#[derive(Debug, Clone)]
struct Struct {
    /// Its layout; `None` if its declaration was complained about.
    type_ref: Option<TypeRef>,
    /// Where it is declared.
    span: Span,
}

struct Checker<'a> {
    source: SourceId,
    text: &'a str,
    errors: Told,
    warnings: Told,
    /// Calls whose results nobody uses.
    dropped: Vec<(usize, Span)>,
    stencils: StencilTable,
    /// Structs that can be named here.
    structs: HashMap<EcoString, Struct>,
    /// Structs of the top level that are declared when they are first named.
    pending: HashMap<&'a str, &'a ast::Struct>,
    /// Constants of the top level that are declared further down than what is looked at.
    constants_below: HashMap<&'a str, Span>,
    /// The structs whose fields are being looked at, each named by a field of the one before it.
    around: Vec<String>,
    /// What the names of the structs of the open blocks meant before, to be restored at their ends.
    hidden_structs: Vec<(EcoString, Option<Struct>)>,
    /// Where a struct of a name was first declared, be it in a block that has ended.
    struct_places: HashMap<EcoString, Span>,
    statics: HashMap<EcoString, StaticVariable>,
    /// Names that are assigned outside of functions.
    strays: HashMap<EcoString, Stray>,
    /// Whether something of the file was not understood.
    broken: bool,
    /// The functions of the file, with where each stands.
    functions_at: Vec<(&'a str, Span)>,
    functions: Vec<Declared>,
    by_name: HashMap<EcoString, Vec<usize>>,
    /// The function of the file that is being checked, by its number.
    calling: Option<usize>,
    /// Functions that give a value although their heads promise none.
    unpromised: HashSet<usize>,
    /// The last line of the function.
    last_line: Option<Span>,
    /// Which function calls which other.
    calls: Vec<(usize, usize)>,
    /// Functions of which no more than the name could be read.
    unread_functions: HashSet<EcoString>,
    /// The module that the file is, if it is not the one with which the program starts.
    module: Option<&'a str>,
    /// Modules that are imported.
    modules: HashMap<EcoString, import::Module>,
    /// Modules that were told not to be imported.
    unimported: HashSet<EcoString>,
    scopes: Scopes,
    /// What the function has outside of arenas.
    outside: Outside,
    /// Names that the function does not know: which error tells it, and how many more places there are.
    unknown: HashMap<EcoString, (usize, u64)>,
    /// What is known of unions here.
    known: Known,
    /// Where the function assigns some.
    assignments: Assignments,
    /// Whether this is a constant expression.
    folding: bool,
    /// Whether constants decide that execution never comes here; then nothing traps.
    unreached: bool,
    /// Whether what is looked at may not be computed although execution comes by.
    sometimes: bool,
    /// The loops around this place that count from one constant to another, the innermost last.
    counted: Vec<turns::Counted>,
    /// The function to start with instead of `main`; then what is asserted shows its values.
    test: Option<&'a str>,
    result: Expected,
    /// What calls of functions elsewhere take at most.
    bounds: Vec<(ImportKind, String, u64)>,
    /// How many pieces of wholes are printed one by one.
    pieces: usize,
}

impl Checker<'_> {
    fn complain(&mut self, diagnostic: Diagnostic) {
        match diagnostic.level {
            _ if self.unreached && diagnostic.code.starts_with('T') => {}
            Level::Warning => self.warnings.add(diagnostic),
            _ => self.errors.add(diagnostic),
        }
    }

    /// Asks whether a name was meant that is near, and proposes the change if there is no doubt: it is but a slip away, and
    /// nothing else of the file may have to do with what was written, nor would a function call itself. If there is none,
    /// something else is said.
    fn meant<'n>(
        &self,
        diagnostic: Diagnostic,
        span: Span,
        name: &str,
        candidates: impl IntoIterator<Item = &'n str>,
        otherwise: impl FnOnce(Diagnostic) -> Diagnostic,
    ) -> Diagnostic {
        let found = if self.errors.is_full() { None } else { nearest(name, candidates) };
        let Some(Near { name: other, is_certain }) = found else { return otherwise(diagnostic) };
        let diagnostic = diagnostic.hint(format!("did you mean `{other}`?"));
        match is_certain && self.is_slip(name, span) && !self.is_inside(other, span) {
            true => diagnostic.edit(self.source, span, other),
            false => diagnostic,
        }
    }

    /// What was written somewhere, for a hint that repeats it; what is long or takes several lines is cut.
    fn written(&self, span: Span) -> &str {
        let text = self.text.get(span.range()).unwrap_or_default();
        if text.len() > 40 || text.contains(char::is_control) { "…" } else { text }
    }

    /// An error at a place, with a label there.
    fn error(&self, code: &'static str, span: Span, title: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, title).label(self.source, span, label)
    }

    /// The name of something that the file declares, as all modules know it.
    fn absolute_name(&self, name: &str) -> String {
        match self.module {
            Some(module) => format!("{module}.{name}"),
            None => name.to_owned(),
        }
    }

    /// The structs and the constants of the top level as importers may want to know them.
    fn shapes(&self, file: &ast::File) -> (Vec<StructShape>, Vec<ConstantShape>) {
        if file.structs.is_empty() && file.constants.is_empty() && self.modules.is_empty() {
            return (Vec::new(), Vec::new());
        }
        let lines = Lines::new(self.text);
        let declared: HashMap<String, (bool, u32)> = file
            .structs
            .iter()
            .map(|one| (self.absolute_name(&one.name.text), (one.public, lines.line(one.name.span.start()))))
            .collect();
        let structs = interface::structs(&self.stencils, |name| declared.get(name).copied().unwrap_or_default());
        let constant = |one: &ast::Constant| {
            let value = self.constant_for_importers(&one.name.text)?;
            let (name, line) = (self.absolute_name(&one.name.text), lines.line(one.name.span.start()));
            Some(ConstantShape { name, value, public: one.public, line })
        };
        (structs, file.constants.iter().filter_map(constant).collect())
    }
}
