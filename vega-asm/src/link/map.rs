//! The map: what came from where, what was left out, and how much memory the whole needs. There is one of a link that fails,
//! too, with what is known.

use super::{Definition, Plan, symbols};
use serde::Serialize;
use std::fmt;
use vega_format::Verified;
use vega_format::budget::Budget;
use vega_format::container::Kind;
use vega_format::text::line_of;

/// What came from where.
#[derive(Debug, Clone, Serialize)]
pub struct Map<'m> {
    /// The version of this form.
    pub schema_version: u32,
    /// `program`, `library` or `object`.
    pub kind: String,
    /// Whether it was linked.
    pub linked: bool,
    /// The mangled name of the function with which it starts.
    pub entry: Option<String>,
    /// The objects, by name.
    pub inputs: Vec<InputRow>,
    /// What is in the output, in its order.
    pub functions: Vec<FunctionRow>,
    /// What is not, by name.
    pub left_out: Vec<FunctionRow>,
    /// What it needs; of a link that failed, what is known of it.
    pub budget: Option<Budget<'m>>,
}

/// An object.
#[derive(Debug, Clone, Serialize)]
pub struct InputRow {
    /// The file.
    pub file: String,
    /// The content id of what it means.
    pub meaning: String,
    /// Functions that it has.
    pub functions: usize,
    /// Functions of it that are kept.
    pub kept: usize,
    /// Bytes of their code.
    pub code: u64,
}

/// A function.
#[derive(Debug, Clone, Serialize)]
pub struct FunctionRow {
    /// Where its code stands in the section `code`, if it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// Bytes of its code.
    pub code: u64,
    /// The mangled name.
    pub name: String,
    /// The file that it is from.
    pub file: String,
    /// Where it is declared: `geometry.vg:3`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Whether it is exported.
    pub exported: bool,
    /// The function that it has become.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_as: Option<String>,
}

impl Plan<'_> {
    /// The map of the plan, and of the module that came of it, if one did.
    pub fn map<'m>(&self, module: Option<&'m Verified>) -> Map<'m> {
        let (kept, folded): (Vec<_>, Vec<_>) = self.live().partition(|one| self.folds.of(*one).is_none());
        let mut offset = 0;
        let functions: Vec<FunctionRow> = kept.iter().map(|one| self.row(*one, Some(&mut offset))).collect();
        let mut left_out: Vec<FunctionRow> = self.left_out();
        left_out.extend(folded.into_iter().map(|one| self.row(one, None)));
        left_out.sort_by(|one, other| one.name.cmp(&other.name));
        let mut inputs: Vec<InputRow> = self
            .inputs
            .iter()
            .map(|input| InputRow {
                file: input.name.to_string(),
                meaning: input.module.ids().meaning.to_string(),
                functions: input.module.function_count() as usize,
                kept: 0,
                code: 0,
            })
            .collect();
        for (one, row) in kept.iter().zip(&functions) {
            if let Some(input) = inputs.get_mut(one.file as usize) {
                input.kept += 1;
                input.code += row.code;
            }
        }
        let name = |one: Definition| symbols::function(&self.inputs, one).map(|function| function.name.to_owned());
        Map {
            schema_version: 1,
            kind: self.kind().to_string(),
            linked: module.is_some(),
            entry: self.entry.and_then(|(entry, _)| name(entry)).filter(|_| self.kind() != Kind::Library),
            inputs,
            functions,
            left_out,
            budget: module.map(Budget::of).or_else(|| self.partial()),
        }
    }

    /// The functions to which no call leads, by name.
    pub fn left_out(&self) -> Vec<FunctionRow> {
        let mut is_live: Vec<Vec<bool>> =
            self.inputs.iter().map(|input| vec![false; input.module.function_count() as usize]).collect();
        for one in self.live() {
            let place = is_live.get_mut(one.file as usize).and_then(|input| input.get_mut(one.function as usize));
            place.into_iter().for_each(|place| *place = true);
        }
        let all = (0..).zip(&is_live).flat_map(|(input, functions)| {
            let dead = (0..).zip(functions).filter(|(_, is_live)| !**is_live);
            dead.map(move |(function, _)| Definition { file: input, function })
        });
        let mut rows: Vec<FunctionRow> = all.map(|one| self.row(one, None)).collect();
        rows.sort_by(|one, other| (&one.name, &one.file).cmp(&(&other.name, &other.file)));
        rows
    }

    /// What is known of a function; its code stands at the offset, which is then that of the next.
    fn row(&self, one: Definition, offset: Option<&mut u64>) -> FunctionRow {
        let function = symbols::function(&self.inputs, one);
        let site = super::Site::of(&self.inputs, one);
        let code = function.as_ref().map_or(0, |function| function.code.len() as u64);
        let name = |one| symbols::function(&self.inputs, one).map(|function| function.name.to_owned());
        FunctionRow {
            offset: offset.map(|offset| core::mem::replace(offset, *offset + code)),
            code,
            name: function.map(|function| function.name.to_owned()).unwrap_or_default(),
            file: site.file,
            source: site.line.map(|(source, line)| line_of(&source, line)),
            exported: self.is_exported(one),
            same_as: self.folds.of(one).and_then(name),
        }
    }
}

impl fmt::Display for Map<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entry = self.entry.as_ref().map(|entry| format!(", starts with {entry}")).unwrap_or_default();
        let outcome = if self.linked { "" } else { "; it could not be linked, this is what is known" };
        writeln!(f, "{}{entry}{outcome}", self.kind)?;
        writeln!(f, "\nobjects: functions, of these kept, bytes of their code")?;
        for InputRow { file, functions, kept, code, .. } in &self.inputs {
            writeln!(f, "  {functions:>6} {kept:>6} {code:>8}  {}", vega_report::quote(file))?;
        }
        writeln!(f, "\nfunctions: offset and bytes of their code")?;
        for row in &self.functions {
            writeln!(f, "  {row}")?;
        }
        if !self.left_out.is_empty() {
            writeln!(f, "\nleft out")?;
        }
        for row in &self.left_out {
            writeln!(f, "  {row}")?;
        }
        match &self.budget {
            Some(budget) => write!(f, "\nmemory\n{budget}"),
            None => writeln!(f, "\nmemory\nnothing is known of it"),
        }
    }
}

impl fmt::Display for FunctionRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(offset) = self.offset {
            write!(f, "{offset:06x} ")?;
        }
        write!(f, "{:>6}  {}, {}", self.code, self.name, vega_report::quote(&self.file))?;
        if let Some(source) = &self.source {
            write!(f, " ({})", vega_report::quote(source))?;
        }
        match &self.same_as {
            Some(other) => write!(f, ", the same as {other}"),
            None if self.exported && self.offset.is_some() => write!(f, ", exported"),
            None => Ok(()),
        }
    }
}
