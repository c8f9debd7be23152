use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header::CONTENT_TYPE};

use super::{SessionRequest, sending};
use crate::{
    message_socket::Application,
    sockjs::{
        headers::{PLAIN, response},
        service::SockJs,
    },
};

const FORM: &[u8] = b"application/x-www-form-urlencoded";
/// The field that holds the messages.
const FIELD: &str = "d";

/// Takes messages for a session, as JSON in a form or by itself (SJ-JS-02). A family of browsers mistakes 204 for an
/// error, so there is something in the response (SJ-JS-01).
pub(super) async fn answer<A: Application>(
    service: &SockJs<A>,
    request: SessionRequest,
) -> Response {
    let sent = sending::deliver(service, request, |headers, body| {
        if is_form(headers) {
            field(&body)
        } else {
            Some(body)
        }
    });
    let sent = sent.await.map(|()| response(StatusCode::OK, PLAIN, "ok"));
    sent.into_response()
}

fn is_form(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|content_type| {
        let media_type = content_type.as_bytes().split(|byte| *byte == b';').next();
        media_type.is_some_and(|media_type| media_type.trim_ascii().eq_ignore_ascii_case(FORM))
    })
}

fn field(form: &Bytes) -> Option<Bytes> {
    form_urlencoded::parse(form)
        .find_map(|(name, value)| (name == FIELD).then(|| value.into_owned().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sj_js_02_the_field_of_a_form_is_decoded() {
        let decoded = |form: &'static str| field(&Bytes::from_static(form.as_bytes()));
        assert_eq!(decoded("d=%5B%22x+%2B%22%5D").unwrap(), "[\"x +\"]");
        assert_eq!(decoded("a=b&d=1&d=2").unwrap(), "1");
        assert_eq!(decoded("d=").unwrap(), "");
        assert_eq!(decoded("D=a"), None);
    }

    #[test]
    fn sj_js_02_parameters_of_the_type_are_ignored() {
        let is_form = |content_type: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
            is_form(&headers)
        };
        assert!(is_form("application/x-www-form-urlencoded"));
        assert!(is_form("Application/X-WWW-Form-Urlencoded ; charset=UTF-8"));
        assert!(!is_form("text/plain") && !is_form("") && !is_form("multipart/form-data"));
    }
}
