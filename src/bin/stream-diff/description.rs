//! The description and the examples in the manual of stream-diff.

use arrow_pipes::command::Example;

pub(crate) const DESCRIPTION: &str =
    "Compares two tables by key and shows the rows that only OLD has (-), those that \
    only NEW has (+), and those whose values differ (~), with the columns that \
    changed and both values. The exit status is 0 if the tables are the same, 1 if \
    they differ, and 2 after any failure, as that of diff.

    A table is a Parquet file, an Arrow file or stream, delimited text or JSON, \
    recognized by its content, or a directory or a quoted pattern of Parquet files, \
    whose partition keys are columns. A pipe must have an Arrow stream. Only the \
    columns that are compared are read.

    Differences of the schemas come first: columns that only one table has, and \
    columns of other types. The order of columns does not matter, and neither does \
    how values are stored: text and lists with offsets of any size, dictionary-encoded \
    and run-end encoded values, columns that may be null or not. Then \
    each differing row has a line, in the order of the keys, as --key shows.

    Values are equal by value, whatever their types: integers of any width and \
    decimals, dates and timestamps. Null equals null, NaN equals NaN, and -0 equals \
    0. An integer or a decimal and a floating-point number are compared as float64. \
    Columns whose types have no values in common, such as int64 and text, are not \
    compared, but are a difference. Keys must be of types that are compared exactly.

    Both tables are read in step if they are sorted by key: ascending, nulls last. Of a file, the \
    key columns are read first to find that out. A file in another order is sorted, and so is a \
    pipe, unless --sorted is given.

    On a terminal there are colours, unless NO_COLOR is in the environment, a row \
    that changed takes several lines if it is wide, other rows are cut to the width \
    of the terminal, and only the first 100 differing rows are shown.";

pub(crate) const EXAMPLES: &[Example] = &[
    Example {
        purpose: "what changed between two exports?",
        line: "stream-diff --key group,id,row january.parquet february.parquet",
    },
    Example {
        purpose: "how much changed, with a status of 1 that is no failure",
        line: "stream-diff -k row,id,group --summary data.arrows data.parquet || [ $? = 1 ]",
    },
    Example {
        purpose: "the same rows, in any order?",
        line: "parquet-to-stream data.parquet | stream-sort --by row | stream-diff \
               --ignore-order data.parquet -",
    },
    Example {
        purpose: "the rows that were added, as a file of their own",
        line: "(stream-diff -k group,id,row --stream data.arrows data.parquet; true) | \
               stream-filter \"change = 'added'\" -o added.arrows",
    },
];

pub(crate) const KEY: &str = "Enclose a name that contains a comma in double quotes.

    | - column region utf8
    | ~ column size int32 -> int64
    | ~ id=7  price 10.5 -> 11.0, city Rome -> NULL
    | - id=9  price 3.0, city \"New York\"
    | + id=12  price 4.5, city Oslo
    | 1 changed, 1 removed, 1 added; 19,999,994 the same";
