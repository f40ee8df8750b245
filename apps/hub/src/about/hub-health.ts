/** Hub health: how the hub itself fares, for the people who run it. */
import type { HubCertificate, HubCertificates, HubHealth } from '@skerry/contract/hub/hub-health'
import { describeCertificate } from '@skerry/platform/certificates/certificate'
import { signingKeyId } from '@skerry/platform/signatures/dsse'
import { blobBytes, readinessOf } from '../http/health.ts'
import type { Hub } from '../hub.ts'
import { listSyslog, waitingOf } from '../syslog/syslog-store.ts'

/** Costs a write to the disk, as `/readyz` does, and some counting. */
export async function hubHealth(hub: Hub): Promise<HubHealth> {
  const { vitals, clock } = hub
  const [readiness, storage, documents, cluster, auditExport] = await Promise.all([
    readinessOf(hub),
    storageOf(hub),
    queuedCount(hub),
    clusterOf(hub),
    auditExportOf(hub),
  ])
  const { rss, heapUsed, heapTotal } = process.memoryUsage()
  const { open: pushes, max: pushesMax } = hub.pushQueue.load()
  return {
    version: hub.config.version,
    startedAtMs: vitals.startedAtMs,
    timeMs: clock.nowMs(),
    ...readiness,
    process: {
      node: process.version,
      rssBytes: rss,
      heapUsedBytes: heapUsed,
      heapTotalBytes: heapTotal,
      eventLoop: vitals.eventLoopDelay(),
    },
    storage,
    link: vitals.linkLoad(),
    queues: { pushes, pushesMax, documents },
    cluster,
    auditExport,
    settings: { separateBatchKeys: hub.config.separateBatchKeys },
  }
}

async function storageOf(hub: Hub): Promise<HubHealth['storage']> {
  const { folder, floorBytes } = hub.vitals
  return {
    folder,
    ...(await hub.store.bytes()),
    blobBytes: await blobBytes(hub),
    freeBytes: await hub.disk.freeBytes(),
    floorBytes,
  }
}

async function clusterOf({ cluster, store }: Hub): Promise<HubHealth['cluster']> {
  const { hubId: replica } = cluster
  const leads = cluster.isLeading()
  // It is not known while the connection to the others is being opened.
  const members = await cluster.members().catch(() => undefined)
  const last = leads ? replica : (await store.db.selectFrom('hub_leader').select('hub_id').executeTakeFirst())?.hub_id
  // Who led last is on record for ever.
  const leader = members?.find(({ hubId }) => hubId === last)?.hubId
  return {
    replica,
    leads,
    ...(leader !== undefined && { leader }),
    ...(members && {
      replicas: members.map(({ hubId, version, url, sinceMs }) => ({ replica: hubId, version, url, sinceMs })),
    }),
  }
}

async function auditExportOf({ store: { db } }: Hub): Promise<HubHealth['auditExport']> {
  const rows = await listSyslog(db)
  const each = await Promise.all(rows.map((row) => waitingOf(db, row)))
  const since = each.flatMap(({ waitingSinceMs }) => waitingSinceMs ?? [])
  return {
    receivers: rows.length,
    failing: rows.filter(({ problem }) => problem !== null).length,
    waiting: each.reduce((sum, { waiting }) => sum + waiting, 0),
    ...(since.length > 0 && { waitingSinceMs: Math.min(...since) }),
  }
}

async function queuedCount({ store }: Hub): Promise<number> {
  const { count } = await store.db
    .selectFrom('desired_queue')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** The certificates that the hub works with, and the public halves of its signing keys. */
export function hubCertificates({ config, authorities, signing }: Hub): HubCertificates {
  const others = authorities.issuers().filter((pem) => pem !== config.caPem)
  return {
    certificates: [
      viewOf('authority', config.caPem),
      ...others.map((pem) => viewOf('devices', pem)),
      viewOf('server', config.serverCertificatePem),
    ],
    signingKeys: [{ keyId: signingKeyId(signing.publicKeyPem), publicKeyPem: signing.publicKeyPem }],
  }
}

function viewOf(use: HubCertificate['use'], pem: string): HubCertificate {
  const { subject, issuer, names, serial, fingerprint, notBeforeMs, notAfterMs } = describeCertificate(pem)
  return { use, subject, issuer, names, serial, fingerprint, notBeforeMs, notAfterMs, pem }
}
