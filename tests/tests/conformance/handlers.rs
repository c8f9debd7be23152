//! Three handlers: one that waits, one that panics, one that fails.

use std::sync::Arc;

use stomp_axum::prelude::*;
use tokio::sync::Semaphore;

#[message_mapping("/wait")]
async fn waits(State(gate): State<Gate>) {
    gate.pass().await;
}

#[message_mapping("/panic")]
async fn panics() {
    panic!("a handler's own panic");
}

#[message_mapping("/fail")]
async fn fails() -> Result<(), &'static str> {
    Err("a secret of the server")
}

/// Holds whoever wants to pass until it is opened, as often as it is opened.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Semaphore>);

impl Gate {
    pub(crate) fn closed() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    pub(crate) fn open(&self, times: usize) {
        self.0.add_permits(times);
    }

    pub(crate) async fn pass(&self) {
        self.0.acquire().await.unwrap().forget();
    }

    /// An authenticator that waits at the gate, and then lets everybody in as whom `login` says.
    pub(crate) fn authenticator(&self) -> impl Authenticator + use<> {
        let gate = self.clone();
        move |connect: ConnectRequest| {
            let gate = gate.clone();
            async move {
                gate.pass().await;
                Ok(connect.login().map(Principal::new))
            }
        }
    }
}

/// Adds `/app/wait`, which waits at the gate, `/app/panic` and `/app/fail`.
pub(crate) fn with_handlers(builder: MessagingBuilder, gate: &Gate) -> MessagingBuilder {
    builder
        .handlers(Handlers::in_module(module_path!()))
        .state(gate.clone())
}
