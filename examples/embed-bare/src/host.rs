//! What the host does with the rule, on whatever machine: the same text comes out on all.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::error::Error;
use core::fmt::Write;
use vegavm::embed::{Caller, Imports, Instance, Module, Progress};
use vegavm::instance::Engine;
use vegavm::{Limits, load};

/// The relay, as the host keeps it for each instance.
#[derive(Debug, Default)]
struct Relay {
    is_on: bool,
}

/// Calls the functions of a rule within limits; tells what comes of it.
pub(crate) fn run(rule: &[u8], out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let mut imports = Imports::<Relay>::new();
    imports.func("relay", |caller: &mut Caller<'_, '_, Relay>, on: bool| caller.data_mut().is_on = on)?;
    let module = Module::new(rule)?;
    let limits = Limits { memory: 16 << 10, tables: 64 << 10, steps: Some(100_000), ..Limits::untrusted() };
    let mut rule_of = Instance::with_limits(&module, &imports, Relay::default(), limits)?;

    let deviation = rule_of.func::<(&[i32],), f64>("deviation")?;
    writeln!(out, "deviation: {:?}", deviation.call(&mut rule_of, (&[3, 1, 4, 1, 5, 9, 2, 6],))?)?;
    let control = rule_of.func::<(&[i32], f64), bool>("control")?;
    control.call(&mut rule_of, (&[20, 90], 10.0))?;
    writeln!(out, "{:?}, after {:?}", rule_of.data(), rule_of.used())?;

    // A call that pauses, so that something else can be done.
    let primes = rule_of.func::<(), i32>("primes")?;
    let mut call = primes.start(&mut rule_of, ())?;
    let mut pauses = 0;
    let count = loop {
        match call.resume(1_000)? {
            Progress::Paused(paused) => call = paused,
            Progress::Ended(count) => break count,
        }
        pauses += 1;
    };
    writeln!(out, "primes: {count}, after {pauses} pauses and {:?}", rule_of.used())?;

    // What ends badly ends only the call.
    let nth = rule_of.func::<(&[i32], i32), i32>("nth")?;
    let failed = |error: Option<vegavm::embed::Error>| error.ok_or("it is no error");
    writeln!(out, "{}", failed(nth.call(&mut rule_of, (&[1, 2, 3], 7)).err())?)?;
    let endless = rule_of.func::<(), ()>("endless")?;
    writeln!(out, "{}", failed(endless.call(&mut rule_of, ()).err())?)?;
    // A timer would do this, from its interrupt.
    let cancel = rule_of.cancel();
    cancel.cancel();
    writeln!(out, "{}", failed(endless.call(&mut rule_of, ()).err())?)?;
    cancel.reset();
    writeln!(out, "the last of three: {}", nth.call(&mut rule_of, (&[1, 2, 3], 2))?)?;

    // The engine that reads one byte after another, for those who want to watch.
    let mut granted = vegavm::Imports::new();
    granted.define("relay(Z)V", |_| Ok(()))?;
    let program = load(Vec::from(rule), &granted, &limits, &mut ())?;
    let mut instance = program.instantiate();
    instance.set_engine(Engine::Reference);
    writeln!(out, "{:?}", instance.run(&[], &mut granted, &limits, &mut ())?)?;
    Ok(())
}
