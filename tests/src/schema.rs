//! Whether a JSON document has the form that a schema in `spec/` publishes: as much of JSON Schema as those schemas use.
//! A word that is not known here is an error, so that no schema says more than is checked.

use crate::case::root;
use serde_json::{Map, Value};

/// Demands that a document has the form.
///
/// # Errors
/// It has not, or the schema says what is not known here.
pub fn check(schema: &Value, document: &Value) -> Result<(), String> {
    Checker { root: schema }.check(schema, document, "$")
}

/// A schema that `spec/` publishes.
///
/// # Errors
/// It is not there, or is no JSON.
pub fn published(name: &str) -> Result<Value, String> {
    let text = std::fs::read_to_string(root().join("spec").join(name)).map_err(|error| format!("{name}: {error}"))?;
    serde_json::from_str(&text).map_err(|error| format!("{name}: {error}"))
}

/// Demands that a text is a JSON document of a published form.
///
/// # Errors
/// It is not.
pub fn check_text(schema: &str, text: &[u8]) -> Result<(), String> {
    let document = serde_json::from_slice(text).map_err(|error| format!("no JSON document: {error}"))?;
    check(&published(schema)?, &document).map_err(|problem| format!("{schema}: {problem}"))
}

struct Checker<'s> {
    root: &'s Value,
}

impl Checker<'_> {
    fn check(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let words = schema.as_object().ok_or(format!("{at}: the schema is no object"))?;
        for (word, wanted) in words {
            let fits = match word.as_str() {
                "$schema" | "$defs" | "title" | "description" | "required" => true,
                "$ref" => {
                    self.check(self.find(wanted)?, value, at)?;
                    true
                }
                "type" => types(wanted).any(|name| is_of(value, name)),
                "const" => value == wanted,
                "enum" => wanted.as_array().is_some_and(|allowed| allowed.contains(value)),
                "minimum" => value.is_null() || value.as_f64() >= wanted.as_f64(),
                "anyOf" => {
                    let mut ways = wanted.as_array().into_iter().flatten();
                    ways.any(|way| self.check(way, value, at).is_ok())
                }
                "items" => {
                    for (place, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(wanted, item, &format!("{at}[{place}]"))?;
                    }
                    true
                }
                // Readers must take fields that a later release adds; this one writes none that its schemas do not name.
                "properties" => {
                    self.check_fields(words, value.as_object().unwrap_or(&Map::new()), at)?;
                    true
                }
                unknown => return Err(format!("{at}: the schema says `{unknown}`, which is not checked")),
            };
            if !fits {
                return Err(format!("{at} is {value}, and `{word}` wants {wanted}"));
            }
        }
        Ok(())
    }

    fn check_fields(&self, words: &Map<String, Value>, fields: &Map<String, Value>, at: &str) -> Result<(), String> {
        let none = Map::new();
        let known = words.get("properties").and_then(Value::as_object).unwrap_or(&none);
        for (name, value) in fields {
            let schema = known.get(name).ok_or(format!("{at} has a field `{name}`, which the schema has not"))?;
            self.check(schema, value, &format!("{at}.{name}"))?;
        }
        let required = words.get("required").and_then(Value::as_array).into_iter().flatten();
        match required.filter_map(Value::as_str).find(|name| !fields.contains_key(*name)) {
            Some(missing) => Err(format!("{at} lacks the field `{missing}`")),
            None => Ok(()),
        }
    }

    fn find(&self, reference: &Value) -> Result<&Value, String> {
        let name = reference.as_str().and_then(|reference| reference.strip_prefix("#/$defs/"));
        let found = name.and_then(|name| self.root.get("$defs")?.get(name));
        found.ok_or(format!("the schema has no {reference}"))
    }
}

fn types(wanted: &Value) -> impl Iterator<Item = &str> {
    let several = wanted.as_array().into_iter().flatten().filter_map(Value::as_str);
    wanted.as_str().into_iter().chain(several)
}

fn is_of(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}
