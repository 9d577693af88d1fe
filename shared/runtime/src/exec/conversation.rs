//! What is said over an open connection to a command: the channels of the protocol.

use super::fault::ExecFault;
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt as _, StreamExt as _, future};
use serde::Deserialize;
use sre_core::container_command::{ContainerCommand, Said};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};

const STDIN: u8 = 0;
const STDOUT: u8 = 1;
const STDERR: u8 = 2;
/// How the command ended, as a `Status`.
const STATUS: u8 = 3;
/// Says which channel ends.
const CLOSE: u8 = 255;

/// Input of one message.
const CHUNK: usize = 16 * 1024;
/// The largest message that is taken; servers send 32 KiB at a time.
const LARGEST: usize = 4 * 1024 * 1024;
/// Most of a status that is read.
const LONGEST_STATUS: usize = 64 * 1024;
/// How long a connection may say nothing before a sign of life: a proxy, and our own limit on silence, end it otherwise. While
/// output comes none is sent: one that reaches a server which has said all makes it drop what is still on its way.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);
/// How long the rest of the output may take once it is known how the command ended.
const REST: Duration = Duration::from_secs(2);

/// Takes what a command writes to its standard output, piece by piece.
pub type Output<'a> = &'a mut dyn FnMut(&[u8]) -> io::Result<()>;

/// Writes the input and reads the output until the command has ended; of each output `most` bytes are kept. Where somebody
/// takes the standard output, all of it is for them, and the conversation ends when they take no more.
///
/// # Errors
/// Says that it was not started, that its end was not seen, or why its output was not taken.
pub(super) async fn hold<S>(
    socket: S,
    command: &ContainerCommand,
    most: usize,
    output: Option<Output<'_>>,
) -> Result<Said, ExecFault>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let config = WebSocketConfig::default().max_message_size(Some(LARGEST)).max_frame_size(Some(LARGEST));
    let (sink, stream) = WebSocketStream::from_raw_socket(socket, Role::Client, Some(config)).await.split();
    let input = command.input.as_deref().map(str::as_bytes);
    let heard = AtomicU64::new(0);
    let talking = std::pin::pin!(talk(sink, input, &heard));
    let listening = std::pin::pin!(listen(stream, most, output, &heard));
    let heard = match future::select(listening, talking).await {
        future::Either::Left((heard, _)) => heard,
        // A command need not read its input to the end: what it said still counts.
        future::Either::Right((_, listening)) => listening.await,
    };
    heard?.ended(command)
}

/// Ends when nothing can be said any more.
async fn talk<S>(
    mut sink: SplitSink<WebSocketStream<S>, Message>,
    input: Option<&[u8]>,
    heard: &AtomicU64,
) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if let Some(input) = input {
        for chunk in input.chunks(CHUNK) {
            sink.send(Message::binary([&[STDIN], chunk].concat())).await?;
        }
        sink.send(Message::binary(vec![CLOSE, STDIN])).await?;
    }
    loop {
        let before = heard.load(Ordering::Relaxed);
        tokio::time::sleep(SIGN_OF_LIFE).await;
        if heard.load(Ordering::Relaxed) != before {
            continue;
        }
        sink.send(Message::Ping(Bytes::new())).await?;
    }
}

async fn listen<S>(
    mut stream: SplitStream<WebSocketStream<S>>,
    most: usize,
    mut output: Option<Output<'_>>,
    count: &AtomicU64,
) -> Result<Heard, ExecFault>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut heard = Heard::default();
    loop {
        // The channels are copied side by side: the end of the command may overtake what it said.
        let next = match &heard.status {
            Some(_) => tokio::time::timeout(REST, stream.next()).await.unwrap_or(None),
            None => stream.next().await,
        };
        if matches!(next, Some(Ok(Message::Binary(_)))) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        match next {
            None | Some(Ok(Message::Close(_))) => return Ok(heard),
            Some(Ok(Message::Binary(message))) => match (&mut output, message.split_first()) {
                (Some(take), Some((&STDOUT, content))) => {
                    take(content).map_err(|error| ExecFault::NotKept { why: error.to_string() })?;
                }
                _ => heard.note(&message, most),
            },
            Some(Ok(_)) => {}
            Some(Err(_)) if heard.status.is_some() => return Ok(heard),
            Some(Err(error)) => return Err(ExecFault::BrokenOff { why: error.to_string() }),
        }
    }
}

#[derive(Default)]
struct Heard {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    status: Option<Vec<u8>>,
    is_cut: bool,
}

impl Heard {
    fn note(&mut self, message: &[u8], most: usize) {
        let Some((channel, content)) = message.split_first() else { return };
        let (kept, most) = match *channel {
            STDOUT => (&mut self.stdout, most),
            STDERR => (&mut self.stderr, most),
            // Each channel is opened with an empty message.
            STATUS if !content.is_empty() => (self.status.get_or_insert_default(), LONGEST_STATUS),
            _ => return,
        };
        let room = most.saturating_sub(kept.len()).min(content.len());
        self.is_cut |= room < content.len();
        kept.extend_from_slice(&content[..room]);
    }

    fn ended(self, command: &ContainerCommand) -> Result<Said, ExecFault> {
        let Some(status) = self.status else {
            return Err(ExecFault::BrokenOff { why: "nothing was said of how it ended".to_owned() });
        };
        let exit_code = exit_code(&status, command)?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok(Said { exit_code, stdout: text(self.stdout), stderr: text(self.stderr), is_cut: self.is_cut })
    }
}

#[derive(Deserialize)]
struct Status {
    status: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    reason: String,
    details: Option<Details>,
}

#[derive(Deserialize)]
struct Details {
    #[serde(default)]
    causes: Vec<Cause>,
}

#[derive(Deserialize)]
struct Cause {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    message: String,
}

fn exit_code(status: &[u8], command: &ContainerCommand) -> Result<i32, ExecFault> {
    let unreadable = || ExecFault::BrokenOff { why: "what was said of how it ended cannot be read".to_owned() };
    let status: Status = serde_json::from_slice(status).map_err(|_| unreadable())?;
    match (status.status.as_str(), status.reason.as_str()) {
        ("Success", _) => Ok(0),
        (_, "NonZeroExitCode") => {
            let causes = status.details.iter().flat_map(|details| &details.causes);
            let code = causes.filter(|cause| cause.reason == "ExitCode").find_map(|cause| cause.message.parse().ok());
            code.ok_or_else(unreadable)
        }
        _ => Err(not_started(&status.message, command)),
    }
}

/// The container runtimes have no codes for these, but words.
fn not_started(message: &str, command: &ContainerCommand) -> ExecFault {
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    let why: String = message.chars().map(|c| if c.is_control() { ' ' } else { c }).take(500).collect();
    if says(&["executable file not found", "no such file or directory"]) {
        ExecFault::NoProgram { program: command.program().to_owned() }
    } else if says(&["container not found", "not running", "is not created or running", "NotFound"]) {
        ExecFault::NoContainer { why }
    } else {
        ExecFault::NotStarted { why }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::DuplexStream;

    type Server = WebSocketStream<DuplexStream>;

    fn command(input: Option<&str>) -> ContainerCommand {
        ContainerCommand {
            namespace: "shop".to_owned(),
            pod: "db-0".to_owned(),
            container: None,
            words: vec!["psql".to_owned()],
            input: input.map(str::to_owned),
        }
    }

    /// What comes of a conversation with a server that says these messages and hangs up.
    async fn heard(messages: &[(u8, &str)]) -> Result<Said, ExecFault> {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let say = async {
            let mut server: Server = WebSocketStream::from_raw_socket(theirs, Role::Server, None).await;
            for (channel, content) in messages {
                let message = [&[*channel], content.as_bytes()].concat();
                server.send(Message::binary(message)).await.expect("it is heard");
            }
            server.close(None).await.expect("it is heard");
        };
        let command = command(None);
        tokio::join!(hold(ours, &command, 8, None), say).0
    }

    /// What becomes of the output where somebody takes so many bytes of it.
    async fn taken(messages: &[(u8, &str)], most: usize) -> (Result<Said, ExecFault>, String) {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let say = async {
            let mut server: Server = WebSocketStream::from_raw_socket(theirs, Role::Server, None).await;
            for (channel, content) in messages {
                let message = [&[*channel], content.as_bytes()].concat();
                // Whoever has enough hangs up.
                let _ = server.send(Message::binary(message)).await;
            }
            let _ = server.close(None).await;
        };
        let (mut kept, command) = (Vec::new(), command(None));
        let mut take = |bytes: &[u8]| {
            kept.extend_from_slice(bytes);
            if kept.len() > most { Err(io::Error::other("that is enough")) } else { Ok(()) }
        };
        let said = tokio::join!(hold(ours, &command, 8, Some(&mut take)), say).0;
        (said, String::from_utf8(kept).expect("text"))
    }

    const SUCCESS: (u8, &str) = (STATUS, r#"{"metadata":{},"status":"Success"}"#);

    #[tokio::test]
    async fn what_is_said_after_the_end_was_known_is_heard_too() {
        let said = heard(&[(STDOUT, ""), (STDERR, "odd"), SUCCESS, (STDOUT, "a"), (STDOUT, "b")]).await;
        let expected = Said { stdout: "ab".to_owned(), stderr: "odd".to_owned(), ..Said::default() };
        assert_eq!(said, Ok(expected));
    }

    #[tokio::test]
    async fn more_than_the_bound_is_cut_and_said_to_be() {
        let said = heard(&[(STDOUT, "123456"), (STDOUT, "789"), SUCCESS]).await.map(|it| (it.stdout, it.is_cut));
        assert_eq!(said, Ok(("12345678".to_owned(), true)));
        let said = heard(&[(STDOUT, "12345678"), SUCCESS]).await.map(|it| it.is_cut);
        assert_eq!(said, Ok(false));
    }

    #[tokio::test]
    async fn whoever_takes_the_output_gets_all_of_it_until_it_is_enough() {
        let long = [(STDOUT, "1234567890"), (STDERR, "odd"), SUCCESS, (STDOUT, "1234567890")];
        let (said, kept) = taken(&long, 20).await;
        assert_eq!((said, kept.len()), (Ok(Said { stderr: "odd".to_owned(), ..Said::default() }), 20));
        let (said, kept) = taken(&long, 9).await;
        assert_eq!(
            (said, kept.len()),
            (Err(ExecFault::NotKept { why: "that is enough".to_owned() }), 10),
            "the rest is not waited for"
        );
    }

    #[tokio::test]
    async fn a_sign_of_life_is_given_in_silence_and_never_while_output_comes() {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let serve = async {
            let mut server: Server = WebSocketStream::from_raw_socket(theirs, Role::Server, None).await;
            let talks_until = tokio::time::Instant::now() + SIGN_OF_LIFE + SIGN_OF_LIFE / 2;
            while tokio::time::Instant::now() < talks_until {
                server.send(Message::binary(vec![STDOUT, b'x'])).await.expect("it is heard");
                let said = tokio::time::timeout(SIGN_OF_LIFE / 5, server.next()).await;
                assert!(said.is_err(), "nothing is said into what comes: {said:?}");
            }
            let said = tokio::time::timeout(SIGN_OF_LIFE * 3, server.next()).await;
            assert!(matches!(said, Ok(Some(Ok(Message::Ping(_))))), "{said:?}");
            server.send(Message::binary([&[SUCCESS.0], SUCCESS.1.as_bytes()].concat())).await.expect("it is heard");
            server.close(None).await.expect("it is heard");
        };
        let command = command(None);
        let (said, ()) = tokio::join!(hold(ours, &command, 100, None), serve);
        assert_eq!(said.map(|it| it.exit_code), Ok(0));
    }

    #[tokio::test]
    async fn the_exit_code_is_the_commands() {
        let ended = r#"{"status":"Failure","reason":"NonZeroExitCode","message":"command terminated",
            "details":{"causes":[{"reason":"ExitCode","message":"3"}]}}"#;
        assert_eq!(heard(&[(STATUS, ended)]).await.map(|it| it.exit_code), Ok(3));
    }

    #[tokio::test]
    async fn what_was_not_started_says_why() {
        let failure =
            |message: &str| format!(r#"{{"status":"Failure","reason":"InternalError","message":"{message}"}}"#);
        let none = failure("exec failed: unable to start: exec: psql: executable file not found in $PATH: unknown");
        assert_eq!(heard(&[(STATUS, &none)]).await, Err(ExecFault::NoProgram { program: "psql".to_owned() }));
        let gone = failure("unable to upgrade connection: container not found (db)");
        assert!(matches!(heard(&[(STATUS, &gone)]).await, Err(ExecFault::NoContainer { .. })));
        let other = failure("no space left on device");
        assert_eq!(
            heard(&[(STATUS, &other)]).await,
            Err(ExecFault::NotStarted { why: "no space left on device".to_owned() })
        );
    }

    #[tokio::test]
    async fn a_connection_that_ends_first_leaves_the_fate_open() {
        assert!(matches!(heard(&[(STDOUT, "half")]).await, Err(ExecFault::BrokenOff { .. })));
        assert!(matches!(heard(&[(STATUS, "{")]).await, Err(ExecFault::BrokenOff { .. })));
        let (ours, theirs) = tokio::io::duplex(64);
        drop(theirs);
        assert!(matches!(hold(ours, &command(None), 8, None).await, Err(ExecFault::BrokenOff { .. })));
    }

    #[tokio::test]
    async fn the_input_arrives_whole_and_ends() {
        let input = "x".repeat(3 * CHUNK + 1);
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let read = async {
            let mut server: Server = WebSocketStream::from_raw_socket(theirs, Role::Server, None).await;
            let mut all = Vec::new();
            while let Some(Ok(message)) = server.next().await {
                let message = message.into_data();
                match message.first() {
                    Some(&STDIN) => all.extend_from_slice(&message[1..]),
                    _ => {
                        assert_eq!(message[..], [CLOSE, STDIN]);
                        break;
                    }
                }
            }
            server.send(Message::binary([&[SUCCESS.0], SUCCESS.1.as_bytes()].concat())).await.expect("it is heard");
            server.close(None).await.expect("it is heard");
            all.len()
        };
        let command = command(Some(&input));
        let (said, length) = tokio::join!(hold(ours, &command, 8, None), read);
        assert_eq!((said.map(|it| it.exit_code), length), (Ok(0), input.len()));
    }
}
