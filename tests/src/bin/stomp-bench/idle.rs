//! What a connection costs that does nothing.

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{
    Verdict,
    client::{Client, ClientError, ClientOptions},
    options::Options,
    process::ServerProcess,
};

/// How many connect at the same time.
const AT_A_TIME: usize = 64;

pub(crate) async fn run(options: &Options) -> Verdict {
    let server = ServerProcess::of(options)?;
    // What the server makes once is not the price of a connection.
    connect(options, 1).await?;
    let before = server.usage()?;
    let clients = connect(options, options.connections).await?;
    let used = server.usage()?.since(&before);
    let each = |amount: f64| amount / clients.len() as f64;
    println!("{} connections with a subscription each", clients.len());
    if let (Some(cpu), Some(resident)) = (used.cpu, used.resident) {
        println!(
            "{:.1} us of CPU time for each connect",
            each(cpu.as_secs_f64() * 1e6)
        );
        println!(
            "{:.0} bytes of memory for each connection",
            each(resident as f64)
        );
    }
    println!(
        "the memory counts only if the server has just been started: a process keeps what it once had"
    );
    Ok(true)
}

async fn connect(options: &Options, connections: usize) -> Result<Vec<Client>, ClientError> {
    let connecting = (0..connections).map(async |_| {
        let mut client = Client::connect(&options.url, ClientOptions::default()).await?;
        client.subscribe(0, "/topic/bench-idle").await?;
        Ok(client)
    });
    stream::iter(connecting)
        .buffer_unordered(AT_A_TIME)
        .try_collect()
        .await
}
