//! Where an object ends: at the bracket that closes its first one, or where it cannot continue.

/// An incremental scan for the end of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ObjectEnd {
    /// The number of open brackets.
    depth: u32,
    in_string: bool,
    /// Whether the last byte was a backslash.
    escaped: bool,
    /// The last non-blank byte outside strings.
    last: u8,
}

/// The record separator of RFC 7464, which precedes each text.
pub(super) const RECORD_SEPARATOR: u8 = 0x1e;

impl ObjectEnd {
    /// The scan of an object whose first bracket comes next.
    pub(super) fn new() -> Self {
        Self { depth: 0, in_string: false, escaped: false, last: b',' }
    }

    /// Returns the position after the object, searching from `from`. An unclosed object ends where
    /// the next one begins, or at a line break in a string: otherwise all objects after a damaged
    /// one would be taken for parts of it.
    pub(super) fn find(&mut self, bytes: &[u8], from: usize) -> Option<usize> {
        let Self { mut depth, mut in_string, mut escaped, mut last } = *self;
        for (place, byte) in bytes.iter().enumerate().skip(from) {
            if in_string {
                match byte {
                    b'\n' => return Some(place),
                    _ if escaped => escaped = false,
                    b'\\' => escaped = true,
                    b'"' => in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => continue,
                b'"' => in_string = true,
                b'{' if !matches!(last, b':' | b',' | b'[') => return Some(place),
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                &RECORD_SEPARATOR => return Some(place),
                _ => {}
            }
            last = *byte;
            if depth == 0 {
                return Some(place + 1);
            }
        }
        *self = Self { depth, in_string, escaped, last };
        None
    }
}

/// Whether a line looks like a whole object, or like no object at all. `closely` also counts its
/// brackets: a line that ends with a bracket may lack another.
pub(super) fn is_whole(line: &[u8], closely: bool) -> bool {
    let line = line.trim_ascii();
    if line.first() != Some(&b'{') {
        return true;
    }
    let count = |wanted: u8| line.iter().filter(|byte| **byte == wanted).count();
    line.last() == Some(&b'}') && (!closely || count(b'{') == count(b'}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_end_with_their_last_bracket_however_they_arrive() {
        for (text, end) in [
            ("{}", Some(2)),
            ("{\"a\":{\"b\":[1,{}]}}{}", Some(18)),
            ("{\"}\\\"\":\"{\"} ", Some(11)),
            ("{\n  \"a\": [\n    {}\n  ]\n}\n", Some(23)),
            ("{\"a\":1", None),
            ("{\"a\":1\n{\"a\":2}", Some(7)),
            ("{\"a\":\"x\n{\"a\":2}", Some(7)),
            ("{\"a\":1\n\u{1e}{\"a\":2}", Some(7)),
        ] {
            for step in 1..=text.len() {
                let mut look = ObjectEnd::new();
                let (mut found, mut scanned) = (None, 0);
                while found.is_none() && scanned < text.len() {
                    let arrived = (scanned + step).min(text.len());
                    found = look.find(&text.as_bytes()[..arrived], scanned);
                    scanned = arrived;
                }
                assert_eq!(found, end, "{text:?} {step}");
            }
        }
    }

    #[test]
    fn a_line_is_whole_if_its_brackets_say_so() {
        for (line, quickly, closely) in [
            ("{\"a\":1}", true, true),
            ("  {\"a\":{}} \r", true, true),
            ("{\"a\":1}{\"a\":2}", true, true),
            ("{", false, false),
            ("{\"a\":{},", false, false),
            ("{\"a\":{}", true, false),
            ("id,name", true, true),
        ] {
            assert_eq!(is_whole(line.as_bytes(), false), quickly, "{line}");
            assert_eq!(is_whole(line.as_bytes(), true), closely, "{line}");
        }
    }
}
