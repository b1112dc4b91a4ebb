//! The functions of expressions: one table, with a file per family.
//!
//! Each row of the table gives a function's names, its parameters, how to prepare it, and its text
//! in the manual. To prepare a function is to read its constants (patterns, formats, date parts)
//! once, before any row. A body then works on whole columns.
//!
//! Syntax is not handled here: `bind::calls` walks the tree and looks up names here.

// All `prepare` functions have one signature in the table, and some change the number of arguments.
#![allow(clippy::ptr_arg)]

pub(crate) mod aggregate;
pub(crate) mod aggregate_table;
mod bits;
mod date_diff;
mod date_part;
mod digest;
mod extreme;
mod format_pieces;
pub(crate) mod function;
mod glob;
mod instants;
mod json;
mod json_path;
mod json_value;
mod list_slice;
mod make_time;
pub(crate) mod manual;
mod map;
mod mathematics;
mod named_parts;
mod nested;
mod number;
mod regular_expression;
mod regular_expression_syntax;
mod rounding;
mod split;
#[cfg(test)]
mod tests;
mod text;
mod text_case;
mod text_parts;
mod time_format;
mod time_parse;
pub(crate) mod time_sum;
mod time_zone;
pub(crate) mod uuid;

use crate::text::similar as similar_names;
use function::Function;
pub(crate) use map::key_type;

/// The function with this name, regardless of case.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    table().find(|function| function.names.iter().any(|known| known.eq_ignore_ascii_case(name)))
}

/// The names that a misspelt one may mean.
pub(crate) fn similar(name: &str) -> Vec<&'static str> {
    similar_names(name, table().flat_map(|function| function.names.iter().copied()))
}

pub(crate) fn table() -> impl Iterator<Item = &'static Function> {
    SECTIONS.iter().flat_map(|(_, tables)| tables.iter().copied().flatten())
}

/// The sections of the manual and their functions.
const SECTIONS: &[(&str, &[&[Function]])] = &[
    (
        "Text",
        &[
            text_case::FUNCTIONS,
            text::FUNCTIONS,
            nested::TEXT_OR_LIST_FUNCTIONS,
            text_parts::FUNCTIONS,
            split::FUNCTIONS,
            regular_expression::FUNCTIONS,
            glob::FUNCTIONS,
        ],
    ),
    (
        "Numbers",
        &[
            number::FUNCTIONS,
            rounding::FUNCTIONS,
            mathematics::FUNCTIONS,
            bits::FUNCTIONS,
            extreme::FUNCTIONS,
        ],
    ),
    ("Lists, structs and maps", &[nested::FUNCTIONS, list_slice::FUNCTIONS, map::FUNCTIONS]),
    ("JSON text", &[json::FUNCTIONS]),
    ("Hashes", &[digest::FUNCTIONS]),
    (
        "Dates and times",
        &[
            date_part::FUNCTIONS,
            named_parts::FUNCTIONS,
            date_diff::FUNCTIONS,
            make_time::FUNCTIONS,
            time_format::FUNCTIONS,
            time_zone::FUNCTIONS,
        ],
    ),
];
