//! Values in JSON text: `json_extract` and `->`, `json_extract_string` and `->>`.

use super::function::{CallError, Function, Parameter, constant_text};
use super::json_path::{Step, parse};
use super::json_value::{compact, find};
use super::text::gives_text;
use crate::expression::evaluate::call::{Failure, Inputs, Prepared};
use crate::expression::evaluate::node::Node;
use crate::expression::values::kind::Kind;
use arrow::array::{Array, new_null_array};
use arrow::datatypes::DataType;
use std::borrow::Cow;
use std::rc::Rc;

use Parameter::{Any, Text};

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new(
        &["json_extract", "json_extract_path"],
        "json_extract(text, path)",
        &[Text, Any],
        |arguments| extract(arguments, |value| compact(value).map(Some)),
    )
    .help(
        "the value at a path in JSON text, itself as JSON text; null if there is none. text->path \
         means the same. A path is '$.a.b[0]' (keys in double quotes if need be; [-1] is the last), \
         '/a/b/0', a key alone, or a number: a position in an array, from 0",
    )
    .examples(&[
        "json_extract('{\"a\": [1, 2]}', '$.a') = '[1,2]'",
        "('{\"a\": [1, 2]}'->'a'->0) = '1'",
    ]),
    Function::new(
        &["json_extract_string", "json_extract_path_text"],
        "json_extract_string(text, path)",
        &[Text, Any],
        |arguments| extract(arguments, unquoted),
    )
    .help(
        "the same, but a JSON text comes without its quotes, and a JSON null is null. text->>path \
         means the same",
    )
    .examples(&["'{\"a\": \"x\"}'->>'$.a' = 'x'", "('{\"a\": 5}'->>'a')::INT + 1 = 6"]),
];

/// Makes a text of the value that was found.
type Shown = for<'v> fn(&'v str) -> Result<Option<Cow<'v, str>>, serde_json::Error>;

fn unquoted(value: &str) -> Result<Option<Cow<'_, str>>, serde_json::Error> {
    match value.as_bytes() {
        b"null" => Ok(None),
        // Borrowed unless it has escapes.
        [b'"', inside @ .., b'"'] if !inside.contains(&b'\\') => {
            Ok(Some(Cow::Borrowed(&value[1..value.len() - 1])))
        }
        [b'"', ..] => serde_json::from_str(value).map(|text: String| Some(Cow::Owned(text))),
        _ => compact(value).map(Some),
    }
}

fn extract(arguments: &mut Vec<Node>, shown: Shown) -> Result<Prepared, CallError> {
    let is_position = match Kind::of(arguments[1].data_type()) {
        Kind::Text => false,
        Kind::Null => {
            arguments[1] = Node::Constant(new_null_array(&DataType::Utf8, 1));
            false
        }
        Kind::Integer => true,
        _ => return Err(CallError::at(1, "the path is a text or a number without a fraction")),
    };
    if let Some(Some(path)) = constant_text(&arguments[1]) {
        parse(path).map_err(|why| CallError::at(1, why))?;
    }
    Ok(gives_text(arguments, true, move |inputs| {
        let (text, path) = (inputs.text(0)?, paths(inputs, is_position)?);
        inputs.optional_texts(|row| {
            let malformed = |error: serde_json::Error| format!("malformed JSON: {error}");
            let found = find(text(row), &path(row)?).map_err(malformed)?;
            found.map_or(Ok(None), |value| shown(value).map_err(malformed))
        })
    }))
}

/// The path of each row.
type Path = Result<Rc<[Step]>, String>;

fn paths<'a>(
    inputs: &Inputs<'a>,
    is_position: bool,
) -> Result<Box<dyn Fn(usize) -> Path + 'a>, Failure> {
    if is_position {
        let position = inputs.integers(1)?;
        // A number of another size is no position of any list.
        let step = move |row| Step::Position(i64::try_from(position(row)).unwrap_or(i64::MAX));
        return Ok(Box::new(move |row| Ok(Rc::new([step(row)]))));
    }
    let path = inputs.text(1)?;
    if inputs.values[1].constant && inputs.array(1).is_valid(0) {
        let steps: Rc<[Step]> = parse(path(0)).map_err(|why| Failure { row: 0, why })?.into();
        return Ok(Box::new(move |_| Ok(steps.clone())));
    }
    Ok(Box::new(move |row| parse(path(row)).map(Rc::from)))
}
