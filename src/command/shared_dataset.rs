//! Options for files beyond the operands and for partition columns from paths.

use super::group::Shared;
use super::table::{Flag, option};
use super::value::store;
use crate::completion::{Complete, suffixes};
use crate::options::{DatasetOptions, Operand};

impl Shared for DatasetOptions {
    const FLAGS: &'static [Flag<Self>] = &[
        option("files-from", "also read the files listed in LIST")
            .details(
                "If LIST is -, the list is read from standard input. Entries are separated by NUL \
                 (as by find -print0) if the list contains a NUL, and otherwise by line breaks. \
                 Each entry is a literal path, not a pattern; an entry - is a file of that name. \
                 An entry that is a directory stands for the files below it. The listed files are \
                 read after the operands.",
            )
            .completes(Complete::Files(suffixes::ANY))
            .value("LIST", |dataset, value| {
                dataset.files_from = Some(Operand::from_argument(value.raw()));
                Ok(())
            }),
        option("hive", "make columns of key=value in all paths")
            .details(
                "This includes the paths of files named as operands. By default, only the parts of \
                 a path below an operand are used, or those from the first wildcard of a pattern \
                 on.",
            )
            .switch(|dataset| dataset.hive = true),
        option("no-hive", "make no columns of key=value in paths")
            .switch(|dataset| dataset.no_hive = true),
        option("hive-types", "set the types of some keys: 'day date'")
            .details(
                "COLUMNS is written as in csv-to-stream --schema. By default, a key is int64 if \
                 all its values are integers that fit, date32 if all are days such as 2024-07-01, \
                 and utf8 otherwise. Integers may have leading zeros only if all values have the \
                 same number of digits (01 to 12). If both 7 and 07 occur, the key is text, \
                 because they are different values. A value that does not fit the given type is an \
                 error.",
            )
            .value("COLUMNS", |dataset, value| store(&mut dataset.hive_types, value.text())),
    ];

    fn replaces_stdin(&self) -> bool {
        self.files_from.is_some()
    }
}
