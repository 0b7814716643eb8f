//! Where an operation is called: a URL put together from checked parts.

use alloc::string::String;

use super::operation::Operation;
use crate::protocol::{push_encoded, split_once};

/// What every URL of these APIs begins with; ends with a slash.
pub const ORIGIN: &str = "https://api.fal.ai/v1/";

/// The URL of an operation, without its query. Can only be had from an [`Operation`], so it leads to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target(String);

/// A parameter of a path is missing, or its value cannot be part of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParameterError {
    /// The name of the parameter.
    pub name: &'static str,
}

impl core::fmt::Display for ParameterError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "the path parameter `{}` is missing or cannot be part of a path", self.name)
    }
}

impl core::error::Error for ParameterError {}

impl Target {
    /// Puts the URL together; an error when a parameter is missing or cannot be part of a path.
    ///
    /// What a path must not have is encoded, slashes too. Nothing makes `.` and `..` safe: whoever reads a URL takes them
    /// for steps, encoded or not.
    pub fn of(operation: &Operation, parameter: impl Fn(&str) -> Option<String>) -> Result<Self, ParameterError> {
        let mut url = String::from(ORIGIN);
        let mut rest = operation.path.strip_prefix('/').unwrap_or_default();
        while let Some((before, after)) = split_once(rest, b'{') {
            let Some((name, after)) = split_once(after, b'}') else { break };
            let value = parameter(name).filter(|value| !matches!(value.as_str(), "" | "." | ".."));
            url.push_str(before);
            push_encoded(&mut url, &value.ok_or(ParameterError { name })?);
            rest = after;
        }
        url.push_str(rest);
        Ok(Self(url))
    }

    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use proptest::prelude::*;

    use super::*;
    use crate::protocol::Method;

    fn file(value: &str) -> Result<Target, ParameterError> {
        let operation = Operation::find(Method::Get, "/serverless/files/file/{file}").expect("it is in the table");
        Target::of(&operation, |name| (name == "file").then(|| value.to_string()))
    }

    #[test]
    fn parameters_go_where_their_names_are() {
        let operation = Operation::find(Method::Get, "/serverless/apps/{owner}/{name}/queue").expect("in the table");
        let target = Target::of(&operation, |name| Some(name.to_uppercase()));
        assert_eq!(target.expect("whole").as_str(), "https://api.fal.ai/v1/serverless/apps/OWNER/NAME/queue");
        let missing = Target::of(&operation, |name| (name == "owner").then(|| "me".to_string()));
        assert_eq!(missing, Err(ParameterError { name: "name" }));
    }

    #[test]
    fn a_path_cannot_be_left() {
        let url = file("../../keys?x=1#y").expect("encoded");
        assert_eq!(url.as_str(), "https://api.fal.ai/v1/serverless/files/file/..%2F..%2Fkeys%3Fx%3D1%23y");
        for bad in ["", ".", ".."] {
            assert_eq!(file(bad), Err(ParameterError { name: "file" }), "{bad}");
        }
    }

    proptest! {
        /// A key goes along: whatever a parameter is, every parser must see fal's host and one segment.
        #[test]
        fn no_parameter_leads_elsewhere(value in "\\PC{0,24}|[./%\\\\@:#?&=]{1,8}") {
            if let Ok(target) = file(&value) {
                let url = url::Url::parse(target.as_str()).expect("a URL");
                prop_assert_eq!(url.as_str(), target.as_str());
                prop_assert_eq!(url.host_str(), Some("api.fal.ai"));
                prop_assert_eq!(url.path_segments().map(Iterator::count), Some(5));
            }
        }
    }
}
