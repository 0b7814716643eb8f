//! Uploads: files that come whole or in parts, each to a URL of its own.

use std::collections::BTreeMap;

use serde::Serialize;

use super::parts::{PartReport, Parts, Whole, check_number};
use super::{Content, MAX_FILE_BYTES, Storage, too_large};
use crate::model::errors::detail;
use crate::model::hosts::{Service, Target};
use crate::model::http::{Request, Response};
use crate::model::ids::Ids;

/// How many uploads are remembered; the oldest is forgotten beyond that.
const MAX_UPLOADS: usize = 10_000;

/// Uploads by id. Ids are random, so the first is not the oldest: `age` tells.
#[derive(Debug, Default)]
pub struct Uploads {
    by_id: BTreeMap<String, Upload>,
    begun: u64,
}

/// One upload, also after its end.
#[derive(Debug)]
pub struct Upload {
    /// Where the file will be.
    pub path: String,
    /// Its media type.
    pub content_type: String,
    /// What a presigned URL must carry.
    pub signature: String,
    /// The lifecycle headers it began with.
    lifecycle: Vec<(String, String)>,
    /// `None` for a file that comes whole.
    parts: Option<Parts>,
    ended: bool,
    /// How many requests bring something at this moment, and how many did at most.
    at_once: (u32, u32),
    /// Whether one of them came with an `Authorization` header.
    authorization: bool,
    age: u64,
}

/// One upload, for the control report.
#[derive(Debug, Clone, Serialize)]
pub struct UploadReport {
    /// Where the file is, or will be.
    pub file_url: String,
    /// The lifecycle headers it began with.
    pub lifecycle: BTreeMap<String, String>,
    /// Its parts, by number; `None` for a file that comes whole.
    pub parts: Option<Vec<PartReport>>,
    /// How many requests brought something at the same time, at most. Known only when the server
    /// reports its requests: see `Fal::request_started`.
    pub most_at_once: u32,
    /// Whether a request to its URL came with an `Authorization` header.
    pub authorization: bool,
    /// Whether it has ended with a file.
    pub completed: bool,
}

/// An upload to begin.
pub struct Wanted<'a> {
    /// The name of the file.
    pub file_name: &'a str,
    /// Its media type.
    pub content_type: &'a str,
    /// The lifecycle headers.
    pub lifecycle: Vec<(String, String)>,
    /// Whether it comes in parts.
    pub in_parts: bool,
}

impl Storage {
    /// Begins an upload and returns its id.
    pub(super) fn begin(&mut self, ids: &mut Ids, wanted: Wanted) -> String {
        let uploads = &mut self.uploads;
        if uploads.by_id.len() >= MAX_UPLOADS {
            let oldest = uploads.by_id.iter().min_by_key(|(_, upload)| upload.age).map(|(id, _)| id.clone());
            oldest.and_then(|id| uploads.by_id.remove(&id));
        }
        uploads.begun += 1;
        let id = ids.secret();
        let upload = Upload {
            path: Self::new_path(ids, wanted.file_name),
            content_type: wanted.content_type.to_owned(),
            signature: ids.secret(),
            lifecycle: wanted.lifecycle,
            parts: wanted.in_parts.then(|| Parts::new(self.settings.hash_only)),
            ended: false,
            at_once: (0, 0),
            authorization: false,
            age: uploads.begun,
        };
        uploads.by_id.insert(id.clone(), upload);
        id
    }

    /// The upload with this id, while it is under way.
    pub(super) fn upload(&self, id: &str) -> Option<&Upload> {
        self.uploads.by_id.get(id).filter(|upload| !upload.ended)
    }

    fn parts(&mut self, id: &str) -> Result<&mut Parts, Response> {
        let upload = self.uploads.by_id.get_mut(id).filter(|upload| !upload.ended);
        upload.and_then(|upload| upload.parts.as_mut()).ok_or_else(no_such_upload)
    }

    /// Receives a whole file. It ends the upload: the URL works once.
    pub(super) fn receive_whole(&mut self, id: &str, body: &[u8]) -> Result<(), Response> {
        if self.upload(id).is_none_or(|upload| upload.parts.is_some()) {
            return Err(no_such_upload());
        }
        let content = self.content(body)?;
        self.end(id, content)
    }

    /// Receives a part and returns its ETag, in quotes as HTTP wants it.
    pub(super) fn receive_part(&mut self, id: &str, number: u32, body: &[u8]) -> Result<String, Response> {
        check_number(number)?;
        let parts = self.parts(id)?;
        let (others, replaced) = (parts.size_without(number), parts.size_of(number));
        if !parts.hash_only() {
            if others.saturating_add(body.len()) > MAX_FILE_BYTES {
                return Err(too_large());
            }
            self.count(body.len())?;
            self.total_bytes -= replaced;
        }
        let etag = self.parts(id)?.receive(number, body)?;
        Ok(format!("\"{etag}\""))
    }

    /// Puts the parts together in the order of their numbers and ends the upload.
    pub(super) fn complete(&mut self, id: &str, body: &[u8]) -> Result<(), Response> {
        let parts = self.parts(id)?;
        let size = parts.size_without(0);
        let content = match parts.complete(body)? {
            Whole::Bytes(bytes) => Content::of(bytes),
            Whole::Hash(sha256) => Content::Hash { size, sha256 },
        };
        self.end(id, content)
    }

    fn end(&mut self, id: &str, content: Content) -> Result<(), Response> {
        let upload = self.uploads.by_id.get_mut(id).ok_or_else(no_such_upload)?;
        upload.ended = true;
        let (path, content_type) = (upload.path.clone(), upload.content_type.clone());
        self.add_file(path, content_type, content)
    }

    /// A request for one of the uploads comes in, or has been answered.
    pub(in crate::model) fn count_request(&mut self, request: &Request, begins: bool) {
        let Some(upload) = upload_of(request).and_then(|id| self.uploads.by_id.get_mut(id)) else { return };
        let (now, most) = upload.at_once;
        let now = if begins { now + 1 } else { now.saturating_sub(1) };
        upload.at_once = (now, most.max(now));
        upload.authorization |= request.header("authorization").is_some();
    }

    /// Every upload that is remembered, oldest first.
    pub fn report_uploads(&self) -> Vec<UploadReport> {
        let mut uploads: Vec<&Upload> = self.uploads.by_id.values().collect();
        uploads.sort_by_key(|upload| upload.age);
        let report = |upload: &Upload| UploadReport {
            file_url: self.url(&upload.path),
            lifecycle: upload.lifecycle.iter().cloned().collect(),
            parts: upload.parts.as_ref().map(Parts::report),
            most_at_once: upload.at_once.1,
            authorization: upload.authorization,
            completed: upload.ended,
        };
        uploads.into_iter().map(report).collect()
    }
}

/// The upload that a request brings something for.
fn upload_of(request: &Request) -> Option<&str> {
    let place = Target::of(request).filter(|place| place.service == Service::Cdn && request.method == "PUT")?;
    let rest =
        place.path.strip_prefix("/presigned/").or_else(|| place.path.split_once("/multipart/").map(|(_, id)| id))?;
    rest.split('/').next()
}

/// The answer to an upload that does not exist, or has ended.
pub(super) fn no_such_upload() -> Response {
    detail(404, "There is no such upload, or it has ended.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(store: &mut Storage, in_parts: bool) -> String {
        let wanted = Wanted { file_name: "a.bin", content_type: "text/plain", lifecycle: Vec::new(), in_parts };
        store.begin(&mut Ids::new(1), wanted)
    }

    #[test]
    fn parts_come_together_in_the_order_of_their_numbers_however_they_were_sent() {
        let mut store = Storage::new("");
        let id = begin(&mut store, true);
        let path = store.upload(&id).unwrap().path.clone();
        let two = store.receive_part(&id, 2, b"world").unwrap();
        store.receive_part(&id, 1, b"wrong").unwrap();
        let one = store.receive_part(&id, 1, b"hello ").unwrap();
        let body = format!(r#"{{"parts":[{{"partNumber":2,"etag":{two:?}}},{{"partNumber":1,"etag":{one:?}}}]}}"#);
        store.complete(&id, body.as_bytes()).unwrap();
        assert_eq!(&*store.serve(&path).unwrap().body_bytes(), b"hello world");
        assert_eq!(store.total_bytes, 11, "a part that was sent again counts once");
        assert_eq!(store.complete(&id, body.as_bytes()).unwrap_err().status, 404);
    }

    #[test]
    fn an_upload_url_works_once_so_a_leaked_one_cannot_replace_a_file() {
        let mut store = Storage::new("");
        let id = begin(&mut store, false);
        assert_eq!(store.receive_part(&id, 1, b"").unwrap_err().status, 404);
        assert!(store.receive_whole(&id, b"first").is_ok());
        assert_eq!(store.receive_whole(&id, b"second").unwrap_err().status, 404);
        let id = begin(&mut store, true);
        assert_eq!(store.receive_whole(&id, b"").unwrap_err().status, 404);
    }
}
