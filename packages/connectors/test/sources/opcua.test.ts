/** OPC UA against open62541: its own types, its security, what it says of itself, and a server that dies, freezes and comes back. */
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OpcuaSource } from '@skerry/contract/sources/source'
import type { TagContent } from '@skerry/contract/sources/tag'
import { hasOpcua, type OpcuaPeer, startOpcua } from '@skerry/testkit/peers/opcua-peer'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ownCertificate } from '../../src/opcua/pki.ts'
import { openStage } from '../stage/stage.ts'

describe.skipIf(!hasOpcua)('opcua', () => {
  let peer: OpcuaPeer
  let stateFolder: string
  beforeAll(async () => {
    peer = await startOpcua({ tags: 1_500, periodMs: 20 })
    stateFolder = await mkdtemp(join(tmpdir(), 'skerry-opcua-'))
  })
  afterAll(async () => {
    await peer[Symbol.asyncDispose]()
    await rm(stateFolder, { recursive: true })
  })

  const sourceOf = (tags: object[], connection: object = {}, group: object = {}) =>
    OpcuaSource.parse({
      name: 'line',
      protocol: 'opcua',
      connection: { endpoint: peer.endpoint, security: 'none', timeoutMs: 20_000, ...connection },
      groups: [{ name: 'all', everyMs: 20, tags, ...group }],
    })
  const stageOf = (tags: object[], connection: object = {}, secrets = {}) =>
    openStage(sourceOf(tags, connection), { stateFolder, secrets })
  const node = (name: string, more: object = {}) => ({ name, address: `ns=2;s=${name}`, ...more })

  async function readOnce(tags: object[], connection: object = {}, secrets = {}) {
    await using stage = stageOf(tags, connection, secrets)
    const names = sourceOf(tags).groups.flatMap((group) => group.tags.map(({ name }) => name))
    await stage.until(() => names.every((name) => stage.newest(name) !== undefined))
    return Object.fromEntries(names.map((name) => [name, stage.newest(name)]))
  }

  const VALUES: [string, TagContent][] = [
    ['Boolean', true],
    ['SByte', -5],
    ['Byte', 200],
    ['Int16', -12_345],
    ['UInt16', 59_993],
    ['Int32', -123_456_789],
    ['UInt32', 4_000_000_000],
    ['Int64', -5_000_000_000],
    ['UInt64', 5_000_000_000],
    ['Float', 3.25],
    ['Double', 3.25],
    ['String', 'PRESS 7'],
    ['DateTime', '2023-11-14T22:13:20.000Z'],
    ['Text', 'running'],
    ['Bytes', 'YWJj'],
    ['Doubles', [1.5, 2.5, 3.5]],
    ['Flags', [true, false]],
  ]

  describe.each(['subscribe', 'poll'])('by %s', (reading) => {
    const tier = reading === 'subscribe' ? {} : deep('the conformance of connectors polls in the quick tier')
    test('every type arrives as the server has it', tier, async () => {
      const read = await readOnce(
        VALUES.map(([name]) => node(name)),
        { reading },
      )
      for (const [name, value] of VALUES) expect(read[name], name).toMatchObject({ quality: 'good', value })
      expect(read.Double).toMatchObject({ sourceTimeMs: expect.any(Number) })
    })

    test('what the server doubts, lacks or has never had is said of that tag only', tier, async () => {
      const read = await readOnce(
        [
          node('Double'),
          node('Doubtful'),
          node('Broken'),
          node('Nowhere'),
          node('Huge'),
          { name: 'alien', address: 'nsu=urn:nobody;s=Double' },
          { name: 'named', address: 'nsu=http://example.com/plant;s=Double', scale: 2 },
        ],
        { reading },
      )
      expect(read).toMatchObject({
        Double: { quality: 'good', value: 3.25 },
        Doubtful: { quality: 'uncertain', value: 7.5, cause: { code: 'equipment_says_uncertain' } },
        Broken: { quality: 'bad', cause: { code: 'equipment_failed', message: expect.stringContaining('0x808c0000') } },
        Nowhere: { quality: 'bad', cause: { code: 'address_unknown' } },
        Huge: { quality: 'uncertain', cause: { code: 'value_inexact' } },
        alien: { quality: 'bad', cause: { code: 'address_wrong' } },
        named: { quality: 'good', value: 6.5 },
      })
    })
  })

  test('each type is written as itself, read again, and nothing else is written', async () => {
    const orders: [string, TagContent][] = [
      ['Boolean', false],
      ['SByte', 7],
      ['Byte', 9],
      ['Int16', 12],
      ['UInt16', 65_535],
      ['Int32', 5],
      ['UInt32', 6],
      ['Int64', -(2 ** 40)],
      ['UInt64', 2 ** 40],
      ['Float', 0.1],
      ['String', 'PRESS 8'],
      ['DateTime', '2026-11-27T04:00:00.000Z'],
      ['Text', 'stopped'],
      ['Bytes', 'ZGVm'],
    ]
    await using stage = stageOf(
      [...orders.map(([name]) => node(name, { write: {} })), node('ReadOnly', { write: {} }), node('Double')],
      { reading: 'poll' },
    )
    await stage.until(() => stage.count('Double') > 0)
    for (const [name, value] of orders) expect(await stage.host.write(name, value), name).toEqual({ ok: true })
    const after = stage.count('Double')
    await stage.until(() => stage.count('Double') > after + 1)
    expect(stage.newest('Int64')).toMatchObject({ quality: 'good', value: -(2 ** 40) })
    expect(stage.newest('Float')).toMatchObject({ quality: 'good', value: Math.fround(0.1) })
    expect(stage.newest('DateTime')).toMatchObject({ quality: 'good', value: '2026-11-27T04:00:00.000Z' })
    expect(await stage.host.write('Byte', 256)).toMatchObject({ ok: false, code: 'tag_type' })
    expect(await stage.host.write('Int16', 1.5)).toEqual({ ok: true })
    expect(await stage.host.write('Boolean', 1)).toMatchObject({ ok: false, code: 'tag_type' })
    expect(await stage.host.write('String', 1)).toMatchObject({ ok: false, code: 'tag_type' })
    expect(await stage.host.write('ReadOnly', 1)).toMatchObject({ ok: false, code: 'write_refused' })
    for (const [name, value] of VALUES.filter(([name]) => orders.some(([other]) => other === name))) {
      expect(await stage.host.write(name, value), name).toEqual({ ok: true })
    }
  })

  const MOVING = Array.from({ length: 1_500 }, (_, index) => ({
    name: `t${index}`,
    address: `ns=2;i=${10_000 + index}`,
  }))

  test(
    'more tags than one request may have are watched, at the quickest rate',
    deep('1,500 tags that move every 20 ms'),
    async () => {
      const source = sourceOf(MOVING, {}, { everyMs: 10 })
      await using stage = openStage(source, { stateFolder })
      await stage.until(() => MOVING.every(({ name }) => stage.count(name) > 2))
      expect(stage.newest('t1499')).toMatchObject({ quality: 'good' })
    },
  )

  test(
    'a deadband is judged by the server, and what does not move is told all the same after its silence',
    deep('waits for sixty values to see which are left out'),
    async () => {
      const [first, second] = MOVING
      await using stage = stageOf([
        { ...first, name: 'every' },
        { ...second, name: 'seldom', deadband: { absolute: 0.01 } },
        node('Double', { deadband: { absolute: 1 }, silenceMaxMs: 200 }),
      ])
      // A server that is late looks seldom: only of what it looks at often much is left out.
      await stage.until(
        () =>
          stage.count('every') > 60 && stage.count('seldom') > 1 && stage.count('seldom') < stage.count('every') / 5,
      )
      await stage.until(() => stage.count('Double') > 3)
      expect(stage.newest('Double')).toMatchObject({ quality: 'good', value: 3.25 })
      const [figures] = stage.host.figures().groups
      expect(figures?.untold ?? 0).toBeLessThan(stage.count('every'))
    },
  )

  describe.each(['Basic256Sha256', 'Aes128_Sha256_RsaOaep', 'Aes256_Sha256_RsaPss'])('%s', (policy) => {
    const tier = policy === 'Basic256Sha256' ? {} : deep('another policy; Basic256Sha256 is quick')
    test('signs and encrypts, and lets a user in by name', tier, async () => {
      const connection = {
        policy,
        trust: [await peer.fingerprint()],
        user: { name: 'op', password: { secret: 'PLC' } },
      }
      for (const security of ['sign', 'encrypt']) {
        expect(await readOnce([node('Double')], { ...connection, security }, { PLC: 'secret' })).toMatchObject({
          Double: { quality: 'good', value: 3.25 },
        })
      }
      expect(await readdir(join(stateFolder, 'opcua', 'own', 'certs'))).toEqual(['skerry.pem'])
    })
  })

  test('a certificate that is not trusted is never trusted because it was shown', async () => {
    const shown = (await peer.fingerprint()).replaceAll(':', '').toLowerCase()
    const refused = await readOnce([node('Double')], { security: 'encrypt' })
    expect(refused.Double).toMatchObject({
      quality: 'bad',
      cause: { code: 'source_refused', message: expect.stringContaining(`sha256:${shown}`) },
    })
    const open = await readOnce([node('Double')], { security: 'encrypt', insecureTrust: true })
    expect(open.Double).toMatchObject({ quality: 'good' })
  })

  test('a wrong password is refused, and is not tried again and again', async () => {
    const user = { name: 'op', password: { secret: 'PLC' } }
    await using stage = stageOf(
      [node('Double')],
      { security: 'encrypt', trust: [await peer.fingerprint()], user },
      { PLC: 'guess' },
    )
    await stage.until(() => stage.newest('Double') !== undefined)
    expect(stage.newest('Double')).toMatchObject({ quality: 'bad', cause: { code: 'source_refused' } })
    expect(JSON.stringify(stage.states)).not.toContain('guess')
    expect(stage.states.filter(({ kind }) => kind === 'connecting')).toHaveLength(1)
  })

  test(
    'a user may show a certificate, and another one is not let in',
    deep('a second way to sign in; name and password are quick'),
    async () => {
      const known = await ownCertificate(join(stateFolder, 'known'))
      const alien = await ownCertificate(join(stateFolder, 'alien'))
      await writeFile(join(peer.folder, 'users.der'), new X509Certificate(await readFile(known.certificateFile)).raw)
      await peer.kill()
      await peer.start()
      const user = { certificate: { secret: 'CERTIFICATE' }, key: { secret: 'KEY' } }
      const connection = { security: 'encrypt', trust: [await peer.fingerprint()], user }
      const secretsOf = async ({ certificateFile, privateKeyFile }: typeof known) => ({
        CERTIFICATE: await readFile(certificateFile, 'utf8'),
        KEY: await readFile(privateKeyFile, 'utf8'),
      })
      const letIn = await readOnce([node('Double')], connection, await secretsOf(known))
      expect(letIn.Double).toMatchObject({ quality: 'good', value: 3.25 })
      const refused = await readOnce([node('Double')], connection, await secretsOf(alien))
      expect(refused.Double).toMatchObject({ quality: 'bad', cause: { code: 'source_refused' } })
    },
  )

  test('while the server is gone every tag is bad, told once; it is back soon after it is there again', async () => {
    await using stage = stageOf([node('Double')], { security: 'encrypt', trust: [await peer.fingerprint()] })
    await stage.until(() => stage.newest('Double')?.quality === 'good')
    await peer.kill()
    await stage.until(() => stage.newest('Double')?.quality === 'bad')
    const told = stage.count('Double')
    await stage.until(() => stage.states.filter(({ kind }) => kind === 'down').length > 2)
    expect(stage.count('Double')).toBe(told)
    expect(stage.newest('Double')).toMatchObject({
      cause: { code: expect.stringMatching(/^source_(lost|unreachable)$/) },
    })
    await peer.start()
    await stage.until(() => stage.newest('Double')?.quality === 'good')
    expect(stage.host.figures().crashes).toBe(0)
  })

  test.each(['subscribe', 'poll'])(
    'a server that answers nothing is given up after its time, and heard again (%s)',
    deep('a second fault; the server that is gone shows the return'),
    async (reading) => {
      await using stage = stageOf([node('Double')], { reading, timeoutMs: 500 })
      for (let round = 0; round < 2; round += 1) {
        await stage.until(() => stage.newest('Double')?.quality === 'good')
        peer.freeze()
        await stage.until(() => stage.newest('Double')?.quality === 'bad')
        expect(stage.newest('Double')).toMatchObject({ cause: { code: 'source_silent' } })
        peer.thaw()
        await stage.until(() => stage.newest('Double')?.quality === 'good')
      }
      expect(stage.host.figures().crashes).toBe(0)
    },
  )

  test('says what it has, a folder with more than one answer holds too', async () => {
    await using stage = stageOf([node('Double')])
    await stage.until(() => stage.newest('Double') !== undefined)
    const top = await stage.host.browse('')
    expect(top).toMatchObject({ ok: true })
    const line = top.ok ? top.entries.find(({ label }) => label === 'Line1') : undefined
    expect(line).toEqual({ path: 'ns=2;i=9000', label: 'Line1', isFolder: true })
    const inside = await stage.host.browse(line?.path ?? '')
    const entries = inside.ok ? inside.entries : []
    expect(entries).toHaveLength(1_500 + 30)
    expect(entries.find(({ label }) => label === 'Double')).toEqual({
      path: 'ns=2;s=Double',
      label: 'Double',
      isFolder: false,
      tag: { address: 'ns=2;s=Double' },
    })
    expect(await stage.host.browse('ns=2;s=Nowhere')).toMatchObject({ ok: false, code: 'browse_failed' })
    expect(await stage.host.browse('what is this')).toMatchObject({ ok: false, code: 'browse_failed' })
  })

  test('where it cannot keep its certificate it says so, and does not crash', async () => {
    await using stage = openStage(sourceOf([node('Double')]))
    await stage.until(() => stage.newest('Double') !== undefined)
    expect(stage.newest('Double')).toMatchObject({
      cause: { message: expect.stringContaining('cannot keep a certificate') },
    })
  })

  test('what cannot be a node, and a password that anybody could read, are refused at the door', () => {
    expect(() => sourceOf([{ name: 'tag', address: 'Pressure' }])).toThrow(/must look like ns=2/)
    expect(() => sourceOf([node('tag')], { user: { name: 'op', password: { secret: 'PLC' } } })).toThrow(/set security/)
    expect(() => sourceOf([node('tag')], { policy: 'Basic128Rsa15' })).toThrow()
  })
})
