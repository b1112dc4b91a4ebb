//! From text to a syntax tree, and the position of each error.

mod dialect;
pub(crate) mod error_place;
pub(crate) mod name;
pub(crate) mod output_name;
pub(crate) mod parse;
pub(crate) mod parse_list;
pub(crate) mod parser_errors;
pub(crate) mod refused_syntax;
pub(crate) mod sql_type;
pub(crate) mod tokens;
