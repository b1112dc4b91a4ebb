//! The options of stream-to-parquet for trees of files: partitions, where files end, how they are named, what
//! becomes of a directory that is there.

use super::Options;
use arrow_pipes::command::{Flag, Set};
use arrow_pipes::io::Existing;
use arrow_pipes::partition::{NameTemplate, Publish};

pub(crate) const PARTITION_BY: Flag<Options> = Flag {
    short: None,
    long: "partition-by",
    summary: "write a tree, with a directory for each key",
    details: "The first column makes the uppermost directories. Keys are integers, decimals, floats (the \
              fewest digits that give them back), booleans (true, false), dates, times and timestamps \
              (2024-07-01T12:00:00) or text, in dictionaries and runs, too. Null is \
              __HIVE_DEFAULT_PARTITION__, -0 is 0, all NaN are one. Characters other than letters, digits and \
              -._~ are written as %XX, so that no key leaves the directory. A key of more than 255 bytes, its \
              column's name and = included, is an error, and nothing appears.

              When --memory is full, a partition with 20,000 rows there or more gets a row group of them, and \
              the rows of others wait in temporary files. More memory makes larger row groups. None has less \
              than 1,000 rows where its file has more, unless --row-group-rows or --row-group-bytes ask for \
              that. --sorted-by, --bloom and the like hold for each file.",
    set: Set::Value("COLUMNS", |options, value| {
        options.partition_by = value.names()?;
        Ok(())
    }),
};

pub(crate) const KEEP_PARTITION_COLUMNS: Flag<Options> = Flag {
    short: None,
    long: "keep-partition-columns",
    summary: "store the --partition-by columns in files, too",
    details: "Without it they are in the names of the directories alone.",
    set: Set::Switch(|options| options.keep_partition_columns = true),
};

pub(crate) const FILE_ROWS: Flag<Options> = Flag {
    short: None,
    long: "file-rows",
    summary: "end a file at ROWS rows and begin another",
    details: "With --partition-by for each partition. Without it the files lie side by side.",
    set: Set::Value("ROWS", |options, value| {
        options.limits.rows = Some(value.positive()?);
        Ok(())
    }),
};

pub(crate) const FILE_BYTES: Flag<Options> = Flag {
    short: None,
    long: "file-bytes",
    summary: "end a file at about SIZE (1GiB) as stored",
    details: "Give or take a tenth. Whichever limit is met first ends the file.",
    set: Set::Value("SIZE", |options, value| {
        options.limits.bytes = Some(value.size_bytes()?);
        Ok(())
    }),
};

pub(crate) const NAME_TEMPLATE: Flag<Options> = Flag {
    short: None,
    long: "name-template",
    summary: "call files so (part-{number}.parquet)",
    details: "{number} counts the files of a partition, from 00000; {uuid} is the same in all files of a run, \
              and in no other run. Without it files are called part-{number}.parquet, with --existing append \
              part-{uuid}-{number}.parquet.",
    set: Set::Value("NAME", |options, value| {
        options.name_template = Some(value.try_map(NameTemplate::parse)?);
        Ok(())
    }),
};

pub(crate) const EXISTING: Flag<Options> = Flag {
    short: None,
    long: "existing",
    summary: "existing tree: error, overwrite or append",
    details: "error, the default, is an error before any row is read; an empty directory is filled, since \
              nothing can be lost (the current directory or a mount point file by file, as by append).

              With both error and overwrite the tree is written beside its place, in a hidden directory \
              .NAME.arrow-pipes-..., and appears at once when it is whole: by one rename, or by one exchange \
              with the old tree, which is removed then. After a failure or a signal (KILL and faults of the \
              program itself excepted) the old tree is as it was and nothing new is there; what a killed \
              run leaves the next one to the same place removes.

              overwrite refuses a directory that holds anything but directories named KEY=VALUE, files named \
              *.parquet, and files whose names begin with _ or a dot; links are never followed. It refuses the \
              root, home and current directories, those that hold them, and mount points. The new tree has the \
              group and the permissions of the old one's top directory. Partitions that the stream does \
              not have vanish: to replace one partition, give its directory, as -o DIR/year=2024, and a stream \
              without its key. A tree that is changed meanwhile is kept, and that is an error. Some file systems cannot exchange directories, which \
              is told before any row is read; that a directory is one of a lower layer of overlayfs, as in an \
              image of a container, and cannot be exchanged for this reason, is told at the end.

              append writes new files in a hidden directory within, and renames them into their places at the \
              end. No file is ever replaced: their names have an id of the run. After a failure none of them \
              is there, and a signal comes before the first or after the last. Only SIGKILL or a loss of power \
              in that very moment can leave some; find DIR -name '*ID*' -delete, with the id in their names, \
              removes them.",
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
    summary: "when files appear: all (at once, the default) or each",
    details: "With each, every file gets its name as soon as it is whole, so that readers see the set of a \
              running stream grow. It needs --existing append; a directory that is not there is made. \
              A file is never seen in part. After a failure or a signal the files that appeared before \
              stay, and the rows of the one that was being written are lost.",
    set: Set::Value("WHEN", |options, value| {
        options.publish = Some(value.one_of(&[("all", Publish::All), ("each", Publish::Each)])?);
        Ok(())
    }),
};

pub(crate) const METADATA_FILE: Flag<Options> = Flag {
    short: None,
    long: "metadata-file",
    summary: "write _metadata, with the footers of all files",
    details: "Readers that know it (pyarrow.dataset.parquet_dataset, Dask) need to open no other file to see \
              what is in the tree. It takes memory for the footers of all files. Files cannot be appended to a \
              tree that has one.",
    set: Set::Switch(|options| options.metadata_file = true),
};

pub(crate) const SUMMARY: Flag<Options> = Flag {
    short: None,
    long: "summary",
    summary: "print files, rows and bytes of each partition",
    details: "To standard output, once the tree is in its place: a table, with a sum where there are several \
              partitions.",
    set: Set::Switch(|options| options.summary = true),
};

pub(crate) const JSON: Flag<Options> = Flag {
    short: None,
    long: "json",
    summary: "print the --summary as a JSON object per line",
    details: "For each partition its path in the tree (\".\" for a tree without partitions), and \
              the numbers of files, rows and bytes.",
    set: Set::Switch(|options| options.json = true),
};

pub(crate) const MAX_OPEN_FILES: Flag<Options> = Flag {
    short: None,
    long: "max-open-files",
    summary: "have at most N files of partitions open",
    details: "Without it half of what the system allows the process (ulimit -n). Files that got row groups \
              before the end of the stream stay open for more; of too many, those written longest ago are \
              closed and opened again when their turn comes. Each thread has another one open.",
    set: Set::Value("N", |options, value| {
        options.most_open_files = Some(value.positive()?);
        Ok(())
    }),
};
