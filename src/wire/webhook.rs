//! Webhooks: why they are refused, and when fal is asked for its keys.

use super::tables::numbered;
use crate::webhook::{Refusal, keys::Step};

numbered!(WEBHOOK_REFUSAL, Refusal, "WebhookRefusal", {
    Method = 0, HeaderMissing = 1, HeaderInvalid = 2, TooOld = 3, TooNew = 4, Signature = 5, KeysUnavailable = 6,
    TooLarge = 7, Unreadable = 8, NotRaw = 9, Payload = 10, Unsupported = 11, Busy = 12, NotHandled = 13, Late = 14,
});
numbered!(KEYS_STEP, Step, "KeysStep", { Use = 0, Ask = 1, Wait = 2, Fail = 3 });
