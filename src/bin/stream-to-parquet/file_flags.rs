//! Options of stream-to-parquet for the contents of a file: codec, row groups, pages, encodings,
//! metadata.

use super::Options;
use arrow_pipes::command::{Complete, Flag, names, option, store};
use arrow_pipes::parquet_file::{
    ColumnEncoding, Compression, DictionaryColumns, KeepMetadata, Statistics, Target,
};
use arrow_pipes::schema::Order;

pub(crate) const FLAGS: &[Flag<Options>] = &[
    option("compression", "compress: none, snappy, lz4, zstd, gzip, brotli")
        .short('z')
        .details(
            "The default is zstd:1, unless --for chooses another codec. A number after the codec \
             is its level: zstd:1 to zstd:22 (default 1), gzip:0 to gzip:9 (default 6), brotli:0 \
             to brotli:11 (default 1). lz4 is what Parquet calls LZ4_RAW.",
        )
        .completes(Complete::Choices(|| Compression::NAMES.to_vec()))
        .value("CODEC", |options, value| {
            store(&mut options.compression, value.try_map(Compression::parse))
        }),
    option("for", "target spark, duckdb, bigquery, athena or any")
        .details(
            "Chooses settings for files that TARGET can read, and refuses codecs and encodings \
             that it cannot read:

             | TARGET    CODEC   OTHER CODECS        INTEGERS   TIMES
             | any       snappy  none, gzip, zstd    plain      microseconds
             | spark     snappy  none, gzip, zstd    plain      microseconds
             | duckdb    zstd:1  all                 delta      unchanged
             | bigquery  zstd:1  none, snappy, gzip  plain      microseconds
             | athena    zstd:1  none, snappy, gzip  plain      microseconds

             Every target can read the files that --for any writes. plain and delta are encodings \
             (see --encode). All targets read dictionaries and data pages of version 1.

             Without --for, the codec is zstd:1, integers have the encoding delta where that makes \
             them smaller, and times keep the units of the stream. pyarrow since 8, DuckDB, and \
             Spark since 3.3 read such files; older versions of Spark need --for spark. Compared \
             with this default, plain integers make a file of nine mixed columns 8 % larger, and \
             it takes a third longer to write and 1.5 times as long to read. With snappy, such a \
             file is 40 % larger.

             For targets with microseconds, timestamps and times in nanoseconds become \
             microseconds. A value with a fraction of a microsecond is an error, because the \
             fraction would be lost.

             Sources: Spark refuses timestamps in nanoseconds (SPARK-40819); it reads delta since \
             3.3 (SPARK-36879), and reads zstd without Hadoop's native library since 3.2 \
             (SPARK-34880). BigQuery documents gzip, LZO, snappy and zstd, and microseconds. \
             Athena documents gzip, snappy, zstd and an lz4 with its own framing, and \
             milliseconds. Neither BigQuery nor Athena documents encodings. DuckDB reads delta for \
             text since 0.7 (duckdb#5457) and byte-stream-split since 0.10 (duckdb#9240).",
        )
        .completes(Complete::Choices(|| names(&Target::ALL)))
        .value("TARGET", |options, value| {
            store(&mut options.encode.target, value.one_of(&Target::ALL))
        }),
    option("row-group-rows", "end a row group at ROWS rows")
        .details(
            "The default is 1048576. Readers skip and parallelize by row group; small row groups \
             make files large and slow.",
        )
        .value("ROWS", |options, value| {
            store(&mut options.encode.row_group_rows, value.positive::<usize>())
        }),
    option("row-group-bytes", "end a row group at about SIZE (default 128MiB)")
        .details(
            "SIZE counts bytes as stored. A row group ends at the first limit that is reached: \
             this one or that of --row-group-rows.",
        )
        .value("SIZE", |options, value| {
            store(&mut options.encode.row_group_bytes, value.memory_bytes())
        }),
    option("statistics", "write minimum and maximum: none, chunk, page")
        .details(
            "chunk writes them for each column chunk; page (default) also writes them for each \
             page. Readers use them to skip row groups and pages that cannot match.",
        )
        .completes(Complete::Choices(|| names(STATISTICS)))
        .value("LEVEL", |options, value| {
            options.encode.statistics = value.one_of(STATISTICS)?;
            Ok(())
        }),
    option("no-checksums", "write no page checksums")
        .details(
            "By default, each page has a CRC-32, with which these readers can detect damage: \
             parquet-to-stream, pyarrow (page_checksum_verification=True) and Spark \
             (parquet.page.verify-checksum.enabled).",
        )
        .switch(|options| options.encode.checksums = false),
    option("data-page-bytes", "end a data page at about SIZE (default 512KiB)")
        .details("SIZE is measured before compression. A page also ends at 50000 rows.")
        .value("SIZE", |options, value| {
            store(&mut options.encode.data_page_bytes, value.memory_bytes())
        }),
    option("content-defined", "choose page boundaries by content")
        .details(
            "Files that share many rows then share many pages, even if one file has additional \
             rows before the shared ones. Storage that deduplicates data then needs less space. \
             For example, insert 1 % more rows into a million rows of ten columns. If they are \
             inserted in one place, 88 % of the new file's bytes are in pages that the old file \
             also has (12 % without this option). If they are inserted in ten places, 66 % are \
             (none without this option).

             Pages are at most --data-page-bytes and at least a quarter of that. Columns with \
             several leaf columns (structs, maps) keep ordinary pages. --content-defined cannot be \
             combined with --bloom.",
        )
        .switch(|options| options.encode.content_defined = true),
    option("dictionary-page-bytes", "limit a dictionary to SIZE (default 1MiB)")
        .details(
            "A larger dictionary holds more distinct values, and readers keep it in memory for \
             each column. Above the limit, the rest of the row group is stored plain, or as \
             --encode says.",
        )
        .value("SIZE", |options, value| {
            store(&mut options.encode.dictionary_page_bytes, value.memory_bytes())
        }),
    option("encode", "choose the encoding of a column")
        .details(
            "May be repeated. COLUMN may be nested (a.b, tags.list.element), and also stands for \
             all columns below it.

             | ENCODING           FOR                         FORMAT
             | plain              all types                   PLAIN
             | dictionary         all types but booleans      RLE_DICTIONARY
             | delta              integers, dates, times      DELTA_BINARY_PACKED
             | delta-length       text, binary                DELTA_LENGTH_BYTE_ARRAY
             | delta-strings      text, binary                DELTA_BYTE_ARRAY
             | byte-stream-split  numbers, fixed-size binary  BYTE_STREAM_SPLIT

             delta suits sequences and timestamps; delta-strings suits sorted text; \
             byte-stream-split suits measurements. Some readers do not support the last four; see \
             --for.",
        )
        .completes(Complete::Pair(|| names(&ColumnEncoding::ALL)))
        .each("COLUMN=ENCODING", |options, value| {
            options.encode.encodings.push(value.try_map(ColumnEncoding::parse_pair)?);
            Ok(())
        }),
    option("encode-dictionary", "dictionary-encode columns: NAMES, all or none")
        .details(
            "The default is all columns whose first rows repeat values. A dictionary is abandoned \
             when it grows beyond --dictionary-page-bytes. --encode for the same column takes \
             precedence.",
        )
        .completes(Complete::Columns(&[ALL, NONE]))
        .value("NAMES", |options, value| {
            options.encode.dictionary = match value.names()? {
                names if names == [ALL] => DictionaryColumns::All,
                names if names == [NONE] => DictionaryColumns::None,
                names => DictionaryColumns::Named(names),
            };
            Ok(())
        }),
    option("bloom", "write bloom filters for the columns NAMES")
        .details(
            "With a filter, readers that look for single values (id = 7) skip row groups that do \
             not contain the value, even if it lies between minimum and maximum. parquet-to-stream \
             -w does so for integers, dates, text and bytes. A filter takes 1.2 to 2.4 bytes per \
             distinct value of a row group, and has one false positive in a hundred. Boolean and \
             float columns cannot have filters.",
        )
        .completes(Complete::Columns(&[]))
        .value("NAMES", |options, value| store(&mut options.encode.bloom, value.names())),
    option("sorted-by", "check the order ('a DESC, b') and declare it")
        .details(
            "A row that breaks the order is an error, and no file appears. The order is declared \
             in the sorting columns of each row group, which readers may use. ORDER is written as \
             for stream-sort --by; see stream-sort(1) for the rules. A nested column (a struct, a \
             list) cannot be declared.",
        )
        .completes(Complete::Order)
        .value("ORDER", |options, value| {
            store(&mut options.encode.sorted_by, value.try_map(Order::parse))
        }),
    option("field-ids", "assign a field ID to each column without one")
        .details(
            "Iceberg and Spark find columns by these numbers. IDs in the stream (PARQUET:field_id \
             in the field metadata) are always stored. New IDs are the smallest unused numbers, \
             starting at 1; a parent column is numbered before its children.",
        )
        .switch(|options| options.encode.assign_field_ids = true),
    option("keep-metadata", "keep key-value metadata: KEYS, all or none")
        .details(
            "The default is all. The stream must have all listed KEYS. The Arrow types are always \
             kept.",
        )
        .completes(Complete::Choices(|| vec![ALL, NONE]))
        .value("KEYS", |options, value| {
            options.encode.keep_metadata = match value.names()? {
                names if names == [ALL] => KeepMetadata::All,
                names if names == [NONE] => KeepMetadata::None,
                names => KeepMetadata::Keys(names),
            };
            Ok(())
        }),
    option("metadata", "add KEY=VALUE to the file's metadata")
        .details("May be repeated. VALUE replaces the value that the stream has for KEY.")
        .each("KEY=VALUE", |options, value| value.add_key_value(&mut options.encode.metadata)),
];

/// The words for all columns or keys, and for none.
const ALL: &str = "all";
const NONE: &str = "none";

const STATISTICS: &[(&str, Statistics)] =
    &[("none", Statistics::None), ("chunk", Statistics::Chunk), ("page", Statistics::Page)];
