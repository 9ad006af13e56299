//! The first call: a rule that somebody else wrote is asked a question.

use vegavm::embed::{Imports, Instance, Module};

const RULE: &str = r#"
pub fn allow(amount: int, reason: string) -> bool {
    return amount < 100 || reason == "please"
}
fn main() { }
"#;

/// Compiles the rule and asks it.
pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let compiled = vegac::compile("rule.vg", RULE.as_bytes(), &mut vega_report::Sources::new());
    let module = Module::try_from(compiled.module.ok_or("the rule has mistakes")?)?;
    // README: begin
    let mut instance = Instance::new(&module, &Imports::new(), ())?;
    let allow = instance.func::<(i32, &str), bool>("allow")?;
    println!("{}", allow.call(&mut instance, (120, "please"))?); // true
    // README: end
    assert!(!allow.call(&mut instance, (120, "now"))?);
    Ok(())
}
