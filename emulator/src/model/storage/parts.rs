//! The parts of a file, on their way to be put together.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::hex;
use crate::model::errors::detail;
use crate::model::http::Response;

/// The highest part number.
const MAX_PART: u32 = 10_000;

/// The parts received so far.
#[derive(Debug, Default)]
pub struct Parts {
    by_number: BTreeMap<u32, Part>,
    /// Where parts are only hashed: the hash of those that have come without a gap.
    hashed: Option<Hashed>,
}

#[derive(Debug)]
struct Part {
    report: PartReport,
    etag: String,
    /// Its bytes, until they are hashed or for good.
    bytes: Option<Arc<[u8]>>,
}

/// One part, for the control report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartReport {
    /// Its number.
    pub number: u32,
    /// Its size in bytes.
    pub size: usize,
    /// How often it came.
    pub times: u32,
}

#[derive(Debug, Default)]
struct Hashed {
    sha256: Sha256,
    /// The number of the last part in it.
    last: u32,
    /// Whether a part came again with other bytes when it was in it already: then the file's hash is unknown.
    spoilt: bool,
}

/// The result of putting parts together.
pub enum Whole {
    /// Their bytes, in order.
    Bytes(Arc<[u8]>),
    /// The hash of their bytes, where it is known.
    Hash(Option<String>),
}

/// The body that completes an upload in parts.
#[derive(Deserialize)]
struct Completion {
    parts: Vec<Named>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    part_number: u32,
    etag: String,
}

impl Parts {
    /// No parts yet. With `hash_only` their bytes are forgotten as soon as they are hashed.
    pub fn new(hash_only: bool) -> Self {
        Self { by_number: BTreeMap::new(), hashed: hash_only.then(Hashed::default) }
    }

    /// Whether bytes are only hashed.
    pub fn hash_only(&self) -> bool {
        self.hashed.is_some()
    }

    /// How many bytes there are, without those of one part.
    pub fn size_without(&self, number: u32) -> usize {
        self.by_number.iter().filter(|(known, _)| **known != number).map(|(_, part)| part.report.size).sum()
    }

    /// How many bytes of a part there are.
    pub fn size_of(&self, number: u32) -> usize {
        self.by_number.get(&number).map_or(0, |part| part.report.size)
    }

    /// Receives a part and returns its ETag. It may come again until the upload ends.
    ///
    /// # Errors
    /// A 400 for a number that no part has.
    pub fn receive(&mut self, number: u32, body: &[u8]) -> Result<String, Response> {
        check_number(number)?;
        let etag: String = hex(&Sha256::digest(body)).chars().take(32).collect();
        let before = self.by_number.get(&number);
        let times = before.map_or(0, |part| part.report.times) + 1;
        let changed = before.is_some_and(|part| part.etag != etag);
        let in_hash = self.hashed.as_mut().filter(|hashed| number <= hashed.last);
        let bytes = if let Some(hashed) = in_hash {
            hashed.spoilt |= changed;
            None
        } else {
            Some(body.into())
        };
        let report = PartReport { number, size: body.len(), times };
        self.by_number.insert(number, Part { report, etag: etag.clone(), bytes });
        self.hash_on();
        Ok(etag)
    }

    /// Hashes what has come without a gap, and forgets it.
    fn hash_on(&mut self) {
        let Some(hashed) = &mut self.hashed else { return };
        while let Some(bytes) = self.by_number.get_mut(&(hashed.last + 1)).and_then(|part| part.bytes.take()) {
            hashed.sha256.update(&bytes);
            hashed.last += 1;
        }
    }

    /// Puts the parts together, in the order of their numbers, when the body names each of them with its ETag. It may name
    /// them in any order: clients do it in the order in which they came through.
    ///
    /// # Errors
    /// A 400 that says what does not fit. Nothing is lost then.
    pub fn complete(&mut self, body: &[u8]) -> Result<Whole, Response> {
        let completion: Completion = serde_json::from_slice(body)
            .map_err(|_| invalid("the body must be {\"parts\":[{\"partNumber\",\"etag\"}]}"))?;
        let count = completion.parts.len();
        let unquoted = |part: Named| (part.part_number, part.etag.trim_matches('"').to_owned());
        let named: BTreeMap<u32, String> = completion.parts.into_iter().map(unquoted).collect();
        if named.len() != count {
            return Err(invalid("a part is named twice"));
        }
        if named.is_empty() || !named.keys().eq(self.by_number.keys()) {
            return Err(invalid("the parts named are not the parts received"));
        }
        if !named.values().eq(self.by_number.values().map(|part| &part.etag)) {
            return Err(invalid("an etag is not that of the part received"));
        }
        let parts = self.by_number.values_mut();
        Ok(match self.hashed.take() {
            None => Whole::Bytes(parts.filter_map(|part| part.bytes.take()).collect::<Vec<_>>().concat().into()),
            Some(mut hashed) => {
                // Beyond a gap in the numbers.
                parts.filter_map(|part| part.bytes.take()).for_each(|bytes| hashed.sha256.update(&bytes));
                Whole::Hash((!hashed.spoilt).then(|| hex(&hashed.sha256.finalize())))
            }
        })
    }

    /// Every part.
    pub fn report(&self) -> Vec<PartReport> {
        self.by_number.values().map(|part| part.report.clone()).collect()
    }
}

/// Whether a part can have this number.
///
/// # Errors
/// A 400 when none can.
pub fn check_number(number: u32) -> Result<(), Response> {
    if (1..=MAX_PART).contains(&number) { Ok(()) } else { Err(detail(400, "Part numbers go from 1 to 10000.")) }
}

fn invalid(why: &str) -> Response {
    detail(400, &format!("The upload cannot be completed: {why}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete(parts: &mut Parts, named: &[(u32, &str)]) -> Result<Whole, String> {
        let named: Vec<_> =
            named.iter().map(|(number, etag)| serde_json::json!({"partNumber": number, "etag": etag})).collect();
        let body = serde_json::json!({ "parts": named }).to_string();
        parts.complete(body.as_bytes()).map_err(|refusal| refusal.body_json()["detail"].as_str().unwrap().to_owned())
    }

    #[test]
    fn a_lost_part_a_foreign_etag_or_a_part_named_twice_is_noticed_instead_of_stored() {
        let mut parts = Parts::new(false);
        let one = parts.receive(1, b"one").unwrap();
        let two = parts.receive(2, b"two").unwrap();
        for (named, why) in [
            (&[(1, one.as_str())][..], "not the parts received"),
            (&[(1, &one), (2, &two), (3, &two)], "not the parts received"),
            (&[(1, &one), (2, "x")], "not that of the part"),
            (&[(1, &two), (2, &one)], "not that of the part"),
            (&[(1, &one), (2, &two), (2, &two)], "twice"),
        ] {
            assert!(complete(&mut parts, named).err().unwrap().contains(why), "{why}");
        }
        assert!(parts.receive(0, b"").is_err() && parts.receive(10_001, b"").is_err());
        assert!(complete(&mut parts, &[(2, &two), (1, &format!("\"{one}\""))]).is_ok(), "in any order, quoted or not");
    }

    #[test]
    fn a_hash_is_that_of_the_file_however_the_parts_came_and_holds_only_what_came_too_early() {
        let mut parts = Parts::new(true);
        let etags: Vec<(u32, String)> = [(2, "b"), (1, "a"), (1, "a"), (4, "d"), (3, "c")]
            .map(|(number, body)| (number, parts.receive(number, body.as_bytes()).unwrap()))
            .into();
        assert!(parts.by_number.values().all(|part| part.bytes.is_none()));
        assert_eq!(parts.report()[0], PartReport { number: 1, size: 1, times: 2 });
        let named: BTreeMap<u32, String> = etags.into_iter().collect();
        let named: Vec<(u32, &str)> = named.iter().map(|(number, etag)| (*number, etag.as_str())).collect();
        let Ok(Whole::Hash(Some(hash))) = complete(&mut parts, &named) else { panic!("no hash") };
        assert_eq!(hash, hex(&Sha256::digest(b"abcd")));
    }

    #[test]
    fn nobody_is_told_a_hash_that_is_wrong() {
        let mut parts = Parts::new(true);
        parts.receive(1, b"a").unwrap();
        let etag = parts.receive(1, b"other").unwrap();
        assert!(matches!(complete(&mut parts, &[(1, &etag)]), Ok(Whole::Hash(None))));
    }
}
