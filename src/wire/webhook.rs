//! Webhooks: why they are refused, when fal is asked for its keys, and who handles a delivery.

use super::tables::numbered;
use crate::webhook::Refusal;
use crate::webhook::keys::Step;
use crate::webhook::lease::{LeaseEffect, LeaseEvent};

numbered!(WEBHOOK_REFUSAL, Refusal, "WebhookRefusal", {
    Method = 0, HeaderMissing = 1, HeaderInvalid = 2, TooOld = 3, TooNew = 4, Signature = 5, KeysUnavailable = 6,
    TooLarge = 7, Unreadable = 8, NotRaw = 9, Payload = 10, Unsupported = 11, Busy = 12, NotHandled = 13, Late = 14, Account = 15,
    RequestMismatch = 16, RequestUnknown = 17,
});
numbered!(KEYS_STEP, Step, "KeysStep", { Use = 0, Ask = 1, Wait = 2, Fail = 3 });
numbered!(LEASE_EFFECT, LeaseEffect, "LeaseEffect", {
    Nothing = 0, Take = 1, Look = 2, Clear = 3, Handle = 4, Remember = 5, Release = 6, Handled = 7, Forgotten = 8,
    Busy = 9, NotHandled = 10, StoreFailed = 11,
});
numbered!(LEASE_EVENT, LeaseEvent, "LeaseEvent", {
    Delivered = 0, Marked = 1, WasMarked = 2, Unmarked = 3, Removed = 4, Handled = 5, Failed = 6,
});
