//! Map functions: the value of a key, keys, values, and the number of entries.

use super::function::{CallError, Function, Parameter};
use crate::expression::evaluate::call::{Failure, Inputs, Prepared};
use crate::expression::evaluate::compare::{Operator, compare};
use crate::expression::evaluate::node::Node;
use crate::expression::values::kind::{Kind, describe, plain_array, plain_type};
use crate::expression::values::value_reader::Values;
use arrow::array::{Array, ArrayRef, AsArray, ListArray, UInt64Array};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Int64Type};
use std::sync::Arc;

use Parameter::{Any, Map};

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new(&["map_extract_value"], "map[key]", &[Map, Any], value)
        .help("the value of a key, null if there is none")
        .examples(&["stock['pear'] = 5", "stock['fig'] IS NULL"]),
    Function::new(&["map_contains"], "map_contains(map, key)", &[Map, Any], |arguments| {
        check_key(arguments)?;
        Ok(Prepared::infallible(DataType::Boolean, |inputs| {
            let places = places(inputs)?;
            inputs.booleans(|row| Ok(places[row].is_some()))
        }))
    })
    .help("whether a key exists")
    .examples(&["map_contains(stock, 'fig') = FALSE"]),
    Function::new(&["map_keys"], "map_keys(map)", &[Map], |arguments| Ok(entries(arguments, 0)))
        .help("lists of the keys and of the values")
        .examples(&["map_keys(stock)[1] = 'apple'", "map_values(stock)[2] = 5"]),
    Function::new(&["map_values"], "map_values(map)", &[Map], |a| Ok(entries(a, 1))),
    Function::new(&["cardinality"], "cardinality(map)", &[Map], |_| {
        Ok(Prepared::infallible(DataType::Int64, |inputs| {
            let array = inputs.array(0).as_map();
            let length = |row| array.value_length(inputs.values[0].place(row));
            inputs.numbers::<Int64Type>(|row| Ok(length(row).into()))
        }))
    })
    .help("the number of entries, int64")
    .examples(&["cardinality(stock) = 2"]),
];

/// The type of a map's keys, without their encoding.
pub(crate) fn key_type(map: &DataType) -> Option<&DataType> {
    types(map).map(|(key, _)| plain_type(key))
}

/// The types of keys and values.
fn types(map: &DataType) -> Option<(&DataType, &DataType)> {
    let DataType::Map(entries, _) = map else { return None };
    match entries.data_type() {
        DataType::Struct(fields) if fields.len() == 2 => {
            Some((fields[0].data_type(), fields[1].data_type()))
        }
        _ => None,
    }
}

fn check_key(arguments: &[Node]) -> Result<(), CallError> {
    let Some((key, _)) = types(arguments[0].data_type()) else { return Ok(()) };
    let kinds = (Kind::of(plain_type(key)), Kind::of(arguments[1].data_type()));
    if kinds.0.compares_with(kinds.1) || kinds.1 == Kind::Null {
        return Ok(());
    }
    let (key, other) = (describe(key), describe(arguments[1].data_type()));
    Err(CallError::at(1, format!("the keys are {key}, not {other}; CAST one of them")))
}

/// `map[key]`: null if there is no such key.
fn value(arguments: &mut Vec<Node>) -> Result<Prepared, CallError> {
    check_key(arguments)?;
    let data_type = types(arguments[0].data_type())
        .map_or(DataType::Null, |(_, value)| plain_type(value).clone());
    Ok(Prepared::infallible(data_type, |inputs| {
        let places = UInt64Array::from(places(inputs)?);
        Ok(plain_array(&take(inputs.array(0).as_map().values(), &places, None)?)?)
    }))
}

/// The index, among all entries, of the entry with each row's key: the last one, if several have
/// the key.
fn places(inputs: &Inputs<'_>) -> Result<Vec<Option<u64>>, Failure> {
    let map = inputs.array(0).as_map();
    let keys = plain_array(map.keys())?;
    let nulls = inputs.nulls();
    let wanted = &inputs.values[1];
    // A constant key is compared with all keys at once.
    let equal = if wanted.constant { Some(equal(&keys, wanted)?) } else { None };
    let mut places = Vec::with_capacity(inputs.count);
    for row in 0..inputs.count {
        if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            places.push(None);
            continue;
        }
        let at = inputs.values[0].place(row);
        let offsets = map.value_offsets();
        let (start, end) = (offsets[at] as usize, offsets[at + 1] as usize);
        let found = match &equal {
            Some(equal) => (start..end).rev().find(|place| equal[*place]),
            None => {
                let one = Values { array: wanted.array.slice(row, 1), constant: true };
                let equal = self::equal(&keys.slice(start, end - start), &one)?;
                (0..end - start).rev().find(|place| equal[*place]).map(|place| start + place)
            }
        };
        places.push(found.map(|place| place as u64));
    }
    Ok(places)
}

fn equal(keys: &ArrayRef, wanted: &Values) -> Result<Vec<bool>, Failure> {
    let values = Values { array: keys.clone(), constant: false };
    let equal = compare(Operator::Equal, &values, wanted, keys.len())?;
    Ok(equal.iter().map(|equal| equal == Some(true)).collect())
}

/// All keys (0) or values (1) of a map, as a list.
fn entries(arguments: &[Node], column: usize) -> Prepared {
    let of = types(arguments[0].data_type());
    let element = of.map_or(&DataType::Null, |(key, value)| if column == 0 { key } else { value });
    let field = Arc::new(Field::new_list_field(plain_type(element).clone(), true));
    let data_type = DataType::List(field.clone());
    Prepared::infallible(data_type, move |inputs| {
        let map = inputs.array(0).as_map();
        let values = plain_array(map.entries().column(column))?;
        let (offsets, nulls) = (map.offsets().clone(), map.nulls().cloned());
        Ok(Arc::new(ListArray::try_new(field.clone(), offsets, values, nulls)?))
    })
}
