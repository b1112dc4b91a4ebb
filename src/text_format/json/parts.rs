//! The parts of one JSON value: members of an object, items of an array, the text of a string. Each
//! part is passed on as source text, so that numbers keep all their digits; `serde_json` parses the
//! syntax.

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Why the parts of a value were not all handled.
pub(super) enum Fault<E> {
    /// Not JSON.
    Syntax(serde_json::Error),
    /// The callback returned an error.
    Refused(E),
}

/// Passes each member of the object at the start of a text to `each`, in order. Returns the length
/// of the object in bytes.
pub(super) fn members<E>(
    object: &str,
    each: impl FnMut(&str, &str) -> Result<(), E>,
) -> Result<usize, Fault<E>> {
    let mut refused = None;
    let mut reader = serde_json::Deserializer::from_str(object);
    let done = reader.deserialize_map(Parts { each, refused: &mut refused });
    settled(done, refused)?;
    Ok(reader.into_iter::<IgnoredAny>().byte_offset())
}

/// Passes each item of an array to `each`, in order.
pub(super) fn items<E>(
    array: &str,
    mut each: impl FnMut(&str) -> Result<(), E>,
) -> Result<(), Fault<E>> {
    let mut refused = None;
    let mut reader = serde_json::Deserializer::from_str(array);
    let each = |_: &str, item: &str| each(item);
    let done = reader.deserialize_seq(Parts { each, refused: &mut refused });
    settled(done.and_then(|()| reader.end()), refused)
}

/// The text of a string with escapes resolved; `None` for half of a surrogate pair.
pub(super) fn string(quoted: &str) -> Option<Cow<'_, str>> {
    // Few strings have escapes.
    let plain = quoted.strip_prefix('"')?.strip_suffix('"')?;
    if !plain.contains('\\') {
        return Some(Cow::Borrowed(plain));
    }
    serde_json::from_str(quoted).ok().map(Cow::Owned)
}

fn settled<E>(done: serde_json::Result<()>, refused: Option<E>) -> Result<(), Fault<E>> {
    match (refused, done) {
        (Some(reason), _) => Err(Fault::Refused(reason)),
        (None, Err(error)) => Err(Fault::Syntax(error)),
        (None, Ok(())) => Ok(()),
    }
}

/// Passes the key and the value of each member to `each`; for an item, the key is empty.
struct Parts<'r, F, E> {
    each: F,
    refused: &'r mut Option<E>,
}

impl<F: FnMut(&str, &str) -> Result<(), E>, E> Parts<'_, F, E> {
    fn pass<C: Error>(&mut self, key: &str, value: &RawValue) -> Result<(), C> {
        (self.each)(key, value.get()).map_err(|reason| {
            *self.refused = Some(reason);
            C::custom("")
        })
    }
}

impl<'de, F, E> Visitor<'de> for Parts<'_, F, E>
where
    F: FnMut(&str, &str) -> Result<(), E>,
{
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        while let Some(key) = members.next_key_seed(Key)? {
            self.pass(&key, members.next_value()?)?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element()? {
            self.pass("", item)?;
        }
        Ok(())
    }
}

/// A key, copied only if it has escapes.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}
