pub(crate) use stomp_core::session::CloseReason;

#[expect(
    dead_code,
    reason = "what no model uses; the tests beside the queue do"
)]
#[path = "../../../stomp-core/src/session/outbound/mod.rs"]
pub(crate) mod outbound;
