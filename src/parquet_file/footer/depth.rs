//! Limits the nesting depth of a schema before it is built, because its tree is walked recursively.

use crate::error::{Error, Result};
use crate::parquet_file::thrift::CompactReader;

/// The deepest schema that is read; pyarrow has the same limit.
const MOST_LEVELS: usize = 100;

/// Refuses a schema that is nested too deeply. The caller reports a damaged footer when it reads
/// it.
///
/// # Errors
/// A schema with too many levels.
pub(crate) fn check(footer: &[u8]) -> Result<()> {
    match levels(footer) {
        Some(levels) if levels > MOST_LEVELS => Err(Error::failed(format!(
            "the schema is nested {levels} levels deep; at most {MOST_LEVELS} are supported"
        ))),
        _ => Ok(()),
    }
}

/// The number of levels below the schema's root. Elements are stored depth first.
fn levels(footer: &[u8]) -> Option<usize> {
    const SCHEMA: i64 = 2;
    const NUM_CHILDREN: i64 = 5;
    // The number of elements still to come at each level.
    let mut open: Vec<i64> = Vec::new();
    let mut most = 0;
    CompactReader::new(footer).field(SCHEMA, |reader, field| {
        reader.structures(field, |reader| {
            let mut children = 0;
            reader.field(NUM_CHILDREN, |reader, _| {
                children = reader.integer()?.max(0);
                Some(())
            })?;
            if let Some(left) = open.last_mut() {
                *left -= 1;
            }
            if children > 0 {
                open.push(children);
            }
            most = most.max(open.len());
            while open.last() == Some(&0) {
                open.pop();
            }
            Some(())
        })?;
        // The fields after the schema are not needed.
        None
    });
    Some(most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parquet_file::thrift::{Structure, WireType};

    fn footer(children: &[i64]) -> Vec<u8> {
        let elements = children.iter().map(|children| {
            let mut element = Structure::read(&[0]).unwrap();
            element.set_binary(4, b"x");
            element.set_integer(5, WireType::I32, *children);
            element
        });
        let mut file = Structure::read(&[0]).unwrap();
        file.set_structures(2, &elements.collect::<Vec<_>>());
        file.to_bytes()
    }

    #[test]
    fn levels_are_counted_below_the_root() {
        assert_eq!(levels(&footer(&[2, 1, 0, 2, 0, 1, 0])), Some(3));
        assert!(check(&footer(&[1; 100])).is_ok());
        let error = check(&footer(&[1; 5000])).unwrap_err().to_string();
        assert_eq!(error, "the schema is nested 5000 levels deep; at most 100 are supported");
    }
}
