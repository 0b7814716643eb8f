//! A file of an upload, as its exchange sends it.

use std::ops::Range;
use std::sync::Arc;

use fal_wasm::client::{Payload, UploadOptions};
use fal_wasm::protocol::push_decimal;

use crate::client::Inner;
use crate::exchange::ship;
use crate::file::File;
use crate::json;
use crate::marker::{BoxFuture, MaybeSend};
use crate::net::{Carried, HttpRequest, HttpResponse, Trouble};

/// What an exchange needs of a file. Only an upload makes one, so that a page without uploads has none of the code.
pub(crate) trait SentFile: MaybeSend {
    /// How many bytes it has.
    fn size(&self) -> u64;
    /// Its media type.
    fn content_type(&self) -> &str;
    /// What is said about it, where a request says something.
    fn body(&self, payload: Payload) -> Option<String>;
    /// Sends a request that carries bytes of it.
    fn send(
        &self,
        client: &Arc<Inner>,
        request: HttpRequest,
        to_backup: bool,
    ) -> BoxFuture<'static, Result<HttpResponse, Trouble>>;
    /// Keeps the receipt of a part. Gives how many bytes have been accepted, but for the last time: that is told when the file
    /// can be read.
    fn accepted(&mut self, part: u32, etag: &str) -> Option<u64>;
}

/// A file, and what is known of its parts.
pub(crate) struct Sent {
    file: File,
    options: UploadOptions,
    /// What parts are named by, once they have arrived.
    receipts: Vec<(u32, String)>,
    accepted: u64,
}

impl Sent {
    pub fn new(file: File, options: UploadOptions) -> Self {
        Self { file, options, receipts: Vec::new(), accepted: 0 }
    }
}

impl SentFile for Sent {
    fn size(&self) -> u64 {
        self.file.size()
    }

    fn content_type(&self) -> &str {
        self.file.content_type()
    }

    fn body(&self, payload: Payload) -> Option<String> {
        match payload {
            Payload::FileDescription => {
                let (content_type, name) = (json::quoted(self.file.content_type()), json::quoted(self.file.name()));
                Some(["{\"content_type\":", &content_type, ",\"file_name\":", &name, "}"].concat())
            }
            Payload::Receipts => Some(parts(&self.receipts)),
            _ => None,
        }
    }

    fn send(
        &self,
        client: &Arc<Inner>,
        mut request: HttpRequest,
        to_backup: bool,
    ) -> BoxFuture<'static, Result<HttpResponse, Trouble>> {
        let bytes = self.file.read(self.options.range(request.request.part()));
        let client = Arc::clone(client);
        #[cfg_attr(not(target_arch = "wasm32"), expect(clippy::useless_conversion, reason = "in a page it is one"))]
        let carried = |bytes| Carried::from(bytes);
        Box::pin(async move {
            request.body = Some(carried(bytes.await?));
            ship(&client, request, to_backup).await
        })
    }

    fn accepted(&mut self, part: u32, etag: &str) -> Option<u64> {
        let Range { start, end } = self.options.range(part);
        let place = self.receipts.partition_point(|(number, _)| *number < part);
        self.receipts.insert(place, (part, etag.into()));
        self.accepted += end.saturating_sub(start);
        Some(self.accepted).filter(|accepted| *accepted < self.file.size())
    }
}

/// What makes the parts of a file one.
fn parts(receipts: &[(u32, String)]) -> String {
    let mut text = String::from("{\"parts\":[");
    for (number, etag) in receipts {
        text.push_str(if text.ends_with('[') { "{\"partNumber\":" } else { ",{\"partNumber\":" });
        push_decimal(&mut text, (*number).into());
        text.push_str(",\"etag\":");
        text.push_str(&json::quoted(etag));
        text.push('}');
    }
    text.push_str("]}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_about_a_file_is_json() {
        let file = File::new(vec![0; 30], "image/png", "a\"b.png").unwrap();
        let options = UploadOptions { bytes: 30, whole_bytes: 10, part_bytes: 10 };
        let mut sent = Sent::new(file, options);
        assert_eq!(
            sent.body(Payload::FileDescription).unwrap(),
            r#"{"content_type":"image/png","file_name":"a\"b.png"}"#
        );
        assert_eq!(
            (sent.accepted(2, "\"b\""), sent.accepted(1, "a"), sent.accepted(3, "c")),
            (Some(10), Some(20), None)
        );
        let parts =
            r#"{"parts":[{"partNumber":1,"etag":"a"},{"partNumber":2,"etag":"\"b\""},{"partNumber":3,"etag":"c"}]}"#;
        assert_eq!(sent.body(Payload::Receipts).unwrap(), parts);
        assert_eq!(sent.body(Payload::File), None);
    }
}
