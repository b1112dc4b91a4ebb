//! Options shared by the tools for text: columns, dialect, encoding of bytes.

use super::group::Shared;
use super::table::{Flag, option};
use super::value::store;
use crate::completion::{Complete, names, suffixes};
use crate::options::{BinaryText, Dialect, GivenColumns, InferRows};

impl Shared for GivenColumns {
    const FLAGS: &'static [Flag<Self>] = &[
        option("schema", "declare all columns: FILE, or 'id int64, name utf8'")
            .details(
                "Columns are separated by commas or line breaks; -- begins a comment; not null \
                 refuses nulls. Types are written as in Arrow and pyarrow: timestamp[us, UTC], \
                 decimal128(12, 2), list<utf8>, struct<x float64, y float64>, dictionary<int32, \
                 utf8>; SQL names of types are accepted, too. Enclose a name that is not a plain \
                 word in double quotes. FILE contains such a text, or is an Arrow stream or file, \
                 whose schema is then used.",
            )
            .completes(Complete::Files(suffixes::ANY))
            .value("SCHEMA", |columns, value| store(&mut columns.schema, value.text())),
        option("types", "declare some columns: 'zip utf8, day date'")
            .details("Written as in --schema; the others are inferred.")
            .completes(Complete::Types)
            .value("COLUMNS", |columns, value| store(&mut columns.types, value.text())),
        option("infer-rows", "infer types from the first ROWS rows, or from all")
            .details(
                "The inputs are then read twice: files are opened again, and input from a pipe is \
                 kept in a temporary file (in $TMPDIR, or else in /var/tmp) until it has ended.",
            )
            .completes(Complete::Choices(|| vec![InferRows::ALL]))
            .value("ROWS", |columns, value| {
                store(&mut columns.infer_rows, value.try_map(InferRows::parse))
            }),
    ];
}

impl Shared for Dialect {
    const FLAGS: &'static [Flag<Self>] = &[
        option("delimiter", "separate fields with CHARACTER (default comma)")
            .short('d')
            .details(
                "One or several characters, at most 8 bytes, none of them a letter, a digit or a \
                 line break: ';', '|', '||', '::'. \\t is a tab.",
            )
            .value("CHARACTER", |dialect, value| {
                store(&mut dialect.delimiter, value.try_map(Dialect::parse_delimiter))
            }),
        option("quote", "quote fields with this character, or none")
            .details(
                "With none, a double quote is read like any other character, and writing a field \
                 that would have to be quoted is an error.",
            )
            .completes(Complete::Choices(|| vec![Dialect::NO_QUOTE]))
            .value("CHARACTER", |dialect, value| {
                store(&mut dialect.quote, value.try_map(Dialect::parse_quote))
            }),
        option("no-header", "read or write no line of column names")
            .switch(|dialect| dialect.header = false),
    ];
}

impl Shared for BinaryText {
    const FLAGS: &'static [Flag<Self>] = &[option(
        "binary",
        "encode bytes as base64 (default) or hex",
    )
    .details(
        "For columns of a binary type. base64 is that of RFC 4648, section 4, with padding; \
         hex has two digits per byte, written in lower case.",
    )
    .completes(Complete::Choices(|| names(BinaryText::WORDS)))
    .value("HOW", |binary, value| store(binary, value.one_of(BinaryText::WORDS)))];
}
