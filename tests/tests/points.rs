//! What is known before every instruction holds in runs: programs that are made from seeds are watched, and what stands
//! in their arenas and on their stacks is compared with what the verifier said.

use std::collections::HashMap;
use std::rc::Rc;
use vega_format::container::SlotKind;
use vega_format::instruction::Instruction;
use vega_format::verify::{Points, Verified};
use vega_tests::generate;
use vegavm::observe::{Done, SlotView};
use vegavm::{Imports, Limits, Observer, Snapshot, load};

const SEEDS: u64 = 1_000;
const STEPS: u64 = 2_000;
/// More than any of the functions has to tell.
const MOST: usize = 1 << 20;

/// The state before an instruction.
struct Before {
    function: u32,
    slots: Vec<SlotView>,
    arenas: Vec<usize>,
    cells: usize,
}

struct Watch<'v> {
    verified: &'v Verified,
    points: HashMap<u32, Rc<Points>>,
    before: Option<Before>,
    compared: u64,
    placed: u64,
    faults: Vec<String>,
}

impl Watch<'_> {
    fn compare(&mut self, ip: u32, before: &Before) {
        let verified = self.verified;
        let points = self.points.entry(before.function);
        let points = Rc::clone(points.or_insert_with(|| Rc::new(verified.points(before.function, MOST))));
        let place = format!("function {}, 0x{ip:04x}", before.function);
        let Some(point) = points.points.iter().find(|point| point.offset == ip).filter(|_| !points.is_cut) else {
            return self.faults.push(format!("{place}: nothing is known"));
        };
        self.compared += 1;
        let site = |site: &usize| points.arenas.sites.get(*site);
        let capacities: Vec<_> = point.open.iter().filter_map(site).map(|site| site.capacity as usize).collect();
        if capacities != before.arenas || point.stack.len() != before.cells {
            let (arenas, cells) = (&before.arenas, before.cells);
            let stack = point.stack.len();
            self.faults.push(format!("{place}: {arenas:?} and {cells} cells, said was {capacities:?} and {stack}"));
        }
        let is_static = |arena: usize| point.open.get(arena).and_then(site).is_some_and(|site| site.is_static());
        for found in before.slots.iter().filter(|found| is_static(found.arena)) {
            let Some(said) = point.slots.iter().find(|said| said.slot == found.id) else {
                self.faults.push(format!("{place}: slot {} is there, and nobody said so", found.id));
                continue;
            };
            self.placed += u64::from(said.bytes.is_some());
            let holds = said.arena == found.arena && said.bytes.as_ref().is_none_or(|bytes| *bytes == found.bytes);
            let fits = match (found.kind, found.tag) {
                (SlotKind::Variable(_), None) => said.held.unset,
                (SlotKind::Variable(_), Some(tag)) => said.held.types.contains(tag),
                _ => true,
            };
            if !holds || !fits {
                self.faults.push(format!("{place}: {found:?}, said was {said:?}"));
            }
        }
        for said in &point.slots {
            if !before.slots.iter().any(|found| found.id == said.slot) {
                self.faults.push(format!("{place}: slot {} is not there, and was said to be", said.slot));
            }
        }
    }
}

impl Observer for Watch<'_> {
    fn after_instruction(&mut self, done: &Done<'_>, state: &Snapshot<'_>) {
        if let Some(before) = self.before.take() {
            self.compare(done.ip, &before);
        }
        let frame = state.frame();
        // Behind a return the frame that has ended is still shown.
        let goes_on = !matches!(done.instruction, Instruction::Return {});
        self.before = goes_on.then(|| Before {
            function: frame.function().index,
            slots: frame.slots().collect(),
            arenas: frame.arenas().map(|arena| arena.bytes.len()).collect(),
            cells: frame.stack().len(),
        });
    }
}

#[test]
fn what_is_known_before_every_instruction_holds_in_a_thousand_programs() {
    let limits = Limits { memory: u64::MAX, tables: u64::MAX, frames: 200, steps: Some(STEPS), ..Limits::trusted() };
    let (mut compared, mut placed) = (0, 0);
    for seed in 0..SEEDS {
        let verified = generate::program(seed).finish().expect("a generated program is accepted");
        let bytes = verified.module().bytes().to_vec();
        let program = load(bytes, &Imports::new(), &limits, &mut ()).expect("a verified program loads");
        let mut watch =
            Watch { verified: &verified, points: HashMap::new(), before: None, compared: 0, placed: 0, faults: vec![] };
        program.run(&[], &mut Imports::new(), &limits, &mut watch).expect("a run that is granted nothing starts");
        let listing = || vega_asm::disassemble(verified.module()).text;
        assert!(watch.faults.is_empty(), "seed {seed}:\n{}\n{}", watch.faults.join("\n"), listing());
        compared += watch.compared;
        placed += watch.placed;
    }
    println!("{compared} instructions and {placed} places compared");
    // A generator that got dull would prove nothing.
    assert!(compared > 20_000 && placed > 20_000, "only {compared} instructions and {placed} places were compared");
}
