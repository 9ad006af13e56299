//! What is told of the paths that use most: their ends, how long they are, and what is dearest on them.
//!
//! Every function may be asked for, and each may have a path as long as there are functions. But a path goes on as that of the
//! callee does: so what is known of one is made of what is known of the next, and it is kept on the way.

use super::endless::Endless;
use super::{Next, Proof, Step, Summaries};
use crate::hash::HashMap;
use alloc::rc::Rc;
use alloc::vec::Vec;

/// So many steps are told at either end of a path that has more.
pub const EITHER_END: usize = 10;

/// What is known is kept of one in so many nodes: to the next of them it is soon gone through again.
const KEPT: u64 = 16;

/// What is told of a path of any length.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ends {
    /// Its first steps.
    pub first: Vec<Step>,
    /// Its last ones, as far as they are not among the first.
    pub last: Vec<Step>,
    /// How many steps are between them.
    pub left_out: u64,
    /// The three that use most; the dearest first, and of those that use as much the first.
    pub dearest: Vec<Step>,
}

/// The paths of a module.
#[derive(Debug)]
pub struct Paths<'p> {
    proof: &'p Proof,
    summaries: &'p Summaries,
    /// Of some nodes on each path.
    known: HashMap<Node, Known>,
    /// By circle, its limited functions by number.
    limited: HashMap<u32, Vec<u32>>,
    circuits: HashMap<u32, Rc<Circuit>>,
    /// Where the calls of functions end that nothing bounds; once that was asked.
    endless: Option<Endless>,
}

/// Where a path goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Node {
    /// From a function on, as it uses most.
    From(u32),
    /// From a function of a circle to the end, without meeting a limited function of the circle.
    Tail(u32),
    /// From a function of a circle to the call of a limited one.
    Round(u32),
}

/// What stands on a path at a node.
#[derive(Debug)]
enum Link {
    /// A step; whom it calls, and where the path goes on if it does.
    Step(Step, Option<u32>, Option<Node>),
    /// The path comes into a circle in this function and goes round it; it leaves it from the other one.
    Circle(u32, u32),
}

/// What is known of a path from a node on.
#[derive(Debug, Clone, Default)]
struct Known {
    steps: u64,
    last: Rc<[Step]>,
    dearest: Rc<[Step]>,
    /// Of a round: the limited function to which it leads.
    leads_to: Option<u32>,
}

/// How a path goes round a circle.
#[derive(Debug, Default)]
struct Circuit {
    /// The limited functions one after another, and how often the path goes from each to the next one.
    rounds: Vec<(u32, u64)>,
    /// Where in these a path goes on that comes to a limited function.
    places: HashMap<u32, usize>,
    /// The steps of all rounds, and the dearest of them.
    steps: u64,
    dearest: Rc<[Step]>,
}

impl Known {
    /// With a step before all others.
    fn after(self, step: Step, callee: Option<u32>) -> Known {
        let last = match self.last.len() {
            EITHER_END.. => self.last,
            _ => core::iter::once(step).chain(self.last.iter().copied()).collect(),
        };
        let dearest = dearest(&[step], &self.dearest);
        Known { steps: self.steps + 1, last, dearest, leads_to: self.leads_to.or(callee) }
    }
}

/// Bytes of a step, as often as it is there.
fn bytes(step: &Step) -> u64 {
    step.frame.saturating_add(step.arenas).saturating_mul(step.times)
}

/// The dearest of some steps and of some behind them; the latter are in order.
pub(super) fn dearest(steps: &[Step], behind: &Rc<[Step]>) -> Rc<[Step]> {
    const MOST: usize = 3;
    let least = behind.get(MOST - 1).map(bytes);
    if steps.iter().all(|step| least.is_some_and(|least| bytes(step) < least)) {
        return behind.clone();
    }
    let mut all: Vec<Step> = steps.iter().chain(behind.iter()).copied().collect();
    all.sort_by_key(|step| core::cmp::Reverse(bytes(step)));
    all.truncate(MOST);
    all.into()
}

fn so_often(times: u64) -> impl Fn(&Step) -> Step {
    move |step| Step { times, ..*step }
}

impl<'p> Paths<'p> {
    /// The paths of a module, of which this is the proof.
    pub fn new(proof: &'p Proof, summaries: &'p Summaries) -> Paths<'p> {
        let mut limited: HashMap<u32, Vec<u32>> = HashMap::default();
        for (function, (_, ways)) in &proof.ways {
            if summaries.get(*function).is_some_and(|summary| summary.limit.is_some()) {
                limited.entry(ways.circle).or_default().push(*function);
            }
        }
        limited.values_mut().for_each(|functions| functions.sort_unstable());
        let (known, circuits, endless) = Default::default();
        Paths { proof, summaries, known, limited, circuits, endless }
    }

    /// Of the path of calls that uses most, from a function on, what is told; where nothing bounds it, of the functions that
    /// call each other in a circle, from the first one that is reached on: nothing if what is missing is the figure of another
    /// module.
    ///
    /// The steps of a round through a circle have the number of rounds, and behind all rounds stands the way on.
    pub fn ends(&mut self, function: u32) -> Ends {
        if self.proof.figure(self.summaries, function).is_none() {
            let (proof, summaries) = (self.proof, self.summaries);
            return self.endless.get_or_insert_with(|| Endless::new(proof, summaries)).ends(function);
        }
        let known = self.known(Node::From(function));
        let first = self.steps(Node::From(function), EITHER_END);
        let behind = known.steps.saturating_sub(EITHER_END as u64);
        let last = known.last.len().saturating_sub(behind.try_into().unwrap_or(usize::MAX));
        Ends {
            first,
            last: known.last.get(last..).unwrap_or_default().to_vec(),
            left_out: behind.saturating_sub(EITHER_END as u64),
            dearest: known.dearest.to_vec(),
        }
    }

    /// The first steps of the path that uses most, so many at most; none where nothing bounds it.
    pub fn path(&mut self, function: u32, most: usize) -> Vec<Step> {
        self.steps(Node::From(function), most)
    }

    fn link(&self, node: Node) -> Option<Link> {
        let (Node::From(function) | Node::Tail(function) | Node::Round(function)) = node;
        let ways = self.proof.ways.get(&function).map(|(_, ways)| *ways);
        let next = match (node, ways) {
            (Node::Round(_), ways) => {
                let (_, call) = ways?.round?;
                let callee = call.callee();
                let is_limited = self.summaries.get(callee).is_some_and(|callee| callee.limit.is_some());
                let next = (!is_limited).then_some(Node::Round(callee));
                return Some(Link::Step(self.summaries.step(function, Some(call))?, Some(callee), next));
            }
            (Node::Tail(_), Some(ways)) => ways.tail.next,
            _ => self.proof.figure(self.summaries, function)?.next,
        };
        let call = match next {
            Next::End => None,
            Next::Call(call) => Some(call),
            Next::Circle(last) => return Some(Link::Circle(function, last)),
        };
        let goes_on = call.map(|call| match ways.map(|ways| ways.circle) {
            Some(circle) if self.proof.circle_of(call.callee()) == Some(circle) => Node::Tail(call.callee()),
            _ => Node::From(call.callee()),
        });
        Some(Link::Step(self.summaries.step(function, call)?, None, goes_on))
    }

    fn known(&mut self, node: Node) -> Known {
        let mut nodes = Vec::new();
        let mut here = Some(node);
        let mut known = Known::default();
        while let Some(node) = here {
            if let Some(behind) = self.known.get(&node) {
                known = behind.clone();
                break;
            }
            let Some(link) = self.link(node) else { break };
            here = match &link {
                Link::Step(_, _, next) => *next,
                Link::Circle(_, last) => Some(Node::Tail(*last)),
            };
            nodes.push(node);
        }
        for node in nodes.into_iter().rev() {
            let link = self.link(node);
            let is_circle = matches!(link, Some(Link::Circle(..)));
            known = match link {
                Some(Link::Step(step, callee, _)) => known.after(step, callee),
                Some(Link::Circle(function, last)) => self.after_circle(function, last, known),
                None => known,
            };
            if is_circle || known.steps.is_multiple_of(KEPT) {
                self.known.insert(node, known.clone());
            }
        }
        known
    }

    /// What is known of a path that comes into a circle in a function, goes round it, and leaves it from the other one.
    fn after_circle(&mut self, function: u32, last: u32, behind: Known) -> Known {
        let (way_in, rounds, circuit) = self.round(function, last);
        let mut steps = behind.steps + circuit.steps;
        let mut found: Vec<Step> = behind.last.iter().rev().copied().collect();
        for (limited, times) in rounds.rev() {
            if found.len() >= EITHER_END {
                break;
            }
            let round = self.known(Node::Round(limited));
            found.extend(round.last.iter().rev().map(so_often(times)));
        }
        let mut all = dearest(&circuit.dearest, &behind.dearest);
        if let Some(way_in) = way_in {
            steps += way_in.steps;
            found.extend(way_in.last.iter().rev());
            all = dearest(&way_in.dearest, &all);
        }
        found.truncate(EITHER_END);
        found.reverse();
        Known { steps, last: found.into(), dearest: all, leads_to: None }
    }

    /// Of a path that comes into a circle in a function: the way to the next limited function, if it is none itself; all
    /// rounds from there on; and what is known of them.
    #[allow(clippy::type_complexity, reason = "it is taken apart where it is asked for")]
    fn round(
        &mut self,
        function: u32,
        last: u32,
    ) -> (Option<Known>, impl DoubleEndedIterator<Item = (u32, u64)> + use<>, Rc<Circuit>) {
        let circuit = self.circuit(last);
        let is_limited = circuit.places.contains_key(&function);
        let way_in = (!is_limited).then(|| self.known(Node::Round(function)));
        let limited = way_in.as_ref().map_or(Some(function), |way_in| way_in.leads_to);
        let start = limited.and_then(|limited| circuit.places.get(&limited)).copied().unwrap_or(0);
        let (all, count) = (circuit.clone(), circuit.rounds.len());
        let rounds = (start..start + count).filter_map(move |place| all.rounds.get(place % count).copied());
        (way_in, rounds, circuit)
    }

    /// All rounds of a circle that is left from a limited function: of that there is one round less.
    fn circuit(&mut self, last: u32) -> Rc<Circuit> {
        let circle = self.proof.circle_of(last).unwrap_or(last);
        if let Some(circuit) = self.circuits.get(&circle) {
            return circuit.clone();
        }
        let mut circuit = Circuit::default();
        for start in self.limited.remove(&circle).unwrap_or_default() {
            let mut here = Some(start);
            while let Some(function) = here.filter(|function| !circuit.places.contains_key(function)) {
                circuit.places.insert(function, circuit.rounds.len());
                let round = self.known(Node::Round(function));
                let limit = self.summaries.get(function).and_then(|summary| summary.limit).unwrap_or_default();
                let times = u64::from(limit).saturating_sub(u64::from(function == last));
                if times > 0 && round.steps > 0 {
                    circuit.rounds.push((function, times));
                    circuit.steps += round.steps;
                    let steps: Vec<Step> = round.dearest.iter().map(so_often(times)).collect();
                    circuit.dearest = dearest(&steps, &circuit.dearest);
                }
                here = round.leads_to;
            }
        }
        let circuit = Rc::new(circuit);
        self.circuits.insert(circle, circuit.clone());
        circuit
    }

    /// The first steps from a node on, so many at most.
    fn steps(&mut self, node: Node, most: usize) -> Vec<Step> {
        let mut first = Vec::new();
        let mut here = Some(node);
        while let Some(link) = here.filter(|_| first.len() < most).and_then(|node| self.link(node)) {
            here = match link {
                Link::Step(step, _, next) => {
                    first.push(step);
                    next
                }
                Link::Circle(function, last) => {
                    let (way_in, rounds, _) = self.round(function, last);
                    let way_in = way_in.map(|_| (function, 1)).into_iter();
                    for (function, times) in way_in.chain(rounds) {
                        let left = most.saturating_sub(first.len());
                        if left == 0 {
                            break;
                        }
                        first.extend(self.steps(Node::Round(function), left).iter().map(so_often(times)));
                    }
                    Some(Node::Tail(last))
                }
            };
        }
        first
    }
}
