//! `NaN`, `Infinity` and `-Infinity`, which are not JSON but which Python's `json.dumps` writes.
//!
//! The JSON parser refuses these words. If they are allowed, each is replaced, before the text is
//! parsed, by a number that no float can hold. A number that a float column refuses is then
//! compared with these placeholders.

use std::borrow::Cow;

/// The words, their placeholders (numbers that do not occur in practice), and the floats they mean.
const WORDS: [(&str, &str, &str); 3] = [
    ("-Infinity", "-1e4000000001", "-inf"),
    ("Infinity", "1e4000000001", "inf"),
    ("NaN", "1e4000000003", "NaN"),
];

/// The text with the words replaced by placeholder numbers.
pub(super) fn replaced(text: &str) -> Cow<'_, str> {
    if !has_word(text) {
        return Cow::Borrowed(text);
    }
    let (mut out, mut rest, mut in_string) = (String::with_capacity(text.len()), text, false);
    while let Some(place) = rest.find(['"', '\\', 'N', 'I', '-']) {
        let (front, here) = rest.split_at(place);
        out.push_str(front);
        let word = WORDS.iter().find(|(word, ..)| !in_string && here.starts_with(word));
        // A backslash and the character it escapes are copied together.
        let length = match (word, here.as_bytes().first()) {
            (Some((word, number, _)), _) => {
                out.push_str(number);
                rest = &here[word.len()..];
                continue;
            }
            (None, Some(b'\\')) => here.chars().take(2).map(char::len_utf8).sum(),
            (None, byte) => {
                in_string ^= byte == Some(&b'"');
                1
            }
        };
        out.push_str(&here[..length]);
        rest = &here[length..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Whether a text may contain one of the words.
pub(super) fn has_word(text: &str) -> bool {
    text.contains("NaN") || text.contains("Infinity")
}

/// The text that a float column reads instead of a placeholder number.
pub(super) fn float_text(number: &str) -> Option<&'static str> {
    WORDS.iter().find(|(_, replaced, _)| *replaced == number).map(|(.., text)| *text)
}

/// The original JSON text, with the words instead of placeholders.
pub(super) fn restored(text: &str) -> Cow<'_, str> {
    if text.contains("e400000000") {
        Cow::Owned(
            WORDS
                .iter()
                .fold(text.to_owned(), |text, (word, number, _)| text.replace(number, word)),
        )
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_replaced_outside_of_strings() {
        for text in
            ["{\"NaN\":\"-Infinity\",\"a\\\"NaN\":\"\\\\\"}", "{\"a\":-1,\"b\":\"Infinity é\\é\"}"]
        {
            assert_eq!(replaced(text), text);
        }
        let text = "{\"é\\\\\":NaN,\"b\":[Infinity,-Infinity,-1.5]}";
        let numbers = "{\"é\\\\\":1e4000000003,\"b\":[1e4000000001,-1e4000000001,-1.5]}";
        assert_eq!(replaced(text), numbers);
        assert_eq!(restored(numbers), text);
    }
}
