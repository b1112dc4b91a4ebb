//! The summary of a column, as plain data.

use arrow::array::ArrayRef;
use arrow::datatypes::FieldRef;

/// The facts about a column. Those that its type does not have are `None`.
#[derive(Debug, Clone)]
pub struct ColumnSummary {
    /// Its name; `a.b` for a field of a struct.
    pub name: String,
    /// The field with the type of its values, without encodings.
    pub field: FieldRef,
    /// The rows, nulls included.
    pub rows: u64,
    /// The nulls.
    pub nulls: u64,
    /// The number of distinct values that are not null.
    pub distinct: Option<Estimate>,
    /// The smallest value, quantiles, and the largest value: of numbers and times.
    pub spread: Option<Spread>,
    /// The smallest and the largest value of texts and bytes.
    pub ends: Option<ArrayRef>,
    /// The mean of finite numbers.
    pub mean: Option<f64>,
    /// The standard deviation of finite numbers, of a sample.
    pub deviation: Option<f64>,
    /// The number of values that are NaN: of floating-point numbers.
    pub nans: Option<u64>,
    /// The number of values that are infinite: of floating-point numbers.
    pub infinities: Option<u64>,
    /// The number of true values: of booleans.
    pub trues: Option<u64>,
    /// Lengths in characters, bytes or elements: of texts, bytes and lists.
    pub lengths: Option<Lengths>,
    /// The most frequent values.
    pub top: Option<Top>,
    /// The values in bins of equal width: of numbers and times.
    pub histogram: Option<Histogram>,
}

/// A number, counted or estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// The number.
    pub value: u64,
    /// Whether it was counted.
    pub is_exact: bool,
}

/// The order of the values of a column, without NaN.
#[derive(Debug, Clone)]
pub struct Spread {
    /// The values at [`Spread::SHARES`], of the column's type.
    pub values: ArrayRef,
    /// Whether those between the first and the last are exact, too.
    pub is_exact: bool,
}

impl Spread {
    /// The shares of all values that are at most as large as each of the values.
    pub const SHARES: [f64; 7] = [0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0];
}

/// The lengths of values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lengths {
    /// The shortest.
    pub shortest: u64,
    /// The mean.
    pub mean: f64,
    /// The longest.
    pub longest: u64,
    /// The things counted: characters, bytes, elements.
    pub unit: &'static str,
}

/// The most frequent values, the most frequent first.
#[derive(Debug, Clone)]
pub struct Top {
    /// The values.
    pub values: ArrayRef,
    /// The number of rows of each.
    pub rows: Vec<u64>,
    /// Whether the rows were counted.
    pub is_exact: bool,
}

/// The number of rows in bins of equal width.
#[derive(Debug, Clone)]
pub struct Histogram {
    /// The ends of the first and of the last bin: the smallest and largest finite value.
    pub ends: ArrayRef,
    /// The number of rows in each bin.
    pub rows: Vec<u64>,
}
