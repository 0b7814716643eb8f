//! The body of a call on its way to fal: read when it is small or judged, else passed on as it comes.

use bytes::Bytes;
use fal_wasm::protocol::Route;
use fal_wasm::proxy::Refusal;
use http::request::Parts;
use http_body::Body;

use super::Inner;
use super::refusals::Refused;
use super::uploads::MAX_DESCRIPTION_BYTES;
use super::upstream::Payload;
use crate::options::TARGET_URL;
use crate::service::{Incoming, Outgoing, header};

/// What is read before it is sent: it then has a length, and can be sent again with another key.
const SMALL_BYTES: usize = 1024 * 1024;

impl Inner {
    /// The idempotency key of a call, what it is a call to, and all of its body: where there are limits, the same again is not
    /// made again.
    pub(super) fn once(
        &self,
        parts: &Parts,
        payload: Option<&Payload>,
    ) -> Result<Option<(String, String, Bytes)>, Refused> {
        let key = header(&parts.headers, "idempotency-key").filter(|key| self.limits.is_some() && !key.is_empty());
        let target = header(&parts.headers, TARGET_URL).unwrap_or_default();
        match (key, payload) {
            (Some(key), Some(Payload::Whole(bytes))) => Ok(Some((key, target, bytes.clone()))),
            (Some(_), Some(Payload::Coming(..))) => Err(Refusal::BodyTooLarge.into()),
            _ => Ok(None),
        }
    }

    /// The body of a call: all of it when it is small, else as it comes; or what the rules for it leave.
    pub(super) async fn payload<B>(&self, body: B, route: &Route) -> Result<Payload, Refused>
    where
        B: Body<Data = Bytes> + Send + 'static,
    {
        let mut incoming = Incoming::new(body, self.max_body_bytes);
        let describes_file = self.uploads.judge(route);
        let rules = self.inputs.as_ref().and_then(|inputs| inputs.about(route));
        let (read, is_whole) = incoming.read(if describes_file { MAX_DESCRIPTION_BYTES } else { SMALL_BYTES }).await?;
        if is_whole {
            return Ok(Payload::Whole(match rules {
                _ if describes_file => self.uploads.described(&read)?.into(),
                Some(rules) => rules.enforce(&read)?.into(),
                None => read.into(),
            }));
        }
        // What is judged is there to its end.
        if describes_file || rules.is_some() {
            return Err(Refusal::BodyTooLarge.into());
        }
        let (body, state) = Outgoing::pass(read, incoming);
        Ok(Payload::Coming(Some(body), state))
    }
}
