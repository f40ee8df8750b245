/**
 * Session: one lasting connection of this hub to PostgreSQL. It hears what other hubs tell, and holds locks that end with it. The server ends
 * it when the hub has been silent for some seconds, and the hub itself when a beat fails; then it is opened anew.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '@skerry/platform/process/log'
import { Client, type QueryResultRow } from 'pg'
import { clientConfig, errorOf, SESSION_SETUP } from '../store/postgres-pool.ts'
import { StoreUnavailable } from '../store/store-errors.ts'

/** A hub that died is noticed within about this time; the server releases its locks at once. */
export const BEAT_MS = 1_000

/** A beat that takes longer is as good as lost: the server would end the connection soon. */
const BEAT_MAX_MS = 3_000

/** Three beats and a bit: so long after its last word a hub that stands still, or is cut off, has lost its locks. */
const SETUP = `${SESSION_SETUP}; set idle_session_timeout = '6s'`

export type Ask = <Row extends QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>

export type SessionListener = {
  channel: string
  /** Called at each opening, before the first beat. */
  opened(ask: Ask): Promise<void>
  beat(ask: Ask): Promise<void>
  heard(text: string): void
  /** All locks are gone. */
  closed(): void
}

export type Session = AsyncDisposable & {
  ask: Ask
  /** Ends the connection, and with it the locks; another follows. */
  drop(): void
}

/** Opens it, now and again after each loss. */
export function keepSession({ url, log }: { url: string; log: Pick<Log, 'warn'> }, listener: SessionListener): Session {
  const stop = new AbortController()
  let client: Client | undefined
  // One after another: the driver wants it so.
  let asked: Promise<unknown> = Promise.resolve()
  const ask: Ask = (text, values = []) => {
    const answered = asked.then(async () => {
      if (!client) throw new StoreUnavailable('the connection to the other hubs is not open yet')
      return (await client.query(text, values)).rows
    })
    asked = answered.catch(() => undefined)
    return answered
  }
  const live = async () => {
    const opening = new Client({ ...clientConfig(url, 'skerry hub, session'), query_timeout: BEAT_MAX_MS })
    const lost = lossOf(opening)
    opening.on('notification', ({ payload = '' }) => listener.heard(payload))
    try {
      await opening.connect()
      await opening.query(`${SETUP}; listen ${listener.channel}`)
      client = opening
      await listener.opened(ask)
      while (!stop.signal.aborted && !lost.aborted) {
        await listener.beat(ask)
        await sleep(BEAT_MS, undefined, { signal: AbortSignal.any([stop.signal, lost]) }).catch(() => undefined)
      }
      if (lost.aborted) throw lost.reason
    } finally {
      client = undefined
      listener.closed()
      await opening.end().catch(() => undefined)
    }
  }
  const living = (async () => {
    while (!stop.signal.aborted) {
      await live().catch((error: unknown) => {
        if (!stop.signal.aborted) log.warn('hub_session_lost', { error: errorOf(error, 'the session') })
      })
      await sleep(BEAT_MS, undefined, { signal: stop.signal }).catch(() => undefined)
    }
  })()
  return {
    ask,
    drop: () => void client?.end().catch(() => undefined),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await living
    },
  }
}

/** Fires when the connection ends, whoever ended it. */
function lossOf(client: Client): AbortSignal {
  const lost = new AbortController()
  client.on('error', (error) => lost.abort(error))
  client.on('end', () => lost.abort(new Error('the connection has ended')))
  return lost.signal
}
