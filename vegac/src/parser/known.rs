//! Whether a name is known around the block that is being read, as far as tokens tell: then what would begin a variable of
//! that block elsewhere assigns the outer one here.

use super::Parser;
use crate::lexer::TokenKind;

/// A block that is open.
#[derive(Debug, Clone, Copy, Default)]
struct Block {
    /// With what it begins: [`TokenKind::Fn`], [`TokenKind::Static`], or anything else.
    kind: Option<TokenKind>,
    /// Whether the name belongs to it: a parameter, or what a loop counts.
    owns: bool,
    /// Whether the name stands in it.
    mentions: bool,
}

/// The variable that the statement begins in the way of another language, `let x = …` or `x := …`, if it is known already
/// around the block.
pub(super) fn known_again<'p>(parser: &Parser<'p>) -> Option<&'p str> {
    let token = |behind: usize| parser.tokens.get(parser.beginning + behind);
    let kind = |behind: usize| token(behind).map(|token| token.kind);
    let is_begun = |behind: usize| matches!(kind(behind), Some(TokenKind::Assign | TokenKind::Colon));
    let name = match (kind(0)?, kind(1)?) {
        (TokenKind::Name, TokenKind::Colon)
            if kind(2) == Some(TokenKind::Assign) && parser.at == parser.beginning + 2 =>
        {
            token(0)
        }
        (TokenKind::Name, TokenKind::Name) if is_begun(2) && parser.at == parser.beginning + 1 => token(1),
        _ => None,
    };
    let name = name?.text(parser.text);
    is_known_outside(parser, name).then_some(name)
}

/// What can be used is mentioned where it begins, so every mention in a block that is open counts, but for those in the head
/// of a function or a loop, which belong to its own block.
fn is_known_outside(parser: &Parser<'_>, name: &str) -> bool {
    let mut blocks = vec![Block::default()];
    let mut next = Block::default();
    // Constants and static variables are known in all functions.
    let mut is_of_file = false;
    let read = parser.tokens.get(..parser.beginning).unwrap_or_default();
    for (place, token) in read.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|before| read.get(before)).map(|before| before.kind);
        match token.kind {
            TokenKind::Fn | TokenKind::Static => next.kind = Some(token.kind),
            TokenKind::BraceOpen => blocks.push(std::mem::take(&mut next)),
            TokenKind::BraceClose if blocks.len() > 1 => _ = blocks.pop(),
            TokenKind::Name if before != Some(TokenKind::Dot) && token.text(parser.text) == name => {
                let is_outermost = blocks.len() == 1;
                let Some(block) = blocks.last_mut() else { continue };
                if next.kind == Some(TokenKind::Fn) || before == Some(TokenKind::For) {
                    next.owns = true;
                } else if block.kind == Some(TokenKind::Static) || is_outermost && before == Some(TokenKind::Const) {
                    is_of_file = true;
                } else {
                    block.mentions = true;
                }
            }
            _ => {}
        }
    }
    let of_function = blocks.iter().rposition(|block| block.kind == Some(TokenKind::Fn)).unwrap_or_default();
    let (inner, outer) = match blocks.get(of_function..).and_then(|seen| seen.split_last()) {
        Some(seen) => seen,
        None => return is_of_file,
    };
    is_of_file || inner.owns || outer.iter().any(|block| block.owns || block.mentions)
}
