//! STOMP, and handlers without STOMP, over SockJS.

mod client;
mod handlers;
mod life;
mod sockets;
mod stomp;
