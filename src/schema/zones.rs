//! Equivalent names of time zones, and time zones that differ between inputs.

use super::place::Place;
use crate::text::escaped;
use crate::time::parse::{Form, offset};
use std::sync::Arc;

/// The zone of the result if the zones of a column differ.
pub(super) const UTC: &str = "UTC";

/// Names of UTC in the IANA database: `Etc/UTC`, `Etc/GMT`, their links, and the rule `GMT` with
/// fixed offset 0. `Z` is from ISO 8601.
const UTC_NAMES: [&str; 10] =
    ["UTC", "UCT", "Z", "Zulu", "Universal", "GMT", "GMT0", "GMT+0", "GMT-0", "Greenwich"];

/// Whether two timestamps with these zones have the same type: neither has a zone, or the zones are
/// equivalent.
pub(super) fn is_same_zone(one: Option<&Arc<str>>, other: Option<&Arc<str>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => {
            one == other || fixed_seconds(one).is_some_and(|it| fixed_seconds(other) == Some(it))
        }
        (one, other) => one == other,
    }
}

/// The offset from UTC in seconds of a zone with a fixed offset in its name: UTC by any of its
/// names, `+01:00`, `+0100`, `+01`.
fn fixed_seconds(zone: &str) -> Option<i64> {
    let short = zone.get(..4).filter(|start| start.eq_ignore_ascii_case("Etc/"));
    let name = if short.is_some() { &zone[4..] } else { zone };
    if UTC_NAMES.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return Some(0);
    }
    offset(zone.as_bytes(), Form::Iso)
}

/// The columns whose time zones differ between inputs and which are in UTC in the result. Each is
/// noted once, for the first two zones that differ.
#[derive(Debug, Clone, Default)]
pub struct MergedZones {
    notes: Vec<Note>,
}

#[derive(Debug, Clone)]
struct Note {
    place: String,
    text: String,
}

impl MergedZones {
    /// A line for each column, with the input in which the zone first differs.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.notes.iter().map(|note| note.text.as_str())
    }

    /// Adds the columns in `found`, which came from `input`, that are not noted yet.
    pub(crate) fn add(&mut self, found: Self, input: &str) {
        for note in found.notes {
            if self.notes.iter().all(|known| known.place != note.place) {
                self.notes.push(Note { text: format!("{input}: {}", note.text), ..note });
            }
        }
    }

    pub(super) fn note(&mut self, place: &Place, first: &str, other: &str) {
        let (place, first, other) = (place.to_string(), escaped(first), escaped(other));
        let text =
            format!("{place} has time zone {other}, but {first} before: the result is in UTC");
        self.notes.push(Note { place, text });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(one: &str, other: &str) -> bool {
        is_same_zone(Some(&one.into()), Some(&other.into()))
    }

    #[test]
    fn names_of_utc_are_one_zone() {
        let names = ["UTC", "Z", "Etc/UTC", "Etc/UCT", "etc/zulu", "GMT", "Etc/GMT+0", "utc"];
        for name in names.into_iter().chain(["+00:00", "-00:00", "+0000", "+00"]) {
            assert!(same("UTC", name) && same(name, "UTC"), "{name}");
        }
        for name in ["Europe/London", "Etc/GMT+1", "+00:01", "+0", "+00:0", "", "Etc/", "WET"] {
            assert!(!same("UTC", name), "{name}");
        }
    }

    #[test]
    fn spellings_of_an_offset_are_one_zone() {
        assert!(
            same("+05:30", "+0530") && same("-08", "-08:00") && same("Asia/Tokyo", "Asia/Tokyo")
        );
        assert!(!same("+05:30", "-05:30") && !same("+09:00", "Asia/Tokyo") && !same("+é", "+é:"));
        assert!(is_same_zone(None, None) && !is_same_zone(None, Some(&"UTC".into())));
    }
}
