//! Says where the compiler makes a call that ends a function into a jump, which is how the interpreter's operations follow
//! one another: in optimised builds for the usual processors, where all arguments of an operation fit in registers. And says
//! where there is machine code: what goes there and back is written for one processor and one system.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(vega_tail_calls)");
    println!("cargo::rustc-check-cfg=cfg(vega_machine_code)");
    let setting = |name: &str| std::env::var(name).unwrap_or_default();
    let is_optimised = matches!(setting("OPT_LEVEL").as_str(), "2" | "3");
    let has_registers = match setting("CARGO_CFG_TARGET_ARCH").as_str() {
        "x86_64" => setting("CARGO_CFG_TARGET_OS") != "windows",
        "aarch64" => true,
        _ => false,
    };
    // Miri interprets each call as what it is, and no machine code.
    let is_real = std::env::var_os("CARGO_CFG_MIRI").is_none();
    if is_optimised && has_registers && is_real {
        println!("cargo::rustc-cfg=vega_tail_calls");
    }
    let is_wanted = std::env::var_os("CARGO_FEATURE_JIT").is_some();
    let is_known =
        (setting("CARGO_CFG_TARGET_ARCH"), setting("CARGO_CFG_TARGET_OS")) == ("x86_64".into(), "linux".into());
    if is_wanted && is_known && is_real {
        println!("cargo::rustc-cfg=vega_machine_code");
    }
}
