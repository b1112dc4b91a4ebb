//! Options shared by the tools for text: columns, dialect, encoding of bytes.

use super::group::Shared;
use super::table::{Flag, Set};
use super::value::store;
use crate::options::{BinaryText, Dialect, GivenColumns, InferRows};

impl Shared for GivenColumns {
    const FLAGS: &'static [Flag<Self>] = &[
        Flag {
            short: None,
            long: "schema",
            summary: "declare all columns: FILE, or 'id int64, name utf8'",
            details: "Columns are separated by commas or line breaks; -- begins a comment; not \
                      null refuses nulls. Types are written as in Arrow and pyarrow: timestamp[us, \
                      UTC], decimal128(12, 2), list<utf8>, struct<x float64, y float64>, \
                      dictionary<int32, utf8>; SQL names of types are accepted, too. Enclose a \
                      name that is not a plain word in double quotes. FILE contains such a text, \
                      or is an Arrow stream or file, whose schema is then used.",
            set: Set::Value("SCHEMA", |columns, value| store(&mut columns.schema, value.text())),
        },
        Flag {
            short: None,
            long: "types",
            summary: "declare some columns: 'zip utf8, day date'",
            details: "Written as in --schema; the others are inferred.",
            set: Set::Value("COLUMNS", |columns, value| store(&mut columns.types, value.text())),
        },
        Flag {
            short: None,
            long: "infer-rows",
            summary: "infer types from the first ROWS rows, or from all",
            details: "The inputs are then read twice: files are opened again, and input from a \
                      pipe is kept in a temporary file (in $TMPDIR, or else in /var/tmp) until it \
                      has ended.",
            set: Set::Value("ROWS", |columns, value| {
                store(&mut columns.infer_rows, value.try_map(InferRows::parse))
            }),
        },
    ];
}

impl Shared for Dialect {
    const FLAGS: &'static [Flag<Self>] = &[
        Flag {
            short: Some('d'),
            long: "delimiter",
            summary: "separate fields with CHARACTER (default comma)",
            details: "One or several characters, at most 8 bytes, none of them a letter, a digit \
                      or a line break: ';', '|', '||', '::'. \\t is a tab.",
            set: Set::Value("CHARACTER", |dialect, value| {
                store(&mut dialect.delimiter, value.try_map(Dialect::parse_delimiter))
            }),
        },
        Flag {
            short: None,
            long: "quote",
            summary: "quote fields with this character, or none",
            details: "With none, a double quote is read like any other character, and writing a \
                      field that would have to be quoted is an error.",
            set: Set::Value("CHARACTER", |dialect, value| {
                store(&mut dialect.quote, value.try_map(Dialect::parse_quote))
            }),
        },
        Flag {
            short: None,
            long: "no-header",
            summary: "read or write no line of column names",
            details: "",
            set: Set::Switch(|dialect| dialect.header = false),
        },
    ];
}

impl Shared for BinaryText {
    const FLAGS: &'static [Flag<Self>] = &[Flag {
        short: None,
        long: "binary",
        summary: "encode bytes as base64 (default) or hex",
        details: "For columns of a binary type. base64 is that of RFC 4648, section 4, with \
                  padding; hex has two digits per byte, written in lower case.",
        set: Set::Value("HOW", |binary, value| store(binary, value.one_of(BinaryText::WORDS))),
    }];
}
