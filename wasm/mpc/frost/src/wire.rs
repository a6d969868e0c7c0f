//! Elements and scalars in messages: the ciphersuite's own encodings, refused unless canonical.
use alloc::vec::Vec;

use frost_core::keys::{CoefficientCommitment, SigningShare, VerifiableSecretSharingCommitment as Commitment};
use frost_core::{Element, Field, Group};
use locket_ceremony::{Code, Failure, Reader, Writer};
use zeroize::{Zeroize, Zeroizing};

use crate::suite::Suite;

/// An element of the group other than the identity. Fails as its reader does.
pub fn read_element<S: Suite>(reader: &mut Reader<'_>) -> Result<Element<S>, Failure> {
    let failure = reader.failure();
    let bytes = reader.slice(S::ELEMENT_BYTES)?.try_into().map_err(|_| failure)?;
    S::Group::deserialize(&bytes).map_err(|_| failure)
}

/// Fails with `retry`, [`Code::Identity`] for the identity, which has no encoding.
pub fn write_element<S: Suite>(writer: &mut Writer, element: &Element<S>) -> Result<(), Failure> {
    let bytes = S::Group::serialize(element).map_err(|_| Failure::retry(Code::Identity))?;
    writer.raw(bytes.as_ref());
    Ok(())
}

/// A scalar below the group's order. Fails as its reader does.
pub fn read_scalar<S: Suite>(reader: &mut Reader<'_>) -> Result<Zeroizing<SigningShare<S>>, Failure> {
    let failure = reader.failure();
    SigningShare::deserialize(reader.slice(32)?)
        .map(Zeroizing::new)
        .map_err(|_| failure)
}

/// A message that is one scalar. Fails as its reader does.
pub fn only_scalar<S: Suite>(mut reader: Reader<'_>) -> Result<Zeroizing<SigningShare<S>>, Failure> {
    let scalar = read_scalar(&mut reader)?;
    reader.end()?;
    Ok(scalar)
}

/// The inverse of [`only_scalar`]. A step overwrites what is sent to one party alone.
pub fn scalar_message<S: Suite>(scalar: &SigningShare<S>) -> Vec<u8> {
    let mut writer = Writer::with_capacity(32);
    write_scalar(&mut writer, scalar);
    writer.public()
}

/// The inverse of [`read_scalar`].
pub fn write_scalar<S: Suite>(writer: &mut Writer, scalar: &SigningShare<S>) {
    let mut bytes = <<S::Group as Group>::Field>::serialize(&scalar.to_scalar());
    writer.raw(bytes.as_ref());
    bytes.as_mut().zeroize();
}

/// Commitments to this many coefficients, none of them the identity.
pub fn read_commitment<S: Suite>(reader: &mut Reader<'_>, count: u8) -> Result<Commitment<S>, Failure> {
    (0..count)
        .map(|_| read_element::<S>(reader).map(CoefficientCommitment::new))
        .collect::<Result<_, _>>()
        .map(Commitment::new)
}

/// The inverse of [`read_commitment`].
pub fn write_commitment<S: Suite>(writer: &mut Writer, commitment: &[CoefficientCommitment<S>]) -> Result<(), Failure> {
    commitment
        .iter()
        .try_for_each(|coefficient| write_element::<S>(writer, &coefficient.value()))
}
