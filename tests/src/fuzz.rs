//! What must hold for any bytes: the bodies of the fuzz targets in `fuzz/`, which the tests run on damaged files, too.

use crate::bytes;
use crate::module::{self, Made};
use crate::suites::{inspect, mutations::survive};
use vega_asm::link::{self, Input, Output, Plan};
use vega_format::container::MAGIC;
use vega_format::proof::Worst;
use vega_format::verify::{Options, VerifyError, verify_with};
use vegavm::{Console, Imports, Limits, load};

/// Any text: the compiler ends with a module that is accepted, or with reasons.
///
/// # Panics
/// That is not so.
pub fn source(data: &[u8]) {
    made(&module::compile("fuzz.vg", data));
}

/// Any listing: the assembler ends with a module that is accepted, or with reasons.
///
/// # Panics
/// That is not so.
pub fn listing(data: &[u8]) {
    made(&module::assemble("fuzz.vasm", &String::from_utf8_lossy(data), true));
}

fn made(made: &Made) {
    let is_broken = made.complaints.iter().any(|complaint| complaint.code.starts_with('B'));
    assert!(!is_broken, "a tool refuses what it made: {}", made.drawn);
    match &made.bytes {
        Some(file) => accepted(file),
        None => assert!(!made.complaints.is_empty(), "refused without a word"),
    }
}

/// Any bytes, also with their checksums made right: they are refused, or accepted by all that judge.
///
/// # Panics
/// That is not so.
pub fn file(data: &[u8]) {
    survive(data).unwrap_or_else(|problem| panic!("{problem}"));
    let mut file = data.to_vec();
    bytes::repair(&mut file);
    accepted(&file);
}

/// Any bytes, their checksums made right: every view of the inspector shows them or says what is wrong.
///
/// # Panics
/// That is not so.
pub fn views(data: &[u8]) {
    let mut file = data.to_vec();
    bytes::repair(&mut file);
    inspect::survive(&file).unwrap_or_else(|problem| panic!("{problem}"));
}

/// Any bytes: the program whose seed they are is the same run in every engine, under limits that follow from the seed.
///
/// # Panics
/// That is not so.
pub fn engines(data: &[u8]) {
    // Bytes that differ anywhere are another seed (FNV-1a).
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
    let seed = data.iter().fold(0xcbf2_9ce4_8422_2325, mix);
    if let Err(problem) = crate::engines::agree_about(seed) {
        panic!("seed {seed:#x}: {problem}");
    }
}

/// Any bytes: the objects that stand in them one after another are linked in every way, in both orders alike, or refused with
/// reasons.
///
/// # Panics
/// That is not so.
pub fn link(data: &[u8]) {
    let starts: Vec<usize> = (0..data.len()).filter(|at| data[*at..].starts_with(&MAGIC)).collect();
    let ends = starts.iter().skip(1).copied().chain([data.len()]);
    let mut files: Vec<Vec<u8>> = starts.iter().zip(ends).map(|(start, end)| data[*start..end].to_vec()).collect();
    files.iter_mut().for_each(|file| bytes::repair(file));
    let options = [Output::Program, Output::Library, Output::Object].map(|output| {
        let strange = output == Output::Program;
        link::Options { output, fold: strange, keep_all: strange, strip_debug: strange, ..link::Options::default() }
    });
    for options in options {
        let linked = [false, true].map(|reverse| {
            let names = (0..).map(|number: u32| format!("{number}.vgo"));
            let inputs = names.zip(&files).filter_map(|(name, file)| {
                Some(Input { name: name.into(), module: vega_format::read(file.as_slice()).ok()? })
            });
            let mut inputs: Vec<Input<'_>> = inputs.collect();
            if reverse {
                inputs.reverse();
            }
            let plan = Plan::new(&inputs, &options, &mut |_| {});
            let module = plan.module();
            assert!(module.as_ref().err().is_none_or(|problems| !problems.is_empty()), "refused without a word");
            module.as_ref().err().into_iter().flatten().for_each(|problem| drop(link::report::diagnostic(problem)));
            drop(plan.map(module.as_ref().ok()).to_string());
            module.map(|module| module.module().bytes().to_vec())
        });
        assert_eq!(linked[0], linked[1], "the order matters");
        // An object without functions has no listing.
        let has_functions = |file: &[u8]| vega_format::read(file).is_ok_and(|module| module.function_count() > 0);
        if let Ok(file) = &linked[0]
            && has_functions(file)
        {
            accepted(file);
        }
    }
}

/// A file is judged alike at a glance and by the passes, survives all tools, and stays within what is proved of it.
fn accepted(file: &[u8]) {
    survive(file).unwrap_or_else(|problem| panic!("{problem}"));
    let judge = |glance: bool| {
        let parsed = vega_format::read(file).ok()?;
        Some(verify_with(parsed, Options { glance, ..Options::default() }))
    };
    let told = |errors: &[VerifyError]| errors.iter().map(ToString::to_string).collect::<Vec<_>>();
    let quick = match (judge(true), judge(false)) {
        (Some(Ok(quick)), Some(Ok(thorough))) => {
            assert_eq!(quick.proof(), thorough.proof());
            assert_eq!(quick.certain_traps(), thorough.certain_traps());
            quick
        }
        (Some(Err(quick)), Some(Err(thorough))) => return assert_eq!(told(&quick), told(&thorough)),
        (None, None) => return,
        (quick, _) => panic!("at a glance it is {}", if matches!(quick, Some(Ok(_))) { "right" } else { "wrong" }),
    };
    let Some(entry) = quick.module().entry() else { return };
    let limits = Limits { steps: Some(20_000), output: Some(1 << 16), ..Limits::untrusted() };
    let imports = Imports::console(Console::new(std::io::sink(), std::io::empty()));
    let Ok(program) = load(file.to_vec(), &imports, &limits, &mut ()) else { return };
    let agreed = crate::engines::agree(&program, &[], &limits).unwrap_or_else(|problem| panic!("{problem}"));
    let Some(outcome) = agreed else { return };
    if let Worst::Bytes(bytes) = quick.proof().worst(entry.function) {
        let (used, proved) = (outcome.used.memory, bytes.total() + quick.module().static_bytes());
        assert!(used <= proved, "{used} bytes were used, and at most {proved} are proved");
    }
}
