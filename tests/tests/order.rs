//! What the verifier says of a program depends on its paths, and not on the order in which its blocks stand.

use std::collections::BTreeMap;
use vega_format::proof::Worst;
use vega_format::verify::Verified;
use vega_tests::generate;
use vega_tests::module::assemble;
use vega_tests::random::Random;
use vegavm::{End, Imports, Limits, load};

/// The instructions of a block, behind its label.
struct Block<'l> {
    label: String,
    lines: Vec<&'l str>,
}

/// A listing in which the blocks of each function stand in another order, each says where it goes on, and branches ask for the
/// opposite: so paths are walked in another order.
fn reordered(listing: &str, random: &mut Random) -> String {
    let mut text = String::new();
    let mut lines = listing.lines();
    while let Some(line) = lines.next() {
        text.push_str(line);
        text.push('\n');
        if line.starts_with(".function ") {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != ".end").collect();
            let is_directive = |line: &&&str| line.trim_start().starts_with('.');
            let head = body.iter().take_while(is_directive).count();
            body[..head].iter().for_each(|line| text.push_str(&format!("{line}\n")));
            text.push_str(&shuffled(blocks(&body[head..]), random));
            text.push_str(".end\n");
        }
    }
    text
}

fn blocks<'l>(body: &[&'l str]) -> Vec<Block<'l>> {
    let mut blocks: Vec<Block<'l>> = Vec::new();
    let mut is_over = true;
    for line in body {
        let label = line.strip_suffix(':');
        if label.is_some() || is_over {
            let own = format!("B{}", blocks.len());
            blocks.push(Block { label: label.map_or(own, str::to_owned), lines: Vec::new() });
        }
        if label.is_none() {
            blocks.last_mut().expect("one was begun").lines.push(line);
        }
        is_over = label.is_none() && line.trim_start().starts_with("JUMP");
    }
    blocks
}

fn shuffled(blocks: Vec<Block<'_>>, random: &mut Random) -> String {
    let next: Vec<Option<String>> =
        blocks.iter().skip(1).map(|block| Some(block.label.clone())).chain([None]).collect();
    let mut blocks: Vec<_> = blocks.into_iter().zip(next).collect();
    // A function begins with its first block.
    for place in (2..blocks.len()).rev() {
        blocks.swap(place, random.within(1, place as u32) as usize);
    }
    let mut text = String::new();
    for (Block { label, mut lines }, next) in blocks {
        text.push_str(&format!("{label}:\n"));
        let last = lines.pop().unwrap_or_default();
        lines.iter().for_each(|line| text.push_str(&format!("{line}\n")));
        let turned = turned(last).filter(|_| random.percent(50));
        match (turned, last.split_whitespace().next(), next) {
            (Some((turned, target)), _, Some(next)) => {
                text.push_str(&format!("    {turned} target={next}\n    JUMP target={target}\n"));
            }
            (_, Some("JUMP" | "RETURN"), _) | (.., None) => text.push_str(&format!("{last}\n")),
            (.., Some(next)) => text.push_str(&format!("{last}\n    JUMP target={next}\n")),
        }
    }
    text
}

/// Of a branch: the opposite one, and where this one goes.
fn turned(line: &str) -> Option<(&'static str, &str)> {
    let (mnemonic, target) = line.trim().split_once(" target=")?;
    let turned = match mnemonic {
        "JUMP_TRUE" => "JUMP_FALSE",
        "JUMP_FALSE" => "JUMP_TRUE",
        _ => return None,
    };
    Some((turned, target))
}

/// What is said of each function, without the places in its code.
fn told(verified: &Verified) -> Vec<(String, Worst, bool, Vec<String>)> {
    let function = |function: vega_format::container::Function<'_>| {
        let sites = verified.arenas(function.index).sites;
        let arena = |site: &vega_format::verify::Site| {
            let known = site.is_static().then_some(site.high_water);
            format!("{:10} {:?} {known:?}", site.capacity, site.strategy)
        };
        let mut arenas: Vec<String> = sites.iter().map(arena).collect();
        arenas.sort_unstable();
        let may_run_out = sites.iter().any(|site| !site.always_fits());
        (function.name.to_owned(), verified.proof().worst(function.index), may_run_out, arenas)
    };
    verified.module().functions().map(function).collect()
}

/// How a run ends, if it does so by itself.
fn ended(bytes: Vec<u8>) -> Option<String> {
    let limits = Limits { steps: Some(20_000), frames: 200, ..Limits::trusted() };
    let program = load(bytes, &Imports::new(), &limits, &mut ()).unwrap_or_else(|error| panic!("{error}"));
    let outcome = program.run(&[], &mut Imports::new(), &limits, &mut ()).ok()?;
    match outcome.end {
        End::Result(value) => Some(format!("{value:?} {}", outcome.used.memory)),
        End::Trap(report) => Some(format!("{:?} {}", report.trap, outcome.used.memory)),
        _ => None,
    }
}

#[test]
fn layouts_and_budgets_depend_on_paths_and_not_on_the_order_of_blocks() {
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    let mut count = |what, times: usize| *seen.entry(what).or_default() += times as u32;
    for seed in 0..6_000 {
        let mut builder = generate::program(seed);
        builder.strip_debug();
        let bytes = builder.write().expect("it can be written");
        let verify = |bytes: &[u8]| {
            let parsed = vega_format::read(bytes.to_vec()).expect("it was just written");
            vega_format::verify(parsed).unwrap_or_else(|errors| panic!("seed {seed}: {errors:?}"))
        };
        let verified = verify(&bytes);
        let listing = vega_asm::disassemble(verified.module()).text;
        let mut random = Random::new(seed);
        let other = reordered(&listing, &mut random);
        let other =
            assemble("other.vasm", &other, true).accepted().unwrap_or_else(|words| panic!("seed {seed}: {words}"));
        let (one, another) = (told(&verified), told(&verify(&other)));
        assert_eq!(one, another, "seed {seed}");
        count("reordered", usize::from(bytes != other));
        count("static", one.iter().flat_map(|told| &told.3).filter(|arena| arena.contains("Some")).count());
        count("dynamic", one.iter().flat_map(|told| &told.3).filter(|arena| arena.contains("None")).count());
        if let (Some(one), Some(another)) = (ended(bytes), ended(other)) {
            assert_eq!(one, another, "seed {seed}");
            count("ended", 1);
        }
    }
    println!("{seen:?}");
    // A generator that got dull would show nothing.
    assert!(
        seen["reordered"] > 500 && seen["static"] > 1_000 && seen["dynamic"] > 100 && seen["ended"] > 200,
        "{seen:?}"
    );
}
