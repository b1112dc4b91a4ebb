//! Binds the items of a select list that make rows of lists.

use super::binder::{Binder, once_per_stored_value};
use super::choices::plain_arguments;
use super::select_output::Output;
use crate::error::Result;
use crate::expression::evaluate::unnest::Unnest;
use crate::expression::syntax::output_name::output_name;
use crate::expression::values::kind::describe;
use crate::schema::element_field;
use arrow::datatypes::{DataType, Field};
use sqlparser::ast::{Expr, Function};

/// `unnest(list)` or `generate_subscripts(list, 1)` with its field; None for other calls.
pub(crate) fn unnested(
    binder: &mut Binder<'_>,
    expression: &Expr,
    call: &Function,
    name: Option<&str>,
) -> Result<Option<(Output, Field)>> {
    let arguments = plain_arguments(call);
    let (unnest, usage) = match &*call.name.to_string().to_ascii_lowercase() {
        "unnest" => (Unnest::Elements, "usage: unnest(list)"),
        "generate_subscripts" => (Unnest::Positions, "usage: generate_subscripts(list, 1)"),
        _ => return Ok(None),
    };
    let list = match (unnest, &arguments[..]) {
        (Unnest::Elements, [list]) => list,
        (Unnest::Positions, [list, dimension]) if dimension.to_string() == "1" => list,
        _ => return Err(binder.error(expression, usage)),
    };
    let node = binder.node(list)?;
    let Some(element) = element_field(node.data_type()) else {
        let hint = match node.data_type() {
            DataType::Struct(_) => "; write struct.* for the fields of a struct",
            DataType::Map(..) => "; take map_keys(map) and map_values(map)",
            _ => "",
        };
        let what = describe(node.data_type());
        return Err(binder.error(list, format!("unnest needs a list, not {what}{hint}")));
    };
    let name = name.map_or_else(|| output_name(expression, binder.schema), str::to_owned);
    // Shorter lists are filled up with nulls.
    let field = match unnest {
        Unnest::Elements => Field::new(name, element.data_type().clone(), true)
            .with_metadata(element.metadata().clone()),
        Unnest::Positions => Field::new(name, DataType::Int64, true),
    };
    let node = once_per_stored_value(node, binder.schema);
    Ok(Some((Output::Unnested(node, unnest), field)))
}
