//! The functions of many rows: what they take, and the type of their result.
//!
//! Types follow DuckDB: sums of integers are HUGEINT, sums of decimals have 38 digits, means are
//! doubles. `crate::aggregate` computes them.

use crate::expression::values::kind::{Kind, describe};
use arrow::datatypes::{DataType, Field, TimeUnit};
use std::sync::Arc;

/// A function of the rows of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AggregateFunction {
    /// The number of rows.
    CountRows,
    /// The number of values.
    Count,
    /// The number of rows for which a condition is true.
    CountIf,
    /// The sum of numbers.
    Sum,
    /// The mean of numbers.
    Average,
    /// The smallest value.
    Minimum,
    /// The largest value.
    Maximum,
    /// The smallest values, as a list.
    Smallest,
    /// The largest values, as a list.
    Largest,
    /// The first value that is not null.
    AnyValue,
    /// The value of the first row.
    First,
    /// The value of the last row.
    Last,
    /// The value of the row in which another value is the smallest.
    ArgumentOfMinimum,
    /// The value of the row in which another value is the largest.
    ArgumentOfMaximum,
    /// The values of the rows in which another value is among the smallest, as a list.
    ArgumentsOfSmallest,
    /// The values of the rows in which another value is among the largest, as a list.
    ArgumentsOfLargest,
    /// Whether a condition is true for all rows.
    All,
    /// Whether a condition is true for some row.
    Any,
    /// The variance of numbers, or its square root.
    Variance {
        /// Whether the numbers are a sample: the divisor is one less than their number.
        of_sample: bool,
        /// Whether the result is the standard deviation.
        is_root: bool,
    },
    /// The correlation of pairs of numbers.
    Correlation,
    /// A quantile, interpolated between values.
    QuantileBetween,
    /// A quantile that is one of the values.
    QuantileOf,
    /// The number of distinct values, estimated.
    DistinctEstimate,
    /// A quantile that is near one of the values, estimated.
    QuantileEstimate,
    /// The most frequent value.
    Mode,
    /// All values.
    List,
    /// All texts, with a separator between them.
    Join,
}

impl AggregateFunction {
    /// The types to which the arguments are converted, and the type of the result.
    ///
    /// # Errors
    /// An argument of a type that the function does not take: its place, and what is wrong.
    pub(crate) fn types(
        self,
        given: &[DataType],
    ) -> Result<(Vec<DataType>, DataType), (usize, String)> {
        let mut types = given.to_vec();
        let first = given.first().cloned().unwrap_or(DataType::Null);
        let result = match self {
            Self::CountRows | Self::Count | Self::DistinctEstimate => DataType::Int64,
            // The sum of zeros and ones.
            Self::CountIf => {
                condition(&first)?;
                types[0] = DataType::Int64;
                HUGEINT
            }
            Self::All | Self::Any => {
                types[0] = condition(&first)?;
                DataType::Boolean
            }
            Self::Sum => {
                types[0] = summable(&first)?;
                match types[0] {
                    DataType::Float64 => DataType::Float64,
                    DataType::Decimal128(_, scale) => DataType::Decimal128(38, scale),
                    _ => HUGEINT,
                }
            }
            Self::Average => {
                types[0] = summable(&first)?;
                DataType::Float64
            }
            Self::Variance { .. } | Self::Correlation => {
                for (place, given) in given.iter().enumerate() {
                    number(place, given)?;
                    types[place] = DataType::Float64;
                }
                DataType::Float64
            }
            Self::QuantileBetween => {
                types[0] = between(&first)?;
                types[0].clone()
            }
            Self::QuantileEstimate => {
                types[0] = estimable(&first)?;
                types[0].clone()
            }
            Self::Join => {
                if !matches!(Kind::of(&first), Kind::Text | Kind::Null) {
                    return Err((0, wanted("text", &first)));
                }
                types[0] = DataType::Utf8;
                DataType::Utf8
            }
            Self::List => list_of(first),
            Self::Smallest | Self::Largest => {
                ordered(0, &first)?;
                list_of(first)
            }
            Self::ArgumentsOfSmallest | Self::ArgumentsOfLargest => {
                ordered(0, &first)?;
                ordered(1, &given[1])?;
                list_of(first)
            }
            Self::Minimum | Self::Maximum | Self::QuantileOf => {
                ordered(0, &first)?;
                first
            }
            Self::ArgumentOfMinimum | Self::ArgumentOfMaximum => {
                ordered(1, &given[1])?;
                first
            }
            Self::AnyValue | Self::First | Self::Last | Self::Mode => first,
        };
        Ok((types, result))
    }

    /// The function that gives a list of values where this one gives one, if there is one.
    pub(crate) fn of_several(self) -> Option<Self> {
        Some(match self {
            Self::Minimum => Self::Smallest,
            Self::Maximum => Self::Largest,
            Self::ArgumentOfMinimum => Self::ArgumentsOfSmallest,
            Self::ArgumentOfMaximum => Self::ArgumentsOfLargest,
            _ => return None,
        })
    }

    /// Whether the result depends on the order of the rows.
    pub fn depends_on_order(self) -> bool {
        matches!(self, Self::First | Self::Last | Self::AnyValue | Self::List | Self::Join)
    }
}

fn list_of(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(item, true)))
}

/// DuckDB's integer of 128 bits, as Arrow has it.
const HUGEINT: DataType = DataType::Decimal128(38, 0);

fn condition(given: &DataType) -> Result<DataType, (usize, String)> {
    match given {
        DataType::Boolean | DataType::Null => Ok(DataType::Boolean),
        other => Err((0, wanted("a condition", other))),
    }
}

fn number(place: usize, given: &DataType) -> Result<(), (usize, String)> {
    match Kind::of(given) {
        kind if kind.is_number() => Ok(()),
        Kind::Null => Ok(()),
        _ => Err((place, wanted("a number", given))),
    }
}

/// The type in which numbers are added.
fn summable(given: &DataType) -> Result<DataType, (usize, String)> {
    Ok(match given {
        DataType::Boolean => DataType::Int64,
        DataType::UInt64 => DataType::Decimal128(20, 0),
        DataType::Decimal256(..) => {
            let message = "decimals of more than 38 digits are not added; CAST to DECIMAL(38, s)";
            return Err((0, message.to_owned()));
        }
        DataType::Decimal32(_, scale)
        | DataType::Decimal64(_, scale)
        | DataType::Decimal128(_, scale) => DataType::Decimal128(38, *scale),
        other => {
            number(0, other)?;
            if other.is_floating() { DataType::Float64 } else { DataType::Int64 }
        }
    })
}

/// The type in which quantiles are interpolated.
fn between(given: &DataType) -> Result<DataType, (usize, String)> {
    Ok(match Kind::of(given) {
        Kind::Integer | Kind::Float | Kind::Null => DataType::Float64,
        Kind::Decimal if !matches!(given, DataType::Decimal256(..)) => given.clone(),
        Kind::Date => DataType::Timestamp(TimeUnit::Microsecond, None),
        Kind::Timestamp => given.clone(),
        _ => return Err((0, wanted("a number, a date or a timestamp", given))),
    })
}

/// The type in which quantiles are estimated, and of the result.
fn estimable(given: &DataType) -> Result<DataType, (usize, String)> {
    Ok(match given {
        DataType::Int16 | DataType::Int32 => given.clone(),
        DataType::UInt64 => HUGEINT,
        DataType::Time32(_) | DataType::Time64(_) => given.clone(),
        _ => match Kind::of(given) {
            Kind::Integer | Kind::Null => DataType::Int64,
            Kind::Float => DataType::Float64,
            Kind::Decimal | Kind::Date | Kind::Timestamp => given.clone(),
            _ => return Err((0, wanted("a number, a date or a time", given))),
        },
    })
}

fn ordered(place: usize, given: &DataType) -> Result<(), (usize, String)> {
    match given {
        DataType::Map(..) | DataType::Union(..) => {
            Err((place, wanted("a type whose values have an order", given)))
        }
        _ => Ok(()),
    }
}

fn wanted(what: &str, given: &DataType) -> String {
    format!("{what} is expected here, not {}", describe(given))
}
