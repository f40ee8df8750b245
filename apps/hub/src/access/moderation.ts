/**
 * Moderation: a terminal under a moderated grant carries bytes only while another person watches it. Before that, both
 * ends wait, so that neither a keystroke nor an answer passes unseen.
 */
import type { Duplex } from 'node:stream'
import { MODERATOR_WAIT_SECONDS } from '@skerry/contract/access/access'
import type { Hub } from '../hub.ts'
import { fromJson } from '../store/json-column.ts'
import type { AccessGrantTable, AccessSessionTable } from '../store/tables/access/access-session-tables.ts'
import { watchersOf } from './watcher-store.ts'

export type Moderated = {
  session: AccessSessionTable
  grant: AccessGrantTable
  person: Duplex
  device: Duplex
  cut: { (code: string): void; reason(): string | undefined }
}

/** One small query; a moderator who begins to watch waits no longer than this. */
const LOOK_MS = 1_000

/**
 * Resolves when a moderator watches, or when the session has ended. After that, the session ends as soon as nobody
 * watches it. The signal ends the observation.
 */
export async function moderate(hub: Hub, it: Moderated, signal: AbortSignal): Promise<void> {
  if (fromJson(it.grant.spec).isModerated !== true) return
  const fail = (error: unknown) => {
    if (signal.aborted) return
    hub.log.error('moderation_failed', { session: it.session.id, error })
    it.cut('moderator_left')
  }
  await begin(hub, it, signal).catch(fail)
  void follow(hub, it, signal).catch(fail)
}

async function begin(hub: Hub, it: Moderated, signal: AbortSignal): Promise<void> {
  const lateMs = hub.clock.monotonicMs() + MODERATOR_WAIT_SECONDS * 1_000
  while (!isOver(it) && !(await isWatched(hub, it))) {
    if (hub.clock.monotonicMs() > lateMs) it.cut('moderator_absent')
    else await hub.clock.sleep(LOOK_MS, signal)
  }
}

/** A person who closes the terminal before it begins ends it, and so does a device that goes away. */
function isOver({ person, device, cut }: Moderated): boolean {
  if (person.writableEnded || person.destroyed || device.destroyed) cut('connection_lost')
  return cut.reason() !== undefined
}

/** A program that ends by itself still sends its rest: that end is nobody's fault. */
async function follow(hub: Hub, it: Moderated, signal: AbortSignal): Promise<void> {
  const { person, cut } = it
  while (cut.reason() === undefined && !person.writableEnded) {
    await hub.clock.sleep(LOOK_MS, signal)
    if (!(await isWatched(hub, it)) && !person.writableEnded) cut('moderator_left')
  }
}

/** The holder of the grant cannot be the moderator. */
async function isWatched({ store, clock }: Hub, { session, grant }: Moderated): Promise<boolean> {
  const watchers = await watchersOf(store.db, [session.id], clock.nowMs())
  return watchers.some(({ person_id }) => person_id !== grant.person_id)
}
