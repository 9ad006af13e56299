//! Texts → the arguments of `main`, by its signature; and what a host hands over, held against one.

use crate::error::ArgumentError;
use crate::limits::{LimitKind, LimitReached, Limits};
use crate::program::Program;
use crate::value::Value;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;
use ecow::EcoString;
use vega_format::entry;
use vega_format::text::{escaped, parse_value};
use vega_format::types::Type;

/// A parameter of `main`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, or `argument1`, `argument2` … where the file does not say.
    pub name: String,
    /// Its type.
    pub type_: Type,
}

/// The parameters of `main`.
pub fn parameters(program: &Program) -> Vec<Parameter> {
    parameters_of(program, program.main())
}

fn parameters_of(program: &Program, function: u32) -> Vec<Parameter> {
    let mut names = program.module().debug(function).map(|debug| debug.parameters).unwrap_or_default();
    let function = program.module().function(function);
    let types = function.map(|function| function.signature.parameters.to_vec()).unwrap_or_default();
    names.resize(types.len(), EcoString::new());
    let named = names.into_iter().zip(types).enumerate();
    named
        .map(|(index, (name, type_))| Parameter {
            name: if name.is_empty() { format!("argument{}", index + 1) } else { escaped(&name) },
            type_,
        })
        .collect()
}

/// How the command line of a program looks: `prog.vgb <n: int> [files: string<256>…]`.
pub fn usage(program: &Program, file: &str) -> String {
    let mut parameters = parameters(program);
    let rest = take_rest(&mut parameters);
    let single = parameters.iter().map(|parameter| format!(" <{}: {}>", parameter.name, parameter.type_));
    let rest = rest.map(|rest| format!(" [{}: {}…]", rest.name, rest.type_));
    format!("{file}{}", single.chain(rest).collect::<String>())
}

/// Reads each text as its parameter's type, and all that are left as elements of the view at the end.
///
/// # Errors
/// There are too few or too many, or one is no value of its type.
pub fn parse(program: &Program, texts: &[impl AsRef<str>]) -> Result<Vec<Value>, ArgumentError> {
    let mut parameters = parameters(program);
    let rest = take_rest(&mut parameters);
    let wanted = parameters.len();
    let or_more = rest.is_some();
    if texts.len() < wanted || (texts.len() > wanted && !or_more) {
        return Err(ArgumentError::Count { found: texts.len(), wanted, or_more });
    }
    let mut texts = texts.iter().map(AsRef::as_ref).enumerate();
    // The parameters first, so that no text is taken for which there is none.
    let single = parameters.iter().zip(texts.by_ref());
    let single = single.map(|(parameter, (index, text))| parse_one(index, text, parameter));
    let mut values = single.collect::<Result<Vec<_>, _>>()?;
    if let Some(rest) = rest {
        let elements = texts.map(|(index, text)| parse_one(index, text, &rest)).collect::<Result<_, _>>()?;
        values.push(Value::View(elements));
    }
    Ok(values)
}

/// Takes away the view at the end that takes all words that are left, as the parameter that each of them is.
fn take_rest(parameters: &mut Vec<Parameter>) -> Option<Parameter> {
    let types: Vec<Type> = parameters.iter().map(|parameter| parameter.type_.clone()).collect();
    let type_ = entry::rest(&types)?.clone();
    parameters.pop().map(|last| Parameter { name: last.name, type_ })
}

fn parse_one(index: usize, text: &str, parameter: &Parameter) -> Result<Value, ArgumentError> {
    let value = match &parameter.type_ {
        Type::Scalar(tag) => parse_value(*tag, text).map(|bits| Value::Scalar(*tag, bits)),
        Type::Text(most) if text.len() as u64 > u64::from(*most) => {
            let (position, name) = (index + 1, parameter.name.clone());
            return Err(ArgumentError::TooLong { position, name, found: cut(text), length: text.len(), most: *most });
        }
        Type::String | Type::Text(_) => Some(Value::String(text.to_owned())),
        _ => None,
    };
    value.ok_or_else(|| wrong(index, parameter, text))
}

fn wrong(index: usize, parameter: &Parameter, found: &str) -> ArgumentError {
    ArgumentError::Value {
        position: index + 1,
        name: parameter.name.clone(),
        type_: parameter.type_.to_string(),
        found: cut(found),
    }
}

/// So much of what was found that a message shows.
fn cut(found: &str) -> String {
    const SHOWN: usize = 100;
    let cut = found.get(..found.floor_char_boundary(SHOWN)).unwrap_or_default();
    let more = if cut.len() < found.len() { "…" } else { "" };
    format!("{cut}{more}")
}

/// Demands that values fit the parameters of a function, and the limit of the bytes of their strings and elements.
///
/// # Errors
/// They do not.
pub(crate) fn check(program: &Program, function: u32, values: &[Value], limits: &Limits) -> Result<(), ArgumentError> {
    if !limits.can_be_kept() {
        return Err(ArgumentError::NoClock);
    }
    let parameters = parameters_of(program, function);
    if values.len() != parameters.len() {
        return Err(ArgumentError::Count { found: values.len(), wanted: parameters.len(), or_more: false });
    }
    let mut bytes = 0_u64;
    for (index, (value, parameter)) in values.iter().zip(&parameters).enumerate() {
        if !value.fits(&parameter.type_) {
            return Err(wrong(index, parameter, &value.to_string()));
        }
        bytes = bytes.saturating_add(bytes_of(value, &parameter.type_));
    }
    let (value, maximum) = (bytes, limits.most_arguments());
    if value > maximum {
        return Err(LimitReached { kind: LimitKind::Arguments, subject: "arguments", value, maximum }.into());
    }
    Ok(())
}

/// What a value takes of linear memory.
fn bytes_of(value: &Value, type_: &Type) -> u64 {
    match (value, type_) {
        (Value::String(text), _) => text.len() as u64,
        (Value::View(elements), Type::View(element)) => {
            let size = match **element {
                Type::Scalar(tag) => tag.size(),
                Type::Text(bytes) => bytes,
                _ => 0,
            };
            (elements.len() as u64).saturating_mul(size.into())
        }
        (Value::View(_) | Value::Scalar(..), _) => 0,
    }
}
