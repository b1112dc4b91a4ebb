//! Partition keys of many paths as columns, with one row for each file.

use super::hive::decode;
use super::list::DatasetFile;
use crate::error::{Error, Result};
use crate::options::Operand;
use crate::schema::type_name;
use crate::text::{Cut, escaped, shortened, similar};
use crate::time;
use crate::time::parse::{Form, Timestamp};
use arrow::array::{
    Array, ArrayRef, BinaryArray, BinaryBuilder, Date32Array, Int64Array, StringArray,
};
use arrow::compute::{CastOptions, can_cast_types, cast_with_options};
use arrow::datatypes::{DataType, Field, Schema};
use percent_encoding::percent_decode;
use std::borrow::Cow;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

/// The partition columns in the order of the path, with types from `types` or inferred from the
/// values.
///
/// # Errors
/// Files whose keys differ; a duplicate key in a path; a name or value that is not UTF-8; a value
/// that does not fit its type; a type for an unknown key (a usage error).
pub(super) fn key_columns(
    files: &[DatasetFile],
    types: Option<&Schema>,
) -> Result<(Vec<Arc<Field>>, Vec<ArrayRef>)> {
    let names = files.first().map(names).transpose()?.unwrap_or_default();
    let mut builders: Vec<BinaryBuilder> = names.iter().map(|_| BinaryBuilder::new()).collect();
    for file in files {
        let mut place = 0;
        for key in keys(file) {
            let name = names.get(place).filter(|name| key.name.as_ref() == name.as_bytes());
            let (Some(name), Some(builder)) = (name, builders.get_mut(place)) else {
                return Err(different(file, files));
            };
            let length = key.value.as_ref().map_or(0, |value| value.len());
            if i32::MAX as usize - builder.values_slice().len() < length {
                return Err(Error::failed(format!(
                    "the values of the partition key {} take more than 2 GiB",
                    shown(name)
                )));
            }
            builder.append_option(key.value);
            place += 1;
        }
        if place != names.len() {
            return Err(different(file, files));
        }
    }
    if let Some(types) = types {
        refuse_unknown(types, &names)?;
    }
    let columns = names.iter().zip(builders).map(|(name, mut builder)| {
        let given = types.and_then(|types| types.field_with_name(name).ok());
        let texts = Texts { name, files, bytes: builder.finish() };
        texts.typed(given)
    });
    Ok(columns.collect::<Result<Vec<_>>>()?.into_iter().unzip())
}

/// The keys in the path of a file, in order. The name of the file itself is not a key.
fn keys(file: &DatasetFile) -> impl Iterator<Item = super::hive::Key<'_>> {
    let (path, is_url) = match &file.operand {
        Operand::Stdin => (&[][..], false),
        Operand::Url(url) => (url.split(['?', '#']).next().unwrap_or_default().as_bytes(), true),
        Operand::Path(path) => (path.as_os_str().as_bytes(), false),
    };
    let directories = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
    let part = path.get(file.keys_from..directories).unwrap_or_default();
    part.split(|byte| *byte == b'/').filter_map(move |part| {
        if is_url {
            // The escapes of the URL come off first: the name of the object may have its own.
            decode(&Cow::from(percent_decode(part))).map(super::hive::Key::into_owned)
        } else {
            decode(part)
        }
    })
}

fn names(file: &DatasetFile) -> Result<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for key in keys(file) {
        let name = String::from_utf8(key.name.into_owned()).map_err(|error| {
            let name = String::from_utf8_lossy(error.as_bytes()).into_owned();
            Error::failed(format!(
                "{}: the name of the partition key {} is not UTF-8 (--no-hive reads the file without it)",
                file.operand.name(),
                shown(&name)
            ))
        })?;
        if names.contains(&name) {
            return Err(Error::failed(format!(
                "{}: duplicate partition key {} in the path (--no-hive reads the file without keys)",
                file.operand.name(),
                shown(&name)
            )));
        }
        names.push(name);
    }
    Ok(names)
}

fn different(file: &DatasetFile, files: &[DatasetFile]) -> Error {
    let list = |file: &DatasetFile| {
        let names: Vec<String> =
            keys(file).map(|key| shown(&String::from_utf8_lossy(&key.name))).collect();
        if names.is_empty() {
            "no partition keys".to_owned()
        } else {
            format!("the partition keys {}", names.join(", "))
        }
    };
    let first = files.first().map_or_else(String::new, |first| {
        format!(", but that of {} has {}", first.operand.name(), list(first))
    });
    Error::failed(format!(
        "{}: its path has {}{first} (--no-hive reads both without keys)",
        file.operand.name(),
        list(file)
    ))
}

fn refuse_unknown(types: &Schema, names: &[String]) -> Result<()> {
    let known = || names.iter().map(String::as_str);
    let Some(wrong) = types.fields().iter().find(|field| !names.contains(field.name())) else {
        return Ok(());
    };
    let way_out = match (similar(wrong.name(), known()).first(), names.is_empty()) {
        (Some(near), _) => format!("did you mean {}?", shown(near)),
        (None, false) => format!("they have {}", known().map(shown).collect::<Vec<_>>().join(", ")),
        (None, true) => {
            "they have none; --hive also reads the keys of files named directly".to_owned()
        }
    };
    Err(Error::usage(format!("no partition key {} in the paths ({way_out})", shown(wrong.name()))))
}

/// The values of one key.
struct Texts<'a> {
    name: &'a str,
    files: &'a [DatasetFile],
    bytes: BinaryArray,
}

impl Texts<'_> {
    fn typed(self, given: Option<&Field>) -> Result<(Arc<Field>, ArrayRef)> {
        let Some(given) = given else {
            let array = inferred(self.text()?);
            let field = Field::new(self.name, array.data_type().clone(), true);
            return Ok((Arc::new(field), array));
        };
        let array = self.as_type(given.data_type())?;
        let null = (0..array.len()).find(|row| array.is_null(*row));
        if let (Some(row), false) = (null, given.is_nullable()) {
            return Err(self.wrong(row, "null, but --hive-types declares it not null"));
        }
        Ok((Arc::new(given.clone()), array))
    }

    fn as_type(&self, data_type: &DataType) -> Result<ArrayRef> {
        let from: ArrayRef = match data_type {
            // The only types that hold values that are not text.
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView => {
                Arc::new(self.bytes.clone())
            }
            _ => Arc::new(self.text()?),
        };
        let refused = |cause: &dyn std::fmt::Display| {
            Error::usage(format!(
                "the partition key {} cannot be {}: {cause}",
                shown(self.name),
                type_name(data_type)
            ))
        };
        if data_type.is_nested() || !can_cast_types(from.data_type(), data_type) {
            return Err(refused(&"text cannot be cast to that type"));
        }
        // Yields null where the text does not fit, checked below: the kernel's own error names no
        // row.
        let options = CastOptions { safe: true, ..CastOptions::default() };
        let array = cast_with_options(&from, data_type, &options).map_err(|e| refused(&e))?;
        let misfit = (0..array.len()).find(|row| array.is_null(*row) && from.is_valid(*row));
        match misfit {
            None => Ok(array),
            Some(row) => Err(self.wrong(row, &format!("not a valid {}", type_name(data_type)))),
        }
    }

    fn text(&self) -> Result<StringArray> {
        StringArray::try_from_binary(self.bytes.clone()).map_err(|_| {
            let is_text =
                |value: Option<&[u8]>| value.is_none_or(|it| std::str::from_utf8(it).is_ok());
            let row = self.bytes.iter().position(|value| !is_text(value)).unwrap_or(0);
            self.wrong(row, "not UTF-8 (--hive-types may read it as binary)")
        })
    }

    fn wrong(&self, row: usize, what: &str) -> Error {
        let file = self.files.get(row).map_or_else(String::new, |file| file.operand.name());
        let name = shown(self.name);
        if self.bytes.is_null(row) {
            return Error::failed(format!("{file}: the partition key {name} is {what}"));
        }
        let value = String::from_utf8_lossy(self.bytes.value(row));
        let value = shortened(&escaped(&value), Cut::End, 40);
        Error::failed(format!("{file}: partition key {name}: \"{value}\" is {what}"))
    }
}

/// The narrowest type of all values: int64, date32 or text.
fn inferred(text: StringArray) -> ArrayRef {
    if text.null_count() == text.len() {
        return Arc::new(text);
    }
    if keeps_values_apart(&text)
        && let Some(integers) = all(&text, integer)
    {
        return Arc::new(Int64Array::from(integers));
    }
    if let Some(days) = all(&text, date) {
        return Arc::new(Date32Array::from(days));
    }
    Arc::new(text)
}

/// The values, if all that are not null can be read.
fn all<T>(text: &StringArray, read: impl Fn(&str) -> Option<T>) -> Option<Vec<Option<T>>> {
    text.iter().map(|value| value.map_or(Some(None), |text| read(text).map(Some))).collect()
}

/// Whether different texts are different numbers: `zip=07` and `zip=7` are two directories, and
/// must not become one value. Leading zeros belong to numbers if all values have the same number of
/// digits (`month=07`); `-0` is never a number.
fn keeps_values_apart(text: &StringArray) -> bool {
    let digits = |text: &str| text.trim_start_matches('-').len();
    let has_zeros = |text: &str| digits(text) > 1 && text.trim_start_matches('-').starts_with('0');
    let mut values = text.iter().flatten().peekable();
    let width = values.peek().map_or(0, |text| digits(text));
    let (mut any_zeros, mut one_width) = (false, true);
    for value in values {
        if value.starts_with("-0") && value.trim_start_matches(['-', '0']).is_empty() {
            return false;
        }
        any_zeros |= has_zeros(value);
        one_width &= digits(value) == width;
    }
    one_width || !any_zeros
}

/// Reads digits, possibly with leading zeros. `+5`, ` 5`, `1e3` and numbers beyond int64 are text
/// to us and to most other readers.
fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Reads an existing date, `yyyy-mm-dd`, as days since 1970.
fn date(text: &str) -> Option<i32> {
    let days = Timestamp::parse(text, Form::Iso)?.date()?;
    let is_usual = text.len() == 10 && time::format::date(days) == text;
    is_usual.then(|| i32::try_from(days).ok())?
}

fn shown(name: &str) -> String {
    format!("\"{}\"", escaped(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::AsArray;
    use arrow::datatypes::{Date32Type, Int64Type};

    fn listed(paths: &[&str]) -> Vec<DatasetFile> {
        let listed = |path: &&str| DatasetFile {
            operand: Operand::Path(path.into()),
            is_regular: true,
            directory: None,
            keys_from: 1,
        };
        paths.iter().map(listed).collect()
    }

    fn one(values: &[&str]) -> (DataType, ArrayRef) {
        let paths: Vec<String> = values.iter().map(|value| format!("d/k={value}/f")).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let (fields, mut columns) = key_columns(&listed(&paths), None).unwrap();
        (fields[0].data_type().clone(), columns.remove(0))
    }

    #[test]
    fn types_are_what_all_values_are() {
        let (data_type, array) = one(&["07", "-05", "__HIVE_DEFAULT_PARTITION__", "%305"]);
        assert_eq!(data_type, DataType::Int64);
        let numbers: Vec<_> = array.as_primitive::<Int64Type>().iter().collect();
        assert_eq!(numbers, [Some(7), Some(-5), None, Some(5)]);
        let (data_type, array) = one(&["1970-01-02", "0001-01-01", "2024-02-29"]);
        assert_eq!(data_type, DataType::Date32);
        assert_eq!(array.as_primitive::<Date32Type>().values()[..2], [1, -719_162]);
        for number in ["0", "7", "-7", "07", "00", "-07"] {
            assert_eq!(one(&[number]).0, DataType::Int64, "{number}");
        }
        for many in
            [["07", "7"], ["07", "10"], ["7", "-10"], ["0", "-0"], ["07", "123"], ["-07", "7"]]
        {
            let (data_type, array) = one(&many);
            let is_text = !matches!(many, ["07", "10"] | ["7", "-10"]);
            assert_eq!(data_type == DataType::Utf8, is_text, "{many:?}");
            assert!(!is_text || array.as_string::<i32>().value(0) == many[0]);
        }
        for text in [
            "-0",
            "-00",
            "007x",
            "+5",
            " 5",
            "%205",
            "1e3",
            "1.5",
            "99999999999999999999",
            "",
            "-",
            "--5",
            "2024-1-1",
            "2024-02-30",
            "2024-13-01",
            "-024-01-01",
            "10000-01-01",
            "true",
            "0x10",
            "NULL",
            "__HIVE_DEFAULT_PARTITION__",
            "%5F_HIVE_DEFAULT_PARTITION__",
            "2024-01-01%2000:00:00",
        ] {
            assert_eq!(one(&[text]).0, DataType::Utf8, "{text}");
        }
        assert_eq!(one(&["2024-01-01", "5"]).0, DataType::Utf8);
        assert_eq!(one(&["a=b"]).1.as_string::<i32>().value(0), "a=b");
    }

    #[test]
    fn given_types_hold_or_are_an_error() {
        let typed = |paths: &[&str], types: &str| {
            key_columns(&listed(paths), Some(&crate::schema::parse_schema(types).unwrap()))
        };
        for (types, text) in [
            ("k utf8", "007"),
            ("k int16", "-007"),
            ("k bool", "true"),
            ("k float64", "1e3"),
            ("k decimal(9, 2)", "12.50"),
            ("k timestamp[us]", "2024-01-01T00%3A00%3A00.5"),
            ("k date", "2024-01-01"),
            ("k binary", "%ff"),
            ("k dictionary<int8, utf8>", "a"),
        ] {
            let (fields, columns) = typed(&[&format!("d/k={text}/f")], types).unwrap();
            assert_eq!(fields[0].data_type(), columns[0].data_type(), "{types}");
            assert!(columns[0].is_valid(0), "{types}");
        }
        let failed = |paths: &[&str], types: &str| typed(paths, types).unwrap_err().to_string();
        assert_eq!(
            failed(&["d/k=1/f", "d/k=40000/g"], "k int16"),
            "d/k=40000/g: partition key \"k\": \"40000\" is not a valid int16"
        );
        assert_eq!(
            failed(&["d/year=1/f"], "yaer utf8"),
            "no partition key \"yaer\" in the paths (did you mean \"year\"?)"
        );
        assert_eq!(
            failed(&["d/k=__HIVE_DEFAULT_PARTITION__/f"], "k utf8 not null"),
            "d/k=__HIVE_DEFAULT_PARTITION__/f: the partition key \"k\" is null, but --hive-types \
             declares it not null"
        );
    }

    #[test]
    fn keys_are_the_same_in_all_paths() {
        let failed = |paths: &[&str]| key_columns(&listed(paths), None).unwrap_err().to_string();
        assert_eq!(
            failed(&["d/a=1/b=2/f", "d/b=2/a=1/f"]),
            "d/b=2/a=1/f: its path has the partition keys \"b\", \"a\", but that of d/a=1/b=2/f has \
             the partition keys \"a\", \"b\" (--no-hive reads both without keys)"
        );
        assert!(
            failed(&["d/a=1/f", "d/f"])
                .starts_with("d/f: its path has no partition keys, but that of d/a=1/f has")
        );
        assert!(failed(&["d/a=1/a=2/f"]).contains("duplicate partition key"));
        assert!(failed(&["d/k=%ff/f"]).contains("not UTF-8"));
        // Only directories are keys.
        assert_eq!(key_columns(&listed(&["d/e/a=1"]), None).unwrap().0.len(), 0);
    }
}
