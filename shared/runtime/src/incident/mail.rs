//! Mail about an incident: one letter to all who get it, by one server.
//!
//! Before the end of its text is sent a letter is not under way, so whatever fails until then is certain.

use super::Outgoing;
use crate::error::message;
use crate::sealed::SealedText;
use lettre::message::header::ContentType;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as MailCommand, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, Message as Letter};
use sre_core::incident::{Answered, Mail, MailTls, said};
use std::time::{Duration, SystemTime};

/// Sends a letter; the server may be silent for so long, at each word.
pub(super) async fn send(mail: &Mail, one: &Outgoing, patience: Option<Duration>) -> Answered {
    let letter = match letter(mail, one) {
        Ok(letter) => letter,
        Err(why) => return Answered::Refused(why),
    };
    let password = match one.target.secret.as_ref().map(SealedText::read).transpose() {
        Ok(password) => password,
        Err(why) => return Answered::Refused(why),
    };
    let clock = Clock { patience };
    let mut connection = match ready(mail, password.as_ref(), &letter, &clock).await {
        Ok(connection) => connection,
        Err(Stop::Late) => return Answered::Later("the server gave no answer in time, and got nothing".to_owned()),
        Err(Stop::Smtp(error)) if error.is_permanent() => return Answered::Refused(words(&error, password.as_ref())),
        Err(Stop::Smtp(error)) => return Answered::Later(words(&error, password.as_ref())),
    };
    match clock.within(connection.message(&letter.formatted())).await {
        Ok(_) => {
            // Whatever it says to that, the letter was taken.
            let _ = clock.within(connection.quit()).await;
            Answered::Taken
        }
        Err(Stop::Late) => Answered::Unclear("the letter was sent, and no answer came in time".to_owned()),
        Err(Stop::Smtp(error)) if error.is_permanent() => Answered::Refused(words(&error, password.as_ref())),
        Err(Stop::Smtp(error)) if error.is_transient() => Answered::Later(words(&error, password.as_ref())),
        Err(Stop::Smtp(_)) => Answered::Unclear("the letter was sent, and the connection broke off".to_owned()),
    }
}

/// Why a word with the server came to nothing.
enum Stop {
    /// It was silent for too long.
    Late,
    /// It said no, or the connection broke off.
    Smtp(SmtpError),
}

struct Clock {
    patience: Option<Duration>,
}

impl Clock {
    async fn within<T>(&self, word: impl Future<Output = Result<T, SmtpError>>) -> Result<T, Stop> {
        let said = match self.patience {
            Some(patience) => tokio::time::timeout(patience, word).await.map_err(|_| Stop::Late)?,
            None => word.await,
        };
        said.map_err(Stop::Smtp)
    }
}

/// A connection on which nothing but the letter is still to be said.
async fn ready(
    mail: &Mail,
    password: Option<&SealedText>,
    letter: &Letter,
    clock: &Clock,
) -> Result<AsyncSmtpConnection, Stop> {
    let (me, tls) = (ClientId::default(), || TlsParameters::new(mail.server.clone()).map_err(Stop::Smtp));
    let first = if mail.tls == MailTls::Tls { Some(tls()?) } else { None };
    let place = (mail.server.as_str(), mail.port);
    let connect = AsyncSmtpConnection::connect_tokio1(place, clock.patience, &me, first, None);
    let mut connection = clock.within(connect).await?;
    if mail.tls == MailTls::Starttls {
        clock.within(connection.starttls(tls()?, &me)).await?;
    }
    if let (Some(user), Some(password)) = (&mail.user, password) {
        let credentials = Credentials::new(user.clone(), password.expose().to_owned());
        clock.within(connection.auth(DEFAULT_MECHANISMS, &credentials)).await?;
    }
    let envelope = letter.envelope();
    clock.within(connection.command(MailCommand::new(envelope.from().cloned(), Vec::new()))).await?;
    for address in envelope.to() {
        clock.within(connection.command(Rcpt::new(address.clone(), Vec::new()))).await?;
    }
    clock.within(connection.command(Data)).await?;
    Ok(connection)
}

/// The letter, which is the same each time that it is sent: who gets it twice sees it once.
fn letter(mail: &Mail, one: &Outgoing) -> Result<Letter, String> {
    let address = |text: &str| text.parse::<Address>().map_err(|_| format!("{text} is no address of mail"));
    let known_by = |word: &str| format!("<{word}@kubectl-sre.invalid>");
    let message = &one.message;
    let mut letter = Letter::builder()
        .from(address(&mail.from)?.into())
        .subject(message.subject())
        .date(SystemTime::from(message.at))
        .message_id(Some(known_by(&one.delivery)))
        .references(known_by(&message.incident))
        .header(ContentType::TEXT_PLAIN);
    for to in &mail.to {
        letter = letter.to(address(to)?.into());
    }
    letter.body(message.body()).map_err(|error| format!("no mail can be made of it: {error}"))
}

/// What the server said, without what it may repeat of the password.
fn words(error: &SmtpError, password: Option<&SealedText>) -> String {
    let text = message(error);
    let text = password.map_or_else(|| text.clone(), |it| text.replace(it.expose(), "<hidden>"));
    format!("the mail server{}", said(&text))
}
