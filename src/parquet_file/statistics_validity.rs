//! Which statistics of a column chunk or page are believed: the single answer for pruning and for
//! showing statistics.
//!
//! Statistics are claims of the program that wrote the file. Bounds are believed if they were
//! computed in the sort order of the column (parquet-format, parquet.thrift, `Statistics` and
//! `ColumnOrder`), if the minimum and maximum are in that order and of a length that their type can
//! have, and if the writer is not known to compute them wrongly (`writer_bugs`). Not here: bounds
//! that say nothing, such as NaN.

use super::writer_bugs::{Fault, WriterBugs};
use crate::error::{Error, guard};
use crate::schema::holds_dictionary;
use arrow::datatypes::FieldRef;
use parquet::arrow::{ARROW_SCHEMA_META_KEY, parquet_to_arrow_schema};
use parquet::basic::{
    ColumnOrder, ConvertedType, Encoding, LogicalType, SortOrder, Type as PhysicalType,
};
use parquet::file::metadata::{ColumnChunkMetaData, FileMetaData};
use parquet::file::statistics::Statistics;
use parquet::schema::types::{ColumnDescPtr, ColumnDescriptor};

/// The reason why a statistic is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Doubt {
    /// The order in which bounds were computed is unknown or not that of the column.
    Order,
    /// A bound has more or fewer bytes than a value of its type.
    Length,
    /// There are more nulls than values, or all values are null although there are bounds.
    Count,
    /// The writer computed it wrongly. Holds a reference to the bug.
    Writer(&'static str),
}

/// The stated null count of a column chunk or page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NullCount {
    pub(crate) nulls: u64,
    /// The number of values, including nulls.
    pub(crate) values: u64,
    /// Whether the statistics also have bounds.
    pub(crate) has_bounds: bool,
}

/// Decides which statistics of the columns of one file are believed.
#[derive(Debug)]
pub(crate) struct FileTrust {
    bugs: WriterBugs,
    /// Whether each top-level column is dictionary-encoded, at any depth, in the Arrow schema in
    /// the file.
    dictionaries: Option<Vec<bool>>,
}

impl FileTrust {
    /// Determines which bugs the writer has.
    pub(crate) fn of(file: &FileMetaData) -> Self {
        let bugs = WriterBugs::of(file.created_by());
        let mut pairs = file.key_value_metadata().into_iter().flatten();
        let has_schema = pairs.any(|pair| pair.key == ARROW_SCHEMA_META_KEY);
        if bugs.is_none() || !has_schema {
            return Self { bugs, dictionaries: None };
        }
        let schema = guard("Arrow schema", || {
            parquet_to_arrow_schema(file.schema_descr(), file.key_value_metadata())
                .map_err(|error| Error::failed(error.to_string()))
        });
        let has_dictionary = |field: &FieldRef| holds_dictionary(field.data_type());
        let dictionaries =
            schema.ok().map(|schema| schema.fields().iter().map(has_dictionary).collect());
        Self { bugs, dictionaries }
    }

    /// Determines which statistics of a column chunk are believed. `place` is the leaf index of its
    /// column.
    pub(crate) fn column(
        &self,
        file: &FileMetaData,
        chunk: &ColumnChunkMetaData,
        place: usize,
    ) -> ColumnTrust {
        let is_dictionary = self.dictionaries.as_ref().and_then(|all| {
            // A row group may have more columns than the schema.
            let is_leaf = place < file.schema_descr().num_columns();
            let root = is_leaf.then(|| file.schema_descr().get_column_root_idx(place))?;
            all.get(root).copied()
        });
        ColumnTrust::of(file, &self.bugs, chunk, place, is_dictionary)
    }
}

/// Decides which statistics of one column of a file are believed.
#[derive(Debug, Clone)]
pub(crate) struct ColumnTrust {
    column: ColumnDescPtr,
    order: ColumnOrder,
    bugs: WriterBugs,
    has_dictionary_page: bool,
    /// Whether the writer may have received the column as a dictionary-encoded array.
    was_dictionary: bool,
}

impl ColumnTrust {
    /// Determines which statistics of a column chunk are believed. `place` is the leaf index of its
    /// column; `is_dictionary` says whether the column is dictionary-encoded in the Arrow schema in
    /// the file, if there is such a schema.
    pub(crate) fn of(
        file: &FileMetaData,
        bugs: &WriterBugs,
        chunk: &ColumnChunkMetaData,
        place: usize,
        is_dictionary: Option<bool>,
    ) -> Self {
        let has_dictionary_page = chunk.dictionary_page_offset().is_some()
            || chunk.encodings().any(|encoding| {
                matches!(encoding, Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY)
            });
        Self {
            column: chunk.column_descr_ptr(),
            order: file.column_order(place),
            bugs: bugs.clone(),
            has_dictionary_page,
            was_dictionary: has_dictionary_page && is_dictionary != Some(false),
        }
    }

    /// Checks that the minimum and maximum of the chunk bound its values.
    ///
    /// # Errors
    /// The reason why they are not believed.
    pub(crate) fn bounds(&self, stated: &Statistics) -> Result<(), Doubt> {
        if !are_bounds(stated, &self.column, self.order) {
            return Err(Doubt::Order);
        }
        if !self.fits(stated.min_bytes_opt()) || !self.fits(stated.max_bytes_opt()) {
            return Err(Doubt::Length);
        }
        let is_decimal = is_decimal(&self.column);
        let physical = self.column.physical_type();
        let is_variable = physical == PhysicalType::BYTE_ARRAY;
        let is_bytes = is_variable || physical == PhysicalType::FIXED_LEN_BYTE_ARRAY;
        self.check(Fault::BoundsOfBytes, is_bytes)?;
        self.check(Fault::BoundsOfByteDecimals, is_decimal && is_bytes)?;
        self.check(Fault::BoundsOfVariableDecimals, is_decimal && is_variable)?;
        let is_int32 = physical == PhysicalType::INT32;
        self.check(Fault::BoundsOfInt32Decimals, is_decimal && is_int32)?;
        self.check(Fault::StatisticsOfDictionaries, self.was_dictionary)
    }

    /// Checks that the minimum and maximum of a page, from its header or the page index, bound its
    /// values.
    ///
    /// # Errors
    /// The reason why they are not believed.
    pub(crate) fn page_bounds(&self, stated: &Statistics) -> Result<(), Doubt> {
        self.bounds(stated)?;
        self.check(Fault::PageStatisticsOfDictionaries, self.was_dictionary)
    }

    /// Checks the null count of the chunk.
    ///
    /// # Errors
    /// The reason why it is not believed.
    pub(crate) fn null_count(&self, stated: NullCount) -> Result<(), Doubt> {
        let NullCount { nulls, has_bounds, .. } = stated;
        self.any_null_count(stated, Fault::StatisticsOfDictionaries)?;
        self.check(Fault::NullsInDictionaryPages, self.has_dictionary_page && nulls > 0)?;
        // A column without definition levels has no nulls, whatever the writer.
        let is_nullable = self.column.max_def_level() > 0;
        self.check(Fault::NoNullsWithoutBounds, nulls == 0 && !has_bounds && is_nullable)
    }

    /// Checks the null count of a page.
    ///
    /// # Errors
    /// The reason why it is not believed.
    pub(crate) fn page_null_count(&self, stated: NullCount) -> Result<(), Doubt> {
        self.any_null_count(stated, Fault::PageStatisticsOfDictionaries)
    }

    fn any_null_count(&self, stated: NullCount, of_dictionaries: Fault) -> Result<(), Doubt> {
        let NullCount { nulls, values, has_bounds } = stated;
        let is_contradiction = nulls == values && has_bounds && nulls > 0;
        if values < nulls || is_contradiction {
            return Err(Doubt::Count);
        }
        self.check(of_dictionaries, self.was_dictionary)?;
        self.check(Fault::NoNullsInDictionaries, self.was_dictionary && nulls == 0)
    }

    fn check(&self, fault: Fault, applies: bool) -> Result<(), Doubt> {
        match self.bugs.source(fault).filter(|_| applies) {
            Some(source) => Err(Doubt::Writer(source)),
            None => Ok(()),
        }
    }

    /// Whether a bound has a length that values of the type can have. Bytes that are not numbers
    /// may be truncated.
    fn fits(&self, bound: Option<&[u8]>) -> bool {
        let Some(bound) = bound else { return true };
        if self.column.physical_type() != PhysicalType::FIXED_LEN_BYTE_ARRAY {
            return true;
        }
        let Ok(length) = usize::try_from(self.column.type_length()) else { return false };
        let is_number = is_decimal(&self.column)
            || matches!(
                self.column.logical_type_ref(),
                Some(LogicalType::Float16 | LogicalType::Uuid)
            );
        if is_number { bound.len() == length } else { bound.len() <= length }
    }
}

fn is_decimal(column: &ColumnDescriptor) -> bool {
    matches!(column.logical_type_ref(), Some(LogicalType::Decimal(_)))
        || column.converted_type() == ConvertedType::DECIMAL
}

/// Whether the minimum and maximum bound the values of the column. `order` is the column order in
/// the footer, `ColumnOrder::UNDEFINED` if there is none.
fn are_bounds(statistics: &Statistics, column: &ColumnDescriptor, order: ColumnOrder) -> bool {
    let natural = column.sort_order();
    let is_current = !statistics.is_min_max_deprecated();
    match order {
        ColumnOrder::TYPE_DEFINED_ORDER(_) | ColumnOrder::UNDEFINED
            if natural == SortOrder::UNDEFINED || natural == SortOrder::INT96_TIMESTAMP =>
        {
            false
        }
        ColumnOrder::TYPE_DEFINED_ORDER(_) if is_current => true,
        ColumnOrder::IEEE_754_TOTAL_ORDER if is_current => natural == SortOrder::TOTAL_ORDER,
        ColumnOrder::INT96_TIMESTAMP_ORDER => is_current && natural == SortOrder::INT96_TIMESTAMP,
        ColumnOrder::UNKNOWN => false,
        // The older fields use the older order, whatever the footer says of the newer ones; without
        // a column order in the footer, no other order is defined.
        _ => old_order_is_right(column.physical_type(), natural),
    }
}

/// Before parquet-format 2.4 all values were compared as signed, strings by signed bytes. That is
/// the right order for booleans and for signed numbers stored as such; not for bytes, even if they
/// are decimals or floats of 16 bits.
fn old_order_is_right(stored: PhysicalType, natural: SortOrder) -> bool {
    match stored {
        PhysicalType::BOOLEAN => true,
        PhysicalType::INT32 | PhysicalType::INT64 => natural == SortOrder::SIGNED,
        PhysicalType::FLOAT | PhysicalType::DOUBLE => natural == SortOrder::TOTAL_ORDER,
        PhysicalType::INT96 | PhysicalType::BYTE_ARRAY | PhysicalType::FIXED_LEN_BYTE_ARRAY => {
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::schema::parser::parse_message_type;
    use parquet::schema::types::SchemaDescriptor;
    use std::sync::Arc;

    /// A column, and whether its bounds are believed: in the newer fields under the order of its
    /// type, that of floats, that of INT96, no order, and an unknown order; in the older fields
    /// under the order of its type and under no order.
    const TABLE: [(&str, [bool; 7]); 21] = [
        ("boolean a", [true, false, false, true, false, true, true]),
        ("int32 a", [true, false, false, true, false, true, true]),
        ("int64 a", [true, false, false, true, false, true, true]),
        ("int32 a (DATE)", [true, false, false, true, false, true, true]),
        ("int32 a (INTEGER(8,true))", [true, false, false, true, false, true, true]),
        ("int64 a (TIMESTAMP(MICROS,true))", [true, false, false, true, false, true, true]),
        ("int64 a (DECIMAL(18,2))", [true, false, false, true, false, true, true]),
        ("int32 a (UINT_8)", [true, false, false, false, false, false, false]),
        ("int32 a (INTEGER(16,false))", [true, false, false, false, false, false, false]),
        ("int64 a (UINT_64)", [true, false, false, false, false, false, false]),
        ("float a", [true, true, false, true, false, true, true]),
        ("double a", [true, true, false, true, false, true, true]),
        ("int96 a", [false, false, true, false, false, false, false]),
        ("binary a", [true, false, false, false, false, false, false]),
        ("binary a (UTF8)", [true, false, false, false, false, false, false]),
        ("binary a (DECIMAL(9,2))", [true, false, false, false, false, false, false]),
        (
            "fixed_len_byte_array(4) a (DECIMAL(9,2))",
            [true, false, false, false, false, false, false],
        ),
        ("fixed_len_byte_array(2) a (FLOAT16)", [true, true, false, false, false, false, false]),
        ("fixed_len_byte_array(16) a (UUID)", [true, false, false, false, false, false, false]),
        ("fixed_len_byte_array(12) a (INTERVAL)", [false; 7]),
        ("int32 a (UNKNOWN)", [false; 7]),
    ];

    #[test]
    fn bounds_are_believed_if_their_order_is_that_of_the_column() {
        for (declaration, expected) in TABLE {
            let message = format!("message m {{ optional {declaration}; }}");
            let schema = SchemaDescriptor::new(Arc::new(parse_message_type(&message).unwrap()));
            let column = schema.column(0);
            let own = ColumnOrder::TYPE_DEFINED_ORDER(SortOrder::SIGNED);
            let found = [
                (own, false),
                (ColumnOrder::IEEE_754_TOTAL_ORDER, false),
                (ColumnOrder::INT96_TIMESTAMP_ORDER, false),
                (ColumnOrder::UNDEFINED, false),
                (ColumnOrder::UNKNOWN, false),
                (own, true),
                (ColumnOrder::UNDEFINED, true),
            ]
            .map(|(order, is_old)| {
                let statistics = Statistics::int32(Some(1), Some(2), None, None, is_old);
                are_bounds(&statistics, &column, order)
            });
            assert_eq!(found, expected, "{declaration}");
        }
    }
}
