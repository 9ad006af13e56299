//! Values as documents for machines.

/// A value as JSON, with line breaks for people.
pub fn json(value: &impl serde::Serialize) -> String {
    // Numbers, names and lists always have a form.
    serde_json::to_string_pretty(value).map(|text| text + "\n").unwrap_or_default()
}
