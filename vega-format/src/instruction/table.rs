//! The instruction set: the one table. Every row is written out, so that a mnemonic is found by searching for it.
//!
//! Columns: what it does; number, mnemonic, name of the variant, operands, `[popped => pushed]` with the top last or
//! `[by rule]`, where execution goes on, steps, what it does to an arena, and the traps it can cause.

use super::define::{effect, instructions, steps};
use super::{
    Capacity, Cell, Constant, Count, DecodeError, Depth, Effect, Flow, Function, Import, Offset, Operand,
    OperandReader, Operands, Pattern, Row, Rule, Size, Slot, Space, Static, Steps, Target,
};
use crate::trap::TrapKind;
use crate::types::{Mask, Tag};

instructions! {
    // The arena and its variables.
    /// Drops the cell on top.
    0x00 STACK_POP        StackPop         () [by Pop "cell =>"] next 1;
    /// Opens an arena of `capacity` zeroed bytes with an empty slot table.
    0x01 STACK_ALLOC      StackAlloc       (capacity: Capacity) [=>] next bulk arena "opens one";
    /// Ends the innermost arena with its slots.
    0x02 STACK_FREE       StackFree        () [by EndArena "=>"] next 1 arena "ends the innermost, with its slots and aliases";
    /// Pushes the constant at `index`.
    0x03 LOAD_CONST       LoadConst        (index: Constant) [by Constant "=> constant"] next 1;
    /// Reserves bytes for `slot` in the innermost arena, wide enough for every type in `mask`.
    0x04 VAR_ALLOC        VarAlloc         (slot: Slot, mask: Mask) [=>] next 1 arena "places the slot in the innermost" traps [OutOfMemory AlreadyAllocated];
    /// Stores the value in `slot`: its bytes, then zeroes up to the slot's width.
    0x05 VAR_STORE        VarStore         (slot: Slot) [by Store "value =>"] next 1 arena "writes the slot's bytes and tag" traps [TypeMismatch StoreAfterFree NeverAllocated];
    /// Pushes the value of `slot`.
    0x06 VAR_LOAD         VarLoad          (slot: Slot) [by Load "=> value"] next 1 arena "reads the slot's bytes and tag" traps [NeverStored UseAfterFree NeverAllocated];
    /// Zeroes the bytes of `slot` and returns them to its arena.
    0x07 VAR_FREE         VarFree          (slot: Slot) [by Free "=>"] next bulk arena "zeroes the slot's bytes and gives them back" traps [DoubleFree FreeOfAlias NeverAllocated];
    /// Makes `slot` an alias that views the bytes at an offset of the innermost arena as `tag`.
    0x08 VAR_PTR          VarPtr           (slot: Slot, tag: Tag) [by Pointer "offset =>"] next 1 arena "makes an alias into the innermost" traps [AliasOutOfBounds];
    /// Reserves the `size` bytes of the struct, tuple or array `slot` in the innermost arena.
    0x09 STENCIL_ALLOC    StencilAlloc     (slot: Slot, size: Size) [=>] next 1 arena "places the slot in the innermost" traps [OutOfMemory AlreadyAllocated];
    /// Stores a value `offset` bytes into `slot`.
    0x0a FIELD_STORE      FieldStore       (slot: Slot, offset: Offset, tag: Tag) [by FieldStore "value =>"] next 1 arena "writes bytes of the slot" traps [StoreAfterFree NeverAllocated];
    /// Pushes the value `offset` bytes into `slot`.
    0x0b FIELD_LOAD       FieldLoad        (slot: Slot, offset: Offset, tag: Tag) [by FieldLoad "=> value"] next 1 arena "reads bytes of the slot" traps [UseAfterFree NeverAllocated];
    /// Calls a function of the host.
    0x0c CALL_NAT         CallNat          (import: Import) [by HostCall "parameters => result"] calls bulk traps [HostFailed];
    /// Ends `slot` if it is still there: frees a variable, forgets an alias, and does nothing otherwise.
    0x0d VAR_DROP         VarDrop          (slot: Slot) [by Free "=>"] next bulk arena "zeroes the slot's bytes and gives them back; ends an alias";
    /// Pushes the offset of the first byte of `slot` in its arena.
    0x0e VAR_OFFSET       VarOffset        (slot: Slot) [=> Int] next 1 traps [UseAfterFree NeverAllocated];
    /// Drops `drop` cells that lie beneath the topmost `keep`.
    0x0f STACK_SLIDE      StackSlide       (keep: Count, drop: Count) [by Slide "dropped kept => kept"] next 1;

    // Functions and control flow.
    /// Calls a function of the module.
    0x10 CALL             Call             (function: Function) [by Call "parameters => result"] calls 1 traps [CallStackExhausted ActivationLimit];
    /// Ends the function; its result goes to the caller.
    0x11 RETURN           Return           () [by Return "result =>"] ends 1;
    /// Goes on at `target`.
    0x12 JUMP             Jump             (target: Target) [=>] jumps 1;
    /// Goes on at `target` if the bool is false.
    0x13 JUMP_FALSE       JumpFalse        (target: Target) [Bool =>] branches 1;
    /// Goes on at `target` if the bool is true.
    0x14 JUMP_TRUE        JumpTrue         (target: Target) [Bool =>] branches 1;
    /// Pushes a copy of a cell of the frame: a parameter, or one of the expression stack counted from its bottom.
    0x15 CELL_LOAD        CellLoad         (cell: Cell) [by Cell "=> cell"] next 1;

    // Parts of structs, tuples and arrays, and copies of them.
    /// Pushes a view of the part `offset` bytes into `slot`: of its elements if it is an array, else of itself alone. Of the parts that start there it is the one with `depth` others around it.
    0x16 FIELD_VIEW       FieldView        (slot: Slot, offset: Offset, depth: Depth) [by FieldView "=> view"] next 1 traps [UseAfterFree NeverAllocated];
    /// Pushes a view of the part `offset` bytes into an element of a view, as `FIELD_VIEW` does.
    0x17 VIEW_FIELD       ViewField        (offset: Offset, depth: Depth) [by ViewField "view index => view"] next 1 traps [IndexOutOfBounds];

    // Arrays, views and strings.
    /// Pushes the value `offset` bytes into an element of the array `slot`.
    0x18 ELEM_LOAD        ElemLoad         (slot: Slot, offset: Offset, tag: Tag) [by ElementLoad "index => value"] next 1 arena "reads bytes of the slot" traps [IndexOutOfBounds UseAfterFree NeverAllocated];
    /// Stores a value `offset` bytes into an element of the array `slot`.
    0x19 ELEM_STORE       ElemStore        (slot: Slot, offset: Offset, tag: Tag) [by ElementStore "index value =>"] next 1 arena "writes bytes of the slot" traps [IndexOutOfBounds StoreAfterFree NeverAllocated];
    /// Pushes a view of all elements of the array `slot`.
    0x1a ARRAY_VIEW       ArrayView        (slot: Slot) [by ArrayView "=> view"] next 1 traps [UseAfterFree NeverAllocated];
    /// Pushes the value `offset` bytes into an element of a view.
    0x1b VIEW_LOAD        ViewLoad         (offset: Offset, tag: Tag) [by ViewLoad "view index => value"] next 1 arena "reads bytes that the view shows" traps [IndexOutOfBounds];
    /// Stores a value `offset` bytes into an element of a view.
    0x1c VIEW_STORE       ViewStore        (offset: Offset, tag: Tag) [by ViewStore "view index value =>"] next 1 arena "writes bytes that the view shows" traps [IndexOutOfBounds];
    /// Pushes the number of elements of a view.
    0x1d VIEW_LENGTH      ViewLength       () [by ViewLength "view => int"] next 1;
    /// Pushes a view of the elements from start up to but not including end.
    0x1e VIEW_SLICE       ViewSlice        () [by ViewSlice "view start end => view"] next 1 traps [SliceOutOfBounds];
    /// Copies elements from one view to another, as many as the shorter one has; they may overlap.
    0x1f VIEW_COPY        ViewCopy         () [by ViewCopy "source destination =>"] next bulk arena "writes bytes that the view shows";
    /// Pushes the number of bytes of a string.
    0x20 STRING_LENGTH    StringLength     () [String => Int] next 1;
    /// Pushes one byte of a string.
    0x21 STRING_BYTE      StringByte       () [by StringByte "string index => byte"] next 1 traps [IndexOutOfBounds];
    /// Compares two strings byte by byte: equal.
    0x22 EQ_STRING        EqString         () [String String => Bool] next bulk;
    /// Compares two strings byte by byte: not equal.
    0x23 NE_STRING        NeString         () [String String => Bool] next bulk;
    /// Compares two strings byte by byte: less.
    0x24 LT_STRING        LtString         () [String String => Bool] next bulk;
    /// Compares two strings byte by byte: less or equal.
    0x25 LE_STRING        LeString         () [String String => Bool] next bulk;
    /// Compares two strings byte by byte: greater.
    0x26 GT_STRING        GtString         () [String String => Bool] next bulk;
    /// Compares two strings byte by byte: greater or equal.
    0x27 GE_STRING        GeString         () [String String => Bool] next bulk;

    // Truth values and characters.
    /// Negates a bool.
    0x28 NOT_BOOL         NotBool          () [Bool => Bool] next 1;
    /// Compares two bools: equal.
    0x29 EQ_BOOL          EqBool           () [Bool Bool => Bool] next 1;
    /// Compares two bools: not equal.
    0x2a NE_BOOL          NeBool           () [Bool Bool => Bool] next 1;
    /// Compares two chars by scalar value: equal.
    0x2b EQ_CHAR          EqChar           () [Char Char => Bool] next 1;
    /// Compares two chars by scalar value: not equal.
    0x2c NE_CHAR          NeChar           () [Char Char => Bool] next 1;
    /// Compares two chars by scalar value: less.
    0x2d LT_CHAR          LtChar           () [Char Char => Bool] next 1;
    /// Compares two chars by scalar value: less or equal.
    0x2e LE_CHAR          LeChar           () [Char Char => Bool] next 1;
    /// Compares two chars by scalar value: greater.
    0x2f GT_CHAR          GtChar           () [Char Char => Bool] next 1;
    /// Compares two chars by scalar value: greater or equal.
    0x30 GE_CHAR          GeChar           () [Char Char => Bool] next 1;

    // Bounded text among the parts of structs, tuples and arrays.
    /// Pushes the text `offset` bytes into an element of a view: its bytes up to the last one that is not 0.
    0x31 VIEW_TEXT        ViewText         (offset: Offset) [by ViewText "view index => string"] next bulk arena "reads bytes that the view shows" traps [IndexOutOfBounds];
    /// Stores a string in the text `offset` bytes into an element of a view, and zeroes behind it.
    0x32 VIEW_TEXT_STORE  ViewTextStore    (offset: Offset) [by ViewTextStore "view index string =>"] next bulk arena "writes bytes that the view shows" traps [IndexOutOfBounds TextFull];
    /// Appends a string to the text `offset` bytes into an element of a view.
    0x33 VIEW_TEXT_APPEND ViewTextAppend   (offset: Offset) [by ViewTextStore "view index string =>"] next bulk arena "writes bytes that the view shows" traps [IndexOutOfBounds TextFull];
    /// Appends what `print` writes for a value to the text `offset` bytes into an element of a view.
    0x34 VIEW_TEXT_FORMAT ViewTextFormat   (offset: Offset) [by ViewTextFormat "view index value =>"] next bulk arena "writes bytes that the view shows" traps [IndexOutOfBounds TextFull];

    // Arithmetic on bytes: 8 bits, wrapping.
    /// Adds two bytes.
    0x38 ADD_BYTE         AddByte          () [Byte Byte => Byte] next 1;
    /// Subtracts the byte on top from the one below.
    0x39 SUB_BYTE         SubByte          () [Byte Byte => Byte] next 1;
    /// Multiplies two bytes.
    0x3a MUL_BYTE         MulByte          () [Byte Byte => Byte] next 1;
    /// Divides the byte below by the one on top, towards zero.
    0x3b DIV_BYTE         DivByte          () [Byte Byte => Byte] next 1 traps [DivisionByZero];
    /// Remainder of that division; it has the sign of the byte below.
    0x3c REM_BYTE         RemByte          () [Byte Byte => Byte] next 1 traps [DivisionByZero];
    /// The smaller of two bytes.
    0x3d MIN_BYTE         MinByte          () [Byte Byte => Byte] next 1;
    /// The greater of two bytes.
    0x3e MAX_BYTE         MaxByte          () [Byte Byte => Byte] next 1;
    /// Bitwise and.
    0x3f AND_BYTE         AndByte          () [Byte Byte => Byte] next 1;
    /// Bitwise or.
    0x40 OR_BYTE          OrByte           () [Byte Byte => Byte] next 1;
    /// Bitwise exclusive or.
    0x41 XOR_BYTE         XorByte          () [Byte Byte => Byte] next 1;
    /// Inverts every bit.
    0x42 NOT_BYTE         NotByte          () [Byte => Byte] next 1;
    /// Shifts left by the count on top, masked to 7.
    0x43 SHL_BYTE         ShlByte          () [Byte Int => Byte] next 1;
    /// Shifts right by the count on top, masked to 7; zeroes come in.
    0x44 SHR_BYTE         ShrByte          () [Byte Int => Byte] next 1;
    /// Compares two bytes: equal.
    0x45 EQ_BYTE          EqByte           () [Byte Byte => Bool] next 1;
    /// Compares two bytes: not equal.
    0x46 NE_BYTE          NeByte           () [Byte Byte => Bool] next 1;
    /// Compares two bytes: less.
    0x47 LT_BYTE          LtByte           () [Byte Byte => Bool] next 1;
    /// Compares two bytes: less or equal.
    0x48 LE_BYTE          LeByte           () [Byte Byte => Bool] next 1;
    /// Compares two bytes: greater.
    0x49 GT_BYTE          GtByte           () [Byte Byte => Bool] next 1;
    /// Compares two bytes: greater or equal.
    0x4a GE_BYTE          GeByte           () [Byte Byte => Bool] next 1;
    /// Rotates left by the count on top, masked to 7: what goes out comes in again.
    0x4b ROTL_BYTE        RotlByte         () [Byte Int => Byte] next 1;
    /// Rotates right by the count on top, masked to 7.
    0x4c ROTR_BYTE        RotrByte         () [Byte Int => Byte] next 1;

    // Arithmetic on shorts: 16 bits, wrapping.
    /// Adds two shorts.
    0x50 ADD_SHORT        AddShort         () [Short Short => Short] next 1;
    /// Subtracts the short on top from the one below.
    0x51 SUB_SHORT        SubShort         () [Short Short => Short] next 1;
    /// Multiplies two shorts.
    0x52 MUL_SHORT        MulShort         () [Short Short => Short] next 1;
    /// Divides the short below by the one on top, towards zero.
    0x53 DIV_SHORT        DivShort         () [Short Short => Short] next 1 traps [DivisionByZero];
    /// Remainder of that division; it has the sign of the short below.
    0x54 REM_SHORT        RemShort         () [Short Short => Short] next 1 traps [DivisionByZero];
    /// Negates a short.
    0x55 NEG_SHORT        NegShort         () [Short => Short] next 1;
    /// Absolute value; that of the smallest short is itself.
    0x56 ABS_SHORT        AbsShort         () [Short => Short] next 1;
    /// The smaller of two shorts.
    0x57 MIN_SHORT        MinShort         () [Short Short => Short] next 1;
    /// The greater of two shorts.
    0x58 MAX_SHORT        MaxShort         () [Short Short => Short] next 1;
    /// Bitwise and.
    0x59 AND_SHORT        AndShort         () [Short Short => Short] next 1;
    /// Bitwise or.
    0x5a OR_SHORT         OrShort          () [Short Short => Short] next 1;
    /// Bitwise exclusive or.
    0x5b XOR_SHORT        XorShort         () [Short Short => Short] next 1;
    /// Inverts every bit.
    0x5c NOT_SHORT        NotShort         () [Short => Short] next 1;
    /// Shifts left by the count on top, masked to 15.
    0x5d SHL_SHORT        ShlShort         () [Short Int => Short] next 1;
    /// Shifts right by the count on top, masked to 15; copies of the sign come in.
    0x5e SHR_SHORT        ShrShort         () [Short Int => Short] next 1;
    /// Shifts right by the count on top, masked to 15; zeroes come in.
    0x5f USHR_SHORT       UshrShort        () [Short Int => Short] next 1;
    /// Compares two shorts: equal.
    0x60 EQ_SHORT         EqShort          () [Short Short => Bool] next 1;
    /// Compares two shorts: not equal.
    0x61 NE_SHORT         NeShort          () [Short Short => Bool] next 1;
    /// Compares two shorts: less.
    0x62 LT_SHORT         LtShort          () [Short Short => Bool] next 1;
    /// Compares two shorts: less or equal.
    0x63 LE_SHORT         LeShort          () [Short Short => Bool] next 1;
    /// Compares two shorts: greater.
    0x64 GT_SHORT         GtShort          () [Short Short => Bool] next 1;
    /// Compares two shorts: greater or equal.
    0x65 GE_SHORT         GeShort          () [Short Short => Bool] next 1;
    /// Rotates left by the count on top, masked to 15: what goes out comes in again.
    0x66 ROTL_SHORT       RotlShort        () [Short Int => Short] next 1;
    /// Rotates right by the count on top, masked to 15.
    0x67 ROTR_SHORT       RotrShort        () [Short Int => Short] next 1;

    // Arithmetic on ints: 32 bits, wrapping.
    /// Adds two ints.
    0x68 ADD_INT          AddInt           () [Int Int => Int] next 1;
    /// Subtracts the int on top from the one below.
    0x69 SUB_INT          SubInt           () [Int Int => Int] next 1;
    /// Multiplies two ints.
    0x6a MUL_INT          MulInt           () [Int Int => Int] next 1;
    /// Divides the int below by the one on top, towards zero.
    0x6b DIV_INT          DivInt           () [Int Int => Int] next 1 traps [DivisionByZero];
    /// Remainder of that division; it has the sign of the int below.
    0x6c REM_INT          RemInt           () [Int Int => Int] next 1 traps [DivisionByZero];
    /// Negates an int.
    0x6d NEG_INT          NegInt           () [Int => Int] next 1;
    /// Absolute value; that of the smallest int is itself.
    0x6e ABS_INT          AbsInt           () [Int => Int] next 1;
    /// The smaller of two ints.
    0x6f MIN_INT          MinInt           () [Int Int => Int] next 1;
    /// The greater of two ints.
    0x70 MAX_INT          MaxInt           () [Int Int => Int] next 1;
    /// Bitwise and.
    0x71 AND_INT          AndInt           () [Int Int => Int] next 1;
    /// Bitwise or.
    0x72 OR_INT           OrInt            () [Int Int => Int] next 1;
    /// Bitwise exclusive or.
    0x73 XOR_INT          XorInt           () [Int Int => Int] next 1;
    /// Inverts every bit.
    0x74 NOT_INT          NotInt           () [Int => Int] next 1;
    /// Shifts left by the count on top, masked to 31.
    0x75 SHL_INT          ShlInt           () [Int Int => Int] next 1;
    /// Shifts right by the count on top, masked to 31; copies of the sign come in.
    0x76 SHR_INT          ShrInt           () [Int Int => Int] next 1;
    /// Shifts right by the count on top, masked to 31; zeroes come in.
    0x77 USHR_INT         UshrInt          () [Int Int => Int] next 1;
    /// Compares two ints: equal.
    0x78 EQ_INT           EqInt            () [Int Int => Bool] next 1;
    /// Compares two ints: not equal.
    0x79 NE_INT           NeInt            () [Int Int => Bool] next 1;
    /// Compares two ints: less.
    0x7a LT_INT           LtInt            () [Int Int => Bool] next 1;
    /// Compares two ints: less or equal.
    0x7b LE_INT           LeInt            () [Int Int => Bool] next 1;
    /// Compares two ints: greater.
    0x7c GT_INT           GtInt            () [Int Int => Bool] next 1;
    /// Compares two ints: greater or equal.
    0x7d GE_INT           GeInt            () [Int Int => Bool] next 1;
    /// Rotates left by the count on top, masked to 31: what goes out comes in again.
    0x7e ROTL_INT         RotlInt          () [Int Int => Int] next 1;
    /// Rotates right by the count on top, masked to 31.
    0x7f ROTR_INT         RotrInt          () [Int Int => Int] next 1;

    // Arithmetic on longs: 64 bits, wrapping.
    /// Adds two longs.
    0x80 ADD_LONG         AddLong          () [Long Long => Long] next 1;
    /// Subtracts the long on top from the one below.
    0x81 SUB_LONG         SubLong          () [Long Long => Long] next 1;
    /// Multiplies two longs.
    0x82 MUL_LONG         MulLong          () [Long Long => Long] next 1;
    /// Divides the long below by the one on top, towards zero.
    0x83 DIV_LONG         DivLong          () [Long Long => Long] next 1 traps [DivisionByZero];
    /// Remainder of that division; it has the sign of the long below.
    0x84 REM_LONG         RemLong          () [Long Long => Long] next 1 traps [DivisionByZero];
    /// Negates a long.
    0x85 NEG_LONG         NegLong          () [Long => Long] next 1;
    /// Absolute value; that of the smallest long is itself.
    0x86 ABS_LONG         AbsLong          () [Long => Long] next 1;
    /// The smaller of two longs.
    0x87 MIN_LONG         MinLong          () [Long Long => Long] next 1;
    /// The greater of two longs.
    0x88 MAX_LONG         MaxLong          () [Long Long => Long] next 1;
    /// Bitwise and.
    0x89 AND_LONG         AndLong          () [Long Long => Long] next 1;
    /// Bitwise or.
    0x8a OR_LONG          OrLong           () [Long Long => Long] next 1;
    /// Bitwise exclusive or.
    0x8b XOR_LONG         XorLong          () [Long Long => Long] next 1;
    /// Inverts every bit.
    0x8c NOT_LONG         NotLong          () [Long => Long] next 1;
    /// Shifts left by the count on top, masked to 63.
    0x8d SHL_LONG         ShlLong          () [Long Int => Long] next 1;
    /// Shifts right by the count on top, masked to 63; copies of the sign come in.
    0x8e SHR_LONG         ShrLong          () [Long Int => Long] next 1;
    /// Shifts right by the count on top, masked to 63; zeroes come in.
    0x8f USHR_LONG        UshrLong         () [Long Int => Long] next 1;
    /// Compares two longs: equal.
    0x90 EQ_LONG          EqLong           () [Long Long => Bool] next 1;
    /// Compares two longs: not equal.
    0x91 NE_LONG          NeLong           () [Long Long => Bool] next 1;
    /// Compares two longs: less.
    0x92 LT_LONG          LtLong           () [Long Long => Bool] next 1;
    /// Compares two longs: less or equal.
    0x93 LE_LONG          LeLong           () [Long Long => Bool] next 1;
    /// Compares two longs: greater.
    0x94 GT_LONG          GtLong           () [Long Long => Bool] next 1;
    /// Compares two longs: greater or equal.
    0x95 GE_LONG          GeLong           () [Long Long => Bool] next 1;
    /// Rotates left by the count on top, masked to 63: what goes out comes in again.
    0x96 ROTL_LONG        RotlLong         () [Long Int => Long] next 1;
    /// Rotates right by the count on top, masked to 63.
    0x97 ROTR_LONG        RotrLong         () [Long Int => Long] next 1;

    // Arithmetic on floats: IEEE 754 single precision; a NaN that is computed is the canonical one.
    /// Adds two floats.
    0x98 ADD_FLOAT        AddFloat         () [Float Float => Float] next 1;
    /// Subtracts the float on top from the one below.
    0x99 SUB_FLOAT        SubFloat         () [Float Float => Float] next 1;
    /// Multiplies two floats.
    0x9a MUL_FLOAT        MulFloat         () [Float Float => Float] next 1;
    /// Divides the float below by the one on top.
    0x9b DIV_FLOAT        DivFloat         () [Float Float => Float] next 1;
    /// Flips the sign; the other bits of a NaN stay.
    0x9c NEG_FLOAT        NegFloat         () [Float => Float] next 1;
    /// Clears the sign; the other bits of a NaN stay.
    0x9d ABS_FLOAT        AbsFloat         () [Float => Float] next 1;
    /// Square root, correctly rounded.
    0x9e SQRT_FLOAT       SqrtFloat        () [Float => Float] next 1;
    /// The smaller of two floats, -0 below 0; NaN if either is.
    0x9f MIN_FLOAT        MinFloat         () [Float Float => Float] next 1;
    /// The greater of two floats, -0 below 0; NaN if either is.
    0xa0 MAX_FLOAT        MaxFloat         () [Float Float => Float] next 1;
    /// Compares two floats: equal; false if either is NaN.
    0xa1 EQ_FLOAT         EqFloat          () [Float Float => Bool] next 1;
    /// Compares two floats: not equal; true if either is NaN.
    0xa2 NE_FLOAT         NeFloat          () [Float Float => Bool] next 1;
    /// Compares two floats: less; false if either is NaN.
    0xa3 LT_FLOAT         LtFloat          () [Float Float => Bool] next 1;
    /// Compares two floats: less or equal; false if either is NaN.
    0xa4 LE_FLOAT         LeFloat          () [Float Float => Bool] next 1;
    /// Compares two floats: greater; false if either is NaN.
    0xa5 GT_FLOAT         GtFloat          () [Float Float => Bool] next 1;
    /// Compares two floats: greater or equal; false if either is NaN.
    0xa6 GE_FLOAT         GeFloat          () [Float Float => Bool] next 1;
    /// The greatest whole number that is not above.
    0xa7 FLOOR_FLOAT      FloorFloat       () [Float => Float] next 1;
    /// The least whole number that is not below.
    0xa8 CEIL_FLOAT       CeilFloat        () [Float => Float] next 1;
    /// The whole number without the fraction.
    0xa9 TRUNC_FLOAT      TruncFloat       () [Float => Float] next 1;
    /// The nearest whole number; halves go away from zero.
    0xaa ROUND_FLOAT      RoundFloat       () [Float => Float] next 1;

    // Arithmetic on decimals: IEEE 754 double precision; a NaN that is computed is the canonical one.
    /// Adds two decimals.
    0xac ADD_DECIMAL      AddDecimal       () [Decimal Decimal => Decimal] next 1;
    /// Subtracts the decimal on top from the one below.
    0xad SUB_DECIMAL      SubDecimal       () [Decimal Decimal => Decimal] next 1;
    /// Multiplies two decimals.
    0xae MUL_DECIMAL      MulDecimal       () [Decimal Decimal => Decimal] next 1;
    /// Divides the decimal below by the one on top.
    0xaf DIV_DECIMAL      DivDecimal       () [Decimal Decimal => Decimal] next 1;
    /// Flips the sign; the other bits of a NaN stay.
    0xb0 NEG_DECIMAL      NegDecimal       () [Decimal => Decimal] next 1;
    /// Clears the sign; the other bits of a NaN stay.
    0xb1 ABS_DECIMAL      AbsDecimal       () [Decimal => Decimal] next 1;
    /// Square root, correctly rounded.
    0xb2 SQRT_DECIMAL     SqrtDecimal      () [Decimal => Decimal] next 1;
    /// The smaller of two decimals, -0 below 0; NaN if either is.
    0xb3 MIN_DECIMAL      MinDecimal       () [Decimal Decimal => Decimal] next 1;
    /// The greater of two decimals, -0 below 0; NaN if either is.
    0xb4 MAX_DECIMAL      MaxDecimal       () [Decimal Decimal => Decimal] next 1;
    /// Compares two decimals: equal; false if either is NaN.
    0xb5 EQ_DECIMAL       EqDecimal        () [Decimal Decimal => Bool] next 1;
    /// Compares two decimals: not equal; true if either is NaN.
    0xb6 NE_DECIMAL       NeDecimal        () [Decimal Decimal => Bool] next 1;
    /// Compares two decimals: less; false if either is NaN.
    0xb7 LT_DECIMAL       LtDecimal        () [Decimal Decimal => Bool] next 1;
    /// Compares two decimals: less or equal; false if either is NaN.
    0xb8 LE_DECIMAL       LeDecimal        () [Decimal Decimal => Bool] next 1;
    /// Compares two decimals: greater; false if either is NaN.
    0xb9 GT_DECIMAL       GtDecimal        () [Decimal Decimal => Bool] next 1;
    /// Compares two decimals: greater or equal; false if either is NaN.
    0xba GE_DECIMAL       GeDecimal        () [Decimal Decimal => Bool] next 1;
    /// The greatest whole number that is not above.
    0xbb FLOOR_DECIMAL    FloorDecimal     () [Decimal => Decimal] next 1;
    /// The least whole number that is not below.
    0xbc CEIL_DECIMAL     CeilDecimal      () [Decimal => Decimal] next 1;
    /// The whole number without the fraction.
    0xbd TRUNC_DECIMAL    TruncDecimal     () [Decimal => Decimal] next 1;
    /// The nearest whole number; halves go away from zero.
    0xbe ROUND_DECIMAL    RoundDecimal     () [Decimal => Decimal] next 1;

    // Conversions: integers wrap when narrowed; floats and decimals are cut towards zero, saturate, and NaN gives 0.
    /// Makes a byte into a short.
    0xc0 BYTE_TO_SHORT    ByteToShort      () [Byte => Short] next 1;
    /// Makes a byte into an int.
    0xc1 BYTE_TO_INT      ByteToInt        () [Byte => Int] next 1;
    /// Makes a byte into a long.
    0xc2 BYTE_TO_LONG     ByteToLong       () [Byte => Long] next 1;
    /// Makes a byte into a float.
    0xc3 BYTE_TO_FLOAT    ByteToFloat      () [Byte => Float] next 1;
    /// Makes a byte into a decimal.
    0xc4 BYTE_TO_DECIMAL  ByteToDecimal    () [Byte => Decimal] next 1;
    /// Makes a short into a byte.
    0xc5 SHORT_TO_BYTE    ShortToByte      () [Short => Byte] next 1;
    /// Makes a short into an int.
    0xc6 SHORT_TO_INT     ShortToInt       () [Short => Int] next 1;
    /// Makes a short into a long.
    0xc7 SHORT_TO_LONG    ShortToLong      () [Short => Long] next 1;
    /// Makes a short into a float.
    0xc8 SHORT_TO_FLOAT   ShortToFloat     () [Short => Float] next 1;
    /// Makes a short into a decimal.
    0xc9 SHORT_TO_DECIMAL ShortToDecimal   () [Short => Decimal] next 1;
    /// Makes an int into a byte.
    0xca INT_TO_BYTE      IntToByte        () [Int => Byte] next 1;
    /// Makes an int into a short.
    0xcb INT_TO_SHORT     IntToShort       () [Int => Short] next 1;
    /// Makes an int into a long.
    0xcc INT_TO_LONG      IntToLong        () [Int => Long] next 1;
    /// Makes an int into a float.
    0xcd INT_TO_FLOAT     IntToFloat       () [Int => Float] next 1;
    /// Makes an int into a decimal.
    0xce INT_TO_DECIMAL   IntToDecimal     () [Int => Decimal] next 1;
    /// Makes a long into a byte.
    0xcf LONG_TO_BYTE     LongToByte       () [Long => Byte] next 1;
    /// Makes a long into a short.
    0xd0 LONG_TO_SHORT    LongToShort      () [Long => Short] next 1;
    /// Makes a long into an int.
    0xd1 LONG_TO_INT      LongToInt        () [Long => Int] next 1;
    /// Makes a long into a float.
    0xd2 LONG_TO_FLOAT    LongToFloat      () [Long => Float] next 1;
    /// Makes a long into a decimal.
    0xd3 LONG_TO_DECIMAL  LongToDecimal    () [Long => Decimal] next 1;
    /// Makes a float into a byte.
    0xd4 FLOAT_TO_BYTE    FloatToByte      () [Float => Byte] next 1;
    /// Makes a float into a short.
    0xd5 FLOAT_TO_SHORT   FloatToShort     () [Float => Short] next 1;
    /// Makes a float into an int.
    0xd6 FLOAT_TO_INT     FloatToInt       () [Float => Int] next 1;
    /// Makes a float into a long.
    0xd7 FLOAT_TO_LONG    FloatToLong      () [Float => Long] next 1;
    /// Makes a float into a decimal.
    0xd8 FLOAT_TO_DECIMAL FloatToDecimal   () [Float => Decimal] next 1;
    /// Makes a decimal into a byte.
    0xd9 DECIMAL_TO_BYTE  DecimalToByte    () [Decimal => Byte] next 1;
    /// Makes a decimal into a short.
    0xda DECIMAL_TO_SHORT DecimalToShort   () [Decimal => Short] next 1;
    /// Makes a decimal into an int.
    0xdb DECIMAL_TO_INT   DecimalToInt     () [Decimal => Int] next 1;
    /// Makes a decimal into a long.
    0xdc DECIMAL_TO_LONG  DecimalToLong    () [Decimal => Long] next 1;
    /// Makes a decimal into a float.
    0xdd DECIMAL_TO_FLOAT DecimalToFloat   () [Decimal => Float] next 1;
    /// Makes an int into a char; U+FFFD where it is no scalar value.
    0xde INT_TO_CHAR      IntToChar        () [Int => Char] next 1;
    /// Makes a char into its scalar value.
    0xdf CHAR_TO_INT      CharToInt        () [Char => Int] next 1;

    // Failing on purpose.
    /// Ends the run: what was asserted is not so, in the words of the string.
    0xe0 FAIL             Fail             () [String =>] ends 1 traps [AssertionFailed];

    // Bits of ints and longs, and the two as numbers without a sign.
    /// Divides the int below by the one on top, both without a sign.
    0xe1 UDIV_INT         UdivInt          () [Int Int => Int] next 1 traps [DivisionByZero];
    /// Remainder of that division.
    0xe2 UREM_INT         UremInt          () [Int Int => Int] next 1 traps [DivisionByZero];
    /// Compares two ints without a sign: less.
    0xe3 ULT_INT          UltInt           () [Int Int => Bool] next 1;
    /// Counts the zeroes above the highest one; 32 if there is none.
    0xe4 CLZ_INT          ClzInt           () [Int => Int] next 1;
    /// Counts the zeroes below the lowest one; 32 if there is none.
    0xe5 CTZ_INT          CtzInt           () [Int => Int] next 1;
    /// Counts the ones.
    0xe6 ONES_INT         OnesInt          () [Int => Int] next 1;
    /// Divides the long below by the one on top, both without a sign.
    0xe7 UDIV_LONG        UdivLong         () [Long Long => Long] next 1 traps [DivisionByZero];
    /// Remainder of that division.
    0xe8 UREM_LONG        UremLong         () [Long Long => Long] next 1 traps [DivisionByZero];
    /// Compares two longs without a sign: less.
    0xe9 ULT_LONG         UltLong          () [Long Long => Bool] next 1;
    /// Counts the zeroes above the highest one; 64 if there is none.
    0xea CLZ_LONG         ClzLong          () [Long => Int] next 1;
    /// Counts the zeroes below the lowest one; 64 if there is none.
    0xeb CTZ_LONG         CtzLong          () [Long => Int] next 1;
    /// Counts the ones.
    0xec ONES_LONG        OnesLong         () [Long => Int] next 1;

    // Unions on the expression stack: a value, and above it its tag.
    /// Makes a scalar or a union into a union of `mask`, or into the scalar if `mask` has only one type.
    0xed UNION_AS         UnionAs          (mask: Mask) [by UnionAs "value => value"] next 1 traps [UnionMismatch];
    /// Whether a union holds a value of one of the types in `mask`.
    0xee UNION_IS         UnionIs          (mask: Mask) [by UnionIs "union => bool"] next 1;

    // Parts of strings, and bounded text.
    /// Pushes the bytes of a string from start up to but not including end.
    0xef STRING_SLICE     StringSlice      () [by StringSlice "string start end => string"] next 1 traps [SliceOutOfBounds];
    /// Pushes the character whose bytes start at an index of a string; U+FFFD if they are none.
    0xf0 STRING_CHAR      StringChar       () [by StringChar "string index => char"] next 1 traps [IndexOutOfBounds];
    /// Pushes the index behind the character that starts at an index of a string; behind its end, the next index.
    0xf1 STRING_NEXT      StringNext       () [by StringNext "index string => index"] next 1;
    /// Pushes the text in `slot`: its bytes up to the last one that is not 0.
    0xf2 TEXT_VIEW        TextView         (slot: Slot) [by TextView "=> string"] next bulk arena "reads bytes of the slot" traps [UseAfterFree NeverAllocated];
    /// Stores a string in the text `slot`, and zeroes behind it.
    0xf3 TEXT_STORE       TextStore        (slot: Slot) [by TextStore "string =>"] next bulk arena "writes bytes of the slot" traps [TextFull StoreAfterFree NeverAllocated];
    /// Appends a string to the text in `slot`.
    0xf4 TEXT_APPEND      TextAppend       (slot: Slot) [by TextStore "string =>"] next bulk arena "writes bytes of the slot" traps [TextFull StoreAfterFree NeverAllocated];
    /// Appends what `print` writes for a value to the text in `slot`.
    0xf5 TEXT_FORMAT      TextFormat       (slot: Slot) [by TextFormat "value =>"] next bulk arena "writes bytes of the slot" traps [TextFull StoreAfterFree NeverAllocated];
    // Arenas of other strategies.
    /// Opens an arena of `capacity` zeroed bytes in which slots are placed one behind the other and bytes are not given back.
    0xf6 STACK_ALLOC_BUMP StackAllocBump   (capacity: Capacity) [=>] next bulk arena "opens one";
    /// Opens an arena of `capacity` zeroed bytes in which each slot takes the first free place of `place` bytes.
    0xf7 STACK_ALLOC_POOL StackAllocPool   (capacity: Capacity, place: Size) [=>] next bulk arena "opens one";
    // Variables that live as long as an instance.
    /// Pushes the value `offset` bytes into a static block.
    0xf8 STATIC_LOAD      StaticLoad       (block: Static, offset: Offset, tag: Tag) [by FieldLoad "=> value"] next 1 arena "reads bytes of the static block";
    /// Stores a value `offset` bytes into a static block.
    0xf9 STATIC_STORE     StaticStore      (block: Static, offset: Offset, tag: Tag) [by FieldStore "value =>"] next 1 arena "writes bytes of the static block";
    /// Pushes a view of the part `offset` bytes into a static block, as `FIELD_VIEW` does.
    0xfa STATIC_VIEW      StaticView       (block: Static, offset: Offset, depth: Depth) [by FieldView "=> view"] next 1;
}
