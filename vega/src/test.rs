//! `vega test`: runs the functions named `test_…` of sources, each in an instance of its own.
//!
//! A test is named before it runs, and passes if it returns, and not `false`. What it printed is shown if it fails, at once:
//! who ends a test that does not end has seen the others.

use crate::sources;
use clap::Args;
use std::cell::RefCell;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;
use vega_format::text::counted;
use vega_format::types::Tag;
use vega_report::command::{FileKind, ReportOptions, Reporter, SourceTexts, Status, shown};
use vega_report::{Sources, quote};
use vegac::command::{LintOptions, SearchOptions};
use vegavm::command::parse_time;
use vegavm::{CallStack, Console, End, FrameReport, Imports, Limits, Value, load};

#[derive(Debug, Args)]
pub(crate) struct Test {
    /// Sources, and folders for those below them
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,

    /// Run only tests whose names have this part
    #[arg(long, value_name = "PART", default_value = "", hide_default_value = true)]
    only: String,

    /// The most steps of a test [default: no limit]
    #[arg(long, value_name = "N")]
    steps: Option<u64>,

    /// The most time of a test: 10s, 500ms, 1.5s, 2m; a number alone is seconds [default: no limit]
    #[arg(long, visible_alias = "timeout", value_name = "TIME", value_parser = parse_time)]
    time: Option<Duration>,

    #[command(flatten)]
    lints: LintOptions,

    #[command(flatten)]
    search: SearchOptions,

    #[command(flatten)]
    report: ReportOptions,
}

/// What became of the tests.
#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
    /// Sources that cannot be looked at or compiled.
    refused: usize,
}

impl Test {
    pub(crate) fn execute(&self) -> Status {
        if let Some(status) = self.report.explain() {
            return status;
        }
        let mut reporter = self.report.reporter();
        let mut tally = Tally::default();
        let sources = sources::each(&self.paths, &mut reporter, "not every source is good", |path, reporter| {
            self.test_file(path, reporter, &mut tally).inspect_err(|_| tally.refused += 1)
        });
        let tests = if tally.failed == 0 { Status::Fine } else { Status::Rejected };
        let told = reporter.written(tell(&tally, &self.only), Path::new("-"));
        sources.graver(tests).graver(told)
    }

    /// # Errors
    /// The source is refused; that was told.
    fn test_file(&self, path: &Path, reporter: &mut Reporter, tally: &mut Tally) -> Result<(), Status> {
        let bytes = reporter.read(path)?;
        reporter.expect_kind(path, &bytes, FileKind::Source)?;
        let name = shown(path);
        let mut sources = Sources::new();
        let tests = vegac::tests(&name, &bytes, &mut sources, &self.only).map_err(|refused| {
            reporter.report_all(&refused, &sources);
            reporter.status()
        })?;
        if tests.is_empty() {
            // A source of which no test is run must be good, too.
            let is_good = sources::is_good(path, bytes, self.lints.compile(), &self.search, reporter);
            return if is_good { Ok(()) } else { Err(reporter.status()) };
        }
        for (place, test) in tests.iter().enumerate() {
            let mut sources = Sources::new();
            let mut modules = self.search.modules_of(path);
            let options = self.lints.compile();
            let compiled = vegac::compile_test(&name, &bytes, &mut sources, options, &mut modules, test);
            // What there is to say of a source is the same for all its tests.
            if place == 0 || compiled.module.is_none() {
                reporter.report_new(&compiled.diagnostics, &sources);
                reporter.leave_out(compiled.untold, compiled.cut_off);
            }
            let Some(module) = compiled.module else { return Err(reporter.status()) };
            // A reader who has gone has seen enough.
            let _ = write!(io::stdout(), "test {name}: {test} ... ").and_then(|()| io::stdout().flush());
            let end = self.run(module.module().bytes().to_vec(), test, &mut SourceTexts::beside(path));
            let _ = match end {
                Ok(()) => {
                    tally.passed += 1;
                    writeln!(io::stdout(), "ok")
                }
                Err(why) => {
                    tally.failed += 1;
                    let why: String = why.lines().map(|line| format!("  {line}\n")).collect();
                    write!(io::stdout(), "FAILED\n{why}")
                }
            };
        }
        Ok(())
    }

    /// # Errors
    /// The test fails: what it printed, and why.
    fn run(&self, bytes: Vec<u8>, test: &str, sources: &mut SourceTexts) -> Result<(), String> {
        let output = Output::default();
        let mut imports = Imports::console(Console::new(output.clone(), io::empty()).errors(output.clone()));
        let limits = Limits { steps: self.steps, time: self.time, ..Limits::trusted() };
        let program = load(bytes, &imports, &limits, &mut ()).map_err(|error| format!("{error}\n"))?;
        let outcome = program.run(&[], &mut imports, &limits, &mut ()).map_err(|error| format!("{error}\n"))?;
        let flushed = imports.flush();
        let why = match outcome.end {
            End::Result(Some(Value::Scalar(Tag::Bool, 0))) => "it returned false\n".to_owned(),
            End::Result(_) => return flushed.map_err(|error| format!("{error}\n")),
            End::Trap(mut trap) => {
                name_tests(&mut trap.stack, test);
                let source = trap.stack.at.source.as_ref();
                format!("{}\n", trap.words(source.and_then(|(source, line)| sources.line(source, *line))))
            }
            mut end => {
                if let End::Limit(_, stack) | End::Cancelled(stack) | End::HostIo(_, Some(stack)) = &mut end {
                    name_tests(stack, test);
                }
                format!("{end}\n")
            }
        };
        drop(imports);
        let printed = output.0.take();
        Err(String::from_utf8_lossy(&printed).into_owned() + &why)
    }
}

/// A program starts with `main`, so a test is called that in its own, and the `main` of its source otherwise; people know
/// both by their names.
fn name_tests(stack: &mut CallStack, test: &str) {
    stack.callers.iter_mut().chain([&mut stack.at]).for_each(|frame| name_test(frame, test));
}

fn name_test(frame: &mut FrameReport, test: &str) {
    let Some((name, rest)) = frame.function.split_once('(') else { return };
    let known = match name {
        "main" => test,
        vegac::MAIN_OF_TESTS => "main",
        _ => return,
    };
    frame.function = format!("{known}({rest}");
}

/// What became of the tests, of which those with `part` in their names were wanted.
fn tell(tally: &Tally, part: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    let (passed, failed) = (tally.passed, tally.failed);
    if passed + failed > 0 {
        writeln!(output)?;
    }
    write!(output, "{passed} passed, {failed} failed")?;
    match tally.refused {
        0 if passed + failed > 0 => writeln!(output)?,
        0 if part.is_empty() => writeln!(output, ": a test is a function that is named `test_…`")?,
        0 => writeln!(output, ": no test has `{}` in its name", quote(part))?,
        refused => writeln!(output, ", {} refused", counted(refused, "source"))?,
    }
    output.flush()
}

/// What a test prints.
#[derive(Clone, Default)]
struct Output(Rc<RefCell<Vec<u8>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
