/** EtherNet/IP against a controller of our own, with tshark as the judge of what both say. Not against real equipment. */
import { EthernetIpSource } from '@skerry/contract/sources/source'
import { hasLogix, type LogixPeer, startLogix } from '@skerry/testkit/peers/logix-peer'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasTshark } from '../stage/dissect.ts'
import { openStage, type Stage } from '../stage/stage.ts'
import { openWire } from '../stage/wire.ts'

const stageOf = ({ port }: { port: number }, tags: object[], connection: object = {}) =>
  openStage(
    EthernetIpSource.parse({
      name: 'press-9',
      protocol: 'ethernet-ip',
      // Patient: on a busy machine an answer may take seconds.
      connection: { host: '127.0.0.1', port, timeoutMs: 60_000, ...connection },
      groups: [{ name: 'all', everyMs: 50, tags }],
    }),
  )

const ALL = [
  { name: 'bool', address: 'Running' },
  { name: 'sint', address: 'Small' },
  { name: 'usint', address: 'Byte' },
  { name: 'int', address: 'Setpoint', scale: 0.1 },
  { name: 'dint', address: 'Sensor' },
  { name: 'lint', address: 'Large' },
  { name: 'real', address: 'Steady' },
  { name: 'lreal', address: 'Exact' },
  { name: 'text', address: 'Order' },
  { name: 'member', address: 'Motor.Speed' },
  { name: 'bit', address: 'Status.5' },
  { name: 'other-bit', address: 'Status.4' },
  { name: 'bit-of-array', address: 'Alarms[1].4' },
  { name: 'element', address: 'Curve[2001]' },
  { name: 'place', address: 'Matrix[1,2]' },
  { name: 'some', address: 'Curve[4]', count: 3 },
  { name: 'curve', address: 'Curve[0]', count: 3_000 },
  { name: 'names', address: 'Names[0]', count: 60 },
  { name: 'local', address: 'Program:Main.Count' },
  { name: 'structure', address: 'Motor' },
  { name: 'long-structure', address: 'Recipe' },
  { name: 'nothing', address: 'Nothing' },
  { name: 'beyond', address: 'Curve[2999]', count: 2 },
  { name: 'no-bit', address: 'Steady.3' },
  ...Array.from({ length: 300 }, (_, index) => ({
    name: `point-${index}`,
    address: `Point${String(index).padStart(3, '0')}`,
  })),
]

const SAID: Record<string, object> = {
  bool: { quality: 'good', value: true },
  sint: { quality: 'good', value: -7 },
  usint: { quality: 'good', value: 200 },
  int: { quality: 'good', value: 30 },
  dint: { quality: 'good', value: 59_993 },
  lint: { quality: 'uncertain', value: 2 ** 53 + 2, cause: { code: 'value_inexact' } },
  real: { quality: 'good', value: 3.25 },
  lreal: { quality: 'good', value: 1e100 },
  text: { quality: 'good', value: 'HELLO' },
  member: { quality: 'good', value: 1_450 },
  bit: { quality: 'good', value: true },
  'other-bit': { quality: 'good', value: false },
  'bit-of-array': { quality: 'good', value: true },
  element: { quality: 'good', value: 1_000.5 },
  place: { quality: 'good', value: 5 },
  some: { quality: 'good', value: [2, 2.5, 3] },
  curve: { quality: 'good', value: Array.from({ length: 3_000 }, (_, index) => index / 2) },
  names: { quality: 'good', value: Array.from({ length: 60 }, (_, index) => `name ${index}`) },
  local: { quality: 'good', value: 77 },
  structure: { quality: 'bad', cause: { code: 'type_wrong' } },
  'long-structure': { quality: 'bad', cause: { code: 'type_wrong' } },
  nothing: { quality: 'bad', cause: { code: 'address_unknown' } },
  beyond: { quality: 'bad', cause: { code: 'address_unknown' } },
  'no-bit': { quality: 'bad', cause: { code: 'type_wrong' } },
  'point-299': { quality: 'good', value: 299 },
}

/** What the controller says that its client did wrong. */
const problemsOf = (peer: LogixPeer) => peer.said().match(/^PROBLEM.*$/gm) ?? []

describe.skipIf(!hasLogix)('ethernet-ip', () => {
  let peer: LogixPeer
  beforeAll(async () => {
    peer = await startLogix()
  })
  afterAll(() => peer[Symbol.asyncDispose]())

  describe.each<[string, ('plain' | 'small' | 'pieces')[]]>([
    ['takes long messages', []],
    ['takes short messages only', ['small']],
    ['answers one at a time, in pieces', ['plain', 'pieces']],
  ])('a controller that %s', (_, kinds) => {
    const tier = kinds.length === 0 ? {} : deep('another controller; the one of long messages is quick')
    test('each type is read, and arrays and texts in parts where they have to be', tier, async () => {
      await using controller = await startLogix(...kinds)
      await using stage = stageOf(controller, ALL)
      await stage.until(() => stage.count('point-299') > 1)
      for (const [tag, expected] of Object.entries(SAID)) expect(stage.newest(tag), tag).toMatchObject(expected)
      expect(problemsOf(controller)).toEqual([])
      expect(stage.host.figures().crashes).toBe(0)
    })
  })

  test('the tags of the controller and of its programs are found, page by page', async () => {
    await using stage = stageOf(peer, ALL.slice(0, 1), { connectionBytes: 500 })
    await stage.until(() => stage.count('bool') > 0)
    const entries: Record<string, unknown>[] = []
    const lookAt = async (path: string) => {
      const answer = await stage.host.browse(path)
      if (!answer.ok) throw new Error(answer.message)
      return answer.entries
    }
    for (let path: string | undefined = ''; path !== undefined; ) {
      const page = await lookAt(path)
      path = page.find(({ label }) => label === 'more')?.path
      entries.push(...page)
    }
    expect(entries).toEqual(
      expect.arrayContaining([
        { path: 'Program:Main', label: 'Program:Main', isFolder: true },
        { path: 'Steady', label: 'Steady: REAL', isFolder: false, tag: { address: 'Steady' } },
        { path: 'Order', label: 'Order: STRING', isFolder: false, tag: { address: 'Order' } },
        { path: 'Motor', label: 'Motor: structure', isFolder: false },
        {
          path: 'Matrix',
          label: 'Matrix: INT, 6 of them',
          isFolder: false,
          tag: { address: 'Matrix[0,0]', count: 6 },
        },
        expect.objectContaining({ path: 'Point299' }),
      ]),
    )
    expect(entries.filter(({ path }) => path === '__hidden')).toEqual([])
    expect(await lookAt('Program:Main')).toMatchObject([{ tag: { address: 'Program:Main.Count' } }])
    expect(await stage.host.browse('Program:Other')).toMatchObject({ ok: true, entries: [] })
  })

  test('a controller that is in another slot is not let in', async () => {
    await using stage = stageOf(peer, ALL.slice(0, 1), { slot: 3 })
    await stage.until(() => stage.newest('bool') !== undefined)
    const cause = { code: 'source_refused', message: expect.stringContaining('no such slot') }
    expect(stage.newest('bool')).toMatchObject({ quality: 'bad', cause })
  })

  const isBadBy = (stage: Stage, code: RegExp) => {
    const value = stage.newest('bool')
    return value?.quality === 'bad' && code.test(value.cause.code)
  }

  test('a controller that dies, or is frozen, is told, and back soon after it is there again', async () => {
    await using controller = await startLogix()
    await using stage = stageOf(controller, ALL.slice(0, 1), { timeoutMs: 400 })
    await stage.until(() => stage.newest('bool')?.quality === 'good')
    await controller.kill()
    await stage.until(() => isBadBy(stage, /^source_/))
    await controller.start()
    await stage.until(() => stage.newest('bool')?.quality === 'good')
    controller.freeze()
    await stage.until(() => isBadBy(stage, /^source_silent$/))
    controller.thaw()
    await stage.until(() => stage.newest('bool')?.quality === 'good')
    expect(stage.host.figures().crashes).toBe(0)
  })

  test(
    'an answer that ends before its items loses the connection, and nothing else',
    deep('a second fault; the controller that dies shows the return'),
    async () => {
      await using controller = await startLogix('cut')
      await using stage = stageOf(controller, ALL.slice(0, 1))
      await stage.until(() => isBadBy(stage, /^source_lost$/))
      await stage.until(() => stage.newest('bool')?.quality === 'good')
      expect(stage.host.figures().crashes).toBe(0)
    },
  )

  test(
    'a connection that nobody needs for long is kept by a question, and given back at the end',
    deep('waits for two keep-alives of four seconds each'),
    async () => {
      await using controller = await startLogix()
      const source = EthernetIpSource.parse({
        name: 'press-9',
        protocol: 'ethernet-ip',
        connection: { host: '127.0.0.1', port: controller.port, timeoutMs: 60_000, keepAliveMs: 4_000 },
        groups: [{ name: 'all', everyMs: 600_000, tags: [{ name: 'bool', address: 'Running', write: {} }] }],
      })
      await using stage = openStage(source)
      await stage.until(() => stage.count('bool') > 0)
      // Get_Attribute_Single of the identity.
      await stage.until(() => (controller.said().match(/^I .*0e03200124013001$/gm) ?? []).length > 1)
      expect(await stage.host.write('bool', false)).toEqual({ ok: true })
      await stage[Symbol.asyncDispose]()
      // Forward_Close, and the end of the session.
      await stage.until(() => /^I 66000000/m.test(controller.said()))
      expect(controller.said()).toMatch(/^I 6f00.*4e0220062401/m)
      expect(problemsOf(controller)).toEqual([])
    },
  )

  test.skipIf(!hasTshark)(
    'tshark reads both sides, and reads of them what was meant',
    deep('a second reader of what the other tests have read'),
    async () => {
      await using controller = await startLogix()
      await using wire = await openWire(controller.port)
      const speed = { name: 'speed', address: 'Motor.Speed', write: {} }
      const flag = { name: 'flag', address: 'Status.30', write: {} }
      const part = { name: 'part', address: 'Curve[7]', count: 3, write: {} }
      await using stage = stageOf(wire, [...ALL.slice(0, 15), speed, flag, part])
      await stage.until(() => stage.newest('flag')?.quality === 'good')
      expect(await stage.host.write('speed', -3)).toEqual({ ok: true })
      expect(await stage.host.write('flag', true)).toEqual({ ok: true })
      expect(await stage.host.write('part', [1, -1, 0])).toEqual({ ok: true })
      expect((await stage.host.browse('')).ok).toBe(true)
      const look = (filter: string, ...fields: string[]) => wire.dissect('enip', filter, fields)
      expect(look('_ws.malformed || _ws.expert.severity >= 0x600000', '_ws.expert.message')).toEqual([])
      const SERVICE = 'cip.service'
      const STATUS = 'cip.genstat'
      const SYMBOL = 'cip.symbol'
      const DATA = 'cip.data'
      // A session of version 1; in it a connection, to the object of all others behind port 1, slot 0.
      expect(look('enip.command == 0x65', 'enip.rs.version')).toHaveLength(2)
      const opening = ['cip.cm.fwo.consize', 'cip.cm.otrpi', 'cip.cm.fwo.transport', 'cip.port', 'cip.linkaddress.byte']
      expect(look('cip.service == 0x5b', ...opening)).toEqual([
        {
          'cip.cm.fwo.consize': ['4000', '4000'],
          'cip.cm.otrpi': ['10000000'],
          'cip.port': ['1'],
          'cip.cm.fwo.transport': ['3'],
          'cip.linkaddress.byte': ['0'],
        },
      ])
      expect(look('cip.service == 0xdb', STATUS)).toEqual([{ [STATUS]: ['0x00'] }])
      const [asked, told] = look('cip.service == 0x0a || cip.service == 0x8a', SERVICE, SYMBOL, DATA)
      expect(asked).toMatchObject({ [SERVICE]: ['0x0a', ...Array<string>(18).fill('0x4c')] })
      expect(asked?.[SYMBOL]).toEqual(expect.arrayContaining(['Running', 'Motor', 'Speed', 'Matrix']))
      const values = ['c10001', 'c200f9', 'c3002c01', 'c40059ea0000', 'ca0000005040', 'cb007dc39425ad49b254']
      expect(told?.[DATA]).toEqual(expect.arrayContaining(values))
      expect(look('cip.service == 0x4d || cip.service == 0x4e', SYMBOL, DATA)).toEqual([
        { [SYMBOL]: ['Motor', 'Speed'], [DATA]: ['c4000100fdffffff'] },
        { [SYMBOL]: ['Status'], [DATA]: ['040000000040ffffffff'] },
        { [SYMBOL]: ['Curve'], [DATA]: ['ca0003000000803f000080bf00000000'] },
      ])
      expect(look('cip.service == 0x55', DATA)[0]).toEqual({ [DATA]: ['0300010002000800'] })
      expect(problemsOf(controller)).toEqual([])
    },
  )
})

test.each([
  [{ address: 'Speed', count: 2_001, write: {} }, /at most 2000 elements are written at once/],
  [{ address: 'Status.5', count: 2 }, /a bit is no array/],
  [{ address: 'Status', mask: 4 }, /a bit is named by the address/],
  [{ address: 'Curve[0].64' }, /must be a name/],
  [{ address: 'two words' }, /must be a name/],
])('%j is refused at the door', (tag, words) => {
  const source = { name: 'press-9', protocol: 'ethernet-ip', connection: { host: 'plc' } }
  const parse = () =>
    EthernetIpSource.parse({ ...source, groups: [{ name: 'all', everyMs: 50, tags: [{ name: 'tag', ...tag }] }] })
  expect(parse).toThrow(words)
})
