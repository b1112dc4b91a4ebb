//! Which minimum and maximum of a column chunk are to be believed: the one answer for skipping row
//! groups and for showing statistics.
//!
//! Statistics are claims of whoever wrote the file. Here it is decided whether they were computed
//! in the order in which the column's values compare (parquet-format, parquet.thrift, `Statistics`
//! and `ColumnOrder`). Not here: values among them that say nothing, such as NaN.

use parquet::basic::{ColumnOrder, SortOrder, Type as PhysicalType};
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescriptor;

/// Whether minimum and maximum bound the column's values; `order` is what the footer says of the
/// column, `ColumnOrder::UNDEFINED` if it says nothing.
pub(crate) fn are_bounds(
    statistics: &Statistics,
    column: &ColumnDescriptor,
    order: ColumnOrder,
) -> bool {
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
        // The older fields are in the older order, whatever the footer says of the newer ones; and
        // where it says nothing, nothing else is defined.
        _ => old_order_is_right(column.physical_type(), natural),
    }
}

/// Before parquet-format 2.4 everything was compared as signed, strings by signed bytes. That is
/// the right order for numbers that are stored as such and have a sign, and for booleans; not for
/// bytes, even where they are decimals or floats of 16 bits.
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

    /// A column; whether its bounds are believed in the newer fields under the order of its type,
    /// under that of floats, that of INT96, without any, under an unknown one; and in the older
    /// fields under the order of its type, and without any.
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
    fn bounds_are_believed_where_their_order_is_the_columns() {
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
