//! Machine code takes over in the middle of a run, and gives back: programs that last long enough, ended in every way and at
//! any moment, are the same run as on the reference engine. Each is a file of `tests/take_over` whose `main` takes the kind of
//! run as an int; how many kinds there are stands in its header.

use std::fs;
use std::path::Path;
use vega_format::cell;
use vega_format::types::Tag;
use vega_tests::engines::{agree, run_in_pieces, same};
use vega_tests::module;
use vega_tests::random::Random;
use vegavm::{Console, End, Engine, Imports, Limits, Outcome, Program, TAKE_OVER, Value, load};

/// Enough for every program but for those without an end.
const LIMITS: Limits = Limits { memory: 1 << 20, frames: 800, steps: Some(1_500_000), ..Limits::trusted() };

/// A program, with how many kinds of runs there are.
fn program(path: &Path) -> (Program, i32) {
    let text = fs::read_to_string(path).expect("a file that can be read");
    let kinds = text.lines().find_map(|line| line.strip_prefix("# kinds: ")?.parse().ok());
    let kinds = kinds.unwrap_or_else(|| panic!("{} has no line `# kinds: N`", path.display()));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let bytes = module::compile(&name, text.as_bytes()).accepted().unwrap_or_else(|words| panic!("{words}"));
    let imports = Imports::console(Console::new(std::io::sink(), std::io::empty()));
    (load(bytes, &imports, &LIMITS, &mut ()).unwrap_or_else(|error| panic!("{error}")), kinds)
}

/// A kind of run, under limits that end it anywhere, and cut into pieces.
fn check(program: &Program, kind: i32, random: &mut Random) -> Result<Outcome, String> {
    let arguments = [Value::Scalar(Tag::Int, cell::from_int(kind))];
    let whole = agree(program, &arguments, &LIMITS)?.ok_or("it takes no int")?;
    let used = whole.used;
    if used.steps < TAKE_OVER {
        return Err(format!("it takes {} steps, and nothing takes over", used.steps));
    }
    let below = |random: &mut Random, end: u64| u64::from(random.below(end as u32));
    let late = |random: &mut Random| TAKE_OVER + below(random, used.steps - TAKE_OVER);
    let steps = [used.steps - 1, late(random), late(random)].map(|steps| Limits { steps: Some(steps), ..LIMITS });
    let memory = Limits { memory: used.memory - 1 - below(random, used.memory / 4), ..LIMITS };
    let frames = Limits { frames: used.frames - 1, ..LIMITS };
    // Code of which no step is counted to the last is other code.
    let boundless = Limits { steps: None, ..LIMITS };
    let ends = !matches!(whole.end, End::Limit(..));
    let boundless = [boundless, Limits { memory: memory.memory, ..boundless }];
    let others = steps.into_iter().chain([memory]).chain((used.frames > 1).then_some(frames));
    for limits in others.chain(boundless.into_iter().filter(|_| ends)) {
        agree(program, &arguments, &limits).map_err(|problem| format!("{limits:?}: {problem}"))?;
    }
    let wanted = vega_tests::engines::run(program, Engine::Reference, &arguments, &LIMITS);
    for (name, engine) in [("machine code in pieces", Engine::Jit), ("taking over in pieces", Engine::Auto)] {
        let mut most = 0;
        let pieces = run_in_pieces(program, engine, &arguments, &LIMITS, || {
            most = [400_000, 20, 3_000, 70_000][random.below(4) as usize];
            random.within(1, most).into()
        });
        same(name, pieces, &wanted)?;
    }
    Ok(whole)
}

#[test]
fn a_run_that_machine_code_takes_over_is_the_same_run() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("take_over");
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    assert!(!files.is_empty());
    let mut random = Random::new(7);
    let mut traps = Vec::new();
    for path in files {
        let (program, kinds) = program(&path);
        for kind in 0..kinds {
            let ended = check(&program, kind, &mut random);
            let ended = ended.unwrap_or_else(|problem| panic!("{}, kind {kind}: {problem}", path.display()));
            if let End::Trap(report) = ended.end {
                traps.push(report.trap.kind());
            }
        }
    }
    traps.sort_by_key(|kind| kind.code());
    traps.dedup();
    assert!(traps.len() >= 9, "so many kinds of traps were seen: {traps:?}");
}
