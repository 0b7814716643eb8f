//! Uploads.

use std::cell::Cell;

use fal_wasm::client::{Output, Request, RetryPolicy, Upload};
use serde_json::Value;

use crate::world::{Fate, Scenario, live};

#[test]
fn a_file_is_put_where_fal_said() {
    let story = live(Upload::new(RetryPolicy::default()), &Value::Null, 1, Scenario::calm());
    let Some(Ok(Output::File(url))) = &story.outcome else { panic!("{story:?}") };
    assert!(url.contains("fal.media"), "{url}");
    assert_eq!(story.sent.len(), 2, "{:?}", story.sent);
}

#[test]
fn a_put_that_broke_off_is_sent_again() {
    let puts = Cell::new(0);
    let fate = move |request: &Request| {
        let is_put = request.method.as_str() == "PUT";
        puts.set(puts.get() + usize::from(is_put));
        if is_put && puts.get() == 1 { Fate::DropBefore } else { Fate::Deliver }
    };
    let scenario = Scenario { fate: Box::new(fate), ..Scenario::calm() };
    let story = live(Upload::new(RetryPolicy::default()), &Value::Null, 1, scenario);
    assert!(matches!(story.outcome, Some(Ok(Output::File(_)))), "{story:?}");
}
