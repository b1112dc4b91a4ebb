//! Damages valid inputs, always in the same way for the same random seed: for the tests that run
//! tools as processes (`tests/hostile.rs`) and for the coverage-guided targets in `fuzz`.

mod flatbuffer;
mod parquet;
mod plain;
mod random;
mod thrift;
mod thrift_wire;

pub(crate) use random::Random;

/// A kind of damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Damage {
    /// Cut at a byte.
    Cut,
    /// One bit flipped.
    Bit,
    /// An extreme value of 8, 16, 32 or 64 bits.
    Extreme,
    /// One to eight random changes: values, and pieces removed, repeated, moved or inserted.
    Havoc,
    /// An odd field in a flatbuffer that is otherwise valid: Arrow streams and files.
    Flatbuffer,
    /// An odd field in a Thrift structure that is otherwise valid: Parquet files.
    Thrift,
}

impl Damage {
    pub(crate) const ANY: [Self; 4] = [Self::Cut, Self::Bit, Self::Extreme, Self::Havoc];

    /// Damages `bytes`. `turn` numbers the damages of one input: cuts and bit flips come to each of
    /// its bytes in turn, all others are drawn.
    pub(crate) fn apply(self, bytes: &mut Vec<u8>, turn: usize, random: &mut Random) {
        if bytes.is_empty() {
            return;
        }
        // Any number of turns spreads over the whole input, and a full round leaves no byte out.
        let place = (turn % bytes.len() * stride(bytes.len())) % bytes.len();
        match self {
            Self::Cut => bytes.truncate(place),
            Self::Bit => bytes[place] ^= 1 << random.below(8),
            Self::Extreme => plain::extreme(bytes, random),
            Self::Havoc => plain::havoc(bytes, random),
            Self::Flatbuffer => flatbuffer::damage(bytes, random),
            Self::Thrift => parquet::damage(bytes, random),
        }
    }
}

/// A step near 0.6 of `length` that has no divisor in common with it.
fn stride(length: usize) -> usize {
    let most_common = |mut a: usize, mut b: usize| {
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    (length * 3 / 5 + 1..).find(|step| most_common(*step, length) == 1).unwrap_or(1)
}
