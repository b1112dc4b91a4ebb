//! The files of a scan: which ones are opened, and what is known of each before that.

use super::ledger::Ledger;
use super::open_ahead::OpenAhead;
use super::options::{ScanFile, ScanOptions};
use crate::error::{Error, Result};
use crate::expression::{Condition, PartialPredicate};
use crate::io::{MappedFile, Opening, RangedBytes, begin_object, finish_object};
use crate::parquet_file::Int96Unit;
use crate::parquet_file::file::{ParquetFile, rows};
use crate::schema::{MergeSchema, unique_names};
use crate::text::escaped;
use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The files, and the columns that have one value per file: the partition columns, then the file
/// name.
pub(crate) struct Files {
    files: Vec<ScanFile>,
    pub(crate) options: ScanOptions,
    constants: SchemaRef,
    /// The part of the predicate that the constants decide.
    partial: Option<PartialPredicate>,
    /// The unit of INT96 timestamps in the first opened file, which applies to all files.
    int96_unit: OnceLock<Option<Int96Unit>>,
    notes: Mutex<Vec<String>>,
    /// Counts what is read, if that is wanted.
    pub(crate) ledger: Option<Arc<Ledger>>,
    /// A file that is already open because its footer was needed.
    opened: Mutex<Option<(usize, ParquetFile)>>,
    /// Objects that are opened before their turn.
    ahead: Mutex<OpenAhead>,
}

/// The result of evaluating the predicate on the constants of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// No row matches the predicate.
    Pruned,
    Open,
    /// All rows match.
    AllPass,
}

/// The columns of a file that are not replaced by constants.
pub(crate) struct OwnColumns {
    pub(crate) schema: Schema,
    /// The index of each of them in the file.
    pub(crate) places: Vec<usize>,
    /// The index in `schema` of the first column of each name.
    pub(crate) by_name: HashMap<String, usize>,
}

impl Files {
    /// Checks what can be checked without opening a file.
    pub(crate) fn try_new(
        files: Vec<ScanFile>,
        options: &ScanOptions,
        condition: Option<&Condition>,
    ) -> Result<Self> {
        let mut constants = options.key_fields.clone();
        if files.is_empty() {
            return Err(Error::usage("no Parquet file given"));
        }
        let keys = &options.key_columns;
        let is_whole = |key: &ArrayRef| key.len() == files.len();
        if keys.len() != constants.len() || !keys.iter().all(is_whole) {
            return Err(Error::failed(
                "the partition keys of the files do not match the key columns",
            ));
        }
        if let Some(name) = &options.filename {
            if constants.iter().any(|key| key.name() == name) {
                return Err(taken(name, "a partition column"));
            }
            constants.push(Arc::new(Field::new(name, DataType::Utf8, false)));
        }
        let constants = Arc::new(Schema::new(constants));
        let mut files = Self {
            files,
            options: options.clone(),
            constants,
            partial: None,
            int96_unit: OnceLock::new(),
            notes: Mutex::new(Vec::new()),
            ledger: options.is_counted.then(Arc::default),
            opened: Mutex::new(None),
            ahead: Mutex::default(),
        };
        condition.iter().for_each(|condition| files.restrict(condition));
        Ok(files)
    }

    /// Opens only the files whose constants allow a condition to be true.
    pub(super) fn restrict(&mut self, condition: &Condition) {
        if !self.constants.fields().is_empty() {
            self.partial = Some(PartialPredicate::of_condition(condition, &self.constants));
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.files.len()
    }

    /// The fields of the columns that are constant in each file.
    pub(crate) fn constant_fields(&self) -> &Fields {
        self.constants.fields()
    }

    /// The values of these columns for a file.
    pub(crate) fn constants(&self, number: usize) -> Vec<ArrayRef> {
        let keys = self.options.key_columns.iter();
        let mut values: Vec<ArrayRef> = keys.map(|key| key.slice(number, 1)).collect();
        if self.options.filename.is_some() {
            let name = match &self.files[number] {
                ScanFile::At(path, _) => path.to_string_lossy().into_owned(),
                file => file.name(),
            };
            values.push(Arc::new(StringArray::from(vec![name])));
        }
        values
    }

    /// Decides whether the file must be opened.
    pub(crate) fn verdict(&self, number: usize) -> Verdict {
        let Some(partial) = &self.partial else { return Verdict::Open };
        match RecordBatch::try_new(self.constants.clone(), self.constants(number)) {
            Ok(row) if !partial.can_match(&row) => Verdict::Pruned,
            Ok(row) if partial.must_match(&row) => Verdict::AllPass,
            _ => Verdict::Open,
        }
    }

    /// Counts a file that is not opened because of its constants.
    pub(crate) fn pass_over(&self, number: usize) {
        let Some(ledger) = &self.ledger else { return };
        ledger.file_without_matches(match &self.files[number] {
            ScanFile::At(path, _) => std::fs::metadata(path).map_or(0, |metadata| metadata.len()),
            ScanFile::Open(file) => file.bytes().size(),
            // No request is made for it.
            ScanFile::Url(..) => 0,
        });
    }

    /// Opens a file, unless it is already open.
    pub(crate) fn open(&self, number: usize) -> Result<ParquetFile> {
        let opened = self
            .opened
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take_if(|opened| opened.0 == number);
        if let Some((_, file)) = opened {
            return Ok(file);
        }
        match &self.files[number] {
            ScanFile::Open(file) => {
                self.note(file);
                Ok(file.clone())
            }
            file @ ScanFile::At(path, directory) => {
                let opened = MappedFile::open(path);
                // If the tree was replaced, no file may be opened, and a missing file has no
                // meaning.
                directory.as_ref().map_or(Ok(()), |directory| directory.check())?;
                self.parquet(opened?.into(), file.name())
            }
            file @ ScanFile::Url(url, directory) => {
                let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
                let opening = ahead.take(number);
                let opening = opening.map_or_else(|| begin_object(url), Ok)?;
                ahead.extend(self.files.len(), |number| self.begin(number));
                drop(ahead);
                let object = finish_object(url, opening, directory.as_deref())?;
                self.parquet(object, file.name())
            }
        }
    }

    /// Begins to open a file that is an object, unless it is pruned. An error is found again when it is
    /// opened.
    fn begin(&self, number: usize) -> Option<Box<dyn Opening>> {
        let ScanFile::Url(url, _) = &self.files[number] else { return None };
        if self.verdict(number) == Verdict::Pruned { None } else { begin_object(url).ok() }
    }

    /// Whether there is a file of this number, and it is an object.
    pub(crate) fn is_object(&self, number: usize) -> bool {
        matches!(self.files.get(number), Some(ScanFile::Url(..)))
    }

    /// Whether an object can be opened without waiting: its first bytes are here, or it is pruned.
    pub(crate) fn opens_at_once(&self, number: usize) -> bool {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner).is_ready(number)
            || self.verdict(number) == Verdict::Pruned
    }

    fn parquet(&self, bytes: Arc<dyn RangedBytes>, name: String) -> Result<ParquetFile> {
        let unit = self.int96_unit.get().copied().flatten();
        let (read, keys) = (self.options.read, self.options.decryption_keys.as_deref());
        let file = ParquetFile::open_with(bytes, name, read, keys, unit)?;
        self.int96_unit.get_or_init(|| file.int96_unit());
        self.note(&file);
        Ok(file)
    }

    /// Records which parts of a file are ignored.
    fn note(&self, file: &ParquetFile) {
        let notes = file.ignored_hints().iter();
        let notes = notes.map(|why| format!("{}: ARROW:schema is ignored: {why}", file.name()));
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).extend(notes);
    }

    /// The notes on ignored parts of files opened since the last call.
    pub(crate) fn take_notes(&self) -> Vec<String> {
        std::mem::take(&mut self.notes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether the bytes of the file are still unread when it is opened.
    pub(crate) fn is_unread(&self, number: usize) -> bool {
        matches!(self.files[number], ScanFile::At(..))
    }

    /// Keeps a file open until it is requested again.
    pub(crate) fn keep(&self, number: usize, file: ParquetFile) {
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = Some((number, file));
    }

    /// The row groups that are read, in order.
    pub(crate) fn chosen(&self, file: &ParquetFile) -> Result<Vec<usize>> {
        match &self.options.row_groups {
            None => Ok((0..file.row_groups()).collect()),
            Some(list) => {
                list.resolve(file.row_groups(), "row group").map_err(|e| e.with(file.name()))
            }
        }
    }

    /// The number of rows in the chosen row groups.
    pub(crate) fn chosen_rows(&self, file: &ParquetFile) -> Result<u64> {
        let chosen = self.chosen(file)?.into_iter();
        Ok(chosen.map(|number| rows(file.parquet().row_group(number))).sum())
    }

    /// The schema of a file, with duplicate column names numbered if requested.
    pub(crate) fn schema(&self, file: &ParquetFile) -> SchemaRef {
        if self.options.unique_names { unique_names(file.schema()) } else { file.schema().clone() }
    }

    /// The index in a file, if it has it, of the column that has this place among `own`, those of
    /// all files.
    pub(crate) fn root(&self, in_file: &OwnColumns, own: &Schema, place: usize) -> Option<usize> {
        let place = match self.options.merge_schema {
            MergeSchema::Strict => place,
            MergeSchema::Union => *in_file.by_name.get(own.field(place).name())?,
        };
        in_file.places.get(place).copied()
    }

    /// The columns of a file, except those that a constant column replaces.
    pub(crate) fn own_columns(&self, file: &ParquetFile) -> Result<OwnColumns> {
        let schema = self.schema(file);
        if let Some(name) = &self.options.filename
            && schema.fields().find(name).is_some()
        {
            return Err(taken(name, &format!("a column of {}", file.name())));
        }
        let is_own =
            |place: &usize| self.constants.fields().find(schema.field(*place).name()).is_none();
        let places: Vec<usize> = (0..schema.fields().len()).filter(is_own).collect();
        let fields: Fields = places.iter().map(|place| schema.fields()[*place].clone()).collect();
        let mut by_name = HashMap::with_capacity(fields.len());
        for (place, field) in fields.iter().enumerate() {
            by_name.entry(field.name().clone()).or_insert(place);
        }
        Ok(OwnColumns {
            by_name,
            schema: Schema::new_with_metadata(fields, schema.metadata().clone()),
            places,
        })
    }
}

fn taken(name: &str, what: &str) -> Error {
    let name = escaped(name);
    Error::usage(format!("--filename: \"{name}\" is already {what}; choose another name"))
}
