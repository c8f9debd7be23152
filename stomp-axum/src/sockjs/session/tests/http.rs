//! What only a server of HTTP shows: SJ-FRM-06, SJ-LIM-03, SJ-HTTP-03, SJ-SES-08, SJ-XS-03.

use axum::{Router, routing::post};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::*;

/// The connection of a client that receives from the session.
async fn connect(session: &Arc<Session>, format: Format, version: &str) -> TcpStream {
    let session = session.clone();
    let receive = post(async move || axum::body::Body::new(session.attach(format)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().route("/", receive);
    tokio::spawn(async move { axum::serve(listener, app).await });
    let mut connection = TcpStream::connect(address).await.unwrap();
    let request = format!("POST / HTTP/{version}\r\nhost: test\r\ncontent-length: 0\r\n\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    connection
}

async fn read_until(connection: &mut TcpStream, end: &str) -> String {
    let mut read = String::new();
    while !read.ends_with(end) {
        read.push(connection.read_u8().await.unwrap().into());
    }
    read
}

async fn expect(connection: &mut TcpStream, bytes: &str) {
    let mut read = vec![0; bytes.len()];
    connection.read_exact(&mut read).await.unwrap();
    assert_eq!(String::from_utf8(read).unwrap(), bytes);
}

#[tokio::test]
async fn sj_frm_06_each_frame_is_a_chunk_and_the_end_is_one_at_once() {
    let settings = Settings {
        stream_bytes_limit: 20,
        ..Settings::default()
    };
    let (session, mut socket) = open(&Sessions::new(settings), "one");
    socket.say("first").await;
    let mut connection = connect(&session, Format::XhrStreaming, "1.1").await;
    let head = read_until(&mut connection, "\r\n\r\n").await;
    assert!(head.contains("transfer-encoding: chunked\r\n"), "{head}");
    assert!(!head.contains("content-length"), "{head}");
    let prelude = format!("801\r\n{}\n\r\n", "h".repeat(2048));
    expect(&mut connection, &prelude).await;
    expect(&mut connection, "2\r\no\n\r\n").await;
    expect(&mut connection, "B\r\na[\"first\"]\n\r\n").await;
    socket.say("last").await;
    expect(&mut connection, "A\r\na[\"last\"]\n\r\n0\r\n\r\n").await;
}

#[tokio::test]
async fn sj_xs_03_over_http_1_0_the_end_is_that_of_the_connection() {
    let (session, mut socket) = one();
    let mut connection = connect(&session, Format::EventSource, "1.0").await;
    let head = read_until(&mut connection, "\r\n\r\n").await;
    assert!(
        !head.contains("transfer-encoding") && !head.contains("content-length"),
        "{head}"
    );
    expect(&mut connection, "\r\ndata: o\r\n\r\n").await;
    socket.close(3000, "Go away!").await;
    let mut rest = String::new();
    connection.read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, "data: c[3000,\"Go away!\"]\r\n\r\n");
}

#[tokio::test]
async fn sj_ses_08_a_connection_that_is_closed_ends_the_session() {
    let (session, mut socket) = one();
    let mut connection = connect(&session, Format::EventSource, "1.1").await;
    read_until(&mut connection, "data: o\r\n\r\n\r\n").await;
    drop(connection);
    assert_eq!(socket.receive().await, None);
}

#[tokio::test]
async fn sj_ses_08_a_poll_that_has_been_answered_may_be_followed_by_the_end_of_the_connection() {
    let (session, mut socket) = one();
    let mut connection = connect(&session, Format::Xhr, "1.1").await;
    read_until(&mut connection, "2\r\no\n\r\n0\r\n\r\n").await;
    drop(connection);
    socket.say("x").await;
    assert_eq!(poll(&session).await, "a[\"x\"]\n");
}
