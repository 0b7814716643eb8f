//! Which headers cross the proxy, by name. Everything that is not here stays where it is.

/// Headers of the browser's that a policy may let through to fal; by default none does.
///
/// Not here: whatever would say who asks (`authorization`, `cookie`), change whose turn it is (priority, runner hint), hide
/// what was done (store-io), or put it on another bill (tags).
pub const FORWARDABLE: [&str; 5] = [
    "x-fal-no-retry",
    "x-fal-request-start-timeout",
    "x-fal-request-timeout",
    "x-fal-object-lifecycle-preference",
    "x-fal-object-lifecycle",
];

/// Response headers of fal that reach the browser: first those that a success may have, then those that only a failure has.
/// These say why, and whether to come again.
pub const RETURNED: [&str; 11] = [
    "content-type",
    "x-fal-billable-units",
    "x-fal-request-id",
    "x-fal-runner-hints",
    "x-fal-served-from",
    "retry-after",
    "retry-after-ms",
    "x-fal-error-type",
    "x-fal-needs-retry",
    "x-fal-request-timeout-type",
    "x-fal-retryable",
];
const OF_SUCCESS: usize = 5;

/// Those that are looked for in an answer which succeeded, or did not.
pub fn returned(succeeded: bool) -> &'static [&'static str] {
    if succeeded { &RETURNED[..OF_SUCCESS] } else { &RETURNED }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_names_a_person_or_a_key_crosses() {
        for name in ["authorization", "cookie", "set-cookie", "x-forwarded-for", "location"] {
            assert!(!FORWARDABLE.contains(&name) && !RETURNED.contains(&name), "{name}");
        }
    }

    #[test]
    fn what_says_when_to_come_again_is_of_failures() {
        assert!(returned(true).contains(&"x-fal-served-from") && !returned(true).contains(&"retry-after"));
        assert_eq!(returned(false), RETURNED);
    }
}
