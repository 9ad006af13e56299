//! The macro that makes the enum, the codec and the rows out of the table. It is expanded once, in `table`.

macro_rules! effect {
    (by $rule:ident $stack:literal) => {
        Effect::By(Rule::$rule, $stack)
    };
    ($($pop:ident)* => $($push:ident)*) => {
        Effect::Fixed { pops: &[$(Pattern::$pop),*], pushes: &[$(Pattern::$push),*] }
    };
}

macro_rules! steps {
    (bulk) => {
        Steps::Bulk
    };
    (1) => {
        Steps::One
    };
}

macro_rules! instructions {
    ($(
        $(#[doc = $prose:literal])+
        $number:literal $mnemonic:ident $variant:ident ( $($key:ident : $kind:ident),* )
        [ $($effect:tt)* ] $flow:ident $steps:tt $(arena $arena:literal)? $(traps [ $($trap:ident)* ])? ;
    )*) => {
        /// An instruction with its operands: one variant a row of the table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Instruction {
            $( $(#[doc = $prose])+ #[allow(missing_docs, reason = "operands are named as in the listing")]
               $variant { $($key: $kind),* }, )*
        }

        /// The instruction set as data, in order of the numbers.
        pub const ROWS: &[Row] = &[ $( Row {
            number: $number,
            mnemonic: stringify!($mnemonic),
            operands: &[ $( (stringify!($key), <$kind as Operand>::KIND) ),* ],
            width: 1 $( + <$kind as Operand>::KIND.width )*,
            effect: effect!($($effect)*),
            flow: Flow::$flow,
            steps: steps!($steps),
            arena: concat!($($arena)?),
            traps: &[ $( $(TrapKind::$trap),* )? ],
            prose: concat!($($prose),+).trim_ascii(),
        } ),* ];

        /// The place of each variant's row in [`ROWS`].
        #[derive(Clone, Copy)]
        enum Place { $( $variant ),* }

        /// The number of each row; a number that is used twice does not compile.
        #[repr(u8)]
        #[derive(Clone, Copy)]
        enum Number { $( $variant = $number ),* }

        impl Instruction {
            /// The number of this instruction's row: the byte in the code.
            #[inline]
            pub fn number(&self) -> u8 {
                match self { $( Instruction::$variant { .. } => Number::$variant as u8, )* }
            }

            /// The row of this instruction.
            #[inline]
            pub fn row(&self) -> &'static Row {
                let place = match self { $( Instruction::$variant { .. } => Place::$variant, )* };
                ROWS.get(place as usize).expect("every variant is made from a row")
            }

            /// Where execution goes on after this instruction: the column of its row.
            #[inline(always)]
            pub fn flow(&self) -> Flow {
                match self { $( Instruction::$variant { .. } => Flow::$flow, )* }
            }

            /// The operand that is an index into a table of the module or of the function, if there is one: which table,
            /// and the index. No row has two.
            #[inline]
            pub fn index(&self) -> Option<(Space, u32)> {
                match *self { $( Instruction::$variant { $($key),* } => {
                    $( if const { <$kind as Operand>::KIND.space.is_table() } {
                        return Some((<$kind as Operand>::KIND.space, $key.raw()));
                    } )*
                    None
                } )* }
            }

            /// The same instruction with other numbers where it points to what has a number: `number` gives them. `None` if
            /// an operand has no room for its number.
            ///
            /// # Errors
            /// What `number` gives.
            pub(crate) fn renumbered<E>(
                self,
                mut number: impl FnMut(Space, u32) -> Result<u32, E>,
            ) -> Result<Option<Instruction>, E> {
                match self { $( Instruction::$variant { $($key),* } => {
                    $( let $key = if const { matches!(<$kind as Operand>::KIND.space, Space::Plain) } {
                        $key
                    } else {
                        match <$kind as Operand>::from_raw(number(<$kind as Operand>::KIND.space, $key.raw())?) {
                            Some(key) => key,
                            None => return Ok(None),
                        }
                    }; )*
                    Ok(Some(Instruction::$variant { $($key),* }))
                } )* }
            }

            /// Appends the bytes of this instruction.
            pub fn encode(&self, code: &mut alloc::vec::Vec<u8>) {
                let mut bytes = [self.number(); Operands::MOST_BYTES];
                let width = match self { $( Instruction::$variant { $($key),* } => {
                    let width = 1;
                    $( let width = super::put(&mut bytes, width, $key.raw(), <$kind as Operand>::KIND.width); )*
                    width
                } )* };
                // A known number of bytes is copied at once; those that are none of it go again.
                let end = code.len() + width;
                code.extend_from_slice(&bytes);
                code.truncate(end);
            }

            /// Bytes of this instruction, its number among them.
            #[inline]
            pub fn width(&self) -> usize {
                match self { $( Instruction::$variant { .. } => const { 1 $( + <$kind as Operand>::KIND.width )* }, )* }
            }

            /// The operands as numbers, in the order of the row.
            pub fn operands(&self) -> Operands {
                let mut operands = Operands::default();
                match self { $( Instruction::$variant { $($key),* } => { $( operands.push($key.raw()); )* } )* }
                operands
            }

            /// Reads the instruction at the start of `code`; gives it with its width in bytes.
            ///
            /// # Errors
            /// The bytes are no instruction.
            #[inline]
            pub fn decode(code: &[u8]) -> Result<(Instruction, usize), DecodeError> {
                let mut reader = OperandReader::new(code)?;
                match reader.number() {
                    $( $number => {
                        $( let $key = reader.operand::<$kind>()?; )*
                        Ok((Instruction::$variant { $($key),* }, reader.width()))
                    } )*
                    other => Err(DecodeError::UnknownOpcode(other)),
                }
            }

            /// The instruction with this number and these operands, as many as its row has.
            ///
            /// # Errors
            /// The number has no row, an operand has no such value, or there are too few or too many.
            pub fn from_parts(number: u8, raw: &[u32]) -> Result<Instruction, DecodeError> {
                match number {
                    $( $number => {
                        let mut raw = raw.iter().copied().enumerate();
                        $(
                            let (place, value) = raw.next().ok_or(DecodeError::Operands)?;
                            let $key = <$kind as Operand>::from_raw(value).ok_or(DecodeError::Value { operand: place, value })?;
                        )*
                        if raw.next().is_some() { return Err(DecodeError::Operands); }
                        Ok(Instruction::$variant { $($key),* })
                    } )*
                    other => Err(DecodeError::UnknownOpcode(other)),
                }
            }
        }
    };
}

pub(super) use {effect, instructions, steps};
