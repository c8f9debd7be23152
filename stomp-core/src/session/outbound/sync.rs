//! The lock of the queue. The model check (`tests/model`) compiles the queue with that of loom, which tries out what
//! threads can do.

#[cfg(not(loom))]
pub(super) use parking_lot::{Mutex, MutexGuard};

#[cfg(loom)]
pub(super) use self::modelled::Mutex;
#[cfg(loom)]
pub(super) use loom::sync::MutexGuard;

#[cfg(loom)]
mod modelled {
    use loom::sync::MutexGuard;

    /// loom's lock, with the methods of that of `parking_lot`.
    #[derive(Debug)]
    pub(in super::super) struct Mutex<T>(loom::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub(in super::super) fn new(value: T) -> Self {
            Self(loom::sync::Mutex::new(value))
        }

        pub(in super::super) fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock().expect("a thread of the model panicked")
        }
    }
}
