"""The table of signatures. One row: a code, words of which one has to be there, the pattern, what it means, what to do."""

import re
from dataclasses import dataclass
from functools import cached_property

_HOST = r"(?<![\w.-])(?>(?P<host>[A-Za-z0-9_](?:[\w.-]{0,250}[\w])?))"
_HOST2 = r"(?<![\w.-])(?>(?P<host2>[A-Za-z0-9_](?:[\w.-]{0,250}[\w])?))"
_ENDPOINT = rf"(?:\[(?P<host3>[0-9a-fA-F:]+)\]|{_HOST}):(?P<port>\d{{1,5}})"
_ANY = r"[^\n]{0,200}?"


@dataclass(frozen=True, kw_only=True)
class Signature:
    """A kind of line. `hints` are in small letters, `words` is a regular expression; `meaning` and `remedy` are sentences for people."""

    code: str
    hints: tuple[str, ...]
    words: str
    meaning: str
    remedy: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What such a line looks like. Most rows are never needed by a process, and compiling them all takes as long as starting it may."""
        return re.compile(self.words, re.IGNORECASE)


def _row(code: str, hints: str, pattern: str, meaning: str, remedy: str) -> Signature:
    return Signature(code=code, hints=tuple(hints.split("|")), words=pattern, meaning=meaning, remedy=remedy)


SIGNATURES: tuple[Signature, ...] = (
    _row(
        "rbac-forbidden",
        "is forbidden",
        r"is forbidden: User \"system:serviceaccount:(?P<account>[a-z0-9.:-]{3,500})\" cannot (?P<verb>[a-z]+) resource \"(?P<resource>[a-z/]+)\""
        r"(?:[^\n]{0,200}? in the namespace \"(?P<namespace>[a-z0-9-]+)\")?",
        "The Kubernetes API does not grant the workload's service account what it asks for.",
        "Grant the verb on the resource in a Role, and bind it to the service account.",
    ),
    _row(
        "certificate-not-yet-valid",
        "not yet valid|is before|notyetvalid|cert_not_yet_valid",
        r"certificate is not yet valid|current time \S+ is before|CertificateNotYetValid|CERT_NOT_YET_VALID|NotBefore: ",
        "A TLS certificate is not valid yet: it is brand new, or a clock is wrong.",
        "Compare the clocks of the node and of whoever issued the certificate.",
    ),
    _row(
        "certificate-expired",
        "certificate|cert_has_expired",
        r"certificate has expired|CertificateExpired|certificate (?:is )?expired|NotAfter: |CERT_HAS_EXPIRED|certificate verify failed: certificate has expired|current time \S+ is after",
        "A TLS certificate has run out.",
        "Renew the certificate of the server that is named, and find out why that did not happen by itself.",
    ),
    _row(
        "certificate-wrong-name",
        "certificate|altname",
        rf"certificate is (?:not )?valid for {_ANY}, not {_HOST}|doesn't contain any IP SANs|ERR_TLS_CERT_ALTNAME_INVALID|Hostname/IP does not match certificate|"
        rf"no (?:subject )?alternative (?:DNS name|certificate subject name) (?:matching |matches )[^\n]{{0,40}}|Hostname mismatch, certificate is not valid for",
        "The TLS certificate belongs to another name than the one that was called.",
        "Call the service by a name that is in its certificate, or have the name added to it.",
    ),
    _row(
        "certificate-untrusted",
        "unknown authority|unable to find valid certification path|self signed|self-signed|unable to get local issuer|unable to verify the first|"
        "untrusted root|partialchain|unable_to_verify|unknownissuer|certificate verify failed",
        r"signed by unknown authority|unable to find valid certification path|self[- ]signed certificate|unable to get local issuer|unable to verify the first certificate|"
        r"UntrustedRoot|PartialChain|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UnknownIssuer|certificate verify failed",
        "A TLS certificate was issued by somebody whom the program does not trust.",
        "Add the issuer's certificate to what the container trusts, or have the certificate issued by a known authority.",
    ),
    _row(
        "tls-mismatch",
        "http response to https|plain http request|wrong version number|first record does not look|ssl/tls record|packet length too long",
        r"server gave HTTP response to HTTPS client|plain HTTP request was sent to HTTPS port|wrong version number|first record does not look like a TLS handshake|"
        r"not an SSL/TLS record|packet length too long",
        "One side speaks TLS and the other does not.",
        "Compare the scheme and the port that are configured with what the server listens for.",
    ),
    _row(
        "dns-timeout",
        "lookup|eai_again|temporary failure in name|try again",
        rf"lookup {_HOST}(?: on [\d.:\[\]a-f]+)?: {_ANY}(?:i/o timeout|Temporary failure|server misbehaving)|(?:getaddrinfo )?EAI_AGAIN(?: {_HOST2})?|"
        r"Temporary failure in name resolution|Try again \(os error|name resolution timed out",
        "The name server does not answer in time.",
        "Look at the cluster's DNS (kube-system, CoreDNS), and at network policies that keep port 53 from the pod.",
    ),
    _row(
        "unknown-host",
        "no such host|enotfound|name or service not known|unknownhost|nodename nor servname|name does not resolve|could not translate host|"
        "no address associated|name resolution failed|getaddrinfo|unknown host|not known",
        rf"lookup {_HOST}(?: on [\d.:\[\]a-f]+)?: no such host|(?:getaddrinfo )?\bENOTFOUND(?: (?P<host2>[\w.-]+))?|UnknownHostException: (?P<host4>[\w.-]+)|"
        r"could not translate host name \"(?P<host5>[\w.-]+)\"|Unknown host:? (?P<host6>[\w.-]+)|Name or service not known(?: \((?P<host7>[\w.-]+):(?P<port>\d{1,5})\))?|"
        r"nodename nor servname|Name does not resolve|No address associated with hostname|name resolution failed|getaddrinfo (?:failed|error)",
        "The name of a dependency does not exist in DNS.",
        "Check the spelling and the namespace of the name in the configuration, and that the Service exists.",
    ),
    _row(
        "port-in-use",
        "address already in use|eaddrinuse|port already|only one usage of each socket|address in use|already in use",
        r":(?P<port>\d{1,5})\b[^\n]{0,60}?(?:address already in use|EADDRINUSE|Address in use)|(?:address already in use|EADDRINUSE|Address in use)"
        r"(?:[^\n]{0,40}?:(?P<port2>\d{1,5}))?|Port (?P<port3>\d{1,5}) (?:is|was) already in use|Only one usage of each socket address",
        "The port that the program wants to listen on is taken, by another container of the pod or by another process of the same one.",
        "Give the containers of the pod different ports, and see that only one process listens.",
    ),
    _row(
        "database-authentication",
        "password authentication failed|access denied for user|authentication failed|auth failed|wrongpass|noauth|login failed for user|"
        "no pg_hba.conf|ora-01017|authentication required",
        r"password authentication failed for user \"(?P<name>[^\"\s]{1,100})\"|Access denied for user '(?P<name2>[^'\s]{1,100})'|(?:SASL|SCRAM|MongoDB?|mongo)[^\n]{0,80}?authentication failed|"
        r"Authentication failed\.|WRONGPASS|NOAUTH|Login failed for user '(?P<name3>[^'\s]{1,100})'|no pg_hba\.conf entry|ORA-01017",
        "The database does not accept the user or the password.",
        "Compare the secret that the pod uses with what the database has, and look whether one of them was changed lately.",
    ),
    _row(
        "too-many-connections",
        "too many connections|too many clients|remaining connection slots|max_connections|connection pool|pool exhausted|pool timeout|queuepool|"
        "connection is not available, request timed out|max number of clients|too_many_connections",
        r"too many connections|too many clients already|remaining connection slots are reserved|max number of clients reached|QueuePool limit|pool exhausted|"
        r"Connection is not available, request timed out|Timeout acquiring a connection|timeout exceeded when trying to connect|connection pool (?:is )?(?:exhausted|timed? ?out)",
        "There are no database connections left, in the pool or in the database.",
        "Look for connections that are not given back, and compare pool size times replicas with what the database allows.",
    ),
    _row(
        "database-schema",
        "does not exist|doesn't exist|no such table|no such column|unknown column|undefinedtable|undefinedcolumn|invalid object name|invalid column name|"
        "ora-00942|migration",
        r"(?:relation|table) \"?(?P<name>[\w.]{1,120})\"? does not exist|column \"?(?P<name2>[\w.]{1,120})\"?(?: of relation \"?[\w.]+\"?)? does not exist|"
        r"Table '(?P<name3>[\w.]{1,120})' doesn't exist|no such table: (?P<name4>[\w.]{1,120})|no such column: (?P<name5>[\w.]{1,120})|Unknown column '(?P<name6>[\w.]{1,120})'|"
        r"Invalid (?:object|column) name '(?P<name7>[\w.]{1,120})'|ORA-00942|pending migrations?|migrations? (?:is|are) (?:pending|missing)",
        "The database lacks a table or a column that this release reads: its schema migration has not been run.",
        "Run the migration that belongs to the release, or go back to the release that fits the schema.",
    ),
    _row(
        "database-missing",
        "database",
        r"database \"(?P<name>[\w.-]{1,100})\" does not exist|Unknown database '(?P<name2>[\w.-]{1,100})'|Cannot open database \"(?P<name3>[\w.-]{1,100})\"",
        "The database server has no database of that name.",
        "Check the name in the configuration, or have the database created.",
    ),
    _row(
        "deadlock",
        "deadlock",
        r"deadlock (?:detected|found)|\bDeadlock\b|all goroutines are asleep - deadlock|was deadlocked on lock|found one java-level deadlock",
        "Two transactions or threads wait for each other.",
        "Find the two statements in the lines around it; take locks in one order everywhere, and retry the one that lost.",
    ),
    _row(
        "out-of-memory-java",
        "outofmemoryerror|unable to create native thread|unable to create new native",
        r"java\.lang\.OutOfMemoryError|OutOfMemoryError: |unable to create (?:new )?native thread",
        "The Java virtual machine has no memory (or threads) left.",
        "Raise the heap together with the container's limit, or find what fills it in a heap dump.",
    ),
    _row(
        "out-of-memory-node",
        "javascript heap out of memory|reached heap limit|allocation failed",
        r"JavaScript heap out of memory|Reached heap limit|Ineffective mark-compacts near heap limit",
        "Node.js has no heap left.",
        "Raise --max-old-space-size together with the container's limit, or find what fills the heap.",
    ),
    _row(
        "out-of-memory",
        "out of memory|cannot allocate memory|memoryerror|bad_alloc|enomem|outofmemoryexception|nomemoryerror|oom-kill|oomkill",
        r"fatal error: runtime: out of memory|runtime: cannot allocate memory|\bMemoryError\b|std::bad_alloc|Cannot allocate memory|\bENOMEM\b|System\.OutOfMemoryException|"
        r"failed to allocate memory \(NoMemoryError\)|oom-kill|Out of memory: Kill|\bout of memory\b",
        "The process has no memory left.",
        "Raise the container's memory limit, or find what holds on to memory.",
    ),
    _row(
        "disk-full",
        "no space left|enospc|disk full|disk quota|not enough space|disk is full",
        r"No space left on device|\bENOSPC\b|disk full|Disk quota exceeded|There is not enough space on the disk|disk is full|could not extend file",
        "The disk that the program writes to is full.",
        "Free space on the volume or make it larger; for a pod's own disk look at its ephemeral-storage limit.",
    ),
    _row(
        "too-many-open-files",
        "too many open files|emfile|enfile|inotify",
        r"too many open files|\bEMFILE\b|\bENFILE\b|System limit for number of file watchers reached",
        "The process has as many files and sockets open as it may.",
        "Look for connections or files that are never closed, and raise the limit if it is meant to have so many.",
    ),
    _row(
        "read-only-file-system",
        "read-only file system|erofs|readonly file",
        r"Read-only file system|\bEROFS\b",
        "The program writes to a file system that is mounted read-only.",
        "Mount a volume (an emptyDir will do) where it writes, or have it write elsewhere.",
    ),
    _row(
        "exec-format-error",
        "exec format error|exec user process",
        r"exec format error",
        "The program in the image is built for another processor, or is a script without a first line that names its interpreter.",
        "Build the image for the platform of the nodes.",
    ),
    _row(
        "missing-library",
        "error while loading shared libraries|cannot open shared object|glibc|image not found|unsatisfiedlinkerror",
        r"error while loading shared libraries: (?P<name>[\w.+-]{1,100})|version `(?:GLIBC|GLIBCXX)_[\d.]+' not found|cannot open shared object file|UnsatisfiedLinkError",
        "The image lacks a library that the program needs, or has another version of it.",
        "Build the program and the image from the same base.",
    ),
    _row(
        "missing-module",
        "cannot find module|modulenotfounderror|no module named|classnotfoundexception|noclassdeffounderror|cannot load such file|unsupportedclassversion|"
        "could not load file or assembly|err_module_not_found|could not find or load main class",
        r"Cannot find (?:module|package) ['\"](?P<name>[^'\"\s]{1,120})['\"]|No module named ['\"]?(?P<name2>[\w.]{1,120})|(?:ClassNotFoundException|NoClassDefFoundError): (?P<name3>[\w.$/]{1,120})|"
        r"cannot load such file -- (?P<name4>[\w./-]{1,120})|UnsupportedClassVersionError|Could not load file or assembly '(?P<name5>[\w.]{1,120})|ERR_MODULE_NOT_FOUND|"
        r"Could not find or load main class (?P<name6>[\w.$]{1,120})",
        "The image lacks a part of the program.",
        "Build the image again with all of its dependencies, and start it once before it is released.",
    ),
    _row(
        "missing-variable",
        "environment variable|env var|keyerror|missing required|env:|is not set|required key",
        r"(?:environment variable|env var(?:iable)?)s?:? [\"'`]?(?P<variable>[A-Z_][A-Z0-9_]{1,63})[\"'`]?[^\n]{0,30}?(?:not set|not found|missing|required|undefined|is empty|must be)|"
        r"(?:missing|required|undefined|unset)[^\n]{0,30}?(?:environment variable|env var(?:iable)?)s?:? [\"'`]?(?P<variable2>[A-Z_][A-Z0-9_]{1,63})|"
        r"KeyError: ['\"](?P<variable3>[A-Z_][A-Z0-9_]{1,63})['\"]|required key (?P<variable4>[A-Z_][A-Z0-9_]{1,63}) missing value|"
        r"\b(?P<variable5>[A-Z][A-Z0-9]*_[A-Z0-9_]{1,60}) (?:is not set|must be set|is required|environment variable)",
        "An environment variable that the program needs is not set.",
        "Set it in the pod template, or in the ConfigMap or Secret that it comes from.",
    ),
    _row(
        "configuration-invalid",
        "yaml|toml|json|config|properties|unmarshal|parse",
        r"(?:yaml|toml|json|ini|xml)[^\n]{0,40}?(?:unmarshal|parse|parsing|decod|syntax|scanner|parser)[^\n]{0,20}?(?:err|:|fail)|(?:cannot|failed to|could not|unable to|error) (?:un)?(?:marshal|parse|load|read|decod)\w* [^\n]{0,40}?"
        r"(?:config|yaml|toml|settings|properties)|(?:config(?:uration)?(?: file)?|settings) (?:is |was )?(?:invalid|malformed)|invalid config(?:uration)?\b|"
        r"mapping values are not allowed|required key '(?P<name>[\w.-]{1,80})' is missing|ScannerError|ParserError",
        "The program does not understand its configuration.",
        "Look at what was changed last in its ConfigMap, and try the file with the program before it is applied.",
    ),
    _row(
        "token-from-the-future",
        "used before issued|not yet valid|issued in the future|clock skew|iat|nbf|clock|requesttimetooskewed|time skew",
        r"token (?:is )?(?:used before issued|not (?:yet )?valid yet?|not active)|issued in the future|RequestTimeTooSkewed|clock skew|ImmatureSignatureError|"
        r"\b(?:iat|nbf)\b[^\n]{0,40}?(?:future|not yet)|Signature not yet current|clock (?:is )?(?:out of sync|difference)",
        "The clocks of two machines differ: what one has just issued lies in the future of the other.",
        "Check time synchronisation on the nodes.",
    ),
    _row(
        "rate-limited",
        "429|too many requests|rate limit|rate exceeded|throttl|quota exceeded|resource_exhausted|slow down|ratelimit",
        rf"(?:(?:https?://){_HOST}(?::(?P<port>\d{{1,5}}))?[^\n]{{0,200}}?)?(?:\b429\b[^\n]{{0,40}}|Too Many Requests|rate limit(?:ed)?(?: exceeded)?|Rate exceeded|Throttling(?:Exception)?|"
        r"request was throttled|quota exceeded|RESOURCE_EXHAUSTED|SlowDown\b)",
        "A dependency refuses requests because there are too many.",
        "Send fewer (with back-off and a cache), or have the quota raised.",
    ),
    _row(
        "connection-refused",
        "refused|econnrefused",
        rf"(?:dial tcp|connect(?:ing|ion)?(?: to| failed| error)?(?: server)?(?: at)?|ECONNREFUSED|Connection to)[: ]+\"?(?:https?://)?{_ENDPOINT}[^\n]{{0,120}}?(?:refused|ECONNREFUSED)?|"
        rf"(?:connection (?:to server )?at \"(?P<host4>[\w.-]+)\"[^\n]{{0,60}}?port (?P<port2>\d{{1,5}}) failed)|"
        rf"{_HOST2}(?:/[\d.]+)?:(?P<port3>\d{{1,5}})[^\n]{{0,80}}?Connection refused|host='(?P<host5>[\w.-]+)', port=(?P<port4>\d{{1,5}})|Connection refused|ECONNREFUSED|actively refused",
        "Nothing listens where the program wants to connect.",
        "See whether the dependency runs and has ready endpoints, and whether host and port are right.",
    ),
    _row(
        "deadline-exceeded",
        "deadline|timed out|timeout|etimedout",
        rf"(?:https?://|dial tcp |connect(?:ing|ion)? to )\"?{_ENDPOINT}[^\n]{{0,160}}?(?:deadline exceeded|timed out|timeout|ETIMEDOUT)|context deadline exceeded|DEADLINE_EXCEEDED|Deadline Exceeded|"
        rf"ETIMEDOUT(?: (?P<host4>[\w.-]+):(?P<port2>\d{{1,5}}))?|i/o timeout|(?:connect(?:ion)?|read|request|operation|socket|query|statement)\w* (?:has )?tim(?:ed out|eout)|"
        r"(?:Read|Connect|Socket|Request)Timeout(?:Exception|Error)?|canceling statement due to statement timeout|upstream request timeout",
        "A dependency does not answer in time.",
        "Look at the latency and the saturation of the dependency; a network policy that drops packets looks the same.",
    ),
    _row(
        "connection-reset",
        "reset by peer|econnreset|broken pipe|epipe|unexpected eof|socket hang up|connection closed|server closed the connection",
        rf"->{_ENDPOINT}: {_ANY}(?:reset by peer|broken pipe|EOF)|connection reset by peer|\bECONNRESET\b|broken pipe|\bEPIPE\b|socket hang up|"
        r"server closed the connection unexpectedly|unexpected EOF",
        "The other side ended the connection in the middle.",
        "See whether the dependency was restarted then, and whether idle connections outlive its time limit.",
    ),
    _row(
        "upstream-unavailable",
        "no healthy upstream|503|service unavailable|upstream connect error|unavailable|bad gateway|502",
        rf"(?:(?:https?://){_HOST}(?::(?P<port>\d{{1,5}}))?[^\n]{{0,200}}?)?(?:no healthy upstream|upstream connect error|\b503\b[^\n]{{0,20}}?Service (?:Temporarily )?Unavailable|\b502\b[^\n]{{0,20}}?Bad Gateway|"
        r"rpc error: code = Unavailable|StatusCode\.UNAVAILABLE|no live upstreams|Service Unavailable)",
        "A dependency has nothing that could answer.",
        "See whether the dependency is healthy; its own trouble is the cause.",
    ),
    _row(
        "missing-file",
        "no such file|enoent|filenotfound|could not find file|nosuchfile",
        r"(?:open|stat|exec:?|read|ENOENT[^\n]{0,60}?(?:open|stat|scandir)) ['\"]?(?P<path>/?[\w./@+-]{1,200})['\"]?: no such file|ENOENT: no such file or directory(?:, \w+ '(?P<path2>[\w./@+-]{1,200})')?|"
        r"No such file or directory: '(?P<path3>[\w./@+-]{1,200})'|FileNotFoundException: (?P<path4>[\w./@+-]{1,200})|Could not find file '(?P<path5>[\w./@+-]{1,200})'|"
        r"NoSuchFileException: (?P<path6>[\w./@+-]{1,200})|No such file or directory",
        "A file that the program needs is not there.",
        "See whether it is in the image, or whether the volume that should bring it is mounted there.",
    ),
    _row(
        "permission-denied",
        "permission denied|eacces|eperm|operation not permitted|accessdenied|access is denied|access to the path",
        r"(?:open|mkdir|create|write|unlink|chown|chmod|bind|listen|exec) ?['\"]?(?P<path>/[\w./@+-]{1,200})?['\"]?[^\n]{0,40}?: (?:permission denied|operation not permitted)|"
        r"Permission denied(?:: '(?P<path2>[\w./@+-]{1,200})')?|\bEACCES\b(?:[^\n]{0,40}?'(?P<path3>[\w./@+-]{1,200})')?|\bEPERM\b|Operation not permitted|AccessDenied\w*|"
        r"Access to the path '(?P<path4>[\w./@+-]{1,200})' is denied",
        "The program may not do what it tries: read or write a file, or use something that needs a right.",
        "Compare the user that the container runs as with the owner of the files; for a cloud service look at the role.",
    ),
    _row(
        "dependency-unauthorized",
        "401|403|unauthorized|forbidden|unauthenticated|invalid api key|expired token|token is expired|jwt expired|token has expired",
        rf"(?:(?:https?://){_HOST}(?::(?P<port>\d{{1,5}}))?[^\n]{{0,200}}?)?(?:\b401\b[^\n]{{0,20}}?Unauthorized|\b403\b[^\n]{{0,20}}?Forbidden|code = (?:Unauthenticated|PermissionDenied)|invalid api[ -]?key|"
        r"(?:expired token|token (?:is|has) expired|jwt expired|ExpiredToken))",
        "A dependency does not accept the credentials that the program presents.",
        "See whether the credentials were changed or have run out.",
    ),
    _row(
        "segmentation-fault",
        "segmentation|sigsegv|nil pointer|core dumped|null pointer|nullpointer",
        r"Segmentation fault|\bSIGSEGV\b|core dumped|invalid memory address or nil pointer dereference",
        "The program broke its own memory: an error in its code or in a library of it.",
        "Go back to the release before, and give the stack trace to its developers.",
    ),
)
"""Specific ones before general ones: a line that bears several is the first. Patterns are tried on one line of bounded length."""
