//! `vega-objdump`: `.vgb` files as text, and why one is refused.

use crate::objdump::{self, Examined, Texts, Views};
use crate::{exact, html};
use clap::{ArgAction, Parser};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use vega_format::container::Head;
use vega_format::error::{FormatError, VerifyError};
use vega_format::read::{self, read_on};
use vega_format::text::counted;
use vega_format::trap::CERTAIN;
use vega_format::verify::CertainTrap;
use vega_format::{Parsed, Verified};
use vega_report::command::{
    FileKind, Outputs, ReportOptions, Reporter, SHARED_HELP, SourceTexts, Status, ThreadOptions, refusals, shown,
};
use vega_report::dump::Dump;
use vega_report::{Diagnostic, Sources, quote};

/// Shows what is inside Vega programs and libraries (.vgb)
#[derive(Debug, Clone, Default, Parser)]
#[command(name = "vega-objdump", version, disable_help_flag = true)]
#[command(after_help = format!("{EXAMPLES}\n\n{SHARED_HELP}"))]
pub struct ObjdumpCommand {
    /// The files; `-` for standard input
    #[arg(value_name = "FILE", required_unless_present = "explain")]
    pub inputs: Vec<PathBuf>,
    /// What to show of them.
    #[command(flatten)]
    pub views: Views,
    /// Show it as JSON, one document a file, in the form of spec/objdump.schema.json
    #[arg(long, help_heading = "Form")]
    pub json: bool,
    /// Show what a file differs in from this one in meaning, by name
    #[arg(long, value_name = "FIRST", conflicts_with_all = ["vasm", "html"], conflicts_with_all = Views::OPTIONS, help_heading = "Views")]
    pub diff: Option<PathBuf>,
    /// Write a listing that vega-asm assembles to the same bytes
    #[arg(long, conflicts_with = "json", conflicts_with_all = Views::OPTIONS, help_heading = "Form")]
    pub vasm: bool,
    /// Write a page for a browser: source, bytecode, arenas, budget and bytes side by side; with `-o prog.html`
    #[arg(long, conflicts_with_all = ["json", "vasm"], conflicts_with_all = Views::OPTIONS, help_heading = "Form")]
    pub html: bool,
    /// Write to this file, not to standard output
    #[arg(short, long, value_name = "FILE", help_heading = "Form")]
    pub output: Option<PathBuf>,
    /// Look for the sources in this folder, too
    #[arg(short = 'I', long, value_name = "FOLDER", help_heading = "Form")]
    pub include: Vec<PathBuf>,
    /// On how many threads it works.
    #[command(flatten)]
    pub threads: ThreadOptions,
    /// The options of every tool.
    #[command(flatten)]
    pub common: ReportOptions,
    /// Print help
    #[arg(long, action = ArgAction::Help)]
    pub help: Option<bool>,
}

impl ObjdumpCommand {
    fn is_json(&self) -> bool {
        self.json || self.views.is_json()
    }
}

const EXAMPLES: &str = "\
Examples:
  vega-objdump prog.vgb                   what it is, in sentences
  vega-objdump -dS prog.vgb               code between the lines of the source
  vega-objdump --function main prog.vgb   one function
  vega-objdump --cfg=dot --function main prog.vgb | dot -Tsvg
  vega-objdump --diff old.vgb new.vgb     what they differ in, by name
  vega-objdump -x --json prog.vgb         all headers, for a program
  vega-objdump --html prog.vgb -o prog.html   a page to look at in a browser
  vega-objdump --vasm prog.vgb            a listing to change and assemble again";

/// Runs the command: listings to standard output, refusals to standard error.
pub fn run(command: &ObjdumpCommand) -> Status {
    let mut reporter = command.common.reporter();
    if let Some(status) = command.common.explain() {
        return status;
    }
    let mut seen = Seen::default();
    let done = match &command.output {
        None => show_all(command, &mut BufWriter::new(io::stdout().lock()), &mut reporter, &mut seen).ok(),
        Some(output) => show_into(command, output, &mut reporter, &mut seen),
    };
    let status = reporter.ended(done);
    reporter.finish(match status {
        Status::Rejected if seen.missing => "not everything is there that was asked for",
        Status::Usage if command.diff.is_none() => "nothing is shown",
        _ => "not every file is accepted",
    });
    status
}

/// What was seen of the files while they were shown.
#[derive(Default)]
struct Seen {
    /// A function or section that was asked for is not in one of them.
    missing: bool,
    /// The sources that are shown.
    sources: Vec<PathBuf>,
}

/// Shows the files, and writes that as a whole.
fn show_into(command: &ObjdumpCommand, output: &Path, reporter: &mut Reporter, seen: &mut Seen) -> Result<(), Status> {
    let outputs = Outputs::new([("-o", output.to_owned())], reporter)?;
    for input in command.inputs.iter().chain(&command.diff) {
        outputs.spare("a file that is shown", input, reporter)?;
    }
    let mut text = Vec::new();
    let status = show_all(command, &mut text, reporter, seen);
    if status == Status::Io {
        return Err(status);
    }
    for source in &seen.sources {
        outputs.spare("a source that is shown", source, reporter)?;
    }
    let written = reporter.write(output, &text);
    status.graver(written.err().unwrap_or_default()).ok()
}

/// Shows the files, each behind an empty line where the form allows one.
fn show_all(command: &ObjdumpCommand, out: &mut dyn Write, reporter: &mut Reporter, seen: &mut Seen) -> Status {
    let of_one = [("page", command.html), ("listing", command.vasm)].into_iter().find(|(_, wanted)| *wanted);
    if let Some((what, _)) = of_one.filter(|_| command.inputs.len() > 1) {
        let words = format!("{} files; a {what} shows one", command.inputs.len());
        return reporter.misuse("U012", words, &format!("write a {what} for each"));
    }
    if let Some((words, hint)) = command.views.contradiction() {
        return reporter.misuse("U018", words, hint);
    }
    if command.json && command.views.is_graph() {
        return reporter.misuse(
            "U018",
            "a graph to draw is no JSON".to_owned(),
            "`--json` with `--calls` or `--cfg` alone has it as data",
        );
    }
    let mut status = Status::Fine;
    for (place, path) in command.inputs.iter().enumerate() {
        let (told, shown) = match &command.diff {
            Some(first) => diff(command, first, path, out, reporter),
            None => show_one(command, place, path, out, reporter, seen),
        };
        status = status.graver(told);
        let flushed = shown.and_then(|()| out.flush());
        if flushed.is_err() {
            return status.graver(reporter.written(flushed, Path::new("-")));
        }
    }
    status
}

/// Shows one of several files.
fn show_one(
    command: &ObjdumpCommand,
    place: usize,
    path: &Path,
    out: &mut dyn Write,
    reporter: &mut Reporter,
    seen: &mut Seen,
) -> (Status, io::Result<()>) {
    let is_text = !command.is_json() && !command.vasm && !command.html;
    let input = match (command.views.want_head_only() && is_text).then(|| head_of(path)).flatten() {
        Some(head) => Input::Head(head),
        None => match reporter.read(path) {
            Ok(bytes) => Input::Whole(bytes),
            Err(status) => return (status, Ok(())),
        },
    };
    let gap = if place > 0 && is_text { writeln!(out) } else { Ok(()) };
    let shown = gap.and_then(|()| match &input {
        Input::Head(head) => objdump::title(out, &Name::of(path).last, head)
            .and_then(|()| objdump::section_headers(out, head, &Views::default())),
        Input::Whole(bytes) => show(command, path, bytes, out, reporter, seen),
    });
    (reporter.status(), shown)
}

/// As much of a file as is looked at.
enum Input {
    Head(Head),
    Whole(Vec<u8>),
}

/// The head of a file; `None` if it has none that can be read in parts, so that the whole must be.
fn head_of(path: &Path) -> Option<Head> {
    // To open a pipe twice would lose what its writer sent.
    let file = fs::metadata(path).ok().filter(fs::Metadata::is_file).and_then(|_| File::open(path).ok())?;
    Head::of_file(file).ok()
}

/// What a file is called: as the command line says it, for messages, and without the folders, for listings.
struct Name {
    whole: String,
    last: String,
}

impl Name {
    fn of(path: &Path) -> Name {
        let last = path.file_name().map_or(path, Path::new);
        Name { whole: shown(path), last: shown(last) }
    }
}

/// Shows one file.
fn show(
    command: &ObjdumpCommand,
    path: &Path,
    bytes: &[u8],
    out: &mut dyn Write,
    reporter: &mut Reporter,
    seen: &mut Seen,
) -> io::Result<()> {
    let name = Name::of(path);
    if FileKind::of(path, bytes) == Some(FileKind::Dump) {
        return show_dump(command, &name, bytes, out, reporter);
    }
    let threads = command.threads.count(bytes.len());
    if command.vasm {
        return show_listing(&name, bytes, threads, out, reporter);
    }
    let examined = match Examined::of(bytes, threads) {
        Ok(examined) => examined,
        Err(faults) => {
            let shown = match command {
                command if command.html => out.write_all(html::page_of_bytes(&name.last, bytes, &faults).as_bytes()),
                command if command.is_json() => objdump::json_of_bytes(out, &name.last, bytes, &faults, &command.views),
                _ => objdump::text_of_bytes(out, bytes, &command.views),
            };
            return told(&faults, &name, shown, out, reporter);
        }
    };
    let Examined { parsed, faults, verdict } = &examined;
    // Of a damaged file it is told why something is not there.
    if let Some(problem) = objdump::unknown(&command.views, &name.whole, parsed).filter(|_| faults.is_empty()) {
        reporter.report(&problem, &Sources::new());
        seen.missing = true;
        return Ok(());
    }
    let texts = texts(command, path, parsed, reporter, seen);
    let subject = examined.subject(&name.last, &texts);
    let shown = match command {
        command if command.html => out.write_all(html::page(&subject).as_bytes()),
        command if command.is_json() => objdump::json(out, &subject, &command.views),
        _ => objdump::text(out, &subject, &command.views),
    };
    let shown = told(faults, &name, shown, out, reporter);
    match verdict {
        Ok(verified) => {
            let traps = verified.certain_traps().iter();
            traps.for_each(|trap| reporter.report(&foretold(trap, verified, &name.whole), &Sources::new()));
        }
        Err(errors) => {
            let told: Vec<_> = errors.iter().map(|error| refused(error, parsed, &name.whole)).collect();
            let told = if command.views.why_refused { told } else { refusals(told, &name.whole) };
            reporter.report_all(&told, &Sources::new());
        }
    }
    shown
}

/// Writes a listing of any file. Who assembles it will hear what the verifier says.
fn show_listing(
    name: &Name,
    bytes: &[u8],
    threads: usize,
    out: &mut dyn Write,
    reporter: &mut Reporter,
) -> io::Result<()> {
    match read_on(bytes, threads) {
        Ok(parsed) => exact::write(&parsed, threads, out),
        Err(error) => {
            let shown = exact::write_malformed(bytes, &error, out);
            told(&read::faults(bytes), name, shown, out, reporter)
        }
    }
}

/// Tells what is wrong with a file, which is looked at as it is: behind what is shown, also where its reader has gone.
fn told(
    faults: &[FormatError],
    name: &Name,
    shown: io::Result<()>,
    out: &mut dyn Write,
    reporter: &mut Reporter,
) -> io::Result<()> {
    let shown = shown.and_then(|()| out.flush());
    faults.iter().for_each(|fault| reporter.report(&malformed(fault, &name.whole), &Sources::new()));
    shown
}

/// Shows what stood where when a run ended badly.
fn show_dump(
    command: &ObjdumpCommand,
    name: &Name,
    bytes: &[u8],
    out: &mut dyn Write,
    reporter: &mut Reporter,
) -> io::Result<()> {
    if command.vasm || command.html || !command.views.is_none() {
        let diagnostic =
            Diagnostic::error("U018", "a dump of a run has none of the views of a file").at(&name.whole, "");
        let hint = "without options it is shown, with `--json` printed as it is; give the views the file that was run";
        reporter.report(&diagnostic.hint(hint), &Sources::new());
        return Ok(());
    }
    match Dump::from_json(bytes) {
        Ok(dump) if command.json => out.write_all(dump.to_json().as_bytes()),
        Ok(dump) => write!(out, "{dump}"),
        Err(words) => {
            let diagnostic = Diagnostic::error("F021", format!("a dump of a run that cannot be read: {words}"));
            reporter.report(&diagnostic.at(&name.whole, ""), &Sources::new());
            Ok(())
        }
    }
}

/// `--diff` ends as `diff` does, whose statuses people know: 1 says that files differ, and what is refused is trouble.
const DIFFERENT: Status = Status::Rejected;
const TROUBLE: Status = Status::Usage;

/// Shows what the second file differs in from the first.
fn diff(
    command: &ObjdumpCommand,
    first: &Path,
    second: &Path,
    out: &mut dyn Write,
    reporter: &mut Reporter,
) -> (Status, io::Result<()>) {
    let mut files = Vec::new();
    for path in [first, second] {
        let bytes = match reporter.read(path) {
            Ok(bytes) => bytes,
            Err(status) => return (status, Ok(())),
        };
        match vega_format::read(bytes) {
            Ok(parsed) => files.push(parsed),
            Err(error) => reporter.report(&malformed(&error, &shown(path)), &Sources::new()),
        }
    }
    let [first_file, second_file] = files.as_slice() else { return (TROUBLE, Ok(())) };
    let names = [first, second].map(Name::of);
    // Files of the same name are told apart by their folders.
    let are_alike = names[0].last == names[1].last;
    let names = names.map(|name| if are_alike { name.whole } else { name.last });
    let shown = match command.json {
        true => objdump::json_of_difference(out, [&names[0], &names[1]], first_file, second_file),
        false => write!(out, "{} and {}: ", names[0], names[1])
            .and_then(|()| objdump::difference(out, first_file, second_file)),
    };
    (if first_file.ids().meaning == second_file.ids().meaning { Status::Fine } else { DIFFERENT }, shown)
}

/// The sources, where lines are asked for that they help with. They may lie in the folders that were named, too.
fn texts(
    command: &ObjdumpCommand,
    file: &Path,
    parsed: &Parsed<'_>,
    reporter: &mut Reporter,
    seen: &mut Seen,
) -> Texts {
    if !(command.views.source || command.html) || !parsed.has_debug() {
        return Texts::default();
    }
    let found = SourceTexts::beside(file).or_in(&command.include);
    let mut texts = Texts::default();
    for source in parsed.sources() {
        let text = found.text(source);
        seen.sources.extend(found.path(source).filter(|_| text.is_some()));
        if text.is_none() && !SourceTexts::is_of_library(source) {
            let words = format!("the source `{}` is not found; its lines are left out", quote(source));
            let problem = Diagnostic::warning("", words).at(shown(file), "");
            reporter.report(&problem.hint("`-I FOLDER` names the folder of the project"), &Sources::new());
        }
        texts.push(text.as_deref());
    }
    let last_lines = last_lines(parsed);
    for (number, source) in (0..).zip(parsed.sources()) {
        let wanted = last_lines.get(&number).copied().unwrap_or(0);
        let there = texts.lines(number).len() as u32;
        if there > 0 && there < wanted {
            let words = format!(
                "the source `{}` has {}, and the file was made of one with at least {wanted}: its lines may be others",
                quote(source),
                counted(there, "line")
            );
            reporter.report(&Diagnostic::warning("", words).at(shown(file), ""), &Sources::new());
        }
    }
    texts
}

/// Of each source, by number, the last line that the file speaks of.
fn last_lines(parsed: &Parsed<'_>) -> BTreeMap<u32, u32> {
    let mut last: BTreeMap<u32, u32> = BTreeMap::new();
    for debug in parsed.functions().filter_map(|function| parsed.debug(function.index)) {
        let line = last.entry(debug.source).or_default();
        *line = debug.lines.iter().map(|line| line.line).fold(*line, u32::max);
    }
    last
}

/// A trap that happens whenever its instruction is reached.
fn foretold(certain: &CertainTrap, module: &Verified, file: &str) -> Diagnostic {
    let name = module.module().function(certain.function).map(|function| function.name).unwrap_or_default();
    let place = format!("`{name}`, code 0x{:04x}", certain.offset);
    Diagnostic::warning(certain.trap.kind().code(), certain.trap.to_string()).at(file, place).note(CERTAIN)
}

fn malformed(error: &FormatError, file: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error(error.kind.code(), error.to_string()).at(file, error.place());
    error.kind.hint().into_iter().fold(diagnostic, Diagnostic::hint)
}

fn refused(error: &VerifyError, parsed: &Parsed<'_>, file: &str) -> Diagnostic {
    let function = error.function.and_then(|index| parsed.function(index));
    let place = function.map(|function| format!("0x{:x} in code", function.code_offset + error.offset as usize));
    let problem = Diagnostic::error(error.rule.code(), error.to_string()).at(file, place.unwrap_or_default());
    let problem = error.notes().into_iter().fold(problem, Diagnostic::note);
    match &error.source {
        Some((source, line)) => problem.note(format!("it was made from {}:{line}", quote(source))),
        None => problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vega_report::Format;

    /// A pipe whose reader has gone.
    struct Gone;

    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_file_is_refused_also_where_nobody_reads_on() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let refused = folder.path().join("refused.vgb");
        std::fs::write(&refused, b"none")?;
        let command = ObjdumpCommand { inputs: vec![refused.clone(), refused], ..ObjdumpCommand::default() };
        let mut reporter = Reporter::to(Box::new(io::sink()), Format::Human, false);
        let shown = show_all(&command, &mut Gone, &mut reporter, &mut Seen::default());
        assert_eq!((shown, reporter.errors()), (Status::Rejected, 1));
        Ok(())
    }
}
