//! UUIDs: 16 bytes that only the field marks as UUIDs. The type of a node does not show it, so
//! UUIDs are converted to text where the field is known.

use super::choose::Choice;
use super::functions::{UUID, element_field};
use super::kind::plain_type;
use super::node::{Column, Node};
use super::read::{self, Reader};
use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Field, Schema};
use uuid::Uuid;

/// Whether a field has the UUID extension type.
pub(super) fn is_uuid_field(field: &Field) -> bool {
    field.extension_type_name() == Some("arrow.uuid") && plain_type(field.data_type()) == &UUID
}

/// Whether the values of a node are UUIDs.
pub(super) fn is_uuid(node: &Node, schema: &Schema) -> bool {
    if node.data_type() != &UUID {
        return false;
    }
    match node {
        Node::Column(column) => column_field(column, schema).is_some_and(is_uuid_field),
        Node::PerStoredValue(_, node) => is_uuid(node, schema),
        Node::Choose(choose) => match &choose.choice {
            Choice::Case { branches, otherwise } => {
                are_uuids(branches.iter().map(|(_, value)| value).chain(otherwise), schema)
            }
            Choice::Coalesce(values) => are_uuids(values, schema),
        },
        // `greatest` and `least`.
        Node::Call(call) => call.gives_uuid || are_uuids(&call.arguments, schema),
        // `UUID '…'`, and a cast of bytes: nothing else has this type.
        Node::Constant(_) | Node::Convert(_) => true,
        _ => false,
    }
}

/// Literals do not count: they have taken the type from the context.
fn are_uuids<'a>(nodes: impl IntoIterator<Item = &'a Node>, schema: &Schema) -> bool {
    let is_literal = |node: &Node| matches!(node, Node::Constant(_));
    nodes.into_iter().all(|node| is_literal(node) || is_uuid(node, schema))
}

fn column_field<'a>(column: &Column, schema: &'a Schema) -> Option<&'a Field> {
    let mut field = schema.field(column.index);
    for place in &column.path {
        let DataType::Struct(children) = plain_type(field.data_type()) else { return None };
        field = &children[*place];
    }
    Some(field)
}

/// Whether the part that a function extracts from a list, map or struct is a UUID, provided that it
/// has the UUID type.
pub(super) fn is_part_uuid(arguments: &[Node]) -> bool {
    let [nested, key, ..] = arguments else { return false };
    match nested.data_type() {
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) => is_uuid_field(&fields[1]),
            _ => false,
        },
        DataType::Struct(fields) => {
            let Node::Constant(key) = key else { return false };
            let Some(name) = read::text(key) else { return false };
            let mut named =
                fields.iter().filter(|field| field.name().eq_ignore_ascii_case(name(0)));
            named.any(|field| is_uuid_field(field))
        }
        list => element_field(list).is_some_and(is_uuid_field),
    }
}

/// The text of each row's UUID.
pub(super) fn texts(array: &ArrayRef) -> Option<Reader<'_, String>> {
    let bytes = read::bytes(array)?;
    // Under a null the bytes are arbitrary.
    Some(Box::new(move |row| {
        Uuid::from_slice(bytes(row)).map_or_else(|_| String::new(), |uuid| uuid.to_string())
    }))
}
