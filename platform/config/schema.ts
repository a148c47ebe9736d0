import {
  count,
  decimal,
  duration,
  flag,
  list,
  oneOf,
  optionalSecret,
  port,
  ratio,
  secret,
  type Setting,
  text,
} from './settings.ts';

export const environments = ['dev', 'sandbox', 'audit', 'prod'] as const;

/**
 * Everything that can be configured, once. The environment names, the YAML keys, the types and .env.example come from
 * here.
 */
export const schema = {
  env: oneOf('APP_ENV', environments, 'dev', 'Which environment this is'),
  log: {
    level: oneOf(
      'LOG_LEVEL',
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal'],
      'info',
      'Least level that is logged',
    ),
  },
  server: {
    host: text('SERVER_HOST', '127.0.0.1', 'Address the doors listen on'),
    port: port('SERVER_PORT', 8080, 'REST and WebSocket'),
    adminPort: port('ADMIN_PORT', 8081, 'Internal REST: admin, wallets, metrics'),
    grpcPort: port('GRPC_PORT', 9090, 'gRPC'),
    metricsPort: port('METRICS_PORT', 0, 'Health and metrics of worker and matcher processes; 0 picks a free port'),
    requestTimeout: duration('SERVER_REQUEST_TIMEOUT', 60_000, 'Longest time for one request, its body included'),
    headersTimeout: duration('SERVER_HEADERS_TIMEOUT', 10_000, 'Longest time for the headers of a request'),
    idleTimeout: duration('SERVER_IDLE_TIMEOUT', 65_000, 'How long a connection may stay open without a request'),
    maxActive: count(
      'SERVER_MAX_ACTIVE',
      500,
      'Requests a door works on at once; more get 503 at once, but for cancels and health',
    ),
    maxConnections: count(
      'SERVER_MAX_CONNECTIONS',
      10_000,
      'Connections to one door, at most; more are closed at once. Each may hold 100 KiB of a request on its way',
    ),
    shutdownTimeout: duration('SERVER_SHUTDOWN_TIMEOUT', 30_000, 'Longest time to drain after SIGTERM'),
    drainTime: duration(
      'SERVER_DRAIN_TIME',
      500,
      'After SIGTERM: how long the doors stay open, not ready, so that balancers go elsewhere',
    ),
    trustedProxies: list('TRUSTED_PROXIES', [], 'Addresses whose X-Forwarded-For is believed, comma separated'),
    corsOrigins: list('CORS_ORIGINS', [], 'Origins that browsers may call from, comma separated'),
  },
  database: {
    url: optionalSecret('DATABASE_URL', 'postgres://user:password@host:port/name; wins over DB_*'),
    host: text('DB_HOST', '127.0.0.1', 'PostgreSQL host'),
    port: port('DB_PORT', 5432, 'PostgreSQL port'),
    user: text('DB_USER', 'pandora', 'PostgreSQL role'),
    password: secret('DB_PASSWORD', 'pandora', 'PostgreSQL password'),
    name: text('DB_NAME', 'pandora', 'PostgreSQL database'),
    sslMode: oneOf('DB_SSLMODE', ['disable', 'require', 'verify-full'], 'disable', 'TLS to PostgreSQL'),
    poolSize: count('DB_POOL_SIZE', 20, 'Open connections per process, at most'),
    statementTimeout: duration('DB_STATEMENT_TIMEOUT', 10_000, 'A query without an answer for this long is given up'),
  },
  redis: {
    url: optionalSecret('REDIS_URL', 'redis://:password@host:port/db; wins over REDIS_*'),
    host: text('REDIS_HOST', '127.0.0.1', 'Redis host'),
    port: port('REDIS_PORT', 6379, 'Redis port'),
    password: secret('REDIS_PASSWORD', 'pandora', 'Redis password'),
    db: count('REDIS_DB', 0, 'Redis logical database'),
  },
  temporal: {
    address: text('TEMPORAL_ADDRESS', '127.0.0.1:7233', 'Temporal frontend'),
    namespace: text('TEMPORAL_NAMESPACE', 'exchange', 'Temporal namespace'),
    codecKey: secret(
      'TEMPORAL_CODEC_KEY',
      'ZGV2LW9ubHkga2V5IGZvciBwYXlsb2FkcywgMzJiISE=',
      'Key that encrypts workflow payloads: 32 bytes in base64',
      44,
    ),
    codecKeyId: text('TEMPORAL_CODEC_KEY_ID', 'dev', 'Name of that key, kept beside each payload'),
    codecHost: text('TEMPORAL_CODEC_HOST', '127.0.0.1', 'Address the codec server listens on'),
    codecPort: port('TEMPORAL_CODEC_PORT', 8082, 'Codec server that the Temporal UI reads payloads through'),
    uiUrl: text('TEMPORAL_UI_URL', 'http://127.0.0.1:8233', 'Temporal Web UI, for links and as allowed codec origin'),
    maxCachedWorkflows: count('TEMPORAL_MAX_CACHED_WORKFLOWS', 200, 'Workflows a worker keeps in memory'),
  },
  mail: {
    smtpUrl: secret('SMTP_URL', 'smtp://127.0.0.1:1025', 'SMTP server for outgoing mail'),
    from: text('MAIL_FROM', 'Pandora Exchange <no-reply@pandora.example>', 'Sender of outgoing mail'),
    linkBase: text('MAIL_LINK_BASE', 'http://127.0.0.1:8080', 'What links in mails begin with'),
    catcherSmtpPort: port('SMTP_PORT', 1025, 'Development mail catcher: SMTP'),
    inboxUrl: text('MAIL_INBOX_URL', 'http://127.0.0.1:8025', 'Development mail catcher: where its inbox is read'),
    inboxPort: port('MAIL_INBOX_PORT', 8025, 'Development mail catcher: inbox over HTTP'),
  },
  auth: {
    algorithm: oneOf('JWT_ALGORITHM', ['EdDSA', 'HS256'], 'EdDSA', 'How access tokens are signed; one a deployment'),
    secret: secret(
      'JWT_SECRET',
      'development-only-secret-of-32-characters',
      'HS256 secret, at least 32 characters',
      32,
    ),
    privateKey: optionalSecret('JWT_PRIVATE_KEY', 'EdDSA private key, PKCS#8 PEM in base64; dev makes one'),
    issuer: text('JWT_ISSUER', 'pandora-exchange', 'iss claim'),
    audience: text('JWT_AUDIENCE', 'pandora-exchange', 'aud claim'),
    accessTokenExpiry: duration('JWT_ACCESS_TOKEN_EXPIRY', 900_000, 'Life of an access token'),
    refreshTokenExpiry: duration('JWT_REFRESH_TOKEN_EXPIRY', 604_800_000, 'Life of a refresh token'),
    dataKey: secret(
      'AUTH_DATA_KEY',
      'ZGV2LW9ubHkga2V5IGZvciBzZWNyZXRzLCAzMmIhISE=',
      'Key that encrypts second-factor secrets at rest: 32 bytes in base64',
      44,
    ),
    argonMemoryKib: count('ARGON2_MEMORY_KIB', 65_536, 'Argon2id memory'),
    argonPasses: count('ARGON2_PASSES', 1, 'Argon2id passes'),
    argonLanes: count('ARGON2_LANES', 4, 'Argon2id lanes'),
    argonConcurrency: count('ARGON2_CONCURRENCY', 4, 'Password hashes computed at once, at most'),
    serviceToken: secret('SERVICE_TOKEN', 'development-only-service-token-32-chars', 'What internal services send', 32),
  },
  rateLimit: {
    enabled: flag('RATE_LIMIT_ENABLED', true, 'Turns the limits off for load tests'),
    anonymousPerMinute: count('RATE_LIMIT_ANONYMOUS_PER_MINUTE', 100, 'Requests without login, per address'),
    userPerMinute: count('RATE_LIMIT_USER_PER_MINUTE', 60, 'Requests with login, per user'),
    ordersPerSecond: count('RATE_LIMIT_ORDERS_PER_SECOND', 10, 'Orders placed, per user'),
    cancelsPerSecond: count('RATE_LIMIT_CANCELS_PER_SECOND', 20, 'Cancels, per user'),
    loginFailuresPer15Minutes: count('RATE_LIMIT_LOGIN_FAILURES', 5, 'Failed logins per address in 15 minutes'),
    processes: count('RATE_LIMIT_PROCESSES', 1, 'API processes; each takes its share of a limit while Redis is away'),
  },
  orders: {
    batchWindow: duration('ORDER_BATCH_WINDOW', 2, 'How long the order batcher collects, at most'),
    batchSize: count('ORDER_BATCH_SIZE', 256, 'Orders in one commit, at most'),
    maxQueued: count('ORDER_MAX_QUEUED', 20_000, 'Commands waiting for the matcher before new orders are refused'),
  },
  matcher: {
    symbols: list('MATCHER_SYMBOLS', [], 'Markets this matcher may take, comma separated; all when empty'),
  },
  kyc: {
    autoApproveBelow: count('KYC_AUTO_APPROVE_BELOW', 0, 'Risk scores below this are approved without an officer'),
    reminderAfter: duration('KYC_REMINDER_AFTER', 14_400_000, 'When waiting officers are reminded'),
    escalateAfter: duration('KYC_ESCALATE_AFTER', 86_400_000, 'When a waiting case is marked overdue'),
    deskMail: text('COMPLIANCE_DESK_MAIL', 'compliance@pandora.example', 'Where officers are reminded'),
  },
  custody: {
    url: text('CUSTODY_URL', 'http://127.0.0.1:8027', 'Custody service that signs and sends'),
    confirmations: count('CUSTODY_CONFIRMATIONS', 2, 'Confirmations after which a transaction counts'),
    devPort: port('CUSTODY_PORT', 8027, 'Development custodian: where it listens'),
    devBlockTime: duration('CUSTODY_DEV_BLOCK_TIME', 500, 'Development custodian: time for one confirmation'),
    devFile: text('CUSTODY_DEV_FILE', '.data/custodian.jsonl', 'Development custodian: where it keeps its chain'),
  },
  withdrawal: {
    automaticUpTo: decimal('WITHDRAWAL_AUTOMATIC_UP_TO', '1000', 'Approved without an officer up to this quote value'),
    oneOfficerUpTo: decimal('WITHDRAWAL_ONE_OFFICER_UP_TO', '10000', 'Approved by one officer up to this; two above'),
    dailyLimit: decimal('WITHDRAWAL_DAILY_LIMIT', '50000', 'Quote value a verified user may withdraw in 24 h'),
    monthlyLimit: decimal('WITHDRAWAL_MONTHLY_LIMIT', '500000', 'Quote value a verified user may withdraw in 30 d'),
    confirmWithin: duration('WITHDRAWAL_CONFIRM_WITHIN', 86_400_000, 'Time to confirm by mail'),
    approveWithin: duration('WITHDRAWAL_APPROVE_WITHIN', 172_800_000, 'Time to approve'),
    reminderAfter: duration('WITHDRAWAL_REMINDER_AFTER', 14_400_000, 'When waiting officers are reminded'),
    escalateAfter: duration('WITHDRAWAL_ESCALATE_AFTER', 86_400_000, 'When a waiting approval is marked overdue'),
  },
  adjustment: {
    approveWithin: duration('ADJUSTMENT_APPROVE_WITHIN', 172_800_000, 'Time to approve'),
    reminderAfter: duration('ADJUSTMENT_REMINDER_AFTER', 14_400_000, 'When waiting officers are reminded'),
    escalateAfter: duration('ADJUSTMENT_ESCALATE_AFTER', 86_400_000, 'When a waiting approval is marked overdue'),
  },
  reconciliation: {
    interval: duration('RECONCILIATION_INTERVAL', 30_000, 'How often the books are checked'),
  },
  partitions: {
    keep: duration('PARTITIONS_KEEP', 63_072_000_000, 'How long trades and orders stay in their tables; then archived'),
  },
  liabilities: {
    keep: duration('LIABILITIES_KEEP', 2_592_000_000, 'How long proofs of liabilities can be had; roots stay for ever'),
  },
  telemetry: {
    enabled: flag('OTEL_ENABLED', false, 'Sends traces'),
    endpoint: text('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://127.0.0.1:4318', 'OTLP over HTTP'),
    serviceName: text('OTEL_SERVICE_NAME', 'pandora-exchange', 'Service name in traces and logs'),
    sampleRate: ratio('OTEL_SAMPLE_RATE', 1, 'Share of traces that are kept'),
  },
} as const;

type Leaf = Setting<unknown>;

export type Branch = { readonly [name: string]: Leaf | Branch };

export type Resolved<T> = T extends Setting<infer V> ? V : { readonly [K in keyof T]: Resolved<T[K]> };

export const isSetting = (node: Leaf | Branch): node is Leaf => 'read' in node && 'env' in node;
