//! Types that no argument, reply or error can have.

use std::str::FromStr;

use stomp_axum::prelude::*;

struct Opaque;

#[message_mapping("/argument")]
async fn argument(_text: String, _opaque: Opaque, _user: Principal) {}

#[message_mapping("/both")]
#[subscribe_mapping("/both")]
async fn both(_opaque: Opaque) {}

#[message_mapping("/optional")]
async fn optional(_opaque: Option<Opaque>) {}

#[message_mapping("/generic")]
async fn generic(_opaque: Json<std::collections::HashMap<String, Opaque>>) {}

#[message_mapping("/header")]
async fn header(#[header] _opaque: Opaque) {}

#[message_mapping("/variable/{a}")]
async fn variable(#[destination_variable("a")] _opaque: Opaque) {}

#[message_mapping("/reply")]
async fn reply() -> Opaque {
    Opaque
}

#[message_mapping("/optional_reply")]
async fn optional_reply() -> Option<Opaque> {
    None
}

#[message_mapping("/result")]
async fn result() -> Result<Opaque, std::io::Error> {
    Ok(Opaque)
}

#[message_mapping("/error")]
async fn error() -> Result<String, Opaque> {
    Err(Opaque)
}

#[message_exception_handler]
async fn no_error(_error: &Opaque) {}

struct NoDisplay;

impl FromStr for NoDisplay {
    type Err = Opaque;

    fn from_str(_text: &str) -> Result<Self, Opaque> {
        Err(Opaque)
    }
}

#[message_mapping("/parsed")]
async fn parsed(#[header] _value: NoDisplay) {}

fn main() {}
