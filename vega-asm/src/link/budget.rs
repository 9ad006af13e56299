//! What the proof over the whole is held against: a limit (`--max-memory`), and what was proved before (`--budget-lock`).
//!
//! The lock is a small text for version control. It has no lines of sources in it, which change with every edit, so it
//! changes when the need for memory does:
//!
//! ```text
//! main()V: 96 bytes, 64 in arenas, 32 on the stack, 0 static
//!   main() -> int: frame 16, arenas 64
//!   geometry.norm(geometry.point) -> decimal: frame 16, arenas 0
//! ```

use std::fmt::Write;
use vega_format::Verified;
use vega_format::budget::{Budget, FunctionBudget, PathRow, PathStep};
use vega_format::container::Function;
use vega_format::instruction::{Space, indexes};
use vega_format::proof::Worst;
use vega_format::text::{counted, line_of};

/// A function that may need more than it is allowed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Over {
    /// What it needs.
    pub budget: FunctionBudget,
    /// The most that it may need.
    pub limit: u64,
    /// The largest arenas on the path, in words, the largest first.
    pub arenas: Vec<String>,
}

/// A function that needs something else than it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The mangled name.
    pub function: String,
    /// What it needed and what it needs, in words; nothing of a function that was not there, or is not any more.
    pub before: Option<String>,
    /// The same now.
    pub now: Option<String>,
    /// What caused it, with its line.
    pub causes: Vec<String>,
}

/// A line of a file that is no lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoLock {
    /// Its number, from 1.
    pub number: u32,
    /// What it says, or how that begins.
    pub text: String,
}

impl NoLock {
    /// The most characters of a line that are told.
    const MOST: usize = 40;
}

/// The figure of a function that has no bound.
pub(super) const UNBOUNDED: &str = "unbounded";

/// The functions, of those where calls begin, that may need more than so many bytes.
pub fn over(module: &Verified, limit: u64) -> Vec<Over> {
    let budget = Budget::of(module);
    let functions = budget.functions().filter(|function| function.bytes.is_none_or(|bytes| bytes > limit));
    functions.map(|budget| Over { arenas: largest_arenas(module, &budget), limit, budget }).collect()
}

/// The largest arenas of the functions on a path.
pub fn largest_arenas(module: &Verified, budget: &FunctionBudget) -> Vec<String> {
    const MOST: usize = 3;
    let mut indexes: Vec<u32> = budget.path.iter().chain(&budget.dearest).map(|step| step.index).collect();
    indexes.sort_unstable();
    indexes.dedup();
    let mut arenas: Vec<(u32, String)> = indexes.into_iter().flat_map(|index| arenas_of(module, index)).collect();
    arenas.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
    arenas.into_iter().take(MOST).map(|(_, words)| words).collect()
}

/// The arenas of a function: bytes, and in words with their line.
fn arenas_of(module: &Verified, index: u32) -> Vec<(u32, String)> {
    let parsed = module.module();
    let name = parsed.function(index).map(|function| function.signature.to_string()).unwrap_or_default();
    let words = |offset: u32, capacity: u32| {
        let line = parsed.source_line(index, offset);
        let at = line.map_or_else(|| format!("code 0x{offset:04x}"), |(source, line)| line_of(source, line));
        (capacity, format!("the {} of {name} at {at}", counted(capacity, "byte")))
    };
    module.arenas(index).sites.iter().map(|site| words(site.offset, site.capacity)).collect()
}

/// The lock of a module.
pub fn lock(module: &Verified) -> String {
    let mut text = String::from(HEAD);
    for function in Budget::of(module).functions() {
        text.push_str(&block(&function));
    }
    text
}

const HEAD: &str = "\
# The most memory that is needed, as vega-ld proved it. `--budget-lock` compares it, `--update-budget` writes it anew.
";

fn block(function: &FunctionBudget) -> String {
    let mut text = format!("{}: {}\n", function.mangled, figure(function));
    for line in lines(function) {
        let _ = writeln!(text, "  {line}");
    }
    text
}

fn figure(function: &FunctionBudget) -> String {
    match (function.bytes, function.arenas, function.stack, function.statics) {
        (Some(bytes), Some(arenas), Some(stack), Some(statics)) => {
            let bytes = counted(bytes, "byte");
            format!("{bytes}, {arenas} in arenas, {stack} on the stack, {statics} static")
        }
        _ => UNBOUNDED.to_owned(),
    }
}

/// The path; of a long one, what is left out is a line.
fn lines(function: &FunctionBudget) -> impl Iterator<Item = String> {
    function.rows().map(|row| match row {
        PathRow::Step(step) => line(step),
        PathRow::LeftOut(steps) => format!("… {} …", counted(steps, "more call")),
    })
}

fn line(step: &PathStep) -> String {
    let times = if step.times > 1 { format!(", {} times", step.times) } else { String::new() };
    format!("{}: frame {}, arenas {}{}{times}", step.function, step.frame, step.arenas, step.of_host())
}

/// What a line of a lock says that its function needs, with all its activations.
fn bytes_of(line: &str) -> Option<u64> {
    let (_, figures) = line.rsplit_once(": frame ")?;
    let (frame, rest) = figures.split_once(", arenas ")?;
    let arenas = rest.split([' ', ',']).next()?;
    let times = rest.rsplit_once(", ").and_then(|(_, times)| times.strip_suffix(" times")?.parse().ok()).unwrap_or(1);
    frame.parse::<u64>().ok()?.checked_add(arenas.parse().ok()?)?.checked_mul(times)
}

/// What is other than in a lock; none if nothing is.
///
/// # Errors
/// It is no lock.
pub fn changes(lock: &str, module: &Verified) -> Result<Vec<Change>, NoLock> {
    let mut before = blocks(lock)?;
    let mut changes = Vec::new();
    for function in Budget::of(module).functions() {
        let place = before.iter().position(|(name, ..)| *name == function.mangled);
        let known = place.map(|place| before.swap_remove(place));
        let now = figure(&function);
        match known {
            None => changes.push(Change {
                function: function.mangled.clone(),
                before: None,
                now: Some(now),
                causes: Vec::new(),
            }),
            Some((_, figure, steps)) => {
                let same_path = steps.iter().copied().eq(lines(&function));
                if figure != now || !same_path {
                    changes.push(Change {
                        function: function.mangled.clone(),
                        before: Some(figure.to_owned()),
                        now: Some(now),
                        causes: match figure == UNBOUNDED && function.bytes.is_some() {
                            true => causes_of_a_bound(&steps, module),
                            false => [causes(&steps, &function, module), causes_of_statics(figure, &function, module)]
                                .concat(),
                        },
                    });
                }
            }
        }
    }
    before.sort_unstable();
    changes.extend(before.into_iter().map(|(name, figure, _)| Change {
        function: name.to_owned(),
        before: Some(figure.to_owned()),
        now: None,
        causes: Vec::new(),
    }));
    Ok(changes)
}

/// A function of a lock: its mangled name, its figure, and the lines of its path.
type Block<'t> = (&'t str, &'t str, Vec<&'t str>);

fn blocks(lock: &str) -> Result<Vec<Block<'_>>, NoLock> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let lines = (1..).zip(lock.lines()).filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty());
    for (number, line) in lines {
        match (line.strip_prefix("  "), blocks.last_mut(), line.split_once(": ")) {
            (Some(step), Some((_, _, steps)), _) => steps.push(step),
            (None, _, Some((name, figure))) if is_figure(figure) => blocks.push((name, figure, Vec::new())),
            _ => return Err(NoLock { number, text: line.trim().chars().take(NoLock::MOST).collect() }),
        }
    }
    Ok(blocks)
}

/// Whether a text begins as a figure does.
fn is_figure(text: &str) -> bool {
    let is_number = |bytes: &str| !bytes.is_empty() && bytes.bytes().all(|digit| digit.is_ascii_digit());
    let bytes = text.split_once(" bytes, ").or_else(|| text.split_once(" byte, "));
    text == UNBOUNDED || bytes.is_some_and(|(bytes, _)| is_number(bytes))
}

/// The arenas of a function of a path, in words.
fn opened(module: &Verified, step: &PathStep) -> impl Iterator<Item = String> {
    arenas_of(module, step.index).into_iter().map(|(_, words)| format!("it opens {words}"))
}

/// Of static blocks that need something else than they did: each, the largest first, with who uses it.
fn causes_of_statics(before: &str, function: &FunctionBudget, module: &Verified) -> Vec<String> {
    const MOST: usize = 5;
    let before = before.rsplit_once(", ").and_then(|(_, last)| last.strip_suffix(" static"));
    let (Some(before), Some(now)) = (before.and_then(|bytes| bytes.parse::<u64>().ok()), function.statics) else {
        return Vec::new();
    };
    if before == now {
        return Vec::new();
    }
    let parsed = module.module();
    let mut users = vec![None; parsed.statics().count()];
    for function in parsed.functions() {
        let named = indexes(function.code).map_while(Result::ok).filter(|index| index.space == Space::Statics);
        for index in named {
            let user = users.get_mut(index.value as usize).filter(|user| user.is_none());
            user.into_iter().for_each(|user| *user = Some((function, index.offset)));
        }
    }
    let mut blocks: Vec<(u32, String)> = Vec::new();
    for (block, user) in parsed.statics().zip(users) {
        let Some((function, offset)) = user else { continue };
        let line = parsed.source_line(function.index, offset).map(|(source, line)| line_of(source, line));
        let at = line.unwrap_or_else(|| format!("code 0x{offset:04x}"));
        let bytes = counted(block.capacity, "byte");
        blocks.push((block.capacity, format!("the static block of {bytes} is used by {} at {at}", function.signature)));
    }
    blocks.sort_by_key(|(capacity, _)| core::cmp::Reverse(*capacity));
    let head = format!("static blocks need {now}; it was {before}");
    core::iter::once(head).chain(blocks.into_iter().take(MOST).map(|(_, words)| words)).collect()
}

/// The readable name of the function of which a line of a lock speaks.
fn name_in(line: &str) -> &str {
    line.rsplit_once(": frame").map(|(name, _)| name).unwrap_or_default()
}

/// The function of a readable name.
fn find<'m>(module: &'m Verified, name: &str) -> Option<Function<'m>> {
    module.module().functions().find(|function| function.signature.to_string() == name)
}

/// Why there is a bound where none was: the functions of the circle that was in the way, and what became of them.
fn causes_of_a_bound(circle: &[&str], module: &Verified) -> Vec<String> {
    let words = |line: &&str| {
        let name = name_in(line);
        let Some(function) = find(module, name) else { return Some(format!("{name} is not there any more")) };
        let limit = function.limit?;
        let at = module.module().source_line(function.index, 0).map(|(source, line)| line_of(source, line));
        let at = at.map(|at| format!(", at {at}")).unwrap_or_default();
        Some(format!("{name} allows {} now{at}", counted(limit, "activation")))
    };
    let causes: Vec<String> = circle.iter().filter_map(words).collect();
    let gone = || vec!["the calls that went in a circle are gone".to_owned()];
    if causes.is_empty() { gone() } else { causes }
}

/// Of what was the rest of a path, and is not any more: what it needed, and needs now.
fn cause_of_the_former(rest: &[&str], module: &Verified) -> Vec<String> {
    let needed: Option<u64> = rest.iter().try_fold(0_u64, |sum, line| sum.checked_add(bytes_of(line)?));
    let (Some(first), Some(needed)) = (rest.first().copied().map(name_in), needed) else { return Vec::new() };
    let Some(function) = find(module, first) else { return vec![format!("{first} is not there any more")] };
    match module.proof().worst(function.index) {
        Worst::Bytes(found) if found.total() != needed => {
            let mut causes = vec![format!("{first} needs {} now; it needed {needed}", counted(found.total(), "byte"))];
            causes.extend(arenas_of(module, function.index).into_iter().map(|(_, words)| format!("it opens {words}")));
            causes
        }
        _ => Vec::new(),
    }
}

/// What is other on the path: the function that takes more or less, with its arenas, or the call that goes elsewhere.
fn causes(before: &[&str], function: &FunctionBudget, module: &Verified) -> Vec<String> {
    let at = |step: &PathStep| step.source.clone().unwrap_or_else(|| format!("code 0x{:04x}", step.offset));
    if function.bytes.is_none() {
        return function.dearest_in_words();
    }
    let mut causes = Vec::new();
    let (mut caller, mut steps): (Option<&PathStep>, _) = (None, 0);
    for (place, row) in function.rows().enumerate() {
        let known = before.get(place).copied();
        let step = match row {
            PathRow::Step(step) => step,
            PathRow::LeftOut(_) => {
                caller = None;
                continue;
            }
        };
        if known.map(name_in) != Some(step.function.as_str()) {
            let there = known.map_or_else(|| "the path ended".to_owned(), |line| format!("it was {}", name_in(line)));
            causes.push(match caller {
                Some(caller) => {
                    format!("{} calls {} at {}, where {there} before", caller.function, step.function, at(caller))
                }
                None if place > 0 => format!("the path comes to {}, where {there} before", step.function),
                None => format!("the path begins with {}", step.function),
            });
            let was_there = |step: &&PathStep| before.iter().any(|line| name_in(line) == step.function);
            let new = function.path.iter().skip(steps).filter(|step| !was_there(step));
            causes.extend(new.flat_map(|step| core::iter::once(line(step)).chain(opened(module, step))));
            causes.extend(cause_of_the_former(before.get(place..).unwrap_or_default(), module));
            return causes;
        }
        let now = line(step);
        if known != Some(now.as_str()) {
            causes.push(format!("{now}, at {}; it was {}", at(step), known.unwrap_or_default()));
            // Neither what the host needs nor how often it is there is due to its arenas.
            let own = |line: &str| {
                let (_, rest) = line.rsplit_once(", arenas ")?;
                let of_host = rest.split_once(" (").and_then(|(_, host)| host.split(' ').next()?.parse().ok());
                let all: u64 = rest.split([' ', ',']).next()?.parse().ok()?;
                all.checked_sub(of_host.unwrap_or(0))
            };
            if known.and_then(own) != own(&now) {
                causes.extend(opened(module, step));
            }
        }
        (caller, steps) = (Some(step), steps + 1);
    }
    if let (Some(gone), Some(last)) = (before.get(function.rows().count()), function.path.last()) {
        causes.push(format!("{} does not go on to {} any more", last.function, name_in(gone)));
    }
    causes
}
