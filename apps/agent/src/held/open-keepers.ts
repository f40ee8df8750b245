/** Opens the keepers: each stores one held document on the device's disk, and the rest of the agent reads it there. */

import { join } from 'node:path'
import type { CaptureRule } from '@skerry/contract/held/captures'
import type { FileSystem } from '@skerry/platform/files/file-system'
import { setProxy } from '@skerry/platform/network/way-out'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { DeviceJournal } from '../auditing/device-journal.ts'
import { noteSecrets } from '../auditing/local-actions.ts'
import type { CampaignKeeper } from '../campaigns/campaign-keeper.ts'
import { fingerprintWith } from '../campaigns/data-fingerprint.ts'
import { type CampaignParts, openCampaigns } from '../campaigns/open-campaigns.ts'
import { type CaptureKeeper, openCaptureKeeper } from '../captures/capture-keeper.ts'
import { openCaptureStore } from '../captures/capture-store.ts'
import { openCapturedLabels } from '../captures/captured-labels.ts'
import { openLabelledRows } from '../captures/labelled-rows.ts'
import type { Conditions } from '../conditions.ts'
import { type ConnectionsDeps, type DeviceConnections, openDeviceConnections } from '../connections/open-connections.ts'
import { memoryAvailableBytes } from '../inventory.ts'
import type { Settings } from '../jobs/settings.ts'
import type { Identity } from '../joining/identity.ts'
import { type LearningKeeper, openLearningKeeper } from '../learning/learning-keeper.ts'
import type { MonitorRequest } from '../monitors/monitor-board.ts'
import { type MonitorKeeper, openMonitorKeeper } from '../monitors/monitor-keeper.ts'
import type { AgentOptions } from '../options.ts'
import { openPairKeeper, type PairKeeper } from '../pair/pair-keeper.ts'
import type { RunnerSupervisor } from '../runner/runner-supervisor.ts'
import { openSecretFiles } from '../secrets/secret-files.ts'
import { openSecretKeeper, type SecretKeeper } from '../secrets/secret-keeper.ts'
import { openStoreKey } from '../secrets/store-key.ts'
import { openProxyKeeper } from '../settings/proxy-keeper.ts'
import { openSettingKeeper, type SettingKeeper } from '../settings/setting-keeper.ts'
import type { AgentStore } from '../store/agent-store.ts'
import { programRunner } from '../system/run-program.ts'
import { createSystemKeeper } from '../system/system-keeper.ts'
import { openTrustKeeper, type TrustKeeper } from '../verifying/trust-keeper.ts'

export type HeldKeepers = {
  trust: TrustKeeper
  secrets: SecretKeeper
  connections: DeviceConnections
  monitors: MonitorKeeper
  captures: CaptureKeeper
  campaigns: CampaignKeeper
  learnings: LearningKeeper
  pairs: PairKeeper
  placeSettings: SettingKeeper
}

export type Keepers = HeldKeepers & {
  /** From now on, the device has this identity. */
  use(identity: Identity, privateKey: string): void
}

export type KeepersDeps = { runner: ConnectionsDeps['runner'] & Pick<RunnerSupervisor, 'endpoints'> } & Pick<
  CampaignParts,
  'send' | 'near' | 'blobs' | 'download' | 'index' | 'random'
> & {
    fileSystem: FileSystem
    clock: Clock
    log: Log
    conditions: Conditions
    store: AgentStore
    journal: DeviceJournal
    /** They have the reserve of the disk. */
    settings: Pick<Settings, 'diskFloorBytes' | 'usePlace' | 'overrides' | 'onChange'>
    /** For parts that are closed with the device. */
    stack: Pick<AsyncDisposableStack, 'use'>
    /** Gives the secrets to the drivers that use them. */
    giveSecrets(bytesOf: SecretKeeper['bytesOf']): void
    /** Wakes the reconciler, because its facts may have changed. */
    wake(): void
  }

/** Reads the stored documents from disk. */
export async function openKeepers(options: AgentOptions, deps: KeepersDeps): Promise<Keepers> {
  const storeKey = await openStoreKey(deps.fileSystem, options.data)
  const secrets = noteSecrets(await openSecrets(options, deps, storeKey), deps.journal)
  const { data, clearance, country } = options
  let turn = async () => false
  const pairs = deps.stack.use(await openPairs(options, deps, () => turn()))
  const place = { data, clearance, country, secrets, pair: pairs }
  const connections = await openDeviceConnections({ ...deps, ...place, onChange: deps.wake })
  turn = connections.turn
  connections.order()
  deps.giveSecrets(secrets.bytesOf)
  // A source that names a changed secret restarts with the new value.
  const take: SecretKeeper['take'] = async (document) => {
    await secrets.take(document)
    connections.order()
    deps.giveSecrets(secrets.bytesOf)
  }
  const trust = await openTrust(options, deps)
  const watch = (orders: Omit<MonitorRequest, 'kind'>) => deps.runner.askSources({ kind: 'monitors', ...orders })
  const monitors = await openMonitorKeeper({ ...deps, data: options.data, watch })
  // The runner may have begun before.
  void monitors.order()
  const captured = await openCaptures(options, deps, storeKey)
  const captures = captured.keeper
  const campaigns = deps.stack.use(
    await openCampaigns({
      ...deps,
      data: options.data,
      sets: options.trainingData,
      when: options.trainingWhen,
      captured: openLabelledRows(captured.store),
      fingerprint: fingerprintWith(storeKey),
      news: captured.labels?.rowNews,
    }),
  )
  const learnings = deps.stack.use(await openLearnings(options, deps))
  return {
    secrets: { ...secrets, take },
    connections,
    trust,
    monitors,
    captures,
    campaigns,
    learnings,
    pairs,
    placeSettings: deps.stack.use(await openSettings(options, deps, secrets)),
    use(identity, privateKey) {
      trust.use(identity)
      secrets.use(identity, privateKey)
      pairs.use(identity, privateKey)
    },
  }
}

async function openCaptures({ data, trainingData }: AgentOptions, deps: KeepersDeps, storeKey: Uint8Array) {
  const store = deps.stack.use(await openCaptureStore(join(data, 'captures.sqlite'), storeKey))
  const capture = (captures: readonly CaptureRule[]) => void deps.runner.askSources({ kind: 'captures', captures })
  const models = new Set(trainingData.flatMap(({ rows }) => ('model' in rows ? [rows.model] : [])))
  const labels = models.size > 0 ? deps.stack.use(openCapturedLabels({ ...deps, store, models })) : undefined
  const floorBytes = deps.settings.diskFloorBytes
  const keeper = await openCaptureKeeper({ ...deps, store, data, capture, floorBytes, labels })
  return { store, keeper, labels }
}

const openLearnings = ({ data }: AgentOptions, deps: KeepersDeps): Promise<LearningKeeper> =>
  openLearningKeeper({ ...deps, data, folder: join(data, 'learning'), memoryAvailableBytes })

function openPairs({ data, pairDoor }: AgentOptions, deps: KeepersDeps, onTurn: () => Promise<boolean>) {
  return openPairKeeper({
    ...deps,
    data,
    door: pairDoor,
    run: programRunner(process.env),
    isFit: () => deps.runner.endpoints().rest !== undefined,
    onLease: (lease) => void deps.runner.askSources({ kind: 'lease', lease }),
    onTurn,
  })
}

/** [contract, hub.about] Open to everybody, so that any answer shows the way to the hub. */
const ABOUT = { path: '/v1/about' }

function openSettings(
  { data, facts, allowSystem, proxy }: AgentOptions,
  deps: KeepersDeps,
  secrets: Pick<SecretKeeper, 'values'>,
): Promise<SettingKeeper> {
  const isHubReached = async (signal: AbortSignal) => {
    const answer = await deps.send(ABOUT, signal)
    if (answer.ok) answer.stream.destroy()
    return answer.ok
  }
  const machine = { run: programRunner(process.env), switches: allowSystem, secrets: secrets.values, isHubReached }
  const openSystem = (onChange: () => void) => createSystemKeeper({ ...deps, data, ...machine, onChange })
  const openProxy = (onChange: () => void) =>
    openProxyKeeper({ ...deps, data, proxy, setProxy, isHubReached, onChange })
  const ground = { switches: facts, environment: process.env, runner: deps.runner }
  return openSettingKeeper({ ...deps, data, ground, openSystem, openProxy })
}

async function openSecrets(
  { data, secrets }: AgentOptions,
  { fileSystem, log, conditions }: KeepersDeps,
  storeKey: Uint8Array,
) {
  const files = secrets === undefined ? undefined : openSecretFiles(fileSystem, secrets, log)
  return openSecretKeeper({ fileSystem, data, storeKey, files, conditions, log })
}

/** A version without trusted signatures is checked again when the trust document changes. */
function openTrust({ data }: AgentOptions, { fileSystem, log, conditions, store, journal, wake }: KeepersDeps) {
  const onChange = () => {
    journal.note('trust-changed')
    for (const { target } of store.lives()) store.tell(target, { kind: 'trust-changed' })
    wake()
  }
  return openTrustKeeper({ fileSystem, data, conditions, log, onChange })
}
