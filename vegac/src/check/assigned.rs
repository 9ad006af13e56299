//! The names that a loop may assign, anywhere inside: what is known of them before a loop does not hold in its next turn.

use crate::ast::{Block, Expression, ExpressionKind, Statement, StatementKind};

/// The names, some of them more than once.
pub(super) fn assigned<'a>(condition: Option<&'a Expression>, body: &'a Block) -> Vec<&'a str> {
    let mut names = Vec::new();
    condition.into_iter().for_each(|condition| of_expression(condition, &mut names));
    of_block(body, &mut names);
    names
}

fn of_block<'a>(block: &'a Block, names: &mut Vec<&'a str>) {
    block.statements.iter().for_each(|statement| of_statement(statement, names));
}

fn of_statement<'a>(statement: &'a Statement, names: &mut Vec<&'a str>) {
    match &statement.kind {
        StatementKind::Assign { place, value, .. } => {
            of_place(place, names);
            value.iter().for_each(|value| of_expression(value, names));
        }
        StatementKind::AssignSeveral { places, value } => {
            places.iter().for_each(|place| of_place(place, names));
            of_expression(value, names);
        }
        StatementKind::Compound { place, value, .. } => {
            of_place(place, names);
            of_expression(value, names);
        }
        StatementKind::Alias { offset, .. } => of_expression(offset, names),
        StatementKind::If { arms, otherwise } => {
            for (condition, block) in arms {
                of_expression(condition, names);
                of_block(block, names);
            }
            otherwise.iter().for_each(|block| of_block(block, names));
        }
        StatementKind::Match { value, arms } => {
            of_expression(value, names);
            arms.iter().for_each(|arm| of_block(&arm.body, names));
        }
        StatementKind::While { condition, body, .. } => {
            of_expression(condition, names);
            of_block(body, names);
        }
        StatementKind::Each { whole, body, .. } => {
            of_expression(whole, names);
            of_block(body, names);
        }
        StatementKind::For { start, end, body, .. } => {
            of_expression(start, names);
            of_expression(end, names);
            of_block(body, names);
        }
        StatementKind::Return(value) => value.iter().for_each(|value| of_expression(value, names)),
        StatementKind::Expression(expression) => of_expression(expression, names),
        StatementKind::Lost(lost) => names.extend(lost.iter().map(|name| name.text.as_str())),
        StatementKind::Free(_)
        | StatementKind::Break(_)
        | StatementKind::Continue(_)
        | StatementKind::Constant(_)
        | StatementKind::Struct(_) => {}
    }
}

/// A plain name is assigned itself; a part of something is no union.
fn of_place<'a>(place: &'a Expression, names: &mut Vec<&'a str>) {
    match &place.kind {
        ExpressionKind::Name(name) => names.push(name),
        _ => of_expression(place, names),
    }
}

/// Blocks of `alloc` may stand in expressions, and assign.
fn of_expression<'a>(expression: &'a Expression, names: &mut Vec<&'a str>) {
    match &expression.kind {
        ExpressionKind::Literal(_) | ExpressionKind::Name(_) | ExpressionKind::Type(_) => {}
        ExpressionKind::Field(inner, _) | ExpressionKind::Unary(_, inner) | ExpressionKind::Is(inner, _) => {
            of_expression(inner, names)
        }
        ExpressionKind::Index(left, right) => {
            of_expression(left, names);
            of_expression(right, names);
        }
        ExpressionKind::Binary(_, _, operands) | ExpressionKind::And(operands) | ExpressionKind::Or(operands) => {
            operands.iter().for_each(|operand| of_expression(operand, names));
        }
        ExpressionKind::Slice(inner, start, end) => {
            of_expression(inner, names);
            [start, end].into_iter().flatten().for_each(|end| of_expression(end, names));
        }
        ExpressionKind::Call(_, parts) | ExpressionKind::Tuple(parts) | ExpressionKind::Array(parts) => {
            parts.iter().for_each(|part| of_expression(part, names));
        }
        ExpressionKind::StructLiteral(_, fields) => fields.iter().for_each(|(_, value)| of_expression(value, names)),
        ExpressionKind::Alloc(_, block) => of_block(block, names),
    }
}
