/**
 * Sparkplug commands: a host's wishes for the metrics of a node, converted to orders for the tag writer. Only metrics
 * in the sink's file can be written, and only as the birth declared them. Nobody answers a command: the next value of
 * the metric shows the outcome. [Sparkplug 3.0.0, 6.4.24 and 6.4.25]
 */
import { type CommandRefusal, overrunBy, type SinkCommand } from '@skerry/connectors/sink'
import type { SparkplugCommands } from '@skerry/contract/sinks/protocols/sink-sparkplug'
import { judgeCommand } from '@skerry/core/equipment/sparkplug-command'
import type { Edge, Writable } from './edge.ts'
import { decodePayload, type Metric, REBIRTH } from './payload.ts'

/** More commands in one message than a control room sends are a mistake, or an attack. */
const METRICS_MAX = 100

/** Any client of the broker can send names. */
const NAME_SHOWN = 100

export const writableOf = (commands: readonly SparkplugCommands[]): Writable =>
  new Map(commands.map(({ source, tags }) => [source, new Set(tags)]))

/** `device`: undefined for a command to the node itself. */
export type Commanding = { device: string | undefined; payload: Buffer; isRetained: boolean }

/** `isRebirth`: the host requests births. */
export type ReceivedCommand = { isRebirth: boolean; commands: SinkCommand[] }

/** The commands in a message. */
export function commandsIn(
  { device, payload, isRetained }: Commanding,
  edge: Edge,
  writable: Writable,
): ReceivedCommand {
  const at = device === undefined ? {} : { source: device }
  const refuse = (code: CommandRefusal, message: string): ReceivedCommand => ({
    isRebirth: false,
    commands: [{ ok: false, ...at, code, message }],
  })
  // [tck-id-payloads-ncmd-retain, tck-id-payloads-dcmd-retain]
  if (isRetained) return refuse('command_retained', 'the broker retained it, and a command must not be retained')
  const decoded = decodePayload(payload)
  if (!decoded) return refuse('command_unreadable', 'it is not a Sparkplug message')
  const { metrics } = decoded
  if (metrics.length > METRICS_MAX) {
    const { code, message } = overrunBy(metrics.length, METRICS_MAX)
    return refuse(code, message)
  }
  const others = metrics.filter((metric) => !isRebirth(device, metric))
  return {
    isRebirth: metrics.some((metric) => isRebirth(device, metric) && metric.raw?.value === true),
    commands: others.map((metric) => commandOf(device, metric, { edge, writable })),
  }
}

const isRebirth = (device: string | undefined, { name }: Metric) => device === undefined && name === REBIRTH

type Known = { edge: Edge; writable: Writable }

function commandOf(device: string | undefined, metric: Metric, { edge, writable }: Known): SinkCommand {
  const said = `${metric.name ?? `alias ${metric.alias}`}`.slice(0, NAME_SHOWN)
  if (device === undefined) {
    return { ok: false, code: 'command_unknown', message: `no host may write ${said} of the node` }
  }
  const known = edge.find(device, metric)
  if (!known || !writable.get(device)?.has(known.name)) {
    const why = known ? 'is not among the commands of this sink' : 'has had no birth message'
    return { ok: false, source: device, code: 'command_unknown', message: `${said} of ${device} ${why}` }
  }
  const at = { source: device, tag: known.name }
  const verdict = judgeCommand(known.datatype, metric)
  if (!verdict.ok) return { ok: false, ...at, code: 'command_type', message: verdict.message }
  return { ok: true, ...at, value: verdict.value }
}
