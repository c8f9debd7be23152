//! The server as a process of its own, which can have few file descriptors.

use std::process::Stdio;

use stomp_axum::codec::Command;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpStream,
    process,
};

use super::*;

/// EMFILE: more clients come than there are file descriptors. Those that have connected go on, and those that wait get
/// their turn when others leave.
#[cfg(unix)]
#[tokio::test]
async fn t_06_running_out_of_file_descriptors_is_survived() {
    let mut server = process::Command::new("sh")
        .args(["-c", "ulimit -n 40 && exec \"$0\" --tcp-port 0 --log error"])
        .arg(env!("CARGO_BIN_EXE_stomp-testbed"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let address = loop {
        let line = lines.next_line().await.unwrap().unwrap();
        if let Some(address) = line.strip_prefix("listening on tcp ") {
            break address.to_owned();
        }
    };
    let mut clients = Vec::new();
    // The kernel connects them; the server accepts only some.
    for _ in 0..60 {
        let stream = TcpStream::connect(&address).await.unwrap();
        let mut client = Client::new(stream);
        client.send(client::CONNECT).await;
        clients.push(client);
    }
    let waiting = clients.split_off(20);
    for client in &mut clients {
        client.expect(Command::Connected).await;
        client.subscribe("/topic/a").await;
    }
    let mut log = BufReader::new(server.stderr.take().unwrap()).lines();
    loop {
        let line = log.next_line().await.unwrap().unwrap();
        if line.contains("no connection can be accepted") {
            break;
        }
    }
    // Those that are connected are not affected.
    for client in &mut clients {
        client.send("DISCONNECT\nreceipt:bye\n\n\0").await;
        client.expect_receipt("bye").await;
    }
    drop(clients);
    for mut client in waiting {
        client.expect(Command::Connected).await;
    }
}
