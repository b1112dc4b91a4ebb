//! A number exactly as it is written in an expression: digits and a power of ten.
//!
//! Literals stay in this form until the type of the column they are compared with is known.

use arrow::datatypes::i256;

/// `digits` × 10^`exponent`, negated if `negative`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Number {
    negative: bool,
    /// Digits without zeros at either end; empty for zero.
    digits: String,
    exponent: i64,
    /// The number of digits after the point as written, including zeros; 0 if written with `e`.
    places: i64,
    /// Whether it was written with `e`: such a literal on its own is a double, not a decimal.
    pub(crate) scientific: bool,
}

/// The largest of a set of evenly spaced numbers that is not above a [`Number`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Floor {
    /// Below the range of 256 bits.
    Below,
    /// Above the range of 256 bits.
    Above,
    /// The count of units, and whether it equals the number exactly.
    At(i256, bool),
}

impl Number {
    /// Reads `12`, `1_000`, `.5`, `1e-3`, `-2.50`. None if the text is not such a number.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, text) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, power) = match text.find(['e', 'E']) {
            Some(place) => (&text[..place], Some(&text[place + 1..])),
            None => (text, None),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        // Underscores are allowed only between digits.
        if [whole, fraction].iter().any(|part| part.split('_').skip(1).any(str::is_empty))
            || whole.starts_with('_')
            || fraction.starts_with('_')
        {
            return None;
        }
        let mut digits = String::with_capacity(mantissa.len());
        digits.push_str(whole);
        digits.push_str(fraction);
        digits.retain(|digit| digit != '_');
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let power = match power {
            // Beyond a few thousand, every number is zero or too large for all types.
            Some(power) => power.parse::<i64>().ok()?.clamp(-1_000_000, 1_000_000),
            None => 0,
        };
        let places = fraction.bytes().filter(|digit| *digit != b'_').count() as i64;
        let (exponent, scientific) = (power - places, text != mantissa);
        let places = if scientific { 0 } else { places };
        let mut number = Self { negative, digits, exponent, places, scientific };
        number.tidy();
        Some(number)
    }

    /// `units` × 10^-`scale`.
    pub(crate) fn from_units(units: i256, scale: i8) -> Self {
        let text = units.to_string();
        let negative = text.starts_with('-');
        let digits = text.trim_start_matches('-').to_owned();
        let (exponent, places) = (-i64::from(scale), 0);
        let mut number = Self { negative, digits, exponent, places, scientific: false };
        number.tidy();
        number
    }

    pub(crate) fn negated(mut self) -> Self {
        self.negative = !self.negative && !self.digits.is_empty();
        self
    }

    pub(crate) fn is_integer(&self) -> bool {
        self.exponent >= 0
    }

    /// The largest count of 10^-`scale` units that is not above the number.
    pub(crate) fn floor(&self, scale: i8) -> Floor {
        let beyond = if self.negative { Floor::Below } else { Floor::Above };
        if self.digits.is_empty() {
            return Floor::At(i256::ZERO, true);
        }
        let shift = self.exponent + i64::from(scale);
        let kept = self.digits.len() as i64 + shift;
        // 256 bits hold 77 digits, but not all numbers of 77.
        if kept > 77 {
            return beyond;
        }
        let mut digits = self.digits.clone();
        if shift >= 0 {
            digits.extend(std::iter::repeat_n('0', shift as usize));
        } else {
            digits.truncate(kept.max(0) as usize);
        }
        let exact = shift >= 0;
        let magnitude =
            if digits.is_empty() { Some(i256::ZERO) } else { i256::from_string(&digits) };
        let floored = magnitude.and_then(|magnitude| match (self.negative, exact) {
            (false, _) => Some(magnitude),
            (true, true) => magnitude.checked_neg(),
            (true, false) => magnitude.checked_neg()?.checked_sub(i256::ONE),
        });
        floored.map_or(beyond, |units| Floor::At(units, exact))
    }

    /// The count of 10^-`scale` units nearest to the number, halves away from zero. None if 256
    /// bits cannot hold it.
    pub(crate) fn rounded(&self, scale: i8) -> Option<i256> {
        let shift = self.exponent + i64::from(scale);
        let Floor::At(floor, exact) = self.floor(scale) else { return None };
        if exact {
            return Some(floor);
        }
        // The first dropped digit decides; the number is inexact, so `shift` is negative.
        let kept = self.digits.len() as i64 + shift;
        let up = kept >= 0 && self.digits.as_bytes().get(kept as usize).is_some_and(|d| *d >= b'5');
        match (self.negative, up) {
            (false, true) | (true, false) => floor.checked_add(i256::ONE),
            _ => Some(floor),
        }
    }

    /// The nearest double; infinite if the number is out of range.
    pub(crate) fn to_f64(&self) -> f64 {
        self.scientific_text().parse().unwrap_or(f64::NAN)
    }

    /// The nearest single, rounded once.
    pub(crate) fn to_f32(&self) -> f32 {
        self.scientific_text().parse().unwrap_or(f32::NAN)
    }

    /// The precision and scale that a decimal needs to hold the number.
    pub(crate) fn precision_and_scale(&self) -> (i64, i64) {
        let scale = (-self.exponent).max(0);
        let precision = self.digits.len() as i64 + self.exponent.max(0);
        (precision.max(scale).max(1), scale)
    }

    /// The precision and scale of the decimal as written: `2.50` has two decimal places. Zeros that
    /// would make it longer than 38 digits do not count.
    pub(crate) fn written_precision_and_scale(&self) -> (i64, i64) {
        let (precision, scale) = self.precision_and_scale();
        let written = self.digits.len() as i64 + self.exponent + self.places;
        if self.places <= scale || self.places.max(written) > 38 {
            return (precision, scale);
        }
        (written.max(self.places), self.places)
    }

    fn scientific_text(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        let digits = if self.digits.is_empty() { "0" } else { &self.digits };
        format!("{sign}{digits}e{}", self.exponent)
    }

    fn tidy(&mut self) {
        let before = self.digits.len();
        self.digits.truncate(self.digits.trim_end_matches('0').len());
        self.exponent += (before - self.digits.len()) as i64;
        let zeros = self.digits.len() - self.digits.trim_start_matches('0').len();
        self.digits.drain(..zeros);
        if self.digits.is_empty() {
            self.exponent = 0;
            self.negative = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floor(text: &str, scale: i8) -> (i128, bool) {
        match Number::parse(text).unwrap().floor(scale) {
            Floor::At(units, exact) => (units.to_i128().unwrap(), exact),
            beyond => panic!("{beyond:?}"),
        }
    }

    #[test]
    fn floors_are_exact() {
        assert_eq!(floor("2.5", 0), (2, false));
        assert_eq!(floor("-2.5", 0), (-3, false));
        assert_eq!(floor("-0.001", 0), (-1, false));
        assert_eq!(floor("1_000.50", 2), (100_050, true));
        assert_eq!(floor("1e3", 0), (1000, true));
        assert_eq!(floor("12345", -2), (123, false));
        assert_eq!(Number::parse("-1e80").unwrap().floor(0), Floor::Below);
        assert_eq!(Number::parse("1e999999999").unwrap().floor(0), Floor::Above);
        assert_eq!(Number::parse("0e999999999").unwrap().floor(0), Floor::At(i256::ZERO, true));
    }

    #[test]
    fn halves_round_away_from_zero() {
        for (text, cents) in
            [("1.005", 101), ("-1.005", -101), ("1.004", 100), ("-1.004", -100), ("0.001", 0)]
        {
            let rounded = Number::parse(text).unwrap().rounded(2).unwrap();
            assert_eq!(rounded.to_i128(), Some(cents), "{text}");
        }
    }

    #[test]
    fn trailing_zeros_count_as_written() {
        let zeros = format!("1.{}", "0".repeat(40));
        for (text, expected) in [
            ("100.0", (4, 1)),
            ("2.50", (3, 2)),
            ("0.00", (2, 2)),
            ("0.5", (1, 1)),
            ("1_000.0_0", (6, 2)),
            ("100", (3, 0)),
            (&zeros, (1, 0)),
        ] {
            let number = Number::parse(text).unwrap();
            assert_eq!(number.written_precision_and_scale(), expected, "{text}");
        }
    }

    #[test]
    fn other_text_is_not_a_number() {
        let wrong = ["", "-", ".", "1.2.3", "0x10", "1e", "e5", "nan", "1 2", "--1"];
        for wrong in wrong.into_iter().chain(["_1", "1_", "1__0", "1_.5", "1._5", "_"]) {
            assert_eq!(Number::parse(wrong), None, "{wrong}");
        }
    }
}
