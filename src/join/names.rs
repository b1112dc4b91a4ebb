//! Pairs of columns as text: `a = x, b`, and `ts >= valid_from`.

use crate::error::{Error, Result};
use crate::schema::locate_columns;
use crate::text::{Cursor, Unclosed, escaped};
use arrow::datatypes::Schema;

/// A column of the stream and one of the table whose values must be equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyNames {
    pub(super) stream: Name,
    pub(super) table: Name,
}

/// A column of the stream and one of the table whose nearest values are partners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsOfNames {
    pub(super) stream: Name,
    pub(super) operator: Nearest,
    pub(super) table: Name,
}

/// Where the nearest value of the table is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nearest {
    /// `>=`: at or before.
    AtOrBefore,
    /// `>`: before.
    Before,
    /// `<=`: at or after.
    AtOrAfter,
    /// `<`: after.
    After,
}

impl Nearest {
    /// Whether partners are at or before the row of the stream; otherwise they are at or after it.
    pub(super) fn is_before(self) -> bool {
        matches!(self, Self::AtOrBefore | Self::Before)
    }
}

/// The name of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) text: String,
    /// Whether any part of it was quoted: it must then match exactly.
    is_quoted: bool,
}

impl KeyNames {
    /// Parses `NAME [= NAME], …`. A name with a space or a sign must be in double quotes.
    ///
    /// # Errors
    /// A missing name; an unexpected sign (usage errors).
    pub fn parse_list(text: &str) -> Result<Vec<Self>> {
        let mut cursor = Cursor::new(text);
        let mut pairs = Vec::new();
        loop {
            let stream = Name::read(&mut cursor, "try 'id' or 'a = x, b = y'")?;
            let has_other = cursor.takes("=");
            let other = has_other.then(|| Name::read(&mut cursor, "try 'a = x'")).transpose()?;
            let table = other.unwrap_or_else(|| stream.clone());
            pairs.push(Self { stream, table });
            if cursor.is_at_end() {
                return Ok(pairs);
            }
            if !cursor.takes(",") {
                let rest = escaped(cursor.rest());
                let message = format!("expected a comma before \"{rest}\" (try 'a = x, b = y')");
                return Err(Error::usage(message));
            }
        }
    }
}

impl AsOfNames {
    /// Parses `NAME OPERATOR NAME`, with `>=`, `>`, `<=` or `<`.
    ///
    /// # Errors
    /// Anything else (usage errors).
    pub fn parse(text: &str) -> Result<Self> {
        const TRY: &str = "try 'ts >= valid_from'";
        let mut cursor = Cursor::new(text);
        let stream = Name::read(&mut cursor, TRY)?;
        let operators = [
            (">=", Nearest::AtOrBefore),
            (">", Nearest::Before),
            ("<=", Nearest::AtOrAfter),
            ("<", Nearest::After),
        ];
        let operator = operators.into_iter().find(|(sign, _)| cursor.takes(sign));
        let Some((_, operator)) = operator else {
            let text = escaped(text);
            return Err(Error::usage(format!("no <, <=, > or >= in \"{text}\" ({TRY})")));
        };
        let table = Name::read(&mut cursor, TRY)?;
        if !cursor.is_at_end() {
            let rest = escaped(cursor.rest());
            return Err(Error::usage(format!("\"{rest}\" follows the second column ({TRY})")));
        }
        Ok(Self { stream, operator, table })
    }
}

impl Name {
    fn read(cursor: &mut Cursor<'_>, hint: &str) -> Result<Self> {
        let whole = cursor.text();
        let unclosed = |Unclosed| {
            Error::usage(format!("a double quote is not closed in \"{}\"", escaped(whole)))
        };
        cursor.skip_spaces();
        if let Some(text) = cursor.quoted().map_err(unclosed)? {
            return Ok(Self { text, is_quoted: true });
        }
        let text = cursor
            .take_while(|c| !c.is_whitespace() && !matches!(c, ',' | '=' | '<' | '>' | '"'))
            .to_owned();
        if text.is_empty() {
            let whole = escaped(whole);
            return Err(Error::usage(format!(
                "a column's name is missing in \"{whole}\" ({hint})"
            )));
        }
        Ok(Self { text, is_quoted: false })
    }

    /// The position of the column. A name without quotes is also matched without regard to case.
    ///
    /// # Errors
    /// An unknown or ambiguous name (a usage error).
    pub(super) fn find(&self, schema: &Schema) -> Result<usize> {
        let unknown = match locate_columns(schema, std::slice::from_ref(&self.text)) {
            Ok(places) => return Ok(places.first().copied().unwrap_or_default()),
            Err(unknown) => unknown,
        };
        let folded = self.text.to_lowercase();
        let names = schema.fields().iter().map(|field| field.name().to_lowercase());
        let equal = names.enumerate().filter(|(_, name)| *name == folded);
        match equal.map(|(place, _)| place).collect::<Vec<_>>()[..] {
            [place] if !self.is_quoted => Ok(place),
            _ => Err(unknown),
        }
    }
}
