//! The schema in which a writer says how it uses a hint: the columns that it sends, and in its
//! metadata their positions in the schema before it, and the identity of the hint.

use crate::error::{Error, Result};
use crate::schema::plain_field;
use arrow::datatypes::{Field, FieldRef, Metadata, Schema};
use std::sync::Arc;

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
    /// The second schema, with the fields that are sent.
    pub(crate) fn schema(&self, sent: &Schema) -> Schema {
        let columns: Vec<String> = self.columns.iter().map(usize::to_string).collect();
        let text = format!("{:016x} {}", self.hint, columns.join(","));
        sent.clone().with_metadata(Metadata::from([(KEY.to_owned(), text)]))
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

    /// The first schema with the columns as they are sent: some are encoded in transit.
    ///
    /// # Errors
    /// A second schema with other columns.
    pub(crate) fn encoded(&self, sent: &Schema, whole: &Schema) -> Result<Schema> {
        let mut fields = whole.fields().to_vec();
        for (column, field) in self.columns.iter().zip(sent.fields()) {
            let is_known = |known: &FieldRef| {
                let plain = plain_field(field);
                let is_plain = |plain: &Field| plain.data_type() == known.data_type();
                known.name() == field.name()
                    && (known.data_type() == field.data_type() || plain.iter().any(is_plain))
            };
            let known =
                fields.get_mut(*column).filter(|known| is_known(known)).ok_or_else(|| {
                    Error::failed("damaged stream: its second schema contradicts the first")
                })?;
            if known.data_type() != field.data_type() {
                let nullable = known.is_nullable();
                *known = Arc::new(field.as_ref().clone().with_nullable(nullable));
            }
        }
        Ok(Schema::new_with_metadata(fields, whole.metadata().clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Encoding, encoded_field};
    use arrow::datatypes::DataType;

    #[test]
    fn an_agreement_survives_as_a_schema() {
        let field = |name| Field::new(name, DataType::Int8, true);
        let whole = Schema::new(vec![field("a"), field("b"), field("c")]);
        for columns in [vec![], vec![1], vec![0, 2]] {
            let agreement = Agreement { hint: u64::MAX - 7, columns };
            let sent = agreement.schema(&whole.project(&agreement.columns).unwrap());
            assert_eq!(Agreement::of(&sent), Some(agreement));
            assert_eq!(Agreement::of(&sent).unwrap().encoded(&sent, &whole).unwrap(), whole);
        }
        let agreement = Agreement { hint: 1, columns: vec![0] };
        let sent = agreement.schema(&whole.project(&[0]).unwrap());
        let other = Agreement { hint: 1, columns: vec![1] };
        assert!(other.encoded(&sent, &whole).is_err());
        assert_eq!(Agreement::of(&whole), None);
    }

    #[test]
    fn columns_may_be_encoded_in_transit_only() {
        let whole = Schema::new(vec![Field::new("a", DataType::Utf8, false)]);
        let encoding = Encoding::Dictionary(DataType::Int32);
        let marked = Schema::new(vec![encoded_field(whole.field(0), &encoding)]);
        let agreement = Agreement { hint: 1, columns: vec![0] };
        let sent = agreement.schema(&marked);
        assert_eq!(agreement.encoded(&sent, &whole).unwrap(), marked);
        let plain = marked.field(0).clone().with_metadata(Metadata::new());
        let unmarked = agreement.schema(&Schema::new(vec![plain]));
        assert!(agreement.encoded(&unmarked, &whole).is_err());
    }
}
