//! Numbers against the byte strings of `order`, for each type that has numbers.

use super::super::OrderKeys;
use super::*;
use arrow::array::{BooleanArray, StructArray, UInt32Array, make_array};
use arrow::buffer::{BooleanBuffer, Buffer};
use arrow::compute::take;
use arrow::datatypes::{Field, Fields, TimeUnit};
use std::sync::Arc;

/// Numbers that are different in each bit, without an obvious order.
fn scattered(number: u64) -> u64 {
    let number = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (number ^ number >> 31).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

/// All types that have numbers.
fn types() -> Vec<DataType> {
    use DataType::*;
    vec![
        Boolean,
        UInt8,
        UInt16,
        UInt32,
        UInt64,
        Int8,
        Int16,
        Int32,
        Int64,
        Float16,
        Float32,
        Float64,
        Date32,
        Date64,
        Time32(TimeUnit::Second),
        Time64(TimeUnit::Nanosecond),
        Timestamp(TimeUnit::Microsecond, None),
        Timestamp(TimeUnit::Nanosecond, Some("UTC".into())),
        Duration(TimeUnit::Millisecond),
        Interval(IntervalUnit::YearMonth),
        Decimal32(9, 2),
        Decimal64(18, 2),
        Decimal128(18, 2),
    ]
}

/// Values of a type: extremes, special floats of both signs, and random bits; some are null.
fn array(data_type: &DataType, seed: u64, with_nulls: bool) -> ArrayRef {
    const ROWS: usize = 400;
    let specials: Vec<u64> = match data_type {
        DataType::Float16 => vec![0, 0x8000, 0x7c00, 0xfc00, 0x7e00, 0xfe01, 0x7c01, 1, 0x8001],
        DataType::Float32 => {
            vec![0, 1 << 31, 0x7f80_0000, 0xff80_0000, 0x7fc0_0000, 0xffc0_0001, 0x7f80_0001]
        }
        DataType::Float64 => {
            let floats = [0.0, -0.0, f64::INFINITY, -f64::INFINITY, f64::NAN, -f64::NAN, 5e-324];
            floats.iter().map(|float| float.to_bits()).collect()
        }
        _ => vec![0, 1, u64::MAX, 1 << 7, 1 << 15, 1 << 31, 1 << 63, (1 << 63) - 1, (1 << 31) - 1],
    };
    let number = |row: u64| match scattered(row ^ seed << 32) % 4 {
        0 => specials[(scattered(row) >> 8) as usize % specials.len()],
        1 => scattered(row) % 5,
        _ => scattered(row.wrapping_add(seed)),
    };
    let numbers: Vec<u64> = (0..ROWS as u64).map(number).collect();
    let valid = BooleanBuffer::collect_bool(ROWS, |row| scattered(row as u64) >> 40 & 7 != 0);
    let nulls = with_nulls.then(|| NullBuffer::new(valid));
    let bytes: Vec<u8> = match data_type {
        DataType::Boolean => {
            let values = BooleanBuffer::collect_bool(ROWS, |row| numbers[row] & 16 != 0);
            return Arc::new(BooleanArray::new(values, nulls).slice(3, ROWS - 3));
        }
        DataType::Decimal128(..) => {
            numbers.iter().flat_map(|number| i128::from(*number as i64).to_le_bytes()).collect()
        }
        other => {
            let width = other.primitive_width().unwrap();
            numbers.iter().flat_map(|number| number.to_le_bytes()[..width].to_vec()).collect()
        }
    };
    let data = ArrayData::builder(data_type.clone()).len(ROWS).add_buffer(Buffer::from_vec(
        // Aligned for all types.
        bytes.chunks(16).map(|part| u128::from_le_bytes(padded(part))).collect::<Vec<u128>>(),
    ));
    make_array(data.nulls(nulls).build().unwrap()).slice(3, ROWS - 3)
}

fn padded(bytes: &[u8]) -> [u8; 16] {
    let mut all = [0; 16];
    all[..bytes.len()].copy_from_slice(bytes);
    all
}

fn order(columns: &[ArrayRef], by: &[OrderColumn]) -> (Vec<usize>, Vec<usize>) {
    let field = |array: &ArrayRef| Field::new("column", array.data_type().clone(), true);
    let schema = Schema::new(columns.iter().map(field).collect::<Vec<_>>());
    let keys = OrderKeys::try_new(&schema, by).unwrap().rows(columns).unwrap();
    let numbers = OrderNumbers::of_columns(&schema, by).unwrap();
    assert!(numbers.can_number(columns).unwrap());
    let numbers = numbers.numbers(columns).unwrap();
    assert_eq!(numbers.len(), keys.num_rows());
    // Equal by one are equal by the other.
    let rows = 0..numbers.len();
    for (a, b) in rows.clone().zip(rows.clone().skip(1)) {
        assert_eq!(numbers.get(a).cmp(&numbers.get(b)), keys.row(a).cmp(&keys.row(b)));
    }
    let (mut by_keys, mut by_numbers): (Vec<_>, Vec<_>) = (rows.clone().collect(), rows.collect());
    by_keys.sort_by_key(|row| keys.row(*row));
    by_numbers.sort_by_key(|row| numbers.get(*row));
    (by_keys, by_numbers)
}

fn by(path: &[usize], descending: bool, nulls_first: bool) -> OrderColumn {
    OrderColumn { path: path.to_vec(), name: String::new(), descending, nulls_first }
}

const DIRECTIONS: [(bool, bool); 4] = [(false, false), (false, true), (true, false), (true, true)];

#[test]
fn numbers_of_each_type_have_the_order_of_the_byte_strings() {
    for data_type in types() {
        for (descending, nulls_first) in DIRECTIONS {
            for with_nulls in [false, true] {
                let column = array(&data_type, 7, with_nulls);
                let (keys, numbers) = order(&[column], &[by(&[0], descending, nulls_first)]);
                assert!(keys == numbers, "{data_type} {descending} {nulls_first} {with_nulls}");
            }
        }
    }
}

#[test]
fn several_columns_share_a_number_if_they_fit() {
    let types = types();
    let mut pairs = 0;
    for (place, (first, second)) in
        types.iter().flat_map(|a| types.iter().map(move |b| (a, b))).enumerate()
    {
        // Ties in the first column.
        let whole = array(first, place as u64, true);
        let rows = UInt32Array::from_iter_values((0..whole.len() as u32).map(|row| row % 16));
        let columns = [take(&whole, &rows, None).unwrap(), array(second, 9, true)];
        let (descending, nulls_first) = DIRECTIONS[place % 4];
        let by = [by(&[0], descending, nulls_first), by(&[1], !descending, place % 8 < 4)];
        let schema = Schema::new(
            columns.iter().map(|c| Field::new("", c.data_type().clone(), true)).collect::<Vec<_>>(),
        );
        if OrderNumbers::of_columns(&schema, &by).is_some() {
            let (keys, numbers) = order(&columns, &by);
            assert!(keys == numbers, "{first} {second}");
            pairs += 1;
        }
    }
    assert!(60 < pairs && pairs < types.len().pow(2), "{pairs}");
}

#[test]
fn a_column_under_a_null_struct_is_null() {
    let inner = array(&DataType::Float64, 1, true);
    let valid = BooleanBuffer::collect_bool(inner.len(), |row| row % 3 != 0);
    let fields = Fields::from(vec![Field::new("a", DataType::Float64, true)]);
    let outer = StructArray::new(fields, vec![inner], Some(NullBuffer::new(valid)));
    for (descending, nulls_first) in DIRECTIONS {
        let (keys, numbers) =
            order(&[Arc::new(outer.clone())], &[by(&[0, 0], descending, nulls_first)]);
        assert!(keys == numbers);
    }
}

#[test]
fn a_decimal_with_more_digits_than_its_type_has_no_number() {
    let column = |value: i128| -> ArrayRef {
        let values = arrow::array::Decimal128Array::from(vec![0, value]);
        Arc::new(values.with_data_type(DataType::Decimal128(18, 0)))
    };
    let schema = Schema::new(vec![Field::new("", DataType::Decimal128(18, 0), true)]);
    let numbers = OrderNumbers::of_columns(&schema, &[by(&[0], false, false)]).unwrap();
    assert!(numbers.can_number(&[column(-999_999_999_999_999_999)]).unwrap());
    assert!(!numbers.can_number(&[column(1 << 63)]).unwrap());
    let schema = Schema::new(vec![Field::new("", DataType::Decimal128(19, 0), true)]);
    assert!(OrderNumbers::of_columns(&schema, &[by(&[0], false, false)]).is_none());
}
