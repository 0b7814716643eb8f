//! Tables: an enum, and rows of numbers under names, once for Rust and once for the program that writes TypeScript.

/// The names and numbers of an enum.
pub struct Numbered {
    /// The enum.
    pub name: &'static str,
    /// Its variants.
    pub variants: &'static [(&'static str, i32)],
}

macro_rules! numbered {
    ($constant:ident, $type:ty, $name:literal, { $($variant:ident = $number:literal),* $(,)? }) => {
        impl $crate::wire::Word for $type {
            const TYPE: &'static str = $name;
            fn to_word(self) -> f64 {
                match self { $(<$type>::$variant => f64::from($number)),* }
            }
            fn from_word(word: f64) -> Option<Self> {
                $(if word == f64::from($number) { return Some(<$type>::$variant); })*
                None
            }
        }
        pub(super) const $constant: $crate::wire::Numbered =
            $crate::wire::Numbered { name: $name, variants: &[$((stringify!($variant), $number)),*] };
    };
}

/// A row of numbers: its name, and the names and TypeScript types of what follows.
pub struct Row {
    /// The name.
    pub name: &'static str,
    /// Names and types of its fields, in order.
    pub fields: &'static [(&'static str, &'static str)],
}

/// Writes a value as a row: its number among the rows, then its fields.
macro_rules! rows_out {
    ($(#[$doc:meta])* $function:ident, $table:ident, $type:ty,
        { $($pattern:pat => $name:ident { $($field:ident: $word:ty = $value:expr),* $(,)? }),* $(,)? }) => {
        $(#[$doc])*
        pub fn $function(value: $type, mut out: impl FnMut(f64)) {
            #[allow(non_camel_case_types, reason = "only their places count")]
            #[repr(u8)]
            enum Place { $($name),* }
            match value {
                $($pattern => {
                    out(f64::from(Place::$name as u8));
                    $(out(<$word as $crate::wire::Word>::to_word($value));)*
                })*
            }
        }
        pub(super) const $table: &[$crate::wire::Row] =
            &[$($crate::wire::Row { name: stringify!($name), fields: &[$((stringify!($field), <$word as $crate::wire::Word>::TYPE)),*] }),*];
    };
}

/// Reads a row; none when it is none.
macro_rules! rows_in {
    ($(#[$doc:meta])* $function:ident, $table:ident, $type:ty,
        { $($name:ident { $($field:ident: $word:ty),* $(,)? } => $value:expr),* $(,)? }) => {
        $(#[$doc])*
        #[allow(non_snake_case, reason = "the fields have their names in JavaScript")]
        pub fn $function(row: u32, word: impl Fn(usize) -> f64) -> Option<$type> {
            #[allow(non_camel_case_types, reason = "only their places count")]
            #[repr(u8)]
            enum Place { $($name),* }
            $(if row == Place::$name as u32 {
                #[allow(unused_mut, unused_variables, reason = "some rows have no fields")]
                let mut place = 0..;
                $(let $field = <$word as $crate::wire::Word>::from_word(word(place.next()?))?;)*
                return Some($value);
            })*
            None
        }
        pub(super) const $table: &[$crate::wire::Row] =
            &[$($crate::wire::Row { name: stringify!($name), fields: &[$((stringify!($field), <$word as $crate::wire::Word>::TYPE)),*] }),*];
    };
}

pub(super) use {numbered, rows_in, rows_out};
