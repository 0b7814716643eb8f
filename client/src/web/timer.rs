//! Timers of JavaScript.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// A number in a page, an object in other places.
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(handler: &Closure<dyn FnMut()>, milliseconds: i32) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// What is known of a timer that runs.
#[derive(Default)]
struct State {
    has_fired: bool,
    waker: Option<Waker>,
}

/// Ends when its time is over. Dropping it stops it.
pub(super) struct Timer {
    timer: JsValue,
    state: Rc<RefCell<State>>,
    #[expect(dead_code, reason = "JavaScript calls it")]
    handler: Closure<dyn FnMut()>,
}

impl Timer {
    pub fn new(milliseconds: i32) -> Self {
        let state = Rc::new(RefCell::new(State::default()));
        let known = Rc::clone(&state);
        let handler = Closure::new(move || {
            let waker = {
                let mut state = known.borrow_mut();
                state.has_fired = true;
                state.waker.take()
            };
            if let Some(waker) = waker {
                waker.wake();
            }
        });
        Self { timer: set_timeout(&handler, milliseconds), state, handler }
    }
}

impl Future for Timer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.state.borrow_mut();
        if state.has_fired {
            return Poll::Ready(());
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.timer);
    }
}
