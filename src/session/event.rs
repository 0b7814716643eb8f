//! What happens to a session, and what is done about it.

use crate::client::{List, Token};

/// Milliseconds since a session was opened: 49 days of them. Half of a 64-bit number costs a page a third of the code.
pub type Moment = u32;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The caller opened a session. Their camera or microphone may still have to be allowed.
    Opened,
    /// What is sent along is there, or nothing is.
    MediaReady,
    /// The person, or the browser, said no to the camera or the microphone.
    MediaRefused,
    /// There are ICE servers.
    IceGiven {
        /// Of which request.
        token: Token,
        /// Whether a relay (TURN) is among them.
        relay: bool,
    },
    /// That request gave none.
    IceMissing {
        /// Which.
        token: Token,
    },
    /// A candidate was gathered.
    Candidate {
        /// Of which peer.
        token: Token,
        /// What it is.
        kind: Candidate,
    },
    /// All candidates were gathered.
    Gathered {
        /// Of which peer.
        token: Token,
    },
    /// A peer could not be made, or made no offer.
    OfferFailed {
        /// Which.
        token: Token,
    },
    /// fal has taken the offer: there is a session, and it is paid for from now on.
    Accepted {
        /// The request of the offer.
        token: Token,
    },
    /// fal did not answer with a session.
    Refused {
        /// The request of the offer.
        token: Token,
        /// The status; 0 when no answer came, or none that can be read.
        status: u32,
    },
    /// The answer is in place.
    Applied {
        /// Of which peer.
        token: Token,
    },
    /// The browser did not take the answer.
    AnswerInvalid {
        /// Of which peer.
        token: Token,
    },
    /// The channel for messages is open.
    ChannelOpened {
        /// Of which peer.
        token: Token,
    },
    /// It is closed. ICE may say "connected" all the same.
    ChannelClosed {
        /// Of which peer.
        token: Token,
    },
    /// There is a way to the other side, once more maybe.
    Connected {
        /// Of which peer.
        token: Token,
    },
    /// The way is gone, and may come back by itself.
    Disconnected {
        /// Of which peer.
        token: Token,
    },
    /// The way is gone, or there never was one.
    Unconnected {
        /// Of which peer.
        token: Token,
    },
    /// The answer of fal that lasts as long as the session has ended: so has the session.
    Ended {
        /// Of which peer.
        token: Token,
    },
    /// What became of a heartbeat.
    Beaten {
        /// Its request.
        token: Token,
        /// What came.
        pulse: Pulse,
    },
    /// A timer has fired.
    TimerFired {
        /// Which.
        token: Token,
    },
    /// The caller has one more message, which the driver keeps after those that wait.
    Queued,
    /// The oldest message was sent.
    Written,
    /// The channel takes no more for now.
    Full,
    /// The channel takes more again.
    Drained,
    /// The page cannot be seen any more.
    Hidden,
    /// It can be seen again, or the computer woke up.
    Shown,
    /// A device whose picture or sound is sent was unplugged.
    Unplugged,
    /// The caller does not want it any more, or their page is gone.
    Left,
}

/// What kind of address a candidate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Candidate {
    /// An address of the computer.
    Host,
    /// What its router looks like from outside.
    Reflexive,
    /// An address of a relay.
    Relay,
}

/// What became of a heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pulse {
    /// fal says that the session lives.
    Alive,
    /// fal says that it does not.
    Dead,
    /// It was refused, and will be from now on: whoever pays does not go on.
    Over,
    /// It was refused, or answered with what cannot be read.
    Strange,
    /// No answer came.
    Lost,
}

/// What the driver does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask fal's bridge for ICE servers; answer with [`Event::IceGiven`] or [`Event::IceMissing`].
    AskBridge {
        /// Names the request.
        token: Token,
    },
    /// Ask the app itself for ICE servers; answer as above.
    AskApp {
        /// Names the request.
        token: Token,
    },
    /// Make a peer and its offer, with the servers that were given last, else with a public STUN server; report what it
    /// gathers.
    MakePeer {
        /// Names the peer in everything that follows.
        token: Token,
        /// Whether servers were given.
        given: bool,
    },
    /// Send the offer, with what was gathered; answer with [`Event::Accepted`] or [`Event::Refused`].
    Offer {
        /// Names the request.
        token: Token,
    },
    /// Put the answer in place; answer with [`Event::Applied`] or [`Event::AnswerInvalid`].
    Apply,
    /// Send a heartbeat; answer with [`Event::Beaten`].
    Beat {
        /// Names the request.
        token: Token,
    },
    /// No answer is wanted any more to this request.
    Abort {
        /// Which.
        token: Token,
    },
    /// Answer with [`Event::TimerFired`] after this long.
    Sleep {
        /// Names the timer.
        token: Token,
        /// How long.
        duration: Moment,
    },
    /// That timer is not needed any more.
    Cancel {
        /// Which.
        token: Token,
    },
    /// Send the oldest message; answer with [`Event::Written`], or with [`Event::Full`] when the channel takes none.
    SendNext,
    /// The oldest message is never sent.
    DropOldest,
    /// The session is live: tell the caller.
    Live,
    /// Tell the caller what they may want to know.
    Warn(Warning),
    /// Stop all timers and requests, and close the peer with its channel and the answer that is still open.
    ClosePeer,
    /// Tell the proxy that the session is over, so that its place is free.
    TellOver,
    /// It has failed. Nothing follows but [`Effect::TellOver`].
    Failed {
        /// Why.
        why: Failure,
        /// The status behind it, or how many heartbeats; 0 when there is none.
        detail: u32,
    },
    /// It is over, as the caller or the app wanted. Nothing follows but [`Effect::TellOver`].
    Closed,
}

/// What the caller may want to know, while the session goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The bridge gave no ICE servers; the app is asked.
    BridgeSilent,
    /// Nobody gave any; a public STUN server has to do, and there is no relay.
    NoServers,
    /// Messages are dropped, the oldest first: the queue is full.
    QueueFull,
    /// The way to the other side is gone; it may come back.
    Interrupted,
    /// It came back.
    Resumed,
    /// A fresh session takes the place of the one that was lost.
    Reopening,
    /// A device was unplugged. Nothing of it is sent any more.
    Unplugged,
}

/// Why a session failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Camera or microphone were refused. Nothing was opened.
    MediaRefused,
    /// No peer could be made. Nothing was opened.
    OfferFailed,
    /// Only a relay was allowed, and none gave an address. Nothing was opened.
    NoRelay,
    /// fal, or the proxy, refused the session.
    Refused,
    /// Nobody knows whether fal took the offer. It is not sent again: a session is paid for by the second.
    AcceptanceUnknown,
    /// The browser did not take fal's answer.
    AnswerInvalid,
    /// No way to the other side was found.
    Unconnected,
    /// The way to the other side was lost.
    ConnectionLost,
    /// The channel for messages was closed.
    ChannelClosed,
    /// fal says that the session does not live, or does not know it.
    LeaseLost,
    /// The proxy lets it not go on: its time or its budget is used up.
    CutOff,
}

/// The most effects that one event can have.
pub const MAX_EFFECTS: usize = 12;

/// What one event asks for, in order.
pub type Effects = List<Effect, MAX_EFFECTS>;
