//! Loads and stores: of slots at constant offsets, of elements of arrays, of elements of views. For each type a function of
//! its own. An index is looked at before the bytes are; these are looked at by the slice.

use super::vm::{Exit, Vm, go, here};
use super::window::Window;
use super::word::{Run, Word};
use crate::register::{Address, Spot};
use vega_format::cell::Scalar;
use vega_format::trap::Trap;
use vega_format::types::Tag;

/// The cell of a value that stands at an address.
#[inline(always)]
pub(super) fn read<T: Scalar>(memory: &[u8], address: u32) -> Option<u64> {
    let bits = match const { T::TAG.size() } {
        1 => u64::from(*memory.get(address as usize)?),
        2 => u16::from_le_bytes(chunk(memory, address)?).into(),
        4 => u32::from_le_bytes(chunk(memory, address)?).into(),
        _ => u64::from_le_bytes(chunk(memory, address)?),
    };
    Some(T::from_cell(bits).to_cell())
}

/// The bytes at an address. As that has 32 bits, one comparison is enough: their end can be told, or, where the host has no more
/// bits than that, it comes before their beginning.
#[inline(always)]
fn chunk<const N: usize>(memory: &[u8], address: u32) -> Option<[u8; N]> {
    let start = address as usize;
    memory.get(start..start.wrapping_add(N))?.try_into().ok()
}

/// Writes the value of a cell at an address.
#[inline(always)]
pub(super) fn write<T: Scalar>(memory: &mut [u8], address: u32, cell: u64) -> Option<()> {
    let bits = T::from_cell(cell).to_cell();
    match const { T::TAG.size() } {
        1 => *memory.get_mut(address as usize)? = bits as u8,
        2 => put(memory, address, (bits as u16).to_le_bytes())?,
        4 => put(memory, address, (bits as u32).to_le_bytes())?,
        _ => put(memory, address, bits.to_le_bytes())?,
    }
    Some(())
}

#[inline(always)]
fn put<const N: usize>(memory: &mut [u8], address: u32, bytes: [u8; N]) -> Option<()> {
    let start = address as usize;
    let there: &mut [u8; N] = memory.get_mut(start..start.wrapping_add(N))?.try_into().ok()?;
    *there = bytes;
    Some(())
}

/// The address of an element: of the array that stands `e` behind the register `b`, at the index in `c`.
#[inline(always)]
pub(super) fn element(window: Window<'_>, word: &Word) -> Result<u32, Bound> {
    let index = window.get(word.c);
    let (size, length) = (word.low, word.high);
    match index < u64::from(length) {
        true => {
            let array = (window.get(word.b) as u32).wrapping_add(word.e);
            Ok(array.wrapping_add((index as u32).wrapping_mul(size)))
        }
        false => Err(Bound { index, length }),
    }
}

/// The address of an element of the view in `b`, at the index in `c`.
#[inline(always)]
pub(super) fn view_element(window: Window<'_>, word: &Word) -> Result<u32, Bound> {
    element_of(window.get(word.b), window.get(word.c), word)
}

/// The address of an element of a view, `e` and the size in `x` being those of the word.
#[inline(always)]
pub(super) fn element_of(view: u64, index: u64, word: &Word) -> Result<u32, Bound> {
    match index < view >> 32 {
        true => {
            let start = (view as u32).wrapping_add(word.e);
            Ok(start.wrapping_add((index as u32).wrapping_mul(word.low)))
        }
        false => Err(Bound { index, length: (view >> 32) as u32 }),
    }
}

/// The same at the index `c * factor + d`.
#[inline(always)]
pub(super) fn view_element_at(window: Window<'_>, word: &Word) -> Result<u32, Bound> {
    let view = window.get(word.b);
    let (index, plus) = (window.get(word.c) as i32, window.get(word.d) as i32);
    let index = i64::from(index.wrapping_mul(word.high.cast_signed()).wrapping_add(plus)).cast_unsigned();
    element_of(view, index, word)
}

/// The address of an element of the view in `b`, at the index in `c`, goes to `a`.
pub(super) fn element_address<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    let (word, next) = here!(vm, words);
    match view_element(window, word) {
        Ok(address) => {
            window.set(word.a, address.into());
            go!(vm, window, words, next, address.into())
        }
        Err(bound) => out_of_bounds(vm, words, bound),
    }
}

/// An index that is out of bounds.
pub(super) struct Bound {
    index: u64,
    length: u32,
}

#[cold]
#[inline(never)]
pub(super) fn out_of_bounds(vm: &mut Vm<'_>, words: &[Word], bound: Bound) -> Exit {
    vm.stopped(words, Trap::IndexOutOfBounds { index: bound.index.cast_signed(), length: bound.length })
}

#[cold]
#[inline(never)]
pub(super) fn outside(vm: &mut Vm<'_>, words: &[Word]) -> Exit {
    vm.stopped(words, super::vm::Stop::Broken("bytes outside memory"))
}

/// `e` behind the register `b`.
#[inline(always)]
pub(super) fn behind(window: Window<'_>, word: &Word) -> Result<u32, Bound> {
    Ok((window.get(word.b) as u32).wrapping_add(word.e))
}

/// At `e`.
#[inline(always)]
fn fixed(_: Window<'_>, word: &Word) -> Result<u32, Bound> {
    Ok(word.e)
}

/// A constant of 16 bits.
#[inline(always)]
pub(super) fn small(word: &Word) -> u64 {
    i64::from(word.a.cast_signed()).cast_unsigned()
}

/// Loads to `a`.
macro_rules! loading {
    ($type:ty, $address:ident) => {{
        fn run<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
            let (word, next) = here!(vm, words);
            match $address(window, word) {
                Ok(address) => match read::<$type>(&vm.memory, address) {
                    Some(cell) => {
                        window.set(word.a, cell);
                        go!(vm, window, words, next, cell)
                    }
                    None => outside(vm, words),
                },
                Err(bound) => out_of_bounds(vm, words, bound),
            }
        }
        run
    }};
}

/// Stores the register `a`.
macro_rules! storing {
    ($type:ty, $address:ident) => {
        storing!(@value $type, $address, |window, word| window.get(word.a))
    };
    (@value $type:ty, $address:ident, |$window:ident, $word:ident| $value:expr) => {{
        fn run<'c>(vm: &mut Vm<'c>, $window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
            let ($word, next) = here!(vm, words);
            match $address($window, $word) {
                Ok(address) => match write::<$type>(&mut vm.memory, address, $value) {
                    Some(()) => go!(vm, $window, words, next, 0),
                    None => outside(vm, words),
                },
                Err(bound) => out_of_bounds(vm, words, bound),
            }
        }
        run
    }};
}

/// Stores the constant in `x`.
macro_rules! storing_constant {
    ($type:ty, $address:ident) => {
        storing!(@value $type, $address, |window, word| word.wide())
    };
}

/// Stores the small constant in `a`.
macro_rules! storing_small {
    ($type:ty, $address:ident) => {
        storing!(@value $type, $address, |window, word| small(word))
    };
}

macro_rules! by_tag {
    ($tag:ident, $kind:ident, $address:ident) => {
        match $tag {
            Tag::Short => $kind!(i16, $address),
            Tag::Int => $kind!(i32, $address),
            Tag::Long => $kind!(i64, $address),
            Tag::Float => $kind!(f32, $address),
            Tag::Decimal => $kind!(f64, $address),
            Tag::Bool => $kind!(bool, $address),
            Tag::Byte => $kind!(u8, $address),
            Tag::Char => $kind!(char, $address),
        }
    };
}

/// Loads a value to `a`.
pub(super) fn load(tag: Tag, from: Spot) -> Run {
    match from {
        Spot::At(Address { base: Some(_), .. }) => by_tag!(tag, loading, behind),
        Spot::At(Address { base: None, .. }) => by_tag!(tag, loading, fixed),
        Spot::Array { .. } => by_tag!(tag, loading, element),
        Spot::View { .. } => by_tag!(tag, loading, view_element),
        Spot::ViewAt { .. } => by_tag!(tag, loading, view_element_at),
    }
}

/// Stores the register `a`.
pub(super) fn store(tag: Tag, to: Spot) -> Run {
    match to {
        Spot::At(Address { base: Some(_), .. }) => by_tag!(tag, storing, behind),
        Spot::At(Address { base: None, .. }) => by_tag!(tag, storing, fixed),
        Spot::Array { .. } => by_tag!(tag, storing, element),
        Spot::View { .. } => by_tag!(tag, storing, view_element),
        Spot::ViewAt { .. } => by_tag!(tag, storing, view_element_at),
    }
}

/// Stores a constant: any at an address, a small one in an element.
pub(super) fn store_constant(tag: Tag, to: Spot) -> Run {
    match to {
        Spot::At(Address { base: Some(_), .. }) => by_tag!(tag, storing_constant, behind),
        Spot::At(Address { base: None, .. }) => by_tag!(tag, storing_constant, fixed),
        Spot::Array { .. } => by_tag!(tag, storing_small, element),
        Spot::View { .. } => by_tag!(tag, storing_small, view_element),
        Spot::ViewAt { .. } => by_tag!(tag, storing_small, view_element_at),
    }
}

/// The value of a type that is known only now.
pub(super) fn read_tagged(memory: &[u8], address: usize, tag: Tag) -> Option<u64> {
    let end = address.checked_add(tag.size() as usize)?;
    memory.get(address..end).map(|bytes| vega_format::cell::decode(tag, bytes))
}

/// Writes a value of a type that is known only now.
pub(super) fn write_tagged(memory: &mut [u8], address: usize, tag: Tag, cell: u64) -> Option<()> {
    let (bytes, length) = vega_format::cell::encode(tag, cell);
    let end = address.checked_add(length)?;
    memory.get_mut(address..end)?.copy_from_slice(bytes.get(..length)?);
    Some(())
}
