//! A graph in the languages of Graphviz and Mermaid.

use std::io::{self, Write};
use std::str::FromStr;

/// How a graph is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// Line by line.
    #[default]
    Text,
    /// For `dot`, of Graphviz.
    Dot,
    /// For Mermaid.
    Mermaid,
}

impl FromStr for Form {
    type Err = String;

    fn from_str(word: &str) -> Result<Form, String> {
        match word {
            "text" => Ok(Form::Text),
            "dot" => Ok(Form::Dot),
            "mermaid" => Ok(Form::Mermaid),
            _ => Err("wanted text, dot or mermaid".to_owned()),
        }
    }
}

/// Nodes with the lines that stand in them, and edges with a word.
#[derive(Default)]
pub(super) struct Graph {
    pub(super) name: String,
    pub(super) nodes: Vec<Vec<String>>,
    /// From, to, and what the edge says.
    pub(super) edges: Vec<(usize, usize, String)>,
}

impl Graph {
    pub(super) fn write(&self, out: &mut dyn Write, form: Form) -> io::Result<()> {
        match form {
            Form::Text => Ok(()),
            Form::Dot => self.dot(out),
            Form::Mermaid => self.mermaid(out),
        }
    }

    fn dot(&self, out: &mut dyn Write) -> io::Result<()> {
        // A backslash before `l` ends a line that stands at the left.
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        writeln!(out, "digraph \"{}\" {{\n  node [shape=box, fontname=monospace];", quoted(&self.name))?;
        for (number, lines) in self.nodes.iter().enumerate() {
            let text: String = lines.iter().map(|line| format!("{}\\l", quoted(line))).collect();
            writeln!(out, "  n{number} [label=\"{text}\"];")?;
        }
        for (from, to, word) in &self.edges {
            let label = if word.is_empty() { String::new() } else { format!(" [label=\"{}\"]", quoted(word)) };
            writeln!(out, "  n{from} -> n{to}{label};")?;
        }
        writeln!(out, "}}")
    }

    fn mermaid(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "flowchart TD")?;
        for (number, lines) in self.nodes.iter().enumerate() {
            let lines: Vec<String> = lines.iter().map(|line| entities(line)).collect();
            writeln!(out, "  n{number}[\"{}\"]", lines.join("<br>"))?;
        }
        for (from, to, word) in &self.edges {
            let label = if word.is_empty() { String::new() } else { format!("|\"{}\"|", entities(word)) };
            writeln!(out, "  n{from} -->{label} n{to}")?;
        }
        Ok(())
    }
}

/// What Mermaid could take for its own, by number.
fn entities(text: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || " .,:=_-()+/".contains(letter);
    let letters = text.chars().map(|letter| match is_plain(letter) {
        true => letter.to_string(),
        false => format!("#{};", u32::from(letter)),
    });
    letters.collect()
}
