//! Rust's types and those of a module: arguments on their way in, results on their way out.

use crate::interpreter::{Registers, Stop, Vm, at};
use crate::limits::{LimitKind, LimitReached};
use alloc::string::String;
use alloc::vec::Vec;
use vega_format::cell::{self, Scalar};
use vega_format::types::{Tag, Type};

/// What can be handed to a function: the scalars, `&str` as a string, and slices of scalars as views. A `&mut` slice has
/// afterwards what the function left in it, if the call ends with a value; else it is as it was.
pub trait Argument {
    /// What is really given, which lives as long as the call.
    type Given<'a>;
    /// What is kept until the call is over.
    type Kept<'a>;

    /// Its type in a signature.
    fn type_() -> Type;

    /// Whether it is a cell by itself, and takes nothing of memory.
    #[doc(hidden)]
    const IS_SCALAR: bool = false;

    /// That cell.
    #[doc(hidden)]
    fn cell(_: &Self::Given<'_>) -> u64 {
        0
    }

    /// Puts it into the machine.
    #[doc(hidden)]
    fn put<'a>(given: Self::Given<'a>, placer: &mut Placer<'_, '_>) -> Result<Self::Kept<'a>, Refused>;

    /// The call is over.
    #[doc(hidden)]
    fn take_back(_kept: Self::Kept<'_>, _: &Reader<'_>) {}
}

/// Why an argument cannot be put into the machine.
pub struct Refused(pub(super) Why);

/// The reasons.
pub(super) enum Why {
    /// Strings and elements have more bytes than they may.
    TooMuch(LimitReached),
    Stop(Stop),
}

impl From<Stop> for Refused {
    fn from(stop: Stop) -> Refused {
        Refused(Why::Stop(stop))
    }
}

/// Linear memory, to be read.
pub struct Reader<'v>(pub(super) &'v [u8]);

impl<'v> Reader<'v> {
    /// Bytes of a string or of elements; nothing where there is no such memory.
    pub(super) fn bytes(&self, start: usize, length: usize) -> &'v [u8] {
        self.0.get(start..start.saturating_add(length)).unwrap_or_default()
    }
}

/// Where arguments go.
pub struct Placer<'v, 'c> {
    pub(super) vm: &'v mut Vm<'c>,
    pub(super) registers: &'v mut Registers,
    pub(super) next: u16,
    /// Bytes of strings and elements, and the most that there may be.
    pub(super) bytes: u64,
    pub(super) most: u64,
}

impl Placer<'_, '_> {
    fn push(&mut self, cell: u64) {
        self.registers[at(self.next)] = cell;
        self.next = self.next.wrapping_add(1);
    }

    /// Room for the elements of a view, which is pushed.
    fn view(&mut self, elements: usize, size: usize) -> Result<(usize, &mut [u8]), Refused> {
        let bytes = elements.saturating_mul(size);
        self.bytes = self.bytes.saturating_add(bytes as u64);
        // Nothing is taken for what is too much.
        if self.bytes > self.most {
            let (value, maximum) = (self.bytes, self.most);
            let reached = LimitReached { kind: LimitKind::Arguments, subject: "arguments", value, maximum };
            return Err(Refused(Why::TooMuch(reached)));
        }
        let start = self.vm.place_argument(bytes)?;
        self.push(start as u64 | (elements as u64) << 32);
        Ok((start, self.vm.bytes_mut(start, bytes)?))
    }
}

/// The types that a scalar of Rust can be given as.
macro_rules! scalars {
    ($($type:ty),+) => { $(
        impl Argument for $type {
            type Given<'a> = $type;
            type Kept<'a> = ();

            const IS_SCALAR: bool = true;

            #[inline]
            fn cell(given: &$type) -> u64 {
                given.to_cell()
            }

            fn type_() -> Type {
                Type::Scalar(<$type as Scalar>::TAG)
            }

            fn put<'a>(given: Self::Given<'a>, placer: &mut Placer<'_, '_>) -> Result<Self::Kept<'a>, Refused> {
                placer.push(given.to_cell());
                Ok(())
            }
        }

        impl Returned for $type {
            fn type_() -> Option<Type> {
                Some(Type::Scalar(<$type as Scalar>::TAG))
            }

            #[inline]
            fn take(cells: &[u64], _: &Reader<'_>) -> Option<$type> {
                cells.first().map(|cell| <$type>::from_cell(*cell))
            }
        }

        impl Argument for &[$type] {
            type Given<'a> = &'a [$type];
            type Kept<'a> = ();

            fn type_() -> Type {
                Type::view(<$type as Scalar>::TAG.into())
            }

            fn put<'a>(given: Self::Given<'a>, placer: &mut Placer<'_, '_>) -> Result<Self::Kept<'a>, Refused> {
                write_all(given, placer).map(|_| ())
            }
        }

        impl Argument for &mut [$type] {
            type Given<'a> = &'a mut [$type];
            type Kept<'a> = (&'a mut [$type], usize);

            fn type_() -> Type {
                Type::view(<$type as Scalar>::TAG.into())
            }

            fn put<'a>(given: Self::Given<'a>, placer: &mut Placer<'_, '_>) -> Result<Self::Kept<'a>, Refused> {
                let start = write_all(given, placer)?;
                Ok((given, start))
            }

            fn take_back((given, start): Self::Kept<'_>, reader: &Reader<'_>) {
                let bytes = reader.bytes(start, given.len() * size(<$type as Scalar>::TAG));
                given.iter_mut().zip(elements(bytes)).for_each(|(element, left)| *element = left);
            }
        }
    )+ };
}

scalars!(i16, i32, i64, f32, f64, bool, u8, char);

/// Places elements one behind another; gives the address of the first.
fn write_all<T: Scalar>(elements: &[T], placer: &mut Placer<'_, '_>) -> Result<usize, Refused> {
    let (start, room) = placer.view(elements.len(), size(T::TAG))?;
    put_elements(elements, room);
    Ok(start)
}

/// The elements that lie one behind another in some bytes.
pub(super) fn elements<T: Scalar>(bytes: &[u8]) -> impl ExactSizeIterator<Item = T> + DoubleEndedIterator {
    bytes.chunks_exact(size(T::TAG)).map(|bytes| T::from_cell(cell::decode(T::TAG, bytes)))
}

/// Writes elements one behind another, as many as there is room for; gives how many.
pub(super) fn put_elements<T: Scalar>(elements: &[T], room: &mut [u8]) -> usize {
    let size = size(T::TAG);
    let places = room.chunks_exact_mut(size).zip(elements);
    places.map(|(place, element)| place.copy_from_slice(&cell::encode(T::TAG, element.to_cell()).0[..size])).count()
}

impl Argument for &str {
    type Given<'a> = &'a str;
    type Kept<'a> = ();

    fn type_() -> Type {
        Type::String
    }

    fn put<'a>(given: Self::Given<'a>, placer: &mut Placer<'_, '_>) -> Result<Self::Kept<'a>, Refused> {
        let (_, room) = placer.view(given.len(), 1)?;
        room.copy_from_slice(given.as_bytes());
        Ok(())
    }
}

/// What a function can give: nothing, a scalar, or a string, which is copied. Of a slice that cuts a character in two, what is left
/// of that becomes U+FFFD.
pub trait Returned: Sized {
    /// Its type in a signature.
    fn type_() -> Option<Type>;

    /// Takes it out of the machine.
    #[doc(hidden)]
    fn take(cells: &[u64], reader: &Reader<'_>) -> Option<Self>;
}

impl Returned for () {
    fn type_() -> Option<Type> {
        None
    }

    fn take(_: &[u64], _: &Reader<'_>) -> Option<()> {
        Some(())
    }
}

impl Returned for String {
    fn type_() -> Option<Type> {
        Some(Type::String)
    }

    fn take(cells: &[u64], reader: &Reader<'_>) -> Option<String> {
        let span = *cells.first()?;
        let bytes = reader.bytes(span as u32 as usize, (span >> 32) as usize);
        Some(String::from_utf8_lossy(bytes).into_owned())
    }
}

/// What a function is called with: a tuple of at most eight arguments. Who has more puts those of one type into a slice.
pub trait Arguments {
    /// What is really given.
    type Given<'a>;
    /// What is kept until the call is over.
    type Kept<'a>;

    /// The types of the parameters.
    fn types() -> Vec<Type>;

    /// Whether each is a cell by itself.
    #[doc(hidden)]
    const ARE_SCALARS: bool;

    /// Those cells.
    #[doc(hidden)]
    fn cells(given: &Self::Given<'_>, registers: &mut Registers);

    /// Puts them into the machine.
    #[doc(hidden)]
    fn put<'a>(given: Self::Given<'a>, placer: &mut Placer<'_, '_>) -> Result<Self::Kept<'a>, Refused>;

    /// The call is over.
    #[doc(hidden)]
    fn take_back(kept: Self::Kept<'_>, reader: &Reader<'_>);
}

macro_rules! tuples {
    ($(($($name:ident $place:tt),*);)*) => { $(
        impl<$($name: Argument),*> Arguments for ($($name,)*) {
            type Given<'a> = ($($name::Given<'a>,)*);
            type Kept<'a> = ($($name::Kept<'a>,)*);

            fn types() -> Vec<Type> {
                vec![$($name::type_()),*]
            }

            const ARE_SCALARS: bool = true $(&& $name::IS_SCALAR)*;

            #[inline(always)]
            #[allow(unused_variables, reason = "there may be none")]
            fn cells(given: &Self::Given<'_>, registers: &mut Registers) {
                $(registers[$place] = $name::cell(&given.$place);)*
            }

            #[allow(clippy::unused_unit, unused_variables, reason = "there may be none")]
            fn put<'a>(given: Self::Given<'a>, placer: &mut Placer<'_, '_>) -> Result<Self::Kept<'a>, Refused> {
                Ok(($($name::put(given.$place, placer)?,)*))
            }

            #[allow(unused_variables, reason = "there may be none")]
            fn take_back(kept: Self::Kept<'_>, reader: &Reader<'_>) {
                $($name::take_back(kept.$place, reader);)*
            }
        }
    )* };
}

tuples! {
    ();
    (A 0);
    (A 0, B 1);
    (A 0, B 1, C 2);
    (A 0, B 1, C 2, D 3);
    (A 0, B 1, C 2, D 3, E 4);
    (A 0, B 1, C 2, D 3, E 4, F 5);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
}

/// The bytes of a value of this type.
pub(super) fn size(tag: Tag) -> usize {
    tag.size() as usize
}
