/** Data on one device: a real agent, and a hub that only sends documents. */
import { readdir, readFile, readlink, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from '@skerry/testkit/until'
import { expect, test } from 'vitest'
import { startAgent, temporaryFolder } from './stage/agent-process.ts'
import { startFakeHub } from './stage/fake-hub.ts'
import { watchFiles } from './stage/flow-files.ts'

const filesOf = (files: Readonly<Record<string, string>>) => ({
  'data.json': '{"v":1}',
  ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`files/${path}`, text])),
})

test('a device replaces data in one step, keeps them while the agent is away, and removes them', async () => {
  await using hub = await startFakeHub()
  const folder = await temporaryFolder()
  const limits = join(folder, 'kinds', 'data', 'limits')
  const read = (path: string) => readFile(join(limits, 'current', path), 'utf8')
  {
    await using _ = startAgent(folder, '--join', hub.token)
    const one = filesOf({ 'line-4.csv': 'pressure,9', 'deep/er/model.onnx': 'no model', 'app.json': '{}' })
    hub.desire(hub.publish({ model: 'limits', version: 1, files: one }))
    const active = await hub.item('limits', ({ state }) => state === 'active')
    expect(active).toMatchObject({ kind: 'data', figures: { files: 3, bytes: 20 } })
    expect(await Promise.all(['line-4.csv', 'deep/er/model.onnx', 'app.json'].map(read))).toEqual([
      'pressure,9',
      'no model',
      '{}',
    ])
    for (const path of ['current', 'current/deep/er']) expect((await stat(join(limits, path))).mode & 0o777).toBe(0o755)
    expect((await stat(join(limits, 'current/line-4.csv'))).mode & 0o777).toBe(0o644)

    hub.desire(hub.publish({ model: 'limits', version: 2, files: filesOf({ 'line-4.csv': 'pressure,10' }) }))
    await hub.item('limits', ({ state, target }) => state === 'active' && target.version === 2)
    expect(await read('line-4.csv')).toBe('pressure,10')
    await expect(read('app.json')).rejects.toThrow('ENOENT')
    await until(async () => (await readdir(limits)).length === 2, { what: 'the files of version 1 to be removed' })
  }
  expect(await read('line-4.csv')).toBe('pressure,10')
  const before = await readlink(join(limits, 'current'))
  await using _ = startAgent(folder)
  await hub.item('limits', ({ state, serving }) => state === 'active' && serving?.version === 2)
  expect(await readlink(join(limits, 'current'))).toBe(before)
  hub.desire()
  await until(async () => (await readdir(limits).catch(() => [])).length === 0, { what: 'the data to be removed' })
})

const PRESS = {
  name: 'press',
  protocol: 'simulator',
  groups: [{ name: 'process', everyMs: 100, tags: [{ name: 'pressure', signal: { kind: 'constant', value: 3 } }] }],
}

test('a flow waits for data, looks values up in them, and follows another version; a table without its column changes nothing', async () => {
  await using hub = await startFakeHub()
  hub.answers.source = PRESS
  await using agent = startAgent(await temporaryFolder(), '--join', hub.token)
  await agent.rest()
  const step = { name: 'score', kind: 'lookup', from: 'pressure', data: 'limits', file: 'press.csv', value: 'limit' }
  const flow = hub.publish({ model: 'watch', version: 1, files: watchFiles({ steps: [step] }) })
  const data = (version: number, text: string) =>
    hub.publish({ model: 'limits', version, files: filesOf({ 'press.csv': text }) })
  hub.desire(flow)
  const waiting = await hub.item('watch', ({ cause }) => cause?.code === 'flow_waits')
  expect(waiting.cause?.message).toContain('data limits')
  // The golden outputs of the flow are twice its inputs 3 and 4.
  hub.desire(flow, data(1, 'code,limit\n3,6\n4,8\n'))
  await hub.item('watch', ({ state }) => state === 'active')
  const told = (number: number) =>
    until(async () => hub.values.some((one) => 'value' in one && one.value === number), {
      what: `the flow to tell ${number}`,
    })
  await told(6)
  hub.desire(flow, data(2, 'code,bound\n3,60\n4,80\n'))
  await hub.item('limits', ({ state, target }) => state === 'active' && target.version === 2)
  const kept = await agent.logged('flow_facts_kept')
  expect(kept).toMatchObject({
    flow: 'watch',
    code: 'table_invalid',
    message: expect.stringContaining('no column limit'),
  })
  hub.desire(flow, data(3, 'code,limit\n3,61\n4,81\n'))
  await told(61)
  // No value came from another table, and none was bad.
  const values = hub.values.filter(({ signal }) => signal === 'watch/scores')
  expect(new Set(values.map((one) => ('value' in one ? one.value : one.cause)))).toEqual(new Set([6, 61]))
})
