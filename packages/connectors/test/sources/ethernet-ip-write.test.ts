/** Writing over EtherNet/IP: each type, and whole arrays, against a controller of our own. Not against real equipment. */
import { EthernetIpSource } from '@skerry/contract/sources/source'
import type { TagContent } from '@skerry/contract/sources/tag'
import { hasLogix, type LogixPeer, startLogix } from '@skerry/testkit/peers/logix-peer'
import { describe, expect, test } from 'vitest'
import { openStage, type Stage } from '../stage/stage.ts'

const stageOf = ({ port }: { port: number }, tags: object[]) =>
  openStage(
    EthernetIpSource.parse({
      name: 'press-9',
      protocol: 'ethernet-ip',
      // Patient: on a busy machine an answer may take seconds.
      connection: { host: '127.0.0.1', port, timeoutMs: 60_000 },
      groups: [{ name: 'all', everyMs: 50, tags }],
    }),
  )

const valueIn = (stage: Stage, tag: string): TagContent | undefined => {
  const value = stage.newest(tag)
  return value && 'value' in value ? value.value : undefined
}

/** What the controller says that its client did wrong. */
const problemsOf = (peer: LogixPeer) => peer.said().match(/^PROBLEM.*$/gm) ?? []

describe.skipIf(!hasLogix)('writing over ethernet-ip', () => {
  test('is written by the type that the controller has, read again, and refused what it does not take', async () => {
    await using controller = await startLogix()
    const orders: [string, object, TagContent][] = [
      ['bool', { address: 'Running' }, false],
      ['sint', { address: 'Small' }, -128],
      ['usint', { address: 'Byte' }, 255],
      ['int', { address: 'Setpoint', scale: 0.1 }, 21.5],
      ['dint', { address: 'Motor.Speed' }, -70_000],
      ['lint', { address: 'Large' }, -(2 ** 40)],
      ['real', { address: 'Steady' }, 2.5],
      ['lreal', { address: 'Exact' }, 1e-300],
      ['text', { address: 'Order' }, 'Küche'],
      ['element', { address: 'Curve[7]' }, 0.25],
      ['set', { address: 'Status.30' }, true],
      ['clear', { address: 'Status.2' }, false],
      ['bit-of-array', { address: 'Alarms[0].31' }, true],
      ['local', { address: 'Program:Main.Count' }, 78],
    ]
    await using stage = stageOf(controller, [
      ...orders.map(([name, tag]) => ({ name, ...tag, write: {} })),
      { name: 'neighbours', address: 'Status' },
      { name: 'fixed', address: 'Fixed', write: {} },
      { name: 'gone', address: 'Gone', write: {} },
    ])
    await stage.until(() => stage.count('gone') > 0)
    for (const [name, , value] of orders) expect(await stage.host.write(name, value), name).toEqual({ ok: true })
    await stage.until(() => orders.every(([name, , value]) => valueIn(stage, name) === value))
    // Bit 5 was set before.
    await stage.until(() => valueIn(stage, 'neighbours') === 2 ** 30 + 2 ** 5)
    const refusals: [string, TagContent, string][] = [
      ['bool', 1, 'tag_type'],
      ['sint', 128, 'tag_type'],
      ['real', 1e39, 'tag_type'],
      ['text', 'x'.repeat(83), 'tag_type'],
      ['set', 1, 'tag_type'],
      ['fixed', 6, 'write_refused'],
      ['gone', 6, 'write_refused'],
    ]
    for (const [name, value, code] of refusals)
      expect(await stage.host.write(name, value), name).toMatchObject({ ok: false, code })
    expect(problemsOf(controller)).toEqual([])
  })

  test('an array is written whole by one request, read again, and leaves its neighbours; one that is too long is refused', async () => {
    await using controller = await startLogix('small')
    const names = Array.from({ length: 5 }, (_, index) => `Größe ${index}`)
    const orders: [string, object, TagContent][] = [
      ['curve', { address: 'Curve[4]', count: 3 }, [0.25, -1, 1e6]],
      ['scaled', { address: 'Matrix[1,0]', count: 3, scale: 0.1 }, [-21.5, 0, 50]],
      ['names', { address: 'Names[3]', count: 5 }, names],
      ['words', { address: 'Alarms[0]', count: 2 }, [2 ** 32 - 1, 7]],
    ]
    await using stage = stageOf(controller, [
      ...orders.map(([name, tag]) => ({ name, ...tag, write: {} })),
      { name: 'around', address: 'Curve[3]', count: 5 },
      { name: 'rows', address: 'Matrix[0,0]', count: 6 },
      { name: 'long', address: 'Curve[0]', count: 200, write: {} },
    ])
    await stage.until(() => stage.newest('long')?.quality === 'good')
    for (const [name, , value] of orders) expect(await stage.host.write(name, value), name).toEqual({ ok: true })
    const rounds = stage.count('long')
    await stage.until(() => stage.count('long') > rounds + 1)
    for (const [name, , value] of orders) expect(stage.newest(name), name).toMatchObject({ quality: 'good', value })
    expect(valueIn(stage, 'around')).toEqual([1.5, 0.25, -1, 1e6, 3.5])
    expect(valueIn(stage, 'rows')).toEqual([0, 1, 2, -215, 0, 500])
    const refusals: [string, TagContent, string][] = [
      ['curve', [1, 2], 'tag_type'],
      ['curve', [1, 2, 1e39], 'tag_type'],
      ['names', ['', '', '', '', 'x'.repeat(83)], 'tag_type'],
      ['words', [0, -1], 'tag_type'],
      ['long', Array.from({ length: 200 }, () => 1), 'write_refused'],
    ]
    for (const [name, value, code] of refusals)
      expect(await stage.host.write(name, value), name).toMatchObject({ ok: false, code })
    expect(valueIn(stage, 'curve')).toEqual([0.25, -1, 1e6])
    expect(problemsOf(controller)).toEqual([])
  })
})
