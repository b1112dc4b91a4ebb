//! Numbers of 8 to 256 bits, as quantiles and means need them. Half floats are cast to floats.

use arrow::datatypes::{ArrowNativeTypeOp, i256};

/// A number of an Arrow type, whose [`compare`](ArrowNativeTypeOp::compare) is the order of its
/// values.
pub trait Number: ArrowNativeTypeOp {
    /// The nearest double.
    fn as_double(self) -> f64;

    /// The number, with one representation of zero.
    #[must_use]
    fn with_one_zero(self) -> Self {
        self
    }
}

macro_rules! integers {
    ($($native:ty)*) => {$(
        impl Number for $native {
            fn as_double(self) -> f64 {
                self as f64
            }
        }
    )*};
}

integers!(i8 i16 i32 i64 i128 u8 u16 u32 u64);

macro_rules! floats {
    ($($native:ty)*) => {$(
        impl Number for $native {
            fn as_double(self) -> f64 {
                self.into()
            }

            fn with_one_zero(self) -> Self {
                // By IEEE 754, -0 equals 0.
                if self == Self::ZERO { Self::ZERO } else { self }
            }
        }
    )*};
}

floats!(f32 f64);

impl Number for i256 {
    fn as_double(self) -> f64 {
        // The magnitude of the smallest number is right as an unsigned one.
        let (low, high) = self.wrapping_abs().to_parts();
        let magnitude = high as u128 as f64 * 2_f64.powi(128) + low as f64;
        if self.is_negative() { -magnitude } else { magnitude }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_all_widths_are_doubles() {
        assert_eq!(i256::from_i128(-5).as_double(), -5.0);
        assert_eq!(i256::from_i128(i128::MAX).wrapping_add(i256::ONE).as_double(), 2_f64.powi(127));
        assert_eq!(i256::MIN.as_double(), -2_f64.powi(255));
        assert_eq!(u64::MAX.as_double(), 2_f64.powi(64));
        assert!((-0.0_f64).with_one_zero().is_sign_positive());
        assert!(f64::NAN.with_one_zero().is_nan());
    }
}
