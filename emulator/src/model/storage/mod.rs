//! Files: uploads, pictures of models, and uploads in progress. Bounded.

mod cdn;
mod initiate;
mod parts;
mod uploads;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, OnceLock};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::deferred::DeferredBody;
use super::errors::detail;
use super::hosts::{CDN_HOST, cdn_path};
use super::http::{Body, Millis, Response};
use super::ids::Ids;
use super::settings::StorageSettings;
use super::tokens::Tokens;
use fal_emulator_painter::{Picture, SourceImage};
pub use uploads::UploadReport;
use uploads::Uploads;

/// The largest file.
pub const MAX_FILE_BYTES: usize = 512 * 1024 * 1024;
/// All files and unfinished parts together. Only a reset frees them.
pub const MAX_TOTAL_BYTES: usize = 1024 * 1024 * 1024;
/// How many uploaded files are kept.
const MAX_FILES: usize = 10_000;
/// How many pictures made by models are kept; the oldest is forgotten beyond that.
const MAX_PICTURES: usize = 10_000;
/// The largest side of a picture that a model accepts as input, in pixels.
const MAX_SOURCE_SIDE: u32 = 4096;

/// The CDN and everything on it.
#[derive(Debug)]
pub struct Storage {
    /// What CDN URLs begin with.
    base: String,
    public_url: String,
    files: BTreeMap<String, File>,
    /// Paths of the models' pictures, oldest first.
    pictures: VecDeque<String>,
    uploads: Uploads,
    /// CDN tokens.
    tokens: Tokens,
    total_bytes: usize,
    /// How files are kept.
    pub settings: StorageSettings,
}

#[derive(Debug)]
struct File {
    content_type: String,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Bytes {
        bytes: Arc<[u8]>,
        sha256: OnceLock<String>,
    },
    Picture(Arc<Picture>),
    /// Counted and hashed; the bytes are not kept.
    Hash {
        size: usize,
        sha256: Option<String>,
    },
}

impl Content {
    fn of(bytes: Arc<[u8]>) -> Self {
        Self::Bytes { bytes, sha256: OnceLock::new() }
    }
}

/// One file, for the control report.
#[derive(Debug, Clone, Serialize)]
pub struct FileReport {
    /// Where it is served.
    pub url: String,
    /// Its media type.
    pub content_type: String,
    /// Its size in bytes; `None` for a picture, which is drawn when it is asked for.
    pub size: Option<usize>,
    /// The SHA-256 of its bytes in hexadecimal; `None` for a picture, and where it is not known.
    pub sha256: Option<String>,
}

/// Why a model cannot use a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    /// There is no such file, or it is on another host.
    NotThere,
    /// It is neither PNG nor JPEG.
    NotAPicture,
    /// A side is longer than this many pixels.
    TooLarge(u32),
}

impl Storage {
    /// An empty store whose URLs begin with `public_url`.
    pub fn new(public_url: &str) -> Self {
        Self {
            base: format!("{public_url}/{CDN_HOST}"),
            public_url: public_url.to_owned(),
            files: BTreeMap::new(),
            pictures: VecDeque::new(),
            uploads: Uploads::default(),
            tokens: Tokens::default(),
            total_bytes: 0,
            settings: StorageSettings::default(),
        }
    }

    /// The public URL of a path on the CDN.
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// A fresh path: `/files/b/{8 hex}/{21 letters}_{name}`.
    fn new_path(ids: &mut Ids, file_name: &str) -> String {
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' }
        };
        let name: String = file_name.chars().take(100).map(plain).collect();
        format!("/files/b/{:08x}/{}_{name}", ids.bits() as u32, ids.name(21))
    }

    /// Puts a picture on the CDN, to be drawn when its URL is requested, and returns that URL.
    pub fn add_picture(&mut self, ids: &mut Ids, order: Arc<Picture>) -> String {
        if self.pictures.len() >= MAX_PICTURES {
            self.pictures.pop_front().and_then(|oldest| self.files.remove(&oldest));
        }
        let path = Self::new_path(ids, &format!("image.{}", order.format.extension()));
        let url = self.url(&path);
        let content_type = order.format.content_type().to_owned();
        self.pictures.push_back(path.clone());
        self.files.insert(path, File { content_type, content: Content::Picture(order) });
        url
    }

    /// Puts a file on the CDN. Its bytes have been counted already.
    fn add_file(&mut self, path: String, content_type: String, content: Content) -> Result<(), Response> {
        if self.files.len() - self.pictures.len() >= MAX_FILES {
            return Err(full("too many files"));
        }
        self.files.insert(path, File { content_type, content });
        Ok(())
    }

    /// What is kept of bytes that came at once.
    fn content(&mut self, bytes: &[u8]) -> Result<Content, Response> {
        if bytes.len() > MAX_FILE_BYTES {
            return Err(too_large());
        }
        if self.settings.hash_only {
            return Ok(Content::Hash { size: bytes.len(), sha256: Some(sha256_hex(bytes)) });
        }
        self.count(bytes.len())?;
        Ok(Content::of(bytes.into()))
    }

    /// Counts bytes that are about to be kept.
    fn count(&mut self, bytes: usize) -> Result<(), Response> {
        let total = self.total_bytes.saturating_add(bytes);
        if total > MAX_TOTAL_BYTES {
            return Err(full("1 GiB is in use"));
        }
        self.total_bytes = total;
        Ok(())
    }

    /// Serves a file.
    fn serve(&self, path: &str) -> Option<Response> {
        let file = self.files.get(path)?;
        let response = match &file.content {
            Content::Bytes { bytes, .. } => Response::bytes(200, &file.content_type, Arc::clone(bytes)),
            Content::Picture(order) => {
                let body = Body::Deferred(Arc::new(DeferredBody::Picture(Arc::clone(order))));
                Response { body, ..Response::empty(200).with_header("content-type", &file.content_type) }
            }
            Content::Hash { .. } => return Some(detail(410, "The emulator was told to keep hashes only.")),
        };
        Some(response.with_header("cache-control", "public, max-age=31536000, immutable"))
    }

    /// The picture behind a URL that a caller gave as model input: a file on this CDN, or a data URI.
    ///
    /// # Errors
    /// Why a model cannot use it.
    pub fn picture_at(&mut self, url: &str) -> Result<SourceImage, Unusable> {
        let bytes = if let Some(data) = url.strip_prefix("data:") {
            let (_, encoded) = data.split_once(";base64,").ok_or(Unusable::NotThere)?;
            let bytes = BASE64_STANDARD.decode(encoded).map_err(|_| Unusable::NotThere)?;
            self.count(bytes.len()).map_err(|_| Unusable::NotThere)?;
            bytes.into()
        } else {
            let file = cdn_path(url, &self.public_url).and_then(|path| self.files.get(path));
            match &file.ok_or(Unusable::NotThere)?.content {
                Content::Bytes { bytes, .. } => Arc::clone(bytes),
                Content::Picture(order) => return Ok(SourceImage::from_picture(Arc::clone(order))),
                Content::Hash { .. } => return Err(Unusable::NotThere),
            }
        };
        let source = SourceImage::from_file(bytes).ok_or(Unusable::NotAPicture)?;
        let (width, height) = source.dimensions();
        if width.max(height) > MAX_SOURCE_SIDE { Err(Unusable::TooLarge(MAX_SOURCE_SIDE)) } else { Ok(source) }
    }

    /// Whether this is a CDN token that still lasts.
    pub fn cdn_token(&self, now: Millis, token: &str) -> bool {
        self.tokens.get(now, token).is_some()
    }

    /// Every file.
    pub fn report(&self) -> Vec<FileReport> {
        let report = |(path, file): (&String, &File)| {
            let (size, sha256) = match &file.content {
                Content::Bytes { bytes, sha256 } => {
                    (Some(bytes.len()), Some(sha256.get_or_init(|| sha256_hex(bytes)).clone()))
                }
                Content::Picture(_) => (None, None),
                Content::Hash { size, sha256 } => (Some(*size), sha256.clone()),
            };
            FileReport { url: self.url(path), content_type: file.content_type.clone(), size, sha256 }
        };
        self.files.iter().map(report).collect()
    }

    /// How many files there are.
    pub fn count_files(&self) -> usize {
        self.files.len()
    }
}

/// SHA-256 in hexadecimal.
fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The answer when there is no room: 507, with what to do about it.
fn full(why: &str) -> Response {
    detail(507, &format!("The emulator's storage is full: {why}. A reset through /__control empties it."))
}

/// The answer to a file that is too large.
fn too_large() -> Response {
    detail(413, &format!("The file is larger than the emulator takes ({} MiB).", MAX_FILE_BYTES / (1024 * 1024)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_uri_or_a_link_elsewhere_is_never_fetched() {
        let mut store = Storage::new("http://127.0.0.1:1");
        assert_eq!(store.picture_at("https://example.com/cat.png").unwrap_err(), Unusable::NotThere);
        assert_eq!(store.picture_at("http://127.0.0.1:1/v3.fal.media/files/none.png").unwrap_err(), Unusable::NotThere);
        assert_eq!(store.picture_at("data:image/png;base64,aGVsbG8=").unwrap_err(), Unusable::NotAPicture);
        assert_eq!(store.picture_at("data:image/png,plain").unwrap_err(), Unusable::NotThere);
    }

    #[test]
    fn the_store_says_when_it_is_full_instead_of_eating_the_machine() {
        let mut store = Storage::new("");
        assert!(store.count(MAX_TOTAL_BYTES).is_ok());
        let refused = store.count(1).unwrap_err();
        assert_eq!(refused.status, 507);
        assert!(refused.body_json()["detail"].as_str().unwrap().contains("reset"));
    }

    #[test]
    fn a_file_name_cannot_change_the_url_it_is_part_of() {
        let path = Storage::new_path(&mut Ids::new(1), "../a b?#%2f.png");
        assert!(path.ends_with("_.._a_b___2f.png"), "{path}");
        assert_eq!(path.matches('/').count(), 4);
    }
}
