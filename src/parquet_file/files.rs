//! The files of a scan: which are opened at all, and what is known of each before it is.

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::Int96Unit;
use super::columns::ReadOptions;
use super::encryption::KeyFile;
use super::file::{ParquetFile, rows};
use super::scan::ScanOptions;
use crate::endpoint::NumberList;
use crate::error::{Error, Result};
use crate::expression::PartialPredicate;
use crate::io::{MappedFile, SeenDirectory};
use crate::schema::unique_names;
use crate::text::escaped;

/// A file to be read.
#[derive(Debug, Clone)]
pub enum ScanFile {
    /// A regular file that is opened when its rows are due, and the directory in which it was found.
    At(PathBuf, Option<Arc<SeenDirectory>>),
    /// One that is open already.
    Open(ParquetFile),
}

/// The files, and the columns that hold one value in all rows of a file: those of the keys, then
/// that of its name.
pub(super) struct Files {
    files: Vec<ScanFile>,
    /// The values of the keys, a row for each file.
    keys: Vec<ArrayRef>,
    constants: SchemaRef,
    filename: Option<String>,
    unique_names: bool,
    row_groups: Option<NumberList>,
    /// What the constants alone say.
    partial: Option<PartialPredicate>,
    read: ReadOptions,
    decryption_keys: Option<Arc<KeyFile>>,
    /// The unit of INT96 timestamps in the first file that was opened: all are read alike.
    int96_unit: OnceLock<Option<Int96Unit>>,
    notes: Mutex<Vec<String>>,
    /// A file that is open already, since its footer was asked for.
    opened: Mutex<Option<(usize, ParquetFile)>>,
}

/// What the constants of a file say of its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// None passes the predicate.
    RuledOut,
    Open,
    /// All pass.
    AllPass,
}

/// The columns of a file that are not replaced by constants.
pub(super) struct OwnColumns {
    pub(super) schema: Schema,
    /// For each of them its place in the file.
    pub(super) places: Vec<usize>,
    /// The place in the schema of the first of each name.
    pub(super) by_name: HashMap<String, usize>,
}

impl ScanFile {
    fn name(&self) -> String {
        match self {
            Self::At(path, _) => escaped(&path.to_string_lossy()),
            Self::Open(file) => file.name().to_owned(),
        }
    }
}

impl From<ParquetFile> for ScanFile {
    fn from(file: ParquetFile) -> Self {
        Self::Open(file)
    }
}

impl Files {
    /// Checks what can be checked without opening one.
    pub(super) fn try_new(files: Vec<ScanFile>, options: &ScanOptions) -> Result<Self> {
        let mut constants = options.key_fields.clone();
        if files.is_empty() {
            return Err(Error::usage("no Parquet file is given"));
        }
        let keys = options.key_columns.clone();
        let is_whole = |key: &ArrayRef| key.len() == files.len();
        if keys.len() != constants.len() || !keys.iter().all(is_whole) {
            return Err(Error::failed("the files have other keys than there are key columns"));
        }
        if let Some(name) = &options.filename {
            if constants.iter().any(|key| key.name() == name) {
                return Err(taken(name, "the name of a key"));
            }
            constants.push(Arc::new(Field::new(name, DataType::Utf8, false)));
        }
        let constants = Arc::new(Schema::new(constants));
        let partial = match &options.predicate {
            Some(text) if !constants.fields().is_empty() => {
                Some(PartialPredicate::bind(text, &constants)?)
            }
            _ => None,
        };
        Ok(Self {
            files,
            keys,
            constants,
            filename: options.filename.clone(),
            unique_names: options.unique_names,
            row_groups: options.row_groups.clone(),
            partial,
            read: options.read,
            decryption_keys: options.decryption_keys.clone(),
            int96_unit: OnceLock::new(),
            notes: Mutex::new(Vec::new()),
            opened: Mutex::new(None),
        })
    }

    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    /// The fields of the columns that are constant in each file.
    pub(super) fn constant_fields(&self) -> &Fields {
        self.constants.fields()
    }

    /// Their values.
    pub(super) fn constants(&self, number: usize) -> Vec<ArrayRef> {
        let mut values: Vec<ArrayRef> = self.keys.iter().map(|key| key.slice(number, 1)).collect();
        if self.filename.is_some() {
            let name = match &self.files[number] {
                ScanFile::At(path, _) => path.to_string_lossy().into_owned(),
                ScanFile::Open(file) => file.name().to_owned(),
            };
            values.push(Arc::new(StringArray::from(vec![name])));
        }
        values
    }

    /// Whether the file need be opened.
    pub(super) fn verdict(&self, number: usize) -> Verdict {
        let Some(partial) = &self.partial else { return Verdict::Open };
        match RecordBatch::try_new(self.constants.clone(), self.constants(number)) {
            Ok(row) if !partial.can_match(&row) => Verdict::RuledOut,
            Ok(row) if partial.must_match(&row) => Verdict::AllPass,
            _ => Verdict::Open,
        }
    }

    /// Opens a file, unless it is open.
    pub(super) fn open(&self, number: usize) -> Result<ParquetFile> {
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
                // Of a tree that was replaced no file may be taken, and one that is gone tells nothing.
                directory.as_ref().map_or(Ok(()), |directory| directory.check())?;
                let unit = self.int96_unit.get().copied().flatten();
                let keys = self.decryption_keys.as_deref();
                let file = ParquetFile::open_like(opened?, file.name(), self.read, keys, unit)?;
                self.int96_unit.get_or_init(|| file.int96_unit());
                self.note(&file);
                Ok(file)
            }
        }
    }

    /// Notes what is ignored in a file.
    fn note(&self, file: &ParquetFile) {
        let notes = file.ignored_hints().iter();
        let notes = notes.map(|why| format!("{}: ARROW:schema is ignored: {why}", file.name()));
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).extend(notes);
    }

    /// What was ignored in the files that were opened since it was asked last.
    pub(super) fn take_notes(&self) -> Vec<String> {
        std::mem::take(&mut self.notes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether nobody has read the file's bytes before it was opened.
    pub(super) fn is_unread(&self, number: usize) -> bool {
        matches!(self.files[number], ScanFile::At(..))
    }

    /// Keeps a file open until it is opened the next time.
    pub(super) fn keep(&self, number: usize, file: ParquetFile) {
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = Some((number, file));
    }

    /// The row groups that are read, in order.
    pub(super) fn chosen(&self, file: &ParquetFile) -> Result<Vec<usize>> {
        match &self.row_groups {
            None => Ok((0..file.row_groups()).collect()),
            Some(list) => {
                list.resolve(file.row_groups(), "row group").map_err(|e| e.with(file.name()))
            }
        }
    }

    /// The rows in those.
    pub(super) fn chosen_rows(&self, file: &ParquetFile) -> Result<u64> {
        let chosen = self.chosen(file)?.into_iter();
        Ok(chosen.map(|number| rows(file.parquet().row_group(number))).sum())
    }

    /// The schema of a file, its columns numbered where that was asked for and names are equal.
    pub(super) fn schema(&self, file: &ParquetFile) -> SchemaRef {
        if self.unique_names { unique_names(file.schema()) } else { file.schema().clone() }
    }

    /// The columns of a file, but for those in whose place a key's comes.
    pub(super) fn own_columns(&self, file: &ParquetFile) -> Result<OwnColumns> {
        let schema = self.schema(file);
        if let Some(name) = &self.filename
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
    Error::usage(format!("--filename: \"{}\" is {what} already; take another name", escaped(name)))
}
