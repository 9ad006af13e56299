//! Free blocks in order of their offsets: a balanced tree (Adelson-Velsky and Landis, 1962) in which every node knows
//! the widest block beneath it, so that the first one that is wide enough is found without looking at the others.
//!
//! Finding, adding and removing take a number of steps that grows with the logarithm of the number of blocks.

use alloc::vec::Vec;

/// A free block: its first byte and how many it has.
pub(super) type Block = (u32, u32);

const NONE: u32 = u32::MAX;

#[derive(Clone, Debug)]
struct Node {
    block: Block,
    /// The widest block of this node and all beneath it.
    widest: u32,
    height: u32,
    left: u32,
    right: u32,
}

/// Blocks in order; no two have the same offset.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    /// Places in `nodes` that can be used again.
    unused: Vec<u32>,
    root: u32,
}

impl Default for Tree {
    fn default() -> Tree {
        Tree { nodes: Vec::new(), unused: Vec::new(), root: NONE }
    }
}

impl Tree {
    /// How many bytes the widest block has, 0 if there is none.
    pub(super) fn widest(&self) -> u32 {
        self.widest_of(self.root)
    }

    /// The block with the lowest offset among those that are wide enough.
    pub(super) fn first_fit(&self, size: u32) -> Option<Block> {
        let mut place = self.root;
        while let Some(node) = self.get(place) {
            if node.widest < size {
                return None;
            }
            place = if self.widest_of(node.left) >= size {
                node.left
            } else if node.block.1 >= size {
                return Some(node.block);
            } else {
                node.right
            };
        }
        None
    }

    /// The last block that starts before an offset.
    pub(super) fn last_before(&self, offset: u32) -> Option<Block> {
        let (mut place, mut found) = (self.root, None);
        while let Some(node) = self.get(place) {
            if node.block.0 < offset {
                found = Some(node.block);
                place = node.right;
            } else {
                place = node.left;
            }
        }
        found
    }

    /// Adds a block whose offset is not there yet.
    pub(super) fn insert(&mut self, block: Block) {
        self.root = self.insert_below(self.root, block);
    }

    /// Takes the block that starts at an offset, if there is one.
    pub(super) fn remove(&mut self, offset: u32) -> Option<Block> {
        let (root, removed) = self.remove_below(self.root, offset);
        self.root = root;
        removed
    }

    /// The blocks in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Block> {
        let mut above = Vec::new();
        let mut place = self.root;
        core::iter::from_fn(move || {
            while let Some(node) = self.get(place) {
                above.push(node);
                place = node.left;
            }
            let node = above.pop()?;
            place = node.right;
            Some(node.block)
        })
    }

    fn get(&self, place: u32) -> Option<&Node> {
        self.nodes.get(place as usize)
    }

    fn widest_of(&self, place: u32) -> u32 {
        self.get(place).map_or(0, |node| node.widest)
    }

    fn height(&self, place: u32) -> u32 {
        self.get(place).map_or(0, |node| node.height)
    }

    /// Changes a node, and brings up to date what it knows of those beneath it.
    fn change(&mut self, place: u32, change: impl FnOnce(&mut Node)) {
        if let Some(node) = self.nodes.get_mut(place as usize) {
            change(node);
        }
        let Some(node) = self.get(place) else { return };
        let (left, right) = (node.left, node.right);
        let widest = node.block.1.max(self.widest_of(left)).max(self.widest_of(right));
        let height = 1 + self.height(left).max(self.height(right));
        if let Some(node) = self.nodes.get_mut(place as usize) {
            (node.widest, node.height) = (widest, height);
        }
    }

    fn new_node(&mut self, block: Block) -> u32 {
        let node = Node { block, widest: block.1, height: 1, left: NONE, right: NONE };
        match self.unused.pop() {
            Some(place) => {
                if let Some(old) = self.nodes.get_mut(place as usize) {
                    *old = node;
                }
                place
            }
            None => {
                self.nodes.push(node);
                self.nodes.len() as u32 - 1
            }
        }
    }

    /// Both give the node that stands in the place of the one they were given.
    fn insert_below(&mut self, place: u32, block: Block) -> u32 {
        let Some((at, left, right)) = self.get(place).map(|node| (node.block.0, node.left, node.right)) else {
            return self.new_node(block);
        };
        if block.0 < at {
            let left = self.insert_below(left, block);
            self.change(place, |node| node.left = left);
        } else {
            let right = self.insert_below(right, block);
            self.change(place, |node| node.right = right);
        }
        self.balance(place)
    }

    fn remove_below(&mut self, place: u32, offset: u32) -> (u32, Option<Block>) {
        let Some((block, left, right)) = self.get(place).map(|node| (node.block, node.left, node.right)) else {
            return (NONE, None);
        };
        let removed = match offset.cmp(&block.0) {
            core::cmp::Ordering::Less => {
                let (left, removed) = self.remove_below(left, offset);
                self.change(place, |node| node.left = left);
                removed
            }
            core::cmp::Ordering::Greater => {
                let (right, removed) = self.remove_below(right, offset);
                self.change(place, |node| node.right = right);
                removed
            }
            core::cmp::Ordering::Equal => {
                let Some(next) = self.first_below(right) else {
                    self.unused.push(place);
                    return (left, Some(block));
                };
                // The next block takes the place of this one.
                let (right, _) = self.remove_below(right, next.0);
                self.change(place, |node| (node.block, node.right) = (next, right));
                Some(block)
            }
        };
        (self.balance(place), removed)
    }

    fn first_below(&self, mut place: u32) -> Option<Block> {
        let mut found = None;
        while let Some(node) = self.get(place) {
            found = Some(node.block);
            place = node.left;
        }
        found
    }

    /// Restores the balance of a node whose sides differ by at most two levels.
    fn balance(&mut self, place: u32) -> u32 {
        let Some((left, right)) = self.get(place).map(|node| (node.left, node.right)) else { return place };
        let (left_height, right_height) = (self.height(left), self.height(right));
        if left_height > right_height + 1 {
            let inner = self.get(left).is_some_and(|node| self.height(node.right) > self.height(node.left));
            if inner {
                let left = self.rotate_left(left);
                self.change(place, |node| node.left = left);
            }
            self.rotate_right(place)
        } else if right_height > left_height + 1 {
            let inner = self.get(right).is_some_and(|node| self.height(node.left) > self.height(node.right));
            if inner {
                let right = self.rotate_right(right);
                self.change(place, |node| node.right = right);
            }
            self.rotate_left(place)
        } else {
            place
        }
    }

    fn rotate_left(&mut self, place: u32) -> u32 {
        let Some(top) = self.get(place).map(|node| node.right) else { return place };
        let between = self.get(top).map_or(NONE, |node| node.left);
        self.change(place, |node| node.right = between);
        self.change(top, |node| node.left = place);
        top
    }

    fn rotate_right(&mut self, place: u32) -> u32 {
        let Some(top) = self.get(place).map(|node| node.left) else { return place };
        let between = self.get(top).map_or(NONE, |node| node.right);
        self.change(place, |node| node.left = between);
        self.change(top, |node| node.right = place);
        top
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;
    use proptest::prelude::*;

    /// The height of a subtree, when it is balanced and knows its widest block.
    fn check(tree: &Tree, place: u32) -> u32 {
        let Some(node) = tree.get(place) else { return 0 };
        let (left, right) = (check(tree, node.left), check(tree, node.right));
        assert!(left.abs_diff(right) <= 1);
        assert_eq!(node.height, 1 + left.max(right));
        assert_eq!(node.widest, node.block.1.max(tree.widest_of(node.left)).max(tree.widest_of(node.right)));
        node.height
    }

    proptest! {
        #[test]
        fn it_is_a_balanced_map(steps in proptest::collection::vec((any::<bool>(), 0..200u32, 1..50u32), 0..300)) {
            let (mut tree, mut model) = (Tree::default(), BTreeMap::new());
            for (add, offset, size) in steps {
                if add && !model.contains_key(&offset) {
                    tree.insert((offset, size));
                    model.insert(offset, size);
                } else {
                    prop_assert_eq!(tree.remove(offset).map(|block| block.1), model.remove(&offset));
                }
                check(&tree, tree.root);
                let fit = model.iter().find(|(_, width)| **width >= size).map(|(at, width)| (*at, *width));
                prop_assert_eq!(tree.first_fit(size), fit);
                let before = model.range(..offset).next_back().map(|(at, width)| (*at, *width));
                prop_assert_eq!(tree.last_before(offset), before);
                prop_assert_eq!(tree.widest(), model.values().copied().max().unwrap_or(0));
            }
            prop_assert!(tree.iter().eq(model));
        }
    }

    #[test]
    fn rising_offsets_keep_it_low() {
        let mut tree = Tree::default();
        (0..65_536).for_each(|offset| tree.insert((offset, 1)));
        assert!(check(&tree, tree.root) <= 17);
    }
}
