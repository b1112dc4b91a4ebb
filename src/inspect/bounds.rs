//! The min and max of a column or page as a file states them, and their reliability.

use super::value::Value;
use crate::parquet_file::statistics_validity::Doubt;
use std::cmp::Ordering;
use std::fmt;

/// The stated minimum and maximum of a column or page.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Bounds {
    /// A value not greater than any non-null value.
    pub(super) min: Option<Value>,
    /// A value not less than any non-null value.
    pub(super) max: Option<Value>,
    /// Whether the minimum is one of the values; false if the writer shortened it, none if unknown.
    pub(super) min_is_exact: Option<bool>,
    /// Whether the maximum is one of the values, likewise.
    pub(super) max_is_exact: Option<bool>,
    /// Why a stated min and max are ignored.
    pub(super) ignored: Option<Ignored>,
}

/// Why a stated statistic is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ignored {
    /// Min and max were computed in an order other than that of the values, or in an unknown order.
    Order,
    /// The minimum is greater than the maximum.
    Inverted,
    /// Min or max has more or fewer bytes than a value of the type.
    Length,
    /// There are more nulls than values, or all values are null but there is a min or max.
    Count,
    /// The page index is damaged.
    Index,
    /// The writer is known to compute it incorrectly, as described in this source.
    Writer(&'static str),
}

impl Bounds {
    /// The bounds, ignored if the minimum is greater than the maximum.
    pub(super) fn in_order(self) -> Self {
        match (&self.min, &self.max) {
            (Some(min), Some(max)) if min.partial_cmp(max) == Some(Ordering::Greater) => {
                Self::ignored(Ignored::Inverted)
            }
            _ => self,
        }
    }

    /// Sets whether minimum and maximum are exact, as stated in the file.
    pub(super) fn with_exactness(self, [min, max]: [Option<bool>; 2]) -> Self {
        let min_is_exact = min.filter(|_| self.min.is_some());
        let max_is_exact = max.filter(|_| self.max.is_some());
        Self { min_is_exact, max_is_exact, ..self }
    }

    /// No bounds, with the reason why the stated ones are ignored.
    pub(super) fn ignored(why: impl Into<Ignored>) -> Self {
        Self { ignored: Some(why.into()), ..Self::default() }
    }

    /// The outermost bounds of several. A min or max that one of them lacks is left out, because a
    /// partial result would mislead.
    pub(super) fn of_all<'a>(all: impl Iterator<Item = &'a Self> + Clone) -> Self {
        let (min, min_is_exact) = outermost(
            all.clone().map(|bounds| (bounds.min.as_ref(), bounds.min_is_exact)),
            Ordering::Less,
        );
        let (max, max_is_exact) = outermost(
            all.clone().map(|bounds| (bounds.max.as_ref(), bounds.max_is_exact)),
            Ordering::Greater,
        );
        Self { min, max, min_is_exact, max_is_exact, ignored: all.filter_map(|b| b.ignored).max() }
    }
}

fn outermost<'a>(
    bounds: impl Iterator<Item = (Option<&'a Value>, Option<bool>)>,
    direction: Ordering,
) -> (Option<Value>, Option<bool>) {
    let mut outermost: Option<(&Value, Option<bool>)> = None;
    for (value, is_exact) in bounds {
        let Some(value) = value else { return (None, None) };
        let order = outermost.map(|(old, _)| value.partial_cmp(old));
        match (order, &mut outermost) {
            (None, _) => outermost = Some((value, is_exact)),
            (Some(order), _) if order == Some(direction) => outermost = Some((value, is_exact)),
            // The value occurs if either of them says so.
            (Some(Some(Ordering::Equal)), Some((_, exact))) => *exact = (*exact).max(is_exact),
            _ => {}
        }
    }
    outermost.map_or((None, None), |(value, is_exact)| (Some(value.clone()), is_exact))
}

impl Ignored {
    /// A short word for programs; for a bug, its source.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Inverted => "inverted",
            Self::Length => "length",
            Self::Count => "count",
            Self::Index => "index",
            Self::Writer(source) => source,
        }
    }
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order => f.write_str("they are not in the order of the type"),
            Self::Inverted => f.write_str("the minimum is greater than the maximum"),
            Self::Length => f.write_str("one has the wrong length"),
            Self::Count => f.write_str("the count contradicts the values"),
            Self::Index => f.write_str("the page index is damaged"),
            Self::Writer(source) => write!(f, "known bug of the writer, {source}"),
        }
    }
}

impl From<Doubt> for Ignored {
    fn from(doubt: Doubt) -> Self {
        match doubt {
            Doubt::Order => Self::Order,
            Doubt::Length => Self::Length,
            Doubt::Count => Self::Count,
            Doubt::Writer(source) => Self::Writer(source),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(min: i64, max: i64, is_exact: Option<bool>) -> Bounds {
        let (min, max) = (Some(Value::Signed(min)), Some(Value::Signed(max)));
        Bounds { min, max, min_is_exact: is_exact, max_is_exact: is_exact, ignored: None }
    }

    #[test]
    fn bounds_out_of_order_are_ignored() {
        assert_eq!(bounds(5, 5, None).in_order(), bounds(5, 5, None));
        let inverted = bounds(6, 5, Some(true)).in_order();
        assert_eq!(inverted, Bounds { ignored: Some(Ignored::Inverted), ..Bounds::default() });
    }

    #[test]
    fn the_outermost_bounds_keep_their_exactness() {
        let all = [
            bounds(3, 4, Some(true)),
            bounds(-1, 7, Some(false)),
            bounds(-1, 7, None),
            bounds(0, 7, Some(true)),
        ];
        let together = Bounds::of_all(all.iter());
        let shown = (together.min_is_exact, together.max_is_exact);
        assert_eq!(shown, (Some(false), Some(true)));
        assert_eq!((together.min, together.max), (Some(Value::Signed(-1)), Some(Value::Signed(7))));
        let one = [bounds(3, 4, None), Bounds::ignored(Ignored::Length)];
        assert_eq!(Bounds::of_all(one.iter()), Bounds::ignored(Ignored::Length));
    }
}
