//! The name of a result without `AS`: the expression in DuckDB's spelling.

use super::name::own_names;
use super::tokens::is_reserved;
use arrow::datatypes::Schema;
use sqlparser::ast::{
    BinaryOperator, CastKind, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentClause, FunctionArgumentList, FunctionArguments, Ident, OrderByExpr,
    OrderBySort, UnaryOperator, Value,
};

/// `(price * qty)`, `lower(city)`, `CAST(id AS VARCHAR)`.
pub(crate) fn output_name(expression: &Expr, schema: &Schema) -> String {
    let name = |expression: &Expr| output_name(expression, schema);
    let joined = |expressions: &[Expr]| expressions.iter().map(name).collect::<Vec<_>>().join(", ");
    let not = |negated: bool, text: String| if negated { format!("(NOT {text})") } else { text };
    match expression {
        Expr::Nested(inner) => name(inner),
        Expr::Identifier(part) => column(std::slice::from_ref(part), schema),
        Expr::CompoundIdentifier(parts) => column(parts, schema),
        Expr::Value(value) => match &value.value {
            Value::Boolean(value) => value.to_string(),
            Value::Number(text, _) => text.clone(),
            other => other.to_string(),
        },
        Expr::UnaryOp { op: UnaryOperator::Not, expr } => format!("(NOT {})", name(expr)),
        Expr::UnaryOp { op, expr } => match &**expr {
            Expr::Value(_) if op == &UnaryOperator::Minus => format!("-{}", name(expr)),
            _ => format!("({op}({}))", name(expr)),
        },
        Expr::BinaryOp { left, op, right } => {
            let op = match op {
                BinaryOperator::NotEq => "!=".to_owned(),
                BinaryOperator::DuckIntegerDivide => "//".to_owned(),
                other => other.to_string(),
            };
            format!("({} {op} {})", name(left), name(right))
        }
        Expr::IsNull(operand) | Expr::IsUnknown(operand) => format!("({} IS NULL)", name(operand)),
        Expr::IsNotNull(operand) | Expr::IsNotUnknown(operand) => {
            format!("({} IS NOT NULL)", name(operand))
        }
        Expr::IsDistinctFrom(left, right) => {
            format!("({} IS DISTINCT FROM {})", name(left), name(right))
        }
        Expr::IsNotDistinctFrom(left, right) => {
            format!("({} IS NOT DISTINCT FROM {})", name(left), name(right))
        }
        Expr::InList { expr, list, negated } => {
            not(*negated, format!("({} IN ({}))", name(expr), joined(list)))
        }
        Expr::Between { expr, negated, low, high } => {
            not(*negated, format!("({} BETWEEN {} AND {})", name(expr), name(low), name(high)))
        }
        Expr::Like { negated, expr, pattern, escape_char, any: false } => {
            like("~~", "like", *negated, [name(expr), name(pattern)], escape_char.as_deref())
        }
        Expr::ILike { negated, expr, pattern, escape_char, any: false } => {
            like("~~*", "ilike", *negated, [name(expr), name(pattern)], escape_char.as_deref())
        }
        Expr::Cast { kind, expr, data_type, .. } => {
            let verb = match kind {
                CastKind::Cast | CastKind::DoubleColon => "CAST",
                CastKind::TryCast | CastKind::SafeCast => "TRY_CAST",
            };
            format!("{verb}({} AS {})", name(expr), type_name(&data_type.to_string()))
        }
        Expr::Case { operand, conditions, else_result, .. } => {
            let mut text = "CASE ".to_owned();
            for branch in conditions {
                let condition = match operand {
                    Some(operand) => format!("({} = {})", name(operand), name(&branch.condition)),
                    None => name(&branch.condition),
                };
                text.push_str(&format!(" WHEN ({condition}) THEN ({})", name(&branch.result)));
            }
            let otherwise = else_result.as_deref().map_or_else(|| "NULL".to_owned(), name);
            format!("{text} ELSE {otherwise} END")
        }
        Expr::Function(function) => call(function, schema),
        other => other.to_string(),
    }
}

fn like(
    symbol: &str,
    word: &str,
    negated: bool,
    [text, pattern]: [String; 2],
    escape: Option<&Expr>,
) -> String {
    // DuckDB has a function for each, except for NOT ILIKE.
    match (escape, negated) {
        (None, false) => format!("({text} {symbol} {pattern})"),
        (None, true) => format!("({text} !{symbol} {pattern})"),
        (Some(escape), false) => format!("{word}_escape({text}, {pattern}, {escape})"),
        (Some(escape), true) if word == "like" => {
            format!("not_like_escape({text}, {pattern}, {escape})")
        }
        (Some(escape), true) => format!("(NOT {word}_escape({text}, {pattern}, {escape}))"),
    }
}

/// A column has its name in the schema, whatever the case in the expression.
fn column(parts: &[Ident], schema: &Schema) -> String {
    let own = own_names(parts, schema);
    let names = own.unwrap_or_else(|| parts.iter().map(|part| part.value.clone()).collect());
    names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(".")
}

/// A column's name as it is written in an expression.
pub(crate) fn quoted(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain && !is_reserved(name) {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

fn call(function: &Function, schema: &Schema) -> String {
    let name = function.name.to_string();
    let name = match name.to_ascii_lowercase().as_str() {
        "coalesce" | "ifnull" => "COALESCE".to_owned(),
        "nullif" => "\"nullif\"".to_owned(),
        "first" => "\"first\"".to_owned(),
        lower => lower.to_owned(),
    };
    let FunctionArguments::List(list) = &function.args else { return function.to_string() };
    let argument = |argument: &FunctionArg| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => output_name(expression, schema),
        other => other.to_string(),
    };
    let arguments = list.args.iter().map(argument).collect::<Vec<_>>().join(", ");
    let text = match (name.as_str(), arguments.as_str()) {
        ("count", "*" | "") => "count_star()".to_owned(),
        _ => {
            let distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
            let distinct = if distinct { "DISTINCT " } else { "" };
            let order = order(list, schema).map_or_else(String::new, |order| format!(" {order}"));
            format!("{name}({distinct}{arguments}{order})")
        }
    };
    match &function.filter {
        Some(filter) => format!("{text} FILTER (WHERE {})", output_name(filter, schema)),
        None => text,
    }
}

/// The `ORDER BY` in a call.
fn order(list: &FunctionArgumentList, schema: &Schema) -> Option<String> {
    let terms = list.clauses.iter().find_map(|clause| match clause {
        FunctionArgumentClause::OrderBy(terms) => Some(terms),
        _ => None,
    });
    let term = |term: &OrderByExpr| {
        let is_descending = term.options.sort == Some(OrderBySort::Desc);
        let descending = if is_descending { " DESC" } else { "" };
        let nulls = if term.options.nulls_first == Some(true) { " NULLS FIRST" } else { "" };
        format!("{}{descending}{nulls}", output_name(&term.expr, schema))
    };
    Some(format!("ORDER BY {}", terms?.iter().map(term).collect::<Vec<_>>().join(", ")))
}

/// DuckDB normalises these type names by its grammar, and keeps others as written.
fn type_name(written: &str) -> String {
    match written.to_ascii_uppercase().as_str() {
        "INT" => "INTEGER".to_owned(),
        "TIMESTAMP(0)" => "TIMESTAMP_S".to_owned(),
        "TIMESTAMP(3)" => "TIMESTAMP_MS".to_owned(),
        "TIMESTAMP(6)" => "TIMESTAMP".to_owned(),
        "TIMESTAMP(9)" => "TIMESTAMP_NS".to_owned(),
        _ => written.replace(',', ", "),
    }
}
