//! An API server's stand-in on loopback, with one namespace and nothing else: it keeps what it was asked, and by whom.

use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;
use sre_core::slim::KINDS;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// What is installed, and in which versions.
const GROUPS: &str = r#"{"kind": "APIGroupList", "apiVersion": "v1", "groups": [
    {"name": "gateway.networking.k8s.io", "versions": [{"groupVersion": "gateway.networking.k8s.io/v1"}]},
    {"name": "external-secrets.io", "versions": [{"groupVersion": "external-secrets.io/v1beta1"}]},
    {"name": "snapshot.storage.k8s.io", "versions": [
        {"groupVersion": "snapshot.storage.k8s.io/v1"}, {"groupVersion": "snapshot.storage.k8s.io/v1beta1"}]}]}"#;

/// One request as it arrived.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The path and the query.
    pub target: String,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    /// The name of the server that the caller meant, where TLS told it.
    pub server_name: Option<String>,
    /// The caller's certificate.
    pub certificate: Option<Vec<u8>>,
}

/// What becomes of a request for pods.
#[derive(Clone, Copy, PartialEq)]
pub enum Pods {
    /// There are none.
    Empty,
    /// Nobody may see them.
    Forbidden,
    /// Nothing is answered for longer than anybody waits.
    Silent,
}

/// Listens as long as the test process.
pub struct Recorder {
    url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// Holds requests back until as many as these are under way, and counts them.
pub struct Crowd {
    wanted: usize,
    seen: Mutex<Seen>,
    changed: Condvar,
}

/// Requests now and at the most.
#[derive(Default)]
struct Seen {
    now: usize,
    most: usize,
}

/// Signs certificates for one server and its callers.
pub struct Authority {
    pub pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key, as PEM.
pub struct Issued {
    pub certificate: String,
    pub key: String,
}

impl Crowd {
    /// Waits until the crowd was complete once, and then gives one more a moment to come.
    fn gather(&self) {
        let mut seen = self.seen.lock().expect("no panic while held");
        seen.now += 1;
        seen.most = seen.most.max(seen.now);
        self.changed.notify_all();
        let too_few = |seen: &mut Seen| seen.most < self.wanted;
        let (seen, _) = self.changed.wait_timeout_while(seen, Duration::from_secs(10), too_few).expect("no panic");
        let none_more = |seen: &mut Seen| seen.most == self.wanted;
        let moment = Duration::from_millis(50);
        let (mut seen, _) = self.changed.wait_timeout_while(seen, moment, none_more).expect("no panic");
        seen.now -= 1;
    }

    /// How many requests were under way at the most.
    pub fn most(&self) -> usize {
        self.seen.lock().expect("no panic while held").most
    }
}

impl Asked {
    /// The target without its query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The values of a header, in their order.
    pub fn headers(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(given, _)| given == name).map(|(_, value)| value.as_str()).collect()
    }
}

impl Recorder {
    /// Starts one that speaks plain HTTP.
    pub fn plain(pods: Pods) -> Self {
        Self::start("http", move |stream, asked| answer(stream, Asked::default(), pods, asked))
    }

    /// Starts one that speaks TLS under a name; callers may show a certificate of the authority.
    pub fn tls(authority: &Authority, name: &str) -> Self {
        let settings = Arc::new(authority.server(name));
        Self::start("https", move |stream, asked| {
            let Ok(session) = ServerConnection::new(Arc::clone(&settings)) else { return };
            let mut stream = StreamOwned::new(session, stream);
            // A caller that does not trust the server leaves here.
            if stream.conn.complete_io(&mut stream.sock).is_err() {
                return;
            }
            let certificate = stream.conn.peer_certificates().and_then(|chain| chain.first());
            let caller = Asked {
                server_name: stream.conn.server_name().map(str::to_owned),
                certificate: certificate.map(|certificate| certificate.to_vec()),
                ..Asked::default()
            };
            answer(&mut stream, caller, Pods::Empty, asked);
            stream.conn.send_close_notify();
            let _ = stream.flush();
        })
    }

    /// Starts one that puts off the first so many requests for each of these paths.
    pub fn busy(paths: &'static [&'static str], times: usize) -> Self {
        Self::start("http", move |mut stream, asked| {
            let Some(path) = heard(&mut stream, Asked::default(), asked) else { return };
            let asked = asked.lock().expect("no panic while held");
            let so_far = asked.iter().filter(|asked| asked.path() == path).count();
            drop(asked);
            let is_busy = paths.contains(&path.as_str()) && so_far <= times;
            let text = if is_busy { later() } else { said(&path, Pods::Empty).unwrap_or_default() };
            let _ = stream.write_all(text.as_bytes());
        })
    }

    /// Starts one that has the objects of a list.
    pub fn holding(list: &str) -> Self {
        let list: Value = serde_json::from_str(list).expect("JSON");
        let items = Arc::new(list["items"].as_array().cloned().expect("items"));
        Self::start("http", move |mut stream, asked| {
            let Some(path) = heard(&mut stream, Asked::default(), asked) else { return };
            let text = listed(&path, &items).or_else(|| said(&path, Pods::Empty)).unwrap_or_default();
            let _ = stream.write_all(text.as_bytes());
        })
    }

    /// Starts one that has the objects of a list, and passes on what the kubelet of a node answers to anything: status
    /// and body, or nothing at all.
    pub fn with_kubelets(items: &Value, kubelet: fn(&str) -> Option<(&'static str, String)>) -> Self {
        let items = Arc::new(items.as_array().cloned().expect("items"));
        Self::start("http", move |mut stream, asked| {
            let Some(path) = heard(&mut stream, Asked::default(), asked) else { return };
            let node = path.strip_prefix("/api/v1/nodes/").and_then(|rest| rest.split_once("/proxy/"));
            let Some((node, _)) = node else {
                let text = listed(&path, &items).or_else(|| said(&path, Pods::Empty)).unwrap_or_default();
                _ = stream.write_all(text.as_bytes());
                return;
            };
            match kubelet(node) {
                Some((status, body)) => _ = stream.write_all(json(&body).replacen("200 OK", status, 1).as_bytes()),
                None => thread::sleep(Duration::from_secs(60)),
            }
        })
    }

    /// Starts one that has the objects of a list, and answers so whoever asks for a log: status and body, or nothing at all.
    pub fn with_logs(items: &Value, log: fn(&Asked) -> Option<(&'static str, String)>) -> Self {
        Self::answering(items, |path| path.ends_with("/log"), log)
    }

    /// Starts one that has the objects of a list, and passes on what Services answer: status and body, or nothing at all.
    pub fn with_services(items: &Value, service: fn(&Asked) -> Option<(&'static str, String)>) -> Self {
        Self::answering(items, |path| path.contains("/proxy/"), service)
    }

    fn answering(
        items: &Value,
        is_other: fn(&str) -> bool,
        other: fn(&Asked) -> Option<(&'static str, String)>,
    ) -> Self {
        let items = Arc::new(items.as_array().cloned().expect("items"));
        Self::start("http", move |mut stream, kept| {
            let Some(asked) = read(&mut stream, Asked::default()) else { return };
            kept.lock().expect("no panic while held").push(asked.clone());
            let path = asked.path();
            let answered = || listed(path, &items).or_else(|| said(path, Pods::Empty)).unwrap_or_default();
            let text = match is_other(path).then(|| other(&asked)) {
                None => answered(),
                Some(Some((status, body))) => whole("text/plain", &body).replacen("200 OK", status, 1),
                Some(None) => return thread::sleep(Duration::from_secs(60)),
            };
            _ = stream.write_all(text.as_bytes());
        })
    }

    /// Starts one that answers no list before so many are asked for.
    pub fn crowded(wanted: usize) -> (Self, Arc<Crowd>) {
        let crowd = Arc::new(Crowd { wanted, seen: Mutex::default(), changed: Condvar::new() });
        let held = Arc::clone(&crowd);
        let server = Self::start("http", move |mut stream, asked| {
            let Some(path) = heard(&mut stream, Asked::default(), asked) else { return };
            if !["/version", "/apis"].contains(&path.as_str()) {
                held.gather();
            }
            let _ = stream.write_all(said(&path, Pods::Empty).unwrap_or_default().as_bytes());
        });
        (server, crowd)
    }

    fn start(scheme: &str, serve: impl Fn(TcpStream, &Mutex<Vec<Asked>>) + Clone + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("{scheme}://{}", listener.local_addr().expect("an address"));
        let asked = Arc::default();
        let log = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (serve, log) = (serve.clone(), Arc::clone(&log));
                thread::spawn(move || serve(stream, &log));
            }
        });
        Self { url, asked }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Gives what has arrived since the last time.
    pub fn take(&self) -> Vec<Asked> {
        std::mem::take(&mut self.asked.lock().expect("no panic while held"))
    }
}

fn answer(mut stream: impl Read + Write, caller: Asked, pods: Pods, log: &Mutex<Vec<Asked>>) {
    let Some(path) = heard(&mut stream, caller, log) else { return };
    match said(&path, pods) {
        // A caller that went away has heard enough.
        Some(text) => _ = stream.write_all(text.as_bytes()),
        None => thread::sleep(Duration::from_secs(60)),
    }
}

/// Reads a request and keeps it; gives its path.
fn heard(stream: &mut impl Read, caller: Asked, log: &Mutex<Vec<Asked>>) -> Option<String> {
    let asked = read(stream, caller)?;
    let path = asked.path().to_owned();
    log.lock().expect("no panic while held").push(asked);
    Some(path)
}

/// The answer to a request, if there is one.
fn said(path: &str, pods: Pods) -> Option<String> {
    let is_pods = path.ends_with("/pods");
    Some(match path.rsplit('/').next().unwrap_or_default() {
        "version" => json(r#"{"gitVersion":"v1.36.0"}"#),
        "apis" => json(GROUPS),
        // Another kind of its group is served in the newer version.
        "volumesnapshots" if !path.contains("/v1beta1/") => {
            json(r#"{"kind":"Status","status":"Failure","code":404}"#).replacen("200 OK", "404 Not Found", 1)
        }
        "readyz" | "livez" => whole("text/plain", "[+]ping ok\nok\n"),
        "namespaces" => json(
            r#"{"kind":"NamespaceList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"shop","uid":"1"}},{"metadata":{"name":"bank","uid":"2"}}]}"#,
        ),
        _ if is_pods && pods == Pods::Silent => return None,
        _ if is_pods && pods == Pods::Forbidden => json(
            r#"{"kind":"Status","status":"Failure","message":"not for you","code":403}"#,
        )
        .replacen("200 OK", "403 Forbidden", 1),
        "serviceaccounts" => json(
            r#"{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"default","namespace":"bank"}}]}"#,
        ),
        _ => json(r#"{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]}"#),
    })
}

/// Those of the objects that a path lists; `None` where it lists none of a known kind.
fn listed(path: &str, items: &[Value]) -> Option<String> {
    let plural = path.rsplit('/').next()?;
    // What is measured of pods is called pods too.
    let is_measured = path.starts_with("/apis/metrics.k8s.io/");
    let kind = KINDS.iter().find(|info| info.plural == plural && info.name.ends_with("Metrics") == is_measured)?.name;
    let namespace = path.split_once("/namespaces/").and_then(|(_, rest)| rest.split('/').next());
    let is_inside = |item: &&Value| namespace.is_none_or(|name| item["metadata"]["namespace"] == name);
    let items: Vec<&Value> = items.iter().filter(|item| item["kind"] == kind).filter(is_inside).collect();
    let list =
        serde_json::json!({"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": items});
    Some(json(&list.to_string()))
}

/// What a server says that has no time now.
fn later() -> String {
    let status = json(r#"{"kind":"Status","status":"Failure","message":"too many requests","code":429}"#);
    status.replacen("200 OK\r\n", "429 Too Many Requests\r\nretry-after: 1\r\n", 1)
}

/// Reads the head of a request; those that only read have no body.
fn read(stream: &mut impl Read, caller: Asked) -> Option<Asked> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let target = lines.next()?.split(' ').nth(1)?.to_owned();
    let header = |line: String| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    Some(Asked { target, headers: lines.map_while(header).collect(), ..caller })
}

fn json(body: &str) -> String {
    whole("application/json", body)
}

fn whole(kind: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

impl Authority {
    pub fn new() -> Self {
        // Another test of this process may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let certificate = parameters.self_signed(&key).expect("a certificate");
        Self { pem: certificate.pem(), issuer: Issuer::new(parameters, key) }
    }

    /// Issues a certificate for somebody.
    pub fn person(&self) -> Issued {
        self.person_with(&KeyPair::generate().expect("a key"))
    }

    /// Issues a certificate for somebody's key.
    pub fn person_with(&self, key: &KeyPair) -> Issued {
        let mut parameters = CertificateParams::default();
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(&parameters, key)
    }

    /// What a server of a name speaks TLS with.
    pub fn server(&self, name: &str) -> ServerConfig {
        let parameters = CertificateParams::new([name.to_owned()]).expect("a name");
        let issued = self.sign(&parameters, &KeyPair::generate().expect("a key"));
        let mut roots = RootCertStore::empty();
        roots.add(der(&self.pem)).expect("a root");
        let callers =
            WebPkiClientVerifier::builder(Arc::new(roots)).allow_unauthenticated().build().expect("a verifier");
        let key = PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).expect("PEM");
        let settings = ServerConfig::builder().with_client_cert_verifier(callers);
        settings.with_single_cert(vec![der(&issued.certificate)], key).expect("TLS settings")
    }

    fn sign(&self, parameters: &CertificateParams, key: &KeyPair) -> Issued {
        let certificate = parameters.signed_by(key, &self.issuer).expect("a certificate");
        Issued { certificate: certificate.pem(), key: key.serialize_pem() }
    }
}

fn der(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).expect("PEM")
}

impl Issued {
    /// The certificate as a server sees it.
    pub fn der(&self) -> Vec<u8> {
        der(&self.certificate).to_vec()
    }
}
