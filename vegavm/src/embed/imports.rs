//! What a host grants: closures whose Rust types say under which mangled name a module finds them.

use super::convert::{Reader, elements, put_elements, size};
use super::error::{Error, ErrorKind};
use crate::interpreter::{Registers, Stop, Vm, at, stop_of};
use crate::native::HostError;
use crate::outcome::Used;
use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use vega_format::cell::Scalar;
use vega_format::mangle::{mangle, parse};
use vega_format::types::{Signature, Type};

/// The functions that a host grants to instances whose data are of the type `T`. They are shared by all instances that are
/// made with them, in whatever thread.
#[derive(Clone)]
pub struct Imports<T = ()> {
    functions: BTreeMap<String, Granted<T>>,
    /// What prints, by name.
    pub(super) printers: BTreeMap<&'static str, Run<T>>,
}

/// A function that is granted.
pub struct Granted<T> {
    pub(super) run: Run<T>,
    /// What a call needs beside what its arguments take.
    pub(super) bytes: u64,
    pub(super) steps: u64,
    /// The signature for people.
    pub(super) words: String,
    /// The type of the value, if it is one of those that print.
    pub(super) printed: Option<Type>,
}

pub(super) type Run<T> =
    Arc<dyn Fn(&mut Caller<'_, '_, T>, &Cells<'_>) -> Result<Option<u64>, HostError> + Send + Sync>;

impl<T> Granted<T> {
    /// What each call needs: memory beside that of its arguments, which must not be more than the module declares with
    /// `cost`, and steps.
    pub fn cost(&mut self, bytes: u64, steps: u64) {
        (self.bytes, self.steps) = (bytes, steps);
    }
}

impl<T> Clone for Granted<T> {
    fn clone(&self) -> Granted<T> {
        let Granted { run, bytes, steps, words, printed } = self;
        let (run, words, printed) = (Arc::clone(run), words.clone(), printed.clone());
        Granted { run, bytes: *bytes, steps: *steps, words, printed }
    }
}

impl<T> Default for Imports<T> {
    fn default() -> Imports<T> {
        Imports { functions: BTreeMap::new(), printers: BTreeMap::new() }
    }
}

impl<T> fmt::Debug for Imports<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.functions.keys()).entries(self.printers.keys()).finish()
    }
}

impl<T> Imports<T> {
    /// Nothing is granted.
    pub fn new() -> Imports<T> {
        Imports::default()
    }

    /// Grants a closure under a name. Its types make the signature: scalars; `String` and [`Text`] are strings, `Vec<T>` and
    /// [`View<T>`](View) views; a first parameter `&mut Caller<T>` is none of it, and there are at most eight others. It gives nothing, a
    /// scalar, or a `Result` of these. What was granted before under the same name with the same types is replaced.
    ///
    /// ```
    /// use vegavm::HostError;
    /// use vegavm::embed::{Caller, Imports, Text, View};
    ///
    /// let mut imports = Imports::<Vec<String>>::new();
    /// imports.func("log", |caller: &mut Caller<'_, '_, Vec<String>>, line: Text| {
    ///     let line = caller.text(line).into_owned();
    ///     caller.data_mut().push(line);
    /// })?;
    /// imports.func("price", |item: i32| u32::try_from(item).map(f64::from).map_err(HostError::failed))?;
    /// imports.func("sort", |caller: &mut Caller<'_, '_, Vec<String>>, values: View<i32>| {
    ///     let mut sorted: Vec<i32> = caller.elements(values).collect();
    ///     sorted.sort_unstable();
    ///     caller.write(values, &sorted);
    /// })?;
    /// # Ok::<(), vegavm::embed::Error>(())
    /// ```
    ///
    /// # Errors
    /// The name cannot be that of a function.
    pub fn func<Marker>(
        &mut self,
        name: &str,
        function: impl HostFunction<T, Marker>,
    ) -> Result<&mut Granted<T>, Error> {
        let (parameters, result) = function.signature();
        let signature = Signature { name: name.to_owned(), parameters, result };
        let (mangled, words) = (mangle(&signature), signature.to_string());
        if let Err(error) = parse(&mangled) {
            let words = format!("`{}` is no name that a host function can have: {error}", name.escape_debug());
            return Err(ErrorKind::Name(words).into());
        }
        let granted = Granted { run: function.into_run(), bytes: 0, steps: 0, words, printed: None };
        Ok(self.functions.entry(mangled).insert_entry(granted).into_mut())
    }

    /// The function of this mangled name.
    pub(super) fn find(&self, mangled: &str) -> Option<Granted<T>> {
        self.functions.get(mangled).cloned().or_else(|| self.printing(mangled))
    }

    /// The signatures that are granted under a name.
    pub(super) fn named(&self, name: &str) -> Vec<String> {
        let named = |mangled: &str| parse(mangled).is_ok_and(|signature| signature.name == name);
        self.functions.iter().filter(|(mangled, _)| named(mangled)).map(|(_, granted)| granted.words.clone()).collect()
    }
}

/// The instance that calls, as a host function sees it: the host's data, and the memory that was lent with the call.
pub struct Caller<'v, 'c, T> {
    pub(super) vm: &'v mut Vm<'c>,
    pub(super) data: &'v mut T,
}

impl<T> Caller<'_, '_, T> {
    /// The host's data of this instance.
    pub fn data(&self) -> &T {
        self.data
    }

    /// The same, to be changed.
    pub fn data_mut(&mut self) -> &mut T {
        self.data
    }

    /// A string as text; what is no UTF-8 is replaced.
    pub fn text(&self, text: Text) -> alloc::borrow::Cow<'_, str> {
        String::from_utf8_lossy(self.text_bytes(text))
    }

    /// The bytes of a string, which need be no UTF-8: a slice may end within a character.
    pub fn text_bytes(&self, text: Text) -> &[u8] {
        self.vm.bytes(text.start as usize, text.length as usize).unwrap_or_default()
    }

    /// The bytes of a view's elements, as they lie in memory.
    pub fn bytes<E: Scalar>(&self, view: View<E>) -> &[u8] {
        self.vm.bytes(view.start as usize, (view.length as usize).saturating_mul(size(E::TAG))).unwrap_or_default()
    }

    /// The same, to be written to. Any bytes will do: every type reads any.
    pub fn bytes_mut<E: Scalar>(&mut self, view: View<E>) -> &mut [u8] {
        self.vm.bytes_mut(view.start as usize, (view.length as usize).saturating_mul(size(E::TAG))).unwrap_or_default()
    }

    /// The elements of a view.
    pub fn elements<E: Scalar>(&self, view: View<E>) -> impl ExactSizeIterator<Item = E> + DoubleEndedIterator {
        elements(self.bytes(view))
    }

    /// Writes elements over those of a view, from the first on, as many as both have; gives how many.
    pub fn write<E: Scalar>(&mut self, view: View<E>, elements: &[E]) -> usize {
        put_elements(elements, self.bytes_mut(view))
    }

    /// What the call has used so far.
    pub fn used(&mut self) -> Used {
        self.vm.settle().used()
    }

    /// Says whether the call must end, because it was cancelled or its time is over: for functions that wait or work long.
    ///
    /// # Errors
    /// It must.
    pub fn look(&self) -> Result<(), HostError> {
        Ok(self.vm.meter.look()?)
    }

    /// Charges steps for work that depends on the arguments, before it is done.
    ///
    /// # Errors
    /// Fewer steps are left.
    pub fn charge(&mut self, steps: u64) -> Result<(), HostError> {
        Ok(self.vm.charge_host(steps)?)
    }

    /// Counts bytes that the host writes for the program, and charges their steps, before they are written. What is not counted
    /// so is not held to [`Limits::output`](crate::Limits::output), for nobody else knows which of a host's functions write.
    ///
    /// # Errors
    /// The limit of output or of steps is reached.
    pub fn output(&mut self, bytes: usize) -> Result<(), HostError> {
        Ok(self.vm.settle().take_output(bytes as u64)?)
    }
}

/// A string that was lent to a host function; [`Caller::text`] reads it. It means something only within the call in which it was lent:
/// kept beyond it, it is whatever stands in that place then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    start: u32,
    length: u32,
}

impl Text {
    /// As it stands in a cell.
    pub(super) fn of(cell: u64) -> Text {
        Text { start: cell as u32, length: (cell >> 32) as u32 }
    }
}

/// A view that was lent to a host function; [`Caller::elements`] reads it, and [`Caller::write`] writes to it. It means something only
/// within the call in which it was lent: kept beyond it, it is whatever stands in that place of the instance then, or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View<E> {
    start: u32,
    length: u32,
    element: PhantomData<E>,
}

impl<E> View<E> {
    /// How many elements it has.
    pub fn len(&self) -> usize {
        self.length as usize
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

/// The cells in which a call has its arguments.
#[derive(Debug)]
pub struct Cells<'r> {
    pub(super) cells: &'r [u64],
    /// The type of the value that is printed.
    pub(super) printed: Option<&'r Type>,
}

impl Cells<'_> {
    pub(super) fn get(&self, place: usize) -> u64 {
        self.cells.get(place).copied().unwrap_or_default()
    }
}

/// What a host function can take.
pub trait HostArgument: Sized {
    /// Its type in a signature.
    fn type_() -> Type;

    /// Takes it from its cell.
    #[doc(hidden)]
    fn take(cell: u64, reader: &Reader<'_>) -> Self;
}

/// What a host function can give. Machine code believes that a cell is of its type, so these types are all there are.
///
/// ```compile_fail,E0050
/// use vegavm::embed::{HostError, HostResult};
/// use vegavm::vega_format::types::{Tag, Type};
///
/// struct Mine;
///
/// impl HostResult for Mine {
///     fn type_() -> Option<Type> {
///         Some(Type::Scalar(Tag::Byte))
///     }
///
///     fn give(self) -> Result<Option<u64>, HostError> {
///         Ok(Some(1 << 20))
///     }
/// }
/// ```
pub trait HostResult {
    /// Its type in a signature.
    fn type_() -> Option<Type>;

    /// As a cell.
    #[doc(hidden)]
    fn give(self, giving: Giving) -> Result<Option<u64>, HostError>;
}

/// What nobody else can name, and so nobody else can be asked for.
#[derive(Debug, Clone, Copy)]
pub struct Giving;

macro_rules! scalars {
    ($($type:ty),+) => { $(
        impl HostArgument for $type {
            fn type_() -> Type {
                Type::Scalar(<$type as Scalar>::TAG)
            }

            fn take(cell: u64, _: &Reader<'_>) -> $type {
                <$type>::from_cell(cell)
            }
        }

        impl HostArgument for Vec<$type> {
            fn type_() -> Type {
                Type::view(<$type as Scalar>::TAG.into())
            }

            fn take(cell: u64, reader: &Reader<'_>) -> Vec<$type> {
                let size = size(<$type as Scalar>::TAG);
                elements(reader.bytes(cell as u32 as usize, ((cell >> 32) as usize).saturating_mul(size))).collect()
            }
        }

        impl HostResult for $type {
            fn type_() -> Option<Type> {
                Some(Type::Scalar(<$type as Scalar>::TAG))
            }

            fn give(self, _: Giving) -> Result<Option<u64>, HostError> {
                Ok(Some(self.to_cell()))
            }
        }
    )+ };
}

scalars!(i16, i32, i64, f32, f64, bool, u8, char);

impl HostArgument for Text {
    fn type_() -> Type {
        Type::String
    }

    fn take(cell: u64, _: &Reader<'_>) -> Text {
        Text::of(cell)
    }
}

impl HostArgument for String {
    fn type_() -> Type {
        Type::String
    }

    fn take(cell: u64, reader: &Reader<'_>) -> String {
        let bytes = reader.bytes(cell as u32 as usize, (cell >> 32) as usize);
        String::from_utf8_lossy(bytes).into_owned()
    }
}

impl<E: Scalar> HostArgument for View<E> {
    fn type_() -> Type {
        Type::view(E::TAG.into())
    }

    fn take(cell: u64, _: &Reader<'_>) -> View<E> {
        View { start: cell as u32, length: (cell >> 32) as u32, element: PhantomData }
    }
}

impl HostResult for () {
    fn type_() -> Option<Type> {
        None
    }

    fn give(self, _: Giving) -> Result<Option<u64>, HostError> {
        Ok(None)
    }
}

impl<R: HostResult> HostResult for Result<R, HostError> {
    fn type_() -> Option<Type> {
        R::type_()
    }

    fn give(self, giving: Giving) -> Result<Option<u64>, HostError> {
        self.and_then(|given| given.give(giving))
    }
}

/// A closure that can be granted; `Marker` tells its parameters apart.
pub trait HostFunction<T, Marker>: Send + Sync + 'static {
    /// The types of its parameters and of its result.
    #[doc(hidden)]
    fn signature(&self) -> (Vec<Type>, Option<Type>);

    /// The function on cells.
    #[doc(hidden)]
    fn into_run(self) -> Run<T>;
}

macro_rules! functions {
    ($(($($name:ident $place:tt),*);)*) => { $(
        impl<T, R, Function, $($name),*> HostFunction<T, fn($($name),*) -> R> for Function
        where
            Function: Fn($($name),*) -> R + Send + Sync + 'static,
            R: HostResult,
            $($name: HostArgument,)*
        {
            fn signature(&self) -> (Vec<Type>, Option<Type>) {
                (vec![$($name::type_()),*], R::type_())
            }

            #[allow(unused_variables, reason = "there may be no parameters")]
            fn into_run(self) -> Run<T> {
                Arc::new(move |caller, cells| self($($name::take(cells.get($place), &Reader(&caller.vm.memory))),*).give(Giving))
            }
        }

        impl<T, R, Function, $($name),*> HostFunction<T, (T, fn($($name),*) -> R)> for Function
        where
            Function: Fn(&mut Caller<'_, '_, T>, $($name),*) -> R + Send + Sync + 'static,
            R: HostResult,
            $($name: HostArgument,)*
        {
            fn signature(&self) -> (Vec<Type>, Option<Type>) {
                (vec![$($name::type_()),*], R::type_())
            }

            #[allow(unused_variables, non_snake_case, reason = "there may be no parameters")]
            fn into_run(self) -> Run<T> {
                Arc::new(move |caller, cells| {
                    $(let $name = $name::take(cells.get($place), &Reader(&caller.vm.memory));)*
                    self(caller, $($name),*).give(Giving)
                })
            }
        }
    )* };
}

functions! {
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

/// Calls what was granted to an instance, by the number of the import.
pub(super) struct Host<'i, T> {
    pub(super) granted: &'i [Granted<T>],
    pub(super) data: &'i mut T,
}

impl<T> crate::interpreter::Host for Host<'_, T> {
    fn call(&mut self, vm: &mut Vm<'_>, registers: &mut Registers) -> Result<(), Stop> {
        let crate::interpreter::Call { number, first, .. } = vm.call;
        let granted = self.granted.get(number as usize).ok_or(Stop::Broken("the import is not there"))?;
        if granted.steps > 0 {
            vm.charge_host(granted.steps)?;
        }
        vm.meter.take_memory(granted.bytes)?;
        let cells = registers.get(at(first)..).unwrap_or_default();
        let cells = Cells { cells, printed: granted.printed.as_ref() };
        let mut caller = Caller { vm: &mut *vm, data: &mut *self.data };
        let given = (granted.run)(&mut caller, &cells).map_err(|error| stop_of(error, &granted.words))?;
        vm.meter.give_memory(granted.bytes);
        if let Some(cell) = given {
            registers[at(first)] = cell;
        }
        Ok(())
    }
}
