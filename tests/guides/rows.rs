//! Every row of the guides' trouble matrices, lists of common issues and sections on diagnosis, with where it leads.

/// A row of a guide.
pub struct Row {
    /// Guide and heading.
    pub place: &'static str,
    /// What the guide says there.
    pub says: &'static str,
    /// The class that triage gives; of what cannot be seen from here the class whose page says so.
    pub class: &'static str,
    /// `NAME` in `tests/fixtures/guides`, `checks/NAME` in `tests/fixtures/checks`.
    pub fixture: &'static str,
}

const fn row(place: &'static str, says: &'static str, class: &'static str, fixture: &'static str) -> Row {
    Row { place, says, class, fixture }
}

const MATRIX: &str = "GraphMemory-IDE, Common Issues and Solutions";
const SPEED: &str = "GraphMemory-IDE, Performance Troubleshooting";
const START: &str = "Kubilitics, Backend Won't Start";
const ASSISTANT: &str = "Kubilitics, AI Service Unreachable";
const SOCKETS: &str = "Kubilitics, WebSocket Disconnections";
const MEMORY: &str = "Kubilitics, High Memory Usage";
const SLOW: &str = "Kubilitics, Slow API Responses";
const DESKTOP: &str = "Kubilitics, Desktop App Crashes";
const PODS: &str = "LeanVibe, Pod Debugging Commands";
const NETWORK: &str = "LeanVibe, Service and Network Debugging";
const SETS: &str = "LeanVibe, StatefulSet Operations";
const ACTIONS: &str = "QuizMentor, Immediate Actions";
const DEBUGGING: &str = "QuizMentor, Debugging Commands";
const COMMON: &str = "QuizMentor, Common Issues";

/// How many rows each heading has, as counted in the guides. The completion summary of GraphMemory-IDE has none.
pub const COUNTS: &[(&str, usize)] = &[
    (MATRIX, 24),
    (SPEED, 13),
    (START, 4),
    (ASSISTANT, 3),
    (SOCKETS, 1),
    (MEMORY, 2),
    (SLOW, 4),
    (DESKTOP, 1),
    (PODS, 4),
    (NETWORK, 4),
    (SETS, 2),
    (ACTIONS, 3),
    (DEBUGGING, 4),
    (COMMON, 3),
];

/// Every row.
pub const ROWS: &[Row] = &[
    row(MATRIX, "Pod Pending: resource constraints", "unschedulable-insufficient-resources", "resources-missing"),
    row(MATRIX, "Pod Pending: node selector mismatch", "unschedulable-node-selector", "selector-matches-no-node"),
    row(MATRIX, "CrashLoopBackOff: application errors", "container-exit-error", "application-error"),
    row(MATRIX, "CrashLoopBackOff: health check failures", "liveness-probe-kill", "checks/POD-16"),
    row(MATRIX, "OutOfMemory: insufficient memory limits", "container-oom-killed", "checks/POD-11"),
    row(MATRIX, "OutOfMemory: memory leaks", "memory-growing", "memory-growing"),
    row(MATRIX, "OutOfMemory: of the process itself", "process-memory-exhausted", "process-memory-exhausted"),
    row(MATRIX, "ImagePullBackOff: registry access", "image-auth", "registry-refuses"),
    row(MATRIX, "ImagePullBackOff: image not found", "image-not-found", "checks/POD-02"),
    row(MATRIX, "Service unreachable: endpoint mismatch", "service-port-mismatch", "checks/NET-04"),
    row(MATRIX, "Service unreachable: network policies", "network-policy-blocks", "policy-blocks"),
    row(MATRIX, "Slow response: resource limitations", "cpu-throttled", "throttled-and-slow"),
    row(MATRIX, "Slow response: database performance", "queries-slow", "queries-slow"),
    row(MATRIX, "502 Bad Gateway: upstream failures", "dependency-unavailable", "service-refuses"),
    row(MATRIX, "502 Bad Gateway: health check issues", "readiness-probe-failed", "not-ready-by-probe"),
    row(MATRIX, "SSL/TLS: certificate problems", "certificate-expired", "checks/NET-18"),
    row(MATRIX, "SSL/TLS: gateway configuration", "gateway-not-programmed", "checks/NET-21"),
    row(MATRIX, "PVC Pending: storage class issues", "pvc-storageclass-missing", "checks/STO-04"),
    row(MATRIX, "PVC Pending: insufficient capacity", "pvc-provisioning-failed", "checks/STO-03"),
    row(MATRIX, "Volume mount failures: permission issues", "container-permission-denied", "permission-denied"),
    row(MATRIX, "Volume mount failures: path conflicts", "container-runtime-error", "path-is-a-directory"),
    row(MATRIX, "Data corruption: backup restoration, integrity checks", "data-corrupted", "data-corrupted"),
    row(MATRIX, "Slow I/O: storage class optimization", "storage-slow", "storage-slow-log"),
    row(MATRIX, "Slow I/O: IOPS limitations", "storage-slow", "disk-slow"),
    row(SPEED, "CPU: utilization, throttling", "cpu-throttled", "throttled"),
    row(SPEED, "Scheduler latency of a program", "event-loop-blocked", "event-loop-blocked"),
    row(SPEED, "Memory: usage, pressure", "memory-near-limit", "memory-near-limit"),
    row(SPEED, "Memory: OOM events", "container-oom-killed", "checks/POD-11"),
    row(SPEED, "Network: errors", "dependency-unavailable", "service-refuses"),
    row(SPEED, "Network: connection limits", "open-files-exhausted", "open-files-exhausted"),
    row(SPEED, "Disk: IOPS, latency, queue depth", "storage-slow", "disk-slow"),
    row(SPEED, "Request latency: P50, P95, P99", "response-slow", "requests-slow"),
    row(SPEED, "Request latency: slow queries", "queries-slow", "statements-slow"),
    row(SPEED, "Error rates: HTTP 5xx", "error-rate-high", "errors"),
    row(SPEED, "Error rates: application exceptions", "container-exit-error", "application-error"),
    row(SPEED, "Throughput: requests per second, concurrent users", "hpa-at-max", "autoscaler-at-maximum"),
    row(SPEED, "Resource usage: per component", "memory-near-limit", "memory-by-metrics-server"),
    row(START, "Port already in use", "port-in-use", "port-in-use"),
    row(START, "Kubeconfig file not found", "kubeconfig-missing", "kubeconfig-missing"),
    row(START, "Authentication fails", "credentials-refused", "credentials-refused"),
    row(START, "Database locked; SQLite concurrency", "database-locked", "database-locked"),
    row(ASSISTANT, "AI service not responding", "dependency-unavailable", "service-refuses"),
    row(ASSISTANT, "LLM provider unreachable; API errors (key)", "provider-key-refused", "provider-key-refused"),
    row(ASSISTANT, "Token budget", "provider-limit-reached", "provider-limit-reached"),
    row(SOCKETS, "Real-time updates stop; the connection drops", "websocket-refused", "websocket-refused"),
    row(MEMORY, "Memory grows without bound", "memory-growing", "heap-grows"),
    row(MEMORY, "A process consumes 4 to 8 GB", "memory-near-limit", "memory-near-limit"),
    row(SLOW, "Requests take 5 to 30 seconds", "response-slow", "requests-slow"),
    row(SLOW, "Kubernetes API latency", "response-slow", "api-slow"),
    row(SLOW, "Database query latency", "queries-slow", "statements-slow"),
    row(SLOW, "Connection pool", "database-connections-exhausted", "pool-used-up"),
    row(DESKTOP, "The desktop app crashes", "desktop-application-crash", "desktop"),
    row(PODS, "Pod status and events", "image-not-found", "checks/POD-02"),
    row(PODS, "Pod logs, previous too", "container-exit-error", "application-error"),
    row(PODS, "Pod networking: nslookup", "dns-resolution-failed", "name-not-resolved"),
    row(PODS, "Resource usage by CPU and memory", "memory-near-limit", "memory-by-metrics-server"),
    row(NETWORK, "Service endpoints", "service-port-mismatch", "checks/NET-04"),
    row(NETWORK, "Service connectivity", "dependency-unavailable", "service-refuses"),
    row(NETWORK, "Ingress status", "certificate-expired", "checks/NET-18"),
    row(NETWORK, "Network policies", "network-policy-blocks", "policy-blocks"),
    row(SETS, "A pod of a StatefulSet does not come up", "pvc-storageclass-missing", "checks/STO-04"),
    row(SETS, "PVC status", "pvc-provisioning-failed", "checks/STO-03"),
    row(ACTIONS, "Service health: pods, usage, logs", "container-exit-error", "application-error"),
    row(ACTIONS, "Metrics", "error-rate-high", "errors"),
    row(ACTIONS, "Recent deployments, emergency rollback", "image-not-found", "checks/POD-02"),
    row(DEBUGGING, "Pod details, events", "unschedulable-insufficient-resources", "resources-missing"),
    row(DEBUGGING, "Database connectivity", "credentials-refused", "credentials-refused"),
    row(DEBUGGING, "Redis connectivity", "dependency-unavailable", "cache-refuses"),
    row(DEBUGGING, "Into the pod", "container-permission-denied", "permission-denied"),
    row(COMMON, "High memory usage: memory leak", "memory-growing", "memory-growing"),
    row(
        COMMON,
        "Database connection issues: pool, idle connections",
        "database-connections-exhausted",
        "connections-near-limit",
    ),
    row(COMMON, "Slow queries", "queries-slow", "queries-slow"),
];

/// Fixtures of the classes of ours that no row needs, so that each way to an answer is run.
pub const BESIDES: &[Row] = &[
    row("", "the log of the client", "database-connections-exhausted", "database-connections-exhausted"),
    row("", "the share of sockets that are gone", "websocket-refused", "sockets-gone"),
    row("", "the budget by Prometheus", "provider-limit-reached", "budget-used-up"),
];
