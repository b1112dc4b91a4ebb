//! Reads delimited text as record batches.

use super::cells::{Records, Stop, Why};
use super::columns::TargetColumn;
use super::read_options::ReadOptions;
use super::rejects::Rejects;
use super::schema::{Inference, by_sample, by_schema};
use super::source::Source;
use crate::error::{Error, Result};
use crate::io::{Unread, is_regular_file, open_twice};
use crate::options::{InferRows, Operand};
use crate::text::{count, escaped};
use crate::text_format::conversion_error::ConversionError;
use crate::text_format::infer::{Inferred, as_sampled, fitting, ways_out};
use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Schema, SchemaRef};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// A reader of several inputs as record batches of one schema.
pub struct Reader {
    source: Source,
    columns: Vec<TargetColumn>,
    schema: SchemaRef,
    /// The number of records that the types were inferred from.
    sampled_rows: usize,
}

impl Reader {
    /// Opens the first input and determines the columns: from `--schema` and the header at once,
    /// otherwise from the first 2 MiB or 65,536 records, or from as many as `--infer-rows` says.
    ///
    /// # Errors
    /// Inputs that cannot be read; a missing header; a schema that does not match the header.
    pub fn open(operands: &[Operand], mut options: ReadOptions) -> Result<Self> {
        options.check()?;
        for operand in operands {
            // A wrong name is reported before any work is done.
            is_regular_file(operand)?;
        }
        let mut inputs: VecDeque<Unread> = operands.iter().cloned().map(Unread::Named).collect();
        let mut inference = Inference::default();
        if let Some(most) = options.infer_rows {
            (inference, inputs) = infer_by_reading_twice(operands, most, &options)?;
        }
        let mut source = Source::open(inputs, &options)?;
        let columns = source.named(|source| columns(source, &mut inference, &options))?;
        let fields = columns.iter().map(|column| column.field.clone());
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        Ok(Self { source, columns, schema, sampled_rows: inference.rows })
    }

    /// The schema of the batches.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Returns the notes for the user that are not failures, each once.
    pub fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.source.notes)
    }

    /// The next records; `None` after the last one of the last input. Whole records are passed on
    /// instead of waiting for more.
    ///
    /// # Errors
    /// I/O errors; an invalid record or value, with its input, line and column.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            let batch = self.next_of_input();
            let batch = batch.map_err(|error| error.with(self.source.window.name()))?;
            if batch.is_some() || !self.source.next_input()? {
                return Ok(batch);
            }
        }
    }

    /// Makes the file of rejected records visible; returns notes on rejected and cut records. Call
    /// it after the last batch.
    ///
    /// # Errors
    /// I/O errors.
    pub fn finish(&mut self) -> Result<Vec<String>> {
        let mut notes = Vec::new();
        let records = |number: u64| match number {
            1 => "1 record".to_owned(),
            number => format!("{} records", count(number)),
        };
        if let Some(rejects) = self.source.rejects.take() {
            let name = rejects.name().to_owned();
            match rejects.finish()? {
                0 => {}
                number => notes.push(format!("{} rejected: see {name}", records(number))),
            }
        }
        match self.source.all_cut_rows() {
            0 => {}
            number => notes.push(format!("dropped the extra fields of {}", records(number))),
        }
        Ok(notes)
    }

    fn next_of_input(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            self.source.gather(false)?;
            let is_last = self.source.has_ended();
            let batch = if self.source.splitter.rows() == 0 { None } else { self.batch()? };
            self.source.consume()?;
            if batch.is_some() || is_last {
                return Ok(batch);
            }
        }
    }

    /// The batch of the current records; `None` if all were rejected.
    fn batch(&mut self) -> Result<Option<RecordBatch>> {
        let mut is_first_try = true;
        loop {
            let rows = self.source.splitter.rows();
            let records = self.source.records()?;
            let mut arrays = Vec::with_capacity(self.columns.len());
            let (mut right_rows, mut wrong) = (rows, None);
            for (place, column) in self.columns.iter_mut().enumerate() {
                match column.array(&records, right_rows)? {
                    Ok(array) => arrays.push(array),
                    // Only earlier rows of other columns matter now: the first bad line is
                    // reported.
                    Err(stop) => {
                        right_rows = stop.row;
                        wrong = Some((place, stop));
                    }
                }
            }
            match wrong {
                None => {
                    let batch = RecordBatch::try_new(self.schema.clone(), arrays);
                    return batch.map(Some).map_err(|cause| Error::failed(cause.to_string()));
                }
                Some(_) if self.source.rejects.is_some() && is_first_try => {
                    self.reject_misfits()?;
                    is_first_try = false;
                    if self.source.splitter.rows() == 0 {
                        return Ok(None);
                    }
                }
                Some((place, stop)) => {
                    let line = self.source.window.line(self.source.splitter.row_start(stop.row));
                    let misfit = self.misfit(&records, &self.columns[place], &stop);
                    return Err(Error::failed(format!("line {line}, {misfit}")));
                }
            }
        }
    }

    /// Rejects all records with a value that does not fit, with the first such value as the reason.
    fn reject_misfits(&mut self) -> Result<()> {
        let rows = self.source.splitter.rows();
        let records = self.source.records()?;
        let mut reasons = BTreeMap::new();
        for place in 0..self.columns.len() {
            for stop in self.columns[place].stops(&records, rows)? {
                let told = || self.misfit(&records, &self.columns[place], &stop);
                reasons.entry(stop.row).or_insert_with(told);
            }
        }
        self.source.reject_rows(reasons.into_iter().collect());
        Ok(())
    }

    fn misfit(&self, records: &Records<'_>, column: &TargetColumn, stop: &Stop) -> String {
        let mut scratch = String::new();
        let value = records.field(stop.row, column.place, &mut scratch);
        let name = escaped(column.field.name());
        let told = match &stop.why {
            Why::Inside(told) => told.clone(),
            Why::ConversionError(misfit) => {
                let words = misfit.words(column.field.data_type());
                format!("{} {words}{}", shown(value), self.way_out(column, *misfit, value))
            }
        };
        format!("column \"{name}\": {told}")
    }

    fn way_out(&self, column: &TargetColumn, misfit: ConversionError, value: &str) -> String {
        let mut ways = Vec::new();
        if column.inferred {
            let wider = match misfit {
                ConversionError::Rounded => DataType::Utf8,
                _ => fitting(column.field.data_type(), Inferred::of_text(value.trim_ascii())),
            };
            let way = ways_out(&column.field, wider, misfit.is_number());
            ways.push(format!("{}: {way}", as_sampled(self.sampled_rows as u64)));
        }
        if misfit == ConversionError::Malformed
            && value.len() <= 12
            && !value.contains(['\'', '\n', '\r'])
        {
            ways.push(format!("--null '{}' reads it as null", escaped(value)));
        }
        if ways.is_empty() { String::new() } else { format!(" ({})", ways.join(", ")) }
    }
}

/// The columns: from the given schema, or from the records of the inference, which are the first
/// ones of `source` unless `--infer-rows` is given.
fn columns(
    source: &mut Source,
    inference: &mut Inference,
    options: &ReadOptions,
) -> Result<Vec<TargetColumn>> {
    if let Some(schema) = &options.schema {
        return by_schema(schema, source.header.as_deref(), options);
    }
    if options.infer_rows.is_none() {
        source.gather(true)?;
        inference.add(&source.records()?, source.splitter.rows(), &options.forms);
    }
    let numbered = || (1..=inference.columns()).map(|number| format!("column_{number}")).collect();
    let names: Vec<String> = source.header.clone().unwrap_or_else(numbered);
    if names.is_empty() {
        return Err(Error::failed("empty: no line to take the columns from (use --schema)"));
    }
    by_sample(&names, inference, options)
}

/// Infers the types by reading the inputs once; returns them and the inputs, to be read again.
fn infer_by_reading_twice(
    operands: &[Operand],
    most: InferRows,
    options: &ReadOptions,
) -> Result<(Inference, VecDeque<Unread>)> {
    let mut inference = Inference::default();
    let mut again = VecDeque::new();
    let read_options = ReadOptions { rejects: None, ..options.clone() };
    for operand in operands {
        if most.most() <= inference.rows as u64 {
            again.push_back(Unread::Named(operand.clone()));
            continue;
        }
        let (input, unread) = open_twice(operand, None)?;
        again.push_back(unread);
        let mut source = Source::open([Unread::Open(Box::new(input))].into(), &read_options)?;
        // Rejected records are written when they are read again.
        source.rejects = options.rejects.as_ref().map(|_| Rejects::nowhere());
        source.named(|source| {
            loop {
                source.gather(true)?;
                let left = most.most().saturating_sub(inference.rows as u64);
                let rows = source.splitter.rows().min(usize::try_from(left).unwrap_or(usize::MAX));
                inference.add(&source.records()?, rows, &options.forms);
                let is_last = source.has_ended();
                source.consume()?;
                if is_last || most.most() <= inference.rows as u64 {
                    return Ok(());
                }
            }
        })?;
    }
    Ok((inference, again))
}

/// A quoted value, shortened if it is long.
fn shown(value: &str) -> String {
    const MOST: usize = 60;
    let start: String = value.chars().take(MOST).collect();
    let rest = if start.len() < value.len() { "..." } else { "" };
    format!("\"{}{rest}\"", escaped(&start))
}
