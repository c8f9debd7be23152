//! TCP-007: TLS, with certificates of clients as their login.

use std::{io, net::SocketAddr};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use stomp_axum::codec::Command;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{
    TlsAcceptor, TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore, ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer, ServerName},
        server::WebPkiClientVerifier,
    },
};

use super::*;

/// Who signs the certificates of a test.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        Arc::new(roots)
    }

    fn sign(&self, name: &str) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        (vec![certificate.der().clone()], key)
    }
}

/// Accepts until the server stops.
async fn serve_tls(messaging: Messaging, listener: TcpListener, acceptor: TlsAcceptor) {
    let mut stopping = std::pin::pin!(messaging.shutting_down());
    loop {
        let (stream, address) = tokio::select! {
            accepted = listener.accept() => accepted.unwrap(),
            () = &mut stopping => return,
        };
        let (messaging, acceptor) = (messaging.clone(), acceptor.clone());
        tokio::spawn(async move {
            // Who is no client of TLS is dropped.
            let Ok(Ok(stream)) = tokio::time::timeout(10 * SECOND, acceptor.accept(stream)).await
            else {
                return;
            };
            let has_certificate = stream.get_ref().1.peer_certificates().is_some();
            let user = has_certificate.then(|| Principal::new("certified"));
            let attributes = SessionAttributes::default();
            attributes.insert(address);
            messaging.serve_stream(stream, user, attributes).await;
        });
    }
}

async fn listen(messaging: &Messaging, authority: &Authority) -> SocketAddr {
    let (certificates, key) = authority.sign("localhost");
    let verifier = WebPkiClientVerifier::builder(authority.roots())
        .allow_unauthenticated()
        .build()
        .unwrap();
    let config = ServerConfig::builder()
        .with_client_cert_verifier(verifier)
        .with_single_cert(certificates, key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(serve_tls(messaging.clone(), listener, acceptor));
    address
}

/// Connects, with a certificate of that name.
async fn dial(
    address: SocketAddr,
    authority: &Authority,
    name: Option<&str>,
) -> io::Result<Client<TlsStream<TcpStream>>> {
    let config = ClientConfig::builder().with_root_certificates(authority.roots());
    let config = match name.map(|name| authority.sign(name)) {
        Some((certificates, key)) => config.with_client_auth_cert(certificates, key).unwrap(),
        None => config.with_no_client_auth(),
    };
    let stream = TcpStream::connect(address).await?;
    let server = ServerName::try_from("localhost").unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    Ok(Client::new(connector.connect(server, stream).await?))
}

/// The user is who the certificate says, and the login `bad` is refused.
async fn by_certificate(connect: ConnectRequest) -> Result<Option<Principal>, AuthenticationError> {
    match connect.login() {
        Some("bad") => Err(AuthenticationError::bad_credentials()),
        _ => Ok(connect.principal().cloned()),
    }
}

fn tls_server() -> Messaging {
    builder().authenticator(by_certificate).build().unwrap()
}

#[tokio::test]
async fn tcp_007_messages_over_tls() {
    let messaging = tls_server();
    let authority = Authority::new();
    let address = listen(&messaging, &authority).await;
    let mut client = dial(address, &authority, None).await.unwrap();
    assert_eq!(client.connect().await.header("user-name"), None);
    client.subscribe("/topic/a").await;
    let body = "grün 日本 ".repeat(3000);
    let sent = format!("SEND\ndestination:/topic/a\n\n{body}\0");
    for _ in 0..20 {
        client.send(&sent).await;
        let message = client.expect(Command::Message).await;
        assert_eq!(client::text(&message), body);
    }
    client.send("DISCONNECT\nreceipt:bye\n\n\0").await;
    client.expect_receipt("bye").await;
    // The end is told by TLS, too: a reader would report anything else as an error.
    client.expect_end().await;
    client.finish().await;
}

#[tokio::test]
async fn tcp_007_a_certificate_is_a_login() {
    let messaging = tls_server();
    let authority = Authority::new();
    let address = listen(&messaging, &authority).await;
    let mut client = dial(address, &authority, Some("joe")).await.unwrap();
    assert_eq!(
        client.connect().await.header("user-name"),
        Some("certified")
    );
    assert_eq!(messaging.users().user_count(), 1);
}

#[tokio::test]
async fn tcp_007_err_012_whoever_is_refused_gets_the_error() {
    let messaging = tls_server();
    let authority = Authority::new();
    let address = listen(&messaging, &authority).await;
    for _ in 0..20 {
        let mut client = dial(address, &authority, None).await.unwrap();
        let more = "x".repeat(40_000);
        client
            .send(format!(
                "CONNECT\nlogin:bad\naccept-version:1.2\n\n\0{more}"
            ))
            .await;
        client.expect_error("authentication-failed").await;
    }
}

#[tokio::test]
async fn tcp_007_the_end_of_the_server() {
    let messaging = tls_server();
    let authority = Authority::new();
    let address = listen(&messaging, &authority).await;
    let mut client = dial(address, &authority, None).await.unwrap();
    client.connect().await;
    let (ended, ()) = tokio::join!(messaging.shutdown(30 * SECOND), async {
        client.expect_error("shutdown").await;
        client.finish().await;
    });
    assert!(ended);
}
