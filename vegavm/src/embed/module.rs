//! [`Module`]: a file that was verified, shared by all who run it.

use super::error::{Error, ErrorKind};
use crate::error::LoadError;
use crate::limits::Limits;
use crate::loaded::Loaded;
use alloc::sync::Arc;
use alloc::vec::Vec;
use vega_format::Verified;
use vega_format::budget::{Budget, FunctionBudget};
use vega_format::container::Kind;
use vega_format::container::functions::Function;
use vega_format::parsed::Parsed;
use vega_format::read;
use vega_format::verify::verify;

/// A program or a library that was verified. Clones are one module, also in other threads; its functions are translated
/// once, by whoever calls them first.
#[derive(Debug, Clone)]
pub struct Module(pub(super) Arc<Loaded>);

impl Module {
    /// Reads and verifies a file.
    ///
    /// # Errors
    /// It is no well-formed file, the verifier refuses it, or it is an object, which is to be linked first.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Module, Error> {
        let read = read(bytes.into()).map_err(LoadError::from);
        let verified = read.and_then(|parsed| verify(parsed).map_err(LoadError::Verify));
        verified.map_err(ErrorKind::Load)?.try_into()
    }

    /// Makes machine code of all functions now, for instances with such limits, so that no call waits for it. Otherwise that is done
    /// when calls have lasted so long that it is worth it. Code for views as long as those of a call is made while that call runs
    /// with what is there. No limit of time is looked at: a hostile module may take a minute.
    ///
    /// # Errors
    /// This platform or this build makes no machine code, or the module is too large: the interpreter does the work then.
    pub fn compile(&self, limits: &Limits) -> Result<(), Error> {
        self.0.compile(limits.steps.is_some()).map_err(|why| ErrorKind::NotCompiled(why).into())
    }

    /// The same module, to be run by the interpreter alone: for hosts that want no memory that can be executed. Results, limits
    /// and counts are the same.
    ///
    /// ```
    /// # use vega_format::{builder::*, container::*, instruction::Instruction};
    /// # use vegavm::embed::{Imports, Instance, Module};
    /// # let mut builder = Builder::new(Kind::Library);
    /// # let code = vec![Instruction::CellLoad { cell: vega_format::instruction::Cell(0) }, Instruction::Return {}];
    /// # builder.add_function("same(I)I", FunctionDraft { code, exported: true, ..FunctionDraft::default() });
    /// # let bytes = builder.write()?;
    /// let module = Module::new(bytes)?.interpreted();
    /// let mut instance = Instance::new(&module, &Imports::new(), ())?;
    /// assert_eq!(instance.func::<(i32,), i32>("same")?.call(&mut instance, (7,))?, 7);
    /// assert!(module.compile(instance.limits()).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn interpreted(&self) -> Module {
        Module(Arc::new(self.0.interpreted()))
    }

    /// What the file has.
    pub fn parsed(&self) -> &Parsed<'static> {
        self.0.module()
    }

    /// The exported functions, in the order of their mangled names. Of a file whose functions are not known before, a
    /// [`Program`](crate::Program) calls them with [values](crate::Value) as data.
    ///
    /// ```
    /// # use vega_format::{builder::*, container::*, instruction::Instruction};
    /// # use vegavm::embed::Module;
    /// # let mut builder = Builder::new(Kind::Library);
    /// # for (name, exported) in [("twice(I)I", true), ("half(L)L", true), ("hidden(I)I", false)] {
    /// #     let cell = vega_format::instruction::Cell(0);
    /// #     let code = vec![Instruction::CellLoad { cell }, Instruction::Return {}];
    /// #     builder.add_function(name, FunctionDraft { code, exported, ..FunctionDraft::default() });
    /// # }
    /// let module = Module::new(builder.write()?)?;
    /// let functions: Vec<String> = module.exports().map(|function| function.signature.to_string()).collect();
    /// assert_eq!(functions, ["half(long) -> long", "twice(int) -> int"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn exports(&self) -> impl Iterator<Item = Function<'_>> {
        self.parsed().exported_functions()
    }

    /// What an exported function can ever use, by its mangled name, or by its name alone where only one is called so;
    /// `None` if there is no such function, or more than one.
    pub fn budget(&self, name: &str) -> Option<FunctionBudget> {
        let mut named = self.exported(name);
        let function = named.next().filter(|_| named.next().is_none())?;
        Some(Budget::of_function(self.0.verified(), function.index))
    }

    /// The exported functions that a name means: the one of this mangled name, or all that are called so.
    pub(super) fn exported(&self, name: &str) -> impl Iterator<Item = Function<'_>> {
        let plain = plain(name);
        let called_so = self.parsed().functions_named(plain).filter(|function| function.exported);
        called_so.filter(move |function| name == plain || name == function.name)
    }

    #[inline]
    pub(super) fn is(&self, other: &Module) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// What a compiler in the same process made is verified already.
impl TryFrom<Verified> for Module {
    type Error = Error;

    /// # Errors
    /// It is an object, which is to be linked first.
    fn try_from(verified: Verified) -> Result<Module, Error> {
        match verified.module().kind() {
            Kind::Program | Kind::Library => Ok(Module(Arc::new(Loaded::new(verified)))),
            Kind::Object => Err(ErrorKind::Load(LoadError::NotAProgram(Kind::Object)).into()),
        }
    }
}

/// The name of a function without what it takes and gives.
pub(super) fn plain(name: &str) -> &str {
    name.split('(').next().unwrap_or_default()
}
