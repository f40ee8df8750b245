/**
 * Use live: the values of a source's tags on a device, as long as somebody looks. If they fit into one answer, the hub
 * streams them each second. Otherwise the page requests them in turn, one request at a time, each a second after the
 * previous answer. It sends no requests while the tab is hidden or paused.
 */
import { type Problem, problemOf } from '@skerry/client/problem'
import type { SourceLook } from '@skerry/contract/sources/source-look'
import { TagName } from '@skerry/contract/sources/tag'
import { backoffMs } from '@skerry/core/values/backoff'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { hub } from '../../../hub/hub-client.ts'
import { pause, useIsHidden, useWatch } from '../../../hub/use-watch.ts'
import { whileShown } from '../../../hub/while-shown.ts'
import { type Answer, afterAnswer, answerOf, type HeardValues, type Turns } from './live-rows.ts'

/** As often as a person can read. The page queries a device no more often, for any number of tags. */
const EVERY_MS = 1_000
/** The page queries a device that is away less often. */
const BACKOFF = { baseMs: 1_000, maxMs: 15_000 }

export type Live = {
  known: ReadonlyMap<string, HeardValues>
  /** The time of the last answer; undefined before the first. */
  heardAtMs: number | undefined
  /** The current problem. The page retries by itself. */
  problem: Problem | undefined
}

const NOTHING: Live = { known: new Map(), heardAtMs: undefined, problem: undefined }

type Wish = { device: string; source: string; turns: Turns; isPaused: boolean }

/**
 * `turns` must keep its identity as long as it means the same. `look` is the further state of the source, if one answer
 * holds all tags.
 */
export function useLive(wish: Wish): Live & { isHidden: boolean; look: SourceLook | undefined } {
  const { device, source, turns, isPaused } = wish
  const isHidden = useIsHidden()
  const isResting = isPaused || isHidden
  const [tags] = turns
  const open = useCallback(
    (signal: AbortSignal) => hub.source.watch({ device, source, ...named(tags) }, { signal }),
    [device, source, tags],
  )
  const isOne = turns.length === 1
  const { seen, heardAtMs, problem } = useWatch<SourceLook>(open, isResting || !isOne)
  // Older agents answer with values, but not with the state of the source.
  const isStreamed = isOne && problem?.code !== 'device_outdated'
  const polled = usePolled(wish, isResting || isStreamed)
  const streamed = useMemo(
    () => (seen && heardAtMs !== undefined ? afterAnswer(new Map(), answerOf(seen, heardAtMs)) : NOTHING.known),
    [seen, heardAtMs],
  )
  if (!isStreamed) return { ...polled, isHidden, look: undefined }
  return { known: streamed, heardAtMs, problem, isHidden, look: seen }
}

const named = (tags: Turns[number]) => tags && { tags: tags.map((tag) => TagName.parse(tag)) }

function usePolled({ device, source, turns }: Wish, isResting: boolean): Live {
  const [live, setLive] = useState(NOTHING)
  useEffect(() => {
    if (isResting) return
    return whileShown((signal) => void follow({ device, source, turns, tell: setLive }, signal))
  }, [device, source, turns, isResting])
  return live
}

type Following = Omit<Wish, 'isPaused'> & { tell: (change: (before: Live) => Live) => void }

async function follow({ device, source, turns, tell }: Following, signal: AbortSignal): Promise<void> {
  let failures = 0
  for (let turn = 0; turns.length > 0 && !signal.aborted; turn += 1) {
    const tags = turns[turn % turns.length]
    try {
      const { readings, atMs } = await hub.source.read({ device, source, ...named(tags) }, { signal })
      const answer: Answer = { tags, readings, atMs, heardAtMs: Date.now() }
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
