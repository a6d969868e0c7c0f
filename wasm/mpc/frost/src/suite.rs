//! What the two ciphersuites differ in.
use alloc::vec::Vec;

use frost_core::keys::{KeyPackage, PublicKeyPackage};
use frost_core::{Ciphersuite, Error, Identifier, Scalar, SigningKey, VerifyingKey};
use frost_ed25519::Ed25519Sha512;
use frost_secp256k1_tr::Secp256K1Sha256TR;
use frost_secp256k1_tr::keys::Tweak;
use locket_ceremony::{Code, Failure, Party};
use sha2::{Digest, Sha512};
use zeroize::Zeroize;

/// Ed25519, RFC 9591 section 6.1: signatures are those of RFC 8032. For Sui and Solana.
pub type Ed25519 = Ed25519Sha512;

/// Secp256k1 with the changes BIP-340 and BIP-341 ask for: signatures spend a Taproot output by its key.
pub type Taproot = Secp256K1Sha256TR;

/// A FROST ciphersuite as Locket uses it.
pub trait Suite: Ciphersuite {
    /// The suite's number in a request and in a share.
    const NUMBER: u8;

    /// Length of an encoded element of the group.
    const ELEMENT_BYTES: usize;

    /// The key as its chain knows it, 32 bytes: RFC 8032's encoding, or the x coordinate of Taproot's internal key.
    fn public_key(key: &VerifyingKey<Self>) -> Result<Vec<u8>, Error<Self>>;

    /// Whether a message of this many bytes is signed under this Merkle root.
    fn admits(message_bytes: usize, root: &[u8]) -> bool;

    /// The key that signs, from the key that is kept. `root` is the Merkle root of Taproot's scripts, empty for none.
    fn key_that_signs(key: &KeyPackage<Self>, root: &[u8]) -> KeyPackage<Self>;

    /// The public half of [`Suite::key_that_signs`].
    fn public_that_signs(public: &PublicKeyPackage<Self>, root: &[u8]) -> PublicKeyPackage<Self>;

    /// The secret key that a wallet's seed stands for, if wallets of this suite have seeds.
    fn key_of_seed(seed: &[u8; 32]) -> Option<SigningKey<Self>>;

    /// Overwrites a scalar with zero. Scalars are plain values: what holds one long has to do this.
    fn wipe(scalar: &mut Scalar<Self>);
}

impl Suite for Ed25519 {
    const NUMBER: u8 = 2;
    const ELEMENT_BYTES: usize = 32;

    fn public_key(key: &VerifyingKey<Self>) -> Result<Vec<u8>, Error<Self>> {
        key.serialize()
    }

    fn admits(message_bytes: usize, root: &[u8]) -> bool {
        message_bytes <= 65_536 && root.is_empty()
    }

    fn key_that_signs(key: &KeyPackage<Self>, _root: &[u8]) -> KeyPackage<Self> {
        key.clone()
    }

    fn public_that_signs(public: &PublicKeyPackage<Self>, _root: &[u8]) -> PublicKeyPackage<Self> {
        public.clone()
    }

    /// RFC 8032, 5.1.5. The half of the hash that seeds nonces there has no use here and is dropped.
    fn key_of_seed(seed: &[u8; 32]) -> Option<SigningKey<Self>> {
        let mut hash: [u8; 64] = Sha512::digest(seed).into();
        let mut clamped = [0u8; 32];
        clamped.copy_from_slice(hash.first_chunk::<32>()?);
        clamped[0] &= 248;
        clamped[31] &= 63;
        clamped[31] |= 64;
        let key = SigningKey::from_scalar(<Scalar<Self>>::from_bytes_mod_order(clamped)).ok();
        hash.zeroize();
        clamped.zeroize();
        key
    }

    fn wipe(scalar: &mut Scalar<Self>) {
        scalar.zeroize();
    }
}

impl Suite for Taproot {
    const NUMBER: u8 = 3;
    const ELEMENT_BYTES: usize = 33;

    /// BIP-341's internal key. What a transaction pays to is this key tweaked.
    fn public_key(key: &VerifyingKey<Self>) -> Result<Vec<u8>, Error<Self>> {
        Ok(key.serialize()?.split_off(1))
    }

    fn admits(message_bytes: usize, root: &[u8]) -> bool {
        message_bytes == 32 && (root.is_empty() || root.len() == 32)
    }

    /// BIP-341: Q = P + H_TapTweak(P || root) G, with P of even y. Nothing is ever signed under P itself.
    fn key_that_signs(key: &KeyPackage<Self>, root: &[u8]) -> KeyPackage<Self> {
        key.clone().tweak(Some(root))
    }

    fn public_that_signs(public: &PublicKeyPackage<Self>, root: &[u8]) -> PublicKeyPackage<Self> {
        public.clone().tweak(Some(root))
    }

    fn key_of_seed(_seed: &[u8; 32]) -> Option<SigningKey<Self>> {
        None
    }

    fn wipe(scalar: &mut Scalar<Self>) {
        scalar.zeroize();
    }
}

/// Where the polynomial is evaluated for a party: at its number. Zero, where the secret is, is the number of nobody.
pub fn identifier<S: Suite>(party: Party) -> Result<Identifier<S>, Failure> {
    Identifier::try_from(u16::from(party.number())).map_err(|_| Failure::usage(Code::Parameters))
}

/// The inverse, for identifiers that came from [`identifier`].
pub fn party<S: Suite>(id: &Identifier<S>) -> Option<Party> {
    (1..=u8::MAX)
        .filter_map(Party::new)
        .find(|&party| identifier::<S>(party).is_ok_and(|other| other == *id))
}
