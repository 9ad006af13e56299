//! Texts → the arguments of `main`, by its signature.

use crate::error::ArgumentError;
use crate::limits::{LimitKind, LimitReached, Limits};
use crate::loader::Program;
use crate::value::Value;
use ecow::EcoString;
use vega_format::text::parse_value;
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
            name: if name.is_empty() { format!("argument{}", index + 1) } else { name.to_string() },
            type_,
        })
        .collect()
}

/// How the command line of a program looks: `prog.vgb <n: int> <rate: decimal>`.
pub fn usage(program: &Program, file: &str) -> String {
    parameters(program)
        .iter()
        .fold(file.to_owned(), |usage, parameter| format!("{usage} <{}: {}>", parameter.name, parameter.type_))
}

/// Reads each text as its parameter's type.
///
/// # Errors
/// There are too few or too many, or one is no value of its type.
pub fn parse(program: &Program, texts: &[impl AsRef<str>]) -> Result<Vec<Value>, ArgumentError> {
    let parameters = parameters(program);
    if texts.len() != parameters.len() {
        return Err(ArgumentError::Count { found: texts.len(), wanted: parameters.len() });
    }
    let pairs = texts.iter().map(AsRef::as_ref).zip(parameters).enumerate();
    pairs.map(|(index, (text, parameter))| parse_one(index, text, parameter)).collect()
}

fn parse_one(index: usize, text: &str, parameter: Parameter) -> Result<Value, ArgumentError> {
    let value = match &parameter.type_ {
        Type::Scalar(tag) => parse_value(*tag, text).map(|bits| Value::Scalar(*tag, bits)),
        Type::String => Some(Value::String(text.to_owned())),
        _ => None,
    };
    value.ok_or_else(|| wrong(index, &parameter, text))
}

fn wrong(index: usize, parameter: &Parameter, found: &str) -> ArgumentError {
    const SHOWN: usize = 100;
    let cut = found.get(..found.floor_char_boundary(SHOWN)).unwrap_or_default();
    let more = if cut.len() < found.len() { "…" } else { "" };
    ArgumentError::Value {
        position: index + 1,
        name: parameter.name.clone(),
        type_: parameter.type_.to_string(),
        found: format!("{cut}{more}"),
    }
}

/// Demands that values fit the parameters of a function and the limit of their strings' bytes.
///
/// # Errors
/// They do not.
pub(crate) fn check(program: &Program, function: u32, values: &[Value], limits: &Limits) -> Result<(), ArgumentError> {
    let parameters = parameters_of(program, function);
    if values.len() != parameters.len() {
        return Err(ArgumentError::Count { found: values.len(), wanted: parameters.len() });
    }
    for (index, (value, parameter)) in values.iter().zip(&parameters).enumerate() {
        if !value.fits(&parameter.type_) {
            return Err(wrong(index, parameter, &value.to_string()));
        }
    }
    let bytes = |value: &Value| match value {
        Value::String(text) => text.len() as u64,
        Value::Scalar(..) => 0,
    };
    let (value, maximum) = (values.iter().map(bytes).fold(0, u64::saturating_add), limits.arguments);
    if value > maximum {
        return Err(LimitReached { kind: LimitKind::Arguments, subject: "string arguments", value, maximum }.into());
    }
    Ok(())
}
