//! The Platform APIs: whether a key goes along with a call.

use super::tables::numbered;
use crate::platform::Who;

numbered!(WHO, Who, "Who", { Anybody = 0, KeyOptional = 1, Key = 2, Admin = 3 });
