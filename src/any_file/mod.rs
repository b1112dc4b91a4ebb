//! A reader for files of any supported format, for the tools that offer a quick look at a file.
//!
//! It has no options for how a file is read: the tools for each format have those.

mod format;
mod named_files;
mod tree;

use crate::batch::BatchMessage;
use crate::error::{Error, Result};
use crate::io::Input;
use crate::options::{Delimiter, Dialect, InferRows, InputOptions, Operand};
use crate::parquet_file::{Scan, ScanFile, ScanOptions};
use crate::stream::hint::{Hint, Until};
use crate::stream::{self, HintedSource};
use crate::text_format::{csv, json};
use crate::threads::Threads;
use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};
use format::Format;
use named_files::{parquet_file, scan};
use std::path::Path;
use std::sync::Arc;
use tree::tree;

/// The rows of inputs of one format.
pub struct AnyReader {
    source: Source,
    /// The projected columns, as indexes into the source's schema; all columns if `None`.
    columns: Option<Vec<usize>>,
    schema: SchemaRef,
}

enum Source {
    Arrow(Box<stream::Reader>),
    Parquet {
        operands: Vec<Operand>,
        scan: Scan,
    },
    /// A tree of Parquet files, and how it is read.
    Tree {
        files: Vec<ScanFile>,
        options: Box<ScanOptions>,
        scan: Scan,
    },
    Csv(Box<csv::Reader>),
    Json(json::Reader),
}

/// The treatment of columns of an Arrow stream that were encoded only for the transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoded {
    /// They stay encoded, for output that goes to another pipe.
    Kept,
    /// They are decoded to plain values.
    Plain,
}

impl AnyReader {
    /// Opens the inputs: standard input and pipes as Arrow streams, regular files by their content.
    ///
    /// # Errors
    /// Inputs that cannot be opened, have an unknown format, or have different formats.
    pub fn open(options: &InputOptions, encoded: Encoded) -> Result<Self> {
        Self::open_with(options, encoded, None)
    }

    /// Opens a table: an input of [`AnyReader::open`], or a directory or a pattern of Parquet files,
    /// with the partition keys in their paths. `threads` decode Parquet files.
    ///
    /// # Errors
    /// Those of [`AnyReader::open`]; no Parquet file in a tree, or others.
    pub fn open_table(options: &InputOptions, threads: &Threads) -> Result<Self> {
        let Some((files, options)) = tree(options, threads)? else {
            return Self::open(options, Encoded::Plain);
        };
        let scan = Scan::try_new(files.clone(), options.clone())?;
        let schema = scan.schema().clone();
        let options = Box::new(options);
        Ok(Self { source: Source::Tree { files, options, scan }, columns: None, schema })
    }

    fn open_with(
        options: &InputOptions,
        encoded: Encoded,
        infer_rows: Option<InferRows>,
    ) -> Result<Self> {
        let operands = &options.operands;
        let source = match Format::of(operands)? {
            Format::Arrow if encoded == Encoded::Plain => {
                Source::Arrow(Box::new(stream::Reader::open_values(options)?))
            }
            Format::Arrow => Source::Arrow(Box::new(stream::Reader::open(options)?)),
            Format::Parquet => {
                Source::Parquet { scan: scan(operands, None)?, operands: operands.clone() }
            }
            Format::Delimited { delimiter } => {
                let delimiter = Delimiter::of_byte(delimiter);
                let dialect = Dialect { delimiter, ..Dialect::default() };
                let read = csv::ReadOptions { dialect, infer_rows, ..csv::ReadOptions::default() };
                Source::Csv(Box::new(csv::Reader::open(operands, read)?))
            }
            Format::Json => {
                let read = json::ReadOptions { infer_rows, ..json::ReadOptions::default() };
                Source::Json(json::Reader::open(operands, &read)?)
            }
        };
        let schema = source.schema().clone();
        Ok(Self { source, columns: None, schema })
    }

    /// For a consumer that passes columns on without looking at the values of each row; see
    /// [`Reader::passing_on`](stream::Reader::passing_on).
    pub fn passing_on(self) -> Self {
        let source = match self.source {
            Source::Arrow(reader) => Source::Arrow(Box::new(reader.passing_on())),
            other => other,
        };
        Self { source, ..self }
    }

    /// The schema of the batches, after [`AnyReader::project`].
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Selects the columns to return, in this order. Others are not decoded if the format allows
    /// it. Must be called before the first batch.
    ///
    /// # Errors
    /// An index outside the schema.
    pub fn project(&mut self, columns: Vec<usize>) -> Result<()> {
        match &mut self.source {
            Source::Arrow(reader) => reader.project(columns)?,
            Source::Parquet { operands, scan: source } => {
                *source = scan(operands, Some(exact_names(source.schema(), &columns)))?;
            }
            Source::Tree { files, options, scan } => {
                let columns = Some(exact_names(scan.schema(), &columns));
                *scan =
                    Scan::try_new(files.clone(), ScanOptions { columns, ..(**options).clone() })?;
            }
            Source::Csv(_) | Source::Json(_) => {
                let fields = columns.iter().map(|place| self.source.schema().field(*place).clone());
                self.schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
                self.columns = Some(columns);
                return Ok(());
            }
        }
        self.schema = self.source.schema().clone();
        Ok(())
    }

    /// Tells the writers of pipes what is not needed of their streams; see
    /// [`stream::Reader::promise`].
    pub fn promise(&mut self, hint: Hint, until: Until) {
        if let Source::Arrow(reader) = &mut self.source {
            reader.promise(hint, until);
        }
    }

    /// Waits until the types of columns are settled; see [`stream::Reader::settle`].
    ///
    /// # Errors
    /// Those of [`stream::Reader::settle`].
    pub fn settle(&mut self) -> Result<()> {
        if let Source::Arrow(reader) = &mut self.source {
            reader.settle()?;
            self.schema = reader.schema().clone();
        }
        Ok(())
    }

    /// The next batch, with the metadata of its message if there is one; `None` at the end.
    ///
    /// # Errors
    /// Those of the format's reader.
    pub fn next_message(&mut self) -> Result<Option<BatchMessage>> {
        let batch = match &mut self.source {
            Source::Arrow(reader) => return reader.next_message(),
            Source::Parquet { scan, .. } | Source::Tree { scan, .. } => scan.next_batch()?,
            Source::Csv(reader) => reader.next_batch()?,
            Source::Json(reader) => reader.next_batch()?,
        };
        let projected = |batch: RecordBatch| match &self.columns {
            Some(columns) => batch.project(columns),
            None => Ok(batch),
        };
        let batch = batch.map(projected).transpose();
        let batch = batch.map_err(|e| Error::failed(e.to_string()))?;
        Ok(batch.map(BatchMessage::from))
    }

    /// The number of rows of the next batch, or of the next file if its footer has it, without
    /// decoding if the format allows it; `None` at the end.
    ///
    /// # Errors
    /// Those of the format's reader.
    pub fn next_row_count(&mut self) -> Result<Option<u64>> {
        match &mut self.source {
            Source::Arrow(reader) => reader.next_row_count(),
            Source::Parquet { operands, .. } if operands.is_empty() => Ok(None),
            Source::Parquet { operands, .. } => {
                parquet_file(&operands.remove(0)).map(|file| Some(file.rows()))
            }
            Source::Tree { .. } | Source::Csv(_) | Source::Json(_) => {
                Ok(self.next_message()?.map(|message| message.num_rows() as u64))
            }
        }
    }
}

/// The schema of a regular file. The types of text are inferred from its first hundred records, so
/// that a large file takes no longer.
///
/// # Errors
/// Those of [`AnyReader::open`]; text whose first line is very long.
pub fn quick_schema(path: &Path) -> Result<SchemaRef> {
    // 100,000 names in a first line take 16 s, and 100 MB of text in one line 0.7 s.
    const MOST_BYTES: usize = 256 << 10;
    let operand = Operand::Path(path.to_owned());
    if matches!(
        Format::of(std::slice::from_ref(&operand))?,
        Format::Delimited { .. } | Format::Json
    ) {
        let start = Input::open(&operand)?.peek::<MOST_BYTES>()?;
        if start.len() == MOST_BYTES && !start.contains(&b'\n') {
            return Err(Error::failed(format!("{}: the first line is too long", operand.name())));
        }
    }
    let options = InputOptions {
        operands: vec![operand],
        threads: Some(Threads::one()),
        ..InputOptions::default()
    };
    let reader = AnyReader::open_with(&options, Encoded::Plain, Some(InferRows::First(100)))?;
    Ok(reader.schema().clone())
}

impl HintedSource for AnyReader {
    fn schema(&self) -> &SchemaRef {
        self.schema()
    }

    fn is_worth_waiting(&self) -> bool {
        match &self.source {
            Source::Arrow(reader) => reader.is_worth_waiting(),
            Source::Parquet { .. } | Source::Tree { .. } | Source::Csv(_) | Source::Json(_) => true,
        }
    }

    fn promise(&mut self, hint: Hint, until: Until) {
        self.promise(hint, until);
    }

    fn settle(&mut self) -> Result<()> {
        self.settle()
    }

    fn project(&mut self, columns: Vec<usize>) -> Result<()> {
        self.project(columns)
    }
}

impl Source {
    fn schema(&self) -> &SchemaRef {
        match self {
            Self::Arrow(reader) => reader.schema(),
            Self::Parquet { scan, .. } | Self::Tree { scan, .. } => scan.schema(),
            Self::Csv(reader) => reader.schema(),
            Self::Json(reader) => reader.schema(),
        }
    }
}

/// Names that identify these columns: their own, or their numbers if several have the same name.
fn exact_names(schema: &Schema, columns: &[usize]) -> Vec<String> {
    let name = |place: &usize| {
        let name = schema.field(*place).name();
        let is_alone = schema.fields().iter().filter(|field| field.name() == name).count() == 1;
        if is_alone { name.clone() } else { format!("#{}", place + 1) }
    };
    columns.iter().map(name).collect()
}
