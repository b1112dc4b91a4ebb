//! Schemas: which can be read as one, and how their columns are named and selected.
//!
//! - Merging, `--merge-schema strict`: `merge_strict` ([`merge_strict`]) and `cast_strict` ([`cast_strict`]).
//! - Merging, `--merge-schema union`: `merge_union` ([`merge_union`], [`cast_union`]); `union_types` finds the
//!   type of two, `zones` ([`MergedZones`]) notes time zones that differ. `place` names columns in
//!   errors of both.
//! - Nested data: `nested_types` ([`map_types`]) and `nested_arrays` ([`rebuild`]) walk over types
//!   and arrays.
//! - Encodings: `encoded` marks columns that are encoded only in transit ([`encoded_field`],
//!   [`plain_schema`]); [`expand`] decodes arrays.
//! - Names and selection: `columns` finds columns by name or number ([`find_columns`],
//!   [`locate_columns`]), [`unique_names`] renames duplicates, [`Projection`] selects columns and
//!   parts of structs, [`Order`] lists the columns that rows are ordered by.
//! - Text, `id int64, at timestamp[us]`: `schema_text` ([`given_schema`]), `type_parse` and
//!   `type_parse_nested` read it with a `cursor` and the `type_names`; `type_text`
//!   ([`schema_text`]) writes it.

mod cast_strict;
mod columns;
mod cursor;
mod encoded;
mod expand;
mod merge_strict;
mod merge_union;
mod nested_arrays;
mod nested_types;
mod order;
mod place;
mod projection;
mod schema_text;
mod type_names;
mod type_parse;
mod type_parse_nested;
mod type_text;
mod union_types;
mod unique_names;
mod zones;

pub(crate) use cast_strict::cast_exactly;
pub use cast_strict::cast_strict;
pub(crate) use columns::{column_number, place_of_number};
pub use columns::{find_columns, locate_columns};
pub use encoded::{Encoding, encoded_field, plain_batch, plain_field, plain_schema};
pub(crate) use expand::aligned;
pub use expand::expand;
pub use merge_strict::merge_strict;
pub(crate) use merge_strict::{merge_strict_or, nullable, strictly_merged};
pub use merge_union::{MergeSchema, cast_union, merge_union};
pub(crate) use merge_union::{convert, merge_union_noted};
pub use nested_arrays::{batch_of, convert_columns, inner_arrays, rebuild, with_inner_arrays};
pub use nested_types::{
    element_field, holds, holds_dictionary, inner_fields, inner_types, is_alike, map_fields,
    map_types, plain_type, with_inner_fields, with_inner_types, with_type,
};
pub use order::{Order, OrderColumn};
pub(crate) use projection::part;
pub use projection::{Kept, Projection};
pub use schema_text::{given_schema, parse_schema};
pub use type_text::{schema_text, type_name, type_text};
pub use unique_names::unique_names;
pub(crate) use unique_names::{has_equal_names, numbered, told_apart};
pub use zones::MergedZones;
