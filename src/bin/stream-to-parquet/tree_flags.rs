//! Options of stream-to-parquet for trees of files: partitions, file limits, file names, existing
//! directories.

use super::Options;
use arrow_pipes::command::{Complete, Flag, names, option, store};
use arrow_pipes::io::Existing;
use arrow_pipes::partition::{NameTemplate, Publish};

pub(crate) const FLAGS: &[Flag<Options>] = &[
    option("partition-by", "write a tree with a directory for each key")
        .details(
            "The keys of the first column make the top-level directories, those of the next column \
             the directories below, and so on. A directory is named COLUMN=KEY.

             Keys are integers, decimals, floats, booleans, dates, times, timestamps or text. \
             Columns may be dictionary-encoded or run-end encoded. Floats are written with the \
             fewest digits that round-trip, booleans as true and false, timestamps as \
             2024-07-01T12:00:00, null as __HIVE_DEFAULT_PARTITION__, and -0 as 0. All NaN are the \
             same key. Characters other than letters, digits and -._~ are written as %XX, so a key \
             cannot lead out of the tree. A directory name of more than 255 bytes is an error, and \
             nothing appears.

             When --memory is used up, each partition with at least 20,000 rows in memory is \
             written as a row group, and the rows of the other partitions are moved to temporary \
             files. More memory makes larger row groups. A row group has at least 1,000 rows, \
             unless its file has fewer, or --row-group-rows or --row-group-bytes sets a smaller \
             limit. Options such as --sorted-by and --bloom apply to each file.",
        )
        .completes(Complete::Columns(&[]))
        .value("COLUMNS", |options, value| store(&mut options.partition_by, value.names())),
    option("keep-partition-columns", "also store the --partition-by columns in files")
        .details("By default they are only in the names of the directories.")
        .switch(|options| options.keep_partition_columns = true),
    option("file-rows", "start another file after ROWS rows")
        .details(
            "With --partition-by, the rows of each partition are counted separately. Otherwise, \
             all files are in one directory.",
        )
        .value("ROWS", |options, value| {
            store(&mut options.limits.rows, value.positive::<u64>())
        }),
    option("file-bytes", "start another file after about SIZE")
        .details(
            "SIZE, for example 1GiB, counts bytes as stored, to within a tenth. A file ends at the \
             first limit that is reached: this one or that of --file-rows.",
        )
        .value("SIZE", |options, value| store(&mut options.limits.bytes, value.size_bytes())),
    option("name-template", "name files NAME (part-{number}.parquet)")
        .details(
            "{number} counts the files of a partition, from 00000; {uuid} is the same in all files \
             of one run, and different in every run. The default is part-{number}.parquet, and \
             with --existing append, and in a store, part-{uuid}-{number}.parquet.",
        )
        .value("NAME", |options, value| {
            store(&mut options.name_template, value.try_map(NameTemplate::parse))
        }),
    option("existing", "if the output exists: error, overwrite or append")
        .details(
            "If one file is written, overwrite (default) replaces a file or object of its name, and error \
             keeps it and fails, before any row is read, and also if another process has made it in the \
             meantime. The rest is about trees, and arrow-pipes(1) says what is different in a store.

             error (default) fails before any row is read, overwrite replaces the tree, and append \
             adds files to it. An empty directory is not an error, because nothing can be lost. If \
             the empty directory is the current directory or a mount point, files appear in it one \
             by one, as with append.

             With error and overwrite, the tree is written next to its destination, in a hidden \
             directory .NAME.arrow-pipes-..., and appears all at once when it is complete. A new \
             tree is renamed into place. An old tree is exchanged for the new one in one step, and \
             then removed; if that fails, a warning names it, and the exit status is 0, because the \
             new tree is in place. After a failure or a signal, the old tree is unchanged and nothing new \
             is there. The exceptions are KILL and faults of the program itself, whose leftovers \
             are removed by the next run to the same destination.

             overwrite deletes partitions that are not in the stream. To replace only one \
             partition, write a stream without the key column to its directory: -o DIR/year=2024. \
             The new tree gets the group and permissions of the old top directory.

             overwrite refuses a directory that contains anything but directories named KEY=VALUE, \
             files named *.parquet, and files whose names begin with _ or a dot. It also refuses \
             the root, home and current directories, their ancestors, and mount points. Links are \
             never followed. If the old tree changes during the run, the tool fails and keeps the \
             old tree. If the file system cannot exchange directories, the tool fails before any \
             row is read. If the old tree is in a lower layer of overlayfs, as in a container \
             image, it cannot be exchanged either, but the tool fails only at the end.

             append writes new files into a hidden directory inside the tree, and renames them \
             into place at the end. It never replaces a file, because the new names contain the ID \
             of the run. After a failure, none of the new files is there. A signal takes effect \
             before the first rename or after the last one. Only KILL or a loss of power during \
             the renames can leave some of the new files. To remove these, take the ID from their \
             names:

             | find DIR -name '*ID*' -delete",
        )
        .completes(Complete::Choices(|| names(Existing::WORDS)))
        .value("WHAT", |options, value| {
            options.existing = Some(value.one_of(Existing::WORDS)?);
            Ok(())
        }),
    option("publish", "publish files: all (at once, default) or each")
        .details(
            "With each, every file gets its name as soon as it is complete, so that readers see \
             new files while the stream is still being read. --publish each requires --existing \
             append; a missing directory is created. Partial files are never visible. After a \
             failure or a signal, the files that have appeared stay, and rows that are not in one \
             of them are lost.",
        )
        .completes(Complete::Choices(|| names(Publish::WORDS)))
        .value("WHEN", |options, value| {
            store(&mut options.publish, value.one_of(Publish::WORDS))
        }),
    option("metadata-file", "write _metadata, with the footers of all files")
        .details(
            "Readers that support this file (pyarrow.dataset.parquet_dataset, Dask) need no other \
             file to list what the tree contains. The footers of all files are held in memory. \
             Files cannot be appended to a tree that has a _metadata file.",
        )
        .switch(|options| options.metadata_file = true),
    option("success-marker", "write an empty file _SUCCESS, last of all")
        .details(
            "Spark and Hadoop write such a file, and some jobs wait for it. Readers of the tree skip it. In a \
             store, where the objects of a tree do not appear all at once, it says that all of them are there.",
        )
        .switch(|options| options.success_marker = true),
    option("summary", "print files, rows and bytes of each partition")
        .details(
            "Once the tree is in place, a table is printed to standard output. If there are \
             several partitions, it ends with totals.",
        )
        .switch(|options| options.summary = true),
    option("json", "print --summary as one JSON object per line")
        .details(
            "Each object has the path of a partition in the tree (\".\" for a tree without \
             partitions) and the numbers of its files, rows and bytes.",
        )
        .switch(|options| options.json = true),
    option("max-open-files", "keep at most N partition files open")
        .details(
            "The default is half of the process limit (ulimit -n), and 8 in a store, where an open file has up \
             to 8 MiB in memory. A file that receives a row \
             group before the end of the stream stays open. If too many are open, the least \
             recently written ones are closed, and reopened when needed; in a store, their bytes are \
             moved to a temporary file. In addition, each thread has one file open.",
        )
        .value("N", |options, value| {
            store(&mut options.most_open_files, value.positive::<usize>())
        }),
];
