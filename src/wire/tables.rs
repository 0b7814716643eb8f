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
        impl $type {
            /// The value with this number; none when it is none of theirs.
            pub const fn with_number(number: i32) -> Option<Self> {
                match number {
                    $($number => Some(<$type>::$variant),)*
                    _ => None,
                }
            }
        }
        impl $crate::wire::Word for $type {
            const TYPE: &'static str = $name;
            fn to_word(self) -> f64 {
                let number: i32 = match self { $(<$type>::$variant => $number),* };
                number.into()
            }
            fn from_word(word: f64) -> Option<Self> {
                let number = word as i32;
                if f64::from(number) == word { Self::with_number(number) } else { None }
            }
        }
        pub(in crate::wire) const $constant: $crate::wire::Numbered =
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
macro_rules! rows {
    ($(#[$doc:meta])* $function:ident, $table:ident, $type:ty,
        { $($pattern:pat => $name:ident { $($field:ident: $word:ty = $value:expr),* $(,)? }),* $(,)? }) => {
        $(#[$doc])*
        pub fn $function(value: $type, row: &mut [f64; $crate::wire::ROW_WORDS]) {
            #[repr(u8)]
            enum Place { $($name),* }
            let [kind, fields @ ..] = row;
            let place = match value {
                $($pattern => {
                    let words = [$(<$word as $crate::wire::Word>::to_word($value)),*];
                    if let Some(start) = fields.first_chunk_mut() {
                        *start = words;
                    }
                    Place::$name
                })*
            };
            *kind = f64::from(place as u8);
        }
        pub(in crate::wire) const $table: &[$crate::wire::Row] =
            &[$($crate::wire::Row { name: stringify!($name), fields: &[$((stringify!($field), <$word as $crate::wire::Word>::TYPE)),*] }),*];
    };
}

/// Reads what happened: a number, the token it happened to, and one more number that some come with.
macro_rules! events {
    ($(#[$doc:meta])* $function:ident, $table:ident, $name:literal, $type:ty, |$token:ident, $value:ident|
        { $($kind:ident => $event:expr),* $(,)? }) => {
        $(#[$doc])*
        #[allow(non_upper_case_globals, reason = "they are the names of the events")]
        pub fn $function(kind: u32, $token: $crate::client::Token, $value: u32) -> Option<$type> {
            $(const $kind: u32 = Place::$kind as u32;)*
            #[repr(u8)]
            enum Place { $($kind),* }
            Some(match kind {
                $($kind => $event,)*
                _ => return None,
            })
        }
        pub(in crate::wire) const $table: $crate::wire::Numbered = {
            #[repr(u8)]
            enum Place { $($kind),* }
            $crate::wire::Numbered { name: $name, variants: &[$((stringify!($kind), Place::$kind as i32)),*] }
        };
    };
}

/// Options by their places: a struct, and how a number is taken as each of them.
macro_rules! options {
    ($type:ty, |$this:ident, $value:ident| { $($(#[$doc:meta])* $name:ident: $kind:ty => $set:expr),* $(,)? }) => {
        impl $type {
            /// Sets the option at this place.
            #[allow(non_upper_case_globals, reason = "they are the names of the options")]
            pub fn set(&mut self, place: u32, $value: f64) {
                $(const $name: u32 = Place::$name as u32;)*
                #[allow(non_camel_case_types, reason = "they are the names of the options")]
                #[repr(u8)]
                enum Place { $($name),* }
                let $this = self;
                match place {
                    $($name => $set,)*
                    _ => {}
                }
            }
        }
        pub(in crate::wire) const OPTIONS: &[(&str, &str)] =
            &[$((stringify!($name), <$kind as $crate::wire::Word>::TYPE)),*];
    };
}

/// Reads a row; none when it is none.
#[cfg(feature = "server")]
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
        pub(in crate::wire) const $table: &[$crate::wire::Row] =
            &[$($crate::wire::Row { name: stringify!($name), fields: &[$((stringify!($field), <$word as $crate::wire::Word>::TYPE)),*] }),*];
    };
}

#[cfg(feature = "server")]
pub(super) use rows_in;
pub(super) use {events, numbered, options, rows};
