//! The objects of several inputs, and the schema inferred from the first or all of them.

use super::infer::Members;
use super::not_a_number::replaced;
use super::options::ReadOptions;
use super::records::{Records, Step};
use super::wrong::{InvalidObject, object_of};
use crate::error::{Error, Result};
use crate::io::{Unread, open_twice};
use crate::options::{InferRows, Operand};
use arrow::datatypes::{FieldRef, Schema};
use std::borrow::Cow;
use std::collections::VecDeque;

/// The records of several inputs, opened one after another.
pub(super) struct Source {
    left: VecDeque<Unread>,
    records: Records,
    allow_nan: bool,
}

/// A text that should be an object.
pub(super) struct Record<'a> {
    pub(super) name: &'a str,
    pub(super) line: u64,
    text: &'a [u8],
    allow_nan: bool,
}

/// An object of the sample.
pub(super) struct Sampled {
    pub(super) name: String,
    pub(super) line: u64,
    pub(super) text: String,
}

/// An inferred schema, the number of objects it was inferred from, and those still to be read.
pub(super) struct Inference {
    pub(super) schema: Schema,
    pub(super) rows: u64,
    pub(super) sample: VecDeque<Sampled>,
}

/// Rows of the sample: enough to be representative, read in a fraction of a second.
const SAMPLE_ROWS: usize = 1 << 16;

/// Bytes of the sample: rows may be long, and the sample stays in memory until it is read again.
const SAMPLE_BYTES: usize = 8 << 20;

impl Record<'_> {
    /// The text that begins with the object, and the number of bytes before it.
    pub(super) fn object(&self) -> Result<(Cow<'_, str>, usize), InvalidObject> {
        let (object, front) = object_of(self.text)?;
        if self.allow_nan {
            Ok((replaced(object), front))
        } else {
            Ok((Cow::Borrowed(object), front))
        }
    }
}

impl Source {
    /// Opens the first input.
    ///
    /// # Errors
    /// An input that cannot be opened.
    pub(super) fn open(mut inputs: VecDeque<Unread>, options: &ReadOptions) -> Result<Self> {
        let first = inputs.pop_front().unwrap_or(Unread::Named(Operand::Stdin));
        let records = Records::new(first.open()?, options.allow_nan)?;
        Ok(Self { left: inputs, records, allow_nan: options.allow_nan })
    }

    /// The next object of any input.
    ///
    /// # Errors
    /// Those of [`Records::next`]; an input that cannot be opened.
    pub(super) fn next(&mut self, wait: bool) -> Result<Step<Record<'_>>> {
        loop {
            let step = self.records.next(wait);
            match step.map_err(|e| e.with(self.records.name()))? {
                Step::Record((text, line)) => {
                    let (name, text) = (self.records.name(), self.records.text(text));
                    let allow_nan = self.allow_nan;
                    return Ok(Step::Record(Record { name, line, text, allow_nan }));
                }
                Step::Pause => return Ok(Step::Pause),
                Step::End => match self.left.pop_front() {
                    Some(input) => self.records = Records::new(input.open()?, self.allow_nan)?,
                    None => return Ok(Step::End),
                },
            }
        }
    }

    /// Reports the length in bytes of the object at the start of the last record.
    ///
    /// # Errors
    /// Text after the object that cannot be another object.
    pub(super) fn used(&mut self, bytes: usize) -> Result<()> {
        // The end of each object was found byte by byte, in the unchanged text.
        if self.allow_nan {
            return Ok(());
        }
        self.records.used(bytes).map_err(|e| e.with(self.records.name()))
    }

    /// Infers the schema from the first rows and `types`.
    ///
    /// # Errors
    /// No rows; a row that is not JSON; values that no schema can be inferred from.
    pub(super) fn infer(&mut self, types: Option<&Schema>) -> Result<Inference> {
        let (mut members, mut sample) = (Members::of_rows(types), VecDeque::new());
        let mut bytes = 0;
        while sample.len() < SAMPLE_ROWS && bytes < SAMPLE_BYTES {
            let Step::Record(record) = self.next(true)? else { break };
            let (text, used) = look(&mut members, &record)?;
            bytes += text.len();
            sample.push_back(Sampled { name: record.name.to_owned(), line: record.line, text });
            self.used(used)?;
        }
        let (name, rows) = (self.records.name(), sample.len() as u64);
        Ok(Inference { schema: inferred(&members, name, rows, types)?, rows, sample })
    }
}

/// Infers the schema by reading the inputs once; returns it and the inputs, to be read again.
///
/// # Errors
/// Those of [`Source::infer`]; an input that cannot be spooled.
pub(super) fn infer_by_reading_twice(
    operands: &[Operand],
    most: InferRows,
    options: &ReadOptions,
) -> Result<(Inference, VecDeque<Unread>)> {
    let types = options.types.as_ref();
    let (mut members, mut rows, mut inputs) = (Members::of_rows(types), 0, VecDeque::new());
    let mut last = String::new();
    for operand in operands {
        if most.most() <= rows {
            inputs.push_back(Unread::Named(operand.clone()));
            continue;
        }
        let (input, again) = open_twice(operand, None)?;
        last = input.name().to_owned();
        inputs.push_back(again);
        let mut source = Source::open([Unread::Open(Box::new(input))].into(), options)?;
        while rows < most.most() {
            let Step::Record(record) = source.next(true)? else { break };
            let (_, used) = look(&mut members, &record)?;
            source.used(used)?;
            rows += 1;
        }
    }
    let schema = inferred(&members, &last, rows, types)?;
    Ok((Inference { schema, rows, sample: VecDeque::new() }, inputs))
}

/// Adds an object to the inference; returns its text, and its length with the bytes before it.
fn look(members: &mut Members, record: &Record<'_>) -> Result<(String, usize)> {
    let looked = record.object().and_then(|(object, front)| {
        let used = members
            .add_row(&object)
            .map_err(|fault| InvalidObject::of(fault, &object, |refusal| refusal.text()))?;
        Ok((object[..used].to_owned(), front + used))
    });
    looked.map_err(|wrong| wrong.placed(record.name, record.line))
}

fn inferred(members: &Members, name: &str, rows: u64, types: Option<&Schema>) -> Result<Schema> {
    match rows {
        0 => Err(Error::failed(format!(
            "{name}: no rows to infer a schema from; give one with --schema"
        ))),
        _ => Ok(overridden(members.schema(), types)),
    }
}

/// The schema with columns replaced by those of the same name in `types`; the others are appended.
fn overridden(schema: Schema, types: Option<&Schema>) -> Schema {
    let mut fields: Vec<FieldRef> = schema.fields().to_vec();
    for field in types.iter().flat_map(|types| types.fields()) {
        match fields.iter_mut().find(|inferred| inferred.name() == field.name()) {
            Some(inferred) => *inferred = field.clone(),
            None => fields.push(field.clone()),
        }
    }
    Schema::new(fields)
}
