//! Three handlers, written out as the macros write them: one that waits, one that panics, one that fails.

use std::sync::Arc;

use stomp_axum::{
    __private::{
        BoxError, Function, HandlerDefinition, HandlerKind, MessageContext, Registration,
        Registrations, Reply, ReplyTargets, extract,
    },
    handler::{Handlers, State},
    server::MessagingBuilder,
};
use tokio::sync::Semaphore;

static HANDLERS: Registrations = Registrations(&[
    Registration::Handler(definition("waits", &["/wait"], |context| {
        Box::pin(async move {
            let State(gate): State<Gate> = extract(context).await?;
            gate.pass().await;
            Ok(Reply::nothing())
        })
    })),
    Registration::Handler(definition("panics", &["/panic"], |_| {
        Box::pin(async { panic!("a handler's own panic") })
    })),
    Registration::Handler(definition("fails", &["/fail"], |_| {
        Box::pin(async { Err(BoxError::from("a secret of the server")) })
    })),
]);

type Invoke =
    for<'a> fn(
        &'a MessageContext,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Reply, BoxError>> + Send + 'a>>;

const fn definition(
    name: &'static str,
    patterns: &'static [&'static str],
    invoke: Invoke,
) -> HandlerDefinition {
    HandlerDefinition {
        function: Function {
            name,
            module: module_path!(),
            file: file!(),
            line: line!(),
            controller: None,
        },
        kind: HandlerKind::Message,
        class_patterns: &[],
        patterns,
        reply: ReplyTargets {
            send_to: None,
            send_to_user: None,
        },
        class_reply: ReplyTargets {
            send_to: None,
            send_to_user: None,
        },
        requirements: |_| {},
        invoke,
    }
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
}

/// Adds `/app/wait`, which waits at the gate, `/app/panic` and `/app/fail`.
pub(crate) fn with_handlers(builder: MessagingBuilder, gate: &Gate) -> MessagingBuilder {
    builder
        .handlers(Handlers::of(&[&HANDLERS]))
        .state(gate.clone())
}
