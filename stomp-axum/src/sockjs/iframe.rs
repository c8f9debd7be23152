use axum::response::Response;
use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{ETAG, IF_NONE_MATCH, X_FRAME_OPTIONS},
};
use sha1::{Digest, Sha1};

use super::headers::{HTML, cached_hard, empty, never_cached, response};

/// The page that pages of other origins load in an iframe, to speak to this server from there (SJ-IFR-03).
///
/// It has no Content-Security-Policy: nothing of a request is in it, and the transports inside need nearly everything.
#[derive(Debug)]
pub(super) struct Iframe {
    body: Bytes,
    etag: HeaderValue,
}

impl Iframe {
    pub(super) fn new(client_library_url: &str) -> Self {
        let body = format!(
            "<!DOCTYPE html>\n\
             <html>\n\
             <head>\n  \
               <meta http-equiv=\"X-UA-Compatible\" content=\"IE=edge\" />\n  \
               <meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\" />\n  \
               <script src=\"{client_library_url}\"></script>\n  \
               <script>\n    \
                 document.domain = document.domain;\n    \
                 SockJS.bootstrap_iframe();\n  \
               </script>\n\
             </head>\n\
             <body>\n  \
               <h2>Don't panic!</h2>\n  \
               <p>This is a SockJS hidden iframe. It's used for cross domain magic.</p>\n\
             </body>\n\
             </html>\n"
        );
        let digest = Sha1::digest(&body);
        let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Self {
            body: body.into(),
            etag: HeaderValue::try_from(format!("\"{digits}\""))
                .unwrap_or_else(|_| unreachable!("digits and quotes can stand in a header")),
        }
    }

    /// The page, or that it has not changed (SJ-IFR-02, SJ-IFR-04). Where only pages of the same origin may connect, no
    /// other may show it, and nobody keeps it (SJ-IFR-06).
    pub(super) fn answer(&self, request: &HeaderMap, same_origin_only: bool) -> Response {
        let is_unchanged = self.is_known(request);
        let mut response = if is_unchanged {
            empty(StatusCode::NOT_MODIFIED)
        } else {
            response(StatusCode::OK, HTML, self.body.clone())
        };
        let headers = response.headers_mut();
        headers.insert(ETAG, self.etag.clone());
        if same_origin_only {
            never_cached(headers);
            headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
        } else {
            cached_hard(headers);
        }
        response
    }

    fn is_known(&self, request: &HeaderMap) -> bool {
        request
            .get_all(IF_NONE_MATCH)
            .iter()
            .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
            .map(<[u8]>::trim_ascii)
            .any(|tag| tag.strip_prefix(b"W/").unwrap_or(tag) == self.etag.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sj_ifr_03_the_page_has_the_bytes_of_the_protocol() {
        let url = "/sockjs.js";
        let iframe = Iframe::new(url);
        let body = str::from_utf8(&iframe.body).unwrap();
        assert_eq!(body.trim().len(), 409 + url.len());
        assert!(
            body.contains(
                "  <script src=\"/sockjs.js\"></script>\n  <script>\n    document.domain"
            )
        );
    }
}
