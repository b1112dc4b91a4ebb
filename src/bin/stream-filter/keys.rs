//! The keys of --in and --not-in: lines of text, or a column of an Arrow file or stream.

use arrow_pipes::expression::KeySet;
use arrow_pipes::expression::Predicate;
use arrow_pipes::io::Input;
use arrow_pipes::options::{InputOptions, Operand};
use arrow_pipes::schema::find_columns;
use arrow_pipes::stream::Reader;
use arrow_pipes::text::escaped;
use arrow_pipes::{Error, Result};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};

/// Reads the keys for a column from a file, whose messages have the limit that those of the stream have.
///
/// # Errors
/// An unknown column, or a column of a type without keys; a file that cannot be read; a key that is
/// not a value of the column's type, with its line.
pub(crate) fn read(
    file: &Operand,
    column: &str,
    stream: &Reader,
    options: &InputOptions,
) -> Result<Predicate> {
    let schema = stream.schema();
    let place = find_columns(schema, &[column.to_owned()])?;
    let place = place.first().copied().unwrap_or_default();
    let mut keys = KeySet::new(schema, place)?;
    let is_text = schema.field(place).data_type().is_string();
    let failed = |error: Error| error.with(format!("keys of {}", file.name()));
    let mut input = BufReader::new(open(file)?);
    let start = input.fill_buf().map_err(|error| Error::io(file.name(), &error))?;
    let is_arrow = start.starts_with(&[0xff; 4]) || start.starts_with(b"ARROW1");
    if is_arrow {
        read_column(file, column, &mut keys, options).map_err(failed)?;
    } else {
        read_lines(input, is_text, &mut keys).map_err(failed)?;
    }
    Ok(keys.into_predicate(schema))
}

fn open(file: &Operand) -> Result<Box<dyn Read>> {
    Ok(match file {
        Operand::Stdin => Box::new(std::io::stdin()),
        Operand::Url(_) => Box::new(Object(Input::open(file)?)),
        Operand::Path(path) => {
            Box::new(File::open(path).map_err(|error| Error::io(file.name(), &error))?)
        }
    })
}

/// An object, which is read from its start.
struct Object(Input);

impl Read for Object {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(bytes).map_err(std::io::Error::other)
    }
}

fn read_lines(input: impl BufRead, is_text: bool, keys: &mut KeySet) -> Result<()> {
    for (number, line) in input.lines().enumerate() {
        let named = |error: Error| error.with(format!("line {}", number + 1));
        let line = line.map_err(|error| named(Error::failed(error.to_string())))?;
        let line = line.strip_suffix('\r').unwrap_or(&line);
        if !line.is_empty() || is_text {
            keys.add(line).map_err(named)?;
        }
    }
    Ok(())
}

/// The column of the same name, or the only one.
fn read_column(
    file: &Operand,
    column: &str,
    keys: &mut KeySet,
    options: &InputOptions,
) -> Result<()> {
    let is_read_again = match file {
        Operand::Path(path) => path.is_file(),
        Operand::Url(_) => true,
        Operand::Stdin => false,
    };
    if !is_read_again {
        return Err(Error::failed(
            "keys from a pipe must be lines of text (stream-to-csv --no-header)",
        ));
    }
    let mut reader = Reader::open_plain(&InputOptions {
        operands: vec![file.clone()],
        max_message_bytes: options.max_message_bytes,
        threads: options.threads.clone(),
        ..InputOptions::default()
    })?;
    let fields = reader.schema().fields();
    let place = match fields.len() {
        1 => 0,
        _ => fields.iter().position(|field| field.name() == column).ok_or_else(|| {
            Error::failed(format!("it has several columns, but none named \"{}\"", escaped(column)))
        })?,
    };
    let field = fields[place].clone();
    reader.project(vec![place])?;
    while let Some(batch) = reader.next_batch()? {
        keys.add_all(batch.column(0), &field)?;
    }
    Ok(())
}
