//! The CDN host: presigned uploads, direct uploads with a CDN token, and the files themselves.

use serde_json::json;

use super::Storage;
use super::uploads::{Wanted, no_such_upload};
use crate::model::access::bearer;
use crate::model::call_options::{check_lifecycle, lifecycle};
use crate::model::errors::{detail, method_not_allowed, not_found};
use crate::model::http::{Millis, Request, Response};
use crate::model::ids::Ids;

impl Storage {
    /// Everything on the CDN host.
    pub fn handle_cdn(
        &mut self,
        ids: &mut Ids,
        now: Millis,
        request: &Request,
        path: &str,
    ) -> Result<Response, Response> {
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let method = request.method.as_str();
        match (method, parts.as_slice()) {
            (_, ["presigned", id, step @ ..]) => self.presigned(request, id, step),
            ("POST", ["files", "upload"]) => self.receive_direct(ids, now, request),
            ("POST", ["files", "upload", "multipart"]) => self.begin_parts(ids, now, request),
            ("PUT" | "POST", ["files", .., "multipart", id, step]) => {
                self.require_cdn_token(now, request)?;
                // A part is sent to the file's own URL.
                let at = path.split("/multipart/").next().unwrap_or_default();
                self.upload(id).filter(|upload| upload.path == at).ok_or_else(no_such_upload)?;
                self.step(request, id, step)
            }
            ("GET" | "HEAD", _) => self.serve(path).ok_or_else(not_found),
            (_, ["files", ..]) => Err(method_not_allowed()),
            _ => Err(not_found()),
        }
    }

    /// `PUT /presigned/{id}`, `PUT …/{part}` and `POST …/complete`: no key, the signature is in the URL.
    fn presigned(&mut self, request: &Request, id: &str, step: &[&str]) -> Result<Response, Response> {
        let upload = self.upload(id).ok_or_else(no_such_upload)?;
        if request.param("signature").as_deref() != Some(upload.signature.as_str()) {
            return Err(detail(403, "The signature does not match this upload."));
        }
        match (request.method.as_str(), step) {
            ("PUT", []) => self.receive_whole(id, &request.body).map(|()| Response::json(200, &json!({}))),
            (_, [step]) => self.step(request, id, step),
            _ => Err(method_not_allowed()),
        }
    }

    /// One step of an upload in parts: `PUT …/{number}` or `POST …/complete`.
    fn step(&mut self, request: &Request, id: &str, step: &str) -> Result<Response, Response> {
        match (request.method.as_str(), step, step.parse::<u32>()) {
            ("POST", "complete", _) => {
                let url = self.upload(id).map(|upload| self.url(&upload.path));
                self.complete(id, &request.body)?;
                Ok(Response::json(200, &json!({ "access_url": url })))
            }
            ("PUT", _, Ok(number)) => {
                // Some clients read the header and some the body.
                let etag = self.receive_part(id, number, &request.body)?;
                let answer = json!({ "partNumber": number, "etag": etag });
                Ok(Response::json(200, &answer).with_header("etag", &etag))
            }
            _ => Err(method_not_allowed()),
        }
    }

    /// `POST /files/upload`: the file is the body.
    fn receive_direct(&mut self, ids: &mut Ids, now: Millis, request: &Request) -> Result<Response, Response> {
        self.require_cdn_token(now, request)?;
        check_lifecycle(request)?;
        let content = self.content(&request.body)?;
        let (file_name, content_type) = described(request);
        let path = Storage::new_path(ids, &file_name);
        let url = self.url(&path);
        self.add_file(path, content_type, content)?;
        Ok(Response::json(200, &json!({ "access_url": url })))
    }

    /// `POST /files/upload/multipart`: the description is in the headers.
    fn begin_parts(&mut self, ids: &mut Ids, now: Millis, request: &Request) -> Result<Response, Response> {
        self.require_cdn_token(now, request)?;
        check_lifecycle(request)?;
        let (file_name, content_type) = described(request);
        let (file_name, content_type, lifecycle) = (file_name.as_str(), content_type.as_str(), lifecycle(request));
        let id = self.begin(ids, Wanted { file_name, content_type, lifecycle, in_parts: true });
        let url = self.upload(&id).map(|upload| self.url(&upload.path));
        Ok(Response::json(200, &json!({ "access_url": url, "uploadId": id })))
    }

    fn require_cdn_token(&self, now: Millis, request: &Request) -> Result<(), Response> {
        let token = bearer(request).ok_or_else(|| detail(401, "Authorization header is required"))?;
        // Chosen: no observation of a bad CDN token was found.
        if self.cdn_token(now, token) { Ok(()) } else { Err(detail(401, "Invalid or expired CDN token")) }
    }
}

/// The name and the media type of a file that comes with its description in headers.
fn described(request: &Request) -> (String, String) {
    let header = |name, default: &str| request.header(name).unwrap_or(default).to_owned();
    (header("x-fal-file-name", "upload.bin"), header("content-type", "application/octet-stream"))
}
