//! The fields of the footer's structures and their wire types.
//!
//! Readers generated from parquet.thrift skip a field of an unexpected type; the `parquet` crate
//! reads its bytes as the type it expects. So fields of other types are dropped, as are fields that
//! this version of the format does not have. Source: parquet.thrift of parquet-format 2.12.

use crate::parquet_file::thrift::{Kind, Structure};

/// The field numbers of a structure, by wire type.
pub(crate) struct Fields {
    i32: &'static [i64],
    i64: &'static [i64],
    binary: &'static [i64],
    list: &'static [i64],
    structure: &'static [i64],
    boolean: &'static [i64],
    i16: &'static [i64],
}

const NONE: Fields =
    Fields { i32: &[], i64: &[], binary: &[], list: &[], structure: &[], boolean: &[], i16: &[] };

pub(crate) const FILE: Fields =
    Fields { i32: &[1], i64: &[3], binary: &[6, 9], list: &[2, 4, 5, 7], structure: &[8], ..NONE };

pub(crate) const SCHEMA_ELEMENT: Fields =
    Fields { i32: &[1, 2, 3, 5, 6, 7, 8, 9], binary: &[4], structure: &[10], ..NONE };

pub(crate) const KEY_VALUE: Fields = Fields { binary: &[1, 2], ..NONE };

pub(crate) const ROW_GROUP: Fields =
    Fields { i64: &[2, 3, 5, 6], list: &[1, 4], i16: &[7], ..NONE };

pub(crate) const SORTING_COLUMN: Fields = Fields { i32: &[1], boolean: &[2, 3], ..NONE };

pub(crate) const COLUMN_CHUNK: Fields =
    Fields { i32: &[5, 7], i64: &[2, 4, 6], binary: &[1, 9], structure: &[3, 8], ..NONE };

pub(crate) const COLUMN_META_DATA: Fields = Fields {
    i32: &[1, 4, 15],
    i64: &[5, 6, 7, 9, 10, 11, 14],
    list: &[2, 3, 8, 13],
    structure: &[12, 16, 17],
    ..NONE
};

pub(crate) const STATISTICS: Fields =
    Fields { i64: &[3, 4, 9], binary: &[1, 2, 5, 6], boolean: &[7, 8], ..NONE };

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
        let kinds = [
            (self.i32, &[Kind::I32][..]),
            (self.i64, &[Kind::I64]),
            (self.binary, &[Kind::BINARY]),
            (self.list, &[Kind::LIST]),
            (self.structure, &[Kind::STRUCT]),
            (self.boolean, &[Kind::TRUE, Kind::FALSE]),
            (self.i16, &[Kind::I16]),
        ];
        let is_known = |id: i64, kind: Kind| {
            kinds.iter().any(|(ids, kinds)| ids.contains(&id) && kinds.contains(&kind))
        };
        let odd: Vec<i64> =
            structure.ids().filter(|(id, kind)| !is_known(*id, *kind)).map(|(id, _)| id).collect();
        odd.into_iter().for_each(|id| structure.remove(id));
    }
}
