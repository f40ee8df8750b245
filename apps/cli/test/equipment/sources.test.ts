/** Sources from the command line: the files of the documentation, a simulator, and a real Modbus server. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasModbus, startModbus } from '@skerry/testkit/peers/modbus-peer'
import { hasOpcua, startOpcua } from '@skerry/testkit/peers/opcua-peer'
import { hasS7, startS7 } from '@skerry/testkit/peers/s7-peer'
import { deep } from '@skerry/testkit/tier'
import { describe, expect, test } from 'vitest'
import { cli, openTestFolder } from '../stage/cli.ts'

const EXAMPLES = join(import.meta.dirname, '../../../../examples/sources')
const PUMP = join(EXAMPLES, 'pump-simulator.yaml')

test('checks a file without connecting to anything', async () => {
  const { code, out } = await cli(['source', 'check', join(EXAMPLES, 'press-modbus.yaml')])
  expect(code).toBe(0)
  expect(out).toMatch(/press-7/)
  expect(out).toMatch(/process +1000 ms +3 +1 +3/)
})

test('checks the file of a sink, and names the secrets that it needs', async () => {
  const sink = join(EXAMPLES, '../sinks/plant-database.yaml')
  const { code, out } = await cli(['sink', 'check', sink, '--json'])
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ name: 'plant-database', protocol: 'postgres', batch: { valuesMax: 1_000 } })
  expect((await cli(['sink', 'check', sink])).out).toMatch(/protocol +postgres/)
  expect((await cli(['sink', 'check', join(EXAMPLES, 'press-modbus.yaml')])).code).not.toBe(0)
})

test('marks a protocol that was never tested against equipment', async () => {
  const { out } = await cli(['source', 'check', join(EXAMPLES, 'plant-room-bacnet.yaml')])
  expect(out).toMatch(/bacnet \(not proven\)/)
})

test('every example of a source is valid', async () => {
  for (const name of await readdir(EXAMPLES)) {
    const { code, err } = await cli(['source', 'check', join(EXAMPLES, name)])
    expect({ name, code, err }).toEqual({ name, code: 0, err: '' })
  }
})

test.each([
  [
    'a wrong address',
    'address: "holding:101"',
    'address: "holding:x"',
    /press.yaml:\d+: groups.0.tags.0.address: must look like/,
  ],
  ['an unknown field', 'unit: bar', 'units: bar', /press.yaml:\d+: groups.0.tags.0.units is not a field/],
  ['another protocol', 'protocol: modbus', 'protocol: profibus', /protocol: must be .*modbus.*simulator/],
  ['a name twice', 'name: temperature', 'name: pressure', /two tags have one name/],
  ['an address below the first', 'holding:101', 'holding:0', /pressure: the first address here is 1/],
  [
    'a type that no coil has',
    'address: "coil:11"',
    'address: "coil:11", type: int16',
    /coils and discrete inputs are bool/,
  ],
])('reports the place of %s in the file', async (_, before, after, words) => {
  await using folder = await openTestFolder()
  const path = join(folder.path, 'press.yaml')
  const text = await readFile(join(EXAMPLES, 'press-modbus.yaml'), 'utf8')
  await writeFile(path, text.replace(before, after))
  expect(await cli(['source', 'check', path])).toMatchObject({ code: 1, err: expect.stringMatching(words) })
})

test('reads a simulated pump once, with units and qualities, for people and for programs', async () => {
  const { code, out } = await cli([
    'source',
    'read',
    PUMP,
    '--tag',
    'temperature',
    '--tag',
    'running',
    '--tag',
    'setpoint',
  ])
  expect(code).toBe(0)
  expect(out).toMatch(/temperature +\d+(\.\d+)? +°C +good/)
  expect(out).toMatch(/running +true +- +good/)
  const json = JSON.parse((await cli(['source', 'read', PUMP, '--tag', 'setpoint', '--json'])).out)
  expect(json).toMatchObject({ source: 'pump-1', values: [{ tag: 'setpoint', quality: 'good', value: 1_450 }] })
  expect(await cli(['source', 'read', PUMP, '--tag', 'nothing'])).toMatchObject({ code: 2 })
})

const TAGS = ['group,everyMs,name,address,type,unit,order', 'process,500,pressure,holding:101,float32,bar,ABCD'].join(
  '\n',
)

async function pressIn(folder: string, csv: string) {
  const file = join(folder, 'press.yaml')
  const table = join(folder, 'press.csv')
  await writeFile(file, await readFile(join(EXAMPLES, 'press-modbus.yaml'), 'utf8'))
  await writeFile(table, csv)
  return { file, table, read: () => readFile(file, 'utf8') }
}

test('the tags of every example survive an export and import as CSV', async () => {
  await using folder = await openTestFolder()
  for (const name of await readdir(EXAMPLES)) {
    const file = join(folder.path, name)
    const table = join(folder.path, `${name}.csv`)
    await writeFile(file, await readFile(join(EXAMPLES, name), 'utf8'))
    const exported = await cli(['tag', 'export', '--file', file])
    await writeFile(table, exported.out)
    const { code, err, out } = await cli(['tag', 'import', table, '--file', file, '--json'])
    expect({ name, code, err }).toEqual({ name, code: 0, err: '' })
    expect(JSON.parse(out).changes, name).toEqual([])
    expect(await cli(['source', 'check', file]), name).toMatchObject({ code: 0 })
    expect((await cli(['tag', 'export', '--file', file])).out, name).toBe(exported.out)
  }
})

test('the changes of a table are shown first, and removed tags need a confirmation', async () => {
  await using folder = await openTestFolder()
  const { file, table, read } = await pressIn(folder.path, `${TAGS}\nprocess,500,flow,holding:105,float32,,ABCD\n`)
  const before = await read()
  const trial = await cli(['tag', 'import', table, '--file', file, '--dry-run'])
  expect(trial.out).toMatch(/2 tags: 1 added, 1 changed, 0 as before; 2 removed/)
  expect(trial.out).toMatch(/changed +pressure +process +expect .*400} → -, everyMs 1000 → 500/)
  expect(trial.out).toMatch(/removed +alarm/)
  expect(await cli(['tag', 'import', table, '--file', file], { answers: ['n'] })).toMatchObject({ code: 1 })
  expect(await read()).toBe(before)
  const done = await cli(['tag', 'import', table, '--file', file, '--yes', '--json'])
  expect(JSON.parse(done.out)).toMatchObject({ tags: 2, changes: [{ change: 'changed' }, { tag: 'flow' }, {}, {}] })
  expect((await cli(['source', 'check', file])).out).toMatch(/process +500 ms +2/)
})

test.each([
  ['a cell too few', `${TAGS}\nprocess,500`, /press.csv:3: column name is missing/],
  ['a wrong address', TAGS.replace('holding:101', 'x'), /press.csv:2: column address: must look like/],
  ['an unknown column', TAGS.replace('unit', 'units'), /press.csv:2: .*units/],
  ['an invalid rate', TAGS.replace('500', '1'), /press.csv:2: column everyMs: /],
  [
    'an address outside the protocol',
    TAGS.replace('holding:101', 'holding:0'),
    /press.csv:2: the first address here is 1/,
  ],
])('a table with %s is rejected with its place, and nothing is changed', async (_, csv, words) => {
  await using folder = await openTestFolder()
  const { file, table, read } = await pressIn(folder.path, csv)
  const before = await read()
  const refused = await cli(['tag', 'import', table, '--file', file, '--yes'])
  expect(refused).toMatchObject({ code: 1, err: expect.stringMatching(words) })
  expect(await read()).toBe(before)
})

test('tags belong to one source, at the hub or in a file', async () => {
  expect(await cli(['tag', 'export'])).toMatchObject({ code: 2 })
  expect(await cli(['tag', 'export', '--file', PUMP, '--source', 'pump-1'])).toMatchObject({ code: 2 })
})

test('watches until the user stops it', async () => {
  const stop = new AbortController()
  let lines = 0
  const watched = await cli(['source', 'read', PUMP, '--watch', '--json'], {
    signal: stop.signal,
    onOutput() {
      lines += 1
      if (lines === 8) stop.abort()
    },
  })
  for (const line of watched.out.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('quality')
})

test('asks before it writes, and writes nothing outside the limits of the file', async () => {
  const refused = await cli(['source', 'write', PUMP, 'setpoint', '1500'], { answers: ['n'] })
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('write 1500 to setpoint of pump-1') })
  expect(await cli(['source', 'write', PUMP, 'setpoint', '1500', '--yes'])).toEqual({
    code: 0,
    out: 'setpoint is 1500\n',
    err: '',
  })
  const much = await cli(['source', 'write', PUMP, 'setpoint', '9000', '--yes'])
  expect(much).toMatchObject({ code: 1, err: expect.stringContaining('code: tag_range') })
  const readOnly = await cli(['source', 'write', PUMP, 'temperature', '5', '--yes'])
  expect(readOnly).toMatchObject({ code: 1, err: expect.stringContaining('code: tag_read_only') })
})

/** A longer timeout, for equipment on a busy machine. */
const PATIENT = ['--timeout', '60s']
const PATIENT_MS = 'timeoutMs: 60000'

describe.skipIf(!hasModbus)('against libmodbus', () => {
  test('reads a press, writes its alarm coil, and reports the error once it is gone', async () => {
    await using folder = await openTestFolder()
    const path = join(folder.path, 'press.yaml')
    await using peer = await startModbus()
    const text = await readFile(join(EXAMPLES, 'press-modbus.yaml'), 'utf8')
    await writeFile(path, text.replace('port: 502', `port: ${peer.port}`).replace('timeoutMs: 1000', PATIENT_MS))
    const read = await cli(['source', 'read', path, ...PATIENT])
    expect(read).toMatchObject({ code: 0, err: '' })
    expect(read.out).toMatch(/pressure +3.25 +bar +good/)
    expect(read.out).toMatch(/temperature +-556.5 +°C +good/)
    expect(read.out).toMatch(/alarm +false +- +good/)
    expect(await cli(['source', 'write', path, 'alarm', 'true', '--yes'])).toMatchObject({ code: 0 })
    expect((await cli(['source', 'read', path, ...PATIENT])).out).toMatch(/alarm +true/)
    await peer.kill()
    const gone = await cli(['source', 'read', path])
    expect(gone).toMatchObject({ code: 1, err: expect.stringContaining('code: source_failed') })
    expect(gone.out).toMatch(/pressure +- +- +bad +cannot connect to 127.0.0.1:\d+ \(ECONNREFUSED\)/)
  })
})

describe.skipIf(!hasModbus)('an oven with a recipe', () => {
  test('its arrays are written whole or not at all', deep('a variant of the press above'), async () => {
    await using folder = await openTestFolder()
    await using peer = await startModbus()
    const path = join(folder.path, 'oven.yaml')
    const example = await readFile(join(EXAMPLES, 'oven-recipe.yaml'), 'utf8')
    await writeFile(path, example.replace('port: 502', `port: ${peer.port}`))
    const write = (tag: string, value: unknown) => cli(['source', 'write', path, tag, JSON.stringify(value), '--yes'])
    const zones = [20, 180.5, 200, 210, 210, 205.5, 120, 60]
    const heating = [true, true, true, true, true, true, false, false]
    expect(await write('zones', zones)).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringMatching(/zones is \[20/),
    })
    expect(await write('heating', heating)).toMatchObject({ code: 0, err: '' })
    const refused = [
      [zones.slice(1), /7 are given: all of its 8 elements are written at once/, 'tag_type'],
      [zones.with(4, 321), /element 5 of 8: 321 is outside the bounds for writing \(20 to 320\)/, 'tag_range'],
      [180, /the tag is an array/, 'tag_type'],
    ] as const
    for (const [value, words, code] of refused) {
      const answer = await write('zones', value)
      expect(answer).toMatchObject({ code: 1, err: expect.stringMatching(words) })
      expect(answer.err).toContain(`code: ${code}`)
    }
    const { values } = JSON.parse((await cli(['source', 'read', path, '--json'])).out)
    expect(values).toMatchObject([{ value: zones }, { value: heating }])
  })
})

describe.skipIf(!hasModbus)('a press with an interlock', () => {
  test('its motor switches while the guard is closed, and a rejection has the message of the press', async () => {
    await using folder = await openTestFolder()
    await using peer = await startModbus()
    const path = join(folder.path, 'press.yaml')
    const open = join(folder.path, 'open.yaml')
    const example = await readFile(join(EXAMPLES, 'press-guarded.yaml'), 'utf8')
    const text = example.replace('port: 502', `port: ${peer.port}\n  ${PATIENT_MS}`)
    await writeFile(path, text)
    // Like a person who closes the guard by hand.
    await writeFile(open, text.replace('"coil:21" }', '"coil:21", write: {} }'))
    const refused = await cli(['source', 'write', path, 'motor', 'true', '--yes'])
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('code: tag_interlocked') })
    expect(refused.err).toContain('is false: guard-closed is false, speed is 40')
    expect(await cli(['source', 'write', open, 'guard-closed', 'true', '--yes'])).toMatchObject({ code: 0 })
    expect(await cli(['source', 'write', path, 'motor', 'true', '--yes'])).toMatchObject({ code: 0 })
  })

  test('a condition that can never work is noticed in the file', async () => {
    await using folder = await openTestFolder()
    const path = join(folder.path, 'press.yaml')
    const example = await readFile(join(EXAMPLES, 'press-guarded.yaml'), 'utf8')
    await writeFile(path, example.replace('tags["speed"]', 'tags["spede"]'))
    const checked = await cli(['source', 'check', path])
    expect(checked.err).toMatch(/press.yaml: motor: write.interlock.when: the source has no tag spede/)
  })
})

describe.skipIf(!hasOpcua)('against open62541', () => {
  test(
    'browses the server, and reads the tags that it found with a secret',
    deep('packages/connectors tests OPC UA'),
    async () => {
      await using folder = await openTestFolder()
      await using peer = await startOpcua({ tags: 3 })
      const path = join(folder.path, 'line.yaml')
      await writeFile(join(folder.path, 'line1-password'), 'secret\n')
      const text = await readFile(join(EXAMPLES, 'line-opcua.yaml'), 'utf8')
      const zeros = Array(32).fill('00').join(':')
      await writeFile(
        path,
        text.replace('opc.tcp://localhost:4840', peer.endpoint).replace(zeros, await peer.fingerprint()),
      )
      const top = await cli(['source', 'browse', path, '--secrets', folder.path])
      expect(top).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/Line1\/ +ns=2;i=9000/) })
      const inside = await cli(['source', 'browse', path, 'ns=2;i=9000', '--secrets', folder.path])
      expect(inside.out).toMatch(/Double +ns=2;s=Double +address: "ns=2;s=Double"/)
      const read = await cli(['source', 'read', path, '--secrets', folder.path])
      expect(read).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/pressure +3.25 +bar +good/) })
      expect(inside.out).toMatch(/Start +ns=2;s=Start +address: "ns=2;s=Start", method: \{"object":"ns=2;i=9000"/)
      const order = ['start', '[1500, "recipe 7", true]', '--yes', '--secrets', folder.path]
      expect(await cli(['source', 'write', path, ...order])).toMatchObject({ code: 0, err: '' })
      const untrusted = await writeFile(path, text.replace('opc.tcp://localhost:4840', peer.endpoint)).then(() =>
        cli(['source', 'browse', path, '--secrets', folder.path]),
      )
      expect(untrusted).toMatchObject({ code: 1, err: expect.stringContaining('not trusted') })
    },
  )
})

test('equipment without a tree is reported as such', async () => {
  const browsed = await cli(['source', 'browse', PUMP])
  expect(browsed).toMatchObject({ code: 1, err: expect.stringContaining('code: browse_unknown') })
})

describe.skipIf(!hasS7)('against snap7', () => {
  test('reads a press', async () => {
    await using folder = await openTestFolder()
    await using peer = await startS7()
    const path = join(folder.path, 'press.yaml')
    const text = await readFile(join(EXAMPLES, 'press-s7.yaml'), 'utf8')
    await writeFile(path, text.replace('port: 102', `port: ${peer.port}`))
    const read = await cli(['source', 'read', path, ...PATIENT])
    expect(read).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/pressure +21.5 +bar +good/) })
    expect(read.out).toMatch(/order +HELLO +- +good/)
  })
})
