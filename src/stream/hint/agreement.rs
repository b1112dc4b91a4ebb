//! The schema in which a writer says how it uses a hint: the columns that it sends, and in its
//! metadata their positions in the schema before it, and the identity of the hint.

use crate::error::{Error, Result};
use arrow::datatypes::{Metadata, Schema};

/// How a writer uses a hint.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Agreement {
    /// The identity of the hint.
    pub(crate) hint: u64,
    /// The columns that are sent, as ascending positions in the schema before this one.
    pub(crate) columns: Vec<usize>,
}

/// The key in the metadata of the second schema.
const KEY: &str = "arrow-pipes:agreement";

impl Agreement {
    /// The second schema, which must follow that of all columns.
    ///
    /// # Errors
    /// A position outside the schema.
    pub(crate) fn schema(&self, whole: &Schema) -> Result<Schema> {
        let sent = whole.project(&self.columns).map_err(|e| Error::failed(e.to_string()))?;
        let columns: Vec<String> = self.columns.iter().map(usize::to_string).collect();
        let text = format!("{:016x} {}", self.hint, columns.join(","));
        Ok(sent.with_metadata(Metadata::from([(KEY.to_owned(), text)])))
    }

    /// Reads a second schema; `None` if it is none.
    pub(crate) fn of(schema: &Schema) -> Option<Self> {
        let (hint, columns) = schema.metadata().get(KEY)?.split_once(' ')?;
        let hint = u64::from_str_radix(hint, 16).ok()?;
        let numbers = columns.split(',').filter(|number| !number.is_empty());
        let columns: Vec<usize> = numbers.map(str::parse).collect::<Result<_, _>>().ok()?;
        let is_ascending = columns.windows(2).all(|pair| pair[0] < pair[1]);
        let is_whole = columns.len() == schema.fields().len();
        (is_ascending && is_whole).then_some(Self { hint, columns })
    }

    /// Checks that the columns of the second schema are those of the first.
    ///
    /// # Errors
    /// A column that is missing or differs.
    pub(crate) fn check(&self, sent: &Schema, whole: &Schema) -> Result<()> {
        let differs = |(column, field): (&usize, &std::sync::Arc<arrow::datatypes::Field>)| {
            whole.fields().get(*column).is_none_or(|other| {
                other.name() != field.name() || other.data_type() != field.data_type()
            })
        };
        if self.columns.iter().zip(sent.fields()).any(differs) {
            return Err(Error::failed("damaged stream: its second schema contradicts the first"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::{DataType, Field};

    #[test]
    fn an_agreement_survives_as_a_schema() {
        let field = |name| Field::new(name, DataType::Int8, true);
        let whole = Schema::new(vec![field("a"), field("b"), field("c")]);
        for columns in [vec![], vec![1], vec![0, 2]] {
            let agreement = Agreement { hint: u64::MAX - 7, columns };
            let sent = agreement.schema(&whole).unwrap();
            assert_eq!(Agreement::of(&sent), Some(agreement));
            Agreement::of(&sent).unwrap().check(&sent, &whole).unwrap();
        }
        let agreement = Agreement { hint: 1, columns: vec![0] };
        let sent = agreement.schema(&whole).unwrap();
        let other = Agreement { hint: 1, columns: vec![1] };
        assert!(other.check(&sent, &whole).is_err());
        assert_eq!(Agreement::of(&whole), None);
    }
}
