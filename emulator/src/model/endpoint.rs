//! Endpoint ids, as they appear in paths.
//!
//! `fal-ai/flux/dev` is the app `fal-ai/flux` and the path `dev` on it. `workflows/…` and `comfy/…` are namespaces: their
//! apps have three parts. `110602490-lcm` is the legacy spelling of `110602490/lcm`.

const NAMESPACES: [&str; 2] = ["workflows", "comfy"];

/// An endpoint id taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint<'a> {
    /// `owner/alias`, or `namespace/owner/alias`.
    pub app: String,
    /// What follows the app, without slashes at the ends; empty when nothing does.
    pub path: &'a str,
}

impl<'a> Endpoint<'a> {
    /// Reads the id at the start of a path (`/fal-ai/flux/dev`). `None` when the path has too few parts, or empty ones.
    pub fn parse(path: &'a str) -> Option<Self> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let (first, after) = split(path);
        if let Some((owner, alias)) = legacy(first) {
            return Self { app: format!("{owner}/{alias}"), path: after }.checked();
        }
        let parts = if NAMESPACES.contains(&first) { 3 } else { 2 };
        let mut app = Vec::with_capacity(parts);
        let mut rest = path;
        for _ in 0..parts {
            let (part, after) = split(rest);
            if part.is_empty() {
                return None;
            }
            app.push(part);
            rest = after;
        }
        Self { app: app.join("/"), path: rest }.checked()
    }

    fn checked(self) -> Option<Self> {
        let path_ok = self.path.is_empty() || self.path.split('/').all(|part| !part.is_empty());
        path_ok.then_some(self)
    }

    /// The endpoint whose path this one's is with a last part more: `fal-ai/x` of `fal-ai/x/stream`.
    pub fn without(&self, last: &str) -> Option<Self> {
        let path = self.path.strip_suffix(last)?;
        let path = if path.is_empty() { path } else { path.strip_suffix('/')? };
        Some(Self { app: self.app.clone(), path })
    }

    /// The whole id, in its canonical spelling.
    pub fn id(&self) -> String {
        if self.path.is_empty() { self.app.clone() } else { format!("{}/{}", self.app, self.path) }
    }

    /// The last part of the app: what short-lived tokens are limited to by the official clients.
    pub fn alias(&self) -> &str {
        self.app.rsplit('/').next().unwrap_or_default()
    }
}

fn split(path: &str) -> (&str, &str) {
    path.split_once('/').unwrap_or((path, ""))
}

/// `110602490-lcm` → (`110602490`, `lcm`).
fn legacy(part: &str) -> Option<(&str, &str)> {
    let (owner, alias) = part.split_once('-')?;
    let is_number = !owner.is_empty() && owner.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && !alias.is_empty()).then_some((owner, alias))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(path: &str) -> Option<(String, &str)> {
        Endpoint::parse(path).map(|endpoint| (endpoint.app, endpoint.path))
    }

    #[test]
    fn the_app_of_an_endpoint_is_where_its_requests_are_found() {
        assert_eq!(parts("/fal-ai/flux/dev").unwrap(), ("fal-ai/flux".into(), "dev"));
        assert_eq!(parts("/fal-ai/any-llm").unwrap(), ("fal-ai/any-llm".into(), ""));
        assert_eq!(parts("/workflows/me/wf/sub/path").unwrap(), ("workflows/me/wf".into(), "sub/path"));
        assert_eq!(parts("/comfy/me/wf").unwrap(), ("comfy/me/wf".into(), ""));
        assert_eq!(parts("/110602490-lcm/x").unwrap(), ("110602490/lcm".into(), "x"));
        assert_eq!(parts("/110602490/lcm").unwrap(), ("110602490/lcm".into(), ""));
    }

    #[test]
    fn a_sloppy_path_is_not_an_endpoint_so_a_client_that_builds_one_is_caught() {
        for path in
            ["/", "/flux", "/fal-ai/", "/fal-ai//flux", "/fal-ai/flux//dev", "/workflows/me", "/fal-ai/flux/dev/"]
        {
            assert!(parts(path).is_none(), "{path}");
        }
    }
}
