//! Known bugs of programs that write Parquet files, as a table: the program, the versions, and the
//! faulty data in their files.
//!
//! Statistics in the older fields `min` and `max` need no entries here: they are believed only if
//! the older order is right for the type, whatever the writer (PARQUET-686; see
//! `statistics_validity`). The same goes for NaN and zeros of either sign (PARQUET-1222,
//! PARQUET-1246) and null counts larger than the number of values (NVIDIA/cudf#9221): pruning
//! distrusts these from every writer.

use super::writer_version::{CreatedBy, Version};

/// The faulty data in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The minimum and maximum of all columns of bytes.
    BoundsOfBytes,
    /// The minimum and maximum of decimals stored as bytes, of fixed or variable length.
    BoundsOfByteDecimals,
    /// The minimum and maximum of decimals stored as bytes of variable length.
    BoundsOfVariableDecimals,
    /// The minimum and maximum of decimals stored as INT32.
    BoundsOfInt32Decimals,
    /// The minimum, maximum and null count of columns that were dictionary-encoded before they were
    /// written.
    StatisticsOfDictionaries,
    /// The same, but only in page headers.
    PageStatisticsOfDictionaries,
    /// A null count of 0 in columns that were dictionary-encoded before they were written.
    NoNullsInDictionaries,
    /// A null count above 0 in column chunks with a dictionary page.
    NullsInDictionaryPages,
    /// A null count of 0 without a minimum and maximum.
    NoNullsWithoutBounds,
    /// The size of a column chunk: it excludes the header of the dictionary page.
    ChunkSize,
}

/// A row of the table.
#[derive(Debug)]
struct Bug {
    /// The name of the program in `created_by`.
    writer: &'static str,
    /// The first version with the bug; `None` if even the oldest version has it.
    since: Option<Version<'static>>,
    /// The first version without the bug; `None` if no version is known to be free of it. A file
    /// without a version may be older.
    fixed: Option<Version<'static>>,
    fault: Fault,
    /// A reference to the bug.
    source: &'static str,
}

/// A bug that all versions of a program have.
const fn bug(writer: &'static str, fault: Fault, source: &'static str) -> Bug {
    Bug { writer, since: None, fixed: None, fault, source }
}

impl Bug {
    const fn since(self, version: Version<'static>) -> Self {
        Self { since: Some(version), ..self }
    }

    const fn fixed(self, version: Version<'static>) -> Self {
        Self { fixed: Some(version), ..self }
    }

    fn is_in(&self, writer: &CreatedBy<'_>) -> bool {
        // "Polars (python)" is Polars.
        let rest = writer.application.strip_prefix(self.writer);
        if !rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(" (")) {
            return false;
        }
        let Some(version) = writer.version else { return self.since.is_none() };
        self.since.is_none_or(|since| since <= version)
            && self.fixed.is_none_or(|fixed| version < fixed)
    }
}

static BUGS: [Bug; 18] = [
    // Cloudera fixed it in its branch of 1.5.0 (parquet-java, CorruptStatistics).
    bug("parquet-mr", Fault::BoundsOfBytes, "PARQUET-251")
        .fixed(Version::new(1, 5, 0).pre_release("cdh5.5.0")),
    bug("parquet-mr", Fault::BoundsOfBytes, "PARQUET-251")
        .since(Version::new(1, 5, 0))
        .fixed(Version::new(1, 8, 0)),
    bug("parquet-mr", Fault::ChunkSize, "PARQUET-816").fixed(Version::new(1, 2, 9)),
    // Decimals were compared as signed bytes.
    bug("parquet-cpp", Fault::BoundsOfByteDecimals, "PARQUET-1655"),
    bug("parquet-cpp-arrow", Fault::BoundsOfByteDecimals, "PARQUET-1655")
        .fixed(Version::new(4, 0, 0)),
    // Nulls were counted in the dictionary, not in the keys.
    bug("parquet-cpp", Fault::NoNullsInDictionaries, "ARROW-12513"),
    bug("parquet-cpp-arrow", Fault::NoNullsInDictionaries, "ARROW-12513")
        .fixed(Version::new(6, 0, 0)),
    // Only the first of several arrays in a column chunk was considered.
    bug("parquet-cpp-arrow", Fault::StatisticsOfDictionaries, "apache/arrow#15042")
        .since(Version::new(6, 0, 0))
        .fixed(Version::new(11, 0, 0)),
    bug("parquet-cpp-arrow", Fault::PageStatisticsOfDictionaries, "apache/arrow#34106")
        .since(Version::new(6, 0, 0))
        .fixed(Version::new(12, 0, 0)),
    bug("parquet-rs", Fault::NoNullsWithoutBounds, "apache/arrow-rs#306")
        .fixed(Version::new(4, 2, 0)),
    // Decimals were compared as unsigned bytes.
    bug("parquet-rs", Fault::BoundsOfByteDecimals, "apache/arrow-rs#1532")
        .fixed(Version::new(13, 0, 0)),
    // Two bugs: decimals of different lengths, and the writer of Arrow arrays. Fixed in 60.1.0
    // (arrow_writer/byte_array.rs there).
    bug("parquet-rs", Fault::BoundsOfVariableDecimals, "apache/arrow-rs#10860, #11073")
        .since(Version::new(13, 0, 0))
        .fixed(Version::new(60, 1, 0)),
    // The bounds of pages were merged as unsigned bytes. Seen in files of 1.20.0 to 1.44.2, which
    // state no version, not in those of 2.0.0.
    bug("Polars", Fault::BoundsOfByteDecimals, "pola-rs/polars#29347").fixed(Version::new(2, 0, 0)),
    // The null count is that of the chunk times its number of pages. Seen in files of 1.39.0 and
    // 1.42.1, not in those of 1.35.2 and 2.0.0.
    bug("Polars", Fault::NullsInDictionaryPages, "pola-rs/polars#29321")
        .fixed(Version::new(2, 0, 0)),
    // Decimals were compared as unsigned bytes.
    bug("ClickHouse", Fault::BoundsOfByteDecimals, "ClickHouse/ClickHouse#83754")
        .fixed(Version::new(25, 9, 0)),
    // Decimals were compared as unsigned bytes.
    bug(
        "github.com/parquet-go/parquet-go",
        Fault::BoundsOfByteDecimals,
        "parquet-go/parquet-go#592",
    )
    .fixed(Version::new(0, 33, 0)),
    bug(
        "github.com/segmentio/parquet-go",
        Fault::BoundsOfByteDecimals,
        "parquet-go/parquet-go#592",
    ),
    // The bounds were written as floats. Its files state no version.
    bug("hyparquet", Fault::BoundsOfInt32Decimals, "hyparam/hyparquet-writer#38"),
];

/// The known bugs of the program that wrote a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct WriterBugs(Vec<&'static Bug>);

impl WriterBugs {
    /// The bugs of the program that a footer names in `created_by`. Without a name there are none.
    pub(crate) fn of(created_by: Option<&str>) -> Self {
        let Some(writer) = created_by.map(CreatedBy::parse) else { return Self::default() };
        Self(BUGS.iter().filter(|bug| bug.is_in(&writer)).collect())
    }

    /// Whether the program has no known bugs.
    pub(crate) fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// A reference to the bug with this fault, if the program has it.
    pub(crate) fn source(&self, fault: Fault) -> Option<&'static str> {
        self.0.iter().find(|bug| bug.fault == fault).map(|bug| bug.source)
    }
}

/// Whether the sizes of column chunks exclude the header of the dictionary page. It takes up to 100
/// bytes (parquet-cpp, `kMaxDictHeaderSize`).
pub(crate) fn chunk_size_lacks_dictionary_header(created_by: Option<&str>) -> bool {
    WriterBugs::of(created_by).source(Fault::ChunkSize).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(created_by: &str, fault: Fault) -> bool {
        WriterBugs::of(Some(created_by)).source(fault).is_some()
    }

    #[test]
    fn versions_with_and_without_a_bug_are_distinguished() {
        let table = [
            (Fault::BoundsOfBytes, "parquet-mr version 1.7.0 (build 1)", true),
            (Fault::BoundsOfBytes, "parquet-mr version 1.8.0-SNAPSHOT", true),
            (Fault::BoundsOfBytes, "parquet-mr version 1.8.0 (build 1)", false),
            (Fault::BoundsOfBytes, "parquet-mr version 1.5.0-cdh5.4.9", true),
            (Fault::BoundsOfBytes, "parquet-mr version 1.5.0-cdh5.5.0 (build 1)", false),
            (Fault::BoundsOfBytes, "parquet-mr version 1.5.0-cdh5.12.1", false),
            (Fault::BoundsOfBytes, "parquet-mr version 1.5.0", true),
            (Fault::BoundsOfBytes, "parquet-mr (build 32c4664)", true),
            (Fault::BoundsOfBytes, "parquet-mr", true),
            (Fault::BoundsOfBytes, "parquet-mr-trino version 400", false),
            (Fault::BoundsOfBytes, "impala version 1.0.0", false),
            (Fault::ChunkSize, "parquet-mr version 1.2.8", true),
            (Fault::ChunkSize, "parquet-mr version 1.2.9", false),
            (Fault::BoundsOfByteDecimals, "parquet-cpp version 1.5.1-SNAPSHOT", true),
            (Fault::BoundsOfByteDecimals, "parquet-cpp-arrow version 3.0.0", true),
            (Fault::BoundsOfByteDecimals, "parquet-cpp-arrow version 4.0.0", false),
            (Fault::NoNullsInDictionaries, "parquet-cpp-arrow version 4.0.1", true),
            (Fault::NoNullsInDictionaries, "parquet-cpp-arrow version 6.0.0", false),
            (Fault::NoNullsInDictionaries, "parquet-cpp version 1.5.1-SNAPSHOT", true),
            (Fault::StatisticsOfDictionaries, "parquet-cpp-arrow version 5.0.0", false),
            (Fault::StatisticsOfDictionaries, "parquet-cpp-arrow version 10.0.1", true),
            (Fault::StatisticsOfDictionaries, "parquet-cpp-arrow version 11.0.0", false),
            (Fault::BoundsOfByteDecimals, "Polars", true),
            (Fault::NullsInDictionaryPages, "Polars", true),
            (Fault::NullsInDictionaryPages, "Polars (python) version 2.0.0 (build 1)", false),
            (Fault::BoundsOfByteDecimals, "ClickHouse v25.3.1.2672-stable", true),
            (Fault::BoundsOfByteDecimals, "ClickHouse v26.1.1.1", false),
            (Fault::BoundsOfVariableDecimals, "parquet-rs version 59.0.0", true),
            (Fault::BoundsOfVariableDecimals, "parquet-rs version 60.1.0", false),
            (Fault::BoundsOfInt32Decimals, "hyparquet", true),
        ];
        for (fault, created_by, expected) in table {
            assert_eq!(has(created_by, fault), expected, "{fault:?}: {created_by}");
        }
    }

    #[test]
    fn the_size_of_a_chunk_lacks_the_header_in_the_oldest_files() {
        assert!(chunk_size_lacks_dictionary_header(Some("parquet-mr version 1.2.5 (build x)")));
        assert!(!chunk_size_lacks_dictionary_header(Some("parquet-mr version 1.12.3 (build x)")));
        assert!(!chunk_size_lacks_dictionary_header(None));
    }
}
