//! Files on their way to fal's storage.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use fal_wasm::client::FailureKind;
use serde::{Serialize, Serializer};

use crate::error::FalError;
use crate::input_files::{self, Fill};
use crate::marker::BoxFuture;
use crate::net::Trouble;

/// A file that is uploaded, by itself ([`FalClient::upload`](crate::FalClient::upload)) or as a part of an input: the URL
/// of the uploaded file takes its place there. A copy is the same file, and is uploaded once. It is no part of a
/// `serde_json::Value` (`json!`), which is written before there is a call: there it is an error.
///
/// ```
/// # use fal_wasm_client::File;
/// #[derive(serde::Serialize)]
/// struct Input {
///     prompt: String,
///     image_url: File,
/// }
///
/// let picture = File::new(b"...".to_vec(), "image/png", "cat.png")?;
/// let input = Input { prompt: "the same cat, in the rain".into(), image_url: picture };
/// # Ok::<(), fal_wasm_client::FalError>(())
/// ```
#[derive(Clone)]
pub struct File(Arc<Inner>);

struct Inner {
    content: Content,
    content_type: String,
    name: String,
}

enum Content {
    Memory(Bytes),
    #[cfg(all(feature = "reqwest", not(target_arch = "wasm32")))]
    Disk {
        path: std::path::PathBuf,
        size: u64,
    },
}

impl File {
    /// Bytes in memory, with a media type (`image/png`) and a name. Control characters in the name become `_`.
    ///
    /// # Errors
    /// `invalid_option`, for a media type that is none.
    pub fn new(bytes: impl Into<Bytes>, content_type: &str, name: &str) -> Result<Self, FalError> {
        Self::of(Content::Memory(bytes.into()), content_type, name)
    }

    /// A file on disk. It is read part by part while it is uploaded, so it may be larger than the memory; its name is
    /// that of the path.
    ///
    /// # Errors
    /// `file_unreadable`, and `invalid_option` for a media type that is none.
    #[cfg(all(feature = "reqwest", not(target_arch = "wasm32")))]
    pub async fn open(path: impl Into<std::path::PathBuf>, content_type: &str) -> Result<Self, FalError> {
        let path = path.into();
        let metadata = tokio::fs::metadata(&path).await.map_err(|error| unreadable_error(&error))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if !metadata.is_file() {
            let said = "The file could not be read: it is not a file. Nothing was sent.";
            return Err(FalError::saying(FailureKind::FileUnreadable, said.into()));
        }
        Self::of(Content::Disk { path, size: metadata.len() }, content_type, &name)
    }

    fn of(content: Content, content_type: &str, name: &str) -> Result<Self, FalError> {
        if !is_media_type(content_type) {
            return Err(FalError::option("content_type", "takes a media type, such as image/png."));
        }
        let name: String = name.chars().map(|character| if character.is_control() { '_' } else { character }).collect();
        let name = if name.is_empty() { "file".into() } else { name };
        Ok(Self(Arc::new(Inner { content, content_type: content_type.into(), name })))
    }

    /// How many bytes it has.
    pub fn size(&self) -> u64 {
        match &self.0.content {
            Content::Memory(bytes) => bytes.len() as u64,
            #[cfg(all(feature = "reqwest", not(target_arch = "wasm32")))]
            Content::Disk { size, .. } => *size,
        }
    }

    pub(crate) fn content_type(&self) -> &str {
        &self.0.content_type
    }

    pub(crate) fn name(&self) -> &str {
        &self.0.name
    }

    /// Some of its bytes; the same ones however often they are asked for.
    pub(crate) fn read(&self, range: Range<u64>) -> BoxFuture<'static, Result<Bytes, Trouble>> {
        let file = self.clone();
        Box::pin(async move {
            match &file.0.content {
                Content::Memory(bytes) => {
                    let range = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
                    let fits = range.filter(|(start, end)| start <= end && *end <= bytes.len());
                    fits.map(|(start, end)| bytes.slice(start..end)).ok_or(FailureKind::FileUnreadable.into())
                }
                #[cfg(all(feature = "reqwest", not(target_arch = "wasm32")))]
                Content::Disk { path, .. } => read_disk(path, range)
                    .await
                    .map_err(|error| Trouble { kind: FailureKind::FileUnreadable, source: Some(error.into()) }),
            }
        })
    }

    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

#[cfg(all(feature = "reqwest", not(target_arch = "wasm32")))]
async fn read_disk(path: &std::path::Path, range: Range<u64>) -> std::io::Result<Bytes> {
    use tokio::io::{AsyncReadExt, AsyncSeekExt};

    let mut file = tokio::fs::File::open(path).await?;
    file.seek(std::io::SeekFrom::Start(range.start)).await?;
    let mut bytes = vec![0; range.end.saturating_sub(range.start) as usize];
    file.read_exact(&mut bytes).await?;
    Ok(bytes.into())
}

#[cfg(all(feature = "reqwest", not(target_arch = "wasm32")))]
fn unreadable_error(error: &std::io::Error) -> FalError {
    let said = ["The file could not be read: ", &error.kind().to_string(), ". Nothing was sent."];
    FalError::saying(FailureKind::FileUnreadable, said.concat())
}

/// A media type, as a header can carry it.
fn is_media_type(text: &str) -> bool {
    let is_token = |text: &str| {
        let is_one = |byte: u8| byte.is_ascii_alphanumeric() || b"_!#$&^.+-".contains(&byte);
        !text.is_empty() && text.bytes().all(is_one)
    };
    let essence = text.split(';').next().unwrap_or_default();
    let parameters = text.get(essence.len()..).unwrap_or_default();
    let is_essence = essence.split_once('/').is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype));
    is_essence && parameters.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// Neither its bytes nor its name.
impl fmt::Debug for File {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("File").field("size", &self.size()).finish_non_exhaustive()
    }
}

thread_local! {
    /// Files of the input that is being written.
    static FILES: RefCell<Option<Collected>> = const { RefCell::new(None) };
}

/// Files of an input, by the texts that stand for them.
pub(crate) struct Collected {
    /// What such a text begins with: nothing that an input would hold by chance.
    mark: String,
    pub files: Vec<File>,
    /// What uploads them, when there is one.
    pub fill: Option<Fill>,
}

impl Collected {
    /// The text that stands for a file, as JSON.
    pub fn place(&self, index: usize) -> String {
        ["\"", &self.mark, &index.to_string(), ".\""].concat()
    }
}

/// Writes an input, and collects the files in it.
pub(crate) fn collecting<T>(seed: u64, write: impl FnOnce() -> T) -> (T, Collected) {
    let mark = ["fal-file-", &seed.to_string(), "-"].concat();
    let before = FILES.replace(Some(Collected { mark: mark.clone(), files: Vec::new(), fill: None }));
    let written = write();
    let collected = FILES.replace(before).unwrap_or(Collected { mark, files: Vec::new(), fill: None });
    (written, collected)
}

/// What an input that has a file in it is written with outside of a call.
pub(crate) const OUTSIDE: &str = "a file can only be written as a part of an input";

impl Serialize for File {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let place = FILES.with_borrow_mut(|collected| {
            let Collected { mark, files, fill } = collected.as_mut()?;
            *fill = Some(input_files::fill);
            let index = files.iter().position(|file| file.is(self)).unwrap_or_else(|| {
                files.push(self.clone());
                files.len() - 1
            });
            Some([mark.as_str(), &index.to_string(), "."].concat())
        });
        match place {
            Some(place) => serializer.serialize_str(&place),
            None => Err(serde::ser::Error::custom(OUTSIDE)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_is_one_that_a_header_can_carry() {
        for good in ["image/png", "text/plain; charset=utf-8", "application/vnd.x+json"] {
            assert!(File::new(vec![1], good, "a").is_ok(), "{good}");
        }
        for bad in ["", "png", "image/", "image/p ng", "image/png\r\nx: y", "image/png;é"] {
            assert!(File::new(vec![1], bad, "a").is_err(), "{bad}");
        }
    }

    #[test]
    fn a_file_is_written_only_as_a_part_of_an_input() {
        let file = File::new(vec![1, 2], "image/png", "a.png").unwrap();
        assert!(crate::json::encode(&file).is_err());
        let (text, collected) = collecting(7, || crate::json::encode(&[file.clone(), file.clone()]).unwrap());
        assert_eq!((collected.files.len(), text), (1, format!("[{0},{0}]", collected.place(0))));
        assert_eq!(format!("{file:?}"), "File { size: 2, .. }");
    }
}
