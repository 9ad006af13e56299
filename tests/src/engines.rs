//! One program in every engine: they agree in all that can be observed, or that is the fault.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use vegavm::{Console, Engine, Imports, Limits, Outcome, Program, Value};

/// What a program wrote to its output.
#[derive(Debug, Clone, Default)]
struct Written(Rc<RefCell<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Why the interpreter may do the work of machine code here.
const FALLS_BACK: [&str; 3] = [
    "a function is too large to be translated",
    "a function is too large to be compiled",
    "machine code wants all the memory at once that the limit allows, below 4 GiB",
];

/// Whether the call began, so that there was something to do.
fn wants_machine_code(outcome: &Option<Outcome>) -> bool {
    outcome.as_ref().is_some_and(|outcome| outcome.used.steps > 0)
}

/// Runs a program in every engine; gives the outcome, `None` if it does not take the arguments.
///
/// # Errors
/// The engines disagree about the outcome, about what was used, or about the output.
pub fn agree(program: &Program, arguments: &[Value], limits: &Limits) -> Result<Option<Outcome>, String> {
    let run = |engine: Engine| {
        let written = Written::default();
        let mut imports = Imports::console(Console::new(written.clone(), io::empty()));
        let mut instance = program.instantiate();
        instance.set_engine(engine);
        let outcome = instance.run(arguments, &mut imports, limits, &mut ()).ok();
        if let (Engine::Jit, Some(ran)) = (engine, instance.ran()) {
            assert!(ran.engine == engine || !wants_machine_code(&outcome) || FALLS_BACK.contains(&ran.why), "{ran:?}");
        }
        (outcome, written.0.take())
    };
    let (wanted, output) = run(Engine::Reference);
    let others = [
        ("interpreter", Engine::Interpreter),
        ("interpreter with tables", Engine::Tables),
        ("machine code", Engine::Jit),
    ];
    for (name, engine) in others {
        let (found, other_output) = run(engine);
        if found != wanted {
            return Err(format!("the {name} comes to\n  {found:?}\nand the reference engine to\n  {wanted:?}"));
        }
        if other_output != output {
            let texts = [&other_output, &output].map(|output| String::from_utf8_lossy(output));
            return Err(format!("the {name} writes\n{}\nand the reference engine\n{}", texts[0], texts[1]));
        }
    }
    Ok(wanted)
}
