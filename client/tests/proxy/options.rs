//! What is left out or wrong is said when the proxy is made, by its name.

use std::io::Error;
use std::time::Duration;

use fal_wasm_client::Credentials;
use fal_wasm_client::proxy::{FalProxy, Principal, ProxyBuilder};

use crate::emulator::KEY;
use crate::{builder, call, json, listener, read};

#[test]
fn an_option_that_cannot_be_is_named() {
    let new = || FalProxy::builder(Credentials::key(KEY).unwrap());
    let anybody = |builder: ProxyBuilder| builder.authenticate(|_| async { Some(Principal::new("ann")) });
    let good = || builder("http://127.0.0.1:9");
    for (builder, name) in [
        (anybody(new()), "allowed_endpoints"),
        (anybody(new()).allowed_endpoints(["**"]), "allowed_endpoints"),
        (new().allowed_endpoints(["fal-ai/flux"]), "authenticate"),
        (good().forward_headers(["authorization"]), "forward_headers"),
        (good().allowed_headers(["a b"]), "allowed_headers"),
        (good().secret("too short"), "secret"),
        (good().secret("a".repeat(32)).without_ownership(), "secret"),
        (good().capabilities_for(Duration::ZERO), "capabilities_for"),
        (good().local_server("https://evil.example"), "url"),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.code(), "invalid_option");
        assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
        assert!(!format!("{error}{error:?}").contains(KEY));
    }
    assert!(good().secret("a".repeat(32)).capabilities_for(Duration::from_secs(60)).build().is_ok());
}

/// Who asks is somebody, nobody, or not known.
#[tokio::test]
async fn without_an_answer_nobody_comes_in() {
    let ask = |builder: ProxyBuilder| async {
        let request = call("POST", "https://fal.run/emulator/echo").body(json("{}")).unwrap();
        read(builder.build().unwrap().handle(request).await).await
    };
    let new = || builder("http://127.0.0.1:9");
    let (told, tell) = listener();
    let nobody = new().authenticate(|_| async { None::<Principal> });
    assert_eq!(ask(nobody).await.0, 401);
    let failing = new().authenticate(|_| async { Err(Error::other("the database is down")) });
    let (status, said) = ask(failing.on_error(move |error| tell(error.to_string()))).await;
    assert_eq!((status, said["error"]["code"].as_str()), (503, Some("authentication_unavailable")));
    assert!(!said.to_string().contains("database"), "a visitor is not told why");
    assert!(told.lock().unwrap()[0].contains("the database is down"));
    let (told, tell) = listener();
    let empty = new().authenticate(|_| async { Some(Principal::new("")) });
    assert_eq!(ask(empty.on_error(move |error| tell(error.to_string()))).await.0, 401);
    assert!(told.lock().unwrap()[0].contains("without an id"));
    let odd = new().webhook_url(|_| Some("ftp://app.example".into())).on_error(|_| {});
    let submit = call("POST", "https://queue.fal.run/emulator/echo").body(json("{}")).unwrap();
    let (status, said) = read(odd.build().unwrap().handle(submit).await).await;
    assert_eq!((status, said["error"]["code"].as_str()), (500, Some("app_failed")));
}
