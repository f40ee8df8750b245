/** Health: whether the process lives (`/healthz`), and whether it can do its work (`/readyz`). */
import type { FastifyInstance } from 'fastify'
import type { Hub } from '../hub.ts'

/** Asking costs a write to the disk, and anybody may ask: so often at most. */
const READY_MS = 1_000

type Readiness = { ready: boolean; problems: string[] }

/** Adds the two routes. */
export function installHealth(app: FastifyInstance, hub: Hub): void {
  const ready = remembering(hub, () => readinessOf(hub))
  app.get('/healthz', async () => ({ status: 'ok', version: hub.config.version }))
  app.get('/readyz', async (_request, reply) => {
    const readiness = await ready()
    return reply.status(readiness.ready ? 200 : 503).send(readiness)
  })
}

/** Whether records can be written and bytes be taken; what is wrong where not. */
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

/** The last answer while it is fresh; those who ask at once share one. */
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

/** Bytes of all blobs; what several organisations hold is there once. */
export async function blobBytes({ store }: Pick<Hub, 'store'>): Promise<number> {
  const blobs = store.db.selectFrom('blobs').select(['digest', 'size_bytes']).distinct().as('blobs')
  const row = await store.db
    .selectFrom(blobs)
    .select(({ fn }) => fn.sum<number | null>('size_bytes').as('bytes'))
    .executeTakeFirst()
  return row?.bytes ?? 0
}
