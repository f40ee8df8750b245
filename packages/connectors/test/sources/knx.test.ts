/** KNX against knxd: values that are told and asked for, writing, and a gateway that dies. */
import { KnxSource } from '@skerry/contract/sources/source'
import type { NetworkPeer } from '@skerry/testkit/peers/compiled-peer'
import { hasKnx, startKnx } from '@skerry/testkit/peers/knx-peer'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStage } from '../stage/stage.ts'

describe.skipIf(!hasKnx)('knx', () => {
  let peer: NetworkPeer
  beforeAll(async () => {
    peer = await startKnx()
  })
  afterAll(() => peer[Symbol.asyncDispose]())

  const stageOf = (tags: object[], connection: object = {}) =>
    openStage(
      KnxSource.parse({
        name: 'hall',
        protocol: 'knx',
        connection: { host: '127.0.0.1', port: peer.port, localAddress: '127.0.0.1', ...connection },
        groups: [{ name: 'all', everyMs: 1_000, tags }],
      }),
    )

  test(
    'what nobody told yet is asked for, what is told comes by itself, and a wrong type is bad',
    deep('the conformance of connectors shows its values'),
    async () => {
      await using stage = stageOf([
        { name: 'level', address: '1/1/1', dpt: '9.001' },
        { name: 'flow', address: '1/1/2', dpt: '14.000' },
        { name: 'count', address: '1/1/3', dpt: '7.001' },
        { name: 'lamp', address: '1/1/4', dpt: '1.001' },
        { name: 'text', address: '1/1/5', dpt: '16.001' },
        { name: 'wrong', address: '1/1/1', dpt: '14.000' },
        { name: 'nobody', address: '9/7/255', dpt: '1.001' },
      ])
      await stage.until(() => stage.newest('text')?.quality === 'good' && stage.newest('lamp')?.quality === 'good')
      await stage.until(() => stage.newest('nobody') !== undefined)
      await stage.until(() => stage.newest('count')?.quality === 'good' && stage.count('level') > 5)
      const expected = { level: 3.25, flow: 30, count: 59_993, lamp: false, text: 'PRESS 7' }
      for (const [tag, value] of Object.entries(expected)) expect(stage.newest(tag), tag).toMatchObject({ value })
      expect(stage.newest('wrong')).toMatchObject({ quality: 'bad', cause: { code: 'value_type' } })
      expect(stage.newest('nobody')).toMatchObject({ quality: 'bad', cause: { code: 'value_awaited' } })
    },
  )

  test(
    'what is written is told by the bus, or is not done',
    deep('the conformance of connectors shows a write'),
    async () => {
      await using stage = stageOf([
        { name: 'flow', address: '1/1/2', dpt: '14.000', write: {} },
        { name: 'lamp', address: '1/1/4', dpt: '1.001', write: {} },
        { name: 'elsewhere', address: '9/7/255', writeAddress: '1/1/4', dpt: '1.001', write: {} },
      ])
      await stage.until(() => stage.newest('lamp')?.quality === 'good')
      expect(await stage.host.write('flow', 47.25)).toEqual({ ok: true })
      expect(await stage.host.write('lamp', true)).toEqual({ ok: true })
      expect(await stage.host.write('elsewhere', false)).toMatchObject({ ok: false, code: 'write_unverified' })
      expect(await stage.host.write('lamp', 1)).toMatchObject({ ok: false, code: 'tag_type' })
    },
  )

  test('a gateway that is not there, and one that dies, is told, and back when it is there again', async () => {
    await using stage = stageOf([{ name: 'level', address: '1/1/1', dpt: '9.001' }])
    await stage.until(() => stage.newest('level')?.quality === 'good')
    await peer.kill()
    await stage.until(() => stage.newest('level')?.quality === 'bad')
    expect(stage.newest('level')).toMatchObject({ cause: { code: expect.stringMatching(/^source_/) } })
    await stage.until(() => stage.states.at(-1)?.kind === 'down')
    await peer.start()
    await stage.until(() => stage.newest('level')?.quality === 'good')
    expect(stage.host.figures().crashes).toBe(0)
  })
})
