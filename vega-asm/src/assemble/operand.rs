//! One operand: how it is read follows from its kind alone, that is, from its spelling and what it points into.

use super::{Assembler, DebugLines, HashMap};
use crate::literal::{self, BadNumber};
use crate::problem;
use crate::syntax::Span;
use crate::value;
use ecow::EcoString;
use vega_format::container::{FunctionDebug, SlotKind};
use vega_format::instruction::{Capacity, Operand, OperandKind, Row, Space, Spelling};
use vega_format::stencil::StencilTable;
use vega_format::types::{Mask, Signature};
use vega_format::verify::parameter_cells;
use vega_report::quote;

/// What the operands of one function may name.
#[derive(Debug, Default)]
pub(super) struct Frame<'l> {
    /// The names of the slots, in order; empty for one without a name.
    pub(super) slots: Vec<EcoString>,
    /// The names of the parameters, in order; empty for one without a name.
    pub(super) parameters: Vec<EcoString>,
    /// What the slots are, in order.
    pub(super) slot_kinds: Vec<SlotKind>,
    /// Slots of which the code says what they are, with their names' places.
    pub(super) open_slots: Vec<(u16, Span)>,
    /// The slots by name.
    slot_numbers: Named,
    /// The first cells of the parameters by name.
    cell_numbers: Named,
    /// Labels, with the index of the instruction that follows (when it is glanced at, its offset) and their place.
    pub(super) labels: HashMap<&'l str, (u32, Span)>,
    /// The offset of each instruction.
    pub(super) offsets: Vec<u32>,
    /// The length of the code.
    pub(super) end: u32,
    /// The row of each instruction; none for one that there is not.
    pub(super) rows: Vec<Option<&'static Row>>,
    /// How many bytes each `.bytes` puts into the code.
    pub(super) fillers: Vec<usize>,
    /// Whether lines were left out that may have named something.
    pub(super) has_gaps: bool,
    /// Whether its name says what it takes and gives.
    pub(super) is_named: bool,
    /// Whether the offsets are not to be trusted.
    pub(super) has_unknown_instructions: bool,
}

impl Frame<'_> {
    /// The slot with this name, if there is just one.
    pub(super) fn slot(&self, name: &str) -> Option<u32> {
        *self.slot_numbers.get(name)?
    }

    /// The first cell of the parameter with this name, if there is just one.
    pub(super) fn cell(&self, name: &str) -> Option<u32> {
        *self.cell_numbers.get(name)?
    }

    /// Whether a slot or a parameter has a name.
    pub(super) fn has_names(&self) -> bool {
        self.parameters.iter().chain(&self.slots).any(|name| !name.is_empty())
    }

    /// All directives are read: works out which slot, and which cell of a parameter, each name stands for.
    pub(super) fn end_directives(&mut self, signature: &Signature, stencils: &StencilTable) {
        self.parameters.resize(signature.parameters.len(), EcoString::new());
        if !self.has_names() {
            return;
        }
        let mut first_cells = Vec::with_capacity(self.parameters.len());
        let mut next = 0;
        for type_ in &signature.parameters {
            first_cells.push(next);
            // What cannot be passed in cells is refused by the verifier.
            next += parameter_cells(stencils, type_).map_or(0, |cells| cells.len() as u32);
        }
        self.cell_numbers = by_name(first_cells.into_iter().zip(self.parameters.iter().map(EcoString::as_str)));
        self.slot_numbers = by_name((0..).zip(self.slots.iter().map(EcoString::as_str)));
    }

    /// Lines with the names of parameters and slots, unless there are none in the file.
    pub(super) fn debug(&mut self, mut debug: FunctionDebug, lines: DebugLines) -> Option<FunctionDebug> {
        if lines == DebugLines::Absent {
            return None;
        }
        debug.parameters.append(&mut self.parameters);
        debug.slots.append(&mut self.slots);
        Some(debug)
    }

    /// Forgets everything but its room.
    pub(super) fn clear(&mut self) {
        self.slot_numbers.clear();
        self.cell_numbers.clear();
        self.slots.clear();
        self.parameters.clear();
        self.slot_kinds.clear();
        self.open_slots.clear();
        self.labels.clear();
        self.offsets.clear();
        self.rows.clear();
        self.fillers.clear();
    }
}

/// What bears a name: its number, or nothing where several things bear it.
type Named = HashMap<String, Option<u32>>;

/// Things by name. Those without a name are left out.
fn by_name<'n>(things: impl Iterator<Item = (u32, &'n str)>) -> Named {
    let mut named = Named::default();
    for (number, name) in things.filter(|(_, name)| !name.is_empty()) {
        named.entry(name.to_owned()).and_modify(|known| *known = None).or_insert(Some(number));
    }
    named
}

/// The order of a map is by chance; a message must not be.
fn in_order<'n>(names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names
}

/// Eight binary digits.
pub(super) fn mask(word: &str) -> Option<Mask> {
    let digits: [u8; 8] = word.strip_prefix("0b").unwrap_or(word).as_bytes().try_into().ok()?;
    let bits = digits.iter().try_fold(0, |bits, digit| matches!(digit, b'0' | b'1').then(|| bits << 1 | digit & 1));
    bits.map(Mask::from_bits)
}

pub(super) fn is_number(word: &str) -> bool {
    word.starts_with(|letter: char| letter.is_ascii_digit() || letter == '-')
}

impl<'l> Assembler<'l, '_> {
    /// The number of an operand.
    pub(super) fn operand(&mut self, key: &str, kind: &OperandKind, span: Span, frame: &Frame<'l>) -> Option<u32> {
        match (kind.spelling, kind.space) {
            (Spelling::Binary, _) => self.mask(key, span).map(|mask| mask.bits().into()),
            (Spelling::TagName, _) => self.tag(span).map(|tag| tag.number().into()),
            (Spelling::Label, _) => self.target(key, kind, span, frame),
            (Spelling::Number, Space::Constants) => self.constant(key, kind, span),
            (Spelling::Number, Space::Imports) => self.import(key, kind, span),
            (Spelling::Number, Space::Functions) => self.called_function(key, kind, span),
            (Spelling::Number, Space::Statics) => self.static_block(key, kind, span),
            (Spelling::Number, Space::Slots) => self.slot_number(key, kind, span, frame),
            (Spelling::Number, Space::Cells) => self.cell(key, kind, span, frame),
            (Spelling::Number, Space::Plain | Space::Code) => self.plain(key, kind, span, "a number"),
        }
    }

    /// The static block of this number, as the listing counts.
    fn static_block(&mut self, key: &str, kind: &OperandKind, span: Span) -> Option<u32> {
        const WANTED: &str = "the number of a `.static`, from 0 on";
        let number = self.plain(key, kind, span, WANTED)?;
        let found = self.statics.get(number as usize).map(|block| block.0.into());
        if found.is_none() {
            let word = self.listing.word(span);
            let problem = problem::operand(self.listing.source, span, key, word, WANTED);
            self.problems.push(match self.statics.len() {
                0 => {
                    problem.hint("there is none; write one above the functions: `.static 8`, what stands in it, `.end`")
                }
                _ => problem,
            });
        }
        found
    }

    /// A number that fits the width.
    fn plain(&mut self, key: &str, kind: &OperandKind, span: Span, wanted: &str) -> Option<u32> {
        let word = self.listing.word(span);
        let most = u64::MAX >> (64 - 8 * kind.width.clamp(1, 8));
        let source = self.listing.source;
        let problem = match literal::number(word, most) {
            Ok(number) => return u32::try_from(number).ok(),
            Err(BadNumber::Malformed) => problem::operand(source, span, key, word, wanted),
            Err(BadNumber::OutOfRange) => {
                // The field has room for more bytes than an arena may have.
                let most = if kind.name == Capacity::KIND.name { StencilTable::MOST_BYTES.into() } else { most };
                problem::out_of_range(source, span, key, word, &format!("0 to {most}"))
            }
        };
        self.problems.push(problem);
        None
    }

    fn target(&mut self, key: &str, kind: &OperandKind, span: Span, frame: &Frame<'l>) -> Option<u32> {
        let word = self.listing.word(span);
        if !is_number(word) && !word.is_empty() {
            if let Some((index, _)) = frame.labels.get(word) {
                return Some(*index);
            }
            if frame.has_gaps || self.problems.speak_of_label(word, self.listing.text) {
                return None;
            }
            let labels = in_order(frame.labels.keys().copied());
            self.problems.push(problem::undefined(self.listing.source, span, "label", word, labels));
            return None;
        }
        let offset = self.plain(key, kind, span, "a label, or the offset of an instruction")?;
        match frame.offsets.binary_search(&offset) {
            Ok(index) => Some(index as u32),
            Err(_) if offset == frame.end => Some(frame.offsets.len() as u32),
            Err(_) => {
                if !frame.has_unknown_instructions {
                    let source = self.listing.source;
                    self.problems.push(problem::no_instruction_at(source, span, offset.into(), frame.end));
                }
                None
            }
        }
    }

    fn constant(&mut self, key: &str, kind: &OperandKind, span: Span) -> Option<u32> {
        if value::is_value(self.listing.word(span)) {
            let value = self.constant_value(span)?;
            return Some(self.builder.constant(value).0);
        }
        let word = self.listing.word(span);
        if let Some((constant, _)) = self.constant_names.get(word) {
            return Some(constant.0);
        }
        if let Some(typed) = value::with_type(word) {
            self.problems.push(problem::value_without_type(self.listing.source, span, word, &typed));
            return None;
        }
        if !is_number(word) && !word.is_empty() {
            if self.may_be_defined(word) {
                return None;
            }
            let names = in_order(self.constant_names.keys().copied());
            let problem = problem::undefined(self.listing.source, span, "constant", word, names);
            self.problems
                .push(problem.note("a constant is a value such as `int:42`, or the name or number of a `.const`"));
            return None;
        }
        let number = self.plain(key, kind, span, "a constant such as `int:42`, or the name or number of a `.const`")?;
        match self.constants.get(number as usize) {
            Some(constant) => Some(constant.0),
            None => {
                let count = self.constants.len();
                self.problems.push(problem::no_such_constant(self.listing.source, span, number, count));
                None
            }
        }
    }

    fn import(&mut self, key: &str, kind: &OperandKind, span: Span) -> Option<u32> {
        let word = self.listing.word(span);
        if !is_number(word) {
            let found = self.import_places.get(word).and_then(|place| self.imports.get(*place));
            if let Some((_, _, import)) = found {
                return Some(import.0);
            }
            if self.may_be_defined(word) {
                return None;
            }
            let names = self.imports.iter().map(|(name, _, _)| *name);
            let problem = problem::undefined_import(self.listing.source, span, word, names);
            self.problems.push(match self.find_head(word) {
                Some(_) => problem.hint(format!("it is a function of this listing: `CALL function={}`", quote(word))),
                None => problem,
            });
            return None;
        }
        let number = self.plain(key, kind, span, "an import's name or number")?;
        match self.imports.get(number as usize) {
            Some((_, _, import)) => Some(import.0),
            None => self.no_such_number(span, "import", number, self.imports.len(), ".import"),
        }
    }

    fn called_function(&mut self, key: &str, kind: &OperandKind, span: Span) -> Option<u32> {
        let word = self.listing.word(span);
        if let Some((_, function)) = self.find_head(word) {
            return Some(function.0);
        }
        if !is_number(word) {
            if self.module_import_places.contains_key(word) {
                return Some(self.builder.function(word).0);
            }
            let known = self.heads_in_order();
            let plain = |name: &str| name.split('(').next().unwrap_or_default().to_owned();
            let is_malformed = |name: &&str| plain(name) == plain(word) && vega_format::mangle::parse(name).is_err();
            if known.iter().any(is_malformed) || self.may_be_defined(word) {
                return None;
            }
            // A plain name is near the mangled one that it begins.
            let plain = known.iter().find(|name| name.split('(').next() == Some(word));
            let problem = match plain {
                _ if self.import_places.contains_key(word) => {
                    problem::undefined(self.listing.source, span, "function", word, [])
                        .hint(format!("it is a function of the host: `CALL_NAT import={}`", quote(word)))
                }
                Some(name) => problem::undefined(self.listing.source, span, "function", word, [])
                    .hint(format!("functions are called by their mangled names; did you mean `{name}`?")),
                None => problem::undefined(self.listing.source, span, "function", word, known),
            };
            self.problems.push(problem);
            return None;
        }
        let number = self.plain(key, kind, span, "a function's name or number")?;
        let block = self.listing.functions.get(number as usize);
        match block.and_then(|block| block.opening.arguments(&self.arguments).first()) {
            Some(name) => Some(self.builder.function(self.listing.word(name.span())).0),
            None => self.no_such_number(span, "function", number, self.listing.functions.len(), ".function"),
        }
    }

    /// Whether a directive that was complained about may have defined a name.
    pub(super) fn may_be_defined(&self, name: &str) -> bool {
        self.problems.speak_of(name, self.listing.text)
    }

    /// The words behind `.function`, in order; while functions are read their heads are elsewhere.
    fn heads_in_order(&self) -> Vec<&'l str> {
        let blocks = self.listing.functions.iter();
        let names = blocks.filter_map(|block| block.opening.arguments(&self.arguments).first());
        names.map(|name| self.listing.word(name.span())).collect()
    }

    fn slot_number(&mut self, key: &str, kind: &OperandKind, span: Span, frame: &Frame<'l>) -> Option<u32> {
        self.number_or_name(key, kind, span, "slot", &frame.slot_numbers, frame.has_gaps)
    }

    fn cell(&mut self, key: &str, kind: &OperandKind, span: Span, frame: &Frame<'l>) -> Option<u32> {
        self.number_or_name(key, kind, span, "parameter", &frame.cell_numbers, frame.has_gaps)
    }

    fn number_or_name(
        &mut self,
        key: &str,
        kind: &OperandKind,
        span: Span,
        what: &str,
        names: &Named,
        has_gaps: bool,
    ) -> Option<u32> {
        let word = self.listing.word(span);
        if is_number(word) || word.is_empty() {
            let wanted =
                if what == "slot" { "a number or the name of a slot" } else { "a number or the name of a parameter" };
            return self.plain(key, kind, span, wanted);
        }
        let quoted = if word.starts_with('"') { literal::string(word).ok() } else { None };
        let wanted = quoted.as_deref().unwrap_or(word);
        let source = self.listing.source;
        let problem = match names.get(wanted) {
            Some(Some(number)) => return Some(*number),
            Some(None) => problem::ambiguous(source, span, what, wanted),
            None if has_gaps => return None,
            None => problem::undefined(source, span, what, wanted, in_order(names.keys().map(String::as_str))),
        };
        self.problems.push(problem);
        None
    }

    fn no_such_number(&mut self, span: Span, what: &str, number: u32, count: usize, directive: &str) -> Option<u32> {
        let source = self.listing.source;
        self.problems.push(problem::no_such_number(source, span, what, number.into(), count, directive));
        None
    }
}
