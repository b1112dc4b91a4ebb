//! Options that say which files are meant beside the operands, and what their paths say.

use super::shared_options::Common;
use super::table::{Flag, Set};
use crate::endpoint::Operand;

/// Which files are read, and which parts of their paths are columns.
pub const DATASET: &[Flag<Common>] = &[
    Flag {
        short: None,
        long: "files-from",
        summary: "read the files that LIST names, too",
        details: "And directories, which stand for the files below them. Parted by NUL (find -print0) if there is one in it, else by line ends; - is \
                  standard input. Each is a path as it stands: no pattern, and - is a file of that \
                  name. They come after the operands.",
        set: Set::Value("LIST", |common, value| {
            common.dataset.files_from = Some(Operand::from_argument(value.raw()));
            Ok(())
        }),
    },
    Flag {
        short: None,
        long: "hive",
        summary: "make columns of key=value in all paths",
        details: "Also in those of files that are operands. Without it only in directories below an \
                  operand, and in a pattern from its first wildcard on.",
        set: Set::Switch(|common| common.dataset.hive = true),
    },
    Flag {
        short: None,
        long: "no-hive",
        summary: "make no columns of key=value in paths",
        details: "",
        set: Set::Switch(|common| common.dataset.no_hive = true),
    },
    Flag {
        short: None,
        long: "hive-types",
        summary: "the types of some keys: 'day date'",
        details: "Written as in csv-to-stream --schema. Without it a key is int64 where all its \
                  values are integers that fit, date32 where all are days such as 2024-07-01, \
                  else utf8. Zeros before an integer are those of a number only where all values have \
                  as many digits (01 to 12): beside 7, 07 is text, for they are two values. A value that does not fit the type given is an error.",
        set: Set::Value("COLUMNS", |common, value| {
            common.dataset.hive_types = Some(value.text()?);
            Ok(())
        }),
    },
];
