//! Host functions: closures whose Rust types say what the program may call, with the host's data of each instance.

use vegavm::HostError;
use vegavm::embed::{Caller, Imports, Instance, Module, Text, View};

const PROGRAM: &str = r#"
extern fn log(message: string)
extern fn price(item: int) -> decimal
extern fn sort(values: []int)

pub fn order(items: []int) -> decimal {
    alloc 16 {
        total = 0.0
        sort(items)
        for item in items { total += price(item) }
        if total > 10.0 { log("a large order") }
        return total
    }
}
fn main() { }
"#;

/// What the host keeps for each instance.
#[derive(Default)]
struct Shop {
    log: Vec<String>,
}

/// Grants three functions and calls a program that uses them.
pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut imports = Imports::<Shop>::new();
    imports.func("log", |caller: &mut Caller<'_, '_, Shop>, message: Text| {
        let line = caller.text(message).into_owned();
        caller.data_mut().log.push(line);
    })?;
    let price = |item: i32| match item {
        1..=9 => Ok(f64::from(item) * 1.5),
        _ => Err(HostError::failed(format_args!("there is no item {item}"))),
    };
    // Each call costs ten steps more.
    imports.func("price", price)?.cost(0, 10);
    imports.func("sort", |caller: &mut Caller<'_, '_, Shop>, values: View<i32>| {
        let mut sorted: Vec<i32> = caller.elements(values).collect();
        sorted.sort_unstable();
        caller.write(values, &sorted);
    })?;

    let compiled = vegac::compile("order.vg", PROGRAM.as_bytes(), &mut vega_report::Sources::new());
    let module = Module::try_from(compiled.module.ok_or("the program has mistakes")?)?;
    let mut instance = Instance::new(&module, &imports, Shop::default())?;
    let order = instance.func::<(&mut [i32],), f64>("order")?;
    let mut items = [3, 1, 4, 1, 5];
    println!("{} for {items:?}", order.call(&mut instance, (&mut items,))?);
    assert_eq!((items, instance.data().log.len()), ([1, 1, 3, 4, 5], 1));
    println!("{}", order.call(&mut instance, (&mut [70],)).expect_err("there is no such item"));
    Ok(())
}
