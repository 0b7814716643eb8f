//! The WHATWG's own examples of URLs, as the crate `url` ships them, and what our small parsers make of them.
//!
//! A browser, or fal, reads a URL by the standard. Whatever one of our types accepts has to mean there what it means
//! here; what it refuses is judged elsewhere.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use std::collections::BTreeSet;
use std::process::Command;

use fal_wasm::credentials::ProxyUrl;
use fal_wasm::protocol::{Address, EndpointId, Fields, Method, Route, Submitted, UploadPlace, UploadUrl};
use serde_json::Value;
use url::Url;

const METHODS: [Method; 3] = [Method::Get, Method::Post, Method::Put];

/// Every example of the standard's tests, and the bases they are relative to.
fn examples() -> BTreeSet<String> {
    let cargo = Command::new(std::env::var_os("CARGO").unwrap()).args(["metadata", "--format-version=1"]).output();
    let metadata: Value = serde_json::from_slice(&cargo.unwrap().stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "url").unwrap();
    let manifest = std::path::Path::new(package["manifest_path"].as_str().unwrap());
    let data = std::fs::read(manifest.with_file_name("tests/urltestdata.json")).unwrap();
    let tests: Vec<Value> = serde_json::from_slice(&data).unwrap();
    tests.iter().flat_map(|test| [test["input"].as_str(), test["base"].as_str()]).flatten().map(String::from).collect()
}

/// The examples, and the same tricks around fal's hosts, an endpoint and a request: none of the examples is about fal.
fn texts() -> BTreeSet<String> {
    let examples = examples();
    assert!(examples.len() > 500, "{}", examples.len());
    let mut texts = examples.clone();
    let page = Url::parse("https://app.example/deep/page").unwrap();
    for example in &examples {
        for start in [
            "https://fal.run",
            "https://fal.run/",
            "https://fal.run/fal-ai/flux/",
            "https://queue.fal.run/fal-ai/",
            "https://queue.fal.run/fal-ai/flux/requests/r-1",
            "https://queue.fal.run/fal-ai/flux/requests/",
            "https://rest.fal.ai/storage/upload/initiate",
            "https://storage.example/u/7",
            "https://",
            "http://",
        ] {
            texts.insert(format!("{start}{example}"));
        }
        texts.insert(format!("{example}/fal-ai/flux"));
        texts.insert(format!("{example}https://fal.run/fal-ai/flux"));
        let host = page.join(example).ok().and_then(|url| url.host_str().map(String::from)).unwrap_or_default();
        if !host.is_empty() && example.contains(&host) {
            for new in ["fal.run", "queue.fal.run", "rest.fal.ai", "localhost", "127.0.0.1"] {
                let moved = example.replacen(&host, new, 1);
                texts.insert(moved.replacen("http:", "https:", 1));
                texts.insert(moved);
            }
        }
    }
    texts
}

/// What was accepted and refused: a test that accepts nothing, or everything, proves nothing.
#[derive(Default)]
struct Count(u32, u32);

impl Count {
    fn note<T>(&mut self, taken: Option<T>) -> Option<T> {
        if taken.is_some() {
            self.0 += 1
        } else {
            self.1 += 1
        }
        taken
    }

    fn prove(&self, least: u32) {
        assert!(self.0 >= least && self.1 > 1_000, "{} accepted, {} refused", self.0, self.1);
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => matches!(name, "localhost" | "localhost."),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// fal's own domains.
const FALS: [&str; 4] = ["fal.run", "fal.ai", "fal.media", "falrun.com"];

fn is_fals(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_suffix('.').unwrap_or(host);
    FALS.iter().any(|own| host.strip_suffix(own).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

/// A key goes where a route says. Were there one spelling that a runtime reads as another host, it could be sent there.
#[test]
fn a_route_is_the_same_place_to_everybody() {
    let mut count = Count::default();
    for text in texts() {
        let Some(route) = count.note(METHODS.iter().find_map(|method| Route::parse(*method, &text).ok())) else {
            continue;
        };
        let url = Url::parse(&text).unwrap_or_else(|error| panic!("{text:?} is {route:?}, and {error}"));
        assert!(text.starts_with(route.host().origin()), "{text:?}");
        assert_eq!(url.as_str(), text, "it has a second spelling");
        assert_eq!(url.origin(), Url::parse(route.host().origin()).unwrap().origin(), "{text:?}");
        assert!(is_fals(&url) && url.scheme() == "https" && url.port().is_none(), "{text:?}");
        assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none(), "{text:?}");
        let built = Url::parse(&route.url()).unwrap();
        assert_eq!((built.scheme(), built.host(), built.port()), (url.scheme(), url.host(), None), "{text:?}");
        let is_legacy = url.path().contains('-') && url.path_segments().unwrap().count() == 1;
        assert!(built.path() == url.path() || is_legacy, "{text:?} became {built}");
    }
    count.prove(40);
}

/// An id is put into a URL as it is. Were it to move anything around it, another model would run.
#[test]
fn an_endpoint_stays_where_it_is_put() {
    let mut count = Count::default();
    for text in texts() {
        let cuts = text.match_indices('/').map(|(at, _)| &text[at + 1..]);
        for part in cuts.chain([text.as_str()]) {
            let Some(endpoint) = count.note(EndpointId::parse(part).ok()) else { continue };
            let (id, app) = (endpoint.as_str(), endpoint.app());
            assert!(id == part || id.replacen('/', "-", 1) == part, "{part:?} became {id:?}");
            for url in [format!("https://fal.run/{id}"), format!("https://queue.fal.run/{id}?fal_webhook=x")] {
                let url = Url::parse(&url).unwrap();
                assert_eq!(url.path().strip_prefix('/'), Some(id), "{url}");
            }
            let request = format!("https://queue.fal.run/{}/requests/r-1", app.as_str());
            assert_eq!(Url::parse(&request).unwrap().as_str(), request);
            assert!(id.starts_with(app.as_str()), "{id:?}");
        }
    }
    count.prove(100);
}

/// Whether somebody may be sent something is decided by scheme and host.
#[test]
fn an_address_has_the_scheme_and_host_that_a_browser_sees() {
    let mut count = Count::default();
    for text in texts() {
        let Some(address) = count.note(Address::parse(&text).ok()) else { continue };
        // Nobody can send anything to what the standard refuses.
        let Ok(url) = Url::parse(&text) else { continue };
        assert_eq!(url.scheme() == "https", address.https, "{text:?}");
        assert!(url.username().is_empty() && url.password().is_none(), "{text:?}");
        let numeric = matches!(url.host(), Some(url::Host::Ipv4(_)));
        let host = url.host_str().unwrap();
        // A number is an address in many spellings. Here it is a name like others, and never this machine by mistake.
        assert!(numeric || host.eq_ignore_ascii_case(address.host), "{text:?} is {host} and {:?}", address.host);
        assert!(!address.is_loopback() || is_loopback(&url), "{text:?}");
        assert!(!address.is_private() || url.scheme() == "https" || is_loopback(&url), "{text:?}");
        assert_eq!(FALS.iter().any(|own| address.is_within(own)), is_fals(&url), "{text:?}");
    }
    count.prove(1_000);
}

/// What a page sends to its proxy may be private; it goes to the page's own host, or to one that was named in full.
#[test]
fn a_proxy_is_on_the_page_or_where_its_address_says() {
    let mut count = Count::default();
    let page = Url::parse("https://app.example/deep/page").unwrap();
    for text in texts() {
        let Some(proxy) = count.note(ProxyUrl::parse(&text).ok()) else { continue };
        let Ok(url) = page.join(proxy.as_str()) else { continue };
        assert!(!is_fals(&url), "{text:?}");
        assert!(url.username().is_empty() && url.password().is_none(), "{text:?}");
        match Address::parse(proxy.as_str()) {
            Ok(address) => assert_eq!(url.scheme() == "https", address.https, "{text:?}"),
            Err(_) => assert_eq!(url.origin(), page.origin(), "{text:?}"),
        }
        assert!(url.scheme() == "https" || is_loopback(&url), "{text:?}");
    }
    count.prove(1_000);
}

/// The bytes of a file, and the permission to write it, go to the host that fal named; parts below the same place.
#[test]
fn an_upload_goes_where_fal_said() {
    let mut count = Count::default();
    for text in texts() {
        let Some(place) = count.note(UploadUrl::parse(&text)) else { continue };
        let Ok(whole) = Url::parse(place.as_str()) else { continue };
        assert!(whole.scheme() == "https" || is_loopback(&whole), "{text:?}");
        for (below, end) in [(UploadPlace::Part(3), "/3"), (UploadPlace::Complete, "/complete")] {
            let mut built = String::new();
            place.write(below, &mut built);
            let url = Url::parse(&built).unwrap();
            assert_eq!(url.origin(), whole.origin(), "{text:?}");
            assert_eq!((url.query(), url.fragment()), (whole.query(), None), "{text:?}");
            assert!(url.path().ends_with(end), "{text:?} became {url}");
        }
    }
    count.prove(1_000);
}

/// Where a request is asked about is read from fal's answer. Another host there must not be asked, with a key.
#[test]
fn a_status_url_is_fals_or_is_not_used() {
    let mut count = Count::default();
    for text in texts() {
        for text in [text.clone(), format!("{text}/requests/r-1/status"), format!("{text}/status")] {
            let read = Submitted::read(Fields { first: Some("r-1"), second: Some(&text) }).unwrap();
            let Some(app) = count.note(read.app) else { continue };
            let expected = format!("https://queue.fal.run/{app}/requests/r-1/status");
            assert_eq!(Url::parse(&text).map(String::from), Ok(expected), "{text:?}");
        }
    }
    count.prove(10);
}
