//! Uploads under way: whole files and parts.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::{MAX_FILE_BYTES, Store, sha256_hex, too_large};
use crate::model::errors::detail;
use crate::model::http::Response;
use crate::model::ids::Ids;

/// How many uploads may be under way; the oldest is forgotten beyond that.
const MAX_UPLOADS: usize = 10_000;
/// The highest part number.
const MAX_PART: u32 = 10_000;

/// Uploads by id. Ids are random, so `first` is no oldest: age is the counter in the value.
#[derive(Debug, Default)]
pub struct Uploads {
    by_id: BTreeMap<String, Upload>,
    begun: u64,
}

/// One upload under way.
#[derive(Debug)]
pub struct Upload {
    /// Where the file will be.
    pub path: String,
    /// Its media type.
    pub content_type: String,
    /// What a presigned URL must carry.
    pub signature: String,
    /// The parts received so far; `None` for a file that comes whole.
    parts: Option<BTreeMap<u32, Part>>,
    age: u64,
}

#[derive(Debug)]
struct Part {
    etag: String,
    bytes: Arc<[u8]>,
}

/// The body that completes an upload in parts.
#[derive(Deserialize)]
pub struct Completion {
    parts: Vec<Named>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    part_number: u32,
    etag: String,
}

impl Store {
    /// Begins an upload and returns its id.
    pub(super) fn begin(&mut self, ids: &mut Ids, file_name: &str, content_type: &str, in_parts: bool) -> String {
        let uploads = &mut self.uploads;
        if uploads.by_id.len() >= MAX_UPLOADS {
            let oldest = uploads.by_id.iter().min_by_key(|(_, upload)| upload.age).map(|(id, _)| id.clone());
            oldest.and_then(|id| uploads.by_id.remove(&id));
        }
        uploads.begun += 1;
        let id = ids.secret();
        let upload = Upload {
            path: Self::new_path(ids, file_name),
            content_type: content_type.to_owned(),
            signature: ids.secret(),
            parts: in_parts.then(BTreeMap::new),
            age: uploads.begun,
        };
        uploads.by_id.insert(id.clone(), upload);
        id
    }

    /// The upload with this id.
    pub(super) fn upload(&self, id: &str) -> Option<&Upload> {
        self.uploads.by_id.get(id)
    }

    /// Receives a whole file. It ends the upload: the URL works once.
    pub(super) fn receive_whole(&mut self, id: &str, body: &[u8]) -> Result<(), Response> {
        if self.upload(id).is_none_or(|upload| upload.parts.is_some()) {
            return Err(no_such_upload());
        }
        self.check_size(body.len())?;
        let upload = self.uploads.by_id.remove(id).ok_or_else(no_such_upload)?;
        self.add_file(upload.path, upload.content_type, body.into())
    }

    /// Receives a part and returns its ETag, in quotes as HTTP wants it. A part may be sent again until the upload ends.
    pub(super) fn receive_part(&mut self, id: &str, number: u32, body: &[u8]) -> Result<String, Response> {
        if number == 0 || number > MAX_PART {
            return Err(detail(400, "Part numbers go from 1 to 10000."));
        }
        let parts = self.upload(id).and_then(|upload| upload.parts.as_ref()).ok_or_else(no_such_upload)?;
        let others: usize = parts.iter().filter(|(known, _)| **known != number).map(|(_, part)| part.bytes.len()).sum();
        let replaced = parts.get(&number).map_or(0, |part| part.bytes.len());
        if others.saturating_add(body.len()) > MAX_FILE_BYTES {
            return Err(too_large());
        }
        self.total_bytes -= replaced;
        self.count(body.len())?;
        let etag = sha256_hex(body).chars().take(32).collect::<String>();
        let part = Part { etag: etag.clone(), bytes: body.into() };
        if let Some(parts) = self.uploads.by_id.get_mut(id).and_then(|upload| upload.parts.as_mut()) {
            parts.insert(number, part);
        }
        Ok(format!("\"{etag}\""))
    }

    /// Puts the parts together in the order of their numbers and ends the upload.
    pub(super) fn complete(&mut self, id: &str, body: &[u8]) -> Result<(), Response> {
        let parts = self.upload(id).and_then(|upload| upload.parts.as_ref()).ok_or_else(no_such_upload)?;
        let invalid = |why: &str| detail(400, &format!("The upload cannot be completed: {why}."));
        let completion: Completion = serde_json::from_slice(body)
            .map_err(|_| invalid("the body must be {\"parts\":[{\"partNumber\",\"etag\"}]}"))?;
        let mut named: BTreeMap<u32, String> = BTreeMap::new();
        for part in completion.parts {
            named.insert(part.part_number, part.etag.trim_matches('"').to_owned());
        }
        if named.is_empty() || !named.keys().eq(parts.keys()) {
            return Err(invalid("the parts named are not the parts received"));
        }
        if !named.values().eq(parts.values().map(|part| &part.etag)) {
            return Err(invalid("an etag is not that of the part received"));
        }
        let bytes = parts.values().map(|part| &*part.bytes).collect::<Vec<&[u8]>>().concat();
        let upload = self.uploads.by_id.remove(id).ok_or_else(no_such_upload)?;
        self.add_file(upload.path, upload.content_type, bytes.into())
    }

    /// Checks and counts the bytes of a whole file.
    pub(super) fn check_size(&mut self, bytes: usize) -> Result<(), Response> {
        if bytes > MAX_FILE_BYTES {
            return Err(too_large());
        }
        self.count(bytes)
    }
}

/// The answer to an upload that does not exist, or has ended.
pub(super) fn no_such_upload() -> Response {
    detail(404, "There is no such upload, or it has ended.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_together_in_the_order_of_their_numbers_however_they_were_sent() {
        let (mut store, mut ids) = (Store::new(""), Ids::new(1));
        let id = store.begin(&mut ids, "a.bin", "application/octet-stream", true);
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
    fn a_lost_part_or_a_foreign_etag_is_noticed_instead_of_stored() {
        let (mut store, mut ids) = (Store::new(""), Ids::new(1));
        let id = store.begin(&mut ids, "a.bin", "application/octet-stream", true);
        let one = store.receive_part(&id, 1, b"one").unwrap();
        store.receive_part(&id, 2, b"two").unwrap();
        let only_one = format!(r#"{{"parts":[{{"partNumber":1,"etag":{one:?}}}]}}"#);
        assert_eq!(store.complete(&id, only_one.as_bytes()).unwrap_err().status, 400);
        let foreign = format!(r#"{{"parts":[{{"partNumber":1,"etag":{one:?}}},{{"partNumber":2,"etag":"x"}}]}}"#);
        assert_eq!(store.complete(&id, foreign.as_bytes()).unwrap_err().status, 400);
        assert_eq!(store.receive_part(&id, 0, b"").unwrap_err().status, 400);
        assert_eq!(store.receive_whole(&id, b"").unwrap_err().status, 404);
    }

    #[test]
    fn an_upload_url_works_once_so_a_leaked_one_cannot_replace_a_file() {
        let (mut store, mut ids) = (Store::new(""), Ids::new(1));
        let id = store.begin(&mut ids, "a.txt", "text/plain", false);
        assert!(store.receive_whole(&id, b"first").is_ok());
        assert_eq!(store.receive_whole(&id, b"second").unwrap_err().status, 404);
    }
}
