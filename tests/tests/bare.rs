//! A host without an operating system, `examples/embed-bare`: what comes of its rule in a controller, which is emulated, is what
//! comes of it here, to the last bit and the last step.
//!
//! Where there is no emulator, or the example cannot be built, the test says so and what it could not compare.

extern crate alloc;

#[path = "../../examples/embed-bare/src/host.rs"]
mod host;

use std::path::Path;
use std::process::Command;

/// The target for which the example is built.
const TARGET: &str = "thumbv7em-none-eabi";

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/embed-bare")
}

/// Whether a command ends well; what it says is not heard.
fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// The same for one of Cargo, where the example is.
fn cargo(words: &[&str], rule: &Path) -> Command {
    let mut command = Command::new(env!("CARGO"));
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("embed-bare");
    command.args(words).current_dir(folder()).env("CARGO_TARGET_DIR", target).env("RULE", rule);
    // They would take the place of those with which the example is linked.
    command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    command
}

/// What the example prints in the emulator for a rule; nothing where that cannot be had.
fn emulated(rule: &[u8]) -> Option<String> {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rule.vgb");
    std::fs::write(&file, rule).expect("it can be written");
    let library = Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]).output();
    let library = library.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    let missing = if !succeeds(Command::new("qemu-system-arm").arg("--version")) {
        "`qemu-system-arm` is not installed"
    } else if !Path::new(&library).is_dir() {
        "the target is not installed"
    } else if !succeeds(&mut cargo(&["fetch"], &file)) {
        "what it is built with cannot be had"
    } else {
        let output = cargo(&["run", "--quiet"], &file).output().expect("cargo starts");
        let (told, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{told}{errors}");
        return Some(told.into_owned());
    };
    eprintln!("skipped: {missing}; the rule was called on this machine alone");
    None
}

#[test]
fn a_controller_gives_what_this_machine_gives() {
    let source = std::fs::read(folder().join("rule.vg")).expect("the rule is there");
    let compiled = vegac::compile("rule.vg", &source, &mut vega_report::Sources::new());
    let rule = compiled.module.expect("the rule has no mistakes").into_module().into_bytes();
    let mut here = String::new();
    host::run(&rule, &mut here).expect("the rule is called");
    assert!(here.contains("primes: 168, after "), "{here}");
    let Some(there) = emulated(&rule) else { return };
    let (told, heap) = there.split_once("the heap had at most ").expect("it ends with its heap");
    assert_eq!(told, here);
    let most: u32 = heap.split_once(' ').and_then(|(bytes, _)| bytes.parse().ok()).expect("a number");
    assert!(most <= MOST_HEAP, "{most} bytes are more than {MOST_HEAP}");
}

/// The most bytes of the heap that the example may take, so that it fits a controller.
const MOST_HEAP: u32 = 64 << 10;
