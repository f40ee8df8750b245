/**
 * Live updates: follows the hub's levels, and fetches data again when its level has risen. A broken stream opens again
 * by itself. Then the page fetches everything again, because it cannot know which changes it missed. The tabs of a browser
 * share a stream.
 */
import { problemOf } from '@skerry/client/problem'
import type { Levels } from '@skerry/contract/api/hub-procedures'
import { backoffMs } from '@skerry/core/values/backoff'
import type { QueryClient } from '@tanstack/react-query'
import { setConnectionState, stateAfter } from './connection-state.ts'
import { hub } from './hub-client.ts'
import { shareStream } from './shared-stream.ts'
import { shownOrganisation } from './shown-organisation.ts'
import { whileShown } from './while-shown.ts'

type Noun = keyof Levels

/** A hub is back seconds after a restart. Later retries of an open page are up to 15 s apart. */
const BACKOFF = { baseMs: 400, maxMs: 15_000 }

/** Answers that name several nouns. */
const WITH_STATUS: ReadonlySet<Noun> = new Set(['devices', 'sites', 'rollouts', 'deployments', 'models'])

/** The nouns that alerts are derived from. */
const WITH_ALERTS: ReadonlySet<Noun> = new Set(['devices', 'rollouts', 'deployments', 'keys'])

/** The audit trail records changes to sources, and devices report on them. */
const WITH_SOURCES: ReadonlySet<Noun> = new Set(['audit', 'devices', 'sites'])

/**
 * The audit trail records every action of people and every change to them, such as requests, permissions, and roles
 * that they gain or lose.
 */
const IN_TRAIL = ['people', 'me', 'approvals', 'intrusions', 'expected', 'vulnerabilities']

/** Follows while the page is shown, until the session ends. Returns a function that ends it. */
export function followLevels(client: QueryClient): () => void {
  let isBack = false
  return whileShown((signal) => {
    void followShown(client, isBack, signal)
    isBack = true
  })
}

/** The levels, or `lost` if the stream broke. */
type LevelEvent = Levels | 'lost'

/** `isBack` is true if the page already shows data, from before it was away. */
async function followShown(client: QueryClient, isBack: boolean, signal: AbortSignal): Promise<void> {
  const refresh = createRefresher(client)
  let attempt = 0
  let before: Levels | undefined
  let isStale = isBack
  const onEvent = (event: LevelEvent) => {
    if (signal.aborted) return
    setConnectionState(event === 'lost' ? event : 'live')
    // The page cannot know which changes it missed while the stream was away.
    if (event === 'lost') isStale = true
    else {
      if (isStale) void client.invalidateQueries()
      else for (const noun of risen(before, event)) refresh(noun)
      isStale = false
      attempt = 0
      before = event
    }
  }
  // A tab that shows another organisation has other levels.
  const shared = shareStream(`levels ${shownOrganisation()}`, onEvent)
  const tell = (event: LevelEvent) => {
    onEvent(event)
    shared.post(event)
  }
  const follow = async () => {
    // The tab that followed before is gone, and its last changes with it.
    isStale ||= before !== undefined
    return followOnce(tell, signal)
  }
  while (!signal.aborted && !(await shared.follow(follow, signal))) {
    attempt += 1
    await pause(backoffMs(attempt, BACKOFF, Math.random()), signal)
  }
  shared.close()
}

/** Follows one stream to its end. Returns true if no other stream should follow. */
async function followOnce(tell: (event: LevelEvent) => void, signal: AbortSignal): Promise<boolean> {
  try {
    for await (const levels of await hub.hub.watch({}, { signal })) tell(levels)
  } catch (error) {
    const after = signal.aborted ? undefined : stateAfter(problemOf(error))
    if (after !== undefined) {
      setConnectionState(after)
      return true
    }
  }
  if (!signal.aborted) tell('lost')
  return signal.aborted
}

const risen = (before: Levels | undefined, now: Levels): Noun[] =>
  before === undefined ? [] : (Object.keys(now) as Noun[]).filter((noun) => now[noun] !== before[noun])

/**
 * One request at a time for each noun. If a fleet takes two seconds to load, the next load starts after that, not twice
 * a second.
 */
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
    // A deployment shows the state of its rollout.
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
