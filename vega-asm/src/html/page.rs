//! The page out of its parts. They stand in files of their own, as they are written for a browser.

use super::data::Data;
use vega_report::quote;

const FRAME: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
/// The parts of the script, in the order in which they rely on one another.
const SCRIPT: [&str; 7] = [
    include_str!("script/page.js"),
    include_str!("script/state.js"),
    include_str!("script/code.js"),
    include_str!("script/arenas.js"),
    include_str!("script/bytes.js"),
    include_str!("script/budget.js"),
    include_str!("script/start.js"),
];

pub(super) fn of(name: &str, data: &Data) -> String {
    let data = embedded(data);
    // Whoever made the file cannot know this in it: it depends on every text.
    let nonce = blake3::hash(data.as_bytes()).to_hex();
    let script = SCRIPT.concat();
    let values = [
        ("name", escaped(&quote(name))),
        ("nonce", nonce.to_string()),
        ("style", STYLE.to_owned()),
        ("data", data),
        ("script", script),
    ];
    filled(FRAME, &values)
}

/// The frame with its holes, `{{name}}`, filled in. What is put in is not looked at again.
fn filled(frame: &str, values: &[(&str, String)]) -> String {
    let mut page = String::new();
    let mut rest = frame;
    while let Some((before, (hole, after))) = rest.split_once("{{").and_then(|(a, b)| Some((a, b.split_once("}}")?))) {
        page.push_str(before);
        let value = values.iter().find(|(name, _)| *name == hole);
        page.push_str(value.map(|(_, value)| value.as_str()).unwrap_or_default());
        rest = after;
    }
    page + rest
}

/// As it may stand in a script element: nothing in it looks like the end of one, or like a comment.
fn embedded(data: &Data) -> String {
    let text = serde_json::to_string(data).unwrap_or_else(|_| "null".to_owned());
    text.replace('<', "\\u003c")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
