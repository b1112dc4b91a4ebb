//! The fields of the footer's structures and their wire types.
//!
//! Readers generated from parquet.thrift skip a field of an unexpected type; the `parquet` crate
//! reads its bytes as the type it expects. So fields of other types are dropped, as are fields that
//! this version of the format does not have. Source: parquet.thrift of parquet-format 2.12.

use crate::parquet_file::thrift::{Structure, WireType as K};

/// The field numbers of a structure, by wire type.
pub(crate) struct Fields(&'static [(K, &'static [i64])]);

pub(crate) const FILE: Fields = Fields(&[
    (K::I32, &[1]),
    (K::I64, &[3]),
    (K::BINARY, &[6, 9]),
    (K::LIST, &[2, 4, 5, 7]),
    (K::STRUCT, &[8]),
]);

pub(crate) const SCHEMA_ELEMENT: Fields =
    Fields(&[(K::I32, &[1, 2, 3, 5, 6, 7, 8, 9]), (K::BINARY, &[4]), (K::STRUCT, &[10])]);

pub(crate) const KEY_VALUE: Fields = Fields(&[(K::BINARY, &[1, 2])]);

pub(crate) const ROW_GROUP: Fields =
    Fields(&[(K::I64, &[2, 3, 5, 6]), (K::LIST, &[1, 4]), (K::I16, &[7])]);

pub(crate) const SORTING_COLUMN: Fields =
    Fields(&[(K::I32, &[1]), (K::TRUE, &[2, 3]), (K::FALSE, &[2, 3])]);

pub(crate) const COLUMN_CHUNK: Fields =
    Fields(&[(K::I32, &[5, 7]), (K::I64, &[2, 4, 6]), (K::BINARY, &[1, 9]), (K::STRUCT, &[3, 8])]);

pub(crate) const COLUMN_META_DATA: Fields = Fields(&[
    (K::I32, &[1, 4, 15]),
    (K::I64, &[5, 6, 7, 9, 10, 11, 14]),
    (K::LIST, &[2, 3, 8, 13]),
    (K::STRUCT, &[12, 16, 17]),
]);

pub(crate) const STATISTICS: Fields = Fields(&[
    (K::I64, &[3, 4, 9]),
    (K::BINARY, &[1, 2, 5, 6]),
    (K::TRUE, &[7, 8]),
    (K::FALSE, &[7, 8]),
]);

/// Replaces the invalid sequences of a text by U+FFFD.
pub(crate) fn repair_text(structure: &mut Structure<'_>, id: i64) {
    if let Some(text) = structure.binary(id)
        && std::str::from_utf8(text).is_err()
    {
        let text = String::from_utf8_lossy(text).into_owned();
        structure.set_binary(id, text.as_bytes());
    }
}

impl Fields {
    /// Drops all other fields.
    pub(crate) fn keep_in(&self, structure: &mut Structure<'_>) {
        let is_known = |id: i64, kind: K| {
            self.0.iter().any(|(known, ids)| *known == kind && ids.contains(&id))
        };
        let odd: Vec<i64> =
            structure.ids().filter(|(id, kind)| !is_known(*id, *kind)).map(|(id, _)| id).collect();
        odd.into_iter().for_each(|id| structure.remove(id));
    }
}
