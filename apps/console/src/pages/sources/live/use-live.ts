/**
 * Use live: what the tags of a source say on a device, asked for again and again while somebody looks. One question at a time, each a second after the
 * answer before; nothing is asked while the tab is hidden or somebody paused it.
 */
import { type Problem, problemOf } from '@skerry/client/problem'
import { TagName } from '@skerry/contract/tag'
import { backoffMs } from '@skerry/core/backoff'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { hub } from '../../../hub/hub-client.ts'
import { afterAnswer, type Heard, type Turns } from './live-rows.ts'

/** As often as a person can read; a device is asked no more often, however many tags the source has. */
const EVERY_MS = 1_000
/** A device that is away is asked once in a while. */
const BACKOFF = { baseMs: 1_000, maxMs: 15_000 }

export type Live = {
  known: ReadonlyMap<string, Heard>
  /** When the last answer came; undefined before the first. */
  heardAtMs: number | undefined
  /** What is in the way now; it tries again. */
  problem: Problem | undefined
}

const NOTHING: Live = { known: new Map(), heardAtMs: undefined, problem: undefined }

type Wish = { device: string; source: string; turns: Turns; isPaused: boolean }

/** `turns` must be the same one as long as it says the same. */
export function useLive({ device, source, turns, isPaused }: Wish): Live & { isHidden: boolean } {
  const isHidden = useSyncExternalStore(onVisibility, () => document.visibilityState === 'hidden')
  const [live, setLive] = useState(NOTHING)
  const isResting = isPaused || isHidden
  useEffect(() => {
    if (isResting) return
    const controller = new AbortController()
    void follow({ device, source, turns, tell: setLive }, controller.signal)
    return () => controller.abort()
  }, [device, source, turns, isResting])
  return { ...live, isHidden }
}

function onVisibility(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener)
  return () => document.removeEventListener('visibilitychange', listener)
}

type Following = Omit<Wish, 'isPaused'> & { tell: (change: (before: Live) => Live) => void }

async function follow({ device, source, turns, tell }: Following, signal: AbortSignal): Promise<void> {
  let failures = 0
  for (let turn = 0; turns.length > 0 && !signal.aborted; turn += 1) {
    const tags = turns[turn % turns.length]
    try {
      const answer = await ask({ device, source, tags }, signal)
      failures = 0
      tell(({ known }) => ({ known: afterAnswer(known, answer), heardAtMs: answer.heardAtMs, problem: undefined }))
    } catch (error) {
      if (signal.aborted) return
      failures += 1
      const problem = problemOf(error)
      tell((before) => ({ ...before, problem }))
    }
    await pause(failures === 0 ? EVERY_MS : backoffMs(failures, BACKOFF, Math.random()), signal)
  }
}

async function ask(
  { device, source, tags }: { device: string; source: string; tags: Turns[number] },
  signal: AbortSignal,
) {
  const named = tags && { tags: tags.map((tag) => TagName.parse(tag)) }
  const { readings, atMs } = await hub.source.read({ device, source, ...named }, { signal })
  return { tags, readings, atMs, heardAtMs: Date.now() }
}

/** Ends early, and without a word, where the signal fires. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
  })
}
