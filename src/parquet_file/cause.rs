//! Messages of the `parquet` crate, reworded as causes in our errors.

use arrow::error::ArrowError;
use parquet::errors::ParquetError;

/// The cause of an error, without the names of error kinds, which mean nothing to users.
pub(crate) fn cause(error: &ParquetError) -> String {
    match error {
        ParquetError::General(text)
        | ParquetError::NYI(text)
        | ParquetError::EOF(text)
        | ParquetError::ArrowError(text) => plain(text),
        ParquetError::External(error) => plain(&error.to_string()),
        other => plain(&other.to_string()),
    }
}

/// The cause of an error that passed through arrow, which keeps only its text.
pub(crate) fn arrow_cause(error: &ArrowError) -> String {
    match error {
        ArrowError::ParquetError(text)
        | ArrowError::InvalidArgumentError(text)
        | ArrowError::SchemaError(text) => plain(text),
        other => plain(&other.to_string()),
    }
}

/// The crate's error for text or bytes of a batch that exceed offsets of 32 bits.
const OFFSET_OVERFLOW: &str = "index overflow decoding byte array";

fn plain(text: &str) -> String {
    if text.contains(OFFSET_OVERFLOW) {
        return "a batch has more than 2 GiB of text or bytes; read fewer rows at a time with \
                --batch-rows"
            .to_owned();
    }
    const KINDS: [&str; 7] = [
        "Parquet error: ",
        "Parquet argument error: ",
        "Arrow: ",
        "EOF: ",
        "NYI: ",
        "External: ",
        "Invalid argument error: ",
    ];
    let mut text = text.trim();
    while let Some(rest) = KINDS.iter().find_map(|kind| text.strip_prefix(kind)) {
        text = rest;
    }
    let text = text.trim_end_matches('.');
    let mut letters = text.chars();
    match (letters.next(), letters.clone().next()) {
        // Lower the capital of a sentence, keep that of a name (`INT96`).
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_errors_are_not_shown() {
        let inner = ParquetError::General("Parquet error: Invalid footer.".to_owned());
        assert_eq!(cause(&inner), "invalid footer");
        let large = ParquetError::General(OFFSET_OVERFLOW.to_owned());
        assert!(cause(&large).ends_with("--batch-rows"));
        let arrow = ArrowError::from(ParquetError::EOF("INT96 cut".to_owned()));
        assert_eq!(arrow_cause(&arrow), "INT96 cut");
    }
}
