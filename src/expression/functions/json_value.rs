//! Finds a value in JSON text without building the rest.

use super::json_path::Step;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// The text of the value at a path, as it stands; None if there is none. Of several equal keys, the
/// first counts.
///
/// # Errors
/// The text is not one JSON value.
pub(super) fn find<'t>(text: &'t str, path: &[Step]) -> Result<Option<&'t str>, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let found = Seek(path).deserialize(&mut reader)?;
    reader.end()?;
    Ok(found.map(RawValue::get))
}

/// The value in compact form: without spaces, and with the fewest escapes. Numbers stay as they are
/// written, so that none loses digits.
///
/// # Errors
/// A text in it that is no text: half of a surrogate pair.
pub(super) fn compact(value: &str) -> Result<Cow<'_, str>, serde_json::Error> {
    if !value.contains(|letter: char| letter.is_ascii_whitespace() || letter == '\\') {
        return Ok(Cow::Borrowed(value));
    }
    let (mut result, mut rest) = (String::with_capacity(value.len()), value);
    while let Some(start) = rest.find('"') {
        let length = text_length(&rest[start..]);
        let (between, text) = (&rest[..start], &rest[start..start + length]);
        result.extend(between.split_ascii_whitespace());
        if text.contains('\\') {
            let text: Cow<'_, str> = serde_json::from_str(text)?;
            result.push_str(&serde_json::to_string(&text)?);
        } else {
            result.push_str(text);
        }
        rest = &rest[start + length..];
    }
    result.extend(rest.split_ascii_whitespace());
    Ok(Cow::Owned(result))
}

/// The length of a text in quotes at the beginning.
fn text_length(text: &str) -> usize {
    let mut is_escaped = false;
    for (place, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return place + 1,
            _ => {}
        }
    }
    text.len()
}

/// Reads a value and finds the one at the path below it.
struct Seek<'p>(&'p [Step]);

impl<'de> DeserializeSeed<'de> for Seek<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        match self.0 {
            [] => serde::Deserialize::deserialize(reader).map(Some),
            [step, rest @ ..] => reader.deserialize_any(Below { step, rest }),
        }
    }
}

/// A value that must have another at the step.
struct Below<'p> {
    step: &'p Step,
    rest: &'p [Step],
}

impl<'de> Visitor<'de> for Below<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let wanted = match self.step {
            Step::Key(key) | Step::KeyOrPosition(key) => Some(&**key),
            Step::Position(_) => None,
        };
        let (mut found, mut is_found) = (None, false);
        while let Some(is_wanted) = map.next_key_seed(IsKey(wanted))? {
            if is_wanted && !is_found {
                is_found = true;
                found = map.next_value_seed(Seek(self.rest))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let position = match self.step {
            Step::Position(position) => *position,
            // As in RFC 6901, 01 is no position.
            Step::KeyOrPosition(text) if text == "0" || !text.starts_with(['0', '+', '-']) => {
                text.parse().unwrap_or(i64::MAX)
            }
            _ => i64::MAX,
        };
        let Ok(place) = u64::try_from(position) else {
            return from_end(list, position, self.rest);
        };
        for _ in 0..place {
            if list.next_element::<IgnoredAny>()?.is_none() {
                return Ok(None);
            }
        }
        let found = list.next_element_seed(Seek(self.rest))?.flatten();
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(found)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// The value at a position from the end; the last one is -1.
fn from_end<'de, A: SeqAccess<'de>>(
    mut list: A,
    position: i64,
    rest: &[Step],
) -> Result<Option<&'de RawValue>, A::Error> {
    let mut values: Vec<&'de RawValue> = Vec::new();
    while let Some(value) = list.next_element()? {
        values.push(value);
    }
    let before = usize::try_from(position.unsigned_abs()).unwrap_or(usize::MAX);
    let value = values.len().checked_sub(before).map(|place| values[place]);
    let Some(value) = value else { return Ok(None) };
    let mut reader = serde_json::Deserializer::from_str(value.get());
    Seek(rest).deserialize(&mut reader).map_err(A::Error::custom)
}

/// Whether a key is the one that is looked for.
struct IsKey<'p>(Option<&'p str>);

impl<'de> DeserializeSeed<'de> for IsKey<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<bool, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for IsKey<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<bool, E> {
        Ok(self.0 == Some(key))
    }
}

#[cfg(test)]
mod tests {
    use super::super::json_path::parse;
    use super::*;

    #[test]
    fn values_are_found_at_paths() {
        let text =
            r#" {"a": {"b": [1, {"c" : 2.50 }, "x"]}, "a": 5, "": 0, "n": null, "0": true} "#;
        for (path, value) in [
            ("$.a.b[0]", Some("1")),
            ("$.a.b[1]", Some(r#"{"c":2.50}"#)),
            ("$.a.b[1].c", Some("2.50")),
            ("$.a.b[-1]", Some("\"x\"")),
            ("$.a.b[-2].c", Some("2.50")),
            ("$.a.b[#-3]", Some("1")),
            ("$.a.b[-4]", None),
            ("$.a.b[3]", None),
            ("$.a.c", None),
            ("$.a[0]", None),
            ("$.n", Some("null")),
            ("$.n.x", None),
            ("/a/b/1/c", Some("2.50")),
            ("/a/b/01", None),
            ("/0", Some("true")),
            ("/", Some("0")),
            ("0", Some("true")),
            ("$", Some(r#"{"a":{"b":[1,{"c":2.50},"x"]},"a":5,"":0,"n":null,"0":true}"#)),
        ] {
            let found = find(text, &parse(path).unwrap()).unwrap();
            assert_eq!(found.map(|value| compact(value).unwrap()).as_deref(), value, "{path}");
        }
    }

    #[test]
    fn the_whole_text_must_be_json() {
        let path = parse("$.a").unwrap();
        for text in
            ["", "{", r#"{"a": 1"#, r#"{"a": 1} x"#, r#"{"a": 1,}"#, r#"{"a": 1, "b": [}"#, "NaN"]
        {
            assert!(find(text, &path).is_err(), "{text}");
        }
    }

    #[test]
    fn deep_values_are_read_without_a_deep_stack() {
        let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert_eq!(find(&deep, &parse("$[0]").unwrap()).unwrap(), Some(&deep[1..deep.len() - 1]));
        assert_eq!(find(&deep, &parse("$.a").unwrap()).unwrap(), None);
        assert_eq!(compact(&deep).unwrap(), deep);
    }

    #[test]
    fn compact_texts_have_the_fewest_escapes() {
        for (text, expected) in [
            (r#"[ 1 , "a b" ]"#, r#"[1,"a b"]"#),
            (r#""\u0041\/\u00e9\ud83d\ude00""#, r#""A/é😀""#),
            (r#"{"a\"b" : "\\", "c" : "\n\t" }"#, r#"{"a\"b":"\\","c":"\n\t"}"#),
            ("123456789012345678901234567890.10", "123456789012345678901234567890.10"),
        ] {
            assert_eq!(compact(text).unwrap(), expected);
        }
        assert!(compact(r#" "\ud83d" "#).is_err());
    }
}
