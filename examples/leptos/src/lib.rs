//! A page that draws: with progress, and a way to stop it. It calls the app's own proxy and holds no key.

#![cfg(target_arch = "wasm32")]

mod draw;

use futures_channel::oneshot;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::wasm_bindgen;

#[component]
fn Page() -> impl IntoView {
    let prompt = RwSignal::new(String::from("a cat in the rain"));
    let progress = RwSignal::new(String::new());
    let picture = RwSignal::new(None::<String>);
    // Dropped or used, it ends the call.
    let stop = StoredValue::new_local(None::<oneshot::Sender<()>>);

    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let (sender, stopped) = oneshot::channel();
        stop.set_value(Some(sender));
        picture.set(None);
        spawn_local(async move {
            match draw::draw(prompt.get_untracked(), move |now| progress.set(now), stopped).await {
                Ok(url) => {
                    progress.set("Done.".into());
                    picture.set(Some(url));
                }
                Err(said) => progress.set(said),
            }
        });
    };

    view! {
        <form on:submit=submit>
            <input bind:value=prompt />
            <button>"Draw"</button>
            <button type="button" on:click=move |_| stop.set_value(None)>"Stop"</button>
        </form>
        <p role="status">{progress}</p>
        {move || picture.get().map(|url| view! { <img src=url alt="What was drawn" /> })}
    }
}

/// Called when the page has loaded the program.
#[wasm_bindgen(start)]
pub fn start() {
    mount_to_body(Page);
}
