//! The options of parquet-to-stream alone.

use super::Options;
use arrow_pipes::command::{Complete, Flag, merge_schema, names, option, store, suffixes};
use arrow_pipes::io::refuse_to_spool;
use arrow_pipes::parquet_file::{EncodedColumns, Int96Unit, InvalidText, KeyFile};
use arrow_pipes::schema::MergeSchema;
use std::path::Path;

pub(crate) const FLAGS: &[Flag<Options>] = &[
    option("row-groups", "read only these row groups: 0,3-5,-1")
        .details(
            "LIST applies to each file. Numbers start at 0, and negative numbers count from \
             the end. Ranges are inclusive. Row groups are read in the order given.",
        )
        .value("LIST", |options, value| store(&mut options.row_groups, value.number_list())),
    option("batch-rows", "write batches of ROWS rows")
        .details(
            "By default, a batch has as many rows as make about 2 MiB, but at most 65,536. The \
             last batch of a row group may be smaller. If batches of ROWS rows would have more \
             than 268,435,456 values in a column of lists, those of the row group have fewer \
             rows. With --where, any batch may be smaller, and small batches are merged.",
        )
        .value("ROWS", |options, value| store(&mut options.batch_rows, value.positive::<usize>())),
    option("runs", "run-end encode COLUMNS: names, auto or none")
        .details(
            "Where a value is repeated, a run-end encoded column takes little space in a pipe: the \
             value and one number. auto chooses the columns that take at most half of the bytes \
             when they are encoded. To find them, it reads the footers of all files before the \
             first row. All of these tools read such columns, but not all other programs do. Tools \
             at the end of a pipeline (such as stream-to-parquet and stream-to-csv) write plain \
             columns again; see arrow-pipes(1). By default, columns are encoded only if the reader \
             of the pipe tells that it understands that: the choice is then made as for auto, from \
             the first file. none prevents it. Nested columns, columns of extension types, and \
             columns that are already dictionaries are left unchanged.",
        )
        .completes(Complete::Columns(&[AUTO, NONE]))
        .value("COLUMNS", |options, value| store(&mut options.runs, value.names().map(encoded))),
    option("dictionary", "dictionary-encode COLUMNS: names, auto or none")
        .details(
            "The file's dictionaries become Arrow dictionaries, with the narrowest index type that \
             is wide enough for every row group (the footers of all files are read first). A \
             dictionary is sent again for each row group where it differs. auto chooses the \
             columns that take at most half of the bytes when they are encoded. Everything else is \
             as for --runs. If both options are auto, --runs takes precedence.",
        )
        .completes(Complete::Columns(&[AUTO, NONE]))
        .value("COLUMNS", |options, value| {
            store(&mut options.dictionary, value.names().map(encoded))
        }),
    merge_schema(
        "strict requires equal schemas and reads one footer before the first row. A file with a \
         different schema is an error when it is reached. With several files, all columns are \
         declared nullable, whatever the first file says.

         union reads all footers first, even those of files that --where excludes. It matches \
         columns by name, and keeps the order in which they first appear. A column that a file \
         lacks is null for its rows. Types that differ become the narrowest type that holds the \
         values of both exactly, as in stream-cat. If there is no such type, an error names the \
         file, the column and both types. Timestamps of different time zones become UTC, with a \
         warning.",
        Complete::Choices(|| names(MergeSchema::WORDS)),
        |options, value| store(&mut options.merge_schema, value.one_of(MergeSchema::WORDS)),
    ),
    option("unique-names", "number columns with the same name: x, x_2")
        .details(
            "The first of these columns keeps its name; _2, _3 and so on are added to the names of \
             the others. A number that would produce the name of another column is skipped. -c, \
             --where and the other options then use the new names. Fields of structs keep their \
             names.",
        )
        .switch(|options| options.unique_names = true),
    option("key-file", "read the keys of encrypted files from FILE")
        .details(
            "FILE has one entry per line; a line that begins with # is a comment:

             | footer KEY       the footer key
             | column PATH KEY  a column: a.b inside a struct, or a for all of a
             | id NAME KEY      a key that a file refers to by name
             | aad-prefix TEXT  the AAD prefix of files that do not store it

             KEY is 16, 24 or 32 bytes as hexadecimal digits or base64. FILE may be a pipe: \
             --key-file <(command). Keys are never taken from the command line or the environment. \
             AES-GCM and AES-GCM-CTR are supported. If the key of a column is missing, reading \
             that column is an error; select the other columns with -c. Page indexes and bloom \
             filters of encrypted columns are not used.",
        )
        .completes(Complete::Files(suffixes::ANY))
        .value("FILE", |options, value| {
            store(&mut options.keys, KeyFile::read(Path::new(&value.raw())))
        }),
    option("filename", "append a COLUMN that holds the name of the file")
        .details(
            "The name is text, as the file was given. The column takes almost no space if it is \
             run-end or dictionary-encoded. --where can use the column, and files that it excludes \
             by name are not opened.",
        )
        .value("COLUMN", |options, value| store(&mut options.filename, value.name())),
    option("int96", "read INT96 timestamps in UNIT: us, ns or ms")
        .details(
            "Spark, Hive and Impala write INT96 timestamps. The default is the unit in the file's \
             Arrow schema. Without an Arrow schema, the default is nanoseconds, which cover the \
             years 1677 to 2262. If a dictionary page has a timestamp outside that range, such as \
             9999-12-31 for \"never\", the default is a coarser unit. The first file determines \
             the unit for all files. A timestamp that does not fit the unit is an error.",
        )
        .completes(Complete::Choices(|| names(INT96_UNITS)))
        .value("UNIT", |options, value| {
            options.read.int96 = Some(value.one_of(INT96_UNITS)?);
            Ok(())
        }),
    option("invalid-text", "if text is not UTF-8: error, binary or replace")
        .details(
            "error (default) names the column and the row. binary reads all text columns as \
             binary. replace substitutes U+FFFD for each invalid sequence. To treat only some \
             columns this way, select them with -c.",
        )
        .completes(Complete::Choices(|| names(InvalidText::WORDS)))
        .value("HOW", |options, value| {
            options.read.invalid_text = value.one_of(InvalidText::WORDS)?;
            Ok(())
        }),
    option("ignore-checksums", "read pages even if their checksums are wrong")
        .details(
            "By default, the checksum of each page that has one is verified. A mismatch means that \
             the page is damaged: it is an error that names the column, the row group and the \
             number of the page. With this option, such pages are read, and their values may be \
             wrong.",
        )
        .switch(|options| options.read.ignores_checksums = true),
    option("verbose", "report what is ignored in the files")
        .short('v')
        .details(
            "These are the parts of the Arrow schema (ARROW:schema) that do not match the \
             columns of the file. The reports go to standard error.",
        )
        .switch(|options| options.is_verbose = true),
    option("temporary-directory", "create temporary files in DIR")
        .details("A file from a pipe is copied there. The default is $TMPDIR, or else /var/tmp.")
        .completes(Complete::Directory)
        .value("DIR", |options, value| {
            options.temporary_directory = Some(value.raw());
            Ok(())
        }),
    option("no-spool", "fail instead of copying an input to a temporary file")
        .details(
            "A file that is read from its end is copied if it comes from a pipe, or from a server \
             that sends only whole objects.",
        )
        .switch(|_| refuse_to_spool()),
];

const INT96_UNITS: &[(&str, Int96Unit)] = &[
    ("us", Int96Unit::Microsecond),
    ("ns", Int96Unit::Nanosecond),
    ("ms", Int96Unit::Millisecond),
];

/// The word for the columns that take less space when they are encoded.
const AUTO: &str = "auto";

/// The word for no columns, whatever the reader understands.
const NONE: &str = "none";

fn encoded(names: Vec<String>) -> EncodedColumns {
    match names.as_slice() {
        [word] if word == AUTO => EncodedColumns::Auto,
        [word] if word == NONE => EncodedColumns::None,
        _ => EncodedColumns::Named(names),
    }
}
