/** Arrays that are written over OPC UA, against open62541. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OpcuaSource } from '@skerry/contract/sources/source'
import type { TagContent } from '@skerry/contract/sources/tag'
import { hasOpcua, type OpcuaPeer, startOpcua } from '@skerry/testkit/peers/opcua-peer'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStage } from '../stage/stage.ts'

const node = (name: string, more: object = {}) => ({ name, address: `ns=2;s=${name}`, ...more })

const sourceAt = (endpoint: string, tags: object[]) =>
  OpcuaSource.parse({
    name: 'line',
    protocol: 'opcua',
    connection: { endpoint, security: 'none', timeoutMs: 20_000, reading: 'poll' },
    groups: [{ name: 'all', everyMs: 20, tags }],
  })

describe.skipIf(!hasOpcua)('arrays over opcua', () => {
  let peer: OpcuaPeer
  let stateFolder: string
  beforeAll(async () => {
    stateFolder = await mkdtemp(join(tmpdir(), 'skerry-opcua-'))
    peer = await startOpcua({ tags: 1 })
  })
  afterAll(async () => {
    await peer[Symbol.asyncDispose]()
    await rm(stateFolder, { recursive: true })
  })

  test(
    'an array is written whole, with its type, read back, and never longer or shorter than on the server',
    deep('S7 and Modbus write arrays in the quick tier'),
    async () => {
      const orders: [string, number, TagContent][] = [
        ['Doubles', 3, [-0.5, 1e9, 7]],
        ['Flags', 2, [false, true]],
        ['Longs', 2, [-(2 ** 40), 2 ** 40]],
        ['Names', 2, ['Küche', '']],
      ]
      const writable = (name: string, more: object) => node(name, { write: {}, ...more })
      await using stage = openStage(
        sourceAt(peer.endpoint, [
          ...orders.map(([name, count]) => writable(name, { count })),
          { ...writable('Doubles', { count: 2 }), name: 'short' },
          { ...writable('Doubles', {}), name: 'plain' },
          writable('Int16', { count: 2 }),
        ]),
        { stateFolder },
      )
      await stage.until(() => stage.newest('Int16')?.quality === 'good')
      for (const [name, , value] of orders) expect(await stage.host.write(name, value), name).toEqual({ ok: true })
      const after = stage.count('Int16')
      await stage.until(() => stage.count('Int16') > after + 1)
      for (const [name, , value] of orders) expect(stage.newest(name), name).toMatchObject({ quality: 'good', value })
      const refused: [string, TagContent, string, string][] = [
        ['Doubles', [1, 2], 'tag_type', 'all of its 3 elements'],
        ['Flags', [1, 0], 'tag_type', 'does not fit this tag, which is Boolean'],
        ['short', [1, 2], 'write_refused', 'the list has 3 elements in the server'],
        ['plain', 1, 'write_refused', 'the node is a list'],
        ['Int16', [1, 2], 'write_refused', 'the node is a single value'],
      ]
      for (const [name, value, code, message] of refused)
        expect(await stage.host.write(name, value), name).toMatchObject({
          ok: false,
          code,
          message: expect.stringContaining(message),
        })
      expect(stage.newest('Doubles')).toMatchObject({ value: [-0.5, 1e9, 7] })
    },
  )
})

test.each([
  [{ count: 3 }, /says how many elements are written/],
  [{ count: 1, write: {} }, />=2/],
  [{ count: 2_001, write: {} }, /<=2000/],
  [{ count: 3, write: {}, mask: 1 }, /an array cannot be masked/],
  [{ count: 3, write: {}, method: { object: 'i=85' } }, /a method has no value that is read/],
])('%j is rejected in the configuration', (tag, words) => {
  expect(() => sourceAt('opc.tcp://plc:4840', [node('list', tag)])).toThrow(words)
})
