/**
 * Connections of the device: the documents on its disk, the orders to the runner, and the states for the hub. The
 * runner gets the whole list when it begins, and when a source or a secret has changed. It finds the differences
 * itself.
 */
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import {
  type ConnectionKind,
  type ConnectionStatus,
  type HubQueueStatus,
  SPEC_BYTES_MAX,
} from '@skerry/contract/connections/connection'
import type { Clearance } from '@skerry/contract/values/clearance'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { Conditions } from '../conditions.ts'
import type { HubDownload } from '../hub/hub-download.ts'
import type { PairKeeper } from '../pair/pair-keeper.ts'
import type { RunnerSources } from '../runner/runner-supervisor.ts'
import type { SecretKeeper } from '../secrets/secret-keeper.ts'
import { createWakeUp } from '../wake-up.ts'
import { tellConditions } from './connection-conditions.ts'
import { type ConnectionKeeper, type FetchSpec, openConnectionKeeper } from './connection-keeper.ts'
import { createDataRules, type DataRules } from './data-rules.ts'

export type ConnectionsDeps = {
  fileSystem: FileSystem
  clock: Clock
  log: Log
  data: string
  /** The most sensitive data that this computer may handle, whatever its site may. Undefined if it states nothing. */
  clearance: Clearance | undefined
  /** The country that the operator of this computer states. */
  country: string | undefined
  conditions: Conditions
  secrets: Pick<SecretKeeper, 'values'>
  send: HubDownload['send']
  runner: RunnerSources
  /** The part of this device in its pair. */
  pair: Pick<PairKeeper, 'mayAct' | 'lease'>
  /** The wanted sources have changed. */
  onChange(): void
}

export type DeviceConnections = Pick<ConnectionKeeper, 'held' | 'take'> & {
  /** Resolves when the states have news for the hub. */
  news(signal: AbortSignal): Promise<void>
  /** Names of the wanted sources and sinks. None before the hub has sent them, because none run then. */
  equipment(): { sources: ReadonlySet<string>; sinks: ReadonlySet<string> }
  /** The classes of data here, and the limit of them. */
  dataPlace: DataRules['place']
  /** A runner has begun, or a secret has changed: the runner gets the wanted list. */
  order(): void
  /** The same for a change of activity in a pair. Resolves with whether the runner follows it. */
  turn(): Promise<boolean>
  /** The runner has reported the states. */
  heard(): void
}

/** In milliseconds. Counters that only grow are sent rarely: 10,000 devices cause 170 writes a second at the hub. */
const FIGURES_MS = 60_000

/** In milliseconds. Equipment that comes and goes is reported at most once a second. */
const NEWS_GAP_MS = 1_000

/** Reads the stored documents from disk. */
export async function openDeviceConnections(deps: ConnectionsDeps): Promise<DeviceConnections> {
  const { clock, log, data, conditions, secrets } = deps
  const running = () => {
    const refused = rules.refused()
    const isRefused = ({ kind, name }: ConnectionStatus) =>
      kind === 'source' && refused.some((one) => one.name === name)
    return [...deps.runner.connectionStatuses().filter((status) => !isRefused(status)), ...refused]
  }
  const newsKey = () => keyOf(running(), deps.runner.hubQueue())
  const woken = createWakeUp(clock)
  const turn = async () => {
    // The passive one of a pair touches no equipment. The gate comes first: no source begins before it.
    const mayAct = deps.pair.mayAct()
    const own = secrets.values()
    const refused = new Set(rules.refused().map(({ name }) => name))
    const started = ofKind('source').filter(({ name }) => !refused.has(name))
    const sources = { sources: started, secrets: own, stateFolder: join(data, 'source-states'), isIdle: !mayAct }
    const folders = { folder: join(data, 'sinks'), hubFolder: join(data, 'hub-queue') }
    const sinks = mayAct ? ofKind('sink') : []
    // Sinks first, because they receive the values of flows as soon as sources send.
    const answers = await Promise.all([
      deps.runner.askSources({ kind: 'lease', lease: deps.pair.lease() }),
      deps.runner.askSources({ kind: 'sinks', order: { sinks, secrets: own, ...folders } }),
      deps.runner.askSources({ kind: 'sources', order: sources }),
    ])
    return answers.every(({ ok }) => ok)
  }
  const order = () => void turn()
  const ofKind = (wanted: ConnectionKind) =>
    keeper.connections().flatMap(({ kind, classes: _classes, ...one }) => (kind === wanted ? [one] : []))
  const namesOf = (kind: ConnectionKind) => new Set(ofKind(kind).map(({ name }) => name))
  const tellAll = () => tellConditions(conditions, { running: running(), hubQueue: deps.runner.hubQueue() })
  const changed = () => {
    order()
    tellAll()
    deps.onChange()
  }
  const keeper = await openConnectionKeeper({ ...deps, fetch: fetchBy(deps.send), running, onChange: changed })
  const rules = createDataRules({ ...deps, keeper })
  let toldKey = ''
  let runningNow = 0
  return {
    held() {
      const hubQueue = deps.runner.hubQueue()
      return { ...keeper.held(), ...(hubQueue && { hubQueue }) }
    },
    take: keeper.take,
    equipment: () => ({ sources: namesOf('source'), sinks: namesOf('sink') }),
    dataPlace: rules.place,
    order,
    turn,
    heard() {
      tellAll()
      const up = running().filter(({ kind, state }) => kind === 'source' && state === 'up').length
      if (up !== runningNow) log.info('sources_running', { sources: up })
      runningNow = up
      if (newsKey() !== toldKey) woken.wake()
    },
    async news(signal) {
      await clock.sleep(NEWS_GAP_MS, signal)
      do await woken.wait(FIGURES_MS, signal)
      while (toldKey === '' && running().length === 0)
      toldKey = newsKey()
    },
  }
}

/**
 * The state of each connection without figures. The exception is lost values, which the hub gets at once. The hub's own
 * queue follows the link, so that its state is no news there.
 */
const keyOf = (running: readonly ConnectionStatus[], hubQueue: HubQueueStatus | undefined) =>
  [
    ...running.map((each) => `${each.kind} ${each.name} ${each.digest} ${each.state} ${each.sinceMs} ${lostKey(each)}`),
    ...(hubQueue ? [lostKey(hubQueue)] : []),
  ].join('\n')

/**
 * The key changes at the first lost value, and each time the count has doubled. So any loss causes at most a few dozen
 * reports.
 */
const lostKey = ({ figures }: Pick<ConnectionStatus, 'figures'>) => Math.ceil(Math.log2(1 + (figures?.lost ?? 0)))

const fetchBy =
  (send: HubDownload['send']): FetchSpec =>
  async (id, signal) => {
    const answer = await send({ path: `/v1/device-connections/${id}` }, signal)
    if (!answer.ok) return { ok: false, message: answer.message }
    const length = Number(answer.headers['content-length'] ?? Number.NaN)
    if (answer.status !== 200 || !(length <= SPEC_BYTES_MAX)) {
      answer.stream.destroy()
      return { ok: false, message: `the hub answered ${answer.status}` }
    }
    return { ok: true, bytes: await buffer(answer.stream) }
  }
