use std::{
    net::{IpAddr, SocketAddr},
    sync::Once,
};

use axum::extract::ConnectInfo;
use http::request::Parts;
use stomp_core::{
    endpoint::{HandshakeOptions, SockJsSettings},
    message::Principal,
};

use super::session::Binding;

/// Who makes a request, as far as it can be known.
///
/// The user is the one of the request as it comes, also when a session is opened: what an interceptor finds out then, the
/// later requests of the session don't know (SJ-SPR-03).
pub(super) fn caller(
    request: &Parts,
    handshake: &HandshakeOptions,
    settings: &SockJsSettings,
) -> Binding {
    let address = match &settings.client_address {
        Some(address) => address(request),
        None => connected_from(request),
    };
    Binding {
        principal: handshake.user_of(request),
        // The same client over another listener.
        address: address.map(|address| address.to_canonical()),
    }
}

/// Known if the router is served with it.
fn connected_from(request: &Parts) -> Option<IpAddr> {
    let ConnectInfo(address) = request.extensions.get::<ConnectInfo<SocketAddr>>()?;
    Some(address.ip())
}

/// Whether a session that `opener` has opened is the `caller`'s: that of the same user, or, without a user, of the same
/// address (SJ-53, T-14). Whoever hides his address from a proxy's header must not get by that what others have opened.
pub(super) fn owns(opener: &Binding, caller: &Binding, bind_to_address: bool) -> bool {
    if name(opener) != name(caller) {
        return false;
    }
    if opener.principal.is_some() || !bind_to_address {
        return true;
    }
    opener.address == caller.address
}

fn name(binding: &Binding) -> Option<&str> {
    binding.principal.as_ref().map(Principal::name)
}

/// Says once what follows from addresses that are not known.
#[derive(Debug)]
pub(super) struct UnknownAddresses(Once);

impl UnknownAddresses {
    pub(super) const fn new() -> Self {
        Self(Once::new())
    }

    pub(super) fn say(&self, path: &str) {
        self.0.call_once(|| {
            tracing::warn!(
                endpoint = path,
                "the addresses of SockJS clients are not known: sessions without a user are not bound to them, and nothing \
                 is limited for each address; serve the router with `into_make_service_with_connect_info::<SocketAddr>()`, \
                 or say with `SockJsOptions::client_address` where they are"
            );
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binding(user: &str, address: &str) -> Binding {
        Binding {
            principal: (!user.is_empty()).then(|| Principal::new(user)),
            address: (!address.is_empty()).then(|| address.parse().unwrap()),
        }
    }

    #[test]
    fn sj_53_whose_a_session_is() {
        // Opened by, asked by, whether it is the same, and whether it is when not bound to addresses.
        for (opener, asker, is_bound, is_unbound) in [
            (("ann", "192.0.2.1"), ("ann", "192.0.2.9"), true, true),
            (("ann", "192.0.2.1"), ("bob", "192.0.2.1"), false, false),
            (("ann", "192.0.2.1"), ("", "192.0.2.1"), false, false),
            (("", "192.0.2.1"), ("bob", "192.0.2.1"), false, false),
            (("", "192.0.2.1"), ("", "192.0.2.1"), true, true),
            (("", "192.0.2.1"), ("", "192.0.2.2"), false, true),
            (("", "192.0.2.1"), ("", ""), false, true),
            (("", ""), ("", "192.0.2.1"), false, true),
            (("", ""), ("", ""), true, true),
        ] {
            let (by, other) = (binding(opener.0, opener.1), binding(asker.0, asker.1));
            assert_eq!(owns(&by, &other, true), is_bound, "{opener:?} {asker:?}");
            assert_eq!(owns(&by, &other, false), is_unbound, "{opener:?} {asker:?}");
        }
    }
}
