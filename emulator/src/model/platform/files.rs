//! Files of serverless apps: put there, listed and fetched.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::Platform;
use super::call::{ApiError, Call};
use crate::model::http::Response;
use crate::model::time::timestamp;

/// Files by account and path.
pub type Files = BTreeMap<(String, String), Arc<[u8]>>;

impl Platform {
    /// Takes the file of a form.
    pub(super) fn put_file(&mut self, call: &Call) -> Result<Response, ApiError> {
        let content = file_in(call.request.header("content-type").unwrap_or_default(), &call.request.body);
        let content = content.ok_or_else(|| ApiError::invalid("file_upload: Required"))?;
        self.files.insert((call.account.clone(), call.text("target_path").to_owned()), content.into());
        Ok(call.answer(&true.into()))
    }

    /// Takes a file from elsewhere. Nothing is fetched: the file is the name of the place.
    pub(super) fn fetch_file(&mut self, call: &Call) -> Response {
        let content = call.said("url").as_str().unwrap_or_default().as_bytes();
        self.files.insert((call.account.clone(), call.text("file").to_owned()), content.into());
        call.answer(&true.into())
    }

    /// Gives a file.
    pub(super) fn get_file(&self, call: &Call) -> Result<Response, ApiError> {
        let content = self.files.get(&(call.account.clone(), call.text("file").to_owned()));
        let content = content.ok_or_else(|| ApiError::not_found("File"))?;
        Ok(Response::bytes(call.operation.status, "application/octet-stream", Arc::clone(content)))
    }

    /// Lists the files below a directory.
    pub(super) fn list_files(&self, call: &Call) -> Response {
        let below = |path: &str| path.strip_prefix(call.text("dir")).is_some();
        let own = self.files.iter().filter(|((account, path), _)| *account == call.account && below(path));
        let row = |((_, path), content): (&(String, String), &Arc<[u8]>)| {
            json!({
                "path": path,
                "name": path.rsplit('/').next(),
                "created_time": timestamp(call.now),
                "updated_time": timestamp(call.now),
                "is_file": true,
                "size": content.len(),
            })
        };
        call.answer(&own.map(row).collect::<Vec<Value>>().into())
    }
}

/// The bytes of the part called `file_upload`.
fn file_in<'a>(content_type: &str, body: &'a [u8]) -> Option<&'a [u8]> {
    let (_, boundary) = content_type.split_once("boundary=")?;
    let mark = format!("--{}", boundary.trim_matches('"'));
    let find = |bytes: &[u8], wanted: &[u8]| bytes.windows(wanted.len()).position(|window| window == wanted);
    let mut rest = body;
    loop {
        let start = find(rest, mark.as_bytes())? + mark.len();
        rest = rest.get(start..)?;
        let end = find(rest, mark.as_bytes())?;
        let part = rest.get(..end)?;
        let head = find(part, b"\r\n\r\n")?;
        if find(part.get(..head)?, b"name=\"file_upload\"").is_some() {
            // The line break before the next mark belongs to the mark.
            return part.get(head + 4..part.len().checked_sub(2)?);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_a_form_is_its_own_bytes_and_no_more() {
        let body =
            b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x\r\nContent-Disposition: form-data; \
            name=\"file_upload\"; filename=\"b\"\r\nContent-Type: text/plain\r\n\r\nline\r\n\r\n--x--\r\n";
        assert_eq!(file_in("multipart/form-data; boundary=x", body), Some(b"line\r\n".as_slice()));
        assert_eq!(file_in("multipart/form-data; boundary=y", body), None);
    }
}
