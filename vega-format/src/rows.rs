//! [`Rows`]: many lists in one, for where each is so short that room of its own would be most of what it takes.

use alloc::vec::Vec;

/// Lists by number. Together they have fewer items than four bytes can count; of what is more, nothing is found.
#[derive(Debug, Clone)]
pub struct Rows<T> {
    items: Vec<T>,
    /// Where each ends.
    ends: Vec<u32>,
}

impl<T> Default for Rows<T> {
    fn default() -> Rows<T> {
        Rows::with_capacity(0, 0)
    }
}

impl<T> Rows<T> {
    /// With room for so many rows, and for so many items in all of them.
    pub fn with_capacity(rows: usize, items: usize) -> Rows<T> {
        Rows { items: Vec::with_capacity(items), ends: Vec::with_capacity(rows) }
    }

    /// Rows of these lengths, full of one item.
    pub fn filled(lengths: impl ExactSizeIterator<Item = u32> + Clone, item: T) -> Rows<T>
    where
        T: Clone,
    {
        let mut rows = Rows::with_capacity(lengths.len(), 0);
        rows.items = vec![item; lengths.clone().map(|length| length as usize).sum()];
        let mut end = 0u32;
        rows.ends.extend(lengths.map(|length| {
            end = end.saturating_add(length);
            end
        }));
        rows
    }

    /// Adds an item to the row that is not closed yet.
    pub fn push(&mut self, item: T) {
        self.items.push(item);
    }

    /// Ends a row; the next begins.
    pub fn close(&mut self) {
        self.ends.push(u32::try_from(self.items.len()).unwrap_or(u32::MAX));
    }

    /// The items of a row; none if it is not there.
    pub fn row(&self, row: u32) -> &[T] {
        let (start, end) = self.range(row);
        self.items.get(start..end).unwrap_or_default()
    }

    /// An item of a row.
    pub fn get(&self, row: u32, place: u32) -> Option<&T> {
        self.row(row).get(place as usize)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, row: u32, place: u32) -> Option<&mut T> {
        let (start, end) = self.range(row);
        self.items.get_mut(start..end)?.get_mut(place as usize)
    }

    fn range(&self, row: u32) -> (usize, usize) {
        let end = |row: u32| self.ends.get(row as usize).map_or(0, |end| *end as usize);
        (row.checked_sub(1).map_or(0, end), end(row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_their_own_items() {
        let mut rows = Rows::filled([2, 0, 3].into_iter(), 0);
        *rows.get_mut(2, 1).unwrap() = 7;
        assert_eq!((rows.row(0), rows.row(1), rows.row(2)), (&[0, 0][..], &[][..], &[0, 7, 0][..]));
        assert_eq!((rows.get(0, 2), rows.get(1, 0), rows.row(3)), (None, None, &[][..]));
        assert_eq!(rows.get_mut(2, 3), None);
        rows.push(5);
        rows.close();
        assert_eq!((rows.row(2), rows.row(3)), (&[0, 7, 0][..], &[5][..]));
    }
}
