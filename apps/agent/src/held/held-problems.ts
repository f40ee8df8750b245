/** Held problems: the documents that hub and agent do not both understand. Each is reported alone, and all others go on. */
import type { Log } from '@skerry/platform/process/log'
import type { Conditions } from '../conditions.ts'

export type HeldProblems = {
  /** The hub sent a document that this agent cannot read. */
  unreadable(name: string, why: string): void
  /** The hub sent one that it can read. */
  readable(name: string): void
  /** The hub cannot do anything with what the device reports. */
  rejected(name: string, problem: 'unknown' | 'unreadable'): void
}

/** A hub may name any document: an agent remembers this many names. */
const NAMES_MAX = 64

/** Lives as long as the agent: a problem that stays is logged once, however often the link breaks. */
export function createHeldProblems({
  conditions,
  log,
}: {
  conditions: Conditions
  log: Pick<Log, 'warn'>
}): HeldProblems {
  const unread = new Map<string, string>()
  const logged = new Set<string>()
  const logOnce = (event: string, fields: { name: string; problem: string }) => {
    const key = `${event} ${fields.name} ${fields.problem}`
    if (logged.size >= NAMES_MAX || logged.has(key)) return
    logged.add(key)
    // `name` is the log's own word.
    log.warn(event, { held: fields.name, problem: fields.problem })
  }
  return {
    unreadable(name, why) {
      logOnce('document_skipped', { name, problem: why })
      if (unread.size < NAMES_MAX) unread.set(name, why)
      raise(conditions, unread)
    },
    readable(name) {
      if (unread.delete(name)) raise(conditions, unread)
    },
    rejected: (name, problem) => logOnce('held_rejected', { name, problem }),
  }
}

function raise(conditions: Conditions, unread: ReadonlyMap<string, string>): void {
  if (unread.size === 0) {
    conditions.clear('document_unreadable')
    return
  }
  const reasons = [...unread].map(([name, why]) => `"${name}" (${why})`)
  const message = `this agent cannot read the documents of the hub: ${reasons.join(', ')}; update the agent`.slice(
    0,
    1_000,
  )
  conditions.raise({ code: 'document_unreadable', message })
}
