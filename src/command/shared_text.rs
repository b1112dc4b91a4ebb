//! Options that the tools for text share: what its columns are, what its signs mean.

use super::shared_options::Common;
use super::table::{Flag, Set};
use crate::endpoint::{BinaryText, Dialect, InferRows};

/// The columns of text that is read.
pub const TEXT_COLUMNS: &[Flag<Common>] = &[
    Flag {
        short: None,
        long: "schema",
        summary: "all columns: FILE, or 'id int64, name utf8'",
        details: "Columns are parted by commas or line ends; -- begins a comment; not null refuses \
                  nulls. Types are as Arrow and pyarrow write them: timestamp[us, UTC], \
                  decimal128(12, 2), list<utf8>, struct<x float64, y float64>, \
                  dictionary<int32, utf8>; SQL's names go too. A name that is no plain word stands \
                  in double quotes. FILE holds such a text, or is an Arrow stream or file, whose \
                  schema it is then.",
        set: Set::Value("SCHEMA", |common, value| {
            common.given_columns.schema = Some(value.text()?);
            Ok(())
        }),
    },
    Flag {
        short: None,
        long: "types",
        summary: "the types of some columns: 'zip utf8, price decimal(9, 2)'",
        details: "Written as in --schema; the others are inferred.",
        set: Set::Value("COLUMNS", |common, value| {
            common.given_columns.types = Some(value.text()?);
            Ok(())
        }),
    },
    Flag {
        short: None,
        long: "infer-rows",
        summary: "infer types from the first N rows, or from all of them: N or all",
        details: "The inputs are then read twice: files are opened again, and what comes through a pipe is \
                  kept in a temporary file (in $TMPDIR, else in /var/tmp) until it has ended.",
        set: Set::Value("ROWS", |common, value| {
            common.given_columns.infer_rows = Some(value.try_map(InferRows::parse)?);
            Ok(())
        }),
    },
];

/// The signs of delimited text.
pub const DIALECT: &[Flag<Common>] = &[
    Flag {
        short: Some('d'),
        long: "delimiter",
        summary: "what separates the fields (default a comma): a character, several, or \\t",
        details: "At most 8 bytes, none of them a letter, a digit or a line break: \';\', \'|\', \'||\', \'::\'.",
        set: Set::Value("CHARACTER", |common, value| {
            common.dialect.delimiter = value.try_map(Dialect::parse_delimiter)?;
            Ok(())
        }),
    },
    Flag {
        short: None,
        long: "quote",
        summary: "what quotes a field: one character, or none",
        details: "With none a double quote is read as a character like others, and a field that \
                  would have to be quoted is not written, but an error.",
        set: Set::Value("CHARACTER", |common, value| {
            common.dialect.quote = value.try_map(Dialect::parse_quote)?;
            Ok(())
        }),
    },
    Flag {
        short: None,
        long: "no-header",
        summary: "there is no line of names",
        details: "",
        set: Set::Switch(|common| common.dialect.header = false),
    },
];

/// How bytes stand in text.
pub const BINARY_TEXT: &[Flag<Common>] = &[Flag {
    short: None,
    long: "binary",
    summary: "bytes stand in the text as base64 (the default) or hex",
    details: "For columns of a binary type. base64 is that of RFC 4648, section 4, padded; hex has \
              two digits per byte, small ones where it is written.",
    set: Set::Value("HOW", |common, value| {
        common.binary_text = value.one_of(BinaryText::WORDS)?;
        Ok(())
    }),
}];
