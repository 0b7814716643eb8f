//! What a request of a page carries.

use std::ops::Deref;
use std::sync::Arc;

use bytes::Bytes;

/// A text, or bytes of a file. A page without uploads makes no [`Bytes`], and has none of their code.
#[derive(Clone)]
pub enum Carried {
    /// JSON.
    Text(Arc<String>),
    /// A part of a file, or a form with one.
    File(Bytes),
}

impl Deref for Carried {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::File(bytes) => bytes,
        }
    }
}

impl From<String> for Carried {
    fn from(text: String) -> Self {
        Self::Text(Arc::new(text))
    }
}

impl From<Bytes> for Carried {
    fn from(bytes: Bytes) -> Self {
        Self::File(bytes)
    }
}

#[cfg(feature = "platform")]
impl From<Vec<u8>> for Carried {
    fn from(bytes: Vec<u8>) -> Self {
        Self::File(bytes.into())
    }
}
