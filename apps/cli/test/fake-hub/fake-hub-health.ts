/** Fake hub health: how a hub fares, and its certificates, with fixed numbers. */
import { HubCertificates, HubHealth } from '@skerry/contract/hub/hub-health'
import { NOW_MS } from './fake-data.ts'

export const HEALTH: HubHealth = HubHealth.parse({
  version: '0.1.0',
  startedAtMs: NOW_MS - 7_300_000,
  timeMs: NOW_MS,
  ready: false,
  problems: ['only the reserve of the disk is free; remove versions, or add disk space'],
  process: {
    node: 'v24.0.0',
    rssBytes: 150_000_000,
    heapUsedBytes: 40_000_000,
    heapTotalBytes: 60_000_000,
    eventLoop: { sinceMs: NOW_MS - 60_000, p50Ms: 0.1, p99Ms: 1.4, maxMs: 42.5 },
  },
  storage: {
    folder: '/var/lib/skerry',
    databaseBytes: 12_000_000,
    journalBytes: 400_000,
    blobBytes: 3_000_000_000,
    freeBytes: 400_000_000,
    floorBytes: 536_870_912,
  },
  link: { connections: 1_203, reportIntervalMs: 60_000, reportsWaiting: 3 },
  queues: { pushes: 1, pushesMax: 9, documents: 0 },
  cluster: {
    replica: 'hub-1-0a1b2c3d',
    leads: false,
    leader: 'hub-0-4e5f6071',
    replicas: [
      { replica: 'hub-0-4e5f6071', version: '0.1.0', url: 'https://10.0.0.7:8443', sinceMs: 1_760_000_000_000 },
      { replica: 'hub-1-0a1b2c3d', version: '0.1.0', url: 'https://10.0.0.8:8443', sinceMs: 1_760_000_000_000 },
    ],
  },
  auditExport: { receivers: 2, failing: 1, waiting: 40, waitingSinceMs: 1_760_000_000_000 },
  settings: { separateBatchKeys: false },
})

const certificate = {
  subject: 'CN=Skerry hub',
  issuer: 'CN=Skerry hub',
  names: [],
  serial: '01',
  fingerprint: 'ab'.repeat(32),
  notBeforeMs: NOW_MS - 86_400_000,
  notAfterMs: NOW_MS + 3_650 * 86_400_000,
  pem: 'a PEM',
}

export const CERTIFICATES: HubCertificates = HubCertificates.parse({
  certificates: [
    { ...certificate, use: 'authority' },
    {
      ...certificate,
      use: 'server',
      subject: 'CN=localhost',
      names: ['localhost', '127.0.0.1'],
      notAfterMs: NOW_MS + 90 * 86_400_000,
    },
  ],
  signingKeys: [{ keyId: 'cd'.repeat(32), publicKeyPem: 'a PEM' }],
})
