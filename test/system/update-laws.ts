/**
 * Update laws: whether a device keeps to windows and locks. A second implementation, independent of the agent: the
 * windows of these histories open at fixed minutes of the hour, which needs no calendar.
 */
import { sameDriver } from '@skerry/agent/kinds/drivers'
import type { BodyParts } from '@skerry/agent/simulator/fake-body'
import type { AgentStore } from '@skerry/agent/store/agent-store'
import type { UpdateWindow } from '@skerry/contract/deployments/update-window'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { isSameLoad } from '@skerry/core/device/item-life'
import type { UpdateLock } from '@skerry/core/device/update-hold'

type Clock = { nowMs(): number }

export type MachineLocks = {
  read(): Promise<readonly UpdateLock[]>
  /** An application takes one, until it releases it or until this time. */
  take(untilMs?: number): void
  releaseAll(): void
  /** Whether one has held since before this moment: one that comes in the same moment may be too late. */
  hasHeld(): boolean
}

/** There is no lock at first. */
export function createLocks(clock: Clock): MachineLocks {
  let taken: { lock: UpdateLock; sinceMs: number }[] = []
  const held = () => taken.filter(({ lock }) => (lock.untilMs ?? Number.POSITIVE_INFINITY) > clock.nowMs())
  return {
    read: async () => held().map(({ lock }) => lock),
    take(untilMs) {
      const lock = { name: `robot-${taken.length}`, reason: 'welding', ...(untilMs === undefined ? {} : { untilMs }) }
      taken.push({ lock, sinceMs: clock.nowMs() })
    },
    releaseAll() {
      taken = []
    },
    hasHeld: () => held().some(({ sinceMs }) => sinceMs < clock.nowMs()),
  }
}

type LawDeps = {
  store: AgentStore
  locks: MachineLocks
  deviceId: string
  /** The clock of the device itself. */
  clock: Clock
  broken(law: string, detail: unknown): void
}

/** The body under observation. The laws are about new versions: a proved version comes back at any time. */
export function keepsUpdateLaws<Body extends BodyParts>(body: Body, deps: LawDeps): Body {
  const { store, locks, deviceId, clock, broken } = deps
  const driver = body.drivers.model
  const isNew = ({ name: model, ...item }: DesiredItem) => {
    const life = store.lives().find(({ target }) => target.name === model)
    return ![life?.lastGood, life?.previousGood].some((good) => isSameLoad(good, { name: model, ...item }))
  }
  const tell = (law: string, { name: model, version, window }: DesiredItem) =>
    broken(law, { deviceId, model, version, window, at: new Date(clock.nowMs()).toISOString() })
  const heedsLocks = (item: DesiredItem) => {
    if (isNew(item) && !item.ignoreLocks && locks.hasHeld()) tell('nothing new is installed under a lock', item)
  }
  return {
    ...body,
    download(file, signal) {
      const wanting = store.lives().filter(({ target }) => target.files.some(({ digest }) => digest === file.digest))
      const isDue = wanting.length === 0 || wanting.some((life) => mayFetch(life.target, clock) || !isNew(life.target))
      if (!isDue && wanting[0]) tell('nothing new is fetched outside its window', wanting[0].target)
      return body.download(file, signal)
    },
    drivers: sameDriver({
      ...driver,
      load(item, isolation, signal) {
        heedsLocks(item)
        if (isNew(item) && !isOpen(item.window?.install, clock)) tell('nothing new is loaded outside its window', item)
        return driver.load(item, isolation, signal)
      },
      activate(item, stage) {
        heedsLocks(item)
        const life = store.lives().find(({ target }) => target.name === item.name)
        const isCompared = life?.state === 'shadow' || life?.state === 'ready' || life?.target.hold
        if (isCompared && isSameLoad(life?.target, item) && isNew(item)) tell('what is held does not serve', item)
        return driver.activate(item, stage)
      },
    }),
  }
}

const mayFetch = ({ window }: DesiredItem, clock: Clock) => isOpen(window?.download, clock)

const MINUTE_MS = 60_000

/** For a window that opens at a fixed interval of minutes. Zones that are whole hours off have the same minutes. */
function isOpen(window: UpdateWindow | undefined, { nowMs }: Clock): boolean {
  if (!window) return true
  const everyMs = Number(/^\*\/(\d+) /.exec(window.cron)?.[1]) * MINUTE_MS
  return nowMs() % everyMs < window.durationSeconds * 1_000
}
