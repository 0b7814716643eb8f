//! Which of fal's hosts a request is for, and how URLs in the answer name that host.
//!
//! One port serves them all. A request names its host in the `Host` header, or as the first segment of its path:
//! `http://127.0.0.1:PORT/queue.fal.run/fal-ai/flux/dev` is `https://queue.fal.run/fal-ai/flux/dev`.

use super::http::Request;

/// What a host does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Synchronous runs and model streams.
    Run,
    /// The queue.
    Queue,
    /// Upload initiation and tokens.
    Rest,
    /// Files.
    Cdn,
    /// HTTP over WebSockets.
    Socket,
    /// The Platform APIs.
    Platform,
    /// Sessions with world models.
    Bridge,
}

/// fal's hosts, with their older and backup names.
const HOSTS: [(&str, Service); 12] = [
    ("fal.run", Service::Run),
    ("falrun.com", Service::Run),
    ("queue.fal.run", Service::Queue),
    ("queue.falrun.com", Service::Queue),
    ("rest.fal.ai", Service::Rest),
    ("rest.alpha.fal.ai", Service::Rest),
    ("v3.fal.media", Service::Cdn),
    ("v3b.fal.media", Service::Cdn),
    ("fal.media", Service::Cdn),
    ("ws.fal.run", Service::Socket),
    ("api.fal.ai", Service::Platform),
    ("wma.fal.run", Service::Bridge),
];

/// The host that CDN URLs are given under.
pub const CDN_HOST: &str = "v3.fal.media";

/// Where on fal a request goes.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// What the host does.
    pub service: Service,
    /// The host's name, as fal spells it.
    pub host: &'static str,
    /// Whether the host was named in the path rather than in the `Host` header.
    pub in_path: bool,
    /// The path on that host, starting with `/`.
    pub path: &'a str,
}

impl<'a> Target<'a> {
    /// The host and path a request names; `None` when neither its `Host` header nor its path names one of fal's hosts.
    pub fn of(request: &'a Request) -> Option<Self> {
        let name = request.host.split(':').next().unwrap_or_default();
        if let Some((host, service)) = known(name) {
            return Some(Self { service, host, in_path: false, path: &request.path });
        }
        let rest = request.path.strip_prefix('/')?;
        let (first, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
        known(first).map(|(host, service)| Self { service, host, in_path: true, path })
    }

    /// What URLs back to this host begin with: they name it the way the request did.
    pub fn base(&self, public_url: &str) -> String {
        if self.in_path { format!("{public_url}/{}", self.host) } else { format!("https://{}", self.host) }
    }
}

/// The path of a CDN URL that a caller passes as model input; `None` when it is a URL of some other place.
///
/// Accepts the emulator's own spelling and fal's.
pub fn cdn_path<'a>(url: &'a str, public_url: &str) -> Option<&'a str> {
    let own = url.strip_prefix(public_url).and_then(|rest| rest.strip_prefix('/'));
    let rest = own.or_else(|| url.strip_prefix("https://"))?;
    let (host, path) = rest.split_at(rest.find('/')?);
    known(host).filter(|(_, service)| *service == Service::Cdn).map(|_| path)
}

fn known(name: &str) -> Option<(&'static str, Service)> {
    HOSTS.into_iter().find(|(host, _)| host.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(url: &str) -> Option<(Service, String, String)> {
        let request = Request::new("GET", url);
        Target::of(&request).map(|place| (place.service, place.base("http://127.0.0.1:1"), place.path.to_owned()))
    }

    #[test]
    fn urls_go_back_the_way_the_request_came_so_a_client_that_follows_them_stays_on_the_emulator() {
        let by_header = place("https://queue.fal.run/fal-ai/flux/dev").unwrap();
        assert_eq!(by_header, (Service::Queue, "https://queue.fal.run".into(), "/fal-ai/flux/dev".into()));
        let by_path = place("http://127.0.0.1:1/queue.fal.run/fal-ai/flux/dev").unwrap();
        assert_eq!(by_path, (Service::Queue, "http://127.0.0.1:1/queue.fal.run".into(), "/fal-ai/flux/dev".into()));
    }

    #[test]
    fn a_lookalike_host_is_not_fal_so_a_client_that_leaks_its_key_there_is_caught() {
        for url in ["https://evilfal.run/x", "https://fal.run.evil.example/x", "http://127.0.0.1/fal.ai/x"] {
            assert!(place(url).is_none(), "{url}");
        }
        assert_eq!(place("https://fal.run:443/x").unwrap().0, Service::Run);
        assert_eq!(place("http://127.0.0.1:1/v3.fal.media").unwrap().2, "/");
    }

    #[test]
    fn only_cdn_urls_are_taken_as_files() {
        assert_eq!(cdn_path("http://127.0.0.1:1/v3.fal.media/files/a.png", "http://127.0.0.1:1"), Some("/files/a.png"));
        assert_eq!(cdn_path("https://v3b.fal.media/files/a.png", "http://127.0.0.1:1"), Some("/files/a.png"));
        assert_eq!(cdn_path("https://rest.fal.ai/files/a.png", "http://127.0.0.1:1"), None);
        assert_eq!(cdn_path("https://example.com/v3.fal.media/files/a.png", "http://127.0.0.1:1"), None);
    }
}
