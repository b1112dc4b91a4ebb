//! A function call: takes the values of its arguments, returns a column of results.
//!
//! Holds what the bodies share: reading arguments of any width and layout, nulls, and the row
//! without a result.

use super::node::Node;
use super::rows::Rows;
use crate::error::{Error, Result};
use crate::expression::values::value_reader::{self, Reader, Values};
use crate::expression::values::value_text;
use crate::text::escaped;
use arrow::array::{
    Array, ArrayRef, BooleanArray, GenericStringBuilder, OffsetSizeTrait, PrimitiveArray,
};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::datatypes::{ArrowPrimitiveType, DataType};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// Computes a column from the columns of the arguments.
pub(crate) type Body = Arc<dyn Fn(&Inputs<'_>) -> Result<ArrayRef, Failure> + Send + Sync>;

/// A function with its bound arguments.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) arguments: Vec<Node>,
    pub(crate) data_type: DataType,
    pub(crate) can_fail: bool,
    /// Whether the bytes that it returns are UUIDs.
    pub(crate) gives_uuid: bool,
    body: Body,
    /// The expression's text, for messages.
    text: String,
}

/// Why a row has no result, and which.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) row: usize,
    pub(crate) why: String,
}

/// The arguments of one evaluation.
pub(crate) struct Inputs<'a> {
    pub(crate) values: &'a [Values],
    /// The number of results required.
    pub(crate) count: usize,
    /// The type of the results.
    pub(crate) data_type: &'a DataType,
}

/// An error that concerns all rows is reported for the first one.
impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { row: 0, why: error.to_string() }
    }
}

impl Call {
    pub(crate) fn new(arguments: Vec<Node>, prepared: Prepared, text: String) -> Self {
        let Prepared { data_type, body, can_fail } = prepared;
        Self { arguments, data_type, can_fail, gives_uuid: false, body, text }
    }

    /// The result for each row.
    ///
    /// # Errors
    /// A row without a result, named with its values.
    pub(crate) fn values(&self, rows: &Rows) -> Result<Values> {
        let values: Vec<Values> =
            self.arguments.iter().map(|argument| argument.values(rows)).collect::<Result<_>>()?;
        let constant = values.iter().all(|values| values.constant);
        let count = if constant { 1 } else { rows.count };
        let inputs = Inputs { values: &values, count, data_type: &self.data_type };
        let array = (self.body)(&inputs).map_err(|failure| self.failure(failure, &values, rows))?;
        debug_assert_eq!(array.data_type(), &self.data_type, "{}", self.text);
        debug_assert_eq!(array.len(), count, "{}", self.text);
        Ok(Values { array, constant })
    }

    /// The message shows only values that vary; the others appear in the expression itself.
    fn failure(&self, failure: Failure, values: &[Values], rows: &Rows) -> Error {
        const LONGEST: usize = 60;
        let Failure { row, why } = failure;
        let shown = |values: &Values| {
            let text = value_text::texts(&values.array).map(|text| text(values.place(row)));
            let text = text.unwrap_or_else(|| "…".to_owned());
            let text = escaped(&text);
            match text.char_indices().nth(LONGEST) {
                Some((end, _)) => format!("{}…", &text[..end]),
                None => text,
            }
        };
        let varying: Vec<String> =
            values.iter().filter(|values| !values.constant).map(shown).collect();
        if varying.is_empty() {
            rows.error(row, &self.text, why)
        } else {
            rows.error(row, &self.text, format!("{why} ({})", varying.join(", ")))
        }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("text", &self.text).field("type", &self.data_type).finish()
    }
}

impl<'a> Inputs<'a> {
    /// An argument's column; one row if it is constant.
    pub(crate) fn array(&self, argument: usize) -> &'a ArrayRef {
        &self.values[argument].array
    }

    /// Whether the call has that many arguments.
    pub(crate) fn has(&self, argument: usize) -> bool {
        argument < self.values.len()
    }

    /// Reads an argument that is text.
    pub(crate) fn text(&self, argument: usize) -> Result<Reader<'a, &'a str>, Failure> {
        self.by_row(argument, value_reader::text(self.array(argument)))
    }

    /// Reads an argument that is an integer.
    pub(crate) fn integers(&self, argument: usize) -> Result<Reader<'a, i128>, Failure> {
        self.by_row(argument, value_reader::integers(self.array(argument)))
    }

    /// Reads an integer; a missing argument is this number.
    pub(crate) fn integers_or(
        &self,
        argument: usize,
        missing: i128,
    ) -> Result<Reader<'a, i128>, Failure> {
        if self.has(argument) { self.integers(argument) } else { Ok(Box::new(move |_| missing)) }
    }

    /// Reads an argument that is a number, as doubles.
    pub(crate) fn floats(&self, argument: usize) -> Result<Reader<'a, f64>, Failure> {
        self.by_row(argument, value_reader::numbers_as_floats(self.array(argument)))
    }

    /// Reads an argument that is a date, timestamp, time of day or duration.
    pub(crate) fn nanoseconds(&self, argument: usize) -> Result<Reader<'a, i128>, Failure> {
        self.by_row(argument, value_reader::nanoseconds(self.array(argument)))
    }

    /// Turns a reader of an argument's values into a reader of rows.
    pub(crate) fn by_row<T: 'a>(
        &self,
        argument: usize,
        reader: Option<Reader<'a, T>>,
    ) -> Result<Reader<'a, T>, Failure> {
        let reader = reader.ok_or_else(|| Failure {
            row: 0,
            why: format!("unexpected {}", self.array(argument).data_type()),
        })?;
        Ok(self.values[argument].by_row(reader))
    }

    /// The rows where every argument has a value; None if no argument has nulls.
    pub(crate) fn nulls(&self) -> Option<NullBuffer> {
        self.values.iter().fold(None, |nulls, values| {
            NullBuffer::union(nulls.as_ref(), values.nulls(self.count).as_ref())
        })
    }

    /// A boolean for each row where every argument has a value.
    pub(crate) fn booleans(
        &self,
        each: impl Fn(usize) -> Result<bool, String>,
    ) -> Result<ArrayRef, Failure> {
        let nulls = self.nulls();
        let mut failure = None;
        let values = BooleanBuffer::collect_bool(self.count, |row| {
            if failure.is_some() || nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
                return false;
            }
            each(row).unwrap_or_else(|why| {
                failure = Some(Failure { row, why });
                false
            })
        });
        match failure {
            Some(failure) => Err(failure),
            None => Ok(Arc::new(BooleanArray::new(values, nulls))),
        }
    }

    /// A number for each row where every argument has a value.
    pub(crate) fn numbers<T: ArrowPrimitiveType>(
        &self,
        each: impl Fn(usize) -> Result<T::Native, String>,
    ) -> Result<ArrayRef, Failure> {
        let nulls = self.nulls();
        let mut values = Vec::with_capacity(self.count);
        for row in 0..self.count {
            // A value under a null must not raise an error.
            if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
                values.push(T::Native::default());
                continue;
            }
            values.push(each(row).map_err(|why| Failure { row, why })?);
        }
        let numbers = PrimitiveArray::<T>::new(values.into(), nulls);
        Ok(Arc::new(numbers.with_data_type(self.data_type.clone())))
    }

    /// A text for each row where every argument has a value.
    pub(crate) fn texts<'t>(
        &self,
        each: impl Fn(usize) -> Result<Cow<'t, str>, String>,
    ) -> Result<ArrayRef, Failure> {
        self.optional_texts(|row| each(row).map(Some))
    }

    /// A text or none for each row where every argument has a value.
    pub(crate) fn optional_texts<'t>(
        &self,
        each: impl Fn(usize) -> Result<Option<Cow<'t, str>>, String>,
    ) -> Result<ArrayRef, Failure> {
        match self.data_type {
            DataType::LargeUtf8 => self.sized_texts::<i64>(each),
            _ => self.sized_texts::<i32>(each),
        }
    }

    fn sized_texts<'t, O: OffsetSizeTrait>(
        &self,
        each: impl Fn(usize) -> Result<Option<Cow<'t, str>>, String>,
    ) -> Result<ArrayRef, Failure> {
        let nulls = self.nulls();
        let mut builder = GenericStringBuilder::<O>::with_capacity(self.count, 0);
        for row in 0..self.count {
            if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
                builder.append_null();
                continue;
            }
            let Some(text) = each(row).map_err(|why| Failure { row, why })? else {
                builder.append_null();
                continue;
            };
            if O::from_usize(builder.values_slice().len() + text.len()).is_none() {
                let why = "the texts of one batch together exceed 2 GiB; use smaller batches";
                return Err(Failure { row, why: why.to_owned() });
            }
            builder.append_value(text);
        }
        Ok(Arc::new(builder.finish()))
    }
}

/// A function prepared for its arguments.
pub(crate) struct Prepared {
    pub(crate) data_type: DataType,
    pub(crate) body: Body,
    /// Whether a value may have no result, which is an error.
    pub(crate) can_fail: bool,
}

impl Prepared {
    /// A function that has a result for all values.
    pub(crate) fn infallible(
        data_type: DataType,
        body: impl Fn(&Inputs<'_>) -> Result<ArrayRef, Failure> + Send + Sync + 'static,
    ) -> Self {
        Self { data_type, body: Arc::new(body), can_fail: false }
    }

    /// A function that has no result for some values.
    pub(crate) fn fallible(
        data_type: DataType,
        body: impl Fn(&Inputs<'_>) -> Result<ArrayRef, Failure> + Send + Sync + 'static,
    ) -> Self {
        Self { can_fail: true, ..Self::infallible(data_type, body) }
    }
}
