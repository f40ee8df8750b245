/** connectors-sources: the sources of `connectors`, by protocol: ten connections, each with ten groups of a thousand numbers a second. */
import { Source } from '@skerry/contract/sources/source'

export const CONNECTIONS = 10
export const GROUPS = 10
export const TAGS = 1_000
export const EVERY_MS = 1_000

export type Protocol = 'modbus' | 'opcua' | 's7'

export type Place = { protocol: Protocol; port: number; fingerprint: string }

type Kind = { connection: object; address(group: number, tag: number): object; setpoint(index: number): object }

function kindOf({ protocol, port, fingerprint }: Place): Kind {
  const host = { host: '127.0.0.1', port }
  switch (protocol) {
    case 'modbus':
      return {
        connection: host,
        address: (_, tag) => ({ address: `holding:${tag * 2}`, type: 'float32' }),
        setpoint: (index) => ({ address: `holding:${9_000 + index}` }),
      }
    case 'opcua':
      return {
        connection: { endpoint: `opc.tcp://localhost:${port}`, trust: [fingerprint], timeoutMs: 60_000 },
        address: (group, tag) => ({ address: `ns=2;i=${10_000 + group * TAGS + tag}` }),
        setpoint: () => ({ address: 'ns=2;s=Int32' }),
      }
    case 's7':
      return {
        connection: { ...host, timeoutMs: 10_000 },
        address: (group, tag) => ({ address: `DB2.DBD${(group * TAGS + tag) * 4}`, type: 'real' }),
        setpoint: (index) => ({ address: `DB1.DBW${1_000 + index * 2}`, type: 'int' }),
      }
  }
}

/** The source of one connection, as it is written down. */
export function sourceOf(place: Place, index: number): object {
  const { connection, address, setpoint } = kindOf(place)
  const groups = Array.from({ length: GROUPS }, (_, group) => ({
    name: `g${group}`,
    everyMs: EVERY_MS,
    tags: Array.from({ length: TAGS }, (__, tag) => ({ ...address(group, tag), name: `t${group}.${tag}` })),
  }))
  const writable = {
    name: 'setpoint',
    ...setpoint(index),
    write: { perMinute: 6_000, verify: place.protocol !== 'opcua' },
  }
  return {
    name: `plc-${index}`,
    protocol: place.protocol,
    connection,
    groups: [...groups, { name: 'writes', everyMs: EVERY_MS, tags: [writable] }],
  }
}

/** One number, as often as may be. */
export function smallSourceOf(place: Place): Source {
  const { connection, address } = kindOf(place)
  return Source.parse({
    name: 'plc',
    protocol: place.protocol,
    connection,
    groups: [{ name: 'all', everyMs: 50, tags: [{ ...address(0, 0), name: 'tag' }] }],
  })
}
