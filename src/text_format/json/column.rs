//! Column builders for JSON values, of any type except unions.

use super::encoders::has_text_keys;
use super::lists::Lists;
use super::not_a_number::{float_text, restored};
use super::options::ColumnOptions;
use super::parts::{items, members, string};
use super::problem::{Part, Problem, shown};
use super::row::Row;
use crate::batch::encoded_as;
use crate::error::{Error, Result, guard};
use crate::schema::element_field;
use crate::text::escaped;
use crate::text_format::conversion_error::ConversionError;
use crate::text_format::parse_number::decimal;
use crate::text_format::value_builder::{ValueBuilder, values};
use crate::text_format::values_inferred::inferred_values;
use arrow::array::{ArrayRef, NullBufferBuilder, StructArray};
use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use arrow::error::ArrowError;
use std::sync::Arc;

/// A builder of one column.
pub(crate) struct JsonColumn {
    field: FieldRef,
    node: Node,
    manner: ColumnOptions,
}

enum Node {
    /// Types without child fields.
    ValueBuilder(Box<dyn ValueBuilder>),
    /// Dictionary- and run-end encoded types: the plain values, encoded when the batch is complete.
    Encoded(Box<JsonColumn>),
    List {
        lists: Lists,
        item: Box<JsonColumn>,
    },
    Struct {
        fields: Fields,
        valid: NullBufferBuilder,
        row: Row,
    },
    /// An object with the keys of the map, or a list of its entries.
    Map {
        fields: Fields,
        lists: Lists,
        keys: Box<JsonColumn>,
        values: Box<JsonColumn>,
        is_object: bool,
    },
}

impl JsonColumn {
    /// # Errors
    /// A union or an unknown time zone, as a usage error.
    pub(crate) fn try_new(field: &FieldRef, manner: ColumnOptions) -> Result<Self> {
        let node = Node::try_new(field.data_type(), manner)
            .map_err(|e| e.with(format_args!("column \"{}\"", escaped(field.name()))).as_usage())?;
        Ok(Self { field: field.clone(), node, manner })
    }

    pub(super) fn field(&self) -> &FieldRef {
        &self.field
    }

    pub(super) fn name(&self) -> &str {
        self.field.name()
    }

    /// Appends a value, given as JSON text.
    pub(crate) fn append(&mut self, json: &str) -> Result<(), Problem> {
        if json != "null" {
            return self.node.append(json, self.field.data_type(), self.manner);
        }
        if !self.field.is_nullable() {
            return Err(Problem::new("null, but the column is declared not null".to_owned()));
        }
        self.append_null();
        Ok(())
    }

    /// Appends a null, even to a non-nullable column: its parent is null.
    pub(crate) fn append_null(&mut self) {
        match &mut self.node {
            Node::ValueBuilder(values) => values.append_null(),
            Node::Encoded(values) => values.append_null(),
            Node::Struct { valid, row, .. } => {
                valid.append_null();
                row.append_null();
            }
            Node::Map { lists, .. } => lists.append(0, false),
            Node::List { lists, item } => {
                lists.append(0, false);
                if let DataType::FixedSizeList(_, length) = self.field.data_type() {
                    (0..*length).for_each(|_| item.append_null());
                }
            }
        }
    }

    /// Returns the values so far and resets the builder.
    ///
    /// # Errors
    /// More distinct values than the dictionary's key type can index.
    pub(crate) fn finish(&mut self) -> Result<ArrayRef> {
        let name = escaped(self.field.name());
        let array = guard("cannot make a batch", || self.node.finish(self.field.data_type()));
        array.map_err(|e| e.with(format_args!("column \"{name}\"")))
    }
}

impl Node {
    fn try_new(data_type: &DataType, manner: ColumnOptions) -> Result<Self> {
        let column = |field: &FieldRef| JsonColumn::try_new(field, manner).map(Box::new);
        let lists = Lists { lengths: Vec::new(), valid: NullBufferBuilder::new(0) };
        if let Some(item) = element_field(data_type) {
            return Ok(Self::List { lists, item: column(item)? });
        }
        Ok(match data_type {
            DataType::Struct(fields) => Self::Struct {
                fields: fields.clone(),
                valid: NullBufferBuilder::new(0),
                row: Row::try_new(fields, manner)?,
            },
            DataType::Map(entries, _) => {
                let DataType::Struct(fields) = entries.data_type() else {
                    return Err(Error::failed("a map whose entries are not structs"));
                };
                let [keys, values] = &fields[..] else {
                    return Err(Error::failed("a map whose entries are not pairs"));
                };
                let (keys, values) = (column(keys)?, column(values)?);
                let is_object = has_text_keys(entries);
                Self::Map { fields: fields.clone(), lists, keys, values, is_object }
            }
            DataType::Dictionary(_, value_type) => {
                Self::Encoded(column(&Arc::new(Field::new("", (**value_type).clone(), true)))?)
            }
            DataType::RunEndEncoded(_, values) => {
                Self::Encoded(column(&Arc::new(values.as_ref().clone().with_nullable(true)))?)
            }
            other if manner.inferred => match inferred_values(other, manner.binary)? {
                Some(values) => Self::ValueBuilder(values),
                None => return Err(Error::failed("a type that is never inferred")),
            },
            other => match values(other, manner.binary)? {
                Some(values) => Self::ValueBuilder(values),
                None => {
                    return Err(Error::failed(
                        "a union cannot be read from JSON, which does not say which type a value has",
                    ));
                }
            },
        })
    }

    /// Appends a value that is not null.
    fn append(
        &mut self,
        json: &str,
        data_type: &DataType,
        manner: ColumnOptions,
    ) -> Result<(), Problem> {
        let misfit =
            |misfit: ConversionError| Problem::misfit(json, misfit, data_type, manner.inferred);
        match self {
            Self::ValueBuilder(values) => {
                append_plain(values.as_mut(), json, data_type, manner).map_err(misfit)
            }
            Self::Encoded(values) => values.append(json),
            Self::Struct { valid, row, .. } if json.starts_with('{') => {
                row.append(json)?;
                valid.append_non_null();
                Ok(())
            }
            Self::List { lists, item } if json.starts_with('[') => {
                let mut length = 0;
                items(json, |value| {
                    length += 1;
                    item.append(value).map_err(|problem| problem.inside(Part::Item))
                })?;
                match data_type {
                    DataType::FixedSizeList(_, wanted) if length != *wanted as usize => {
                        return Err(misfit(ConversionError::OtherLength));
                    }
                    _ => lists.append(length, true),
                }
                Ok(())
            }
            Self::Map { lists, keys, values, is_object: true, .. } if json.starts_with('{') => {
                let mut length = 0;
                members(json, |key, value| {
                    length += 1;
                    let key = serde_json::Value::from(key).to_string();
                    keys.append(&key)?;
                    values.append(value).map_err(|problem| problem.inside(Part::MapValue))
                })?;
                lists.append(length, true);
                Ok(())
            }
            Self::Map { lists, keys, values, is_object: false, .. } if json.starts_with('[') => {
                let mut length = 0;
                items(json, |entry| {
                    length += 1;
                    append_entry(entry, keys, values).map_err(|problem| problem.inside(Part::Item))
                })?;
                lists.append(length, true);
                Ok(())
            }
            _ => Err(misfit(ConversionError::Malformed)),
        }
    }

    fn finish(&mut self, data_type: &DataType) -> Result<ArrayRef> {
        let cannot = |e: ArrowError| Error::failed(e.to_string());
        Ok(match self {
            Self::ValueBuilder(values) => values.finish(),
            Self::Encoded(values) => encoded_as(&values.finish()?, data_type).map_err(cannot)?,
            Self::List { lists, item } => {
                lists.finish(data_type, item.finish()?).map_err(cannot)?
            }
            Self::Struct { fields, valid, row } => {
                let (arrays, rows) = row.finish()?;
                let nulls = valid.finish();
                let array = StructArray::try_new_with_length(fields.clone(), arrays, nulls, rows);
                Arc::new(array.map_err(cannot)?)
            }
            Self::Map { fields, lists, keys, values, .. } => {
                let arrays = vec![keys.finish()?, values.finish()?];
                let entries = StructArray::try_new(fields.clone(), arrays, None).map_err(cannot)?;
                lists.finish(data_type, Arc::new(entries)).map_err(cannot)?
            }
        })
    }
}

/// Appends an entry of a map whose keys are not text: `{"key": 1, "value": 2}`.
fn append_entry(
    entry: &str,
    keys: &mut JsonColumn,
    values: &mut JsonColumn,
) -> Result<(), Problem> {
    let wrong =
        || Problem::new(format!("{} is not {{\"key\": ..., \"value\": ...}}", shown(entry)));
    if !entry.starts_with('{') {
        return Err(wrong());
    }
    let (mut has_key, mut has_value) = (false, false);
    members(entry, |name, part| match name {
        "key" if !std::mem::replace(&mut has_key, true) => keys.append(part),
        "value" if !std::mem::replace(&mut has_value, true) => values.append(part),
        _ => Err(wrong()),
    })?;
    if has_key && has_value { Ok(()) } else { Err(wrong()) }
}

/// Appends a value without parts, if its JSON kind suits the type.
fn append_plain(
    values: &mut dyn ValueBuilder,
    json: &str,
    data_type: &DataType,
    manner: ColumnOptions,
) -> Result<(), ConversionError> {
    let is_text = data_type.is_string();
    match json.as_bytes().first() {
        Some(b'"') if *data_type != DataType::Boolean => {
            values.append(&string(json).ok_or(ConversionError::Malformed)?)
        }
        // Text accepts every kind of value, as it is written.
        _ if is_text && manner.allow_nan => values.append(&restored(json)),
        _ if is_text => values.append(json),
        Some(b't' | b'f') if *data_type == DataType::Boolean => values.append(json),
        Some(b'-' | b'0'..=b'9') if data_type.is_integer() && json.contains(['.', 'e', 'E']) => {
            // 1.0 and 1e3 are whole numbers, as other programs write them.
            values.append(&decimal(json, 20, 0)?.to_string())
        }
        Some(b'-' | b'0'..=b'9') if data_type.is_numeric() => match values.append(json) {
            Err(misfit) if manner.allow_nan && data_type.is_floating() => {
                values.append(float_text(json).ok_or(misfit)?)
            }
            done => done,
        },
        Some(b'-' | b'0'..=b'9') if matches!(data_type, DataType::Duration(_)) => {
            values.append(json)
        }
        _ => Err(ConversionError::Malformed),
    }
}
