/** Sparkplug topic: `spBv1.0/GROUP/TYPE/NODE/DEVICE`, and the topic of a host's state. [Sparkplug 3.0.0, 4] */

const NAMESPACE = 'spBv1.0'

export type NodeType = 'NBIRTH' | 'NDATA' | 'NDEATH' | 'DBIRTH' | 'DDATA' | 'DDEATH'

const NODE_TYPES: readonly string[] = ['NBIRTH', 'NDATA', 'NDEATH', 'DBIRTH', 'DDATA', 'DDEATH'] satisfies NodeType[]

const isNodeType = (word: string | undefined): word is NodeType => word !== undefined && NODE_TYPES.includes(word)

export type NodeTopic = { type: NodeType; node: string; device: string | undefined }

/** The node and type of a topic in the group. Undefined for other topics. */
export function nodeTopicOf(topic: string, group: string): NodeTopic | undefined {
  const [namespace, of, type, node, device, ...more] = topic.split('/')
  if (namespace !== NAMESPACE || of !== group || !node || more.length > 0 || !isNodeType(type)) return undefined
  return type.startsWith('D') === (device !== undefined) ? { type, node, device } : undefined
}

export type NodePlace = { group: string; node: string; device?: string | undefined }

export const topicOf = (type: NodeType | 'NCMD' | 'DCMD', { group, node, device }: NodePlace): string =>
  [NAMESPACE, group, type, node, ...(device === undefined ? [] : [device])].join('/')

export const groupFilter = (group: string): string => `${NAMESPACE}/${group}/#`
export const stateTopic = (host: string): string => `${NAMESPACE}/STATE/${host}`

/** [5.8] The state that a host publishes: retained, and as its will. */
export const stateText = (state: HostState): string => JSON.stringify(state)

type HostState = { online: boolean; timestamp: number }

/** Undefined if the payload is not a state. */
export function parseState(payload: Buffer): HostState | undefined {
  try {
    const state: unknown = JSON.parse(payload.toString('utf8'))
    if (typeof state !== 'object' || state === null || !('online' in state) || !('timestamp' in state)) return undefined
    const { online, timestamp } = state
    return typeof online === 'boolean' && typeof timestamp === 'number' ? { online, timestamp } : undefined
  } catch {
    return undefined
  }
}
