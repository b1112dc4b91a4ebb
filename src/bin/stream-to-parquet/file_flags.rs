//! The options of stream-to-parquet for how a file is written: codec, row groups, pages, encodings,
//! metadata.

use super::Options;
use arrow_pipes::command::{Flag, Set};
use arrow_pipes::parquet_file::{
    ColumnEncoding, Compression, DictionaryColumns, KeepMetadata, Statistics, Target,
};

pub(crate) const COMPRESSION: Flag<Options> = Flag {
    short: Some('z'),
    long: "compression",
    summary: "none, snappy, lz4, zstd:1, gzip:6 or brotli:1",
    details: "The default is zstd:1; --for has its own. The number is the level, and may be left out: 1 to 22 for zstd (1 by \
              default), 0 to 9 for gzip (6), 0 to 11 for brotli (1). lz4 is what the format calls LZ4_RAW.",
    set: Set::Value("CODEC", |options, value| {
        options.compression = Some(value.try_map(Compression::parse)?);
        Ok(())
    }),
};

pub(crate) const FOR: Flag<Options> = Flag {
    short: None,
    long: "for",
    summary: "for spark, duckdb, bigquery, athena or any",
    details: "Chooses settings that the program can read, and refuses options that it cannot:

              | TARGET    CODEC   OTHER CODECS        INTEGERS   TIMES
              | any       snappy  none, gzip, zstd    plain      microseconds
              | spark     snappy  none, gzip, zstd    plain      microseconds
              | duckdb    zstd:1  all                 delta      of the stream
              | bigquery  zstd:1  none, snappy, gzip  plain      microseconds
              | athena    zstd:1  none, snappy, gzip  plain      microseconds

              any stands for all of them. All of them read dictionaries and pages of version 1. Without --for, \
              files have zstd:1, delta where it makes integers smaller, and the times of the stream: pyarrow \
              since 8, DuckDB, and Spark since 3.3 read them; older versions of Spark need --for spark. Plain \
              integers would make a file of nine mixed columns 8 % larger, and take a third more time to write \
              and half as much more to read. snappy makes such files larger by 40 %.

              Timestamps and times in nanoseconds become microseconds. A value that has nanoseconds is \
              an error, since they would be lost.

              Sources: Spark refuses timestamps in nanoseconds (SPARK-40819), reads delta since 3.3 \
              (SPARK-36879), and zstd without Hadoop's native library since 3.2 (SPARK-34880). BigQuery documents gzip, LZO, \
              snappy and zstd, and microseconds. Athena documents gzip, snappy, zstd and an lz4 with a frame of its own, and \
              milliseconds. Neither documents encodings. DuckDB reads delta for text since 0.7 (duckdb#5457) and \
              byte-stream-split since 0.10 (duckdb#9240).",
    set: Set::Value("TARGET", |options, value| {
        options.encode.target = Some(value.one_of(&Target::ALL)?);
        Ok(())
    }),
};

pub(crate) const ROW_GROUP_ROWS: Flag<Options> = Flag {
    short: None,
    long: "row-group-rows",
    summary: "end a row group at ROWS rows",
    details: "The default is 1048576. Readers skip and parallelize by row group; small ones make files large \
              and slow.",
    set: Set::Value("ROWS", |options, value| {
        options.encode.row_group_rows = value.positive()?;
        Ok(())
    }),
};

pub(crate) const ROW_GROUP_BYTES: Flag<Options> = Flag {
    short: None,
    long: "row-group-bytes",
    summary: "end a row group at about SIZE (128MiB) stored",
    details: "Whichever limit is met first ends it.",
    set: Set::Value("SIZE", |options, value| {
        options.encode.row_group_bytes = Some(value.memory_bytes()?);
        Ok(())
    }),
};

pub(crate) const STATISTICS: Flag<Options> = Flag {
    short: None,
    long: "statistics",
    summary: "smallest and largest values: none, chunk, page",
    details: "Of each column of a row group (chunk), or of each page too (page, the default). Readers pass \
              over what cannot match.",
    set: Set::Value("LEVEL", |options, value| {
        options.encode.statistics = value.one_of(&[
            ("none", Statistics::None),
            ("chunk", Statistics::Chunk),
            ("page", Statistics::Page),
        ])?;
        Ok(())
    }),
};

pub(crate) const NO_CHECKSUMS: Flag<Options> = Flag {
    short: None,
    long: "no-checksums",
    summary: "leave out the checksums of pages",
    details: "By default each page has a CRC-32, by which readers notice damage: parquet-to-stream, pyarrow \
              (page_checksum_verification=True), Spark (parquet.page.verify-checksum.enabled).",
    set: Set::Switch(|options| options.encode.checksums = false),
};

pub(crate) const DATA_PAGE_BYTES: Flag<Options> = Flag {
    short: None,
    long: "data-page-bytes",
    summary: "end a data page at about SIZE (512KiB)",
    details: "Before compression. A page ends at 50000 rows, too.",
    set: Set::Value("SIZE", |options, value| {
        options.encode.data_page_bytes = value.memory_bytes()?;
        Ok(())
    }),
};

pub(crate) const CONTENT_DEFINED: Flag<Options> = Flag {
    short: None,
    long: "content-defined",
    summary: "end data pages where the content says",
    details: "Files with many equal rows then have many equal pages, even if rows were inserted before them. Stores that keep \
              equal parts of files once need less space: of a million rows in ten columns into which 1 % were inserted in \
              one place, 88 % of the bytes lie in pages of the file before instead of 12 %; in ten places 66 % instead \
              of none. Pages are at most --data-page-bytes and at least a quarter of that. Columns of several parts (structs, maps) keep ordinary \
              pages. It cannot be combined with --bloom.",
    set: Set::Switch(|options| options.encode.content_defined = true),
};

pub(crate) const DICTIONARY_PAGE_BYTES: Flag<Options> = Flag {
    short: None,
    long: "dictionary-page-bytes",
    summary: "give up larger dictionaries (1MiB)",
    details: "A larger one holds more distinct values, and readers keep it in memory for each column. What follows in the \
              row group is stored plain, or as --encode says.",
    set: Set::Value("SIZE", |options, value| {
        options.encode.dictionary_page_bytes = value.memory_bytes()?;
        Ok(())
    }),
};

pub(crate) const ENCODE: Flag<Options> = Flag {
    short: None,
    long: "encode",
    summary: "choose the encoding of a column",
    details: "May be given several times. COLUMN stands for all columns below it, too: a.b, tags.list.element.

              | ENCODING           FOR                         FORMAT
              | plain              all types                   PLAIN
              | dictionary         all types but booleans      RLE_DICTIONARY
              | delta              integers, dates, times      DELTA_BINARY_PACKED
              | delta-length       text, binary                DELTA_LENGTH_BYTE_ARRAY
              | delta-strings      text, binary                DELTA_BYTE_ARRAY
              | byte-stream-split  numbers, fixed-size binary  BYTE_STREAM_SPLIT

              delta suits sequences and timestamps, delta-strings sorted text, byte-stream-split measurements. \
              Some readers do not know the last four; see --for.",
    set: Set::Each("COLUMN=ENCODING", |options, value| {
        options.encode.encodings.push(value.try_map(ColumnEncoding::parse_pair)?);
        Ok(())
    }),
};

pub(crate) const ENCODE_DICTIONARY: Flag<Options> = Flag {
    short: None,
    long: "encode-dictionary",
    summary: "store distinct values once: NAMES, all or none",
    details: "By default for all columns whose first rows repeat values. A dictionary is given up when it \
              grows beyond --dictionary-page-bytes. --encode of the same column comes first.",
    set: Set::Value("NAMES", |options, value| {
        options.encode.dictionary = match value.names()? {
            names if names == ["all"] => DictionaryColumns::All,
            names if names == ["none"] => DictionaryColumns::None,
            names => DictionaryColumns::Named(names),
        };
        Ok(())
    }),
};

pub(crate) const BLOOM: Flag<Options> = Flag {
    short: None,
    long: "bloom",
    summary: "store bloom filters of the columns NAMES",
    details: "By a filter, readers that look for single values (id = 7) pass over row groups in which a value \
              does not occur, though it lies between the smallest and the largest: parquet-to-stream -w does, \
              for integers, dates, text and bytes. A filter takes 1.2 to 2.4 bytes for each distinct value of \
              a row group, and errs once in a hundred. Columns of booleans and floats can have none.",
    set: Set::Value("NAMES", |options, value| {
        options.encode.bloom = value.names()?;
        Ok(())
    }),
};

pub(crate) const FIELD_IDS: Flag<Options> = Flag {
    short: None,
    long: "field-ids",
    summary: "give a field id to each column without one",
    details: "Iceberg and Spark find columns by these numbers. Ids of the stream (PARQUET:field_id in the metadata of a field) \
              are always stored; the others are the smallest free ones from 1 on, each column before those below it.",
    set: Set::Switch(|options| options.encode.assign_field_ids = true),
};

pub(crate) const KEEP_METADATA: Flag<Options> = Flag {
    short: None,
    long: "keep-metadata",
    summary: "keep key-value metadata: KEYS, all or none",
    details: "all, the default, or none, or those of the keys, which the stream must have. The Arrow types are \
              kept in any case.",
    set: Set::Value("KEYS", |options, value| {
        options.encode.keep_metadata = match value.names()? {
            names if names == ["all"] => KeepMetadata::All,
            names if names == ["none"] => KeepMetadata::None,
            names => KeepMetadata::Keys(names),
        };
        Ok(())
    }),
};
