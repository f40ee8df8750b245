/**
 * Attendance: the hubs of the database that are up, and the address at which other hubs reach each. A hub is up while
 * its session holds a lock. So no clocks are compared, and no hub writes repeatedly. If a hub dies, hangs or is cut
 * off, the server ends its session and its lock.
 */
import { randomInt } from 'node:crypto'
import type { Clock } from '@skerry/platform/process/clock'
import { HUB_LOCKS } from '../store/postgres-locks.ts'
import type { Ask } from './session.ts'

/** The facts that a hub announces to the others. */
export type HubCard = {
  /** The origin at which other hubs reach it. */
  url: string
  /** SHA-256 of the certificate that it shows there, hex. */
  certificateFingerprint: string
  version: string
}

export type Member = HubCard & { hubId: string; sinceMs: number }

export type Attendance = {
  announce(card: HubCard): void
  /** Inserts this hub's row if it is missing. */
  beat(ask: Ask): Promise<void>
  /** The session has ended, and the lock with it. */
  closed(): void
  /** The hubs that are up, by id. Includes this one once it is announced. */
  members(ask: Ask): Promise<Member[]>
}

/** A number that no earlier session had. So a row without a lock never counts again, and every hub may remove it. */
const NUMBER_MAX = 2 ** 31 - 1

const PRESENT = `exists (select from pg_locks where locktype = 'advisory' and objsubid = 2 and granted
  and classid = ${HUB_LOCKS} and objid = number::oid
  and database = (select oid from pg_database where datname = current_database()))`

/** The attendance of a hub that has not announced its address yet. */
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
      // The newest row of a hub: an older session may still hold its lock for a moment.
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
