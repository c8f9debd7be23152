//! STOMP, and handlers without STOMP, over SockJS.

mod client;
mod differential;
mod handlers;
mod life;
mod server_endpoints;
mod sockets;
mod stomp;
