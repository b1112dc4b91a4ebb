//! The order of min and max that a file's footer declares for each column.
//!
//! The crate declares the IEEE 754 total order for all float columns and has no setting for that.
//! In a footer that is not encrypted, nothing follows the list of orders, and both orders take
//! three bytes in Thrift's compact protocol, so they are replaced in place.

use crate::parquet_file::thrift::{WireType, list_head};
use parquet::basic::ColumnOrder;
use parquet::schema::types::SchemaDescriptor;

/// The field of the union, an empty struct: type-defined order, total order, INT96 order.
const TYPE_DEFINED: u8 = 0x1c;
const TOTAL: u8 = 0x2c;
const INT96: u8 = 0x3c;

/// The bytes after the orders: the stop of the footer's struct, its length, and the magic.
const AFTER_ORDERS: usize = 1 + 8;

/// The number of bytes at the end of a file, from its column orders on.
pub(crate) fn order_bytes(leaves: &SchemaDescriptor) -> usize {
    orders(leaves).len() + AFTER_ORDERS
}

/// Declares the type-defined order for floats; `end` is a file, or the last bytes of one.
/// Unexpected bytes are left unchanged: min and max in the type-defined order are also valid in the
/// total order.
pub(crate) fn declare_type_order(end: &mut [u8], leaves: &SchemaDescriptor) {
    let orders = orders(leaves);
    let Some(start) = end.len().checked_sub(orders.len() + AFTER_ORDERS) else { return };
    let (written, after) = end[start..].split_at_mut(orders.len());
    if written != orders || after.first() != Some(&0) {
        return;
    }
    for order in written.rchunks_exact_mut(3).take(leaves.num_columns()) {
        if order[0] == TOTAL {
            order[0] = TYPE_DEFINED;
        }
    }
}

/// The list of orders as the crate writes it: its head, and a union of one struct per leaf column.
fn orders(leaves: &SchemaDescriptor) -> Vec<u8> {
    let mut bytes = list_head(WireType::STRUCT, leaves.num_columns());
    for leaf in leaves.columns() {
        let order = ColumnOrder::column_order_for_type(
            leaf.logical_type_ref(),
            leaf.converted_type(),
            leaf.physical_type(),
        );
        let field = match order {
            ColumnOrder::IEEE_754_TOTAL_ORDER => TOTAL,
            ColumnOrder::INT96_TIMESTAMP_ORDER => INT96,
            _ => TYPE_DEFINED,
        };
        bytes.extend([field, 0, 0]);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parquet_file::EncodeOptions;
    use crate::parquet_file::write::encode::tests::encode;
    use arrow::array::{ArrayRef, Float32Array, Int8Array, RecordBatch};
    use bytes::Bytes;
    use parquet::file::metadata::ParquetMetaDataReader;
    use std::sync::Arc;

    #[test]
    fn floats_are_declared_in_the_type_defined_order() {
        for count in [1, 14, 15, 16, 127, 128, 400] {
            let columns = (0..count).map(|number| {
                let column: ArrayRef = match number % 2 {
                    0 => Arc::new(Float32Array::from(vec![0.5])),
                    _ => Arc::new(Int8Array::from(vec![1])),
                };
                (number.to_string(), column)
            });
            let batch = RecordBatch::try_from_iter(columns).unwrap();
            let bytes = Bytes::from(encode(&[batch], &EncodeOptions::default()));
            let metadata = ParquetMetaDataReader::new().parse_and_finish(&bytes).unwrap();
            let file = metadata.file_metadata();
            let orders = file.column_orders().unwrap();
            let is_of_type =
                |order: &ColumnOrder| matches!(order, ColumnOrder::TYPE_DEFINED_ORDER(_));
            assert!(orders.len() == count && orders.iter().all(is_of_type), "{orders:?}");
            // Bytes that do not end like a footer are left unchanged.
            let mut other = bytes.to_vec();
            other.pop();
            let before = other.clone();
            declare_type_order(&mut other, file.schema_descr());
            assert_eq!(other, before);
        }
    }
}
