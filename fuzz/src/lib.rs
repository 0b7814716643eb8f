//! What must hold for any bytes at all, one module of the core at a time. Each `check` panics when it does not.

mod bytes;

pub mod addresses;
pub mod bodies;
pub mod key;
pub mod machines;
pub mod platform;
pub mod policy;
pub mod realtime;
pub mod route;
pub mod sse;
pub mod webhook;

/// What holds for any bytes.
pub type Check = fn(&[u8]);

/// Every target, by the name of its corpus.
pub const TARGETS: [(&str, Check); 10] = [
    ("addresses", addresses::check),
    ("bodies", bodies::check),
    ("key", key::check),
    ("machines", machines::check),
    ("platform", platform::check),
    ("policy", policy::check),
    ("realtime", realtime::check),
    ("route", route::check),
    ("sse", sse::check),
    ("webhook", webhook::check),
];
