//! Whole ceremonies among parties in one process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;
mod hostile;
mod requests;
mod rfc9591;
mod runs;
