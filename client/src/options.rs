//! What can be said about a call, whatever it does.

use std::time::Duration;

use fal_wasm::client::{CallOptions, RetryPolicy};
use fal_wasm::protocol::Method;

use crate::access::Access;
use crate::error::FalError;
use crate::marker::BoxFuture;

/// Where a proxy is told what a request is for.
pub(crate) const TARGET_URL: &str = "x-fal-target-url";
/// Longer ones no server takes.
const MAX_URL_BYTES: usize = 16_384;

/// Options of a call, with what is wrong with the first of them that is.
pub(crate) struct Options {
    pub call: CallOptions,
    /// The caller's own headers, for every request to fal.
    pub own: Vec<(String, String)>,
    /// Headers of a run, a submit or an upload.
    pub headers: Vec<(&'static str, String)>,
    pub query: Vec<(String, String)>,
    /// The caller's method of a run.
    pub method: Method,
    pub path: Option<String>,
    pub webhook: String,
    pub max_queue_length: Option<u32>,
    /// The name of an option that is about running a model, if one was set.
    pub about_run: Option<&'static str>,
    pub abort: Option<BoxFuture<'static, ()>>,
    /// Whether this call itself, and not only its client, was told to use other names of hosts.
    wants_backup: bool,
    pub wrong: Option<FalError>,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Priority {
    /// The usual one.
    #[default]
    Normal,
    /// Lets everybody else go first.
    Low,
}

/// How long files live, and who may read them.
///
/// ```
/// # use std::time::Duration;
/// # use fal_wasm_client::Lifecycle;
/// let an_hour = Lifecycle::expires_in(Duration::from_secs(3_600));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    expires: Option<Duration>,
    acl: Option<String>,
}

impl Lifecycle {
    /// Files are removed after this long. Default: what is set for the account.
    pub fn expires_in(time: Duration) -> Self {
        Self { expires: Some(time), ..Self::default() }
    }

    /// Who may read them, as fal's JSON has it: `{"default":"forbid","rules":[{"user":"…","decision":"allow"}]}`.
    pub fn initial_acl(self, json: impl Into<String>) -> Self {
        Self { acl: Some(json.into()), ..self }
    }

    /// As fal's headers write it.
    pub(crate) fn header(&self) -> Result<String, FalError> {
        if self.expires.is_some_and(|time| time.as_secs() == 0) {
            return Err(FalError::option("lifecycle", "takes a second or more."));
        }
        if self.acl.as_deref().is_some_and(|acl| !crate::json::is_json(acl)) {
            return Err(FalError::option("initial_acl", "takes JSON."));
        }
        let expires =
            self.expires.map(|time| ["\"expiration_duration_seconds\":", &time.as_secs().to_string()].concat());
        let acl = self.acl.as_ref().map(|acl| ["\"initial_acl\":", acl].concat());
        let fields: Vec<_> = expires.into_iter().chain(acl).collect();
        Ok(["{", &fields.join(","), "}"].concat())
    }
}

/// Seconds in decimal. The formatter of floats takes more of a page than all options together.
fn seconds(time: Duration) -> String {
    let fraction = (1_000_000_000 + time.subsec_nanos()).to_string();
    let fraction = fraction.get(1..).unwrap_or_default().trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    [&time.as_secs().to_string(), point, fraction].concat()
}

impl Options {
    pub fn new(retry: RetryPolicy) -> Self {
        Self {
            call: CallOptions::from(retry),
            own: Vec::new(),
            headers: Vec::new(),
            query: Vec::new(),
            method: Method::Post,
            path: None,
            webhook: String::new(),
            max_queue_length: None,
            about_run: None,
            abort: None,
            wants_backup: false,
            wrong: None,
        }
    }

    /// Keeps what is wrong with an option, unless another one was wrong before.
    pub fn refuse(&mut self, error: FalError) {
        self.wrong.get_or_insert(error);
    }

    fn takes(&mut self, fits: bool, name: &str, what: &str) {
        if !fits {
            self.refuse(FalError::option(name, ["takes ", what, "."].concat().as_str()));
        }
    }

    pub fn retry(&mut self, policy: RetryPolicy) {
        self.wants_backup = policy.backup_hosts;
        self.call.retry = policy;
    }

    /// The same, once the options are checked.
    pub fn needs_no_backup(&self) -> Result<(), FalError> {
        if self.wants_backup { Err(no_backup()) } else { Ok(()) }
    }

    /// Says that no host of this call has another name.
    pub fn has_no_backup(&mut self) {
        if self.wants_backup {
            self.refuse(no_backup());
        }
    }

    pub fn timeout(&mut self, time: Duration) {
        self.takes(!time.is_zero(), "timeout", "more than no time at all");
        self.call.timeout = Some(millis(time));
    }

    /// The longest silence of a stream.
    pub fn silence(&mut self, time: Duration) -> fal_wasm::protocol::Millis {
        self.takes(!time.is_zero(), "timeout", "more than no time at all");
        millis(time)
    }

    /// A header of the caller's own.
    pub fn own(&mut self, name: &str, value: &str) {
        let name = name.to_ascii_lowercase();
        let is_name =
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        self.takes(is_name && is_header_text(value), "header", "a name and a value that a header can carry");
        let is_ours = [TARGET_URL, "authorization", crate::capabilities::CAPABILITY].contains(&name.as_str());
        self.takes(!is_ours, "header", "no header that says who asks or what for: the client sets those");
        self.own.push((name, value.into()));
    }

    /// A header that an option stands for.
    pub fn header(&mut self, option: &'static str, names: &[&'static str], value: &str) {
        self.takes(is_header_text(value), option, "what a header can carry");
        self.about_run = Some(option);
        for name in names {
            self.headers.retain(|(other, _)| other != name);
            self.headers.push((name, value.into()));
        }
    }

    pub fn lifecycle(&mut self, lifecycle: &Lifecycle, names: &[&'static str]) {
        match lifecycle.header() {
            Ok(value) if value == "{}" => {}
            Ok(value) => self.header("lifecycle", names, &value),
            Err(error) => self.refuse(error),
        }
    }

    pub fn start_timeout(&mut self, time: Duration) {
        self.takes(time > Duration::from_secs(1), "start_timeout", "more than a second");
        // The current name, and the deprecated one that older gateways read.
        let names = &["x-fal-request-start-timeout", "x-fal-request-timeout"];
        self.header("start_timeout", names, &seconds(time));
    }

    /// fal's limits; it drops what is beyond them without a word.
    pub fn tags(&mut self, tags: &[(&str, &str)]) {
        let is_name = |name: &str| {
            let is_one = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
            (1..=64).contains(&name.len()) && !name.starts_with("fal.") && name.bytes().all(is_one)
        };
        let is_value = |value: &str| {
            let is_one = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b',';
            (1..=256).contains(&value.len()) && value.trim() == value && value.bytes().all(is_one)
        };
        let line: Vec<_> = tags.iter().map(|(name, value)| [*name, "=", *value].concat()).collect();
        let line = line.join(",");
        let fits = tags.len() <= 10 && line.len() <= 1024;
        self.takes(
            fits && tags.iter().all(|(name, value)| is_name(name) && is_value(value)),
            "tags",
            "at most 10, names of up to 64 characters (a-z 0-9 . _ -, not beginning with fal.), printable values of up \
             to 256 without commas, 1024 in all",
        );
        self.header("tags", &["x-fal-tags"], &line);
    }

    pub fn webhook(&mut self, url: &str) {
        let fits = (1..=MAX_URL_BYTES).contains(&url.len());
        self.takes(fits, "webhook", "a URL of at most 16384 bytes");
        self.about_run = Some("webhook");
        self.webhook = url.into();
    }

    /// What is wrong with them, where calls go there.
    pub fn check(&mut self, access: &Access) -> Result<(), FalError> {
        if let (Access::Proxy { .. }, true) = (access, self.call.retry.backup_hosts) {
            self.refuse(FalError::option("backup_hosts", "has no meaning behind a proxy: it talks to fal."));
        }
        self.wrong.take().map_or(Ok(()), Err)
    }
}

/// What is wrong with asking for other names of hosts where there are none.
pub(crate) fn no_backup() -> FalError {
    let why = "has no meaning in this call: only the hosts of runs and of the queue have other names. Leave it out here, or \
               set it for the client.";
    FalError::option("backup_hosts", why)
}

/// A text that a header can carry.
pub(crate) fn is_header_text(text: &str) -> bool {
    text.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte))
}

pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// What can be said about the requests of a call.
macro_rules! request_options {
    ($name:ident $(<$($parameter:ident),*>)?) => {
        impl $(<$($parameter),*>)? $name $(<$($parameter),*>)? {
            /// A header of your own, sent with each request of the call to fal. A proxy need not pass it on.
            pub fn header(mut self, name: &str, value: &str) -> Self {
                self.draft.options.own(name, value);
                self
            }

            /// How often and how patiently to try again. Default: that of the client.
            pub fn retry(mut self, policy: fal_wasm::client::RetryPolicy) -> Self {
                self.draft.options.retry(policy);
                self
            }
        }
    };
}

/// What every call can be told that ends with one answer.
macro_rules! call_options {
    ($name:ident $(<$($parameter:ident),*>)?) => {
        $crate::options::request_options!($name $(<$($parameter),*>)?);

        impl $(<$($parameter),*>)? $name $(<$($parameter),*>)? {
            /// Time for the call with all its tries and the rests between them. Default: none. Uploading files of an
            /// input has as much again.
            pub fn timeout(mut self, time: std::time::Duration) -> Self {
                self.draft.options.timeout(time);
                self
            }

            /// Ends the call with the error `aborted` when this future does. Dropping the call is quicker, and ends it
            /// without a word; this leaves it the time to tell fal.
            pub fn abort_when(
                mut self,
                leaves: impl Future<Output = ()> + $crate::marker::MaybeSend + 'static,
            ) -> Self {
                self.draft.options.abort = Some(Box::pin(leaves));
                self
            }
        }
    };
}

/// What can be said about running a model.
macro_rules! run_options {
    ($name:ident $(<$($parameter:ident),*>)?) => {
        impl $(<$($parameter),*>)? $name $(<$($parameter),*>)? {
            /// Appended to the endpoint id. Slashes in front of it are dropped.
            pub fn path(mut self, path: &str) -> Self {
                self.draft.options.about_run = Some("path");
                self.draft.options.path = Some(path.into());
                self
            }

            /// A query parameter of your own. A proxy need not let it through.
            pub fn query(mut self, name: &str, value: &str) -> Self {
                self.draft.options.about_run = Some("query");
                self.draft.options.query.push((name.into(), value.into()));
                self
            }

            /// Default `POST`. With `GET` the input becomes the query.
            pub fn method(mut self, method: fal_wasm::protocol::Method) -> Self {
                self.draft.options.about_run = Some("method");
                self.draft.options.method = method;
                self
            }

            /// How long the files of the result live, and who may read them; also those of the input that are uploaded.
            pub fn storage(mut self, lifecycle: &$crate::Lifecycle) -> Self {
                self.draft.options.lifecycle(lifecycle, &["x-fal-object-lifecycle-preference"]);
                self.draft.lifecycle = Some(lifecycle.clone());
                self
            }

            /// How long the request may wait to start: more than a second.
            pub fn start_timeout(mut self, time: std::time::Duration) -> Self {
                self.draft.options.start_timeout(time);
                self
            }

            /// Asks for the runner that served this hint before.
            pub fn hint(mut self, hint: &str) -> Self {
                self.draft.options.header("hint", &["x-fal-runner-hint"], hint);
                self
            }

            /// Tells fal not to try again by itself.
            pub fn no_retry(mut self) -> Self {
                self.draft.options.header("no_retry", &["x-fal-no-retry"], "1");
                self
            }

            /// Whether fal keeps input and output. Default: what is set for the account.
            pub fn store_io(mut self, keeps: bool) -> Self {
                self.draft.options.header("store_io", &["x-fal-store-io"], if keeps { "1" } else { "0" });
                self
            }

            /// Tags for your bill: at most 10, names of `a-z0-9._-` up to 64 characters that do not begin with `fal.`,
            /// values up to 256 without commas, 1024 in all.
            pub fn tags(mut self, tags: &[(&str, &str)]) -> Self {
                self.draft.options.tags(tags);
                self
            }

            /// Says that running twice does no harm. Then the call is sent again after every failure that may pass, also
            /// when it is not known whether it was executed.
            pub fn idempotent(mut self) -> Self {
                self.draft.options.about_run = Some("idempotent");
                self.draft.options.call.idempotent = true;
                self
            }
        }
    };
}

/// What can be said about a request that is queued.
macro_rules! submit_options {
    ($name:ident $(<$($parameter:ident),*>)?) => {
        impl $(<$($parameter),*>)? $name $(<$($parameter),*>)? {
            /// Where fal posts the result.
            pub fn webhook(mut self, url: &str) -> Self {
                self.draft.options.webhook(url);
                self
            }

            /// Whose turn it is. Default `Normal`.
            pub fn priority(mut self, priority: $crate::Priority) -> Self {
                self.draft.priority = Some(priority);
                self
            }

            /// Refuses the request with a 429 when more than this many wait already. Default: any number may.
            pub fn max_queue_length(mut self, length: u32) -> Self {
                self.draft.options.about_run = Some("max_queue_length");
                self.draft.options.max_queue_length = Some(length);
                self
            }
        }
    };
}

pub(crate) use {call_options, request_options, run_options, submit_options};

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(set: impl FnOnce(&mut Options)) -> Option<String> {
        let mut options = Options::new(RetryPolicy::DEFAULT);
        set(&mut options);
        options.wrong.map(|error| error.to_string())
    }

    #[test]
    fn an_option_that_cannot_be_is_named_and_its_value_is_not() {
        let value = "line\nbreak";
        for (name, said) in [
            ("header", wrong(|options| options.own("x-a", value))),
            ("header", wrong(|options| options.own("Authorization", "x"))),
            ("header", wrong(|options| options.own("x-fal-target-url", "x"))),
            ("hint", wrong(|options| options.header("hint", &["x-fal-runner-hint"], value))),
            ("start_timeout", wrong(|options| options.start_timeout(Duration::from_secs(1)))),
            ("timeout", wrong(|options| options.timeout(Duration::ZERO))),
            ("tags", wrong(|options| options.tags(&[("fal.x", "y")]))),
            ("tags", wrong(|options| options.tags(&[("x", "a,b")]))),
            ("lifecycle", wrong(|options| options.lifecycle(&Lifecycle::expires_in(Duration::ZERO), &["x"]))),
            ("initial_acl", wrong(|options| options.lifecycle(&Lifecycle::default().initial_acl("{"), &["x"]))),
            ("webhook", wrong(|options| options.webhook(""))),
        ] {
            let said = said.expect(name);
            assert!(said.starts_with(&format!("The option `{name}` takes ")) && !said.contains(value), "{said}");
        }
        assert_eq!(wrong(|options| options.tags(&[("team", "a b")])), None);
    }

    #[test]
    fn a_lifecycle_is_written_as_fal_reads_it() {
        let day = Lifecycle::expires_in(Duration::from_secs(86_400));
        assert_eq!(day.header().unwrap(), r#"{"expiration_duration_seconds":86400}"#);
        let acl = r#"{"default":"forbid"}"#;
        let both = day.initial_acl(acl).header().unwrap();
        assert_eq!(both, r#"{"expiration_duration_seconds":86400,"initial_acl":{"default":"forbid"}}"#);
    }

    #[test]
    fn seconds_are_as_a_float_would_be_written() {
        for millis in [1, 10, 1_000, 1_001, 1_500, 60_000, 90_250, 3_600_007] {
            let time = Duration::from_millis(millis);
            assert_eq!(seconds(time), time.as_secs_f64().to_string());
        }
    }
}
