//! Signing, presigning, and signing with a presignature. Part 3.5 of `SPEC.md`.

mod combine;
mod commit;
mod job;
mod multiply;
mod presignature;
mod product;
mod protocols;

pub use protocols::{finish, presign, sign};
