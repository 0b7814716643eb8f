//! Another server in fal's place, on this machine: for the tests of an app, against an emulator or a server of its own.
//! Any other machine is refused, because the key goes along.

use crate::error::FalError;

/// What takes the place of fal's hosts.
#[derive(Clone, Debug)]
pub(crate) struct LocalServer {
    /// Origins of fal, each with what is put in its place.
    hosts: Vec<(String, String)>,
}

/// fal's hosts, and the variables of fal's Python client that name what takes the place of two of them. A host that has another
/// name has it here, too: what is sent there has the key as well.
const HOSTS: [(&str, Option<&str>); 6] = [
    ("fal.run", Some("FAL_RUN_HOST")),
    ("falrun.com", Some("FAL_RUN_HOST")),
    ("queue.fal.run", Some("FAL_QUEUE_RUN_HOST")),
    ("queue.falrun.com", Some("FAL_QUEUE_RUN_HOST")),
    ("rest.fal.ai", None),
    ("api.fal.ai", None),
];

/// The variable that names what takes the place of all of them.
#[cfg(any(feature = "reqwest", feature = "edge"))]
const BASE_URL: &str = "FAL_BASE_URL";

/// A host of this machine, its port, and a path.
fn is_loopback(text: &str) -> bool {
    let (authority, path) = text.split_once('/').map_or((text, ""), |(authority, path)| (authority, path));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let is_number =
        |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let octets = || host.strip_prefix("127.").map(|rest| rest.split('.').collect::<Vec<_>>());
    let is_address = octets().is_some_and(|octets| octets.len() == 3 && octets.iter().all(|text| is_number(text, 3)));
    let is_host = host == "localhost" || host == "[::1]" || is_address;
    let is_path = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'/'));
    is_host && is_path && port.is_none_or(|port| is_number(port, 5))
}

impl LocalServer {
    /// A server on this machine that takes fal's host as the first segment of the path.
    pub fn at(url: &str) -> Result<Self, FalError> {
        Self::named("url", url)
    }

    /// The same, as an option of this name says.
    fn named(option: &str, url: &str) -> Result<Self, FalError> {
        let place = url.trim_end_matches('/');
        let is_local = place.strip_prefix("http://").is_some_and(is_loopback);
        if !is_local {
            return Err(FalError::option(
                option,
                "takes the URL of a server on this machine, such as http://127.0.0.1:8787.",
            ));
        }
        let host = |(host, _): (&str, _)| (format!("https://{host}/"), format!("{place}/{host}/"));
        Ok(Self { hosts: HOSTS.map(host).into() })
    }

    /// What the variables say; none when none of them is set. `FAL_BASE_URL` is for all hosts that have none of their own.
    #[cfg(any(feature = "reqwest", feature = "edge"))]
    pub fn from_env(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, FalError> {
        let found = |name: &str| variable(name).filter(|value| !value.is_empty());
        let base = found(BASE_URL).map(|url| Self::named(BASE_URL, &url)).transpose()?;
        let mut hosts = Vec::new();
        let mut missing = None;
        for (host, name) in HOSTS {
            let Some(name) = name else { continue };
            match found(name) {
                None => missing = Some(name),
                Some(value) if is_loopback(&value) => {
                    hosts.push((format!("https://{host}/"), format!("http://{}/", value.trim_end_matches('/'))));
                }
                Some(_) => {
                    return Err(FalError::option(
                        name,
                        "takes a host of this machine, such as 127.0.0.1:8787 or localhost:8787/queue.",
                    ));
                }
            }
        }
        match (base, missing) {
            (Some(base), _) => hosts.extend(base.hosts),
            (None, Some(name)) if !hosts.is_empty() => {
                return Err(FalError::option(
                    name,
                    "has to be set, too: else calls of the one go to this machine, and of the other to fal.",
                ));
            }
            _ => {}
        }
        Ok((!hosts.is_empty()).then_some(Self { hosts }))
    }

    /// Where a request goes.
    pub fn take(&self, url: String) -> String {
        let place = |(origin, place): &(String, String)| Some(format!("{place}{}", url.strip_prefix(origin.as_str())?));
        self.hosts.iter().find_map(place).unwrap_or(url)
    }
}

#[cfg(test)]
mod tests {
    use fal_wasm::protocol::Host;

    use super::*;

    #[test]
    fn a_key_does_not_leave_this_machine() {
        for good in ["http://127.0.0.1:8787", "http://localhost/", "http://[::1]:1"] {
            assert!(LocalServer::at(good).is_ok(), "{good}");
        }
        for bad in [
            "https://127.0.0.1",
            "http://127.0.0.1.evil.example",
            "http://127.0.0.1@evil.example",
            "http://evil.example/",
            "http://localhost:1@evil",
            "http://127.0.0.1?x",
            "http://127.1/\\evil",
        ] {
            assert!(LocalServer::at(bad).is_err(), "{bad}");
        }
        let local = LocalServer::at("http://127.0.0.1:1").unwrap();
        assert_eq!(local.take("https://queue.fal.run/a/b".into()), "http://127.0.0.1:1/queue.fal.run/a/b");
        assert_eq!(local.take("https://x.example/a".into()), "https://x.example/a");
    }

    #[cfg(feature = "reqwest")]
    #[test]
    fn variables_name_servers_of_this_machine_and_one_host_alone_is_an_error() {
        let env = |set: &'static [(&str, &str)]| {
            LocalServer::from_env(move |name| {
                set.iter().find(|(other, _)| *other == name).map(|(_, value)| value.to_string())
            })
        };
        assert!(env(&[]).unwrap().is_none());
        let both = env(&[("FAL_RUN_HOST", "127.0.0.1:1"), ("FAL_QUEUE_RUN_HOST", "127.0.0.1:1/queue")]).unwrap();
        assert_eq!(both.unwrap().take("https://queue.fal.run/a".into()), "http://127.0.0.1:1/queue/a");
        let both =
            env(&[("FAL_RUN_HOST", "127.0.0.1:1"), ("FAL_QUEUE_RUN_HOST", "127.0.0.1:1/queue")]).unwrap().unwrap();
        assert_eq!(both.take("https://falrun.com/a".into()), "http://127.0.0.1:1/a");
        assert_eq!(both.take("https://queue.falrun.com/a".into()), "http://127.0.0.1:1/queue/a");
        assert!(env(&[("FAL_RUN_HOST", "127.0.0.1:1")]).is_err());
        const BASE: (&str, &str) = ("FAL_BASE_URL", "http://127.0.0.1:2/");
        let all = env(&[BASE]).unwrap().unwrap();
        assert_eq!(all.take("https://api.fal.ai/v1/models".into()), "http://127.0.0.1:2/api.fal.ai/v1/models");
        for host in [Host::Run, Host::Queue] {
            let other = host.backup().unwrap();
            assert!(all.take(other.into()).starts_with("http://127.0.0.1:2/"), "{other}");
        }
        let one = env(&[BASE, ("FAL_RUN_HOST", "127.0.0.1:1")]).unwrap().unwrap();
        assert_eq!(one.take("https://fal.run/a/b".into()), "http://127.0.0.1:1/a/b");
        assert_eq!(one.take("https://queue.fal.run/a/b".into()), "http://127.0.0.1:2/queue.fal.run/a/b");
        let evil = env(&[("FAL_BASE_URL", "https://evil.example")]).unwrap_err();
        assert!(evil.to_string().contains("`FAL_BASE_URL`"), "{evil}");
        assert!(env(&[("FAL_RUN_HOST", "127.0.0.1:1"), ("FAL_QUEUE_RUN_HOST", "evil.example")]).is_err());
    }
}
