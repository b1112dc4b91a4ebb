//! Lists of columns: names alone, with directions, with types.

use super::candidate::Candidate;
use super::columns::Column;

/// A comma-separated list whose last item is unfinished.
pub(super) struct List<'a> {
    /// The list up to the last item, with the comma and the spaces after it.
    kept: &'a str,
    item: &'a str,
}

impl<'a> List<'a> {
    pub(super) fn new(typed: &'a str) -> Self {
        let start = item_starts(typed).last().copied().unwrap_or(0);
        let rest = &typed[start..];
        let (kept, item) = typed.split_at(typed.len() - rest.trim_start().len());
        Self { kept, item }
    }

    /// Whether the unfinished item is the first one.
    pub(super) fn is_first(&self) -> bool {
        self.kept.trim().is_empty()
    }

    /// The beginning of the unfinished name, without quotes.
    pub(super) fn begun(&self) -> String {
        unquoted(self.item)
    }

    /// `a, b`: names that are not in the list yet.
    pub(super) fn names(&self, columns: &[Column]) -> Vec<Candidate> {
        let needs_quotes = |name: &str| name.trim() != name || name.contains([',', '"']);
        self.offer(columns, |item| item, needs_quotes)
    }

    /// `a DESC, b`: names, or after a name the directions.
    pub(super) fn order(&self, columns: &[Column]) -> Vec<Candidate> {
        let Some((before, begun)) = self.words_after_name() else {
            let needs_quotes = |name: &str| name.contains([',', '"']) || name.contains(is_space);
            return self.offer(columns, first_word, needs_quotes);
        };
        let given: Vec<String> = before.split_whitespace().map(str::to_ascii_uppercase).collect();
        let has = |words: &[&str]| given.iter().any(|word| words.contains(&word.as_str()));
        let nulls: &[&str] = if has(&["NULLS"]) { &[] } else { &["NULLS FIRST", "NULLS LAST"] };
        let directions: &[&str] =
            if has(&["ASC", "DESC", "NULLS"]) { &[] } else { &["ASC", "DESC"] };
        match given.last().map(String::as_str) {
            Some("NULLS") => self.words(begun, &["FIRST", "LAST"]),
            _ => self.words(begun, &[directions, nulls].concat()),
        }
    }

    /// `a int64, b utf8`: names, or after a name the types.
    pub(super) fn types(&self, columns: &[Column]) -> Vec<Candidate> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        match self.words_after_name() {
            Some((_, begun)) => self.words(begun, TYPES),
            None => self.offer(columns, first_word, |name| !name.chars().all(is_plain)),
        }
    }

    /// The columns that are not in the list yet, and begin with the item. `name_of` finds the name
    /// in an item.
    fn offer(
        &self,
        columns: &[Column],
        name_of: fn(&str) -> &str,
        needs_quotes: impl Fn(&str) -> bool,
    ) -> Vec<Candidate> {
        let mut starts = item_starts(self.kept);
        starts.push(self.kept.len());
        let items = starts.windows(2).map(|part| {
            let item = self.kept[part[0]..part[1]].trim();
            item.strip_suffix(',').unwrap_or(item).trim_end()
        });
        let chosen = items.filter(|item| !item.is_empty()).map(|item| unquoted(name_of(item)));
        let chosen: Vec<String> = chosen.collect();
        let begun = self.begun();
        let is_free =
            |column: &&Column| column.name.starts_with(&begun) && !chosen.contains(&column.name);
        let candidate = |column: &Column| {
            // Quotes that were typed stay.
            let quotes =
                self.item.starts_with('"') || column.name.is_empty() || needs_quotes(&column.name);
            let shown = written(&column.name, quotes);
            Candidate {
                text: format!("{}{shown}", self.kept),
                shown,
                description: column.type_name.clone(),
                continues: true,
            }
        };
        columns.iter().filter(is_free).map(candidate).collect()
    }

    /// The words after the name of the item, if it is finished, and the unfinished one after them.
    fn words_after_name(&self) -> Option<(&'a str, &'a str)> {
        let name = first_word(self.item);
        let after = self.item.get(name.len()..).filter(|after| !after.is_empty())?;
        let end = after.rfind(is_space)?;
        let begun = after[end..].trim_start();
        Some((&after[..after.len() - begun.len()], begun))
    }

    /// Keywords instead of the unfinished one at the end, in any case.
    fn words(&self, begun: &str, known: &[&'static str]) -> Vec<Candidate> {
        let front = &self.item[..self.item.len() - begun.len()];
        let begins = |word: &&&str| {
            let start = word.get(..begun.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(begun))
        };
        let candidate = |word: &&str| Candidate {
            text: format!("{}{front}{word}", self.kept),
            continues: true,
            ..Candidate::word(*word)
        };
        known.iter().filter(begins).map(candidate).collect()
    }
}

/// The types that are declared most often.
const TYPES: &[&str] = &[
    "bool",
    "date32",
    "decimal128(",
    "float64",
    "int32",
    "int64",
    "time64[us]",
    "timestamp[us]",
    "timestamp[us, UTC]",
    "uint64",
    "utf8",
];

/// An item up to the first space outside of quotes.
fn first_word(item: &str) -> &str {
    let mut is_quoted = false;
    let end = item.find(|letter: char| {
        is_quoted ^= letter == '"';
        is_space(letter) && !is_quoted
    });
    &item[..end.unwrap_or(item.len())]
}

fn is_space(letter: char) -> bool {
    letter.is_whitespace()
}

/// The places where the items of a list begin.
fn item_starts(list: &str) -> Vec<usize> {
    let mut is_quoted = false;
    let mut starts = vec![0];
    for (place, letter) in list.char_indices() {
        is_quoted ^= letter == '"';
        if letter == ',' && !is_quoted {
            starts.push(place + 1);
        }
    }
    starts
}

/// A name without its double quotes, of which the last may be missing.
pub(super) fn unquoted(name: &str) -> String {
    let Some(inside) = name.strip_prefix('"') else { return name.to_owned() };
    let mut text = String::new();
    let mut letters = inside.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '"' && letters.next_if_eq(&'"').is_none() {
            // What follows the name stays.
            return text + &letters.collect::<String>();
        }
        text.push(letter);
    }
    text
}

/// A name in double quotes if necessary.
pub(super) fn written(name: &str, in_quotes: bool) -> String {
    if in_quotes || name.is_empty() {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::candidate::texts;
    use super::*;

    fn columns() -> Vec<Column> {
        let names = ["plain", "with space", "it's", "say \"hi\"", "a,b", " x", ""];
        let column = |name: &str| Column { name: name.to_owned(), type_name: String::new() };
        names.map(column).into()
    }

    #[test]
    fn names_are_offered_as_they_are_read() {
        let offered = |typed: &str| texts(List::new(typed).names(&columns()));
        let all =
            ["plain", "with space", "it's", "\"say \"\"hi\"\"\"", "\"a,b\"", "\" x\"", "\"\""];
        assert_eq!(offered(""), all);
        assert_eq!(offered("p"), ["plain"]);
        assert_eq!(offered("\"p"), ["\"plain\""]);
        assert_eq!(offered("plain, w"), ["plain, with space"]);
        assert_eq!(offered("with space,\"a,b\",s"), ["with space,\"a,b\",\"say \"\"hi\"\"\""]);
        assert!(offered("plain,p").is_empty());
        assert_eq!(offered("\"a,"), ["\"a,b\""]);
        for (text, column) in offered("").iter().zip(columns()) {
            assert_eq!(unquoted(text), column.name);
        }
    }

    #[test]
    fn orders_have_directions() {
        let offered = |typed: &str| texts(List::new(typed).order(&columns()));
        assert_eq!(offered("w"), ["\"with space\""]);
        assert_eq!(
            offered("plain "),
            ["plain ASC", "plain DESC", "plain NULLS FIRST", "plain NULLS LAST"]
        );
        assert_eq!(offered("plain de"), ["plain DESC"]);
        assert_eq!(offered("plain desc "), ["plain desc NULLS FIRST", "plain desc NULLS LAST"]);
        assert_eq!(offered("plain desc nulls l"), ["plain desc nulls LAST"]);
        assert_eq!(offered("\"with space\" d"), ["\"with space\" DESC"]);
        assert_eq!(offered("plain DESC, it"), ["plain DESC, it's"]);
        assert!(offered("plain DESC, pl").is_empty());
    }

    #[test]
    fn types_follow_names() {
        let offered = |typed: &str| texts(List::new(typed).types(&columns()));
        assert_eq!(offered("it"), ["\"it's\""]);
        assert_eq!(offered("plain ut"), ["plain utf8"]);
        assert_eq!(offered("plain utf8, pl"), Vec::<String>::new());
    }
}
