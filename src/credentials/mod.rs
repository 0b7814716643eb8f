//! Who may call what, and with what.
//!
//! Pure: decisions only. This module never holds a key: what it must know of one it is shown a character at a time, and
//! it keeps none of them.

#![forbid(unsafe_code)]

#[cfg(feature = "server")]
mod endpoint_table;
mod key;
#[cfg(feature = "server")]
mod patterns;
mod proxy_url;
#[cfg(feature = "server")]
mod runtime;
#[cfg(feature = "server")]
mod search;

#[cfg(feature = "server")]
pub use endpoint_table::{EndpointTable, Scope};
pub use key::{CredentialScan, KeyCheck, KeyError, KeyScan, check_half, check_key, is_key_credential};
#[cfg(feature = "server")]
pub use patterns::{EndpointPattern, EndpointPatterns, PatternError};
pub use proxy_url::{ProxyUrl, ProxyUrlError};
#[cfg(feature = "server")]
pub use runtime::{Globals, Runtime, classify};
#[cfg(feature = "server")]
pub use search::{Ask, Scheme, Search, Source};
