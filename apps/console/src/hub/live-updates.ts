/**
 * Live updates: follows the hub's levels, and has what rose asked again. When the stream breaks it comes back by itself, and then everything
 * is asked again, because nobody knows what was missed.
 */
import { problemOf } from '@skerry/client/problem'
import type { Levels } from '@skerry/contract/api/hub-procedures'
import { backoffMs } from '@skerry/core/values/backoff'
import type { QueryClient } from '@tanstack/react-query'
import { setConnectionState, stateAfter } from './connection-state.ts'
import { hub } from './hub-client.ts'

type Noun = keyof Levels

/** A hub is back seconds after a restart; a page that was left open asks twice a minute at most. */
const BACKOFF = { baseMs: 400, maxMs: 15_000 }

/** Answers that name several nouns. */
const WITH_STATUS: ReadonlySet<Noun> = new Set(['devices', 'sites', 'rollouts', 'deployments', 'models'])

/** What alerts are derived from. */
const WITH_ALERTS: ReadonlySet<Noun> = new Set(['devices', 'rollouts', 'deployments', 'keys'])

/** Sources are in the trail when somebody sets them, and in what devices report. */
const WITH_SOURCES: ReadonlySet<Noun> = new Set(['audit', 'devices', 'sites'])

/** Whatever people do, and whatever is done to them, is in the trail: also what they ask, what they may, and a role that somebody got or lost. */
const IN_TRAIL = ['people', 'me', 'approvals', 'intrusions', 'expected']

/** Follows until the signal fires or the session ends. */
export async function followLevels(client: QueryClient, signal: AbortSignal): Promise<void> {
  const refresh = createRefresher(client)
  let attempt = 0
  const onLevels = (levels: Levels, before: Levels | undefined) => {
    setConnectionState('live')
    // Nobody knows what was missed while the stream was away.
    if (before === undefined && attempt > 0) void client.invalidateQueries()
    attempt = 0
    for (const noun of risen(before, levels)) refresh(noun)
  }
  while (!signal.aborted) {
    const isOver = await followOnce(onLevels, signal)
    if (isOver) return
    setConnectionState('lost')
    attempt += 1
    await pause(backoffMs(attempt, BACKOFF, Math.random()), signal)
  }
}

/** Follows one stream to its end; true where no other shall follow. */
async function followOnce(
  onLevels: (levels: Levels, before: Levels | undefined) => void,
  signal: AbortSignal,
): Promise<boolean> {
  let before: Levels | undefined
  try {
    for await (const levels of await hub.hub.watch({}, { signal })) {
      onLevels(levels, before)
      before = levels
    }
  } catch (error) {
    const after = signal.aborted ? undefined : stateAfter(problemOf(error))
    if (after === undefined) return signal.aborted
    setConnectionState(after)
    return true
  }
  return signal.aborted
}

const risen = (before: Levels | undefined, now: Levels): Noun[] =>
  before === undefined ? [] : (Object.keys(now) as Noun[]).filter((noun) => now[noun] !== before[noun])

/** One question at a time for each noun: a fleet that takes two seconds to load is loaded again when it is there, not twice a second. */
function createRefresher(client: QueryClient): (noun: Noun) => void {
  const running = new Set<string>()
  const again = new Set<string>()
  const run = async (key: string) => {
    if (running.has(key)) {
      again.add(key)
      return
    }
    running.add(key)
    await client.invalidateQueries({ queryKey: [key] }, { cancelRefetch: false })
    running.delete(key)
    if (again.delete(key)) await run(key)
  }
  return (noun) => {
    void run(noun)
    if (WITH_STATUS.has(noun)) void run('status')
    if (WITH_ALERTS.has(noun)) void run('alerts')
    if (WITH_SOURCES.has(noun)) void run('sources')
    if (noun === 'audit') for (const key of IN_TRAIL) void run(key)
    // A deployment shows how its rollout stands.
    if (noun === 'rollouts') void run('deployments')
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      window.removeEventListener('online', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end, { once: true })
    // The browser knows first when its network is back.
    window.addEventListener('online', end, { once: true })
  })
}
