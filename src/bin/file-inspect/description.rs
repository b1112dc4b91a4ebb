//! The description in the manual of file-inspect.

pub(crate) const DESCRIPTION: &str =
    "Recognizes the three formats by content and shows one line per file: path, \
    format, rows, row groups (or record batches), columns, bytes, codec. For several \
    files, a last line has their totals. A ! at the end of a line marks a file that \
    needs attention, and a line below the table gives the reason: row groups so \
    small that they are slow to read (under 10,000 rows on average, unless a column \
    has 1 MiB in each of them), or a stream without an end marker.

    Of a Parquet or Arrow file, only the footer and the headers it points to are \
    read; of a stream, only the message headers. Statistics come from the footer and \
    cover all row groups; - marks a value that is unknown or cannot be trusted. A \
    line below the table names the columns whose statistics are ignored although the \
    file has them: a minimum above the maximum, a bound of the wrong length, a known \
    bug of the writer. A > before a minimum or a < before a maximum marks a bound \
    that the writer truncated. Bytes are the size of the column in the file; ratio \
    is the factor by which compression shrinks it.

    Type names are those of the format, and the heading says which: Parquet's, such \
    as string and decimal(7, 2), or Arrow's, such as utf8 and decimal128(7, 2).

    A directory stands for all files below it, and a pattern for the files it \
    matches, as in parquet-to-stream. A file that cannot be read is reported on \
    standard error; the others are still shown, and the exit status is 1. A Parquet \
    or Arrow file from a pipe is first copied to a temporary file, because its \
    footer comes last. Of a file by URL, only the footer and the headers of messages \
    are fetched, but --verify reads a copy of it. On a terminal, long cells are cut to its width; on a narrow \
    one, the least informative columns are left out and named below the table.

    With --stream, each view has these columns for every format, with null where a \
    format has no such value. Numbers are int64. Everything else is text, except \
    end_marker, checksum, is_min_value_exact, is_max_value_exact and may_contain, \
    which are true or false. Byte counts are sizes in the file.

    files: path, format, rows, row_groups, record_batches, columns, bytes, codec, \
    footer_bytes, bloom_filters and page_indexes (number of column chunks that have \
    one), bloom_filter_bytes, page_index_bytes, dictionaries, end_marker, \
    created_by, warnings.

    row-groups: path, row_group (or record batch, counted from 0), rows, bytes, \
    uncompressed_bytes, codec, bloom_filter_bytes, page_index_bytes, file_path (the \
    other file that holds the row group, as in a _metadata file).

    columns: path, column_name, type, encodings, codec, values, nulls, bytes, \
    uncompressed_bytes, min, max, bloom_filters, bloom_filter_bytes, page_indexes, \
    page_index_bytes, is_min_value_exact, is_max_value_exact (false if the writer \
    truncated the bound, null if the file does not say), bounds_ignored, \
    nulls_ignored (why a statistic in the file is null here: order, inverted, \
    length, count, index, or where the writer's bug is described).

    pages: path, row_group, column_name, page (counted from 0 in its column chunk), \
    kind (dictionary, data, data-v2, index, unknown), encoding, codec, rows, values, \
    nulls, file_offset (of the header in the file), header_bytes, bytes, \
    uncompressed_bytes, checksum, min, max, is_min_value_exact, is_max_value_exact, \
    bounds_ignored, nulls_ignored, trailing_bytes (after the last page of a column \
    chunk, if they are not a page).

    dictionary: path, row_group, column_name, type, entries, values (that refer to \
    it), bytes, uncompressed_bytes, chunk_bytes (of the whole column chunk), entry \
    (counted from 0), entry_bytes, value. One row per entry.

    --bloom-probe: path, row_group, column_name, value, rows, filter_bytes, \
    may_contain.

    --verify: path, kind (unreadable, structure, count, checksum, values, \
    statistics, page-index, bloom-filter, order, unverified), row_group, \
    record_batch, dictionary (in the order of the file), column_name, page, place (as \
    in the text), fault.

    schema: path, field (dotted path), type, occurs, metadata (a JSON object).

    metadata: path, key, value; without the format's own properties, which the table \
    shows in parentheses.

    --verify=quick checks what needs no values. Parquet: magic, length and structure \
    of the footer; counts of rows and values; chunks, indexes and bloom filters that \
    overlap or are outside the file; page headers, with their counts and sizes; the \
    page index against the pages; bounds that are inverted or have the wrong length, \
    and null counts above the number of values. Arrow files: magic, footer, its schema \
    and blocks against the messages, overlaps, the end marker. Arrow files and \
    streams: message headers, buffers outside the body or overlapping, the lengths of \
    columns, dictionaries that the schema does not have, the end marker.

    --verify also decodes everything. Parquet: page checksums; compression, levels, \
    encodings and dictionary indexes; UTF-8; values outside of the range of their type; \
    the number of rows and nulls; minimum, \
    maximum, null count and distinct count (up to 4,194,304 distinct values) of column \
    chunks, page headers and the column index; the declared order of pages and of \
    rows; values that a bloom filter misses. Arrow: decompression, dictionary indexes, \
    offsets, UTF-8, run ends, union type IDs, null counts, and nulls where the schema \
    has none.

    Statistics that all readers ignore are not compared: bounds whose order is \
    undefined, such as those of INT96 and the deprecated ones of text and unsigned \
    numbers, NaN, and those of writers with a known bug. Row groups in other files, \
    as in a _metadata file, are not followed. A column whose key is missing or whose \
    type is unknown, and a message above --max-message-bytes, may be valid but cannot be \
    verified: they are reported as unverified, with exit status 1. At most 1,000 faults \
    are listed for a file.";
