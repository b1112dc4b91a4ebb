//! Checks the structure of a footer before the `parquet` crate reads it. The crate allocates memory
//! for as many children as an element of the schema claims, and walks the schema recursively.

use super::tail::CANNOT_READ;
use crate::error::{Error, Result};
use crate::parquet_file::thrift::{CompactReader, Taken, WireType};

/// The deepest schema that is read; pyarrow has the same limit.
const MOST_LEVELS: usize = 100;

/// Fields of `FileMetaData` and `SchemaElement`.
const SCHEMA: i64 = 2;
const NUM_CHILDREN: i64 = 5;

/// A footer whose structure is sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Checked {
    /// Whether it has lists of booleans, which no field of the format is. The crate loops as often
    /// as such a list claims, and reads its elements as fields.
    pub(crate) has_boolean_lists: bool,
}

/// Walks a footer from its first field to its last.
///
/// # Errors
/// A length or count that exceeds the bytes of the footer; a schema with too many levels, or with
/// elements that claim more children than there are.
pub(crate) fn check(footer: &[u8]) -> Result<Checked> {
    let mut reader = CompactReader::new(footer);
    let mut schema = Schema::default();
    let whole = reader.structure(|reader, field| {
        if field.id != SCHEMA || field.kind != WireType::LIST {
            return Some(Taken::No);
        }
        schema = Schema::default();
        reader.structures(field, |reader| schema.element(reader))?;
        Some(Taken::Yes)
    });
    if schema.levels > MOST_LEVELS {
        let levels = schema.levels;
        return Err(Error::failed(format!(
            "the schema is nested {levels} levels deep; at most {MOST_LEVELS} are supported"
        )));
    }
    if whole.is_none() {
        let (place, bytes) = (reader.place(), footer.len());
        let why = format!("{CANNOT_READ}: it is damaged at byte {place} of {bytes}");
        return Err(Error::failed(why));
    }
    if schema.most_elements > schema.elements {
        let (claimed, elements) = (schema.most_elements, schema.elements);
        let why = format!("the schema claims {claimed} elements, but it has {elements}");
        return Err(Error::failed(format!("{CANNOT_READ}: {why}")));
    }
    Ok(Checked { has_boolean_lists: reader.has_skipped_booleans() })
}

/// The counts of a schema, whose elements are stored depth first.
#[derive(Debug, Default)]
struct Schema {
    /// The elements so far.
    elements: u64,
    /// The elements that there must be: those before an element and its children.
    most_elements: u64,
    /// For each open level, the elements still to come.
    open: Vec<u64>,
    /// The levels below the root.
    levels: usize,
}

impl Schema {
    fn element(&mut self, reader: &mut CompactReader<'_>) -> Option<()> {
        let mut children = 0;
        reader.field(NUM_CHILDREN, |reader, _| {
            children = u64::try_from(reader.integer()?).unwrap_or(0);
            Some(())
        })?;
        self.elements += 1;
        self.most_elements = self.most_elements.max(self.elements.saturating_add(children));
        if let Some(left) = self.open.last_mut() {
            *left -= 1;
        }
        if children > 0 {
            self.open.push(children);
        }
        self.levels = self.levels.max(self.open.len());
        while self.open.last() == Some(&0) {
            self.open.pop();
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parquet_file::thrift::Structure;

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

    fn refused(footer: &[u8]) -> String {
        check(footer).unwrap_err().to_string()
    }

    #[test]
    fn levels_are_counted_below_the_root() {
        let chain = |levels| [vec![1; levels], vec![0]].concat();
        assert!(check(&footer(&[2, 1, 0, 2, 0, 1, 0])).is_ok());
        assert!(check(&footer(&chain(100))).is_ok());
        let error = "the schema is nested 5000 levels deep; at most 100 are supported";
        assert_eq!(refused(&footer(&chain(5000))), error);
    }

    #[test]
    fn children_must_follow() {
        let error = "cannot read the Parquet metadata: the schema claims 2147483648 elements, but \
                     it has 2";
        assert_eq!(refused(&footer(&[i64::from(i32::MAX), 0])), error);
        assert!(check(&footer(&[1, -1])).is_ok());
    }

    #[test]
    fn lists_of_booleans_are_found_and_must_be_there() {
        let sound = check(&footer(&[1, 0])).unwrap();
        assert!(!sound.has_boolean_lists);
        let mut booleans = footer(&[1, 0]);
        booleans.pop();
        // Field 17, a list.
        booleans.push(0xf9);
        let with = |list: &[u8]| [&booleans, list, &[0]].concat();
        assert!(check(&with(&[0x21, 1, 2])).unwrap().has_boolean_lists);
        assert!(!check(&with(&[0x01])).unwrap().has_boolean_lists);
        let error = refused(&with(&[0xf1, 0xff, 0xff, 0xff, 0xff, 7]));
        assert!(error.starts_with("cannot read the Parquet metadata: it is damaged at byte "));
    }
}
