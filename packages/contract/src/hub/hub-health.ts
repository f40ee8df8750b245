/** Hub health: how the hub itself fares, and the certificates and keys that it works with. */
import * as z from 'zod'
import { InstantMs } from '../values/names.ts'

const count = z.int().min(0)
const milliseconds = z.number().min(0)

export const HubHealth = z.strictObject({
  version: z.string(),
  startedAtMs: InstantMs,
  timeMs: InstantMs,
  /** As `/readyz` has it; the problems say what to do. */
  ready: z.boolean(),
  problems: z.array(z.string()),
  process: z.strictObject({
    node: z.string(),
    rssBytes: count,
    heapUsedBytes: count,
    heapTotalBytes: count,
    /** By how much the event loop was late, since `sinceMs`: what everybody waits for. */
    eventLoop: z.strictObject({ sinceMs: InstantMs, p50Ms: milliseconds, p99Ms: milliseconds, maxMs: milliseconds }),
  }),
  storage: z.strictObject({
    folder: z.string(),
    databaseBytes: count,
    /** What has been written and not yet been merged into the database's file. */
    journalBytes: count,
    blobBytes: count,
    freeBytes: count,
    /** While so little is free, no bytes are taken any more. */
    floorBytes: count,
  }),
  link: z.strictObject({
    connections: count,
    /** How often a device reports; longer in a large fleet. */
    reportIntervalMs: count,
    /** Heard and not stored yet. */
    reportsWaiting: count,
  }),
  queues: z.strictObject({
    /** Versions that are being checked and signed, or wait for it. */
    pushes: count,
    pushesMax: count,
    /** Devices whose document is to be derived again. */
    documents: count,
  }),
  /** The hubs on one database, of which this one has answered. */
  cluster: z.strictObject({
    /** Its name, another one after each start. */
    replica: z.string(),
    /** It does what is done once: rollouts, sweeps. */
    leads: z.boolean(),
    /** Whoever leads; absent while nobody does, or where it is not known. */
    leader: z.string().optional(),
    /** Those that are there. Absent where it is not known just now. */
    replicas: z
      .array(
        z.strictObject({
          replica: z.string(),
          version: z.string(),
          /** Where the others reach it. */
          url: z.string(),
          /** Since when it is there without a break. */
          sinceMs: InstantMs,
        }),
      )
      .optional(),
  }),
  /** Audit trails on their way to syslog receivers, of all organisations. */
  auditExport: z.strictObject({
    receivers: count,
    /** Those that the last attempt did not reach. */
    failing: count,
    /** Records that are not taken yet, and since when the first of them waits. */
    waiting: count,
    waitingSinceMs: InstantMs.optional(),
  }),
  /** What whoever runs the hub has asked of it. */
  settings: z.strictObject({
    /** Different keys create, sign and send a batch. */
    separateBatchKeys: z.boolean(),
  }),
})
export type HubHealth = z.infer<typeof HubHealth>

export const HubCertificate = z.strictObject({
  /** authority: what clients pin. devices: signs the devices' certificates; the same one, unless the server's is the customer's. server: shown to everybody who connects. */
  use: z.enum(['authority', 'devices', 'server']),
  subject: z.string(),
  issuer: z.string(),
  /** The names and addresses that it stands for. */
  names: z.array(z.string()),
  serial: z.string(),
  /** SHA-256 of the certificate (DER), hex. */
  fingerprint: z.string(),
  notBeforeMs: InstantMs,
  notAfterMs: InstantMs,
  pem: z.string(),
})
export type HubCertificate = z.infer<typeof HubCertificate>

export const HubCertificates = z.strictObject({
  certificates: z.array(HubCertificate).min(2),
  /** Keys that versions of models are signed with. */
  signingKeys: z.array(z.strictObject({ keyId: z.string(), publicKeyPem: z.string() })).min(1),
})
export type HubCertificates = z.infer<typeof HubCertificates>
