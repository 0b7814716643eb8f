//! What is `Send` natively, and need not be where there is one thread.

use std::future::Future;
use std::pin::Pin;

#[cfg(not(target_arch = "wasm32"))]
mod place {
    /// `Send` natively; anything in WebAssembly, where values of JavaScript never leave their thread.
    pub trait MaybeSend: Send {}
    impl<T: Send + ?Sized> MaybeSend for T {}

    /// `Sync` natively; anything in WebAssembly.
    pub trait MaybeSync: Sync {}
    impl<T: Sync + ?Sized> MaybeSync for T {}

    /// Something that copies of a client share, used by one of them at a time.
    #[derive(Default)]
    pub struct Shared<T>(std::sync::Mutex<T>);

    impl<T> Shared<T> {
        /// Does something with it.
        pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
            work(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
        }
    }

    /// Work that takes time.
    pub type BoxFuture<'a, T> = super::Pin<Box<dyn super::Future<Output = T> + Send + 'a>>;
    /// Code of the caller that is told something.
    pub type Callback<T> = Box<dyn FnMut(T) + Send>;
    /// Code of the caller that is asked for something.
    #[cfg(feature = "realtime")]
    pub type Provider<A, T> = Box<dyn FnMut(A) -> BoxFuture<'static, T> + Send>;
    /// Code of the caller that is told something from anywhere.
    pub type Hook<T> = std::sync::Arc<dyn Fn(T) + Send + Sync>;
    pub fn hook<T>(code: impl Fn(T) + Send + Sync + 'static) -> Hook<T> {
        std::sync::Arc::new(code)
    }
    /// Something that can be kept along with an error.
    pub type Source = Box<dyn std::error::Error + Send + Sync>;
}

#[cfg(target_arch = "wasm32")]
mod place {
    /// `Send` natively; anything in WebAssembly, where values of JavaScript never leave their thread.
    pub trait MaybeSend {}
    impl<T: ?Sized> MaybeSend for T {}

    /// `Sync` natively; anything in WebAssembly.
    pub trait MaybeSync {}
    impl<T: ?Sized> MaybeSync for T {}

    /// Something that copies of a client share, used by one of them at a time.
    #[derive(Default)]
    pub struct Shared<T>(std::cell::RefCell<T>);

    impl<T> Shared<T> {
        /// Does something with it, which does nothing else with it on its way.
        pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
            work(&mut self.0.borrow_mut())
        }
    }

    /// Work that takes time.
    pub type BoxFuture<'a, T> = super::Pin<Box<dyn super::Future<Output = T> + 'a>>;
    /// Code of the caller that is told something.
    pub type Callback<T> = Box<dyn FnMut(T)>;
    /// Code of the caller that is asked for something.
    #[cfg(feature = "realtime")]
    pub type Provider<A, T> = Box<dyn FnMut(A) -> BoxFuture<'static, T>>;
    /// Code of the caller that is told something from anywhere.
    #[cfg(feature = "edge")]
    pub type Hook<T> = std::rc::Rc<dyn Fn(T)>;
    #[cfg(feature = "edge")]
    pub fn hook<T>(code: impl Fn(T) + 'static) -> Hook<T> {
        std::rc::Rc::new(code)
    }
    /// Something that can be kept along with an error.
    pub type Source = Box<dyn std::error::Error + Send + Sync>;
}

#[cfg(feature = "realtime")]
pub(crate) use place::Provider;
pub(crate) use place::Shared;
pub use place::{BoxFuture, Callback, MaybeSend, MaybeSync, Source};
#[cfg(any(not(target_arch = "wasm32"), feature = "edge"))]
pub(crate) use place::{Hook, hook};
