//! The types of cells, and the cells in which every function and import of a module takes and gives its values.

use crate::error::Rule;
use crate::instruction::{LOCAL, STRING};
use crate::parsed::Parsed;
use crate::stencil::{StencilTable, TypeRef};
use crate::types::{Mask, Tag, Type};
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

/// The type of a cell of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CellType {
    /// A scalar.
    Scalar(Tag),
    /// Text. Local: it may stand in an arena of this frame.
    String {
        /// Whether it may stand in an arena of this frame.
        local: bool,
    },
    /// A view of elements.
    View {
        /// The type of an element.
        element: TypeRef,
        /// Whether it may show an arena of this frame.
        local: bool,
    },
    /// The value of a union; its tag stands above it.
    UnionValue(Mask),
    /// The tag of a union.
    UnionTag(Mask),
}

impl CellType {
    /// Whether it may show memory that ends with the frame.
    pub fn is_local(self) -> bool {
        matches!(self, CellType::String { local: true } | CellType::View { local: true, .. })
    }

    /// The same as seen by another frame.
    pub(super) fn outer(self) -> CellType {
        match self {
            CellType::String { .. } => CellType::String { local: false },
            CellType::View { element, .. } => CellType::View { element, local: false },
            other => other,
        }
    }

    /// The type as one number, which no other type has; `None` for the rare ones that have none.
    pub(super) fn code(self) -> Option<u32> {
        let local = |local: bool| if local { LOCAL } else { 0 };
        Some(match self {
            CellType::Scalar(tag) => tag.number().into(),
            CellType::String { local: is_local } => STRING | local(is_local),
            CellType::View { element, local: is_local } => {
                VIEW | local(is_local) | u32::checked_mul(element.number(), 1 << PAYLOAD)?
            }
            CellType::UnionValue(mask) => UNION_VALUE | u32::from(mask.bits()) << PAYLOAD,
            CellType::UnionTag(mask) => UNION_TAG | u32::from(mask.bits()) << PAYLOAD,
        })
    }

    /// In words.
    pub fn describe(self, stencils: &StencilTable) -> String {
        match self {
            CellType::View { element, .. } => {
                format!("[]{}", stencils.type_of(element).map(|type_| type_.to_string()).unwrap_or_default())
            }
            other => other.to_string(),
        }
    }
}

impl fmt::Display for CellType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CellType::Scalar(tag) => f.write_str(tag.name()),
            CellType::String { .. } => f.write_str("string"),
            CellType::View { .. } => f.write_str("view"),
            CellType::UnionValue(mask) => write!(f, "value of {mask}"),
            CellType::UnionTag(mask) => write!(f, "tag of {mask}"),
        }
    }
}

/// What the low byte of a code says, beside [`LOCAL`], [`STRING`] and the tags.
pub(super) const VIEW: u32 = 0x10;
pub(super) const UNION_VALUE: u32 = 0x20;
pub(super) const UNION_TAG: u32 = 0x30;
/// Where in a code the element of a view or the mask of a union stands.
pub(super) const PAYLOAD: u32 = 8;

/// The cells in which a parameter of a type is passed, lowest first.
///
/// # Errors
/// It cannot be passed in cells; the type is given back.
pub fn parameter_cells(stencils: &StencilTable, type_: &Type) -> Result<Vec<CellType>, Type> {
    let mut cells = Vec::new();
    push_parameter(stencils, type_, &mut cells)?;
    Ok(cells)
}

/// The cells in which a result of a type is given, lowest first.
///
/// # Errors
/// It cannot be given in cells; the type is given back.
pub fn result_cells(stencils: &StencilTable, type_: &Type) -> Result<Vec<CellType>, Type> {
    let mut cells = Vec::new();
    push_cells(stencils, type_, &mut cells)?;
    Ok(cells)
}

/// A struct or tuple that does not go into cells is lent: a view of it alone.
fn push_parameter(stencils: &StencilTable, type_: &Type, cells: &mut Vec<CellType>) -> Result<(), Type> {
    let start = cells.len();
    let passed = push_cells(stencils, type_, cells);
    match (passed, type_, stencils.find(type_)) {
        (Err(_), Type::Struct(_) | Type::Tuple(_), Some(element)) => {
            cells.truncate(start);
            cells.push(CellType::View { element, local: false });
            Ok(())
        }
        (passed, ..) => passed,
    }
}

/// The cells of a value.
fn push_cells(stencils: &StencilTable, type_: &Type, cells: &mut Vec<CellType>) -> Result<(), Type> {
    let failed = || type_.clone();
    match type_ {
        Type::Scalar(tag) => cells.push(CellType::Scalar(*tag)),
        Type::String => cells.push(CellType::String { local: false }),
        Type::View(element) => {
            cells.push(CellType::View { element: stencils.find(element).ok_or_else(failed)?, local: false });
        }
        Type::Union(mask) => cells.extend([CellType::UnionValue(*mask), CellType::UnionTag(*mask)]),
        Type::Struct(_) | Type::Tuple(_) => {
            let scalars = stencils.find(type_).and_then(|type_ref| stencils.cells(type_ref)).ok_or_else(failed)?;
            cells.extend(scalars.into_iter().map(|(_, tag)| CellType::Scalar(tag)));
        }
        Type::Array(..) | Type::Text(_) => return Err(failed()),
    }
    Ok(())
}

/// The cells of the parameters and of the result; or the rule that a type breaks, and words.
pub(super) type Cells<'c> = Result<(&'c [CellType], &'c [CellType]), (Rule, String)>;

/// The cells of one signature, as ranges of a [`CellTable`].
#[derive(Debug, Clone)]
struct Shape {
    parameters: Range<usize>,
    result: Range<usize>,
    /// A type that cannot be passed.
    problem: Option<Type>,
    /// Whether every cell has a code.
    has_codes: bool,
}

/// The cells of all functions and imports of a module.
#[derive(Debug, Clone, Default)]
pub(super) struct CellTable {
    cells: Vec<CellType>,
    /// The same as codes; 0 for a type that has none.
    codes: Vec<u32>,
    /// By the number of a signature: most functions share theirs.
    signatures: Vec<Shape>,
    imports: Vec<Shape>,
}

impl CellTable {
    pub(super) fn new(parsed: &Parsed<'_>) -> CellTable {
        let stencils = parsed.stencils();
        let mut cells = Vec::new();
        let signatures =
            parsed.signatures().map(|(parameters, result)| shape(stencils, parameters, result, &mut cells));
        let signatures = signatures.collect();
        let imports = parsed.imports().map(|import| import.signature);
        let imports = imports.map(|signature| shape(stencils, signature.parameters, signature.result, &mut cells));
        let imports = imports.collect();
        let codes = cells.iter().map(|cell| cell.code().unwrap_or(0)).collect();
        CellTable { cells, codes, signatures, imports }
    }

    fn of(&self, shape: Option<&Shape>) -> Cells<'_> {
        let Some(shape) = shape else { return Ok((&[], &[])) };
        match &shape.problem {
            Some(type_) => Err((Rule::Passable, format!("`{type_}` cannot be passed by value"))),
            None => {
                let cells = |range: &Range<usize>| self.cells.get(range.clone()).unwrap_or_default();
                Ok((cells(&shape.parameters), cells(&shape.result)))
            }
        }
    }

    /// Parameters and result of a function.
    pub(super) fn function(&self, parsed: &Parsed<'_>, index: u32) -> Cells<'_> {
        self.of(parsed.signature_number(index).and_then(|number| self.signatures.get(number as usize)))
    }

    /// Parameters and result of the functions whose signature has this number, as codes; `None` if one cannot be passed or
    /// has no code.
    #[inline]
    pub(super) fn codes(&self, signature: u32) -> Option<(&[u32], &[u32])> {
        self.codes_of(self.signatures.get(signature as usize)?)
    }

    /// Parameters and result of an import as codes.
    pub(super) fn import_codes(&self, index: u32) -> Option<(&[u32], &[u32])> {
        self.codes_of(self.imports.get(index as usize)?)
    }

    #[inline]
    fn codes_of(&self, shape: &Shape) -> Option<(&[u32], &[u32])> {
        let codes = |range: &Range<usize>| self.codes.get(range.clone());
        shape.has_codes.then_some((codes(&shape.parameters)?, codes(&shape.result)?))
    }

    /// Parameters and result of an import.
    pub(super) fn import(&self, index: u32) -> Cells<'_> {
        self.of(self.imports.get(index as usize))
    }
}

fn shape(stencils: &StencilTable, parameters: &[Type], result: Option<&Type>, cells: &mut Vec<CellType>) -> Shape {
    let mut problem = None;
    let start = cells.len();
    for parameter in parameters {
        problem = problem.or(push_parameter(stencils, parameter, cells).err());
    }
    let middle = cells.len();
    if let Some(result) = result {
        problem = problem.or(push_cells(stencils, result, cells).err());
    }
    let has_codes = problem.is_none() && cells.iter().skip(start).all(|cell| cell.code().is_some());
    Shape { parameters: start..middle, result: middle..cells.len(), problem, has_codes }
}
