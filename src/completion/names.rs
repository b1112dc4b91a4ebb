//! Names of columns alone, before `=`, and in expressions.

use super::candidate::Candidate;
use super::columns::Column;
use super::lists::{unquoted, written};
use crate::expression::column_text;

/// One name, as it is.
pub(super) fn column(typed: &str, columns: &[Column]) -> Vec<Candidate> {
    let fitting = columns.iter().filter(|column| column.name.starts_with(typed));
    let candidate = |column: &Column| Candidate {
        description: column.type_name.clone(),
        ..Candidate::word(&column.name)
    };
    fitting.map(candidate).collect()
}

/// `COLUMN=WORD`: the words if there is a column before the `=`, or else the columns.
pub(super) fn pair(typed: &str, known: &[&str], columns: &[Column]) -> Vec<Candidate> {
    if let Some((name, begun)) = typed.rsplit_once('=')
        && !columns.iter().any(|column| column.name.starts_with(typed))
    {
        let fitting = known.iter().filter(|word| word.starts_with(begun));
        let candidate =
            |word: &&str| Candidate { text: format!("{name}={word}"), ..Candidate::word(*word) };
        return fitting.map(candidate).collect();
    }
    let names = column(typed, columns).into_iter();
    names.map(|name| Candidate { text: name.text + "=", continues: true, ..name }).collect()
}

/// The columns for the unfinished name at the end of an expression.
pub(super) fn expression(typed: &str, columns: &[Column]) -> Vec<Candidate> {
    let Some(start) = name_start(typed) else { return Vec::new() };
    let (kept, name) = typed.split_at(start);
    let begun = unquoted(name);
    let fitting = columns.iter().filter(|column| column.name.starts_with(&begun));
    let candidate = |column: &Column| {
        let plain = column_text(&column.name);
        let is_open = name.starts_with('"') && !plain.starts_with('"');
        let shown = if is_open { written(&column.name, true) } else { plain };
        Candidate {
            text: format!("{kept}{shown}"),
            shown,
            description: column.type_name.clone(),
            continues: true,
        }
    };
    fitting.map(candidate).collect()
}

/// The unfinished name at the end of an expression.
pub(super) fn last_name(typed: &str) -> String {
    name_start(typed).map(|start| unquoted(&typed[start..])).unwrap_or_default()
}

/// The beginning of the unfinished name at the end; `None` inside text.
fn name_start(typed: &str) -> Option<usize> {
    let (mut quote, mut start) = (None, 0);
    for (place, letter) in typed.char_indices() {
        match quote {
            Some(open) if letter == open => (quote, start) = (None, place + 1),
            Some(_) => {}
            None if letter == '\'' => quote = Some(letter),
            None if letter == '"' => (quote, start) = (Some(letter), place),
            None if letter.is_alphanumeric() || letter == '_' || letter == '.' => {}
            None => start = place + letter.len_utf8(),
        }
    }
    // After a closing quote, the name or text is finished.
    if quote.is_none() && typed.ends_with(['"', '\'']) {
        return None;
    }
    // A number, or a function's result, is no name.
    let is_number = typed[start..].starts_with(|c: char| c.is_ascii_digit());
    (quote != Some('\'') && !is_number).then_some(start)
}

#[cfg(test)]
mod tests {
    use super::super::candidate::texts;
    use super::*;

    fn columns() -> Vec<Column> {
        let column = |name: &str| Column { name: name.to_owned(), type_name: String::new() };
        ["price", "a b", "group", "x=y"].map(column).into()
    }

    #[test]
    fn a_pair_has_a_column_and_a_word() {
        let offered = |typed: &str| texts(pair(typed, &["plain", "delta"], &columns()));
        assert_eq!(offered("p"), ["price="]);
        assert_eq!(offered("price="), ["price=plain", "price=delta"]);
        assert_eq!(offered("price=d"), ["price=delta"]);
        assert_eq!(offered("x=y"), ["x=y="]);
        assert_eq!(offered("x=y=p"), ["x=y=plain"]);
    }

    #[test]
    fn expressions_have_columns_outside_of_text() {
        let offered = |typed: &str| texts(expression(typed, &columns()));
        assert_eq!(offered("pri"), ["price"]);
        assert_eq!(offered("x > 1 AND (pri"), ["x > 1 AND (price"]);
        assert_eq!(offered("a"), ["\"a b\""]);
        assert_eq!(offered("gr"), ["\"group\""]);
        assert_eq!(offered("\"a "), ["\"a b\""]);
        assert_eq!(offered("\"pr"), ["\"price\""]);
        assert!(offered("name = 'pri").is_empty());
        assert_eq!(offered("name = 'x' AND pri"), ["name = 'x' AND price"]);
        assert!(offered("price > 1").is_empty());
    }
}
