//! Instances that can't move between threads.

use std::{cell::Cell, rc::Rc};

use stomp_axum::server_endpoint::server_endpoint;

#[derive(Default)]
struct NotSend {
    count: Rc<Cell<u32>>,
}

#[server_endpoint("/not_send")]
impl NotSend {
    #[on_open]
    async fn open(&mut self) {
        self.count.set(1);
    }
}

struct NotSync {
    count: Cell<u32>,
}

#[server_endpoint("/not_sync", shared)]
impl NotSync {
    #[on_open]
    async fn open(&self) {
        self.count.set(1);
    }
}

fn main() {}
