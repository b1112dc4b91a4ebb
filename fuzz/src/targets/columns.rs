//! A batch with a column of each kind that expressions know, with the values at which they fail.

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array,
    Int8Array, Int64Array, ListArray, RecordBatch, StringArray, TimestampMicrosecondArray,
    UInt64Array,
};
use arrow::datatypes::Int32Type;
use std::sync::{Arc, LazyLock};

pub(super) fn batch() -> &'static RecordBatch {
    static BATCH: LazyLock<RecordBatch> = LazyLock::new(|| {
        let lists = vec![Some(vec![Some(1), None]), None, Some(vec![]), Some(vec![Some(3)])];
        let decimals = Decimal128Array::from(vec![Some(1), None, Some(999), Some(-999)]);
        let columns: [(&str, ArrayRef); 12] = [
            ("a", Arc::new(Int64Array::from(vec![Some(1), None, Some(i64::MAX), Some(i64::MIN)]))),
            ("u", Arc::new(UInt64Array::from(vec![Some(1), None, Some(u64::MAX), Some(0)]))),
            ("i", Arc::new(Int8Array::from(vec![Some(1), None, Some(i8::MAX), Some(i8::MIN)]))),
            ("f", Arc::new(Float64Array::from(vec![Some(1.5), None, Some(f64::NAN), Some(-0.0)]))),
            (
                "g",
                Arc::new(Float32Array::from(vec![
                    Some(1.5),
                    None,
                    Some(f32::INFINITY),
                    Some(1e-40),
                ])),
            ),
            (
                "s",
                Arc::new(StringArray::from(vec![
                    Some("ab"),
                    None,
                    Some(""),
                    Some("k\u{f6}ln 2024-01-01"),
                ])),
            ),
            ("b", Arc::new(BooleanArray::from(vec![Some(true), None, Some(false), Some(true)]))),
            ("d", Arc::new(Date32Array::from(vec![Some(1), None, Some(i32::MAX), Some(i32::MIN)]))),
            (
                "t",
                Arc::new(TimestampMicrosecondArray::from(vec![
                    Some(1),
                    None,
                    Some(i64::MAX),
                    Some(i64::MIN),
                ])),
            ),
            ("x", Arc::new(decimals.with_precision_and_scale(7, 2).expect("7 digits"))),
            (
                "y",
                Arc::new(BinaryArray::from(vec![Some(&b"ab"[..]), None, Some(b""), Some(b"\xff")])),
            ),
            ("l", Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(lists))),
        ];
        RecordBatch::try_from_iter(columns).expect("four rows each")
    });
    &BATCH
}
