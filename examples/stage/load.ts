/** Load: callers who send one request after the other to a model of a device, and count how each of them ended. */
import { setTimeout as sleep } from 'node:timers/promises'

export type Ended = {
  answered: number
  /** The server said why not, such as a full queue or a model on its way. */
  refused: number
  /** The connection ended, so the caller knows that there is no answer. */
  cut: number
  /** No end within the deadline: nobody told the caller. */
  silent: string[]
}

/** In milliseconds. A server answers or refuses within its own deadline of 30 seconds. */
const DEADLINE_MS = 60_000

/** In milliseconds, after a request that got no answer: callers do not repeat at once. */
const PAUSE_MS = 50

export type Load = { url: string; model: string; callers: number; body: object }

/** Starts the callers. The returned function stops them, and waits for the end of their last requests. */
export function startLoad({ url, model, callers, body }: Load): () => Promise<Ended> {
  const ended: Ended = { answered: 0, refused: 0, cut: 0, silent: [] }
  const stop = new AbortController()
  const text = JSON.stringify(body)
  const all = Array.from({ length: callers }, async () => {
    while (!stop.signal.aborted) {
      const isAnswered = await sendOne(`${url}/v2/models/${model}/infer`, text, ended)
      if (!isAnswered) await sleep(PAUSE_MS)
    }
  })
  return async () => {
    stop.abort()
    await Promise.all(all)
    return ended
  }
}

async function sendOne(url: string, body: string, ended: Ended): Promise<boolean> {
  try {
    const reply = await fetch(url, { method: 'POST', body, signal: AbortSignal.timeout(DEADLINE_MS) })
    const text = await reply.text()
    if (reply.ok) ended.answered++
    else if (text.includes('"error"')) ended.refused++
    else ended.silent.push(text)
    return reply.ok
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError') ended.silent.push(error.message)
    else ended.cut++
    return false
  }
}
