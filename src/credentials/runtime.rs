//! Where this code runs, from what its global object shows.
//!
//! The question is not whether this is a browser but whether it is one of the runtimes known to keep a secret.
//! Everything unknown is a browser.

/// What the global object shows. Gathered by the JavaScript layer, judged here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Globals {
    /// The global is branded as a window or a worker of a browser.
    pub browser_brand: bool,
    /// `navigator.userAgent` begins with `Mozilla/`.
    pub browser_agent: bool,
    /// `navigator.product` is `ReactNative`.
    pub react_native: bool,
    /// There is a `document`.
    pub document: bool,
    /// `navigator.userAgent` is `Cloudflare-Workers`, or there is a `WebSocketPair` (before workers had a navigator).
    pub workerd: bool,
    /// `EdgeRuntime` is a string.
    pub edge_light: bool,
    /// `Deno.version.deno` is a string.
    pub deno: bool,
    /// `Bun.version` is a string.
    pub bun: bool,
    /// `process` is branded as a process and names its Node version.
    pub node: bool,
}

/// A kind of place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Runtime {
    /// Anybody can read what is here. Also every place that is not known.
    Browser,
    /// Cloudflare Workers.
    Workerd,
    /// Vercel Edge.
    EdgeLight,
    /// Deno.
    Deno,
    /// Bun.
    Bun,
    /// Node.
    Node,
}

impl Globals {
    /// Reads the order in which the JavaScript layer packs what it saw: the first field is the lowest bit.
    pub fn from_bits(bits: u32) -> Self {
        let bit = |index: u32| bits & (1 << index) != 0;
        Self {
            browser_brand: bit(0),
            browser_agent: bit(1),
            react_native: bit(2),
            document: bit(3),
            workerd: bit(4),
            edge_light: bit(5),
            deno: bit(6),
            bun: bit(7),
            node: bit(8),
        }
    }
}

/// Names the place. Signs of a browser win over signs of a server, because polyfills add the latter to the former.
pub fn classify(globals: Globals) -> Runtime {
    let browser = (globals.browser_brand && globals.browser_agent) || globals.react_native || globals.document;
    match globals {
        _ if browser => Runtime::Browser,
        Globals { workerd: true, .. } => Runtime::Workerd,
        Globals { edge_light: true, .. } => Runtime::EdgeLight,
        Globals { deno: true, .. } => Runtime::Deno,
        Globals { bun: true, .. } => Runtime::Bun,
        Globals { node: true, .. } => Runtime::Node,
        _ => Runtime::Browser,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_places_are_browsers() {
        assert_eq!(classify(Globals::default()), Runtime::Browser);
    }

    #[test]
    fn a_polyfilled_process_does_not_make_a_page_a_server() {
        let shims =
            Globals { node: true, deno: true, bun: true, workerd: true, edge_light: true, ..Globals::default() };
        let worker = Globals { browser_brand: true, browser_agent: true, ..shims };
        assert_eq!(classify(worker), Runtime::Browser);
        assert_eq!(classify(Globals { document: true, ..shims }), Runtime::Browser);
        assert_eq!(classify(Globals { react_native: true, ..shims }), Runtime::Browser);
    }

    #[test]
    fn denos_window_brand_does_not_make_it_a_browser() {
        let deno = Globals { browser_brand: true, deno: true, ..Globals::default() };
        assert_eq!(classify(deno), Runtime::Deno);
    }

    #[test]
    fn bits_and_fields_are_in_the_same_order() {
        for index in 0..9 {
            assert_ne!(Globals::from_bits(1 << index), Globals::default());
        }
        assert!(Globals::from_bits(1 << 8).node && Globals::from_bits(1).browser_brand);
    }
}
