//! Which functions call each other in circles.

use super::Summaries;

/// Gives the groups of functions that call each other in circles, one after another; each is sorted, and comes after those
/// that it calls. Tarjan's algorithm in the form of Pearce (2016), which needs one number a function, without recursion.
pub(super) fn circles(summaries: &Summaries, mut found: impl FnMut(&[u32])) {
    /// A function that is being looked at: the next of its calls, the end of them, and whether nothing that it reaches
    /// leads back to a function that was found before it.
    struct Open {
        function: u32,
        next: u32,
        end: u32,
        is_root: bool,
    }
    let count = summaries.len();
    // 0: not seen yet; then in the order in which they are found; those that are done count down from the greatest.
    let mut ranks = vec![0u32; count];
    let (mut next_rank, mut next_done) = (1, u32::MAX);
    let rank = |ranks: &[u32], function: u32| ranks.get(function as usize).copied();
    let set = |ranks: &mut [u32], function: u32, rank| {
        if let Some(place) = ranks.get_mut(function as usize) {
            *place = rank;
        }
    };
    let enter = |ranks: &mut [u32], next_rank: &mut u32, function: u32| {
        set(ranks, function, *next_rank);
        *next_rank += 1;
        let calls = summaries.calls_of(function);
        Open { function, next: calls.start as u32, end: calls.end as u32, is_root: true }
    };
    let (mut path, mut waiting, mut group): (Vec<Open>, Vec<u32>, Vec<u32>) = Default::default();
    for start in 0..count as u32 {
        if rank(&ranks, start) == Some(0) {
            path.push(enter(&mut ranks, &mut next_rank, start));
        }
        while let Some(open) = path.last_mut() {
            if open.next < open.end {
                let callee = summaries
                    .calls
                    .get(open.next as usize)
                    .and_then(|call| Some((call.callee, rank(&ranks, call.callee)?)));
                match callee {
                    // It is looked at again when the callee is known.
                    Some((callee, 0)) => {
                        let callee = enter(&mut ranks, &mut next_rank, callee);
                        path.push(callee);
                        continue;
                    }
                    Some((_, other)) if rank(&ranks, open.function).is_some_and(|own| other < own) => {
                        set(&mut ranks, open.function, other);
                        open.is_root = false;
                    }
                    _ => {}
                }
                open.next += 1;
                continue;
            }
            let Some(Open { function, is_root, .. }) = path.pop() else { break };
            if !is_root {
                waiting.push(function);
                continue;
            }
            let own = rank(&ranks, function);
            group.clear();
            group.push(function);
            while let Some(member) = waiting.pop_if(|member| own <= rank(&ranks, *member)) {
                group.push(member);
            }
            for member in &group {
                set(&mut ranks, *member, next_done);
            }
            next_rank -= group.len() as u32;
            next_done -= 1;
            group.sort_unstable();
            found(&group);
        }
    }
}
