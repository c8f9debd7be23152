//! The surface of SockJS, over requests that are made by hand, with an application that knows no STOMP. What the
//! protocol's own suite looks at is tested here only where it does not look closely (SJ-SUITE-02, SJ-SUITE-03).

mod applications;
mod bodies;
mod client;
mod cors;
mod framed;
mod headers;
mod iframe;
mod mounting;
mod opening;
mod origins;
mod ownership;
mod transports;
mod wrong_requests;
