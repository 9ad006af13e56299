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
    /// As data, with all other views.
    Json,
}

impl Form {
    /// Whether it is for a program that draws.
    pub fn is_graph(self) -> bool {
        matches!(self, Form::Dot | Form::Mermaid)
    }
}

impl FromStr for Form {
    type Err = String;

    fn from_str(word: &str) -> Result<Form, String> {
        match word {
            "text" => Ok(Form::Text),
            "dot" => Ok(Form::Dot),
            "mermaid" => Ok(Form::Mermaid),
            "json" => Ok(Form::Json),
            _ => Err("wanted text, dot, mermaid or json".to_owned()),
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

/// Writes graphs for a program that draws, in one drawing: each in a frame of its own.
pub(super) fn write(out: &mut dyn Write, form: Form, graphs: impl IntoIterator<Item = Graph>) -> io::Result<()> {
    let is_dot = form == Form::Dot;
    let start = if is_dot { "digraph {\n  node [shape=box, fontname=monospace];" } else { "flowchart TD" };
    writeln!(out, "{start}")?;
    let mut first = 0;
    for (number, graph) in graphs.into_iter().enumerate() {
        match is_dot {
            true => graph.dot(out, number, first)?,
            false => graph.mermaid(out, number, first)?,
        }
        first += graph.nodes.len();
    }
    if is_dot { writeln!(out, "}}") } else { Ok(()) }
}

impl Graph {
    /// In a frame of this number, with numbers of its nodes from `first` on.
    fn dot(&self, out: &mut dyn Write, number: usize, first: usize) -> io::Result<()> {
        // A backslash before `l` ends a line that stands at the left.
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        writeln!(out, "  subgraph cluster_{number} {{\n    label=\"{}\";", quoted(&self.name))?;
        for (node, lines) in self.nodes.iter().enumerate() {
            let text: String = lines.iter().map(|line| format!("{}\\l", quoted(line))).collect();
            writeln!(out, "    n{} [label=\"{text}\"];", first + node)?;
        }
        for (from, to, word) in &self.edges {
            let label = if word.is_empty() { String::new() } else { format!(" [label=\"{}\"]", quoted(word)) };
            writeln!(out, "    n{} -> n{}{label};", first + from, first + to)?;
        }
        writeln!(out, "  }}")
    }

    /// The same.
    fn mermaid(&self, out: &mut dyn Write, number: usize, first: usize) -> io::Result<()> {
        writeln!(out, "  subgraph g{number}[\"{}\"]", entities(&self.name))?;
        for (node, lines) in self.nodes.iter().enumerate() {
            let lines: Vec<String> = lines.iter().map(|line| entities(line)).collect();
            writeln!(out, "    n{}[\"{}\"]", first + node, lines.join("<br>"))?;
        }
        for (from, to, word) in &self.edges {
            let label = if word.is_empty() { String::new() } else { format!("|\"{}\"|", entities(word)) };
            writeln!(out, "    n{} -->{label} n{}", first + from, first + to)?;
        }
        writeln!(out, "  end")
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
