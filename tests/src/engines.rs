//! One program in every engine: they agree in all that can be observed, or that is the fault.

use crate::generate;
use crate::module::compile_with;
use crate::output::Shared;
use std::io::{self, Write};
use vegac::lints::{Levels, Setting};
use vegavm::dump::Dumper;
use vegavm::{
    Console, End, Engine, Imports, Limits, Observer, Outcome, Pass, Passes, Program, Progress, Snapshot, TAKE_OVER,
    Value, load,
};

/// Why the interpreter may do the work of machine code here.
const FALLS_BACK: [&str; 4] = [
    "a function is too large to be translated",
    "the module, or a function of it, is too large to be compiled",
    "so many frames could reach the limit of tables, which machine code does not count",
    "machine code wants all the memory at once that the limit allows, below 4 GiB",
];

/// Whether the call began, so that there was something to do.
fn wants_machine_code(outcome: &Option<Outcome>) -> bool {
    outcome.as_ref().is_some_and(|outcome| outcome.used.steps > 0)
}

/// What a run came to: the outcome, `None` if the program does not take the arguments; and what it wrote.
pub type Came = (Option<Outcome>, Vec<u8>);

/// Runs a program on an engine.
///
/// # Panics
/// Machine code was wanted, and the interpreter did its work for no good reason.
pub fn run(program: &Program, engine: Engine, arguments: &[Value], limits: &Limits) -> Came {
    run_with(program, (engine, TAKE_OVER), arguments, limits)
}

/// The same; machine code that takes over does so after so many steps.
fn run_with(program: &Program, (engine, take_over): (Engine, u64), arguments: &[Value], limits: &Limits) -> Came {
    let written = Shared::default();
    let mut imports = Imports::console(Console::new(written.clone(), io::empty()));
    let mut instance = program.instantiate();
    instance.set_engine(engine);
    instance.set_take_over(take_over);
    let outcome = instance.run(arguments, &mut imports, limits, &mut ()).ok();
    if let (Engine::Jit, Some(ran)) = (engine, instance.ran()) {
        assert!(ran.engine == engine || !wants_machine_code(&outcome) || FALLS_BACK.contains(&ran.why), "{ran:?}");
    }
    (outcome, written.take())
}

/// The same in pieces, of as many steps as are asked for.
pub fn run_in_pieces(
    program: &Program,
    engine: Engine,
    arguments: &[Value],
    limits: &Limits,
    mut steps: impl FnMut() -> u64,
) -> Came {
    let written = Shared::default();
    let mut imports = Imports::console(Console::new(written.clone(), io::empty()));
    let mut instance = program.instantiate();
    instance.set_engine(engine);
    let outcome = instance.start(arguments, limits).ok().map(|mut run| {
        loop {
            if let Progress::Ended(outcome) = run.resume(steps(), &mut imports) {
                return outcome;
            }
        }
    });
    (outcome, written.take())
}

/// Demands that a run that is watched shows the same arenas, byte for byte, with slots where the free list has room, and where the
/// verifier says that they stand: all that `--dump-arena` shows, and all of memory at the end.
///
/// # Errors
/// It does not; says what is the first to differ.
pub fn same_arenas(program: &Program, arguments: &[Value], limits: &Limits) -> Result<(), String> {
    let [tables, placed] = [Engine::Reference, Engine::Placed].map(|engine| {
        let shown = Shared::default();
        let mut imports = Imports::console(Console::new(io::sink(), io::empty()));
        let mut instance = program.instantiate();
        instance.set_engine(engine);
        let mut observer = (Dumper::new(shown.clone()), Memory(shown.clone()));
        let outcome = instance.run(arguments, &mut imports, limits, &mut observer).ok();
        (outcome, shown.take())
    });
    if tables == placed {
        return Ok(());
    }
    let [one, other] = [&tables.1, &placed.1].map(|shown| String::from_utf8_lossy(shown));
    let first = one.lines().zip(other.lines()).find(|(one, other)| one != other);
    Err(format!("with slots where the verifier says: {first:?}\n  {:?}\ninstead of\n  {:?}", placed.0, tables.0))
}

/// Writes all of memory when a run is over.
struct Memory(Shared);

impl Observer for Memory {
    fn at_end(&mut self, state: &Snapshot<'_>) {
        // It is memory, too.
        let _ = self.0.write_all(state.memory());
    }
}

/// Demands that two runs came to the same.
///
/// # Errors
/// They did not; says how, with the name of the first.
pub fn same(name: &str, (found, output): Came, (wanted, wanted_output): &Came) -> Result<(), String> {
    if found != *wanted {
        return Err(format!("the {name} comes to\n  {found:?}\nand the reference engine to\n  {wanted:?}"));
    }
    if output != *wanted_output {
        let texts = [&output, wanted_output].map(|output| String::from_utf8_lossy(output));
        return Err(format!("the {name} writes\n{}\nand the reference engine\n{}", texts[0], texts[1]));
    }
    Ok(())
}

/// Runs a program in every engine; gives the outcome, `None` if it does not take the arguments.
///
/// # Errors
/// The engines disagree about the outcome, about what was used, or about the output.
pub fn agree(program: &Program, arguments: &[Value], limits: &Limits) -> Result<Option<Outcome>, String> {
    all_agree(program, arguments, limits).map(|(outcome, _)| outcome)
}

fn all_agree(program: &Program, arguments: &[Value], limits: &Limits) -> Result<Came, String> {
    let wanted = run(program, Engine::Reference, arguments, limits);
    let lasts = wanted.0.as_ref().is_some_and(|outcome| outcome.used.steps >= TAKE_OVER);
    let others = [
        ("interpreter", Engine::Interpreter),
        ("interpreter with tables", Engine::Tables),
        ("machine code", Engine::Jit),
        ("machine code that takes over", Engine::Auto),
    ];
    for (name, engine) in others {
        // Without that it is the interpreter once more.
        if engine != Engine::Auto || lasts {
            same(name, run(program, engine, arguments, limits), &wanted)?;
        }
    }
    Ok(wanted)
}

/// Demands that the engines agree about the program of a seed: with room for nearly all, with few steps, with little memory and
/// few frames, and, if it ends by itself, with no limit of steps; gives how it ended each time.
///
/// # Errors
/// They disagree, or the program is refused.
pub fn agree_about(seed: u64) -> Result<Vec<Outcome>, String> {
    let bytes = match seed % 8 {
        7 => {
            let levels = Levels::default().with("certain-trap", Setting::Allow);
            let options = vegac::Options { levels, ..vegac::Options::default() };
            compile_with("loops.vg", generate::loops::source(seed).as_bytes(), options).accepted()?
        }
        _ => generate::program(seed).write().map_err(|error| error.to_string())?,
    };
    // Loops go round often.
    let steps = Some(if seed % 8 == 7 { 100_000 } else { 3_000 });
    let wide = Limits { memory: 1 << 30, frames: 200, steps, ..Limits::trusted() };
    let imports = Imports::console(Console::new(io::sink(), io::empty()));
    let program = load(bytes, &imports, &Limits { memory: u64::MAX, ..wide }, &mut ());
    let program = program.map_err(|error| format!("it is refused: {error}"))?;
    let mut outcomes = Vec::new();
    let mut check = |limits: Limits| {
        let wanted = all_agree(&program, &[], &limits).map_err(|problem| format!("{limits:?}: {problem}"))?;
        let outcome = wanted.0.clone().ok_or_else(|| "it wants arguments".to_owned())?;
        for take_over in [1 + seed % 11, 1 + outcome.used.steps / 2] {
            let found = run_with(&program, (Engine::Auto, take_over), &[], &limits);
            let name = format!("machine code that takes over after {take_over} steps");
            same(&name, found, &wanted).map_err(|problem| format!("{limits:?}: {problem}"))?;
        }
        if (seed / 4).is_multiple_of(3) {
            let is_left_out = |pass: &Pass| seed >> (4 + *pass as u8) & 1 == 0;
            let left_out: Vec<_> = Pass::ALL.into_iter().filter(is_left_out).collect();
            let found = run(&program.clone().without(Passes::of(&left_out)), Engine::Jit, &[], &limits);
            let name = format!("machine code without {left_out:?}");
            same(&name, found, &wanted).map_err(|problem| format!("{limits:?}: {problem}"))?;
        }
        outcomes.push(outcome.clone());
        Ok::<_, String>(outcome)
    };
    let whole = check(wide)?;
    same_arenas(&program, &[], &wide)?;
    let few = if seed % 8 == 7 { 2_000 + seed.wrapping_mul(7_919) % 20_000 } else { 7 + seed % 90 };
    check(Limits { steps: Some(few), memory: u64::MAX, ..wide })?;
    check(Limits { memory: 64 + seed % 400, frames: 1 + (seed % 6) as u32, ..wide })?;
    if !matches!(whole.end, End::Limit(..)) {
        // Code of which not every step is looked at is other code.
        let memory = if seed.is_multiple_of(2) { wide.memory } else { whole.used.memory - 1 };
        check(Limits { steps: None, memory, ..wide })?;
    }
    Ok(outcomes)
}
