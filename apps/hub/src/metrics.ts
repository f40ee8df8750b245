/**
 * Metrics: the hub's counters and measurements of itself, for Prometheus. Names are part of the API, as error codes
 * are.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** From 1 ms to 30 s. People notice a delay at the lower end, and clients give up at the upper end. */
const SECONDS_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30]

export type Metrics = ReturnType<typeof createMetrics>

/** A registry of its own, so that two hubs in one process (tests) do not share numbers. */
export function createMetrics() {
  const registry = new Registry()
  // Process, memory and event-loop lag (nodejs_eventloop_lag_*).
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  return {
    registry,
    /** The figures of all hubs together. Only the hub that leads has them. */
    led: { monitors: new Registry(), traffic: new Registry() },
    requests: new Counter({
      name: 'skerry_requests_total',
      help: 'Answered requests, by procedure and code (ok, or the error code)',
      labelNames: ['procedure', 'code'] as const,
      registers,
    }),
    requestSeconds: new Histogram({
      name: 'skerry_request_seconds',
      help: 'Time from request to answer, by procedure',
      labelNames: ['procedure'] as const,
      buckets: SECONDS_BUCKETS,
      registers,
    }),
    refusedCallers: new Counter({
      name: 'skerry_refused_callers_total',
      help: 'Requests refused before anything else because of who asked, by code',
      labelNames: ['code'] as const,
      registers,
    }),
    linkConnections: new Gauge({ name: 'skerry_link_connections', help: 'Devices connected now', registers }),
    linkResumptions: new Counter({
      name: 'skerry_link_resumptions_total',
      help: 'Device connections that came back with a ticket instead of a certificate',
      registers,
    }),
    linkRefusals: new Counter({
      name: 'skerry_link_refusals_total',
      help: 'Device connections refused or ended by the hub, by code',
      labelNames: ['code'] as const,
      registers,
    }),
    reports: new Counter({ name: 'skerry_reports_total', help: 'Reports received from devices', registers }),
    flushReports: new Histogram({
      name: 'skerry_flush_reports',
      help: 'Reports stored by one transaction',
      buckets: [1, 10, 50, 100, 500, 1_000, 5_000],
      registers,
    }),
    flushSeconds: new Histogram({
      name: 'skerry_flush_seconds',
      help: 'Time of one transaction that stores reports',
      buckets: SECONDS_BUCKETS,
      registers,
    }),
    blobBytesIn: new Counter({ name: 'skerry_blob_bytes_in_total', help: 'Bytes of blobs received', registers }),
    blobBytesOut: new Counter({ name: 'skerry_blob_bytes_out_total', help: 'Bytes of blobs sent', registers }),
    blobBytes: new Gauge({ name: 'skerry_blob_bytes', help: 'Bytes of all blobs that are held', registers }),
    diskFreeBytes: new Gauge({ name: 'skerry_disk_free_bytes', help: 'Free bytes on the disk of blobs', registers }),
    s3Failures: s3Failures(registers),
    auditDamaged: auditDamaged(registers),
    ...receiverFailures(registers),
    otlpFailures: new Counter({
      name: 'skerry_otlp_failures_total',
      help: 'Times that a collector of OpenTelemetry did not take the metrics',
      registers,
    }),
    ...monitorMetrics(registers),
    ...languageMetrics(registers),
    blobsDamaged: new Counter({ name: 'skerry_blobs_damaged_total', help: 'Blobs found damaged on disk', registers }),
  }
}

const s3Failures = (registers: Registry[]) =>
  new Counter({
    name: 'skerry_s3_failures_total',
    help: 'Calls to the bucket of blobs that failed after all tries, by call and by kind (full, refused, unreachable)',
    labelNames: ['operation', 'kind'] as const,
    registers,
  })

const auditDamaged = (registers: Registry[]) =>
  new Counter({
    name: 'skerry_audit_damaged_total',
    help: 'Times that an audit trail was not signed because it does not hold',
    registers,
  })

const receiverFailures = (registers: Registry[]) => ({
  syslogFailures: new Counter({
    name: 'skerry_syslog_failures_total',
    help: 'Times that a syslog receiver did not take what it was sent of an audit trail',
    registers,
  }),
  intrusionWebhookFailures: new Counter({
    name: 'skerry_intrusion_webhook_failures_total',
    help: 'Times that a webhook did not take a finding of intrusion detection',
    registers,
  }),
})

/** The leader of the hubs sets them after each sweep. */
const monitorMetrics = (registers: Registry[]) => ({
  alertmanagerFailures: new Counter({
    name: 'skerry_alertmanager_failures_total',
    help: 'Times that an Alertmanager did not take the alerts of a monitor',
    registers,
  }),
})

const OF_DEVICE = ['organisation', 'device', 'model', 'version'] as const

/** The leader of the hubs sets them each minute, from the newest reports. */
const languageMetrics = (registers: Registry[]) => ({
  languageAnswers: new Gauge({
    name: 'skerry_language_answers',
    help: 'Answers of a language model on a device since the model was loaded',
    labelNames: OF_DEVICE,
    registers,
  }),
  languageTokens: new Gauge({
    name: 'skerry_language_tokens_per_second',
    help: 'Tokens a second of one answer of a language model on a device, over its last 100 answers',
    labelNames: OF_DEVICE,
    registers,
  }),
  languageFirstToken: new Gauge({
    name: 'skerry_language_first_token_seconds',
    help: 'Time to the first token of a language model on a device, over its last 100 answers',
    labelNames: OF_DEVICE,
    registers,
  }),
  languageInvalid: new Gauge({
    name: 'skerry_language_invalid_share',
    help: 'Share of answers that break their schema, among the last 100 of a language model on a device',
    labelNames: OF_DEVICE,
    registers,
  }),
})
