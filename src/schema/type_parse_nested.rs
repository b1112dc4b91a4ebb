//! Parses types with inner types: lists, structs, maps, dictionaries, unions.

use super::cursor::Cursor;
use super::type_parse::{data_type, field};
use crate::error::Result;
use arrow::datatypes::{DataType, Field, FieldRef, Fields, UnionFields, UnionMode};
use std::sync::Arc;

/// The names of inner fields of lists and maps in Arrow's documentation.
pub(super) const ITEM: &str = "item";
const ENTRIES: &str = "entries";
pub(super) const KEY: &str = "key";
pub(super) const VALUE: &str = "value";

/// `<int64>`, `<item: int64 not null>`.
pub(super) fn one_child(cursor: &mut Cursor<'_>, word: &str, depth: usize) -> Result<FieldRef> {
    cursor.expect('<', word)?;
    let child = child(cursor, ITEM, true, depth)?;
    cursor.expect('>', "the inner type")?;
    Ok(child)
}

/// Parses a type that may be preceded by a name, separated by a colon (or, in pyarrow's
/// dictionaries, an equals sign).
fn child(cursor: &mut Cursor<'_>, usual: &str, nullable: bool, depth: usize) -> Result<FieldRef> {
    let mut ahead = cursor.clone();
    let name = match ahead.quoted()? {
        Some(name) => Some(name),
        None => ahead.word().map(str::to_owned),
    };
    let name = match name {
        Some(name) if ahead.takes(':') || ahead.takes('=') => {
            *cursor = ahead;
            name
        }
        _ => usual.to_owned(),
    };
    let data_type = data_type(cursor, depth)?;
    let not_null = cursor.takes_words(&["not", "null"]);
    Ok(Arc::new(Field::new(name, data_type, nullable && !not_null)))
}

pub(super) fn members(cursor: &mut Cursor<'_>, depth: usize) -> Result<Fields> {
    cursor.expect('<', "struct")?;
    let mut fields: Vec<Field> = Vec::new();
    while !cursor.takes('>') {
        if !fields.is_empty() {
            cursor.expect(',', "a member of the struct")?;
        }
        fields.push(field(cursor, depth)?);
    }
    Ok(fields.into())
}

pub(super) fn map(cursor: &mut Cursor<'_>, depth: usize) -> Result<DataType> {
    cursor.expect('<', "map")?;
    let key = child(cursor, KEY, false, depth)?;
    cursor.expect(',', "the type of the keys")?;
    let value = child(cursor, VALUE, true, depth)?;
    let sorted = cursor.takes(',');
    if sorted && !cursor.takes_word("keys_sorted") {
        return Err(cursor.expected("keys_sorted"));
    }
    cursor.expect('>', "the type of the values")?;
    let entries = Field::new(ENTRIES, DataType::Struct(vec![key, value].into()), false);
    Ok(DataType::Map(Arc::new(entries), sorted))
}

/// `dictionary<int32, utf8>`, and pyarrow's `dictionary<values=string, indices=int32, ordered=0>`.
pub(super) fn dictionary(cursor: &mut Cursor<'_>, depth: usize) -> Result<DataType> {
    cursor.expect('<', "dictionary")?;
    let place = cursor.place();
    let first = child(cursor, "indices", true, depth)?;
    cursor.expect(',', "the type of the keys")?;
    let second = child(cursor, "values", true, depth)?;
    if cursor.takes(',')
        && !(cursor.takes_word("ordered") && cursor.takes('=') && cursor.takes('0'))
    {
        return Err(cursor.expected("ordered=0"));
    }
    cursor.expect('>', "the type of the values")?;
    let (keys, values) = if first.name() == "values" { (second, first) } else { (first, second) };
    if !keys.data_type().is_dictionary_key_type() {
        return Err(place.error("the keys of a dictionary must be integers, such as int32"));
    }
    let (keys, values) = (keys.data_type().clone(), values.data_type().clone());
    Ok(DataType::Dictionary(Box::new(keys), Box::new(values)))
}

pub(super) fn run_end_encoded(cursor: &mut Cursor<'_>, depth: usize) -> Result<DataType> {
    cursor.expect('<', "run_end_encoded")?;
    let place = cursor.place();
    let ends = child(cursor, "run_ends", false, depth)?;
    if !ends.data_type().is_run_ends_type() {
        return Err(place.error("run ends must be int16, int32 or int64"));
    }
    cursor.expect(',', "the type of the run ends")?;
    let values = child(cursor, "values", true, depth)?;
    cursor.expect('>', "the type of the values")?;
    Ok(DataType::RunEndEncoded(ends, values))
}

/// `dense_union<a int64 = 0, b utf8 = 5>`; without type IDs, they count from 0.
pub(super) fn union(cursor: &mut Cursor<'_>, mode: UnionMode, depth: usize) -> Result<DataType> {
    cursor.expect('<', "the union")?;
    let place = cursor.place();
    let (mut ids, mut fields): (Vec<i8>, Vec<Field>) = (Vec::new(), Vec::new());
    while !cursor.takes('>') {
        if !fields.is_empty() {
            cursor.expect(',', "a member of the union")?;
        }
        fields.push(field(cursor, depth)?);
        let next = i8::try_from(ids.len()).ok();
        let id = if cursor.takes('=') { cursor.number() } else { next };
        ids.push(id.ok_or_else(|| cursor.expected("a number from 0 to 127"))?);
    }
    let fields = UnionFields::try_new(ids, fields).map_err(|_| {
        place.error("the numbers of a union's members must be unique and from 0 to 127")
    })?;
    Ok(DataType::Union(fields, mode))
}
