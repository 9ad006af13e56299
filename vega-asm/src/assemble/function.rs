//! One function: what its directives say, then its labels and offsets, then its code.

use super::operand::{self, Frame};
use super::{Assembler, DebugLines, FunctionHead};
use crate::damage::Damage;
use crate::directive::Directive;
use crate::listing::{Sort, Statement};
use crate::literal::{self, BadNumber};
use crate::problem;
use crate::syntax::{Argument, Span};
use vega_format::builder::FunctionDraft;
use vega_format::container::functions::MOST_CODE;
use vega_format::container::{FunctionDebug, Line, SlotKind};
use vega_format::instruction::{Instruction, Offset, Operand as _, Operands, Row, Target};
use vega_format::mangle;
use vega_format::stencil::TypeRef;
use vega_format::types::{Mask, Signature, Tag};
use vega_report::{near, quote};

/// What stands for each of the bytes that are put into the finished code.
const FILLER: Instruction = Instruction::Return {};

/// The most slots of a function.
pub(super) const MOST_SLOTS: usize = u16::MAX as usize;

/// Puts code into a function that the verifier accepts, whatever the function takes and gives: it never ends.
fn stand_in(draft: &mut FunctionDraft) {
    let exported = draft.exported;
    draft.clear();
    draft.exported = exported;
    draft.code.push(Instruction::Jump { target: Target(0) });
}

impl<'l> Assembler<'l, '_> {
    /// A function that is read statement by statement, with complaints about all that is wrong.
    pub(super) fn function(&mut self, head: &FunctionHead<'l>) {
        let before = self.problems.count();
        let signature = self.signature(head.span);
        let is_named = signature.is_some();
        // Of one that nobody knows nothing is told but what is wrong whatever it is.
        let signature = signature.unwrap_or_default();
        let body = self.begin_body(head.block);
        let (mut frame, mut draft) = (std::mem::take(&mut self.frame), std::mem::take(&mut self.draft));
        frame.clear();
        frame.has_gaps = self.problems.count() > before;
        frame.is_named = is_named;
        draft.exported = head.exported;
        self.draft(head, &signature, &body.0, &mut draft, &mut frame);
        // What speaks of a name that was complained about elsewhere is left out without a word.
        if self.problems.count() > before || draft.code.len() < frame.rows.len() {
            stand_in(&mut draft);
            self.faulty.insert(head.name.to_owned());
        }
        self.builder.define(head.function, &mut draft);
        (self.frame, self.draft) = (frame, draft);
        self.end_body(body);
    }

    fn draft(
        &mut self,
        head: &FunctionHead<'l>,
        signature: &Signature,
        statements: &[Statement],
        draft: &mut FunctionDraft,
        frame: &mut Frame<'l>,
    ) {
        let before = self.problems.count();
        let mut debug = self.debug_lines.begin(head);
        self.function_directives(statements, signature, draft, frame, &mut debug);
        frame.has_gaps |= self.problems.count() > before;
        frame.end_directives(signature, self.builder.stencils());
        self.labels(head, statements, frame);
        self.code(statements, frame, draft, &mut debug);
        self.settle_slots(frame, draft, before);
        draft.debug = frame.debug(debug, self.debug_lines);
    }

    fn function_directives(
        &mut self,
        statements: &[Statement],
        signature: &Signature,
        draft: &mut FunctionDraft,
        frame: &mut Frame<'l>,
        debug: &mut FunctionDebug,
    ) {
        // What an earlier function said is forgotten.
        for directive in [Directive::Stack, Directive::Limit, Directive::File, Directive::Declared] {
            self.once.remove(&directive);
        }
        for statement in statements {
            self.function_directive(statement, signature, draft, frame, debug);
        }
    }

    /// One directive of a function, if it is one.
    fn function_directive(
        &mut self,
        statement: &Statement,
        signature: &Signature,
        draft: &mut FunctionDraft,
        frame: &mut Frame<'l>,
        debug: &mut FunctionDebug,
    ) {
        let Sort::Directive(directive) = statement.sort else { return };
        let arguments = statement.arguments(&self.arguments).iter();
        let count = arguments.filter(|argument| !argument.appended).count();
        match (directive, count) {
            (Directive::Stack, 1) => {
                let most = self.number(statement, 0, u16::MAX.into()).filter(|_| self.only_once(directive, statement));
                draft.max_stack = most.map(|most| most as u16).or(draft.max_stack);
            }
            (Directive::Limit, 1) => {
                let limit = self.positive(statement, 0).filter(|_| self.only_once(directive, statement));
                draft.limit = limit.or(draft.limit);
            }
            (Directive::Slot, _) => self.slot(statement, frame),
            (Directive::Parameter, 1) => self.parameter(statement, signature, frame),
            (Directive::File, 1) => {
                let most = self.builder.sources.len().saturating_sub(1) as u64;
                if self.debug_is_given(statement, directive)
                    && let Some(number) = self.number(statement, 0, most)
                    && self.only_once(directive, statement)
                {
                    debug.source = number as u32;
                }
            }
            (Directive::Declared, 1) => {
                if self.debug_is_given(statement, directive)
                    && let Some(line) = self.number(statement, 0, u32::MAX.into())
                    && self.only_once(directive, statement)
                {
                    debug.line = line as u32;
                }
            }
            // Read again among the instructions.
            (Directive::Bytes, 1) => {}
            (Directive::Line, 1) => _ = self.debug_is_given(statement, directive),
            _ => self.arguments_do_not_fit(statement, directive),
        }
    }

    /// Whether lines and files have a meaning here.
    fn debug_is_given(&mut self, statement: &Statement, directive: Directive) -> bool {
        let stripped = self.debug_lines == DebugLines::Absent;
        // A `.source` may stand on a line that could not be read.
        if self.debug_lines != DebugLines::Given && !self.has_gaps {
            let problem = problem::debug_directive(self.listing.source, statement.name, directive, stripped);
            self.problems.push(problem);
        }
        self.debug_lines == DebugLines::Given
    }

    /// `.slot name = number [variable|stencil|alias type]`, or `.slot number variable|stencil|alias type [name]`
    fn slot(&mut self, statement: &Statement, frame: &mut Frame<'l>) {
        let source = self.listing.source;
        let due = frame.slots.len();
        if due >= MOST_SLOTS {
            self.problems.push(problem::limit(source, statement.name, "the number of slots", due + 1, MOST_SLOTS));
            return;
        }
        let (assigned, place) = self.assigned(statement);
        let words = self.words(statement);
        // `.slot x 0 variable …` forgets the sign.
        let is_numbered =
            words.first().is_some_and(|word| literal::number(word, u64::MAX) != Err(BadNumber::Malformed));
        let behind = match (assigned, words.len().checked_sub(place + 1)) {
            (None, Some(behind @ 2..=3)) if is_numbered => behind,
            (None, Some(2..=3)) => {
                frame.has_gaps = true;
                let problem =
                    problem::directive_arguments(self.listing.source, statement, &self.arguments, Directive::Slot);
                let name = words.iter().find(|word| mangle::is_identifier(word)).filter(|_| words.len() == 4);
                self.problems.push(match name {
                    Some(name) => {
                        problem.hint(format!("a slot with a name is written `.slot {} = {due} …`", quote(name)))
                    }
                    None => problem.hint(format!("a slot without a name is written `.slot {due} variable 00000010`")),
                });
                return;
            }
            (Some(_), Some(behind @ (0 | 2))) => behind,
            _ => {
                frame.has_gaps = true;
                return self.arguments_do_not_fit(statement, Directive::Slot);
            }
        };
        let span = self.value_span(statement, place);
        let number = self.number_at(statement.name, span, 0, MOST_SLOTS as u64 - 1);
        if let Some(number) = number.filter(|number| *number != due as u64 && !frame.has_gaps) {
            let wanted = format!("{due}: slots stand in order, from 0");
            self.problems.push(problem::argument(source, span, &number.to_string(), &wanted));
        }
        let kind = match behind {
            0 => None,
            _ => self.slot_kind(self.span(statement, place + 1), self.span(statement, place + 2)),
        };
        if let (Some(name), 0) = (assigned, behind)
            && number == Some(due as u64)
        {
            frame.open_slots.push((due as u16, name));
        }
        // Of what is malformed elsewhere, a struct say, nothing is told here.
        frame.has_gaps |= behind > 0 && kind.is_none();
        // A malformed slot keeps its number, so that the others keep theirs.
        frame.slot_kinds.push(kind.unwrap_or(SlotKind::Variable(Mask::EMPTY)));
        let name = match assigned {
            Some(name) => self.name_in(name),
            None if behind == 3 => self.name(statement, 3),
            None => None,
        };
        frame.slots.push(name.unwrap_or_default().into());
    }

    fn slot_kind(&mut self, span: Span, type_span: Span) -> Option<SlotKind> {
        match self.listing.word(span) {
            "variable" => self.mask("mask", type_span).map(SlotKind::Variable),
            "alias" => self.tag(type_span).map(SlotKind::Alias),
            "stencil" => self.stencil_slot(type_span),
            word => {
                const KINDS: [&str; 3] = ["variable", "stencil", "alias"];
                let problem = problem::argument(self.listing.source, span, word, "`variable`, `stencil` or `alias`");
                self.problems.push(match near(word, KINDS) {
                    Some(kind) => problem.hint(format!("did you mean `{kind}`?")),
                    None => problem,
                });
                None
            }
        }
    }

    /// Makes slots what the instructions say that make them; the rest as they were declared. An instruction that was
    /// complained about, after the first complaints, may have been the one that says it.
    fn settle_slots(&mut self, frame: &mut Frame<'l>, draft: &mut FunctionDraft, before: usize) {
        draft.slots.extend_from_slice(&frame.slot_kinds);
        for (number, name) in &frame.open_slots {
            let kind = draft.code.iter().find_map(|instruction| match instruction {
                Instruction::VarAlloc { slot, mask } if slot.0 == *number => Some(SlotKind::Variable(*mask)),
                Instruction::VarPtr { slot, tag } if slot.0 == *number => Some(SlotKind::Alias(*tag)),
                _ => None,
            });
            match (draft.slots.get_mut(usize::from(*number)), kind) {
                (Some(slot), Some(kind)) => *slot = kind,
                _ => {
                    let word = self.listing.word(*name);
                    if !self.problems.may_make_slot(before, word, self.listing.text) {
                        self.problems.push(problem::open_slot(self.listing.source, *name, word));
                    }
                }
            }
        }
    }

    fn stencil_slot(&mut self, span: Span) -> Option<SlotKind> {
        match self.type_at(span)? {
            TypeRef::Scalar(tag) => {
                let words = format!("`{tag}` is a scalar; write `variable {}`", tag.mask().binary());
                self.problems.push(problem::unusable_type(self.listing.source, span, &words));
                None
            }
            stencil => Some(SlotKind::Stencil(stencil)),
        }
    }

    /// A type name.
    pub(super) fn tag(&mut self, span: Span) -> Option<Tag> {
        let word = self.listing.word(span);
        let tag = Tag::from_name(word);
        if tag.is_none() {
            self.problems.push(problem::unknown_tag(self.listing.source, span, word));
        }
        tag
    }

    /// Eight binary digits.
    pub(super) fn mask(&mut self, key: &str, span: Span) -> Option<Mask> {
        let word = self.listing.word(span);
        let source = self.listing.source;
        match operand::mask(word) {
            Some(mask) => return Some(mask),
            None if word.len() > 8 && word.bytes().all(|digit| matches!(digit, b'0' | b'1')) => {
                self.problems.push(problem::out_of_range(source, span, key, word, "00000000 to 11111111"));
            }
            None => {
                let wanted = "eight binary digits, such as `00000010` for int";
                self.problems.push(problem::operand(source, span, key, word, wanted));
            }
        }
        None
    }

    fn parameter(&mut self, statement: &Statement, signature: &Signature, frame: &mut Frame<'l>) {
        let count = signature.parameters.len();
        if frame.parameters.len() == count && frame.is_named {
            let words = format!("a `.parameter` less: `{}` has {count}", quote(&mangle::mangle(signature)));
            let span = self.span(statement, 0);
            self.problems.push(problem::argument(self.listing.source, span, self.listing.word(span), &words));
            return;
        }
        let name = self.name(statement, 0).unwrap_or_default();
        frame.parameters.push(name.into());
    }

    /// Finds labels, offsets, and the row of each instruction.
    fn labels(&mut self, head: &FunctionHead<'l>, statements: &[Statement], frame: &mut Frame<'l>) {
        let source = self.listing.source;
        let mut end = 0usize;
        for statement in statements {
            let word = self.listing.word(statement.name);
            match statement.sort {
                Sort::Label => {
                    if !mangle::is_identifier(word) {
                        let wanted = "a label: letters, digits and `_`";
                        self.problems.push(problem::argument(source, statement.name, word, wanted));
                        frame.has_gaps = true;
                    } else if let Some((_, first)) = frame.labels.get(word) {
                        let what = format!("label `{}`", quote(word));
                        self.problems.push(problem::duplicate(source, statement.name, &what, *first));
                    } else {
                        frame.labels.insert(word, (frame.rows.len() as u32, statement.name));
                    }
                }
                Sort::Instruction => {
                    let row = self.mnemonics.find(word);
                    if row.is_none() {
                        self.problems.push(problem::unknown_mnemonic(source, statement.name, word));
                    }
                    if end <= MOST_CODE {
                        frame.offsets.push(end as u32);
                    }
                    end += row.map_or(0, Row::width);
                    frame.rows.push(row);
                }
                Sort::Directive(Directive::Bytes) => {
                    let bytes = self.hex(statement, 0).unwrap_or_default();
                    let fillers = (end..).take(bytes.len());
                    frame.offsets.extend(fillers.map(|offset| offset.min(MOST_CODE) as u32));
                    frame.rows.resize(frame.rows.len() + bytes.len(), Some(FILLER.row()));
                    frame.fillers.push(bytes.len());
                    let offset = end.min(MOST_CODE) as u32;
                    end += bytes.len();
                    self.damage.push((statement.name, Damage::Code(head.name.to_owned(), offset, bytes)));
                }
                Sort::Directive(_) => {}
            }
        }
        if end > MOST_CODE {
            let what = format!("the code of `{}` in bytes", quote(head.name));
            self.problems.push(problem::limit(source, head.span, &what, end, MOST_CODE));
        }
        frame.end = end.min(MOST_CODE) as u32;
        frame.has_unknown_instructions = frame.rows.iter().any(Option::is_none);
    }

    fn code(
        &mut self,
        statements: &[Statement],
        frame: &mut Frame<'l>,
        draft: &mut FunctionDraft,
        debug: &mut FunctionDebug,
    ) {
        let rows = std::mem::take(&mut frame.rows);
        draft.code.reserve_exact(rows.len());
        let fillers = std::mem::take(&mut frame.fillers);
        let (mut next, mut fillers) = (rows.iter(), fillers.into_iter());
        for statement in statements {
            match statement.sort {
                Sort::Label => {}
                Sort::Directive(Directive::Bytes) => {
                    let count = fillers.next().unwrap_or(0);
                    draft.code.extend(next.by_ref().take(count).map(|_| FILLER));
                }
                Sort::Directive(Directive::Line) if self.debug_lines == DebugLines::Given => {
                    if let Some(line) = self.number(statement, 0, u32::MAX.into()) {
                        debug.lines.push(Line { offset: draft.code.len() as u32, line: line as u32 });
                    }
                }
                Sort::Directive(_) => {}
                Sort::Instruction => {
                    let Some(row) = next.next() else { break };
                    let place = draft.code.len() as u32;
                    let instruction = row.and_then(|row| self.instruction(statement, row, frame));
                    if let Some(instruction) = instruction {
                        draft.code.push(instruction);
                    }
                    if self.debug_lines == DebugLines::Absent {
                        continue;
                    }
                    let new_line = debug.lines.last().is_none_or(|last| last.line != statement.line);
                    if self.debug_lines == DebugLines::Listing && new_line {
                        debug.lines.push(Line { offset: place, line: statement.line });
                    }
                }
            }
            if self.problems.is_full() {
                break;
            }
        }
        frame.rows = rows;
    }

    fn instruction(&mut self, statement: &Statement, row: &'static Row, frame: &Frame<'l>) -> Option<Instruction> {
        let listing = self.listing;
        let arguments = statement.arguments(&self.arguments);
        let has_comma = |argument: &&Argument| listing.word(argument.value()).ends_with(',');
        if let Some(argument) = arguments.iter().find(has_comma) {
            self.problems.push(problem::comma(listing.source, argument.span()));
            return None;
        }
        if arguments.len() != row.operands.len() {
            let span = match arguments.get(row.operands.len()) {
                Some(extra) => extra.span(),
                None => statement.name,
            };
            let extra = arguments.get(row.operands.len()).map(|extra| listing.word(extra.span()));
            self.problems.push(problem::operand_count(listing.source, span, row, arguments.len(), extra));
            return None;
        }
        let mut values = [0; Operands::MOST];
        let mut count = 0;
        for (place, (key, kind)) in row.operands.iter().enumerate() {
            let argument = *statement.arguments(&self.arguments).get(place)?;
            let operands = values.get(..count).unwrap_or_default();
            if let Some(span) = argument.key().filter(|span| listing.word(*span) != *key) {
                let found = listing.word(span);
                self.problems.push(problem::operand_key(listing.source, span, row, found, key));
                return None;
            }
            let span = argument.value();
            let names_a_part = kind.name == Offset::KIND.name && !operand::is_number(listing.word(span));
            let operand = match names_a_part && !listing.word(span).is_empty() {
                // It is a part of what was complained about.
                true if count < place => None,
                true => self.part_offset(row, operands, span, frame),
                false => self.operand(key, kind, span, frame),
            };
            if let (Some(operand), Some(value)) = (operand, values.get_mut(count)) {
                *value = operand;
                count += 1;
            }
        }
        // Too few if one of them was complained about.
        Instruction::from_parts(row.number, values.get(..count).unwrap_or_default()).ok()
    }
}
