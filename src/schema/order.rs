//! Sort orders: `a DESC NULLS LAST, b` as text, and their columns in a schema.
//!
//! Orders are parsed only here. Values are compared in `batch`.

use super::projection::find_path;
use crate::error::{Error, Result};
use crate::text::{Cursor, Unclosed, did_you_mean, escaped, similar};
use arrow::datatypes::{DataType, Fields, Schema};
use std::iter::Peekable;

/// A parsed order: columns by name, the most important first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    terms: Vec<Term>,
}

/// A column that rows are ordered by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderColumn {
    /// The positions from the top of the schema down to the column; a single one unless it is in a
    /// struct.
    pub path: Vec<usize>,
    /// Its name in messages.
    pub name: String,
    /// Largest first.
    pub descending: bool,
    /// Nulls before all values instead of after them, in either direction.
    pub nulls_first: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    name: String,
    /// Whether any part of the name was quoted: it must then match exactly.
    quoted: bool,
    descending: bool,
    nulls_first: bool,
}

impl Order {
    /// Parses `NAME [ASC|DESC] [NULLS FIRST|LAST], …`. By default, nulls are last in both
    /// directions. A name with a space, a comma or a quote must be in double quotes.
    ///
    /// # Errors
    /// A missing name; an unexpected word (usage errors).
    pub fn parse(text: &str) -> Result<Self> {
        let mut words = words(text)?.into_iter().peekable();
        let mut terms = Vec::new();
        loop {
            let Some(Word::Text { text: name, quoted }) = words.next() else {
                return Err(Error::usage(format!(
                    "a column's name is missing in \"{}\" (try 'a DESC, b')",
                    escaped(text)
                )));
            };
            let mut term = Term { name, quoted, descending: false, nulls_first: false };
            term.directions(&mut words)?;
            terms.push(term);
            match words.next() {
                None => return Ok(Self { terms }),
                Some(Word::Comma) => {}
                Some(Word::Text { text, .. }) => return Err(unexpected(&text)),
            }
        }
    }

    /// Orders by these columns, by exact names, smallest values first.
    pub fn ascending(names: &[String]) -> Self {
        let term = |name: &String| Term {
            name: name.clone(),
            quoted: true,
            descending: false,
            nulls_first: false,
        };
        Self { terms: names.iter().map(term).collect() }
    }

    /// The names as they were typed.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.terms.iter().map(|term| &term.name)
    }

    /// Finds the columns. An unquoted name without a match is also matched case-insensitively.
    /// `a.b` is the column b in the struct a, unless a column has that name.
    ///
    /// # Errors
    /// An unknown, ambiguous or repeated name (usage errors).
    pub fn bind(&self, schema: &Schema) -> Result<Vec<OrderColumn>> {
        let mut columns: Vec<OrderColumn> = Vec::with_capacity(self.terms.len());
        for term in &self.terms {
            let path = term.find(schema)?;
            if columns.iter().any(|column| column.path == path) {
                let name = escaped(&term.name);
                return Err(Error::usage(format!("column \"{name}\" is given twice")));
            }
            let Term { descending, nulls_first, .. } = *term;
            columns.push(OrderColumn { path, name: term.name.clone(), descending, nulls_first });
        }
        Ok(columns)
    }
}

impl Term {
    fn directions(&mut self, words: &mut Peekable<impl Iterator<Item = Word>>) -> Result<()> {
        let mut taken = |wanted: &[&str]| {
            let place = words.peek().and_then(|word| wanted.iter().position(|w| word.is(w)));
            if place.is_some() {
                words.next();
            }
            place
        };
        self.descending = taken(&["ASC", "DESC"]) == Some(1);
        if taken(&["NULLS"]).is_some() {
            self.nulls_first = match taken(&["FIRST", "LAST"]) {
                Some(place) => place == 0,
                None => return Err(Error::usage("NULLS must be followed by FIRST or LAST")),
            };
        }
        Ok(())
    }

    fn find(&self, schema: &Schema) -> Result<Vec<usize>> {
        let unknown = match find_path(schema, &self.name) {
            Ok(path) => return Ok(path),
            Err(unknown) if self.quoted => return Err(unknown),
            Err(unknown) => unknown,
        };
        let mut paths = Vec::new();
        paths_of(schema.fields(), "", &[], &mut paths);
        let folded = self.name.to_lowercase();
        let mut equal = paths.into_iter().filter(|(name, _)| name.to_lowercase() == folded);
        match (equal.next(), equal.next()) {
            (Some((_, path)), None) => Ok(path),
            // Quotes would not distinguish two equal names.
            (Some((one, _)), Some((other, _))) if one != other => Err(Error::usage(format!(
                "column \"{}\" may be \"{}\" or \"{}\": put the intended one in double quotes",
                escaped(&self.name),
                escaped(&one),
                escaped(&other)
            ))),
            _ => Err(unknown),
        }
    }
}

/// All columns and those inside structs, by their dotted names.
fn paths_of(fields: &Fields, above: &str, path: &[usize], found: &mut Vec<(String, Vec<usize>)>) {
    for (place, field) in fields.iter().enumerate() {
        let name = format!("{above}{}", field.name());
        let path = [path, &[place]].concat();
        if let DataType::Struct(children) = field.data_type() {
            paths_of(children, &format!("{name}."), &path, found);
        }
        found.push((name, path));
    }
}

enum Word {
    Comma,
    Text { text: String, quoted: bool },
}

impl Word {
    fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Text { text, quoted: false } if text.eq_ignore_ascii_case(keyword))
    }
}

fn words(text: &str) -> Result<Vec<Word>> {
    let mut cursor = Cursor::new(text);
    let mut words = Vec::new();
    while !cursor.is_at_end() {
        words.push(if cursor.takes(",") { Word::Comma } else { word(&mut cursor)? });
    }
    Ok(words)
}

/// Reads a word; any parts of it may be in double quotes.
fn word(cursor: &mut Cursor<'_>) -> Result<Word> {
    let (mut text, mut quoted) = (String::new(), false);
    let whole = cursor.text();
    let unclosed =
        |Unclosed| Error::usage(format!("a double quote is not closed in \"{}\"", escaped(whole)));
    loop {
        if let Some(part) = cursor.quoted().map_err(unclosed)? {
            (text, quoted) = (text + &part, true);
            continue;
        }
        let part = cursor.take_while(|c| !c.is_whitespace() && !matches!(c, ',' | '"'));
        if part.is_empty() {
            return Ok(Word::Text { text, quoted });
        }
        text.push_str(part);
    }
}

fn unexpected(word: &str) -> Error {
    let near = similar(word, ["ASC", "DESC", "NULLS FIRST", "NULLS LAST"]);
    let hint = did_you_mean(near.first());
    let word = escaped(word);
    Error::usage(format!("\"{word}\" is not ASC, DESC, NULLS FIRST, NULLS LAST or a comma{hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::Field;

    fn schema() -> Schema {
        let int = |name: &str| Field::new(name, DataType::Int64, true);
        let inner = DataType::Struct(vec![int("x"), int("Y")].into());
        Schema::new(vec![int("a"), int("B b"), Field::new("s", inner, true), int("c"), int("C")])
    }

    fn bound(text: &str) -> Result<String> {
        let shown = |column: &OrderColumn| {
            let direction = if column.descending { "-" } else { "+" };
            let nulls = if column.nulls_first { "first" } else { "last" };
            format!("{direction}{:?} {nulls}", column.path)
        };
        let columns = Order::parse(text)?.bind(&schema())?;
        Ok(columns.iter().map(shown).collect::<Vec<_>>().join(", "))
    }

    #[test]
    fn directions_and_nulls_are_read() {
        assert_eq!(bound("a").unwrap(), "+[0] last");
        assert_eq!(
            bound("a desc , c Asc nulls First,\"B b\" NULLS LAST").unwrap(),
            "-[0] last, +[3] first, +[1] last"
        );
    }

    #[test]
    fn names_are_found_in_structs_and_without_regard_to_case() {
        assert_eq!(
            bound("A, s.x DESC, S.y, \"C\"").unwrap(),
            "+[0] last, -[2, 0] last, +[2, 1] last, +[4] last"
        );
        assert_eq!(
            bound("s.\"Y\", \"b b\" ").unwrap_err().to_string(),
            "unknown column \"b b\" (did you mean \"B b\"?)"
        );
    }

    #[test]
    fn what_is_wrong_is_told() {
        let told = |text: &str| {
            let error = bound(text).unwrap_err();
            assert_eq!(error.exit_status(), 2);
            error.to_string()
        };
        assert_eq!(told(""), "a column's name is missing in \"\" (try 'a DESC, b')");
        assert_eq!(told("a,"), "a column's name is missing in \"a,\" (try 'a DESC, b')");
        assert_eq!(
            told("a DESK"),
            "\"DESK\" is not ASC, DESC, NULLS FIRST, NULLS LAST or a comma (did you mean DESC?)"
        );
        assert_eq!(told("a DESC NULLS"), "NULLS must be followed by FIRST or LAST");
        assert_eq!(told("\"a"), "a double quote is not closed in \"\"a\"");
        assert_eq!(told("a, A"), "column \"A\" is given twice");
        assert_eq!(
            told("s.z"),
            "unknown column \"s.z\"; the columns are \"a\", \"B b\", \"s\", \"c\", \"C\""
        );
    }

    #[test]
    fn two_columns_of_one_name_but_for_case_need_quotes() {
        let int = |name: &str| Field::new(name, DataType::Int64, true);
        let schema = Schema::new(vec![int("Ab"), int("aB")]);
        let error = Order::parse("ab").unwrap().bind(&schema).unwrap_err();
        assert_eq!(
            error.to_string(),
            "column \"ab\" may be \"Ab\" or \"aB\": put the intended one in double quotes"
        );
    }
}
