//! Several inputs as one stream, opened at once: their schemas merged, their batches one input after
//! another or as they come.

use super::Reader;
use crate::endpoint::InputOptions;
use crate::error::{Error, Result, guard};
use crate::schema::{conform, fit, unite, widen};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

/// What schemas may be read as one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MergeSchema {
    /// Equal ones.
    #[default]
    Strict,
    /// Those whose columns fit into wider ones; what an input lacks is null.
    Union,
}

/// The batches of several inputs under one schema.
#[derive(Debug)]
pub struct MergedReader {
    schema: SchemaRef,
    merge: MergeSchema,
    batches: Batches,
}

#[derive(Debug)]
enum Batches {
    InTurn(VecDeque<Reader>),
    AsTheyCome(Receiver<Result<RecordBatch>>),
}

impl MergedReader {
    /// Opens all inputs and reads the schema of each. With `interleave` their batches come in the
    /// order in which they arrive, those of one input in its own.
    ///
    /// # Errors
    /// An input that cannot be opened or is no Arrow stream; schemas that cannot be merged.
    pub fn open(options: &InputOptions, merge: MergeSchema, interleave: bool) -> Result<Self> {
        let mut schema: Option<SchemaRef> = None;
        let mut readers = VecDeque::with_capacity(options.operands.len());
        for operand in &options.operands {
            let alone = InputOptions { operands: vec![operand.clone()], ..options.clone() };
            let reader = Reader::open(&alone)?;
            schema = Some(match &schema {
                None => reader.schema().clone(),
                Some(schema) => {
                    let merged = match merge {
                        MergeSchema::Strict => unite(schema, reader.schema()),
                        MergeSchema::Union => widen(schema, reader.schema()),
                    };
                    Arc::new(merged.map_err(|e| e.with(operand.name()))?)
                }
            });
            readers.push_back(reader);
        }
        let schema = schema.ok_or_else(|| Error::usage("no input"))?;
        let batches = if interleave {
            Batches::AsTheyCome(read_all(readers))
        } else {
            Batches::InTurn(readers)
        };
        Ok(Self { schema, merge, batches })
    }

    /// The schema of the batches.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The next batch; none after the proper end of all inputs.
    ///
    /// # Errors
    /// An input that stops early, damaged messages, a value that does not fit.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        let batch = match &mut self.batches {
            Batches::InTurn(readers) => loop {
                let Some(reader) = readers.front_mut() else { break None };
                match reader.next_batch()? {
                    Some(batch) => break Some(batch),
                    None => readers.pop_front(),
                };
            },
            Batches::AsTheyCome(arriving) => arriving.recv().ok().transpose()?,
        };
        let fitted = batch.map(|batch| match self.merge {
            MergeSchema::Strict => conform(&batch, &self.schema),
            MergeSchema::Union => fit(&batch, &self.schema),
        });
        fitted.transpose()
    }
}

/// A thread for each input; each waits until its batch is taken, so that a fast producer does not
/// fill the memory. The channel ends when all have ended.
fn read_all(readers: VecDeque<Reader>) -> Receiver<Result<RecordBatch>> {
    let (sender, receiver) = sync_channel(0);
    for mut reader in readers {
        let sender = sender.clone();
        std::thread::spawn(move || {
            let done = guard("internal error, please report it", || {
                while let Some(batch) = reader.next_batch()? {
                    if sender.send(Ok(batch)).is_err() {
                        break;
                    }
                }
                Ok(())
            });
            // A sender that just went away would look like an input that ended.
            if let Err(error) = done {
                let _process_is_ending = sender.send(Err(error));
            }
        });
    }
    receiver
}
