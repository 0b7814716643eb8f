//! Prints `js/core/wire.ts`: what crosses between Rust and JavaScript, from the tables in `src/wire/`.

use std::fmt::Write;

mod texts;

use fal_wasm::client::{BodyKind, FailureKind, UploadOptions};
use fal_wasm::limits::{SESSION_FIRST_PLACE_SECONDS, SESSION_LEASE_SECONDS, SESSION_PLACE_SECONDS};
use fal_wasm::protocol::Method;
use fal_wasm::wire::{Numbered, ROW_WORDS, Row, TABLE, Word};

fn main() {
    let mut out = String::from(
        "/** What crosses between Rust and JavaScript. Generated from src/wire/ by `npm run generate:wire`: change it there. */\n",
    );
    for numbered in TABLE.numbered {
        enumeration(&mut out, numbered);
    }
    for (name, rows) in TABLE.rows {
        kinds(&mut out, name, rows);
        union(&mut out, name, rows);
        let fields: Vec<_> = rows.iter().map(|row| names(row.fields)).collect();
        let _ = write!(out, "\n/** The fields of each {name}, in order. */\n");
        // A list of one is kept as it is: a page without it drops it.
        let text = match &fields[..] {
            [only] => format!("[{only:?}] as const"),
            more => format!("{:?}.split(\",\")", more.join(",")),
        };
        let _ = writeln!(out, "export const {}_FIELDS = {text};", constant(name));
    }
    let _ = write!(
        out,
        "\n/** The options of an operation that decide anything. What is not given is usual; of `status` there may be several. */\n"
    );
    out.push_str("export interface CoreOptions {\n");
    for (name, kind) in TABLE.options {
        let _ = writeln!(out, "  {name}?: {kind} | undefined;");
    }
    out.push_str("}\n");
    let _ =
        writeln!(out, "\n/** Their names, in order. */\nexport const OPTIONS = {:?} as const;", names(TABLE.options));
    let methods: Vec<_> = (0..).map_while(|word| Method::from_word(word.into())).map(Method::as_str).collect();
    let _ = writeln!(
        out,
        "\n/** HTTP methods, by their numbers. */\nexport const METHODS = {} as const;",
        quoted(&methods)
    );
    let fields: Vec<_> = (0..).map_while(|word| BodyKind::from_word(word.into())).map(BodyKind::fields).collect();
    let _ = writeln!(
        out,
        "\n/** The text fields that decide something in a body of each kind. */\nexport const BODY_FIELDS = {} as const;",
        quoted(&fields)
    );
    let codes: Vec<_> = FailureKind::ALL.iter().map(|kind| kind.code()).collect();
    let _ = writeln!(
        out,
        "\n/** The code of each failure. */\nexport const FAILURE_CODES = \"{}\".split(\" \");",
        codes.join(" ")
    );
    let retryable: Vec<_> =
        FailureKind::ALL.iter().filter(|kind| kind.is_retryable()).map(|kind| (*kind as u8).to_string()).collect();
    let _ = writeln!(
        out,
        "\n/** Failures after which the same call may succeed later. */\nexport const RETRYABLE: readonly number[] = [{}];",
        retryable.join(", ")
    );
    let _ =
        writeln!(out, "\n/** How many numbers the row of an effect takes. */\nexport const ROW_WORDS = {ROW_WORDS};");
    let _ = writeln!(
        out,
        "\n/** Size of a part of a file but for the last, in bytes. */\nexport const PART_BYTES = {};",
        UploadOptions::PART_BYTES
    );
    let _ = write!(
        out,
        "\n/** Of sessions: how long fal keeps one, and its place is held, from a heartbeat on and at first. */\n\
         export const enum SessionSeconds {{\n  Lease = {SESSION_LEASE_SECONDS},\n  Place = {SESSION_PLACE_SECONDS},\n  \
         FirstPlace = {SESSION_FIRST_PLACE_SECONDS},\n}}\n"
    );
    texts::write(&mut out);
    print!("{out}");
}

fn enumeration(out: &mut String, Numbered { name, variants }: &Numbered) {
    let _ = write!(out, "\nexport const enum {name} {{\n");
    for (variant, number) in *variants {
        let _ = writeln!(out, "  {variant} = {number},");
    }
    out.push_str("}\n");
}

fn kinds(out: &mut String, name: &str, rows: &[Row]) {
    let _ = write!(out, "\nexport const enum {name}Kind {{\n");
    for (number, row) in rows.iter().enumerate() {
        let _ = writeln!(out, "  {} = {number},", row.name);
    }
    out.push_str("}\n");
}

fn union(out: &mut String, name: &str, rows: &[Row]) {
    for row in rows {
        let _ = write!(out, "\nexport interface {}{name} {{\n  kind: {name}Kind.{};\n", row.name, row.name);
        for (field, kind) in row.fields {
            let _ = writeln!(out, "  {field}: {kind};");
        }
        out.push_str("}\n");
    }
    let members: Vec<_> = rows.iter().map(|row| format!("{}{name}", row.name)).collect();
    let _ = write!(out, "\nexport type {name} = {};\n", members.join(" | "));
}

/// Names as one text, which costs a page less than a list.
fn names(fields: &[(&str, &str)]) -> String {
    let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
    names.join(" ")
}

fn quoted(texts: &[&str]) -> String {
    list(&texts.iter().map(|text| format!("{text:?}")).collect::<Vec<_>>())
}

fn list(items: &[String]) -> String {
    format!("[{}]", items.join(", "))
}

/// `RealtimeEffect` as `REALTIME_EFFECT`.
fn constant(name: &str) -> String {
    let mut constant = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !constant.is_empty() {
            constant.push('_');
        }
        constant.push(letter.to_ascii_uppercase());
    }
    constant
}
