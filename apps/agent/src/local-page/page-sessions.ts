/**
 * Page sessions: the people who are signed in to the local page. They are in memory, so a restart of the agent ends
 * them. Only the hash of a token is kept.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '@skerry/platform/process/clock'

export type PageSession = {
  /** A form must send it back, so that no other page can send the form. */
  formToken: string
}

export type PageSessions = {
  /** Begins a session under the password with this salt. Returns its token. */
  begin(salt: string): string
  /** The session of this token; undefined if it has ended, or if the password has changed. */
  find(token: string, salt: string): PageSession | undefined
  end(token: string): void
}

/** A device has a few operators. The oldest session makes room. */
const SESSIONS_MAX = 16

/** The screen at a machine stays open during a shift, but not longer. */
const LIFE_MS = 12 * 3_600_000
const IDLE_MS = 1_800_000

type Kept = PageSession & { salt: string; sinceMs: number; usedMs: number }

/** At the start nobody is signed in. */
export function createPageSessions(clock: Pick<Clock, 'monotonicMs'>): PageSessions {
  const sessions = new Map<string, Kept>()
  return {
    begin(salt) {
      const token = randomBytes(32).toString('base64url')
      const nowMs = clock.monotonicMs()
      for (const key of [...sessions.keys()].slice(0, Math.max(0, sessions.size - SESSIONS_MAX + 1))) {
        sessions.delete(key)
      }
      const formToken = randomBytes(32).toString('base64url')
      sessions.set(keyOf(token), { formToken, salt, sinceMs: nowMs, usedMs: nowMs })
      return token
    },
    find(token, salt) {
      const key = keyOf(token)
      const found = sessions.get(key)
      if (!found) return undefined
      const nowMs = clock.monotonicMs()
      const isOver = nowMs - found.sinceMs > LIFE_MS || nowMs - found.usedMs > IDLE_MS || found.salt !== salt
      if (isOver) {
        sessions.delete(key)
        return undefined
      }
      found.usedMs = nowMs
      return found
    },
    end: (token) => void sessions.delete(keyOf(token)),
  }
}

/** Whether a form has the token of the session, compared in constant time. */
export const hasFormToken = ({ formToken }: PageSession, sent: string): boolean =>
  timingSafeEqual(Buffer.from(keyOf(formToken)), Buffer.from(keyOf(sent)))

const keyOf = (token: string) => createHash('sha256').update(token).digest('hex')
