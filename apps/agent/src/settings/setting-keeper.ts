/**
 * Setting keeper: applies the settings that the hub has for this device, and reads its facts. They are on the disk, so
 * that they count without a hub, too.
 */
import { join } from 'node:path'
import { type HeldSettings, SettingsDocument } from '@skerry/contract/held/settings'
import type { CheckResult, FactReading, FactRule, Override } from '@skerry/contract/settings/device-settings'
import type { UpdateLock } from '@skerry/core/device/update-hold'
import { lockReason } from '@skerry/core/settings/layered-settings'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { Settings } from '../jobs/settings.ts'
import type { SystemKeeper } from '../system/system-keeper.ts'
import { checkAddress } from './check-address.ts'
import type { ProxyKeeper } from './proxy-keeper.ts'
import { type FactGround, readFact } from './read-fact.ts'

export type SettingKeeper = AsyncDisposable & {
  /** The state that the device reports to the hub. */
  held(): HeldSettings
  /** From now on these settings count, and are on the disk. */
  take(document: SettingsDocument): Promise<void>
  /** Resolves when a fact or a check has changed. */
  news(signal: AbortSignal): Promise<void>
  /** The locks of facts that hold now. */
  locks(): UpdateLock[]
}

export type SettingKeeperDeps = {
  fileSystem: FileSystem
  data: string
  clock: Clock
  log: Log
  settings: Pick<Settings, 'usePlace' | 'overrides' | 'onChange'>
  ground: FactGround
  /** Applies the settings of the machine, and calls `onChange` for each result. */
  openSystem(onChange: () => void): SystemKeeper
  /** Follows the way to the hub, and calls `onChange` for each result. */
  openProxy(onChange: () => void): Promise<ProxyKeeper>
  /** A lock may have begun or ended. */
  wake(): void
}

type Keeping = SettingKeeperDeps & {
  system: SystemKeeper
  proxy: ProxyKeeper
  document: SettingsDocument | undefined
  facts: Map<string, FactReading>
  checks: Map<string, CheckResult>
  changed: PromiseWithResolvers<void>
  saidAtMs: number
  newsAtMs: number
  stop: AbortController
  isClosed: boolean
  following: Promise<unknown>
}

const OWNER_ONLY = 0o600

const CHECK_EVERY_MS = 60_000

/** A person who repairs the service sees the result without a restart. */
const SYSTEM_AGAIN_MS = 300_000

/** A fact that changes all the time must not keep the hub at choosing devices. */
const NEWS_GAP_MS = 10_000

/** Values that stay the same are told so often, so that people see how fresh they are. */
const FRESH_MS = 600_000

/** Applies the settings on the disk. */
export async function openSettingKeeper(deps: SettingKeeperDeps): Promise<SettingKeeper> {
  const path = join(deps.data, 'settings.json')
  const bytes = await readIfPresent(deps.fileSystem, path)
  let onProxy = () => {}
  const proxy = await deps.openProxy(() => onProxy())
  const it: Keeping = {
    ...deps,
    system: deps.openSystem(() => tell(it, true)),
    proxy,
    document: bytes && parsed(bytes),
    facts: new Map(),
    checks: new Map(),
    changed: Promise.withResolvers(),
    saidAtMs: 0,
    newsAtMs: Number.NEGATIVE_INFINITY,
    stop: new AbortController(),
    isClosed: false,
    following: Promise.resolve(),
  }
  onProxy = () => tell(it, true)
  deps.settings.onChange(() => tell(it, true))
  await follow(it)
  return {
    held: () => {
      const reading = it.proxy.reading()
      return {
        ...(it.document && { revision: it.document.revision }),
        facts: [...it.facts.values()],
        checks: [...it.checks.values()],
        overrides: overridesOf(it),
        system: it.system.readings(),
        ...(reading && { proxy: reading }),
      }
    },
    async take(document) {
      await writeAtomic(deps.fileSystem, path, JSON.stringify(document), OWNER_ONLY)
      it.document = document
      await follow(it)
    },
    async news(signal) {
      const aborted = Promise.withResolvers<void>()
      signal.addEventListener('abort', () => aborted.resolve(), { once: true })
      await Promise.race([it.changed.promise, aborted.promise])
      signal.throwIfAborted()
      await it.clock.sleep(Math.max(0, it.newsAtMs + NEWS_GAP_MS - it.clock.monotonicMs()), signal)
      it.newsAtMs = it.clock.monotonicMs()
      it.changed = Promise.withResolvers()
    },
    locks: () =>
      (it.document?.settings.locks ?? []).flatMap((rule) => {
        const reason = lockReason(rule, it.facts.get(rule.fact)?.value)
        return reason === undefined ? [] : [{ name: rule.name, reason }]
      }),
    async [Symbol.asyncDispose]() {
      it.isClosed = true
      it.stop.abort()
      await it.following
    },
  }
}

function parsed(bytes: Uint8Array): SettingsDocument | undefined {
  try {
    return SettingsDocument.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data
  } catch {
    // The hub sends a damaged document again, because the device reports no revision.
    return undefined
  }
}

/** Ends the loops of the settings before, and begins those of the present ones. */
async function follow(it: Keeping): Promise<void> {
  it.stop.abort()
  await it.following
  // A document that arrives while the agent ends must not begin loops that nobody ends.
  if (it.isClosed) return
  const { facts = [], networkChecks = [], ...settings } = it.document?.settings ?? {}
  it.settings.usePlace(settings)
  const names = new Set<string>(facts.map(({ name }) => name))
  for (const name of it.facts.keys()) if (!names.has(name)) it.facts.delete(name)
  for (const target of it.checks.keys()) if (!networkChecks.includes(target)) it.checks.delete(target)
  it.stop = new AbortController()
  const { signal } = it.stop
  const loops = [...facts.map((rule) => followFact(it, rule, signal)), followChecks(it, networkChecks, signal)]
  loops.push(followSystem(it, signal))
  it.following = Promise.allSettled(loops)
  it.wake()
}

async function followFact(it: Keeping, { name, from, everySeconds }: FactRule, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const answer = await readFact(from, it.ground, signal)
    const before = it.facts.get(name)
    it.facts.set(name, { name, ...answer, atMs: Math.floor(it.clock.nowMs()) })
    const isNew = JSON.stringify(before, ['value', 'problem']) !== JSON.stringify(answer, ['value', 'problem'])
    if (isNew) it.wake()
    tell(it, isNew)
    await it.clock.sleep(everySeconds * 1_000, signal)
  }
}

async function followChecks(it: Keeping, targets: readonly string[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted && targets.length > 0) {
    const results = await Promise.all(targets.map((target) => checkAddress(target, it.clock, signal)))
    const isNew = results.some(({ target, problem }) => {
      const before = it.checks.get(target)
      return before === undefined || before.problem !== problem
    })
    for (const result of results) it.checks.set(result.target, result)
    tell(it, isNew)
    await it.clock.sleep(CHECK_EVERY_MS, signal)
  }
}

/** A service that fails now may work later: it starts after the agent, or a person installs it. */
async function followSystem(it: Keeping, signal: AbortSignal): Promise<void> {
  do {
    // The way first: a new network is confirmed over it.
    await it.proxy.apply(it.document?.settings.proxy, signal)
    await it.system.apply(it.document?.settings ?? {}, signal)
    await it.clock.sleep(SYSTEM_AGAIN_MS, signal)
  } while ([it.proxy.reading(), ...it.system.readings()].some((reading) => reading?.state === 'failed'))
}

/** New values at once; old ones now and then. */
function tell(it: Keeping, isNew: boolean): void {
  const nowMs = it.clock.monotonicMs()
  if (!isNew && nowMs - it.saidAtMs < FRESH_MS) return
  it.saidAtMs = nowMs
  it.changed.resolve()
}

/** The settings of places that a batch command overrides here. */
function overridesOf({ document, settings }: Keeping): Override[] {
  const wanted = new Set(Object.keys(document?.settings ?? {}))
  return settings.overrides().filter(({ setting }) => wanted.has(setting))
}
