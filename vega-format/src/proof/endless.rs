//! Circles of calls that nothing limits, and to which of them the calls of a function lead: of functions that all call each other
//! one is known, and of several groups of such functions that of the nearest.
//!
//! Many functions may lead to the same one: so it is not looked from each of them, but from the circles back along the calls.

use super::paths::{EITHER_END, Ends, dearest};
use super::{CallSite, Proof, Step, Summaries};
use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::vec::Vec;

/// The circles of a module that nothing limits.
#[derive(Debug)]
pub(super) struct Endless {
    circles: Vec<Circle>,
    /// Of each function, to which circle its calls lead, and where on it; nowhere if it is bounded, or calls what is not
    /// linked yet.
    leads_to: Vec<Option<(u32, u32)>>,
}

#[derive(Debug)]
struct Circle {
    steps: Vec<Step>,
    dearest: Rc<[Step]>,
}

impl Endless {
    pub(super) fn new(proof: &Proof, summaries: &Summaries) -> Endless {
        let circle = |calls: &Vec<(u32, CallSite)>| {
            let step = |(function, call): &(u32, CallSite)| summaries.step(*function, Some(*call));
            let steps: Vec<Step> = calls.iter().filter_map(step).collect();
            Circle { dearest: dearest(&steps, &Rc::default()), steps }
        };
        let circles: Vec<Circle> = proof.endless.iter().map(circle).collect();
        let places = |(number, circle): (u32, &Circle)| {
            let functions: Vec<u32> = circle.steps.iter().map(|step| step.function).collect();
            (0..).zip(functions).map(move |(place, function)| (function, (number, place)))
        };
        let mut work: VecDeque<(u32, (u32, u32))> = (0..).zip(&circles).flat_map(places).collect();
        let mut leads_to = vec![None; summaries.len()];
        let callers = summaries.callers();
        while let Some((function, end)) = work.pop_front() {
            if let Some(known @ None) = leads_to.get_mut(function as usize) {
                *known = Some(end);
                work.extend(callers.row(function).iter().map(|caller| (*caller, end)));
            }
        }
        Endless { circles, leads_to }
    }

    /// What is told of the circle to which the calls of a function lead, from the first function that is reached on.
    pub(super) fn ends(&self, function: u32) -> Ends {
        let end = self.leads_to.get(function as usize).copied().flatten();
        let found = end.and_then(|(circle, start)| Some((self.circles.get(circle as usize)?, start as usize)));
        let Some((circle, start)) = found else { return Ends::default() };
        let count = circle.steps.len();
        let step = |place: usize| circle.steps.get((start + place) % count).copied();
        let first = count.min(EITHER_END);
        let last = first.max(count.saturating_sub(EITHER_END));
        Ends {
            first: (0..first).filter_map(step).collect(),
            last: (last..count).filter_map(step).collect(),
            left_out: (last - first) as u64,
            dearest: circle.dearest.to_vec(),
        }
    }
}
