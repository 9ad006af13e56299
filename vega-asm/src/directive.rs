//! The directives, in one table: name, where each may stand, and the shape of its arguments.

/// Where a directive may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Outside all blocks.
    Module,
    /// Between `.struct` and `.end`.
    Struct,
    /// Between `.static` and `.end`.
    Static,
    /// Between `.function` and `.end`.
    Function,
    /// Between `.static` and `.end`, or `.function` and `.end`.
    StaticOrFunction,
    /// In any block.
    Block,
    /// Behind another directive.
    Anywhere,
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct DirectiveRow {
    /// Which directive.
    pub directive: Directive,
    /// Its name, with the dot.
    pub name: &'static str,
    /// Where it may stand.
    pub place: Place,
    /// What is written behind the name.
    pub shape: &'static str,
    /// What it says, in one sentence.
    pub prose: &'static str,
}

macro_rules! directives {
    ($( $(#[doc = $prose:literal])+ $variant:ident $name:literal $place:ident $shape:literal; )*) => {
        /// A directive.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Directive { $( $(#[doc = $prose])+ $variant, )* }

        /// All directives, in the order in which a listing has them.
        pub const DIRECTIVES: &[DirectiveRow] = &[ $( DirectiveRow {
            directive: Directive::$variant,
            name: $name,
            place: Place::$place,
            shape: $shape,
            prose: concat!($($prose),+).trim_ascii(),
        }, )* ];
    };
}

directives! {
    /// What made the file; without it, the assembler.
    Producer ".producer" Module "\"text\"";
    /// A source of the program, relative to the root of the project.
    Source ".source" Module "\"path\"";
    /// The file has no debug section.
    NoDebug ".nodebug" Module "";
    /// Where the program starts, and what happens to the result.
    Entry ".entry" Module "name print|status";
    /// The file is a library: it has no entry.
    Library ".library" Module "";
    /// The file is an object: it may call functions of other modules and have an entry.
    Object ".object" Module "";
    /// A constant; the first one is number 0, and it may have a name.
    Const ".const" Module "[name =] value";
    /// A function that the host must provide, the first one being number 0; with `module`, one of another module; with `bound`, the most bytes that a call of it takes.
    Import ".import" Module "name [module] [bound bytes]";
    /// A section that this version does not know: number, name and bytes in hex.
    Custom ".custom" Module "number \"name\" \"hex\"";
    /// The bytes of the section `certificate`, in hex.
    Certificate ".certificate" Module "\"hex\"";
    /// The bytes of the section `signature`, in hex.
    Signature ".signature" Module "\"hex\"";
    /// Begins a struct.
    Struct ".struct" Module "name";
    /// A field of the struct.
    Field ".field" Struct "name type";
    /// Begins a static block of so many bytes; the first one is number 0.
    Static ".static" Module "bytes";
    /// A variable of the static block, behind those before it.
    Variable ".variable" Static "type [name]";
    /// The bytes with which the static block starts, in hex; all behind them is zero. In a function, bytes that stand in its code, whatever they are.
    Bytes ".bytes" StaticOrFunction "\"hex\"";
    /// Begins a function; the first one is number 0.
    Function ".function" Module "name [exported]";
    /// The most cells of the expression stack; measured if it is left out.
    Stack ".stack" Function "cells";
    /// The most activations of the function that may be live at once, 1 or more; any number if it is left out.
    Limit ".limit" Function "activations";
    /// A slot: `variable` with its mask, `stencil` with its type, or `alias` with its tag; left out, the code says it.
    Slot ".slot" Function "name = number [variable|stencil|alias type]";
    /// The name of a parameter, in order.
    Parameter ".parameter" Function "name";
    /// The source of the function, by its place among the `.source` directives, from 0.
    File ".file" Function "number";
    /// The line on which the function is declared.
    Declared ".declared" Function "line";
    /// The line from which the instructions below come.
    Line ".line" Function "line";
    /// Damage: bytes over those at a place of the file; without a place, they are the whole file.
    Raw ".raw" Module "[place] \"hex\"";
    /// Damage: a section has this body, is left out, or the sections stand in this order.
    Section ".section" Module "raw section \"hex\" | without section | order section...";
    /// Damage: the checksum of a section is wrong, or that of header and table.
    Crc ".crc" Module "bad [section]";
    /// Damage: checksums and content ids, or the ids alone, stay as they were before it.
    Keep ".keep" Module "checksums|ids";
    /// Damage: the file ends at this place.
    Cut ".cut" Module "place";
    /// Ends a block.
    End ".end" Block "";
    /// Goes on with the text of the directive before it.
    Append ".append" Anywhere "\"text\"";
}

impl Directive {
    /// The directive with this name.
    pub fn from_name(name: &str) -> Option<Directive> {
        DIRECTIVES.iter().find(|row| row.name == name).map(|row| row.directive)
    }

    /// The directive whose name a misspelled one is near.
    pub(crate) fn near(name: &str) -> Option<Directive> {
        if crate::elsewhere::begins_function(name) {
            return Some(Directive::Function);
        }
        let names = || DIRECTIVES.iter().map(|row| row.name);
        // The beginning of one is as good: `.func`, `.lib`.
        let mut begun = names().filter(|known| name.len() > 3 && known.starts_with(name));
        let only = begun.next().filter(|_| begun.next().is_none());
        vega_report::near(name, names()).or(only).and_then(Directive::from_name)
    }

    /// Whether it may stand at a place: outside all blocks, or in one of three.
    pub fn may_stand(self, here: Place) -> bool {
        match self.row().place {
            Place::StaticOrFunction => matches!(here, Place::Static | Place::Function),
            place => place == here,
        }
    }

    /// The row of this directive.
    pub fn row(self) -> &'static DirectiveRow {
        &DIRECTIVES[self as usize]
    }

    /// Name and arguments: `.entry name print|status`.
    pub fn usage(self) -> String {
        let row = self.row();
        format!("{} {}", row.name, row.shape).trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_at_the_number_of_their_directive() {
        for row in DIRECTIVES {
            assert_eq!(row.directive.row().name, row.name);
            assert_eq!(Directive::from_name(row.name), Some(row.directive));
        }
    }

    #[test]
    fn the_specification_has_every_directive() {
        let page = include_str!("../../spec/assembly.md");
        for row in DIRECTIVES {
            let cells = format!("| `{}` |", row.directive.usage().replace('|', "\\|"));
            assert!(page.contains(&cells), "{cells}");
            assert!(page.contains(row.prose), "{}", row.prose);
        }
    }
}
