/**
 * Watched link: the agent's own connection to the hub. It takes figures on both sides, and adds the faults of networks
 * and clocks that the device's behaviour requires. The messages in between are the agent's, unchanged.
 */
import { mapEventIterator } from '@orpc/client'
import type { DesiredDocument } from '@skerry/contract/devices/desired'
import type { ReportReply, SentReport } from '@skerry/contract/devices/device-report'
import type { ItemState } from '@skerry/contract/devices/item'
import type { Behaviour } from '@skerry/contract/devices/simulation'
import type { Clock } from '@skerry/platform/process/clock'
import type { connectLink, LinkConnection } from '../link/link-connection.ts'
import type { LinkClient } from '../link/signed-streams.ts'
import { count, type FleetFigures, versionFigures } from './fleet-figures.ts'
import type { Gate } from './gate.ts'

/** The kept parts of a report that the hub has answered. */
type Heard = Pick<SentReport, 'observedGeneration'> & { items: readonly HeardItem[] }
type HeardItem = { name: string; version: number; state: ItemState; serving: number | undefined }

/** The outside view of one device. */
export type LinkStanding = {
  isConnected: boolean
  /** From the newest answer over the current connection: the hub's newest generation for the device. */
  hubGeneration: number | undefined
  /** The newest report that the hub has answered. */
  heard: Heard | undefined
  /** The time of that answer, by the monotonic clock. */
  heardAtMs: number
  /** The items of the newest document as `model:version`, and the reported results with their state. */
  offered: readonly string[]
  told: readonly string[]
}

export type WatchDeps = {
  clock: Clock
  random: () => number
  behaviour: Behaviour | undefined
  standing: LinkStanding
  figures: FleetFigures
  /** Connecting is the most expensive work of a simulated device. All connections go through this gate. */
  gate: Gate
  /** The first report has been answered, or the first attempt to connect has failed. */
  onFirst(): void
  /** The connection that it watches. */
  connect: typeof connectLink
}

/** In milliseconds. A flaky link drops now and then. An offline one is down most of the time. */
const UP_MS = { flaky: [20_000, 90_000], offline: [10_000, 30_000] } as const
const DOWN_MS = { flaky: [0, 0], offline: [30_000, 180_000] } as const

/** In milliseconds: the delays of late messages, above the queues of a busy network. */
const LATE_MS = [1_000, 5_000] as const

/** At the start no event has happened. */
export const newStanding = (): LinkStanding => ({
  isConnected: false,
  hubGeneration: undefined,
  heard: undefined,
  heardAtMs: 0,
  offered: [],
  told: [],
})

/** Replaces `connectLink` with a watched one. */
export function watchLink(deps: WatchDeps): typeof connectLink {
  const { clock, figures, standing } = deps
  const isUnsteady = deps.behaviour === 'flaky' || deps.behaviour === 'offline' ? deps.behaviour : undefined
  let hasConnected = false
  return async (credentials, signal) => {
    if (isUnsteady && hasConnected) await clock.sleep(between(DOWN_MS[isUnsteady], deps.random), signal)
    const leave = await deps.gate.enter(signal)
    const startedMs = clock.monotonicMs()
    const result = await deps.connect(credentials, signal).finally(leave)
    if (!result.ok) {
      count(figures.connectFailures, result.code)
      deps.onFirst()
      return result
    }
    hasConnected = true
    figures.connects += 1
    figures.connectTimes.add(clock.monotonicMs() - startedMs)
    standing.isConnected = true
    const { connection } = result
    if (isUnsteady) void dropAfter(connection, between(UP_MS[isUnsteady], deps.random), clock)
    connection.closed.addEventListener('abort', () => {
      standing.isConnected = false
      standing.hubGeneration = undefined
      count(figures.drops, connection.reason() ?? 'link_closed')
    })
    return { ok: true, connection: watchConnection(connection, deps) }
  }
}

async function dropAfter(connection: LinkConnection, ms: number, clock: Clock): Promise<void> {
  // Rejects only when the connection has ended by itself.
  await clock.sleep(ms, connection.closed).catch(() => undefined)
  connection[Symbol.dispose]()
}

/** A random number between the two. */
export const between = ([low, high]: readonly [number, number], random: () => number) => low + (high - low) * random()

function watchConnection(connection: LinkConnection, deps: WatchDeps): LinkConnection {
  const { client } = connection
  const report = watchReports(client, deps)
  const desired: LinkClient['desired'] = async (input, options) =>
    mapEventIterator(await client.desired(input, options), {
      value: async (document) => noteOffer(document, deps),
      error: async (error) => error,
    })
  const watched = new Proxy(client, {
    get(target, name) {
      if (name === 'report') return report
      return name === 'desired' ? desired : Reflect.get(target, name)
    },
  })
  return { ...connection, client: watched, [Symbol.dispose]: () => connection[Symbol.dispose]() }
}

function watchReports(client: LinkClient, deps: WatchDeps): LinkClient['report'] {
  const { clock, random, behaviour, figures } = deps
  return async (report, options) => {
    if (behaviour === 'late')
      await clock.sleep(between(LATE_MS, random), options?.signal ?? new AbortController().signal)
    const startedMs = clock.monotonicMs()
    try {
      const answers = [client.report(report, options)]
      if (behaviour === 'duplicating') answers.push(client.report(report, options))
      const [reply] = await Promise.all(answers)
      if (!reply) throw new Error('a report has no answer')
      figures.reports += answers.length
      figures.reportTimes.add(clock.monotonicMs() - startedMs)
      noteHeard(heardIn(report as SentReport), reply, deps)
      return reply
    } catch (error) {
      if (!options?.signal?.aborted) count(figures.reportFailures, codeOf(error))
      throw error
    } finally {
      deps.onFirst()
    }
  }
}

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error ? String(error.code) : error instanceof Error ? error.name : 'unknown'

/** The agent beside this wrote the report. */
const heardIn = ({ observedGeneration, items }: SentReport): Heard => ({
  observedGeneration,
  items: items.map(({ name, target: { version }, state, serving }) => ({
    name,
    version,
    state,
    serving: serving?.version,
  })),
})

function noteHeard(heard: Heard, reply: ReportReply, { standing, figures, clock }: WatchDeps): void {
  standing.heard = heard
  standing.heardAtMs = clock.monotonicMs()
  standing.hubGeneration = reply.generation
  for (const { name, version, state } of heard.items) {
    if (state !== 'active' && state !== 'failed') continue
    const key = `${name}:${version}:${state}`
    if (standing.told.includes(key)) continue
    standing.told = [...standing.told, key]
    const figure = versionFigures(figures, name, version)
    figure[state] += 1
    if (state === 'active') figure.lastActiveMs = clock.monotonicMs()
  }
}

/** The document in the form that came: the agent's own parser judges the hub's messages. */
function noteOffer<T>(document: T, { clock, standing, figures }: WatchDeps): T {
  const parsed = document as Pick<DesiredDocument, 'items'> | undefined
  if (!parsed) return document
  figures.documents += 1
  const nowMs = clock.monotonicMs()
  const offered = parsed.items.map(({ name: model, version }) => `${model}:${version}`)
  for (const [index, { name: model, version }] of parsed.items.entries()) {
    if (standing.offered.includes(offered[index] ?? '')) continue
    const figure = versionFigures(figures, model, version)
    figure.offered += 1
    figure.firstOfferMs ||= nowMs
    figure.lastOfferMs = nowMs
  }
  standing.offered = offered
  return document
}
