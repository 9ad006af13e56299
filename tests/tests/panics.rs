//! Hosts that panic while a program calls them, and go on all the same: the call is over, and nothing else.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use vega_tests::module;
use vegavm::vega_format::types::Tag;
use vegavm::{Console, End, Engine, HostCall, Imports, Limits, Program, Progress, Value, load};

const ENGINES: [Engine; 4] = [Engine::Jit, Engine::Interpreter, Engine::Tables, Engine::Reference];

/// An index that can only be wrong if what the host gives is no byte.
const POKES: &str = "extern fn get(x: long) -> byte\n\
    pub fn poke(n: int) {\n\
        alloc 512 { v: int[128]; for i in 0..n { v[int(get(0x70000000l) / 2b)] = 7 } }\n\
    }\n\
    fn main() { }\n";

const PRINTS: &str = "pub fn divide(n: int) -> int { print(n); return n / (n - n) }\nfn main() { }\n";

/// Lets a call go on until it has ended, whatever panics on the way; gives how it ended, and how often something panicked.
fn end_of(program: &Program, engine: Engine, mangled: &str, imports: &mut Imports<'_>) -> (End, usize) {
    let mut instance = program.instantiate();
    instance.set_engine(engine);
    let mut run =
        instance.start_call(mangled, &[Value::Scalar(Tag::Int, 10)], &Limits::untrusted()).expect("it is there");
    let mut panics = 0;
    loop {
        match catch_unwind(AssertUnwindSafe(|| run.resume(100, imports))) {
            Ok(Progress::Ended(outcome)) => return (outcome.end, panics),
            Ok(Progress::Paused) => {}
            Err(_) => panics += 1,
        }
    }
}

fn bytes(source: &str) -> Vec<u8> {
    module::compile("panics.vg", source.as_bytes()).accepted().unwrap_or_else(|words| panic!("{words}"))
}

#[test]
fn a_call_is_over_when_a_function_of_the_host_has_panicked() {
    for engine in ENGINES {
        let mut count = 0;
        let mut imports = Imports::new();
        let get = |call: &mut HostCall<'_>| {
            count += 1;
            assert_ne!(count, 3, "the host fails");
            call.give(Value::Scalar(Tag::Byte, 4));
            Ok(())
        };
        imports.define("get(L)B", get).expect("a name");
        let program = load(bytes(POKES), &imports, &Limits::trusted(), &mut ()).expect("it is granted");
        let (end, panics) = end_of(&program, engine, "poke(I)V", &mut imports);
        assert!(matches!(end, End::HostIo(..)) && panics == 1, "{engine:?}: {panics}, {end:?}");
        drop(imports);
        assert_eq!(count, 3, "{engine:?}");
    }
}

struct Panics;

impl io::Write for Panics {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        panic!("the host fails")
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_call_is_over_when_its_output_panics_at_its_end() {
    for engine in ENGINES {
        let mut imports = Imports::console(Console::new(Panics, io::empty()));
        let program = load(bytes(PRINTS), &imports, &Limits::trusted(), &mut ()).expect("it is granted");
        let (end, panics) = end_of(&program, engine, "divide(I)I", &mut imports);
        assert!(matches!(end, End::HostIo(..)) && panics == 1, "{engine:?}: {panics}, {end:?}");
    }
}
