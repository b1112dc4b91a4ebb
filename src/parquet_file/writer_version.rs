//! The program that wrote a file and its version, from `created_by` in the footer.
//!
//! Parsed and ordered as in parquet-java (`VersionParser`, `SemanticVersion`): "parquet-mr version
//! 1.5.0-cdh5.5.0 (build 1a2b3c)". Programs that omit the word "version", such as ClickHouse
//! ("ClickHouse v25.3.1"), are understood too.

use std::cmp::Ordering;

/// A writer, and its version if it states one that can be parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CreatedBy<'a> {
    pub(crate) application: &'a str,
    pub(crate) version: Option<Version<'a>>,
}

/// A version: three numbers, and the suffix if it is not a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version<'a> {
    numbers: [u32; 3],
    pre_release: Option<&'a str>,
}

impl<'a> CreatedBy<'a> {
    /// Parses `created_by`.
    pub(crate) fn parse(created_by: &'a str) -> Self {
        let split = created_by.split_once(" version").or_else(|| {
            let without_build = created_by.split('(').next()?.trim();
            let (application, version) = without_build.rsplit_once(' ')?;
            let digits = version.strip_prefix('v').unwrap_or(version);
            digits.starts_with(|c: char| c.is_ascii_digit()).then_some((application, digits))
        });
        let Some((application, rest)) = split else {
            let application = created_by.split(" (build").next().unwrap_or(created_by);
            return Self { application: application.trim(), version: None };
        };
        let version = rest.split('(').next().unwrap_or(rest).trim();
        let version = version.strip_prefix('v').unwrap_or(version);
        Self { application: application.trim(), version: Version::parse(version) }
    }
}

impl<'a> Version<'a> {
    pub(crate) const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { numbers: [major, minor, patch], pre_release: None }
    }

    pub(crate) const fn pre_release(self, name: &'a str) -> Self {
        Self { pre_release: Some(name), ..self }
    }

    fn parse(text: &'a str) -> Option<Self> {
        // Build information does not affect the order.
        let text = text.split('+').next().unwrap_or(text);
        let mut numbers = [0; 3];
        let mut rest = text;
        for (place, number) in numbers.iter_mut().enumerate() {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            *number = rest[..end].parse().ok()?;
            rest = &rest[end..];
            if place < 2 {
                rest = rest.strip_prefix('.')?;
            }
        }
        // "1.6.0rc3" and "25.3.1.2672-stable" come before the release too, as in parquet-java.
        let name = rest.split_once('-').map_or(rest, |(_, name)| name);
        Some(Self { numbers, pre_release: (!rest.is_empty()).then_some(name) })
    }
}

impl PartialOrd for Version<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| match (self.pre_release, other.pre_release) {
            (None, None) => Ordering::Equal,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(one), Some(other)) => identifiers(one).cmp(identifiers(other)),
        })
    }
}

/// A part of a pre-release; numbers come before text.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Identifier<'a> {
    Number(u64),
    Text(&'a str),
}

fn identifiers(pre_release: &str) -> impl Iterator<Item = Identifier<'_>> {
    let parts = pre_release.split('.');
    parts.map(|part| part.parse().map_or(Identifier::Text(part), Identifier::Number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writers_are_parsed() {
        let parsed = |created_by| {
            let writer = CreatedBy::parse(created_by);
            (writer.application, writer.version)
        };
        let version = Version::new;
        assert_eq!(
            parsed("parquet-mr version 1.8.1 (build abcd)"),
            ("parquet-mr", Some(version(1, 8, 1)))
        );
        assert_eq!(
            parsed("parquet-mr version 1.5.0-cdh5.5.0 (build 1)"),
            ("parquet-mr", Some(version(1, 5, 0).pre_release("cdh5.5.0")))
        );
        assert_eq!(
            parsed("parquet-mr version 1.6.0rc3"),
            ("parquet-mr", Some(version(1, 6, 0).pre_release("rc3")))
        );
        assert_eq!(
            parsed("parquet-cpp-arrow version 26.0.1"),
            ("parquet-cpp-arrow", Some(version(26, 0, 1)))
        );
        assert_eq!(
            parsed("impala version 2.11.0+build7 (build 2)"),
            ("impala", Some(version(2, 11, 0)))
        );
        assert_eq!(
            parsed("ClickHouse v25.3.1.2672-stable"),
            ("ClickHouse", Some(version(25, 3, 1).pre_release("stable")))
        );
        assert_eq!(
            parsed("DuckDB version v2.0.0 (build d54cbbe3df)"),
            ("DuckDB", Some(version(2, 0, 0)))
        );
        assert_eq!(
            parsed("Polars (python) version 2.1.0 (build 7f9)"),
            ("Polars (python)", Some(version(2, 1, 0)))
        );
        assert_eq!(parsed("Polars"), ("Polars", None));
        assert_eq!(parsed("parquet-mr (build 32c46643845ea8)"), ("parquet-mr", None));
        assert_eq!(parsed("x version 99999999999.0.0"), ("x", None));
        assert_eq!(parsed(""), ("", None));
    }

    #[test]
    fn versions_are_ordered() {
        let ordered = [
            "1.5.0-SNAPSHOT",
            "1.5.0-cdh5.4.999",
            "1.5.0-cdh5.5.0",
            "1.5.0-cdh5.10.0",
            "1.5.0",
            "1.7.9",
            "1.8.0rc1",
            "1.8.0",
            "1.10.0",
        ];
        for pair in ordered.windows(2) {
            let [one, next] = [pair[0], pair[1]].map(|text| Version::parse(text).unwrap());
            assert!(one < next, "{pair:?}");
        }
    }
}
