//! The storage paths of the REST host: where an upload begins, and where the CDN's own tokens come from.

use serde_json::{Value, json};

use super::Storage;
use super::uploads::Wanted;
use crate::model::access::Access;
use crate::model::call_options::{check_lifecycle, lifecycle};
use crate::model::errors::{method_not_allowed, not_found, validation_error};
use crate::model::fields::Fields;
use crate::model::http::{Millis, Request, Response};
use crate::model::ids::Ids;
use crate::model::time::timestamp;

/// How long a CDN token lasts when the caller does not say, in seconds (chosen: a day).
const TOKEN_SECONDS: i64 = 86_400;
/// The longest a CDN token lasts, in seconds: 30 days.
const MAX_TOKEN_SECONDS: i64 = 30 * 86_400;

impl Storage {
    /// `POST /storage/upload/initiate`, `/storage/upload/initiate-multipart` and `/storage/auth/token`.
    pub fn initiate(
        &mut self,
        access: &Access,
        ids: &mut Ids,
        now: Millis,
        request: &Request,
        path: &str,
    ) -> Result<Response, Response> {
        let in_parts = match path {
            "/storage/upload/initiate" => Some(false),
            "/storage/upload/initiate-multipart" => Some(true),
            "/storage/auth/token" => None,
            _ => return Err(not_found()),
        };
        if request.method != "POST" {
            return Err(method_not_allowed());
        }
        let caller = access.require(request)?;
        let storage_type = request.param("storage_type").unwrap_or_else(|| "gcs".to_owned());
        if !matches!(storage_type.as_str(), "fal-cdn-v3" | "gcs") {
            return Err(validation_error(
                &["query", "storage_type"],
                "one_of",
                "Input should be 'fal-cdn-v3' or 'gcs'",
            ));
        }
        check_lifecycle(request)?;
        let input = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        let mut fields = Fields::of(&input);
        let Some(in_parts) = in_parts else {
            let seconds = fields.integer("expiration_seconds", 1..=MAX_TOKEN_SECONDS, TOKEN_SECONDS);
            fields.finish()?;
            let expires = now.saturating_add(seconds.unsigned_abs() * 1000);
            let token = ids.secret();
            self.tokens.add(token.clone(), caller.account, Vec::new(), expires);
            let answer = json!({
                "token": token,
                "token_type": "Bearer",
                "base_url": self.base,
                "expires_at": timestamp(expires),
            });
            return Ok(Response::json(200, &answer));
        };
        let content_type = fields.text("content_type", "application/octet-stream");
        let file_name = fields.text("file_name", "upload.bin");
        fields.finish()?;
        let (file_name, content_type, lifecycle) = (file_name.as_str(), content_type.as_str(), lifecycle(request));
        let id = self.begin(ids, Wanted { file_name, content_type, lifecycle, in_parts });
        let upload = self.upload(&id).ok_or_else(not_found)?;
        // The secret is in the query: official clients keep it there for every part, and the query is never logged.
        let upload_url = self.url(&format!("/presigned/{id}?signature={}", upload.signature));
        let answer = json!({ "upload_url": upload_url, "file_url": self.url(&upload.path) });
        Ok(Response::json(200, &answer))
    }
}
