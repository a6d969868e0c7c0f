//! Oblivious transfer: the base (3.2), its extension (3.3), and multiplication from it (3.4).

pub mod base;
pub mod block;
pub mod extension;
pub mod multiplication;
