//! Ed25519 keys and signatures that may be put to the platform.
//!
//! WebCrypto's check is looser than it could be: every runtime takes keys of small order, for which anybody can make
//! signatures of anything. What is refused here is what `verify_strict` of ed25519-dalek refuses; the tests hold the two
//! against each other.

use super::encoding::{from_base64url, from_hex};

/// The prime of the field, 2²⁵⁵ - 19. All numbers are little-endian.
const PRIME: [u8; 32] = {
    let mut bytes = [0xff; 32];
    bytes[0] = 0xed;
    bytes[31] = 0x7f;
    bytes
};

/// The order of the group, 2²⁵² + 27742317777372353535851937790883648493.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// The coordinates of the eight points of small order; two points share each but for 1 and -1.
const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    {
        let mut one = [0; 32];
        one[0] = 1;
        one
    },
    {
        let mut minus_one = PRIME;
        minus_one[0] -= 1;
        minus_one
    },
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
];

/// A public key: the canonical encoding of something that is no point of small order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// Reads `kty`, `crv` and `x` of a JSON Web Key; none when it is of another kind, or weak.
    pub fn from_jwk(kty: &str, crv: &str, x: &str) -> Option<Self> {
        let kind = kty == "OKP" && crv == "Ed25519";
        from_base64url(x).filter(|point| kind && is_sound(point)).map(Self)
    }

    /// The 32 bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A signature in its one encoding: nobody can make another one from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature([u8; 64]);

impl Signature {
    /// Reads 128 hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let bytes: [u8; 64] = from_hex(text)?;
        let (point, scalar) = bytes.split_first_chunk()?;
        let scalar = scalar.first_chunk()?;
        (is_sound(point) && is_below(scalar, &ORDER)).then_some(Self(bytes))
    }

    /// The 64 bytes.
    pub fn bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

/// Whether an encoded point is canonical and not of small order. Whether it is on the curve the platform finds out.
fn is_sound(point: &[u8; 32]) -> bool {
    let mut y = *point;
    if let Some(last) = y.last_mut() {
        // The sign of the other coordinate.
        *last &= 0x7f;
    }
    is_below(&y, &PRIME) && !SMALL_ORDER.contains(&y)
}

fn is_below(number: &[u8; 32], bound: &[u8; 32]) -> bool {
    number.iter().rev().lt(bound.iter().rev())
}
