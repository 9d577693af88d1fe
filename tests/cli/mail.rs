//! People are told of an incident by mail: a server on this machine speaks SMTP, and fails in each way.

use super::recorder::Authority;
use super::sandbox::{Ran, Sandbox};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

const PASSWORD: &str = "s3cret-of-the-post";

/// What the server says to the words that begin so, instead of what it usually says; an empty text breaks the connection off.
type Odd = Option<(&'static str, &'static str)>;

/// A letter as it came in: what was said before it, and its text.
struct Got {
    words: Vec<String>,
    text: String,
}

/// A server that has a way for each connection, the last one again and again.
struct Server {
    port: u16,
    got: Receiver<Got>,
}

/// How a server is spoken to.
#[derive(Clone)]
enum Spoken {
    Plain,
    /// From the first letter on.
    Tls(Arc<ServerConfig>),
    /// After STARTTLS.
    Starttls(Arc<ServerConfig>),
}

impl Server {
    fn new(ways: &'static [Odd]) -> Self {
        Self::spoken(ways, Spoken::Plain)
    }

    fn spoken(ways: &'static [Odd], spoken: Spoken) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (send, got) = channel();
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let way = ways[number.min(ways.len() - 1)];
                // Who breaks off leaves half a conversation; that is the test's business.
                let _ = serve(stream.expect("a connection"), way, &spoken, &send);
            }
        });
        Self { port, got }
    }
}

fn serve(mut stream: TcpStream, odd: Odd, spoken: &Spoken, send: &Sender<Got>) -> std::io::Result<()> {
    let settings = match spoken {
        Spoken::Plain => return talk(&mut stream, odd, Some(GREETING), send).map(drop),
        Spoken::Tls(settings) => settings,
        Spoken::Starttls(settings) => {
            if !talk(&mut stream, odd, Some(GREETING), &channel().0)? {
                return Ok(());
            }
            settings
        }
    };
    let greeting = matches!(spoken, Spoken::Tls(_)).then_some(GREETING);
    let session = ServerConnection::new(Arc::clone(settings)).expect("a session");
    talk(&mut StreamOwned::new(session, stream), odd, greeting, send).map(drop)
}

const GREETING: &str = "220 mail.example.com ESMTP\r\n";

/// A line without its end; nothing where the connection ended.
fn line(stream: &mut impl Read) -> std::io::Result<Option<String>> {
    let (mut line, mut letter) = (Vec::new(), [0]);
    while stream.read(&mut letter)? > 0 {
        match letter[0] {
            b'\n' => return Ok(Some(String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned())),
            other => line.push(other),
        }
    }
    Ok(None)
}

/// Speaks with one who brings letters; true where it goes on over TLS.
fn talk(
    stream: &mut (impl Read + Write),
    odd: Odd,
    greeting: Option<&str>,
    send: &Sender<Got>,
) -> std::io::Result<bool> {
    let mut words = Vec::new();
    if let Some(("HELLO", answer)) = odd {
        stream.write_all(answer.as_bytes())?;
        return Ok(false);
    }
    stream.write_all(greeting.unwrap_or_default().as_bytes())?;
    while let Some(said) = line(stream)? {
        words.push(said.clone());
        if let Some((word, answer)) = odd
            && said.starts_with(word)
        {
            if answer.is_empty() {
                return Ok(false);
            }
            stream.write_all(answer.as_bytes())?;
            continue;
        }
        if said == "DATA" {
            stream.write_all(b"354 go on\r\n")?;
            let mut text = String::new();
            while let Some(line) = line(stream)?.filter(|it| it != ".") {
                text.push_str(&line);
                text.push('\n');
            }
            let _ = send.send(Got { words: std::mem::take(&mut words), text });
            match odd {
                Some(("TEXT", "")) => return Ok(false),
                Some(("TEXT", answer)) => stream.write_all(answer.as_bytes())?,
                _ => stream.write_all(b"250 it is queued\r\n")?,
            }
            continue;
        }
        let answer: &[u8] = match said.split(' ').next().unwrap_or_default() {
            "EHLO" => b"250-mail.example.com\r\n250-8BITMIME\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n",
            "STARTTLS" => {
                stream.write_all(b"220 go on\r\n")?;
                return Ok(true);
            }
            "AUTH" => b"235 welcome\r\n",
            "QUIT" => b"221 bye\r\n",
            _ => b"250 ok\r\n",
        };
        stream.write_all(answer)?;
    }
    Ok(false)
}

fn home(port: u16, more: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(
        "profile.yaml",
        format!(
            "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\nincident:\n  notify:\n  \
             - {{name: post, kind: mail, server: 127.0.0.1, port: {port}, tls: none, from: oncall@example.com, \
             to: [a@example.com, b@example.com], {more}items: [update]}}\n"
        ),
    );
    let words = [
        "declare",
        "--sev",
        "2",
        "--title",
        "K\u{e4}ufe scheitern\r\nBcc: all@example.com",
        "--profile",
        "./profile.yaml",
    ];
    run(&sandbox, &words).succeeds();
    sandbox
}

fn run(sandbox: &Sandbox, words: &[&str]) -> Ran {
    let mut command = sandbox.command(&[&["incident"], words, &["--request-timeout", "2s"]].concat());
    let ran = Ran::of(command.env("MAIL_PASSWORD", PASSWORD).output().expect("the binary runs"));
    assert!(!ran.stdout.contains(PASSWORD) && !ran.stderr.contains(PASSWORD), "{}{}", ran.stdout, ran.stderr);
    ran
}

/// How a letter stands, and why.
fn told(sandbox: &Sandbox, words: &[&str]) -> (String, String) {
    let ran = run(sandbox, &[words, &["-o", "json"]].concat());
    let document: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    let text = |name: &str| document["deliveries"][0][name].as_str().unwrap_or_default().to_owned();
    assert_eq!(ran.code == 0, text("state") == "sent", "{document:#}");
    (text("state"), text("why"))
}

#[test]
fn a_letter_is_one_line_above_and_whole_below() {
    let server = Server::new(&[None]);
    let sandbox = home(server.port, "user: oncall, password: {env: MAIL_PASSWORD}, ");
    let dry = run(&sandbox, &["update", "half works", "--dry-run"]);
    assert!(
        dry.code == 0 && dry.stdout.contains("by 127.0.0.1:") && dry.stdout.contains("MAIL_PASSWORD"),
        "{}",
        dry.stdout
    );
    let text = format!("half of it works \u{2013} more soon\n.\n..x\nBcc: c@example.com\n{}", "long ".repeat(400));
    assert_eq!(told(&sandbox, &["update", &text, "--yes"]).0, "sent");
    let got = server.got.recv().expect("a letter");
    let said = |word: &str| got.words.iter().filter(|it| it.starts_with(word)).cloned().collect::<Vec<_>>();
    assert_eq!(said("MAIL"), ["MAIL FROM:<oncall@example.com>"]);
    assert_eq!(said("RCPT"), ["RCPT TO:<a@example.com>", "RCPT TO:<b@example.com>"]);
    assert_eq!(said("AUTH").len(), 1);
    let (head, body) = got.text.split_once("\n\n").expect("a head");
    let names: Vec<&str> =
        head.lines().filter(|it| !it.starts_with(' ')).filter_map(|it| Some(it.split_once(':')?.0)).collect();
    assert!(names.contains(&"Subject") && names.contains(&"Message-ID") && !names.contains(&"Bcc"), "{head}");
    assert!(head.contains("=?utf-8?") && head.lines().all(|it| it.len() <= 998 && it.is_ascii()), "{head}");
    assert!(body.lines().all(|it| it.len() <= 998), "{body}");
    assert!(!got.text.contains(PASSWORD));
}

#[test]
fn a_server_that_fails_in_each_way_is_told_for_what_it_is() {
    const CASES: &[(&[Odd], &str, usize)] = &[
        // Not now is tried again.
        (&[Some(("RCPT", "451 greylisted, come again\r\n")), None], "sent", 1),
        (&[Some(("TEXT", "451 the disk is full\r\n")), None], "sent", 2),
        (&[Some(("HELLO", "421 too busy\r\n")), None], "sent", 1),
        // No is no, once.
        (&[Some(("RCPT TO:<b@", "550 no such user\r\n"))], "failed", 0),
        (&[Some(("MAIL", "553 not from here\r\n"))], "failed", 0),
        (&[Some(("TEXT", "554 looks like spam\r\n"))], "failed", 1),
        // A connection that breaks off before the text has sent nothing.
        (&[Some(("DATA", "")), None], "sent", 1),
        (&[Some(("MAIL", "")), None], "sent", 1),
        // Behind the text nobody knows, and it is not sent again.
        (&[Some(("TEXT", "")), None], "unknown", 1),
        (&[Some(("TEXT", "what?\r\n")), None], "unknown", 1),
    ];
    for (ways, state, letters) in CASES {
        let server = Server::new(ways);
        let sandbox = home(server.port, "");
        let (stands, why) = told(&sandbox, &["update", "half works", "--yes"]);
        assert_eq!((stands.as_str(), server.got.try_iter().count()), (*state, *letters), "{ways:?}: {why}");
        if *state == "unknown" {
            run(&sandbox, &["retry", "--yes"]).fails(3, &["may have arrived"]);
            assert_eq!(told(&sandbox, &["retry", "--unknown", "--yes"]).0, "sent", "{ways:?}");
        }
    }
    let (stands, why) = told(&home(1, ""), &["update", "half works", "--yes"]);
    assert_eq!(stands, "failed", "{why}");
}

#[test]
fn the_same_letter_is_known_as_the_same_and_a_password_that_is_wrong_is_never_repeated() {
    const UNCLEAR: &[Odd] = &[Some(("TEXT", "")), None];
    let server = Server::new(UNCLEAR);
    let sandbox = home(server.port, "");
    assert_eq!(told(&sandbox, &["update", "half works", "--yes"]).0, "unknown");
    assert_eq!(told(&sandbox, &["retry", "--unknown", "--yes"]).0, "sent");
    let ids: Vec<String> = server
        .got
        .try_iter()
        .map(|it| it.text.lines().find(|it| it.starts_with("Message-ID:")).expect("an id").to_owned())
        .collect();
    assert!(ids.len() == 2 && ids[0] == ids[1], "{ids:?}");

    const WRONG: &[Odd] = &[Some(("AUTH", "535 s3cret-of-the-post is wrong\r\n"))];
    let server = Server::new(WRONG);
    let sandbox = home(server.port, "user: oncall, password: {env: MAIL_PASSWORD}, ");
    let (stands, why) = told(&sandbox, &["update", "half works", "--yes"]);
    assert!(stands == "failed" && why.contains("535") && !why.contains(PASSWORD), "{stands}: {why}");
}

#[test]
fn over_tls_it_goes_to_whom_the_machine_trusts_and_to_nobody_else() {
    let authority = Authority::new();
    let settings = Arc::new(authority.server("localhost"));
    for (tls, spoken) in [("tls", Spoken::Tls(Arc::clone(&settings))), ("starttls", Spoken::Starttls(settings.clone()))]
    {
        let server = Server::spoken(&[None], spoken);
        let sandbox = home(server.port, "user: oncall, password: {env: MAIL_PASSWORD}, ");
        let authority = sandbox.write("authority.pem", &authority.pem);
        let profile = std::fs::read_to_string(sandbox.path("profile.yaml")).expect("a profile");
        let profile = profile.replace("tls: none", &format!("tls: {tls}")).replace("127.0.0.1", "localhost");
        sandbox.write("profile.yaml", profile);
        let typed =
            ["incident", "update", "half works", "--yes", "--profile", "./profile.yaml", "--request-timeout", "5s"];
        let mut command = sandbox.command(&typed);
        let ran = Ran::of(command.env("MAIL_PASSWORD", PASSWORD).output().expect("the binary runs"));
        assert_eq!(ran.code, 4, "{tls}: nobody vouches for it: {}{}", ran.stdout, ran.stderr);
        assert!(server.got.try_iter().next().is_none(), "{tls}");
        let mut command = sandbox.command(&typed);
        let command = command.env("MAIL_PASSWORD", PASSWORD).env("SSL_CERT_FILE", &authority);
        let ran = Ran::of(command.output().expect("the binary runs"));
        assert_eq!(ran.code, 0, "{tls}: {}{}", ran.stdout, ran.stderr);
        let got = server.got.try_iter().next().expect("a letter");
        assert!(got.words.iter().any(|it| it.starts_with("AUTH")), "{:?}", got.words);
    }
}

#[test]
fn without_tls_that_was_asked_for_nothing_is_sent() {
    const OLD: &[Odd] = &[Some(("EHLO", "250 mail.example.com\r\n"))];
    let server = Server::new(OLD);
    let sandbox = home(server.port, "");
    let profile = std::fs::read_to_string(sandbox.path("profile.yaml")).expect("a profile");
    for tls in ["starttls", "tls"] {
        sandbox.write("profile.yaml", profile.replace("tls: none", &format!("tls: {tls}")));
        let words = ["update", "half works", "--yes", "--profile", "./profile.yaml", "-o", "json"];
        let ran = run(&sandbox, &words);
        assert_eq!(ran.code, 4, "{tls}: {}{}", ran.stdout, ran.stderr);
        assert!(server.got.try_iter().next().is_none(), "{tls}");
    }
}
