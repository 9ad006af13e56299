//! Links the unwinder into the tools. As a library of its own it is looked for and loaded at each start, and asks the processor
//! a dozen questions that a virtual machine answers slowly: a tenth of what a short run takes.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let setting = |name: &str| std::env::var(name).unwrap_or_default();
    if setting("CARGO_CFG_TARGET_OS") == "linux" && setting("CARGO_CFG_TARGET_ENV") == "gnu" {
        println!("cargo::rustc-link-lib=gcc_eh");
    }
}
