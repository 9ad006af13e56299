//! For hosts that embed programs: a module is verified once, its instances are called with Rust's own types.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use vega_format::{builder::*, container::*, instruction::Instruction, types::Tag};
//! # let mut builder = Builder::new(Kind::Library);
//! # let code = vec![
//! #     Instruction::CellLoad { cell: vega_format::instruction::Cell(0) },
//! #     Instruction::CellLoad { cell: vega_format::instruction::Cell(1) },
//! #     Instruction::AddLong {}, Instruction::Return {}];
//! # builder.add_function("add(LL)L", FunctionDraft { code, exported: true, ..FunctionDraft::default() });
//! # let bytes = builder.write()?;
//! use vegavm::embed::{Imports, Instance, Module};
//! let module = Module::new(bytes)?;
//! let mut instance = Instance::new(&module, &Imports::new(), ())?;
//! let add = instance.func::<(i64, i64), i64>("add")?;
//! assert_eq!(add.call(&mut instance, (40, 2))?, 42);
//! # Ok(())
//! # }
//! ```
//!
//! Scalars, strings, and views of scalars go in and out ([`Argument`], [`Returned`], [`HostArgument`]). Structs, tuples and unions
//! do not: a function for hosts takes their parts, and gives several values in a view that it writes to.
//!
//! What the static variables of an instance hold is read, and changed, by functions that the module exports for that.
//!
//! What a program does in the world is what the host grants, and printing is no exception: `print` calls `io.put(T)` once for each
//! value, with its type `T`, and `eprint` calls `io.put_error(T)`. Both are granted for all types at once.
//!
//! ```
//! # use vegavm::embed::Imports;
//! let mut imports = Imports::<String>::new();
//! imports.print(|caller, text| {
//!     caller.data_mut().push_str(text);
//!     Ok(())
//! });
//! ```
//!
//! Everything is bounded by [`Limits`](crate::Limits), which are those for programs of others unless
//! [`Instance::with_limits`] is told otherwise. What a module is proved to need is looked at when a function is looked up,
//! before it is called.

mod call;
mod convert;
mod error;
mod func;
mod imports;
mod instance;
mod module;
mod pool;
mod print;

pub use call::{Call, Progress};
pub use convert::{Argument, Arguments, Returned};
pub use error::{Error, ErrorKind, NotGranted};
pub use func::Func;
pub use imports::{Caller, Granted, HostArgument, HostFunction, HostResult, Imports, Text, View};
pub use instance::Instance;
pub use module::Module;
pub use pool::{Pool, Pooled};

pub use crate::cancel::Cancel;
pub use crate::limits::Limits;
pub use crate::native::HostError;
pub use crate::outcome::Used;
pub use crate::trap::TrapReport;
