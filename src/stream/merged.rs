//! Several inputs as one stream, opened at once: their schemas merged, their batches one input
//! after another or as they arrive.

use super::Reader;
use super::hint::{Hint, Until};
use crate::batch::BatchMessage;
use crate::error::{Error, Result, guard};
use crate::io::is_regular_file;
use crate::options::InputOptions;
use crate::schema::{
    MergeSchema, MergedZones, cast_strict, cast_union, merge_strict, merge_union_noted,
};
use arrow::datatypes::SchemaRef;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::Builder;

/// The batches of several inputs under one schema.
#[derive(Debug)]
pub struct MergedReader {
    schema: SchemaRef,
    merge: MergeSchema,
    zones: MergedZones,
    /// The names of the inputs, for messages.
    names: Vec<String>,
    batches: Batches,
}

#[derive(Debug)]
enum Batches {
    InTurn(VecDeque<Waiting>),
    AsTheyCome(Receiver<Result<NumberedBatch>>),
}

/// A batch, and the number of the input that it came from.
type NumberedBatch = (usize, BatchMessage);

/// An input whose schema was read.
#[derive(Debug)]
struct Waiting {
    number: usize,
    options: InputOptions,
    /// `None` for a regular file, which is opened again in its turn: there may be more files than
    /// can be open.
    reader: Option<Reader>,
}

impl MergedReader {
    /// Opens all inputs and reads their schemas. With `interleave`, batches are returned in the
    /// order in which they arrive, those of one input in its own order.
    ///
    /// # Errors
    /// An input that cannot be opened or is not an Arrow stream; schemas that cannot be merged.
    pub fn open(options: &InputOptions, merge: MergeSchema, interleave: bool) -> Result<Self> {
        let mut schema: Option<SchemaRef> = None;
        let mut zones = MergedZones::default();
        let mut inputs = VecDeque::with_capacity(options.operands.len());
        for (number, operand) in options.operands.iter().enumerate() {
            let alone = InputOptions { operands: vec![operand.clone()], ..options.clone() };
            let mut reader = Reader::open(&alone)?;
            // Its turn may come late.
            reader.promise(Hint::default(), Until::End);
            schema = Some(match &schema {
                None => reader.schema().clone(),
                Some(schema) => {
                    let merged = match merge {
                        MergeSchema::Strict => merge_strict(schema, reader.schema())
                            .map(|schema| (schema, MergedZones::default())),
                        MergeSchema::Union => merge_union_noted(schema, reader.schema()),
                    };
                    let (schema, found) = merged.map_err(|e| e.with(operand.name()))?;
                    zones.add(found, &operand.name());
                    Arc::new(schema)
                }
            });
            let is_closed = !interleave && is_regular_file(operand)?;
            let reader = (!is_closed).then_some(reader);
            inputs.push_back(Waiting { number, options: alone, reader });
        }
        let schema = schema.ok_or_else(|| Error::usage("no input"))?;
        let names = options.operands.iter().map(|operand| operand.name()).collect();
        let batches = if interleave {
            Batches::AsTheyCome(read_all(inputs)?)
        } else {
            Batches::InTurn(inputs)
        };
        Ok(Self { schema, merge, zones, names, batches })
    }

    /// The schema of the batches.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The columns whose time zones differ between inputs.
    pub fn merged_zones(&self) -> &MergedZones {
        &self.zones
    }

    /// Returns the next batch with the metadata of its message; `None` after the proper end of all
    /// inputs.
    ///
    /// # Errors
    /// An input that stops early; damaged messages; a value that does not fit the merged schema.
    pub fn next_message(&mut self) -> Result<Option<BatchMessage>> {
        let arrived = match &mut self.batches {
            Batches::InTurn(inputs) => loop {
                let Some(input) = inputs.front_mut() else { break None };
                match input.reader()?.next_message()? {
                    Some(batch) => break Some((input.number, batch)),
                    None => inputs.pop_front(),
                };
            },
            Batches::AsTheyCome(arriving) => arriving.recv().ok().transpose()?,
        };
        let Some((number, message)) = arrived else { return Ok(None) };
        let BatchMessage { batch, metadata } = message;
        let fitted = match self.merge {
            MergeSchema::Strict => cast_strict(&batch, &self.schema),
            MergeSchema::Union => cast_union(&batch, &self.schema),
        };
        let batch = fitted.map_err(|error| error.with(&self.names[number]))?;
        Ok(Some(BatchMessage { batch, metadata }))
    }
}

impl Waiting {
    fn reader(&mut self) -> Result<&mut Reader> {
        let reader = match self.reader.take() {
            Some(reader) => reader,
            None => Reader::open(&self.options)?,
        };
        Ok(self.reader.insert(reader))
    }
}

/// Reads each input in a thread of its own. Each waits until its batch is taken, so that a fast
/// producer does not fill the memory. The channel ends when all inputs have ended.
///
/// # Errors
/// The system refuses to start as many threads.
fn read_all(inputs: VecDeque<Waiting>) -> Result<Receiver<Result<NumberedBatch>>> {
    let (sender, receiver) = sync_channel(0);
    for mut input in inputs {
        let sender = sender.clone();
        let read = move || {
            let done = guard("internal error, please report it", || {
                let number = input.number;
                let reader = input.reader()?;
                while let Some(batch) = reader.next_message()? {
                    if sender.send(Ok((number, batch))).is_err() {
                        break;
                    }
                }
                Ok(())
            });
            // A sender that is merely dropped would look like an input that ended.
            if let Err(error) = done {
                let _process_is_ending = sender.send(Err(error));
            }
        };
        Builder::new()
            .name("input".to_owned())
            .spawn(read)
            .map_err(|e| Error::io("cannot start a thread for each input", &e))?;
    }
    Ok(receiver)
}
