//! Why a socket was closed, or never opened: close codes, and the HTTP status of a refused handshake.

/// Close codes: done, and closed without saying why.
pub const NORMAL: u16 = 1000;
pub const NO_CODE: u16 = 1005;

/// Whether a code is an HTTP status; those of sockets are larger.
pub fn is_status(code: u16) -> bool {
    (100..600).contains(&code)
}

/// Whether a close code says that the other side will say the same the next time: protocol, data, policy, size, and
/// whatever the app defines.
pub fn is_verdict(code: u16) -> bool {
    matches!(code, 1002 | 1003 | 1007..=1010 | 4000..=4999)
}
