//! Websockets of a page or a worker.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};

use crate::realtime::socket::{Frame, Refused, Socket, SocketEvent, SocketRequest};

/// Close code of a connection that is done.
const NORMAL: u16 = 1000;

/// What happened on a socket, and whoever waits for it.
#[derive(Default)]
struct Heard {
    is_open: bool,
    events: VecDeque<SocketEvent>,
    waker: Option<Waker>,
}

impl Heard {
    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

/// A listener, as long as it is held.
struct Listener {
    kind: &'static str,
    closure: Closure<dyn FnMut(JsValue)>,
}

pub(super) struct WebSocketOfPlace {
    socket: WebSocket,
    heard: Rc<RefCell<Heard>>,
    listeners: [Listener; 3],
}

/// Opens a websocket.
pub(super) async fn open(request: SocketRequest) -> Result<Box<dyn Socket>, Refused> {
    // `https` becomes `wss`, and `http` of a server on this machine `ws`.
    let url = ["ws", request.url.strip_prefix("http").unwrap_or_default()].concat();
    // A page may not be allowed to. What is thrown may name the URL, which holds a token.
    let socket = WebSocket::new(&url).map_err(|_| Refused::default())?;
    socket.set_binary_type(BinaryType::Arraybuffer);
    let mut socket = WebSocketOfPlace::listen(socket).map_err(|_| Refused::default())?;
    std::future::poll_fn(|context| socket.poll_open(context)).await?;
    Ok(Box::new(socket))
}

impl WebSocketOfPlace {
    /// Listens; the sockets of workerd know no handlers.
    fn listen(socket: WebSocket) -> Result<Self, JsValue> {
        let heard = Rc::new(RefCell::new(Heard::default()));
        let on = |kind: &'static str, hear: fn(&mut Heard, JsValue)| {
            let heard = Rc::clone(&heard);
            let closure = Closure::<dyn FnMut(JsValue)>::new(move |event| {
                let mut heard = heard.borrow_mut();
                hear(&mut heard, event);
                heard.wake();
            });
            socket.add_event_listener_with_callback(kind, closure.as_ref().unchecked_ref())?;
            Ok::<_, JsValue>(Listener { kind, closure })
        };
        let listeners = [
            on("open", |heard, _| heard.is_open = true)?,
            on("message", |heard, event| {
                let data = event.unchecked_into::<MessageEvent>().data();
                let frame = match data.as_string() {
                    Some(text) => Some(Frame::Text(text)),
                    None => {
                        data.dyn_ref::<ArrayBuffer>().map(|bytes| Frame::Binary(Uint8Array::new(bytes).to_vec().into()))
                    }
                };
                heard.events.extend(frame.map(SocketEvent::Frame));
            })?,
            on("close", |heard, event| {
                let event: CloseEvent = event.unchecked_into();
                heard.events.push_back(SocketEvent::Closed { code: event.code(), reason: event.reason() });
            })?,
        ];
        Ok(Self { socket, heard, listeners })
    }

    fn poll_open(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Refused>> {
        let mut heard = self.heard.borrow_mut();
        if heard.is_open {
            return Poll::Ready(Ok(()));
        }
        heard.waker = Some(context.waker().clone());
        match heard.events.pop_front() {
            // A browser does not say why.
            Some(_) => Poll::Ready(Err(Refused::default())),
            None => Poll::Pending,
        }
    }
}

impl Socket for WebSocketOfPlace {
    fn send(&mut self, frame: Frame) -> bool {
        match frame {
            Frame::Text(text) => self.socket.send_with_str(&text).is_ok(),
            // A copy: workerd sends later, and would send what is in the memory of the module by then.
            Frame::Binary(bytes) => self.socket.send_with_array_buffer(&Uint8Array::from(&*bytes).buffer()).is_ok(),
        }
    }

    fn buffered(&self) -> u32 {
        self.socket.buffered_amount()
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<SocketEvent> {
        let mut heard = self.heard.borrow_mut();
        match heard.events.pop_front() {
            Some(event) => Poll::Ready(event),
            None => {
                heard.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for WebSocketOfPlace {
    /// workerd closes its own side only when told to, also when the other side has closed.
    fn drop(&mut self) {
        for Listener { kind, closure } in &self.listeners {
            let _ = self.socket.remove_event_listener_with_callback(kind, closure.as_ref().unchecked_ref());
        }
        let _ = self.socket.close_with_code(NORMAL);
    }
}
