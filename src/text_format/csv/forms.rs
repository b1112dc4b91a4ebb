//! Conversion of numbers, dates and times from regional formats to the usual ones.

use crate::text_format::infer::Inferred;
use crate::text_format::temporal_format::TemporalFormat;
use arrow::datatypes::DataType;

/// The formats of numbers, dates and times.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Forms {
    /// Numbers have a comma before the fraction, and may have points between groups of three
    /// digits.
    pub decimal_comma: bool,
    /// The pattern of dates (default: ISO 8601).
    pub date: Option<TemporalFormat>,
    /// The pattern of timestamps (default: ISO 8601).
    pub timestamp: Option<TemporalFormat>,
}

/// The format of one column.
#[derive(Debug, Clone)]
pub(super) enum Form {
    DecimalComma,
    Date(TemporalFormat),
    Timestamp(TemporalFormat),
}

impl Forms {
    /// The format of columns of a type; `None` for the usual one.
    pub(super) fn of_type(&self, data_type: &DataType) -> Option<Form> {
        match data_type {
            DataType::Date32 => self.date.clone().map(Form::Date),
            DataType::Date64 | DataType::Timestamp(..) => {
                self.timestamp.clone().map(Form::Timestamp)
            }
            number if number.is_numeric() => self.decimal_comma.then_some(Form::DecimalComma),
            _ => None,
        }
    }

    /// The narrowest type of a text.
    pub(super) fn infer(&self, text: &str, scratch: &mut String) -> Inferred {
        let (date, timestamp) = (self.date.as_ref(), self.timestamp.as_ref());
        if date.and_then(|format| format.iso(text, true, scratch)).is_some() {
            return Inferred::Date;
        }
        if let Some(iso) = timestamp.and_then(|format| format.iso(text, false, scratch)) {
            return Inferred::of_text(iso);
        }
        if self.decimal_comma && text.contains([',', '.']) {
            let number = point_number(text, scratch).map(Inferred::of_text);
            let is_number =
                |of: &Inferred| matches!(of, Inferred::Integer { .. } | Inferred::Float);
            return match number.filter(is_number) {
                Some(number) => number,
                // 1.5 is not a number here, but may be part of a time.
                None => Some(Inferred::of_text(text))
                    .filter(|of| !is_number(of))
                    .unwrap_or(Inferred::Text),
            };
        }
        match Inferred::of_text(text) {
            Inferred::Date if date.is_some() => Inferred::Text,
            Inferred::Timestamp { .. } if timestamp.is_some() => Inferred::Text,
            inferred => inferred,
        }
    }
}

impl Form {
    /// A value in the usual format; `None` for a text that is not in this format.
    pub(super) fn usual<'s>(&self, text: &'s str, scratch: &'s mut String) -> Option<&'s str> {
        match self {
            Self::DecimalComma => point_number(text, scratch),
            Self::Date(format) => format.iso(text, true, scratch),
            Self::Timestamp(format) => format.iso(text, false, scratch),
        }
    }
}

/// Converts `1.234,5` to `1234.5`. A single point without a comma, as in `1.234`, may be a decimal
/// point, so such a text is not a number.
fn point_number<'s>(text: &'s str, scratch: &'s mut String) -> Option<&'s str> {
    if !text.contains([',', '.']) {
        return Some(text);
    }
    let (whole, fraction) = match text.split_once(',') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    if fraction.is_some_and(|fraction| fraction.contains([',', '.'])) {
        return None;
    }
    let points = whole.bytes().filter(|byte| *byte == b'.').count();
    if (fraction.is_none() && points < 2) || !is_grouped(whole) {
        return None;
    }
    scratch.clear();
    scratch.extend(whole.chars().filter(|sign| *sign != '.'));
    if let Some(fraction) = fraction {
        scratch.push('.');
        scratch.push_str(fraction);
    }
    Some(scratch)
}

/// Whether all points separate groups of three digits.
fn is_grouped(whole: &str) -> bool {
    let digits = whole.strip_prefix(['-', '+']).unwrap_or(whole);
    let mut groups = digits.split('.');
    let first = groups.next().unwrap_or_default();
    let all_digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    if digits.contains('.') {
        (1..=3).contains(&first.len())
            && all_digits(first)
            && groups.all(|group| group.len() == 3 && all_digits(group))
    } else {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_become_points() {
        for (text, expected) in [
            ("1", Some("1")),
            ("NaN", Some("NaN")),
            ("1,5", Some("1.5")),
            ("-1.234.567,89", Some("-1234567.89")),
            ("1.234.567", Some("1234567")),
            (",5", Some(".5")),
            ("1,5e3", Some("1.5e3")),
            ("1.234", None),
            ("1.23,4", None),
            ("1234.567,8", None),
            ("1,2,3", None),
            ("1,234.5", None),
        ] {
            assert_eq!(point_number(text, &mut String::new()), expected, "{text}");
        }
    }

    #[test]
    fn forms_say_what_a_text_could_be() {
        let forms = Forms {
            decimal_comma: true,
            date: TemporalFormat::parse("%d.%m.%Y").ok(),
            timestamp: TemporalFormat::parse("%d.%m.%Y %H:%M").ok(),
        };
        let micro = |zoned| Inferred::Timestamp { fine: false, zoned };
        for (text, expected) in [
            ("29.02.2024", Inferred::Date),
            ("29.02.2024 12:30", micro(false)),
            ("2024-02-29", Inferred::Text),
            ("2024-02-29 12:30:00", Inferred::Text),
            ("1,5", Inferred::Float),
            ("1.5", Inferred::Text),
            ("1.000.000", Inferred::Integer { negative: false, large: false }),
            ("007,5", Inferred::Text),
            ("12:30:00.5", Inferred::Time { fine: false }),
            ("x", Inferred::Text),
        ] {
            assert_eq!(forms.infer(text, &mut String::new()), expected, "{text}");
        }
    }
}
