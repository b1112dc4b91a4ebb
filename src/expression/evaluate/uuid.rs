//! Finds the nodes whose values are UUIDs, which their types do not show.

use super::case::Choice;
use super::node::{Column, Node};
use crate::expression::values::kind::plain_type;
use crate::expression::values::uuid::{UUID, is_uuid_field};
use crate::expression::values::value_reader;
use crate::schema::element_field;
use arrow::datatypes::{DataType, Field, Schema};

/// Whether the values of a node are UUIDs.
pub(crate) fn is_uuid(node: &Node, schema: &Schema) -> bool {
    if node.data_type() != &UUID {
        return false;
    }
    match node {
        Node::Column(column) => column_field(column, schema).is_some_and(is_uuid_field),
        Node::PerStoredValue(_, node) => is_uuid(node, schema),
        Node::Case(case) => match &case.choice {
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
pub(crate) fn are_uuids<'a>(nodes: impl IntoIterator<Item = &'a Node>, schema: &Schema) -> bool {
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
pub(crate) fn is_part_uuid(arguments: &[Node]) -> bool {
    let [nested, key, ..] = arguments else { return false };
    match nested.data_type() {
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) => is_uuid_field(&fields[1]),
            _ => false,
        },
        DataType::Struct(fields) => {
            let Node::Constant(key) = key else { return false };
            let Some(name) = value_reader::text(key) else { return false };
            let mut named =
                fields.iter().filter(|field| field.name().eq_ignore_ascii_case(name(0)));
            named.any(|field| is_uuid_field(field))
        }
        list => element_field(list).is_some_and(|field| is_uuid_field(field)),
    }
}
