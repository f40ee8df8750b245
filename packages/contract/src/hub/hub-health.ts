/** Hub health: how the hub itself fares, and the certificates and keys that it works with. */
import * as z from 'zod'
import { InstantMs } from '../values/names.ts'

const count = z.int().min(0)
const milliseconds = z.number().min(0)

export const HubHealth = z.strictObject({
  version: z.string(),
  startedAtMs: InstantMs,
  timeMs: InstantMs,
  /** The same as `/readyz`; each problem names the next action. */
  ready: z.boolean(),
  problems: z.array(z.string()),
  process: z.strictObject({
    node: z.string(),
    rssBytes: count,
    heapUsedBytes: count,
    heapTotalBytes: count,
    /** The delay of the event loop since `sinceMs`; every request waits for it. */
    eventLoop: z.strictObject({ sinceMs: InstantMs, p50Ms: milliseconds, p99Ms: milliseconds, maxMs: milliseconds }),
  }),
  storage: z.strictObject({
    folder: z.string(),
    databaseBytes: count,
    /** Bytes that have not yet been merged into the database's file. */
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
    /** Reports that were received and not stored yet. */
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
    /** It does the work that only one hub may do: rollouts, sweeps. */
    leads: z.boolean(),
    /** The leading hub; absent while none leads, or if it is not known. */
    leader: z.string().optional(),
    /** The hubs that are up. Absent if that is not known just now. */
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
    /** Receivers that the last attempt did not reach. */
    failing: count,
    /** Records that are not taken yet, and since when the first of them waits. */
    waiting: count,
    waitingSinceMs: InstantMs.optional(),
  }),
  /** Settings by the operator of the hub. */
  settings: z.strictObject({
    /** Different keys create, sign and send a batch. */
    separateBatchKeys: z.boolean(),
  }),
})
export type HubHealth = z.infer<typeof HubHealth>

export const HubCertificate = z.strictObject({
  /**
   * authority: clients pin it. devices: signs the devices' certificates; the same one, unless the server's is the
   * customer's. server: shown to all clients that connect.
   */
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
