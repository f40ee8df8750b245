/**
 * Sparkplug node: the state of one edge node, as a host derives it from the node's messages: whether it is online,
 * which metrics it has, and whether a message is missing. The host requests a rebirth when it is not sure. [Sparkplug
 * 3.0.0, 5 and 6]
 */

/** One metric in a message. In data the alias may replace its name, and the birth gives its type. */
export type NodeMetric = { name: string | undefined; alias: bigint | undefined; datatype: number | undefined }

export type NodeMessage<Metric extends NodeMetric> = {
  type: 'NBIRTH' | 'NDATA' | 'NDEATH' | 'DBIRTH' | 'DDATA' | 'DDEATH'
  /** Absent: of the node itself. */
  device: string | undefined
  seq: number | undefined
  /** For births and deaths of nodes: the connection that they belong to. */
  bdSeq: number | undefined
  metrics: readonly Metric[]
}

/** `alias`: from its birth, if the birth gave one. */
export type KnownMetric = { device: string | undefined; name: string; alias: bigint | undefined; datatype: number }

export type NodeNews<Metric> = {
  told: { metric: Metric; known: KnownMetric }[]
  /** The part whose state is not known any more: the node with all its devices, or one device. */
  gone: 'node' | { device: string } | undefined
  /** Request a rebirth of the node: a message is missing, or one came before its birth. */
  needsRebirth: boolean
}

export type SparkplugNode<Metric extends NodeMetric> = {
  hear(message: NodeMessage<Metric>): NodeNews<Metric>
  isOnline(device: string | undefined): boolean
  /** The metrics of its births, while it is online. */
  metrics(): KnownMetric[]
  find(device: string | undefined, name: string): KnownMetric | undefined
}

/** [6.4.4] 0 to 255, then 0 again. */
const SEQUENCE = 256

/** Nothing is known of it yet. */
export function createSparkplugNode<Metric extends NodeMetric>(): SparkplugNode<Metric> {
  let state: NodeState | undefined
  const lose = (): NodeNews<Metric> => {
    state = undefined
    return { told: [], gone: 'node', needsRebirth: true }
  }
  return {
    isOnline: (device) => state !== undefined && (device === undefined || state.devices.has(device)),
    metrics: () => [...(state?.metrics.values() ?? [])],
    find: (device, name) => state?.metrics.get(keyOf(device, name)),
    hear(message) {
      if (message.type === 'NDEATH') {
        // A death of the connection before comes late: the broker noticed only then.
        if (state && message.bdSeq !== undefined && message.bdSeq !== state.bdSeq) return NOTHING
        state = undefined
        return { told: [], gone: 'node', needsRebirth: false }
      }
      if (message.type === 'NBIRTH') {
        state = bornOf(message)
        return { told: birth(state, message), gone: undefined, needsRebirth: false }
      }
      if (!state) return { told: [], gone: undefined, needsRebirth: true }
      if (message.seq !== state.nextSeq) return lose()
      state.nextSeq = (state.nextSeq + 1) % SEQUENCE
      return hearOn(state, message) ?? lose()
    },
  }
}

type NodeState = {
  bdSeq: number | undefined
  nextSeq: number
  devices: Set<string>
  metrics: Map<string, KnownMetric>
  /** [6.4.6] Of the node and all its devices together. */
  aliases: Map<bigint, KnownMetric>
}

const NOTHING = { told: [], gone: undefined, needsRebirth: false }

const bornOf = ({ bdSeq, seq }: NodeMessage<NodeMetric>): NodeState => ({
  bdSeq,
  nextSeq: ((seq ?? 0) + 1) % SEQUENCE,
  devices: new Set(),
  metrics: new Map(),
  aliases: new Map(),
})

/** A name cannot hold it. */
const keyOf = (device: string | undefined, name: string) => `${device ?? ''}\u0000${name}`

/** Undefined if the message names something that no birth announced. */
function hearOn<Metric extends NodeMetric>(
  state: NodeState,
  message: NodeMessage<Metric>,
): NodeNews<Metric> | undefined {
  const { type, device } = message
  if (type === 'DBIRTH' && device !== undefined) {
    forget(state, device)
    state.devices.add(device)
    return { ...NOTHING, told: birth(state, message) }
  }
  if (type === 'DDEATH' && device !== undefined) {
    forget(state, device)
    return { ...NOTHING, gone: { device } }
  }
  if (device !== undefined && !state.devices.has(device)) return undefined
  const told = message.metrics.map((metric) => ({ metric, known: knownOf(state, device, metric) }))
  const known = told.flatMap(({ metric, known }) => (known ? [{ metric, known }] : []))
  return known.length === told.length ? { ...NOTHING, told: known } : undefined
}

function knownOf(state: NodeState, device: string | undefined, { name, alias }: NodeMetric): KnownMetric | undefined {
  if (name !== undefined) return state.metrics.get(keyOf(device, name))
  const known = alias === undefined ? undefined : state.aliases.get(alias)
  return known?.device === device ? known : undefined
}

function birth<Metric extends NodeMetric>(
  state: NodeState,
  { device, metrics }: NodeMessage<Metric>,
): NodeNews<Metric>['told'] {
  return metrics.flatMap((metric) => {
    const { name, alias, datatype } = metric
    if (name === undefined) return []
    const known = { device, name, alias, datatype: datatype ?? 0 }
    state.metrics.set(keyOf(device, name), known)
    if (alias !== undefined) state.aliases.set(alias, known)
    return [{ metric, known }]
  })
}

function forget(state: NodeState, device: string): void {
  state.devices.delete(device)
  for (const [key, known] of state.metrics) if (known.device === device) state.metrics.delete(key)
  for (const [alias, known] of state.aliases) if (known.device === device) state.aliases.delete(alias)
}
