//! Schemas: which are equal enough to be read as one, and which of their columns are meant.
//!
//! - [`unite`], [`conform`]: several schemas as one, and batches under it.
//! - [`widen`], [`fit`]: schemas that differ as one, and batches under it.
//! - [`MergedZones`]: time zones that differ between inputs.
//! - [`encoded_field`], [`plain_schema`]: columns encoded for the way only, and the mark that says so.
//! - [`expand`]: the plain values of dictionaries and runs.
//! - [`find_columns`], [`locate_columns`]: places of columns by their names, also by number.
//! - [`unique_names`]: columns of one name under names that differ.
//! - [`given_schema`], [`schema_text`]: schemas and types in words, `id int64, at timestamp[us]`.
//! - [`inner_fields`], [`with_inner_types`]: types by what they hold inside.
//! - [`Projection`]: a choice of columns, and of parts of structs, in an order.
//! - [`Order`]: columns that rows are ordered by.

mod columns;
mod conform;
mod cursor;
mod encoded;
mod expand;
mod inner;
mod order;
mod place;
mod projection;
mod schema_text;
mod type_parse;
mod type_parse_nested;
mod type_text;
mod unique_names;
mod unite;
mod widen;
mod widen_types;
mod zones;

pub(crate) use columns::{column_number, place_of_number};
pub use columns::{find_columns, locate_columns};
pub use conform::conform;
pub use encoded::{Encoding, encoded_field, plain_batch, plain_field, plain_schema};
pub(crate) use expand::aligned;
pub use expand::expand;
pub use inner::{holds_dictionary, inner_fields, with_inner_types};
pub use order::{Order, OrderColumn};
pub use projection::{Kept, Projection};
pub use schema_text::{given_schema, parse_schema};
pub use type_text::{schema_text, type_name, type_text};
pub use unique_names::unique_names;
pub(crate) use unique_names::{has_equal_names, numbered, told_apart};
pub use unite::unite;
pub(crate) use unite::{nullable, unite_or, united};
pub use widen::{MergeSchema, fit, widen};
pub(crate) use widen::{convert, widen_noted};
pub use zones::MergedZones;
