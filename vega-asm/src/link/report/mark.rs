//! Two declarations, and where they differ: signatures with a line of marks below, layouts side by side.

use crate::link::problem::Layout;
use vega_format::text::counted;
use vega_format::types::Signature;
use vega_report::quote;

/// A readable signature, and below it marks under what another has not so.
///
/// ```text
/// geometry.norm(float) -> float
///               ^^^^^     ^^^^^
/// ```
pub(super) fn marked(signature: &Signature, other: &Signature) -> String {
    let mut line = Marked::default();
    line.add(&signature.name, signature.name != other.name);
    line.add("(", false);
    let count = signature.parameters.len().max(other.parameters.len());
    for place in 0..count {
        match (signature.parameters.get(place), other.parameters.get(place)) {
            (Some(own), theirs) => {
                line.add(if place > 0 { ", " } else { "" }, false);
                line.add(&own.to_string(), Some(own) != theirs);
            }
            // What is missing is marked where it would stand.
            (None, _) => {
                line.add(")", true);
                break;
            }
        }
    }
    if signature.parameters.len() >= other.parameters.len() {
        line.add(")", false);
    }
    let differs = signature.result != other.result;
    match &signature.result {
        Some(result) => {
            line.add(" -> ", false);
            line.add(&result.to_string(), differs);
        }
        None => line.add(if differs { " " } else { "" }, differs),
    }
    line.finish()
}

/// A text, and marks under parts of it.
#[derive(Default)]
struct Marked {
    text: String,
    marks: String,
}

impl Marked {
    fn add(&mut self, text: &str, is_marked: bool) {
        let text = quote(text);
        self.marks.extend(text.chars().map(|_| if is_marked { '^' } else { ' ' }));
        self.text.push_str(&text);
    }

    fn finish(self) -> String {
        match self.marks.trim_end() {
            "" => self.text.trim_end().to_owned(),
            marks => format!("{}\n{marks}", self.text.trim_end()),
        }
    }
}

/// More fields are not shown.
const MOST: usize = 20;

/// Two layouts of a struct, a field a line, from a few lines before the first that differs; `!` stands before the lines
/// that do.
pub(super) fn side_by_side(first: &Layout, second: &Layout) -> String {
    let count = first.fields.len().max(second.fields.len());
    let is_other = |place: usize| match (first.fields.get(place), second.fields.get(place)) {
        (Some(one), Some(two)) => {
            let are_apart = one.offset.zip(two.offset).is_some_and(|(one, two)| one != two);
            one.name != two.name || one.type_name != two.type_name || are_apart
        }
        _ => true,
    };
    let differs = (0..count).find(|place| is_other(*place)).unwrap_or(0);
    let start = if count > MOST { differs.saturating_sub(3) } else { 0 };
    let end = (start + MOST).min(count);
    let head = |layout: &Layout| match layout.size {
        Some(size) => format!("{}, {}", quote(&layout.file), counted(size, "byte")),
        None => quote(&layout.file),
    };
    let cell = |layout: &Layout, place: usize| match layout.fields.get(place) {
        Some(field) => {
            let offset = field.offset.map(|offset| offset.to_string()).unwrap_or_default();
            format!("{offset:>4}  {}: {}", quote(&field.name), quote(&field.type_name))
        }
        None => "   -".to_owned(),
    };
    let mut rows = vec![(false, head(first), head(second))];
    rows.extend((start > 0).then(|| (false, "   …".to_owned(), "   …".to_owned())));
    rows.extend((start..end).map(|place| (is_other(place), cell(first, place), cell(second, place))));
    rows.extend((end < count).then(|| (false, "   …".to_owned(), "   …".to_owned())));
    let width = rows.iter().map(|(_, left, _)| left.chars().count()).max().unwrap_or(0);
    let line = |(is_other, left, right): &(bool, String, String)| {
        format!("{} {left:<width$}   {right}", if *is_other { '!' } else { ' ' })
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use vega_format::mangle;

    #[test]
    fn what_differs_is_marked() {
        let cases = [
            ("f(I)d", "f(f)d", "f(int) -> decimal\n  ^^^"),
            ("f(I)d", "f(I)V", "f(int) -> decimal\n          ^^^^^^^"),
            ("f(I)V", "f(I)d", "f(int)\n      ^"),
            ("f(II)V", "f(I)V", "f(int, int)\n       ^^^"),
            ("f(I)V", "f(II)V", "f(int)\n     ^"),
            ("f()V", "f(I)V", "f()\n  ^"),
            ("f(I)V", "f(I)V", "f(int)"),
        ];
        for (own, other, wanted) in cases {
            let parse = |mangled: &str| mangle::parse(mangled).expect("a mangled name");
            assert_eq!(marked(&parse(own), &parse(other)), wanted, "{own} {other}");
        }
    }
}
