//! Says where the compiler makes a call that ends a function into a jump, which is how the interpreter's operations follow
//! one another: in optimised builds for the usual processors, where all arguments of an operation fit in registers.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(vega_tail_calls)");
    let setting = |name: &str| std::env::var(name).unwrap_or_default();
    let is_optimised = matches!(setting("OPT_LEVEL").as_str(), "2" | "3");
    let has_registers = match setting("CARGO_CFG_TARGET_ARCH").as_str() {
        "x86_64" => setting("CARGO_CFG_TARGET_OS") != "windows",
        "aarch64" => true,
        _ => false,
    };
    // Miri interprets each call as what it is.
    if is_optimised
        && has_registers
        && setting("CARGO_CFG_MIRI").is_empty()
        && std::env::var_os("CARGO_CFG_MIRI").is_none()
    {
        println!("cargo::rustc-cfg=vega_tail_calls");
    }
}
