//! BEGIN, COMMIT and ABORT.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;

use super::{Connected, EndpointServices, Handled, Refusal, missing_header};
use crate::{
    broker::{Subscription, Verdict},
    channel::{Completion, pending},
    codec::Frame,
    handler::Dispatched,
    message::Message,
    session::Limits,
};

/// The transactions of one session that are open, by their ids. Another session's are another matter (TX-022). Most
/// sessions never have any.
#[derive(Default)]
#[expect(
    clippy::box_collection,
    reason = "most sessions have none, and keep no more than a pointer for it"
)]
pub(super) struct Transactions(Option<Box<HashMap<String, Transaction>>>);

/// What is done at COMMIT. A layer may still hold a SEND back that belongs in here.
#[derive(Clone, Debug, Default)]
pub(in crate::endpoint) struct Transaction(Arc<Mutex<Actions>>);

#[derive(Debug, Default)]
struct Actions {
    messages: Vec<Message>,
    settlements: Vec<Settlement>,
    bytes: usize,
    /// It was committed or aborted. A layer may let go of a SEND that belongs in here too late.
    is_over: bool,
}

#[derive(Debug)]
struct Settlement {
    subscription: Subscription,
    delivery: u64,
    verdict: Verdict,
}

impl Transactions {
    /// The open transaction of that id (TX-007).
    pub(super) fn get(&self, id: &str) -> Result<&Transaction, Refusal> {
        let open = self.0.as_ref();
        open.and_then(|open| open.get(id))
            .ok_or_else(unknown_transaction)
    }

    /// Takes the actions out of one, which is over then.
    fn take(&mut self, id: &str) -> Result<Actions, Refusal> {
        let open = self.0.as_mut();
        let transaction = open
            .and_then(|open| open.remove(id))
            .ok_or_else(unknown_transaction)?;
        let over = Actions {
            is_over: true,
            ..Actions::default()
        };
        Ok(std::mem::replace(&mut *transaction.0.lock(), over))
    }
}

impl Transaction {
    fn send(&self, message: Message, limits: &Limits) -> Result<(), Refusal> {
        let actions = &mut *self.0.lock();
        if actions.is_over {
            return Err(unknown_transaction());
        }
        actions.check_count(limits)?;
        let bytes = actions.bytes + message.kept_bytes();
        if bytes > limits.transaction_bytes {
            let what = "the transaction has too many bytes";
            let limit = limits.transaction_bytes;
            return Err(Refusal::limit(TOO_LARGE, what, limit, "transaction_bytes"));
        }
        actions.bytes = bytes;
        actions.messages.push(message);
        Ok(())
    }

    /// Settles a message at COMMIT. Which ones that are in mode `client` is decided now (TX-016).
    pub(super) fn settle(
        &self,
        subscription: Subscription,
        delivery: u64,
        verdict: Verdict,
        limits: &Limits,
    ) -> Result<(), Refusal> {
        let actions = &mut *self.0.lock();
        actions.check_count(limits)?;
        actions.settlements.push(Settlement {
            subscription,
            delivery,
            verdict,
        });
        Ok(())
    }
}

impl Actions {
    fn check_count(&self, limits: &Limits) -> Result<(), Refusal> {
        let limit = limits.transaction_actions;
        if self.messages.len() + self.settlements.len() < limit {
            return Ok(());
        }
        let what = "the transaction has too many frames";
        Err(Refusal::limit(
            TOO_LARGE,
            what,
            limit,
            "transaction_actions",
        ))
    }
}

const TOO_LARGE: &str = "transaction-too-large";

impl Connected {
    pub(super) fn begin(&mut self, frame: &Frame) -> Result<Handled, Refusal> {
        let id = transaction_id(frame)?;
        let open = self.transactions.0.get_or_insert_default();
        if open.contains_key(id) {
            let text = "the session has an open transaction of this id already";
            return Err(Refusal::new("duplicate-transaction", text));
        }
        let limit = self.services.limits.transactions;
        if open.len() >= limit {
            let what = "the session has too many open transactions";
            return Err(Refusal::limit(
                "too-many-transactions",
                what,
                limit,
                "transactions",
            ));
        }
        open.insert(id.to_owned(), Transaction::default());
        Ok(Handled::Done)
    }

    pub(super) fn abort(&mut self, frame: &Frame) -> Result<Handled, Refusal> {
        self.transactions.take(transaction_id(frame)?)?;
        Ok(Handled::Done)
    }

    /// Does everything that is in a transaction. If its messages can't all be sent, nothing is done (TX-020).
    pub(super) fn commit(&mut self, frame: &Frame) -> Result<Handled, Refusal> {
        let Actions {
            messages,
            settlements,
            ..
        } = self.transactions.take(transaction_id(frame)?)?;
        let services = &self.services;
        let (published, handling) = services.inbound.commit(&self.session, messages);
        let settle = |services: &EndpointServices, settlements: Vec<Settlement>| {
            for settlement in settlements {
                let Settlement {
                    subscription,
                    delivery,
                    verdict,
                } = settlement;
                let broker = services.inbound.broker();
                broker.settle(&subscription, delivery, verdict);
            }
        };
        match (published, handling) {
            (Completion::Left(published), None) => {
                published.into_inner()?;
                settle(services, settlements);
                Ok(Handled::Done)
            }
            (published, handling) => {
                let services = services.clone();
                pending(async move {
                    published.await?;
                    settle(&services, settlements);
                    match handling {
                        Some(handling) => handling.await,
                        None => Ok(Dispatched::Handled),
                    }
                })
                .try_into()
            }
        }
    }
}

impl EndpointServices {
    /// Lets a message wait for COMMIT, if there is anybody who will take it then.
    pub(in crate::endpoint) fn join(
        &self,
        transaction: &Transaction,
        message: Message,
    ) -> Result<Dispatched, Refusal> {
        if self.inbound.serves(&message)? {
            transaction.send(message, &self.limits)?;
        }
        Ok(Dispatched::Handled)
    }
}

/// The `transaction` header, which must be there (TX-005, TX-006).
fn transaction_id(frame: &Frame) -> Result<&str, Refusal> {
    let id = frame.header("transaction").filter(|id| !id.is_empty());
    id.ok_or_else(|| missing_header(frame, "transaction"))
}

fn unknown_transaction() -> Refusal {
    Refusal::new(
        "unknown-transaction",
        "the session has no open transaction of this id",
    )
}
