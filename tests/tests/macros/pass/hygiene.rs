//! Handlers in surroundings that generated code has to get along with.

#![no_implicit_prelude]
#![deny(warnings, missing_docs, unreachable_pub, unused_qualifications)]
#![forbid(unsafe_code)]

use ::std::{assert, assert_eq, string::String};
use ::stomp_axum::{handlers, message_mapping};

/// Names that generated code must not confuse with those of the standard library.
#[allow(dead_code, missing_docs)]
mod shadows {
    pub(crate) struct Option;
    pub(crate) struct Result;
    pub(crate) struct Box;
    pub(crate) struct Registrations;
    pub(crate) fn reply() {}
}
#[allow(unused_imports)]
use shadows::*;
#[allow(dead_code)]
mod core {}
#[allow(dead_code)]
mod std {}
#[allow(dead_code)]
mod stomp_axum {}

/// Public, in a crate where that needs documentation.
#[message_mapping("/public")]
pub async fn public(
    context: String,
    _context: u8,
    argument_0: ::std::vec::Vec<u8>,
) -> ::std::result::Result<String, ::std::io::Error> {
    ::std::mem::drop((_context, argument_0));
    ::std::result::Result::Ok(context)
}

/// A raw identifier.
#[message_mapping("/type")]
async fn r#type(#[header] r#match: String) {
    ::std::mem::drop(r#match);
}

/// The same name in two modules.
mod one {
    /// One.
    #[::stomp_axum::message_mapping("/one")]
    pub(super) async fn same() {}
}

/// The same name in two modules.
mod other {
    /// Other.
    #[::stomp_axum::message_mapping("/other")]
    #[deprecated]
    pub(super) async fn same() {}
}

/// A macro that makes handlers, of names that the caller gives or of its own.
macro_rules! echo {
    ($($name:ident: $type:ty => $destination:literal),*) => {
        $(
            /// Sends back.
            #[message_mapping($destination)]
            #[::stomp_axum::send_to("/topic/echo")]
            async fn $name(value: $type) -> $type {
                value
            }
        )*

        /// Sends back.
        #[message_mapping("/own")]
        async fn own_name(value: u8) -> u8 {
            value
        }
    };
}

echo!(text: String => "/text", number: u32 => "/number");

/// A macro that makes a controller.
macro_rules! controller {
    ($type:ty, $method:ident) => {
        #[message_mapping("/controller")]
        impl $type {
            /// A handler.
            #[message_mapping("/method")]
            async fn $method(&self, value: ::std::vec::Vec<Self>) {
                ::std::mem::drop(value);
            }
        }
    };
}

/// A controller.
#[derive(::serde::Deserialize)]
struct Controller;

controller!(Controller, method);

fn main() {
    /// Within a function, as are the functions that it uses.
    fn local() -> String {
        String::new()
    }

    /// Within a function.
    #[message_mapping("/local")]
    async fn local_handler() -> String {
        local()
    }

    assert_eq!(__stomp_handlers_type.0.len(), 1);
    assert_eq!(__stomp_handlers_local_handler.0.len(), 1);
    assert_eq!(__stomp_handlers_Controller.0.len(), 1);
    let handlers = handlers![
        public,
        r#type,
        one::same,
        other::same,
        text,
        number,
        own_name,
        local_handler,
        Controller
    ];
    let named = ::std::format!("{handlers:?}");
    let all = ::std::format!("{:?}", ::stomp_axum::prelude::Handlers::all());
    for name in [
        "public",
        "type",
        "same",
        "text",
        "number",
        "own_name",
        "local_handler",
        "Controller::method",
    ] {
        let name = ::std::format!("name: {name:?}");
        assert!(named.contains(&name), "{named}");
        assert!(all.contains(&name), "{all}");
    }
    assert_eq!(all.len(), named.len());
}
