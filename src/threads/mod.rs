//! Work done by several threads in a fixed order.

pub(crate) mod in_order;
