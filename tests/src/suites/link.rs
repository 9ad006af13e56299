//! `tests/link`: a folder is a link of the objects that its listings or sources are.
//!
//! In `accept/` they are linked in many orders, under many names, in many groups and on up to eight threads, which must give
//! the same bytes; if one of them is called `main`, its
//! first lines say what the program does, as in `tests/run`, and otherwise a library is made. Where `main` is a source,
//! compiling it with all that it imports must give these bytes, too. In `reject/` all orders are refused in the same
//! words, which stand beside in `refused.txt`.
//!
//! Examples of several modules are linked in many orders, too, with the objects of the library beside them.

use crate::case::{Case, Check, cases, trial};
use crate::fuzz;
use crate::golden;
use crate::header::Header;
use crate::module;
use crate::random::Random;
use crate::suites::run;
use libtest_mimic::Trial;
use std::collections::BTreeMap;
use std::path::PathBuf;
use vega_asm::link::{Input, Options, Output, Problem, link, report};
use vega_report::{Format, Sources, draw};

/// A test a folder.
pub fn trials() -> Vec<Trial> {
    let accepted =
        folders("link/accept").into_iter().map(|(folder, cases)| trial(folder, move || check_accepted(&cases)));
    let examples = folders("../examples").into_iter().filter(|(_, cases)| cases.iter().any(is_main));
    let examples = examples.map(|(folder, cases)| trial(folder, move || check_orders(&cases).map(|_| ())));
    let refused =
        folders("link/reject").into_iter().map(|(folder, cases)| trial(folder, move || check_refused(&cases)));
    let damaged = folders("link")
        .into_iter()
        .map(|(folder, cases)| trial(format!("damage to {folder}"), move || check_damaged(&cases)));
    accepted.chain(examples).chain(refused).chain(damaged).collect()
}

/// The cases of each folder below a folder.
fn folders(below: &str) -> BTreeMap<String, Vec<Case>> {
    let mut folders: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    for case in cases(below, &["vasm", "vg"]) {
        let folder = case.name.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        folders.entry(folder).or_default().push(case);
    }
    folders
}

fn is_main(case: &Case) -> bool {
    case.path.file_stem().is_some_and(|stem| stem == "main")
}

/// The objects of a folder, as bytes with their names.
fn objects(cases: &[Case]) -> Result<Objects, String> {
    let object = |case: &Case| {
        let bytes = match case.is("vg") {
            true => module::compile_file(&case.path, vegac::Options { object: true, ..vegac::Options::default() }),
            false => module::assemble(&case.file_name(), &case.text()?, true),
        };
        let bytes = bytes.accepted()?;
        let name = PathBuf::from(case.file_name()).with_extension("vgo");
        Ok((name.to_string_lossy().into_owned(), bytes))
    };
    let library = match cases.iter().any(|case| case.is("vg")) {
        true => library()?,
        false => Vec::new(),
    };
    cases.iter().map(object).chain(library.into_iter().map(Ok)).collect()
}

/// The objects of the library, of which links take what they need.
fn library() -> Result<Objects, String> {
    let object = |module: &vegac::library::Module| {
        let compiled = vegac::library::compile(*module, &mut Sources::new(), vegac::Options::default());
        let object = compiled.module.ok_or_else(|| format!("`{}` is refused", module.name))?;
        Ok((format!("{}.vgo", module.name), object.module().bytes().to_vec()))
    };
    vegac::library::MODULES.iter().map(object).collect()
}

/// Objects, as bytes with their names.
type Objects = Vec<(String, Vec<u8>)>;

/// Links objects in an order; the bytes, or the problems.
fn link_in_order(
    objects: &[(String, Vec<u8>)],
    order: &[usize],
    options: &Options,
) -> Result<Result<Vec<u8>, Vec<Problem>>, String> {
    let mut inputs = Vec::new();
    for (name, bytes) in order.iter().filter_map(|place| objects.get(*place)) {
        let module = vega_format::read(bytes.as_slice()).map_err(|error| error.to_string())?;
        inputs.push(Input { name: name.clone().into(), module });
    }
    Ok(link(&inputs, options).map(|module| module.module().bytes().to_vec()))
}

/// All orders of up to four things; of more, each rotation, forwards and backwards, and so many others. With
/// `EVERY_ORDER=1` all orders of up to eight.
pub fn orders(count: usize) -> Vec<Vec<usize>> {
    const OTHERS: u64 = 60;
    let all = if std::env::var_os("EVERY_ORDER").is_some() { 8 } else { 4 };
    if count > all {
        let rotation = |start: usize| (0..count).map(move |place| (start + place) % count);
        let both = |start: usize| [rotation(start).collect(), rotation(start).rev().collect()];
        return (0..count).flat_map(both).chain((0..OTHERS).map(|seed| shuffled(count, seed))).collect();
    }
    let mut orders: Vec<Vec<usize>> = vec![Vec::new()];
    for place in 0..count {
        let insert = |order: Vec<usize>| {
            (0..=order.len()).map(move |at| {
                let mut longer = order.clone();
                longer.insert(at, place);
                longer
            })
        };
        orders = orders.into_iter().flat_map(insert).collect();
    }
    orders
}

/// An order that follows from a seed.
fn shuffled(count: usize, seed: u64) -> Vec<usize> {
    let mut random = Random::new(seed);
    let mut order: Vec<usize> = (0..count).collect();
    for place in (1..count).rev() {
        order.swap(place, random.below(place as u32 + 1) as usize);
    }
    order
}

/// Objects linked in groups, and the outcomes of those in groups again, in an order that follows from a seed, as so many
/// objects as are left at last.
fn in_groups(objects: &Objects, seed: u64) -> Result<Objects, String> {
    let mut random = Random::new(seed);
    let mut left = objects.clone();
    for round in 0..2 {
        let mut groups: Vec<Objects> = vec![Objects::new(); 1 + random.below(left.len() as u32) as usize];
        for place in shuffled(left.len(), random.bits()) {
            let group = random.below(groups.len() as u32) as usize;
            groups[group].push(left[place].clone());
        }
        groups.retain(|group| !group.is_empty());
        let join = |(number, group): (usize, Objects)| {
            let options = Options { output: Output::Object, threads: 2, ..Options::default() };
            let order: Vec<usize> = (0..group.len()).collect();
            let bytes = link_in_order(&group, &order, &options)?.map_err(|problems| words(&problems))?;
            Ok((format!("{round}/{number}.vgo"), bytes))
        };
        left = groups.into_iter().enumerate().map(join).collect::<Result<_, String>>()?;
    }
    Ok(left)
}

fn options(cases: &[Case]) -> Options {
    let output = if cases.iter().any(is_main) { Output::Program } else { Output::Library };
    Options { output, producer: vegac::PRODUCER.to_owned(), ..Options::default() }
}

/// What all orders give.
fn check_orders(cases: &[Case]) -> Result<Vec<u8>, String> {
    let objects = objects(cases)?;
    let mut first: Option<Vec<u8>> = None;
    for order in orders(objects.len()) {
        let bytes = link_in_order(&objects, &order, &options(cases))?.map_err(|problems| words(&problems))?;
        match &first {
            Some(first) if *first != bytes => return Err(format!("the order {order:?} gives other bytes")),
            _ => first = Some(bytes),
        }
    }
    let bytes = first.ok_or("no listing")?;
    check_other_ways(&objects, &bytes, &options(cases))?;
    module::check_round_trip(&bytes)?;
    if let Some(source) = cases.iter().find(|case| is_main(case) && case.is("vg"))
        && module::compile_file(&source.path, vegac::Options::default()).accepted()? != bytes
    {
        return Err("compiled with what it imports, it is another program".to_owned());
    }
    Ok(bytes)
}

/// Other names, other numbers of threads, and groups come to the same.
fn check_other_ways(objects: &Objects, wanted: &[u8], options: &Options) -> Check {
    let check = |what: &str, objects: &Objects, options: &Options| {
        let order = shuffled(objects.len(), objects.len() as u64);
        match link_in_order(objects, &order, options)? {
            Ok(bytes) if bytes == wanted => Ok(()),
            Ok(_) => Err(format!("{what}: it is another module")),
            Err(problems) => Err(format!("{what}: {}", words(&problems))),
        }
    };
    for threads in 1..=8 {
        check(&format!("{threads} threads"), objects, &Options { threads, ..options.clone() })?;
    }
    let elsewhere =
        objects.iter().enumerate().map(|(place, (_, bytes))| (format!("/x/{}/y.vgo", 100 - place), bytes.clone()));
    check("other names", &elsewhere.collect(), options)?;
    (0..12).try_for_each(|seed| check(&format!("groups {seed}"), &in_groups(objects, seed)?, options))
}

fn check_accepted(cases: &[Case]) -> Check {
    let bytes = check_orders(cases)?;
    match cases.iter().find(|case| is_main(case)) {
        Some(main) => run::check_program(&bytes, &Header::read(&main.text()?, run::DIRECTIVES)?, Some(main)),
        None => golden::check_file(&beside(cases, "functions.txt"), functions(&bytes)?.as_bytes()),
    }
}

/// Objects of which bytes are damaged, one after another: what the fuzz target is given.
fn check_damaged(cases: &[Case]) -> Check {
    const TIMES: u64 = 40;
    let whole: Vec<u8> = objects(cases)?.into_iter().flat_map(|(_, bytes)| bytes).collect();
    // With the library there is more of the same.
    let whole = whole.get(..whole.len().min(6_000)).unwrap_or_default();
    fuzz::link(whole);
    for seed in 0..TIMES {
        let mut random = Random::new(seed);
        let mut damaged = whole.to_vec();
        for _ in 0..=random.below(3) {
            let place = random.below(damaged.len() as u32) as usize;
            damaged[place] = random.bits() as u8;
        }
        fuzz::link(&damaged);
    }
    Ok(())
}

/// The mangled names of a library's functions, one a line.
fn functions(bytes: &[u8]) -> Result<String, String> {
    let module = vega_format::read(bytes).map_err(|error| error.to_string())?;
    Ok(module.functions().map(|function| format!("{}\n", function.name)).collect())
}

fn check_refused(cases: &[Case]) -> Check {
    let objects = objects(cases)?;
    for order in orders(objects.len()) {
        match link_in_order(&objects, &order, &options(cases))? {
            Ok(_) => return Err("they are linked".to_owned()),
            Err(problems) => golden::check_file(&beside(cases, "refused.txt"), words(&problems).as_bytes())?,
        }
    }
    Ok(())
}

fn beside(cases: &[Case], name: &str) -> PathBuf {
    cases.first().map(|case| case.path.with_file_name(name)).unwrap_or_default()
}

fn words(problems: &[Problem]) -> String {
    let draw = |problem| draw(&report::diagnostic(problem), &Sources::new(), Format::Human, false);
    problems.iter().map(draw).collect::<Vec<_>>().join("\n")
}
