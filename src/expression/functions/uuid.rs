//! UUIDs from and to text: the casts between `VARCHAR` and `UUID`.

use crate::expression::evaluate::call::{Body, Call, Failure, Prepared};
use crate::expression::evaluate::node::Node;
use crate::expression::values::uuid::{UUID, texts};
use arrow::array::FixedSizeBinaryArray;
use arrow::datatypes::DataType;
use std::borrow::Cow;
use std::sync::Arc;
use uuid::Uuid;

/// Reads text as UUIDs; text that is not a UUID is an error, or null.
pub(crate) fn read(operand: Node, null_on_failure: bool, text: String) -> Call {
    let body: Body = Arc::new(move |inputs| {
        let read = inputs.text(0)?;
        let nulls = inputs.nulls();
        let uuid = |row: usize| {
            if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
                return Ok(None);
            }
            match Uuid::try_parse(read(row)) {
                Ok(uuid) => Ok(Some(uuid)),
                Err(_) if null_on_failure => Ok(None),
                Err(_) => Err(Failure { row, why: "it cannot be read as a UUID".to_owned() }),
            }
        };
        let uuids = (0..inputs.count).map(uuid).collect::<Result<Vec<_>, _>>()?;
        let uuids = FixedSizeBinaryArray::try_from_sparse_iter_with_size(uuids.into_iter(), 16)?;
        Ok(Arc::new(uuids))
    });
    let prepared = Prepared { data_type: UUID, body, can_fail: !null_on_failure };
    let mut call = Call::new(vec![operand], prepared, text);
    call.gives_uuid = true;
    call
}

/// Writes UUIDs as `a7b8c9d0-1111-2222-3333-444455556666`.
pub(crate) fn write(operand: Node, text: String) -> Call {
    let body: Body = Arc::new(|inputs| {
        let texts = inputs.by_row(0, texts(inputs.array(0)))?;
        inputs.texts(|row| Ok(Cow::Owned(texts(row))))
    });
    let prepared = Prepared { data_type: DataType::Utf8, body, can_fail: false };
    Call::new(vec![operand], prepared, text)
}
