/** Callers: people who send one request after the other to a route, and note which place has answered. */
import { setTimeout as sleep } from 'node:timers/promises'

export type Callers = {
  /** From now on, so many call at the same time. */
  set(count: number): void
  /** Defined if each of the devices has answered since the last `forget`. */
  seen(...devices: string[]): 'ok' | undefined
  forget(): void
  /** Ends them, after their last requests. */
  end(): Promise<Called>
}

type Called = {
  answered: number
  /** The gateway said why not, such as a place that is down. */
  refused: number
  /** The connection ended, so the caller knows that there is no answer. */
  broken: number
  /** Answers of each device, over all. */
  places: ReadonlyMap<string, number>
}

type Target = { url: string; key: string; body: object }

/** In milliseconds. A gateway answers or refuses within the time of its route, which is half of it. */
const DEADLINE_MS = 60_000

/** In milliseconds, after a request without an answer: callers do not repeat at once. */
const PAUSE_MS = 50

/** Nobody calls at first. */
export function startCallers({ url, key, body }: Target): Callers {
  const text = JSON.stringify(body)
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const places = new Map<string, number>()
  const recent = new Set<string>()
  const counts = { answered: 0, refused: 0, broken: 0 }
  const running: Promise<void>[] = []
  let wanted = 0
  const callOnce = async () => {
    try {
      const reply = await fetch(url, { method: 'POST', body: text, headers, signal: AbortSignal.timeout(DEADLINE_MS) })
      await reply.arrayBuffer()
      const place = reply.headers.get('skerry-place') ?? ''
      if (!reply.ok) return void counts.refused++
      counts.answered++
      recent.add(place)
      places.set(place, (places.get(place) ?? 0) + 1)
    } catch {
      counts.broken++
    }
  }
  const call = async (caller: number) => {
    while (caller < wanted) {
      const before = counts.answered
      await callOnce()
      if (counts.answered === before) await sleep(PAUSE_MS)
    }
  }
  return {
    set(count) {
      const first = wanted
      wanted = count
      for (let caller = first; caller < count; caller++) running.push(call(caller))
    },
    seen: (...devices) => (devices.every((device) => recent.has(device)) ? 'ok' : undefined),
    forget: () => recent.clear(),
    async end() {
      wanted = 0
      await Promise.all(running)
      return { ...counts, places }
    },
  }
}
