//! Cross-origin sharing: every host answers every origin, as fal's hosts do. Keys travel in a header, never in a cookie.

use super::http::{Request, Response};

/// Adds the headers that let a page read the response, and answers a preflight with what it asks for.
pub fn allow(request: &Request, response: Response) -> Response {
    let response =
        response.with_header("access-control-allow-origin", "*").with_header("access-control-expose-headers", "*");
    if request.method != "OPTIONS" {
        return response;
    }
    let headers = request.header("access-control-request-headers").unwrap_or("*");
    response
        .with_header("access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
        .with_header("access-control-allow-headers", headers)
        .with_header("access-control-max-age", "600")
}
