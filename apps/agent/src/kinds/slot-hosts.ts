/** Slot hosts: the table of the kinds in a runner process, and the one place that selects a host for an order. */
import { assertNever } from '@skerry/core/values/assert-never'
import type { OrderOf, RunnerAnswer, SlotOrder, SlotPulse } from '../runner/runner-message.ts'
import type { SlotFiles, SlotHost, SlotKind } from './slot-host.ts'

/** A kind in the runner without a host does not compile. */
type SlotHostTable = { readonly [Kind in SlotKind]: SlotHost<SlotFiles[Kind]> }

export type SlotHosts = {
  /** Obeys one order about a slot or a name. */
  obey(order: SlotOrder, signal: AbortSignal): Promise<RunnerAnswer>
  pulses(): SlotPulse[]
  /** Flows close before the models that they use. */
  close(kind: SlotKind): Promise<void>
}

type AnyHost = SlotHost<never>
type Hosting = { table: SlotHostTable; slots: Map<string, AnyHost> }

/** A model that cannot answer its golden inputs within a minute would not be worth serving. */
const GOLDEN_TIMEOUT_MS = 60_000

const DONE: RunnerAnswer = { ok: true }
const UNKNOWN: RunnerAnswer = { ok: false, code: 'slot_unknown', message: 'the slot is empty' }
const NO_MIRROR: RunnerAnswer = {
  ok: false,
  code: 'shadow_signature_differs',
  message: 'a version of this kind answers no requests, so it cannot be a shadow',
}

/** Nothing is loaded yet. */
export function createSlotHosts(table: SlotHostTable): SlotHosts {
  const it: Hosting = { table, slots: new Map() }
  const hosts = Object.values<AnyHost>(table)
  return {
    obey: (order, signal) => obey(it, order, signal),
    pulses: () => hosts.flatMap((host) => host.pulses()),
    close: (kind) => table[kind].close(),
  }
}

async function obey(it: Hosting, order: SlotOrder, signal: AbortSignal): Promise<RunnerAnswer> {
  if (order.kind === 'load') return load(it, order, signal)
  if (order.kind === 'deactivate') return deactivate(it, order.name)
  const host = it.slots.get(order.slot)
  if (!host) return UNKNOWN
  switch (order.kind) {
    case 'golden':
      return host.golden(order.slot, order.files, AbortSignal.any([signal, AbortSignal.timeout(GOLDEN_TIMEOUT_MS)]))
    case 'mirror':
      return host.mirror?.(order) ?? NO_MIRROR
    case 'activate':
      return host.activate(order)
    case 'unload':
      return unload(it, order.slot, host)
    default:
      return assertNever(order)
  }
}

async function load({ table, slots }: Hosting, order: OrderOf<'load'>, signal: AbortSignal): Promise<RunnerAnswer> {
  const { kind, files } = order.source
  const host: AnyHost = table[kind]
  const answer = await host.load(order, files as never, signal)
  if (answer.ok) slots.set(order.slot, host)
  return answer
}

/** A name belongs to one kind, which the order does not say. */
async function deactivate({ table }: Hosting, name: string): Promise<RunnerAnswer> {
  for (const host of Object.values<AnyHost>(table)) await host.deactivate(name)
  return DONE
}

async function unload({ slots }: Hosting, slot: string, host: AnyHost): Promise<RunnerAnswer> {
  const answer = await host.unload(slot)
  if (answer.ok) slots.delete(slot)
  return answer
}
