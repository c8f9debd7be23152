//! SJ-HB-01 to SJ-HB-07.

use tokio::time::{Instant, sleep};

use super::*;

const BEAT: Duration = Duration::from_secs(25);

async fn silence(body: &mut ReceivingBody) -> (Duration, String) {
    let start = Instant::now();
    let frame = body.next().await.unwrap();
    (start.elapsed(), frame)
}

fn is_after(beat: &(Duration, String), time: Duration) -> bool {
    beat.0 >= time && beat.0 < time + 2 * MOMENT
}

#[tokio::test(start_paused = true)]
async fn sj_hb_01_a_stream_gets_heart_beats_in_its_way() {
    for format in formats() {
        if format.ends_after_frame() {
            continue;
        }
        let (session, socket) = one();
        let _owner = idle(socket);
        let mut body = session.attach(format.clone());
        assert!(body.next().await.is_some());
        assert!(body.next().await.is_some());
        for _ in 0..3 {
            let beat = silence(&mut body).await;
            assert!(is_after(&beat, BEAT), "{beat:?}");
            assert_eq!(beat.1.as_bytes(), format.heart_beat());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn sj_hb_02_a_heart_beat_is_the_answer_to_a_poll() {
    let (session, socket) = polled().await;
    let _owner = idle(socket);
    for _ in 0..3 {
        let mut body = session.attach(Format::Xhr);
        let beat = silence(&mut body).await;
        assert!(is_after(&beat, BEAT), "{beat:?}");
        assert_eq!(beat.1, "h\n");
        assert!(body.is_end_stream());
    }
}

#[tokio::test(start_paused = true)]
async fn sj_hb_03_traffic_postpones_heart_beats() {
    let (_session, mut socket, mut stream) = streamed().await;
    for _ in 0..3 {
        let traffic = async {
            sleep(BEAT - MOMENT).await;
            socket.say("x").await;
        };
        let ((), frame) = tokio::join!(traffic, stream.next());
        assert_eq!(frame.unwrap(), "a[\"x\"]\n");
    }
    let beat = silence(&mut stream).await;
    assert!(is_after(&beat, BEAT), "{beat:?}");
    assert_eq!(beat.1, "h\n");
}

#[tokio::test(start_paused = true)]
async fn sj_hb_06_each_receiver_starts_anew() {
    let (session, mut socket) = polled().await;
    for _ in 0..3 {
        let mut body = session.attach(Format::Xhr);
        assert!(body.is_silent());
        sleep(BEAT - MOMENT).await;
        assert!(body.is_silent());
        socket.say("x").await;
        assert_eq!(body.next().await.unwrap(), "a[\"x\"]\n");
        // While nobody receives, there is nothing but the delay.
        sleep(DELAY - MOMENT).await;
    }
}

#[tokio::test(start_paused = true)]
async fn sj_hb_07_heart_beats_of_stomp_take_their_place() {
    for (negotiated, beats) in [
        (None, true),
        (Some(Duration::ZERO), true),
        (Some(BEAT + MOMENT), true),
        (Some(BEAT), false),
        (Some(Duration::from_secs(10)), false),
    ] {
        let (_session, mut socket, mut stream) = streamed().await;
        // The stream waits already, and so has a timer.
        assert!(stream.is_silent());
        socket.heart_beats_negotiated(negotiated);
        let _owner = idle(socket);
        let beat = tokio::time::timeout(10 * BEAT, stream.next()).await;
        assert_eq!(beat.is_ok(), beats, "{negotiated:?}");
    }
}
