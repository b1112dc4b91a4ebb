//! Options of stream-to-parquet for trees of files: partitions, file limits, file names, existing
//! directories.

use super::Options;
use arrow_pipes::command::{Flag, Set, store};
use arrow_pipes::io::Existing;
use arrow_pipes::partition::{NameTemplate, Publish};

pub(crate) const PARTITION_BY: Flag<Options> = Flag {
    short: None,
    long: "partition-by",
    summary: "write a tree with a directory for each key",
    details: "The first column makes the top-level directories. Keys are integers, decimals, \
              floats (with the fewest digits that round-trip), booleans (true, false), dates, \
              times and timestamps (2024-07-01T12:00:00) or text, also dictionary-encoded or \
              run-end encoded. Null is written as __HIVE_DEFAULT_PARTITION__ and -0 as 0; all NaN \
              are the same key. Characters other than letters, digits and -._~ are written as %XX, \
              so that no key leaves the directory. A key of more than 255 bytes, including its \
              column's name and =, is an error, and nothing appears.

              When --memory is used up, each partition with at least 20,000 rows in memory is \
              flushed as a row group, and the rows of the others are moved to temporary files. \
              More memory makes larger row groups. No row group has fewer than 1,000 rows if its \
              file has more, unless --row-group-rows or --row-group-bytes is that small. \
              --sorted-by, --bloom and the like apply to each file.",
    set: Set::Value("COLUMNS", |options, value| store(&mut options.partition_by, value.names())),
};

pub(crate) const KEEP_PARTITION_COLUMNS: Flag<Options> = Flag {
    short: None,
    long: "keep-partition-columns",
    summary: "also store the --partition-by columns in files",
    details: "By default they are only in the names of the directories.",
    set: Set::Switch(|options| options.keep_partition_columns = true),
};

pub(crate) const FILE_ROWS: Flag<Options> = Flag {
    short: None,
    long: "file-rows",
    summary: "start another file after ROWS rows",
    details: "With --partition-by, in each partition. Otherwise all files are in one directory.",
    set: Set::Value("ROWS", |options, value| {
        store(&mut options.limits.rows, value.positive::<u64>())
    }),
};

pub(crate) const FILE_BYTES: Flag<Options> = Flag {
    short: None,
    long: "file-bytes",
    summary: "start another file after about SIZE, as 1GiB",
    details: "The size as stored, give or take a tenth. The limit that is reached first ends the \
              file.",
    set: Set::Value("SIZE", |options, value| store(&mut options.limits.bytes, value.size_bytes())),
};

pub(crate) const NAME_TEMPLATE: Flag<Options> = Flag {
    short: None,
    long: "name-template",
    summary: "name files NAME (part-{number}.parquet)",
    details: "{number} counts the files of a partition, from 00000; {uuid} is the same in all \
              files of one run, and different in every run. The default is part-{number}.parquet, \
              and with --existing append part-{uuid}-{number}.parquet.",
    set: Set::Value("NAME", |options, value| {
        store(&mut options.name_template, value.try_map(NameTemplate::parse))
    }),
};

pub(crate) const EXISTING: Flag<Options> = Flag {
    short: None,
    long: "existing",
    summary: "if the tree exists: error, overwrite or append",
    details: "error (default) fails before any row is read. An empty directory is not an error, \
              because nothing can be lost. If it is the current directory or a mount point, files \
              appear in it one by one, as with append.

              With error and overwrite, the tree is written next to its destination, in a hidden \
              directory .NAME.arrow-pipes-..., and appears at once when it is complete: by one \
              rename, or by one exchange with the old tree, which is then removed. After a failure \
              or a signal (except KILL and faults of the program itself), the old tree is \
              unchanged and nothing new is there. The leftovers of a killed run are removed by the \
              next run to the same destination.

              overwrite refuses a directory that contains anything but directories named \
              KEY=VALUE, files named *.parquet, and files whose names begin with _ or a dot; \
              links are never followed. It refuses the root, home and current directories, their \
              ancestors, and mount points. The new tree gets the group and permissions of the old \
              top directory. Partitions that are not in the stream are deleted. To replace only \
              one, write a stream without the key column to its directory: -o DIR/year=2024. If \
              the old tree changes during the run, the tool keeps it and fails. Some file systems \
              cannot exchange directories, which is reported before any row is read. A directory \
              from a lower layer of overlayfs, as in a container image, cannot be exchanged \
              either, which is reported at the end.

              append writes new files into a hidden directory inside the tree, and renames them \
              into place at the end. Files are never replaced: the new names contain the ID of the \
              run. After a failure none of the new files is there, and a signal takes effect \
              before the first or after the last rename. Only SIGKILL or a loss of power at that \
              very moment can leave some of them; find DIR -name '*ID*' -delete, with the ID in \
              their names, removes them.",
    set: Set::Value("WHAT", |options, value| {
        options.existing = Some(value.one_of(&[
            ("error", Existing::Error),
            ("overwrite", Existing::Overwrite),
            ("append", Existing::Append),
        ])?);
        Ok(())
    }),
};

pub(crate) const PUBLISH: Flag<Options> = Flag {
    short: None,
    long: "publish",
    summary: "publish files: all (at once, default) or each",
    details: "With each, every file gets its name as soon as it is complete, so that readers see \
              the files of a running stream grow in number. It requires --existing append; a \
              missing directory is created. Partial files are never visible. After a failure or a \
              signal, the files that have appeared stay, and the rows of the one being written are \
              lost.",
    set: Set::Value("WHEN", |options, value| {
        store(&mut options.publish, value.one_of(&[("all", Publish::All), ("each", Publish::Each)]))
    }),
};

pub(crate) const METADATA_FILE: Flag<Options> = Flag {
    short: None,
    long: "metadata-file",
    summary: "write _metadata, with the footers of all files",
    details: "Readers that support it (pyarrow.dataset.parquet_dataset, Dask) need no other file \
              to see what is in the tree. The footers of all files are held in memory. Files \
              cannot be appended to a tree that has a _metadata file.",
    set: Set::Switch(|options| options.metadata_file = true),
};

pub(crate) const SUMMARY: Flag<Options> = Flag {
    short: None,
    long: "summary",
    summary: "print files, rows and bytes of each partition",
    details: "Printed to standard output once the tree is in place: a table, with totals if there \
              are several partitions.",
    set: Set::Switch(|options| options.summary = true),
};

pub(crate) const JSON: Flag<Options> = Flag {
    short: None,
    long: "json",
    summary: "print --summary as one JSON object per line",
    details: "Each partition has its path in the tree (\".\" for a tree without partitions) and \
              its numbers of files, rows and bytes.",
    set: Set::Switch(|options| options.json = true),
};

pub(crate) const MAX_OPEN_FILES: Flag<Options> = Flag {
    short: None,
    long: "max-open-files",
    summary: "keep at most N partition files open",
    details: "The default is half of the process limit (ulimit -n). A file that receives a row \
              group before the end of the stream stays open. If too many are open, the least \
              recently written ones are closed, and reopened when needed. Each thread has one \
              more file open.",
    set: Set::Value("N", |options, value| {
        store(&mut options.most_open_files, value.positive::<usize>())
    }),
};
