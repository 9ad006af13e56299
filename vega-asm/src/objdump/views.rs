//! What to show: the options of `vega-objdump` that choose views and narrow them down.

use super::at::At;
use super::graph::Form;
use crate::meant::is_meant;
use clap::Args;
use vega_format::container::{Function, SectionId};
use vega_report::quote;

/// What to show of a file.
#[derive(Debug, Clone, Default, Args)]
pub struct Views {
    /// Show the section headers
    #[arg(short = 'h', long, visible_alias = "headers", help_heading = "Views")]
    pub section_headers: bool,
    /// Show all headers: metadata, sections, constants, types, imports, static blocks, functions,
    /// relocations
    #[arg(short = 'x', long, help_heading = "Views")]
    pub all_headers: bool,
    /// Show the functions, of this file and of others, by name
    #[arg(short = 't', long, help_heading = "Views")]
    pub syms: bool,
    /// Show which calls the linker fills in
    #[arg(short = 'r', long, help_heading = "Views")]
    pub reloc: bool,
    /// Show the bytes of the sections
    #[arg(short = 's', long, help_heading = "Views")]
    pub full_contents: bool,
    /// Show every byte with its field, what that says, and where the specification tells of it
    #[arg(long, help_heading = "Views")]
    pub bytes: bool,
    /// Show the instructions, of all functions or of this one
    #[arg(short = 'd', long, value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    #[arg(help_heading = "Views")]
    pub disassemble: Option<String>,
    /// Show the instructions, and the bytes of the other sections
    #[arg(short = 'D', long, help_heading = "Views")]
    pub disassemble_all: bool,
    /// Show the instructions between the lines of the source
    #[arg(short = 'S', long, help_heading = "Views")]
    pub source: bool,
    /// Show what the verifier knows before each instruction: stack, types of slots, their places in the arenas
    #[arg(long, help_heading = "Views")]
    pub types: bool,
    /// Show the proof: the most bytes that it can ever use, on which path, and which arenas may run out of memory
    #[arg(long, help_heading = "Views")]
    pub budget: bool,
    /// Show where every slot of every arena stands, and from which line to which it lives
    #[arg(long, help_heading = "Views")]
    pub layout: bool,

    /// Show how large sections and functions are, the largest first
    #[arg(long, help_heading = "Views")]
    pub sizes: bool,
    /// Show who calls whom: as text, as a graph for dot or mermaid, or as json
    #[arg(long, value_name = "FORM", num_args = 0..=1, require_equals = true, default_missing_value = "text")]
    #[arg(help_heading = "Views")]
    pub calls: Option<Form>,
    /// Show the basic blocks: as text, as a graph for dot or mermaid, or as json
    #[arg(long, value_name = "FORM", num_args = 0..=1, require_equals = true, default_missing_value = "text")]
    #[arg(help_heading = "Views")]
    pub cfg: Option<Form>,

    /// Show for each refusal the least listing that is refused for it; nothing else is shown
    #[arg(long, help_heading = "Views")]
    pub why_refused: bool,

    /// Find what stands at this offset of the file, or of a function: 0x1f2, main+0x10
    #[arg(long, value_name = "OFFSET", value_parser = At::parse, help_heading = "Search")]
    pub at: Option<At>,
    /// Find the calls of this function, by its plain name, its mangled one, or as people write it
    #[arg(long, value_name = "NAME", help_heading = "Search")]
    pub who_calls: Option<String>,
    /// Find the instructions that read this slot, by its name or number
    #[arg(long, value_name = "SLOT", help_heading = "Search")]
    pub reads_slot: Option<String>,
    /// Find the instructions with this piece of text
    #[arg(long, value_name = "TEXT", help_heading = "Search")]
    pub grep: Option<String>,

    /// Only this function, by its plain name, its mangled one, or as people write it
    #[arg(long, value_name = "NAME", help_heading = "Which part")]
    pub function: Option<String>,
    /// Only this section
    #[arg(short = 'j', long, value_name = "NAME", help_heading = "Which part")]
    pub section: Option<String>,

    /// Show names as people write them: `main() -> int` for `main()I`
    #[arg(short = 'C', long, help_heading = "Form")]
    pub demangle: bool,
}

impl Views {
    /// The options, by the names that clap gives them.
    pub const OPTIONS: [&str; 23] = [
        "section_headers",
        "all_headers",
        "syms",
        "reloc",
        "full_contents",
        "bytes",
        "disassemble",
        "disassemble_all",
        "source",
        "types",
        "budget",
        "layout",
        "sizes",
        "calls",
        "cfg",
        "why_refused",
        "at",
        "who_calls",
        "reads_slot",
        "grep",
        "function",
        "section",
        "demangle",
    ];

    /// Every view of everything.
    pub fn all() -> Views {
        let views = Views {
            all_headers: true,
            full_contents: true,
            bytes: true,
            source: true,
            types: true,
            ..Views::default()
        };
        let at = Some(At::File(0x80));
        let views = Views { budget: true, layout: true, sizes: true, at, grep: Some("LOAD".to_owned()), ..views };
        Views { calls: Some(Form::Text), cfg: Some(Form::Text), ..views }
    }

    /// Whether nothing was asked for, so that a summary is due.
    pub fn is_none(&self) -> bool {
        !(self.shows_other_than_code() || self.shows_code() || self.shows_contents())
    }

    /// Whether nothing is asked for that stands in the bodies of the sections.
    pub fn want_head_only(&self) -> bool {
        let others = Views { section_headers: false, ..self.clone() };
        self.section_headers && others.is_none()
    }

    fn shows_other_than_code(&self) -> bool {
        let tables = self.section_headers || self.all_headers || self.syms || self.reloc;
        let graphs = self.calls.is_some() || self.cfg.is_some();
        let sums = self.sizes || self.budget || self.layout;
        tables
            || self.full_contents
            || self.bytes
            || graphs
            || sums
            || self.why_refused
            || self.at.is_some()
            || self.shows_search()
    }

    pub(super) fn shows_sections(&self) -> bool {
        self.section_headers || self.all_headers
    }

    pub(super) fn shows_symbols(&self) -> bool {
        self.syms || self.all_headers
    }

    pub(super) fn shows_relocations(&self) -> bool {
        self.reloc || self.all_headers
    }

    pub(super) fn shows_search(&self) -> bool {
        self.who_calls.is_some() || self.reads_slot.is_some() || self.grep.is_some()
    }

    /// Whether what is shown is for another program, so that nothing else may stand there.
    pub fn is_graph(&self) -> bool {
        [self.calls, self.cfg].iter().flatten().any(|form| form.is_graph())
    }

    /// Whether a view is asked for as data.
    pub fn is_json(&self) -> bool {
        [self.calls, self.cfg].contains(&Some(Form::Json))
    }

    /// A section that is named is shown, unless something else was asked for.
    pub(super) fn shows_contents(&self) -> bool {
        let asked = self.full_contents || self.disassemble_all;
        asked || (self.section.is_some() && !self.shows_other_than_code() && !self.shows_code())
    }

    /// A function that is named is shown, unless something else was asked for.
    pub(super) fn shows_code(&self) -> bool {
        let asked = self.disassemble.is_some() || self.source || self.types;
        // Of all sections or of the one that is named.
        let all = self.disassemble_all && self.section.as_deref().is_none_or(|name| name == SectionId::Code.name());
        asked || all || (self.function.is_some() && !self.shows_other_than_code())
    }

    /// What contradicts itself, and what to do.
    pub fn contradiction(&self) -> Option<(String, &'static str)> {
        if let (Some(one), Some(other)) = (self.disassemble.as_deref().filter(|name| !name.is_empty()), &self.function)
            && one != other
        {
            let (one, other) = (quote(one), quote(other));
            let words = format!("`--disassemble={one}` and `--function {other}` ask for two functions");
            return Some((words, "say one of them"));
        }
        let refusals = Views { why_refused: false, function: None, ..self.clone() };
        if self.why_refused && !refusals.is_none() {
            return Some(("refusals are shown alone".to_owned(), "ask for the other views in another run"));
        }
        let others = Views { calls: None, cfg: None, function: None, demangle: false, ..self.clone() };
        let is_alone = others.is_none() && [self.calls, self.cfg].iter().flatten().count() == 1;
        if self.is_graph() && !is_alone {
            return Some(("a graph is shown alone".to_owned(), "ask for the other views in another run"));
        }
        let has_sections = self.shows_contents() || self.shows_sections() || self.bytes;
        let is_code = |section: &&str| *section == SectionId::Code.name() && self.shows_code();
        let section = self.section.as_deref().filter(|section| !has_sections && !is_code(section))?;
        let words = format!("nothing that is asked for shows the section `{}` alone", quote(section));
        Some((words, "`-j` goes with -h, -s, -D and --bytes, and `-j code` with -d"))
    }

    /// The function that was named, if one was.
    pub fn wanted_function(&self) -> Option<&str> {
        let named = self.disassemble.as_deref().filter(|name| !name.is_empty());
        named.or(self.function.as_deref())
    }

    /// Whether a function is to be shown.
    pub fn wants(&self, function: &Function<'_>) -> bool {
        self.wanted_function().is_none_or(|wanted| is_meant(wanted, function.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_is_known_by_name() {
        let command = Views::augment_args(clap::Command::new("views"));
        let names: Vec<&str> = command.get_arguments().map(|option| option.get_id().as_str()).collect();
        assert_eq!(names, Views::OPTIONS);
    }
}
