/** Health: whether the process is alive (`/healthz`), and whether it can do its work (`/readyz`). */
import type { FastifyInstance } from 'fastify'
import type { Hub } from '../hub.ts'

/** Each check writes to the disk, and everybody may request it. So this is the minimum time between two checks. */
const READY_MS = 1_000

type Readiness = { ready: boolean; problems: string[] }

export function installHealth(app: FastifyInstance, hub: Hub): void {
  const ready = remembering(hub, () => readinessOf(hub))
  app.get('/healthz', async () => ({ status: 'ok', version: hub.config.version }))
  app.get('/readyz', async (_request, reply) => {
    const readiness = await ready()
    return reply.status(readiness.ready ? 200 : 503).send(readiness)
  })
}

/** Whether the hub can write records and receive bytes; the problems if not. */
export async function readinessOf(hub: Hub): Promise<Readiness> {
  const [probe, store] = await Promise.all([hub.store.probe(), hub.blobs.probe(hub.signal)])
  const problems = [
    ...(probe.ok ? [] : [`records cannot be written: ${probe.message}`]),
    ...(store.ok ? [] : [`blobs cannot be read: ${store.message}`]),
    ...((await hub.disk.hasRoomFor(0))
      ? []
      : ['only the reserve of the disk is free; remove versions, or add disk space']),
    ...(hub.signal.aborted ? ['the hub is stopping'] : []),
  ]
  return { ready: problems.length === 0, problems }
}

/** The last answer while it is fresh; simultaneous requests share one check. */
function remembering(hub: Hub, ask: () => Promise<Readiness>): () => Promise<Readiness> {
  let answer: Promise<Readiness> | undefined
  let atMs = 0
  return () => {
    const nowMs = hub.clock.monotonicMs()
    if (!answer || nowMs - atMs >= READY_MS || hub.signal.aborted) {
      atMs = nowMs
      answer = ask()
    }
    return answer
  }
}

/** Bytes of all blobs; a blob that several organisations hold counts once. */
export async function blobBytes({ store }: Pick<Hub, 'store'>): Promise<number> {
  const blobs = store.db.selectFrom('blobs').select(['digest', 'size_bytes']).distinct().as('blobs')
  const row = await store.db
    .selectFrom(blobs)
    .select(({ fn }) => fn.sum<number | null>('size_bytes').as('bytes'))
    .executeTakeFirst()
  return row?.bytes ?? 0
}
