/**
 * Report: the device's description of itself. It contains nothing remembered from messages: each time it is read from
 * records, runner and disk.
 */
import type { Inventory } from '@skerry/contract/devices/device'
import type { SentItem, SentReport } from '@skerry/contract/devices/device-report'
import { type ItemReport, readFigures } from '@skerry/contract/devices/item'
import { suspicionCause } from '@skerry/core/device/crash-suspicion'
import type { DevicePlan } from '@skerry/core/device/device-plan'
import { type ItemLife, isHeld, isSameLoad } from '@skerry/core/device/item-life'
import { type UpdateHold, WINDOW_WAITS } from '@skerry/core/device/update-hold'
import type { Conditions } from '../conditions.ts'
import { type Drivers, loadedBy } from '../kinds/drivers.ts'
import { hostPort, urlOf } from '../runner/equipment/address-text.ts'
import type { Loaded } from '../runner/runner-slot.ts'
import type { RunnerSupervisor } from '../runner/runner-supervisor.ts'
import type { AgentStore } from '../store/agent-store.ts'
import { AGENT_VERSION } from '../version.ts'

export type ReportSources = {
  store: AgentStore
  runner: Pick<RunnerSupervisor, 'endpoints'> & Partial<Pick<RunnerSupervisor, 'residency'>>
  /** The declared address for gateways. */
  serveAddress?: string | undefined
  drivers: Drivers
  conditions: Conditions
  /** The holds by windows and locks, by name. */
  holds(): DevicePlan['holds']
  clock: { nowMs(): number }
  inventory(): Promise<Inventory>
  /** A new id at each start of the agent. */
  bootId: string
}

/** [contract, ReportMessage.conditions] */
const CONDITIONS_MAX = 32

/** The report of this moment. */
export async function writeReport(sources: ReportSources): Promise<SentReport> {
  const { store, runner, serveAddress, drivers, conditions, clock, inventory, bootId } = sources
  const holds = sources.holds()
  const document = store.document()
  const { rest, grpc } = runner.endpoints()
  const loaded = loadedBy(drivers) ?? []
  const residency = runner.residency?.()
  return {
    v: 1,
    atMs: Math.max(0, clock.nowMs()),
    agentVersion: AGENT_VERSION,
    bootId,
    observedGeneration: document?.generation ?? 0,
    ...(document ? { observedDigest: document.digest } : {}),
    lastGoodGeneration: store.lastGoodGeneration(),
    items: itemReports(store, (life) => itemReport(life, loaded, holds.get(life.target.name))),
    conditions: conditions.list().slice(0, CONDITIONS_MAX),
    endpoints: {
      ...(rest ? { rest: urlOf(rest) } : {}),
      ...(grpc ? { grpc: hostPort(grpc) } : {}),
      // Nobody can be served before the server listens.
      ...(rest && serveAddress !== undefined ? { serve: serveAddress } : {}),
    },
    inventory: await inventory(),
    ...(residency && { residency }),
  }
}

/**
 * The report's text without the parts that change all the time. Two reports with the same text need not both be sent at
 * once.
 */
export function reportKey({ atMs: _, inventory, items, residency: _residency, ...rest }: SentReport): string {
  const { diskFreeBytes: __, ...fixed } = inventory
  return JSON.stringify({ ...rest, fixed, items: items.map(withoutFigures) })
}

/** Statistics and figures change by themselves; of the scale, the numbers of workers are news. */
const withoutFigures = ({ stats: _stats, shadow: _shadow, figures: _figures, scale, ...item }: SentItem) => ({
  ...item,
  ...(scale && { scale: [scale.count, scale.wanted] }),
})

/** A rejected item replaces the life of the same name. That life's version may still serve. */
function itemReports(store: AgentStore, reportOf: (life: ItemLife) => ItemReport): SentItem[] {
  const { rejected = [], sinceMs = 0 } = store.document() ?? {}
  const heads = new Map(rejected.flatMap(({ head, cause }) => (head ? [[head.name, { head, cause }] as const] : [])))
  const lives = store.lives().filter(({ target }) => !heads.has(target.name))
  return [
    ...lives.map(reportOf),
    ...[...heads.values()].map(({ head, cause }): SentItem => {
      const { kind, name, deploymentId, ...target } = head
      const life = store.lives().find((one) => one.target.name === name)
      const { serving, stats } = life ? reportOf(life) : {}
      const answering = serving && stats ? { serving, stats } : {}
      return { kind, name, deploymentId, target, state: 'failed', cause, sinceMs: Math.max(0, sinceMs), ...answering }
    }),
  ]
}

function itemReport(life: ItemLife, loaded: readonly Loaded[], hold: UpdateHold | undefined): ItemReport {
  const { target, state, sinceMs } = life
  const cause = hold?.cause ?? life.cause ?? suspicionCause(target, life)
  const opensAtMs = cause?.code === WINDOW_WAITS ? hold?.untilMs : undefined
  const { kind, name, deploymentId, revision, version, digest, retryToken } = target
  const answering = loaded.find(
    ({ item, servingSinceMs, problem }) => item.name === name && servingSinceMs !== undefined && problem === undefined,
  )
  return {
    kind,
    name,
    deploymentId,
    target: { revision, version, digest, retryToken },
    state,
    ...(cause ? { cause } : {}),
    ...(opensAtMs === undefined ? {} : { opensAtMs }),
    sinceMs: Math.max(0, sinceMs),
    ...(answering
      ? {
          serving: { version: answering.item.version, digest: answering.item.digest },
          stats: answering.history ?? answering.stats,
          ...figuresOf(answering),
          ...(answering.scale && { scale: answering.scale }),
        }
      : {}),
    ...(isHeld(life) ? { held: true } : {}),
    ...shadowOf(life, loaded),
  }
}

/** A driver may report more than fits: a hub would drop the rest. */
function figuresOf({ figures }: Loaded): Pick<ItemReport, 'figures'> {
  const known = readFigures(figures)
  return known ? { figures: known } : {}
}

/** The comparison until now. After its end, the figures are in the record. */
function shadowOf({ target, shadow }: ItemLife, loaded: readonly Loaded[]): Pick<ItemReport, 'shadow'> {
  const mirrored = loaded.find(({ item }) => item.name === target.name && isSameLoad(item, target))?.shadow?.stats
  const stats = mirrored ?? shadow
  return stats ? { shadow: stats } : {}
}
