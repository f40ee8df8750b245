/**
 * Attendance: which hubs of the database are there, and where each is reached by the others. A hub is there while its session holds a lock;
 * so no clock is compared, nothing is written again and again, and one that died, hangs or is cut off is gone when the server ends its session.
 */
import { randomInt } from 'node:crypto'
import type { Clock } from '@skerry/platform/process/clock'
import { HUB_LOCKS } from '../store/postgres-locks.ts'
import type { Ask } from './session.ts'

/** What a hub tells the others of itself. */
export type HubCard = {
  /** Where it is reached by other hubs: an origin. */
  url: string
  /** SHA-256 of the certificate that it shows there, hex. */
  certificateFingerprint: string
  version: string
}

export type Member = HubCard & { hubId: string; sinceMs: number }

export type Attendance = {
  announce(card: HubCard): void
  /** Puts this hub's row where it is missing. */
  beat(ask: Ask): Promise<void>
  /** The session has ended, and the lock with it. */
  closed(): void
  /** Those that are there, and this one among them once it is announced; by id. */
  members(ask: Ask): Promise<Member[]>
}

/** A number that no session had before: a row whose lock is gone never counts again, and anybody may remove it. */
const NUMBER_MAX = 2 ** 31 - 1

const PRESENT = `exists (select from pg_locks where locktype = 'advisory' and objsubid = 2 and granted
  and classid = ${HUB_LOCKS} and objid = number::oid
  and database = (select oid from pg_database where datname = current_database()))`

/** Of a hub that has not said yet where it is. */
export function createAttendance({ hubId, clock }: { hubId: string; clock: Pick<Clock, 'nowMs'> }): Attendance {
  let card: HubCard | undefined
  let entered: HubCard | undefined
  return {
    announce(own) {
      card = own
    },
    async beat(ask) {
      if (entered === card || !card) return
      if (entered) {
        await ask('update hub_sessions set certificate_fingerprint = $1 where hub_id = $2', [
          card.certificateFingerprint,
          hubId,
        ])
        entered = card
        return
      }
      const number = randomInt(NUMBER_MAX)
      await ask('select pg_advisory_lock($1, $2)', [HUB_LOCKS, number])
      await ask(`delete from hub_sessions where not ${PRESENT}`)
      const { url, certificateFingerprint, version } = card
      const values = [number, hubId, url, certificateFingerprint, version, clock.nowMs()]
      const columns = 'number, hub_id, url, certificate_fingerprint, version, since_ms'
      await ask(`insert into hub_sessions (${columns}) values ($1, $2, $3, $4, $5, $6)`, values)
      entered = card
    },
    closed() {
      entered = undefined
    },
    async members(ask) {
      // The newest of a hub: an older session may still be held for a moment.
      const rows = await ask<Row>(
        `select distinct on (hub_id) hub_id, url, certificate_fingerprint, version, since_ms
        from hub_sessions where ${PRESENT} order by hub_id, since_ms desc`,
      )
      return rows.map(({ hub_id, since_ms, certificate_fingerprint, ...card }) => ({
        ...card,
        hubId: hub_id,
        sinceMs: since_ms,
        certificateFingerprint: certificate_fingerprint,
      }))
    },
  }
}

type Row = Pick<Member, 'url' | 'version'> & { hub_id: string; certificate_fingerprint: string; since_ms: number }
