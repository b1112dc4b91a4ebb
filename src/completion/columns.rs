//! The columns of the files on a command line. Only footers, schemas and the heads of texts are
//! read, and only of regular files: to open a pipe would change what the command reads.

use super::line::Line;
use super::paths::with_home;
use crate::any_file::quick_schema;
use crate::dataset::{hive, is_hidden};
use crate::schema::type_name;
use arrow::datatypes::{DataType, Field, FieldRef};
use std::collections::HashSet;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

/// A column that can be offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) type_name: String,
}

/// The command whose operands may be directories.
const READS_DIRECTORIES: &str = "parquet-to-stream";

/// More words are not tried.
const MOST_TRIED: usize = 32;

/// Directories are not read below that.
const MOST_LEVELS: usize = 16;

/// Most files take a few milliseconds.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// The columns of the first file among the operands, or else among the words around the command.
/// Fields of a struct are included if `typed` begins with its name and a dot.
pub(super) fn columns(line: &Line, operands: &[String], typed: &str) -> Vec<Column> {
    let own = operands.iter().map(|word| (word, true));
    let around = line.around.iter().flat_map(|command| {
        let first = command.first().map(Path::new).and_then(Path::file_name);
        let has_directories = first.is_some_and(|name| name == READS_DIRECTORIES);
        command.iter().map(move |word| (word, has_directories))
    });
    let tried = own.chain(around).take(MOST_TRIED);
    let tried = tried.map(|(word, directories)| (with_home(word), directories)).collect();
    let mut found = Vec::new();
    add(&fields_in_time(tried).unwrap_or_default(), "", typed, &mut found);
    // Columns of the same name cannot be told apart by it.
    let mut seen = HashSet::new();
    found.retain(|column| seen.insert(column.name.clone()));
    found
}

/// The columns of the first file that has some. A thread reads them: if it takes too long, as on a
/// network file system that does not respond, the answer comes without them.
fn fields_in_time(tried: Vec<(PathBuf, bool)>) -> Option<Vec<FieldRef>> {
    let (sender, receiver) = channel();
    std::thread::Builder::new()
        .spawn(move || {
            let found = tried.iter().find_map(|(path, directories)| fields(path, *directories));
            // The receiver is gone if it took too long.
            let _ignored = sender.send(found);
        })
        .ok()?;
    receiver.recv_timeout(LONGEST_WAIT).ok().flatten()
}

/// The columns of a file, or of the first file in a directory.
fn fields(path: &Path, directories: bool) -> Option<Vec<FieldRef>> {
    // A pattern begins with a directory.
    let is_plain =
        |part: &Component<'_>| !part.as_os_str().to_string_lossy().contains(['*', '?', '[']);
    let plain: PathBuf = path.components().take_while(is_plain).collect();
    let plain = if plain == Path::new("") { PathBuf::from(".") } else { plain };
    let (file, keys) = match plain.metadata().ok()? {
        // Files of /proc have no size, and to read one may wait for ever.
        found if found.is_file() && found.len() > 0 => (plain, Vec::new()),
        found if found.is_dir() && directories => first_file(plain)?,
        _ => return None,
    };
    let schema = quick_schema(&file).ok()?;
    let keys = keys.iter().map(|key| Arc::new(Field::new(key, DataType::Utf8, true)));
    Some(schema.fields().iter().cloned().chain(keys).collect())
}

/// A file below a directory, and the partition keys in its path. One directory is read at each
/// level, because there may be thousands.
fn first_file(mut path: PathBuf) -> Option<(PathBuf, Vec<String>)> {
    let mut keys = Vec::new();
    for _ in 0..MOST_LEVELS {
        let entries = path.read_dir().ok()?.flatten();
        let visible = entries.filter(|entry| !is_hidden(&entry.file_name()));
        let found = visible.map(|entry| entry.path()).min()?;
        match found.metadata().ok()? {
            kind if kind.is_file() => return Some((found, keys)),
            kind if kind.is_dir() => keys.extend(key_of(&found)),
            _ => return None,
        }
        path = found;
    }
    None
}

/// The name of the column for a directory such as `year=2024`.
fn key_of(directory: &Path) -> Option<String> {
    let key = hive::decode(directory.file_name()?.as_bytes())?;
    String::from_utf8(key.name.into_owned()).ok()
}

fn add(fields: &[FieldRef], above: &str, typed: &str, found: &mut Vec<Column>) {
    for field in fields {
        let name = format!("{above}{}", field.name());
        // A shell cannot show it on a line.
        if name.contains(char::is_control) {
            continue;
        }
        let inside = format!("{name}.");
        found.push(Column { name, type_name: type_name(field.data_type()) });
        if let DataType::Struct(children) = field.data_type()
            && typed.starts_with(&inside)
        {
            add(children, &inside, typed, found);
        }
    }
}
