/**
 * Connections of the device: what is on its disk, what the runner is told of it, and what the hub is told of how it does. The runner is told the whole
 * again whenever it begins, or when a source or a secret has changed: it finds out itself what that means.
 */
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import {
  type ConnectionKind,
  type ConnectionStatus,
  type HubQueueStatus,
  SPEC_BYTES_MAX,
} from '@skerry/contract/connections/connection'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { Conditions } from '../conditions.ts'
import type { HubDownload } from '../hub/hub-download.ts'
import type { RunnerSources } from '../runner/runner-supervisor.ts'
import type { SecretKeeper } from '../secrets/secret-keeper.ts'
import { createWakeUp } from '../wake-up.ts'
import { tellConditions } from './connection-conditions.ts'
import { type ConnectionKeeper, type FetchSpec, openConnectionKeeper } from './connection-keeper.ts'

export type ConnectionsDeps = {
  fileSystem: FileSystem
  clock: Clock
  log: Log
  data: string
  conditions: Conditions
  secrets: Pick<SecretKeeper, 'values'>
  send: HubDownload['send']
  runner: RunnerSources
  /** Which sources there should be has changed. */
  onChange(): void
}

export type DeviceConnections = Pick<ConnectionKeeper, 'held' | 'take'> & {
  /** Resolves when how they do is news for the hub. */
  news(signal: AbortSignal): Promise<void>
  /** Names of the sources and sinks that there should be: none before the hub has said, for then none run. */
  equipment(): { sources: ReadonlySet<string>; sinks: ReadonlySet<string> }
  /** A runner has begun, or a secret has changed: it is told what there should be. */
  order(): void
  /** The runner has said how they do. */
  heard(): void
}

/** Figures that only grow are news seldom: 10,000 devices are 170 writes a second at the hub. */
const FIGURES_MS = 60_000

/** Equipment that comes and goes is told of once a second at most. */
const NEWS_GAP_MS = 1_000

/** Reads what is on disk. */
export async function openDeviceConnections(deps: ConnectionsDeps): Promise<DeviceConnections> {
  const { clock, log, data, conditions, secrets } = deps
  const running = () => deps.runner.connectionStatuses()
  const newsKey = () => keyOf(running(), deps.runner.hubQueue())
  const woken = createWakeUp(clock)
  const order = () => {
    const own = secrets.values()
    const sources = { sources: ofKind('source'), secrets: own, stateFolder: join(data, 'source-states') }
    const folders = { folder: join(data, 'sinks'), hubFolder: join(data, 'hub-queue') }
    // Sinks first: they take what flows tell as soon as sources are heard.
    void deps.runner.askSources({ kind: 'sinks', order: { sinks: ofKind('sink'), secrets: own, ...folders } })
    void deps.runner.askSources({ kind: 'sources', order: sources })
  }
  const ofKind = (wanted: ConnectionKind) =>
    keeper.connections().flatMap(({ kind, ...one }) => (kind === wanted ? [one] : []))
  const namesOf = (kind: ConnectionKind) => new Set(ofKind(kind).map(({ name }) => name))
  const changed = () => {
    order()
    deps.onChange()
  }
  const keeper = await openConnectionKeeper({ ...deps, fetch: fetchBy(deps.send), running, onChange: changed })
  let toldKey = ''
  let runningNow = 0
  return {
    held() {
      const hubQueue = deps.runner.hubQueue()
      return { ...keeper.held(), ...(hubQueue && { hubQueue }) }
    },
    take: keeper.take,
    equipment: () => ({ sources: namesOf('source'), sinks: namesOf('sink') }),
    order,
    heard() {
      tellConditions(conditions, { running: running(), hubQueue: deps.runner.hubQueue() })
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

/** How each is, without figures; but of what is lost for ever the hub hears at once. The queue for the hub is up and down with the link, which is no news there. */
const keyOf = (running: readonly ConnectionStatus[], hubQueue: HubQueueStatus | undefined) =>
  [
    ...running.map((each) => `${each.kind} ${each.name} ${each.digest} ${each.state} ${each.sinceMs} ${lostKey(each)}`),
    ...(hubQueue ? [lostKey(hubQueue)] : []),
  ].join('\n')

/** Another one when there is some, and whenever it has doubled: however much is lost, that is told a few dozen times. */
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
