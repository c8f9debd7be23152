//! What a session keeps of its request. The server's URI and headers are parts of the 8 KiB or more that it read them into,
//! which would live as long as the session.

use http::{HeaderMap, HeaderValue, Uri};

pub(super) fn copy_of_uri(uri: &Uri) -> Uri {
    // What was parsed once is parsed again.
    uri.to_string().parse().unwrap_or_else(|_| uri.clone())
}

pub(super) fn copy_of_headers(headers: &HeaderMap) -> HeaderMap {
    let mut copies = HeaderMap::with_capacity(headers.keys_len());
    for (name, value) in headers {
        let Ok(mut copy) = HeaderValue::from_bytes(value.as_bytes()) else {
            continue;
        };
        copy.set_sensitive(value.is_sensitive());
        copies.append(name, copy);
    }
    copies
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ws_21_a_copy_is_equal_and_shares_nothing() {
        for uri in [
            "/",
            "/chat/caf%C3%A9?a=b&c",
            "https://a.example:8443/b?c",
            "*",
        ] {
            let uri: Uri = uri.parse().unwrap();
            assert_eq!(copy_of_uri(&uri), uri);
        }
        let uri: Uri = "/chat".parse().unwrap();
        assert_ne!(copy_of_uri(&uri).path().as_ptr(), uri.path().as_ptr());
        let mut headers = HeaderMap::new();
        headers.append("cookie", HeaderValue::from_static("a=b"));
        headers.append("cookie", HeaderValue::from_bytes(b"c=\xff").unwrap());
        let mut secret = HeaderValue::from_static("");
        secret.set_sensitive(true);
        headers.append("x-own", secret);
        let copies = copy_of_headers(&headers);
        assert_eq!(copies, headers);
        assert!(copies["x-own"].is_sensitive());
        assert_ne!(
            copies["cookie"].as_bytes().as_ptr(),
            headers["cookie"].as_bytes().as_ptr()
        );
    }
}
