//! What `main` can take from a command line: a word a parameter, and a view at the end for all words that are left.
//!
//! The compiler, the verifier and the host that reads the words ask here, so that they agree.

use crate::types::Type;

/// The elements of the last parameter, if it takes all words that are left: each of them is a word.
#[must_use]
pub fn rest(parameters: &[Type]) -> Option<&Type> {
    match parameters.last() {
        Some(Type::View(element)) if matches!(**element, Type::Scalar(_) | Type::Text(_)) => Some(element),
        _ => None,
    }
}

/// The place of the first parameter that no words can be read as.
#[must_use]
pub fn strange(parameters: &[Type]) -> Option<usize> {
    let single = parameters.len() - usize::from(rest(parameters).is_some());
    parameters.iter().take(single).position(|type_| !matches!(type_, Type::Scalar(_) | Type::String))
}
