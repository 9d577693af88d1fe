//! Invented lines of many programs, with secrets (between the marks `«»`) and without.

use super::lines::Text;
use crate::logs::Redactor;

/// Lines as programs log them, and command lines.
const LOGGED: &[&str] = &[
    // Variables, as shells, env and describe print them.
    "DB_PASSWORD_OLD=«hunter2» DB_HOST=db",
    "PASSWORD_1=«hunter2» PASSWORD_2=«hunter3»",
    "TOKEN_PROD=«abc-def-1»",
    "export PASSWORDS=«a1;b2»",
    "REDIS_AUTH=«correcthorse»",
    "JWT_KEY=«k1-k2-k3»",
    "PGPASS=«hunter2» psql -h db",
    "PGPASSWORD='«hunter2»' psql -h db -U shop",
    "      API_TOKEN:      «tok-123»",
    "AWS_ACCESS_KEY_ID=«AKIAABCDEFGHIJKLMNOP» AWS_SECRET_ACCESS_KEY=«wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY»",
    "AWS_SESSION_TOKEN=«IQoJb3JpZ2luX2VjEHAaCXVzLWVhc3QtMSJHMEUCIQDf»",
    "AWS_ACCOUNT_ID=«123456789012»",
    "+ export SMTP_PASS=«p4ss»",
    "declare -x DB_ROOT_PASSWORD=\"«hunter 2»\"",
    "SECRET_KEY_BASE=«0123abcd0123abcd»",
    "DJANGO_SECRET_KEY='«a#b$c%d»'",
    "NEXTAUTH_SECRET=«s3cr3t» NEXTAUTH_URL=https://shop.example.com",
    "RAILS_MASTER_KEY=«8f2d7a1b»",
    "ENCRYPTION_KEY_V2=«aGVsbG8gd29ybGQ=»",
    "WEBHOOK_URL=https://chat.example.com/«hooks/abc123»",
    // Addresses.
    "connecting to postgres://shop:«s3cr3t»@db:5432/shop?sslmode=require",
    "amqp://guest:«gu/est»@queue:5672/%2f refused",
    "mongodb+srv://app:«p%40ss»@cluster0.example.net/shop",
    "cloning https://«ghp_0123456789abcdefABCDEF0123456789abcd»@github.com/a/b.git",
    "redis cluster redis://default:«hunter2»@cache-0:6379,redis://default:«hunter2»@cache-1:6379",
    "jdbc:postgresql://db:5432/shop?user=shop&password=«hunter2»&ssl=true",
    "jdbc:oracle:thin:shop/«hunter2»@//db:1521/XE",
    "open root:«pa$$»@tcp(db:3306)/shop?parseTime=true: refused",
    "Server=tcp:db,1433;Database=shop;User ID=sa;Password=«Hunter;2»;Encrypt=true;",
    "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=«aGVsbG8gd29ybGQ=»;EndpointSuffix=core.windows.net",
    "Endpoint=sb://shop.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccessKey=«aGVsbG8=»",
    "GET https://shop.blob.core.windows.net/a/b?sv=2024-11-04&se=2026-12-01&sr=b&sp=r&sig=«aB3%2Fdk29fj3kd%3D» 403",
    "GET /files/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=«AKIAABCDEFGHIJKLMNOP%2F20261129%2Feu»&X-Amz-Date=20261129T080000Z&X-Amz-Expires=900&X-Amz-Signature=«0a1b2c3d»",
    "https://storage.googleapis.com/a/b?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Signature=«0a1b2c3d»&X-Goog-Expires=900",
    "https://d1.cloudfront.net/a?Expires=1764400000&Signature=«abc~def-ghi»&Key-Pair-Id=K2JCJMDEHXQW5F",
    "GET /login?access_token=«abc.def» HTTP/1.1",
    "GET /oauth/callback?code=«4fA0AdLI0bQ7zX»&scope=openid HTTP/1.1",
    "{\"url\":\"https://api/x?a=1\\u0026sig=«Zm9vYmFy»\\u0026b=2\"}",
    "https://api.telegram.org/bot123456789:«AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc» 401",
    "POST https://hooks.slack.com/services/«T000/B000/abcdef» 404",
    "https://«0123456789abcdef0123456789abcdef»@o1.ingest.sentry.io/42",
    // Headers.
    "> Authorization: «Bearer abc.def.ghi»",
    "-H 'X-Api-Key: «k-123»' -H 'Accept: application/json'",
    "x-vault-token: «hvs.CAESIJ0123456789abcdef»",
    "\"headers\":{\"authorization\":\"«Basic dXNlcjpwYXNz»\",\"host\":\"api\"}",
    "Set-Cookie: «session=abc123; Path=/; HttpOnly»",
    "proxy-authorization: «Basic dXNlcjpwYXNz»",
    "sent Bearer «abcdef-123456» to api",
    "AUTH PLAIN «AGJvYgBodW50ZXIy»",
    // JSON, also within a text.
    "{\"auths\":{\"r.example.com\":{\"username\":\"bob\",\"password\":\"«hunter2»\",\"auth\":\"«Ym9iOmh1bnRlcjI=»\"}}}",
    "payload=\"{\\\"auth\\\":\\\"«Ym9iOmh1bnRlcjI=»\\\",\\\"email\\\":\\\"a@b.c\\\"}\"",
    "{\"user\":\"bob\",\"passwordNew\":\"«a\\\"b»\",\"port\":1}",
    "{\"name\":\"DB_PASSWORD\",\"value\":\"«hunter2»\"},{\"name\":\"MODE\",\"value\":\"fast\"}",
    "{\"value\":\"«hunter2»\",\"name\":\"DB_PASSWORD\"}",
    "{\"passwords\":[\"«hunter2»\", \"«hunter3»\"],\"port\":1}",
    "{\"AccessKeyId\":\"«ASIAABCDEFGHIJKLMNOP»\",\"SecretAccessKey\":\"«abc/def»\",\"Token\":\"«IQoJb3Jp»\",\"Code\":\"Success\"}",
    "{\"type\":\"service_account\",\"private_key\":\"«-----BEGIN PRIVATE KEY-----\\nMIIabc\\n-----END PRIVATE KEY-----»\\n\",\"client_email\":\"a@b.iam\"}",
    "{\"refresh_token\":\"«1//0abc»\",\"expires_in\":3599,\"token_type\":\"Bearer\"}",
    // How languages print structures.
    "Config { host: \"db\", password: Some(\"«hunter2»\"), port: 5432 }",
    "&{Host:db User:shop Password:«hunter2» Port:5432}",
    "Env:[]EnvVar{EnvVar{Name:DB_PASSWORD,Value:«hunter2»,ValueFrom:nil,},EnvVar{Name:MODE,Value:fast,ValueFrom:nil,},}",
    "{'user': 'bob', 'password': '«hunter2»'}",
    "DataSource(url=jdbc:h2:mem, username=sa, password=«hunter2»)",
    "%{\"password\" => \"«hunter2»\", \"email\" => \"a@b.c\"}",
    "array('DB_PASSWORD' => '«hunter2»', 'DB_HOST' => 'db')",
    "os.environ['API_SECRET'] = '«s3cr3t»'",
    // Statements.
    "ALTER USER shop WITH PASSWORD '«hunter2»';",
    "CREATE USER 'shop'@'%' IDENTIFIED BY '«hunter2»';",
    "CREATE SERVER s OPTIONS (user 'shop', password '«hunter2»')",
    "STATEMENT:  ALTER ROLE shop ENCRYPTED PASSWORD '«SCRAM-SHA-256$4096:c2FsdHNhbHQ=$c3RvcmVk:c2VydmVy»'",
    // Command lines.
    "mysqldump -h db -uroot -p«hunter2» shop > /backup/shop.sql",
    "sh -c 'mysqladmin ping -uroot -p«hunter2»'",
    "curl -fsS -u bob:«hunter2» https://api.example.com/v1",
    "curl --user \"bob:«hunter2»\" https://api.example.com/v1",
    "redis-cli -h cache -a «hunter2» --no-auth-warning ping",
    "redis-server /etc/redis.conf --requirepass «hunter2» --port 6379",
    "docker login -u bob -p «hunter2» r.example.com",
    "helm upgrade web ./web --set db.password=«hunter2» --set replicas=2",
    "java -Dspring.datasource.password=«hunter2» -Xmx512m -jar app.jar",
    "keytool -import -storepass «changeit» -noprompt -alias ca",
    "openssl pkcs12 -in a.p12 -passin pass:«hunter2» -out a.pem",
    "vault login token=«s.abcdef»",
    "kubectl create secret generic db --from-literal=user=«shop» --from-literal=password=«hunter2»",
    "wget --http-user=bob --http-password=«hunter2» https://a",
    "sshpass -p '«hunter 2»' ssh root@10.0.0.1",
    "mongosh mongodb://db/shop -u app -p «hunter2»",
    "echo \"«hunter2»\" | docker login --username bob --password-stdin",
    "kubeadm join 10.0.0.1:6443 --token «abcdef.0123456789abcdef» --discovery-token-ca-cert-hash sha256:0a1b",
    "etcdctl --user root --password «hunter2» get /registry",
    // Sentences.
    "Generated password: «correcthorse»",
    "admin password is set, password=«hunter2»",
    "login failed for bob with password \"«hunter2»\"",
    "spec.password: Invalid value: \"«hunter2»\": must have 12 letters",
    "using token «eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln»",
    "key «glpat-0123456789abcdefABCD» was revoked",
    "requirepass «foobared»",
    "machine api.example.com login bob password «hunter2»",
    "user list: bob:«$apr1$abcdefgh$0123456789abcdefghijkl»",
    "root:«$6$saltsalt$0123456789abcdef0123456789abcdef»:18000:0:99999:7:::",
    "ceph auth key = «AQBvaBplAAAAABAAw3S2m0T6VQZLfqvXh8aB1w==»",
    "<property name=\"password\" value=\"«hunter2»\"/>",
    "<connectionPassword>«hunter2»</connectionPassword>",
    "Login with password «hunter2» failed for bob",
    "The generated password is «hunter2»",
    "Your one-time password is «123456»",
    "Using API key: «abcdef0123456789»",
    "api key «abcdef0123456789» is invalid",
    "bootstrap token \"«abcdef.0123456789abcdef»\" expired",
    "[(\"password\", \"«hunter2»\"), (\"port\", \"1\")]",
    "redis: AUTH «hunter2»",
    "userPassword:: «e1NTSEF9YWJjZA==»",
    "bind_pw=«hunter2» bindPW: «hunter3»",
    "rabbitmqctl change_password bob «hunter2»",
    "aws configure set aws_secret_access_key «abc/def+ghi»",
    "APPLICATIONINSIGHTS=InstrumentationKey=«0f1e2d3c-1111»;IngestionEndpoint=https://a",
    "mongodb://app:«hunter2»@db-0:27017,db-1:27017/shop?replicaSet=rs0",
    "AWS4-HMAC-SHA256 Credential=«AKIAABCDEFGHIJKLMNOP/20261129/eu/s3», SignedHeaders=host, Signature=«0a1b2c3d»",
    "client_secret=«abc~def.ghi»&grant_type=client_credentials&client_id=shop",
    "//registry.npmjs.org/:_authToken=«npm_0123456789abcdefABCDEF0123456789abcd»",
    "sasl.jaas.config=PlainLoginModule required username=\"bob\" password=\"«hunter2»\";",
    "Basic realm, sent Basic «dXNlcjpwYXNz» for bob",
];

/// Lines that have no secret, and must stay as they are.
const KEPT: &[&str] = &[
    // Kubernetes.
    "MountVolume.SetUp failed for volume \"db\" : secret \"app-secret\" not found",
    "secrets \"db-credentials\" not found",
    "secrets is forbidden: User \"system:serviceaccount:shop:web\" cannot list resource \"secrets\" in API group \"\" in the namespace \"shop\"",
    "Error: couldn't find key DB_PASSWORD in Secret shop/db",
    "couldn't find key password in ConfigMap shop/web",
    "references non-existent secret key: password",
    "failed to sync secret cache: timed out waiting for the condition",
    "Unable to retrieve some image pull secrets (regcred); attempting to pull the image may not succeed.",
    "failed to fetch token: pod \"web-1\" not found",
    "failed to fetch token: serviceaccounts \"web\" is forbidden",
    "Failed to pull image \"r.example.com/secret-store:1.2.3\": unauthorized: authentication required",
    "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
    "Reconciling secret=\"shop/db\" controller=secret namespace=shop",
    "\"Secret\":{\"name\":\"db\",\"namespace\":\"shop\"},\"reconcileID\":\"0f1e\"",
    "auto-mounted: automountServiceAccountToken: true",
    "MountVolume.SetUp failed for volume \"kube-api-access-x2x4z\" : object \"shop\"/\"kube-root-ca.crt\" not registered",
    "Error creating: pods \"web\" is forbidden: error looking up service account shop/web: serviceaccount \"web\" not found",
    "secretName: web-tls",
    "imagePullSecrets: [regcred]",
    "existingSecret: db-auth",
    "tokenExpirationSeconds: 3600",
    "TOKEN_TTL=24h PASSWORD_FILE=/run/secrets/db SECRET_NAME=db",
    "Unauthorized: the token has expired",
    "unknown flag: --token",
    "required flag(s) \"password\" not set",
    "flag --password is required",
    "x509: certificate signed by unknown authority (possibly because of \"crypto/rsa: verification error\")",
    "lookup token-service.shop.svc.cluster.local: no such host",
    "dial tcp: lookup vault-secrets on 10.96.0.10:53: no such host",
    "connect to token-service:8080 refused",
    "upstream secret-manager.shop:8443 is down",
    "http://auth-token-svc.shop:8080/healthz answered 503",
    "pod/secret-sync-6f9c7d8b5-x2x4z: CrashLoopBackOff",
    "Pulled image \"shop/web@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"",
    "controller \"secret-controller\": token-cleaner: starting",
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/db-AbCdEf",
    "AWS_ROLE_ARN=arn:aws:iam::123456789012:role/shop",
    "AWS_WEB_IDENTITY_TOKEN_FILE=/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
    "Key: 'Config.Password' Error:Field validation for 'Password' failed on the 'required' tag",
    "Error: secret.data.password: Required value",
    "environment variable \"DB_PASSWORD\" is not set",
    "KeyError: 'DB_PASSWORD'",
    "undefined local variable or method 'password' for main:Object",
    "password is too short (minimum is 8 characters)",
    "Accepted password for root from 10.0.0.1 port 22 ssh2",
    "debug1: Authentications that can continue: publickey,password",
    "passwordSecret: db-auth passwordKey: postgres-password credentialsSecretName: db",
    "ssl_certificate_key /etc/nginx/tls/tls.key;",
    "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "com.example.orders.OrdersServiceApplicationConfigurationProcessorFactory2Impl failed",
    "\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":77,\"total_tokens\":89}",
    // Databases and caches.
    "FATAL:  password authentication failed for user \"shop\"",
    "ERROR 1045 (28000): Access denied for user 'shop'@'10.0.0.7' (using password: YES)",
    "WRONGPASS invalid username-password pair or user is disabled.",
    "NOAUTH Authentication required.",
    "ERR AUTH <password> called without any password configured for the default user",
    "pq: no password supplied",
    "password=*** user=shop host=db",
    "password: [REDACTED]",
    "jdbc:postgresql://db:5432/shop?ssl=true",
    "redis://cache:6379/0",
    "Key (id)=(4) already exists.",
    "duplicate key value violates unique constraint \"users_pkey\"",
    "primary_key: id, sort_key: created_at, cache_key=orders:42",
    "consumer group orders, routing_key=orders.created.v1, key=shop/web-1",
    // Applications.
    "invalid token: unexpected end of input",
    "Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON",
    "SyntaxError: Unexpected token } in JSON at position 42",
    "token: Unauthorized",
    "error: invalid_token: The access token expired",
    "JWT signature does not match locally computed signature",
    "password: must be at least 12 letters",
    "invalid password: must not be empty",
    "incorrect password: try again",
    "max_tokens=512 prompt_tokens: 128000 completion_tokens=77",
    "This model's maximum context length is 8192 tokens",
    "tokens=1024 used_tokens=88 tokens_per_minute=60000",
    "rate limit: 40000 tokens per minute, key=orders",
    "io.jsonwebtoken.ExpiredJwtException: JWT expired at 2026-11-29T08:00:00Z. Current time: 2026-11-29T08:00:09Z",
    "org.springframework.security.authentication.BadCredentialsException: Bad credentials",
    "at com.shop.auth.TokenService.validate(TokenService.java:88)",
    "  File \"/app/secrets.py\", line 12, in load_secret",
    "panic: secret.go:42: missing key",
    "src/token.rs:12:9: unexpected",
    "author=bob authority=db-0 keyboard=de monkey=1",
    "auth: basic, auth_type=scram, SASL_MECHANISM=SCRAM-SHA-512",
    "BASIC_AUTH=enabled OAUTH_CLIENT_ID=shop-web",
    "pass=12 fail=0 skipped=3",
    "5 passed, 1 failed, pass rate 83%",
    "proxy_pass http://web:8080;",
    "SSH host key fingerprint SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8",
    "integrity sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
    "git@github.com: Permission denied (publickey).",
    "http://db:5432/path?email=a@example.com",
    "docker run -p 8080:80 --user 1000:1000 shop/web",
    "psql -h db -p 5432 -U shop",
    "mysql -uroot -p$MYSQL_ROOT_PASSWORD -e 'select 1'",
    "password=$(DB_PASSWORD) token=${API_TOKEN} secret={{ .Values.secret }}",
    "session.timeout.ms = 45000, sasl.mechanism = PLAIN, ssl.keystore.password = null",
    "ssl.key.password = [hidden]",
    "nginx: [emerg] cannot load certificate key \"/etc/nginx/tls/tls.key\": BIO_new_file() failed",
    "std::token::Token password::Hash",
    "if password == other_password { return }",
    "2026-11-29T08:12:01Z request took 3ms, csrf token mismatch",
    "Failed to refresh credentials: timeout",
    "could not load credentials from any providers",
    "permission denied: secretmanager.versions.access on projects/p/secrets/db/versions/latest",
    "/var/run/secrets/kubernetes.io/serviceaccount/token: no such file or directory",
    "open /run/secrets/db-password: permission denied",
];

/// Settings in files: what follows a name is its value.
const SETTINGS: &[(&str, &str)] = &[
    ("yaml", "db:\n  host: db\n  password: «correct horse battery»\n  port: 5432"),
    ("block", "user: shop\npassword: |\n  «hunter2»\n  «and more»\nport: 5432"),
    ("folded", "credentials:\n  token: >-\n    «abc»\n  url: https://api"),
    ("list", "passwords:\n  - «hunter2»\n  - «hunter3»\nport: 1"),
    ("same indent", "tokens:\n- «abc»\n- «def»\nport: 1"),
    ("env", "env:\n- name: DB_PASSWORD\n  value: «hunter2»\n- name: MODE\n  value: fast"),
    ("json", "{\n  \"name\": \"DB_PASSWORD\",\n  \"value\": \"«hunter2»\"\n}"),
    ("netrc", "machine api.example.com\n  login bob\n  password «hunter2»"),
    ("pgpass", "db:5432:shop:shop:«hunter2»\n*:*:*:admin:«hunter3»"),
    (
        "properties",
        "spring.datasource.url=jdbc:postgresql://db/shop\nspring.datasource.password=«hun ter2»\nserver.port=8080",
    ),
    ("properties with colons", "db.user : shop\ndb.password : «hunter2»"),
    ("ini", "[database]\nuser = shop\npassword = «hunter2» # of the shop\nhost = db"),
    ("toml", "[db]\npassword = \"«hunter2»\"\nmax_tokens = 512"),
    ("dotenv", "MODE=fast\nAPI_KEY=\"«k-1»\"\nEMPTY_PASSWORD=\n"),
    ("redis", "bind 0.0.0.0\nrequirepass «foobared»\nmasterauth «foobared»\nmaxmemory 1gb"),
    ("sentinel", "sentinel monitor main 10.0.0.1 6379 2\nsentinel auth-pass main «foobared»"),
    ("pgbouncer", "\"shop\" \"«md5abcdef0123456789»\"\n\"app\" \"«hunter2»\""),
    (
        "nginx",
        "location / {\n  proxy_pass http://web:8080;\n  proxy_set_header Authorization \"«Basic dXNlcjpwYXNz»\";\n  proxy_set_header X-Api-Key «k1-abc»;\n}",
    ),
    ("haproxy", "userlist a\n  user bob insecure-password «hunter2»\nbackend web"),
    ("fluentd", "<match **>\n  host es\n  password «hunter2»\n  port 9200\n</match>"),
    (
        "alertmanager",
        "receivers:\n- slack_configs:\n  - api_url: https://hooks.slack.com/services/«T0/B0/x»\n  pagerduty_configs:\n  - service_key: «0123abcd»",
    ),
    ("prometheus", "basic_auth:\n  username: bob\n  password: «hunter2»\nauthorization:\n  credentials: «abc-1»"),
    ("grafana", "[security]\nadmin_user = admin\nadmin_password = «hunter2»\nsecret_key = «SW2YcwTIb9zpOOhoPsMm»"),
    (
        "kubeconfig",
        "users:\n- name: a\n  user:\n    client-key-data: «LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQo=»\n    token: «abc.def»",
    ),
    ("key", "ssl: on\n«-----BEGIN RSA PRIVATE KEY-----»\n«MIIabc»\n«-----END RSA PRIVATE KEY-----»\nport: 1"),
    (
        "certificate",
        "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ0aXbC1dEfGh2IjKlMnOpQrStUvWxYz0123456789ab\n-----END CERTIFICATE-----\npassword: «hunter2»",
    ),
    ("htpasswd", "bob:«$2y$05$abcdefghijklmnopqrstuv0123456789abcdefghijklmnopqrstu»"),
    ("mysql", "[client]\nuser=root\npassword=«hunter2»\nsocket=/var/run/mysqld.sock"),
    (
        "script",
        "#!/bin/sh\nset -e\nexport PGPASSWORD=«hunter2»\npsql -h db -c 'select 1'\ncurl -u bob:«hunter3» https://api",
    ),
    (
        "plain",
        "log_level: info\nsecretName: web-tls\nmax_tokens: 512\nkey: value\nproxy_pass: http://web\ntokens_per_minute: 10\nauth: basic",
    ),
    (
        "rules",
        "- alert: TokenExpired\n  expr: token_ttl_seconds < 60\n  annotations:\n    summary: The token of {{ $labels.pod }} has expired",
    ),
];

/// A text as its marks say, without them; and the texts between them.
fn unmarked(marked: &str) -> (String, Vec<&str>) {
    let secrets = marked.split('«').skip(1).map(|it| it.split('»').next().expect("an end"));
    (marked.replace(['«', '»'], ""), secrets.collect())
}

/// What must stand there: placeholders in the order of the secrets.
fn expected(marked: &str, secrets: &[&str]) -> String {
    let mut known: Vec<&str> = Vec::new();
    secrets.iter().fold(marked.to_owned(), |text, secret| {
        let secret = if secret.contains("-----") || secret.starts_with("MII") { "a private key" } else { secret };
        if !known.contains(&secret) {
            known.push(secret);
        }
        let number = known.iter().position(|it| *it == secret).expect("it was pushed") + 1;
        let (start, end) = (text.find('«').expect("a mark"), text.find('»').expect("a mark"));
        format!("{}<secret-{number}>{}", &text[..start], &text[end + '»'.len_utf8()..])
    })
}

fn wrong(marked: &str, kind: Text) -> Option<String> {
    let (text, secrets) = unmarked(marked);
    let (found, expected) = (Redactor::default().text(&text, kind), expected(marked, &secrets));
    (found != expected).then(|| format!("{expected}\n{found}\n"))
}

#[test]
fn what_programs_log_has_no_secret_any_more_and_all_else() {
    let wrong: Vec<String> = LOGGED.iter().filter_map(|it| wrong(it, Text::Log)).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), LOGGED.len(), wrong.join("\n"));
}

#[test]
fn what_is_no_secret_stays_in_every_line() {
    let wrong: Vec<String> = KEPT.iter().filter_map(|it| wrong(it, Text::Log)).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), KEPT.len(), wrong.join("\n"));
}

#[test]
fn settings_have_none_either() {
    let wrong: Vec<String> =
        SETTINGS.iter().filter_map(|(name, it)| Some(format!("{name}:\n{}", wrong(it, Text::Settings)?))).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), SETTINGS.len(), wrong.join("\n"));
}

#[test]
fn twice_is_once() {
    for marked in LOGGED.iter().chain(SETTINGS.iter().map(|(_, it)| it)) {
        let mut redactor = Redactor::default();
        let once = redactor.text(&unmarked(marked).0, Text::Settings);
        assert_eq!(redactor.text(&once, Text::Settings), once);
    }
}
