//! What the JavaScript layer knows of texts: the grammar, and how requests are spelled.

use std::fmt::Write;

use fal_wasm::client::{BodyKind, Idempotency, Request, Spelling};
use fal_wasm::protocol::grammar::{PATTERNS, Pattern};
use fal_wasm::protocol::{Host, MAX_ENDPOINT_BYTES, NAMESPACES, QueueState, push_submission};
use fal_wasm::wire::{RequestKind, Word, traits};

pub fn write(out: &mut String) {
    for Pattern { name, source, ignores_case } in PATTERNS {
        let flags = if *ignores_case { "i" } else { "" };
        let _ = write!(out, "\nexport const {name} = /{}/{flags};\n", source.replace('/', "\\/"));
    }
    let _ = write!(
        out,
        "\n/** The longest endpoint id, in characters. */\nexport const MAX_ENDPOINT_LENGTH = {MAX_ENDPOINT_BYTES};\n"
    );
    let _ = write!(
        out,
        "\n/** Owners that have one more part between them and the app. */\n\
         export const NAMESPACES: readonly string[] = {NAMESPACES:?};\n"
    );
    let states: Vec<_> = (0..).map_while(|word| QueueState::from_word(word.into())).map(QueueState::as_str).collect();
    let _ = write!(out, "\n/** Where a request in the queue can be. */\nexport const QUEUE_STATES = {states:?};\n");
    let routes: Vec<_> = (0..).map_while(|word| RequestKind::from_word(word.into())).map(route).collect();
    let _ = write!(
        out,
        "\n/** The URLs of requests, by the numbers of `RequestKind`. */\nexport const ROUTES = {:?}.split(\" \");\n",
        routes.join(" ")
    );
    let requests: Vec<_> = (0..).map_while(|word| RequestKind::from_word(word.into())).map(like).collect();
    let _ = write!(
        out,
        "\n/** What requests are like, by the numbers of `RequestKind`. */\n\
         export const REQUESTS: readonly (readonly [method: Method, payload: Payload, isToFal: number, isModels: number])[] = [{}];\n",
        requests.join(", ")
    );
    let mut submission = String::new();
    push_submission(&mut submission, Some("x"), Some(7));
    let names = submission.strip_prefix("?fal").map(|_| submission.trim_matches(['?', '7'])).expect("a query");
    let names: Vec<_> = names.split('&').map(|pair| pair.trim_end_matches('x')).collect();
    let _ = write!(
        out,
        "\n/** Before a webhook, and before the longest queue that is acceptable. */\n\
         export const SUBMISSION = {names:?} as const;\n"
    );
    let _ = write!(
        out,
        "\n/** The domain of fal's hosts, and the one that stands in for it. */\n\
         export const DOMAINS = {:?} as const;\n",
        domains()
    );
}

/// Method, payload, whether it goes to fal, and whether a model answers it. Those of the Platform APIs bring their own.
fn like(kind: RequestKind) -> String {
    let platform = Request::Platform { takes: true, gives: BodyKind::Anything, idempotency: Idempotency::Safe };
    let (method, payload, is_to_fal, is_models) = traits(kind.request(0, false).unwrap_or(platform));
    format!("[{}, {}, {}, {}]", method.to_word(), payload.to_word(), u8::from(is_to_fal), u8::from(is_models))
}

/// The URL of a request, with names where its texts go. Empty for what has no URL of the core's.
fn route(kind: RequestKind) -> String {
    let Some(request) = kind.request(0, false) else { return String::new() };
    let url = match request {
        Request::PutPart { .. } => spelled(Request::PutPart { part: 7 }).replace("/7?", "/{part}?"),
        request => spelled(request),
    };
    match kind.request(0, true) {
        // The one number that differs says whether log lines come along.
        Some(with_logs) if with_logs != request => {
            let url = url.strip_suffix('0').expect("a status ends with whether it has logs");
            assert_eq!(spelled(with_logs), format!("{url}1"));
            format!("{url}{{logs}}")
        }
        // A place keeps its own query at the end, and the JavaScript layer puts it there.
        _ => url.strip_suffix("?own").unwrap_or(&url).to_owned(),
    }
}

fn spelled(request: Request) -> String {
    let place = "https://upload.example/file?own";
    let texts = Spelling {
        endpoint: "{endpoint}",
        app: "{app}",
        request_id: "{requestId}",
        webhook: "",
        max_queue_length: None,
        upload_url: place,
    };
    let mut url = String::new();
    texts.write(request, false, &mut url);
    url.replace("https://upload.example/file", "{place}")
}

/// Every host that has a stand-in differs from it in the same words.
fn domains() -> [&'static str; 2] {
    let domains = ["fal.run", "falrun.com"];
    for host in [Host::Run, Host::Queue, Host::Rest, Host::Socket] {
        if let Some(backup) = host.backup() {
            assert_eq!(host.origin().replace(domains[0], domains[1]), backup);
        }
    }
    domains
}
