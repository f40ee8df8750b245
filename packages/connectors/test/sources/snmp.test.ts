/** SNMP against snmpd: both versions, who is let in and who is not, and an agent that dies, freezes and comes back. */
import { SnmpSource } from '@skerry/contract/sources/source'
import type { NetworkPeer } from '@skerry/testkit/peers/compiled-peer'
import { hasSnmp, startSnmp } from '@skerry/testkit/peers/snmp-peer'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStage } from '../stage/stage.ts'

const OURS = '1.3.6.1.4.1.99999'

const SECRETS = { auth: 'auth-pass-12', priv: 'priv-pass-12', word: 'hidden-word', wrong: 'wrong-pass-12' }
const userOf = (name: string, protocol: string, auth = 'auth', priv = 'priv') => ({
  version: 'v3',
  name,
  auth: { protocol, password: { secret: auth } },
  privacy: { protocol: 'aes', password: { secret: priv } },
})

describe.skipIf(!hasSnmp)('snmp', () => {
  let peer: NetworkPeer
  beforeAll(async () => {
    peer = await startSnmp()
  })
  afterAll(() => peer[Symbol.asyncDispose]())

  const stageOf = (tags: object[], connection: object = {}) =>
    openStage(
      SnmpSource.parse({
        name: 'switch',
        protocol: 'snmp',
        connection: { host: '127.0.0.1', port: peer.port, timeoutMs: 2_000, ...connection },
        groups: [{ name: 'all', everyMs: 50, tags }],
      }),
      { secrets: SECRETS },
    )

  const LEVEL = { name: 'level', address: `${OURS}.1.0`, scale: 0.01 }

  test('numbers, texts, numbers in texts and bytes are read; what is not there is bad, and spoils no other', async () => {
    await using stage = stageOf(
      [
        LEVEL,
        { name: 'text', address: `${OURS}.4.0` },
        { name: 'number', address: `${OURS}.4.0`, octets: 'number' },
        { name: 'hex', address: `${OURS}.4.0`, octets: 'hex' },
        { name: 'wrong', address: '1.3.6.1.2.1.1.1.0', octets: 'number' },
        { name: 'nothing', address: `${OURS}.77.0` },
        { name: 'up', address: '1.3.6.1.2.1.1.3.0' },
        { name: 'kind', address: '1.3.6.1.2.1.1.2.0' },
      ],
      { oidsMax: 3 },
    )
    await stage.until(() => stage.newest('kind') !== undefined)
    const expected = { level: 3.25, text: '21.5', number: 21.5, hex: '32312e35', up: expect.any(Number) }
    for (const [tag, value] of Object.entries(expected)) {
      expect(stage.newest(tag), tag).toMatchObject({ quality: 'good', value })
    }
    expect(stage.newest('wrong')).toMatchObject({ quality: 'bad', cause: { code: 'value_type' } })
    expect(stage.newest('nothing')).toMatchObject({ quality: 'bad', cause: { code: 'address_unknown' } })
    expect(stage.newest('kind')).toMatchObject({ value: expect.stringMatching(/^1\.3\.6\.1\.4\.1\.8072/) })
    expect(await stage.host.browse(OURS)).toMatchObject({
      ok: true,
      entries: expect.arrayContaining([expect.objectContaining({ tag: { address: `${OURS}.3.0` } })]),
    })
  })

  test.each<[string, object]>([
    ['a community that is a secret', { version: 'v2c', community: { secret: 'word' } }],
    ['a user with SHA and AES', userOf('plain', 'sha')],
    ['a user with SHA-256 and AES', userOf('long', 'sha256')],
  ])('%s is let in, and may write', async (_, access) => {
    await using stage = stageOf(
      [
        { name: 'target', address: `${OURS}.2.0`, scale: 0.1, writeAs: 'integer', write: {} },
        { name: 'note', address: `${OURS}.5.0`, writeAs: 'string', write: {} },
        { name: 'fixed', address: `${OURS}.1.0`, writeAs: 'integer', write: {} },
      ],
      { access },
    )
    await stage.until(() => stage.newest('target')?.quality === 'good')
    expect(await stage.host.write('target', 21.5)).toEqual({ ok: true })
    expect(await stage.host.write('note', 'PRESS 7')).toEqual({ ok: true })
    expect(await stage.host.write('fixed', 1)).toMatchObject({ ok: false, code: 'write_refused' })
    expect(await stage.host.write('target', 1e12)).toMatchObject({ ok: false, code: 'tag_type' })
    const after = stage.count('note')
    await stage.until(() => stage.count('note') > after + 1)
    expect([stage.newest('target'), stage.newest('note')]).toMatchObject([{ value: 21.5 }, { value: 'PRESS 7' }])
  })

  test.each<[string, object, string]>([
    ['a wrong password', userOf('plain', 'sha', 'wrong'), 'source_refused'],
    ['an unknown user', userOf('nobody', 'sha'), 'source_refused'],
    ['a wrong community', { version: 'v2c', community: { secret: 'wrong' } }, 'source_silent'],
  ])('%s is not let in', async (_, access, code) => {
    await using stage = stageOf([LEVEL], { access })
    await stage.until(() => stage.newest('level') !== undefined)
    expect(stage.newest('level')).toMatchObject({ quality: 'bad', cause: { code } })
    expect(stage.host.figures().crashes).toBe(0)
  })

  test('who is known and not encrypted reads only what the agent gives so', async () => {
    const access = { version: 'v3', name: 'signed', auth: { password: { secret: 'auth' } } }
    await using stage = stageOf([LEVEL], { access })
    await stage.until(() => stage.newest('level')?.quality === 'good')
  })

  describe.each<[string, object]>([
    ['v2c', { version: 'v2c' }],
    ['v3', userOf('plain', 'sha')],
  ])('with %s', (version, access) => {
    const tier = version === 'v3' ? {} : deep('the same outage with another version')
    test('an agent that dies, or is frozen, is told, and back soon after it is there again', tier, async () => {
      await using stage = stageOf([LEVEL], { access })
      await stage.until(() => stage.newest('level')?.quality === 'good')
      await peer.kill()
      await stage.until(() => stage.newest('level')?.quality === 'bad')
      expect(stage.newest('level')).toMatchObject({ cause: { code: 'source_silent' } })
      await peer.start()
      await stage.until(() => stage.newest('level')?.quality === 'good')
      peer.freeze()
      await stage.until(() => stage.newest('level')?.quality === 'bad')
      peer.thaw()
      await stage.until(() => stage.newest('level')?.quality === 'good')
      expect(stage.host.figures().crashes).toBe(0)
    })
  })
})
