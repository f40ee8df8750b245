/** A sink, from a file to the device that runs it, through real processes. */
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Fleet, openSharedFleet, tellLogsOnFailure } from '../stage/fleet.ts'
import { until } from '../stage/service.ts'

let fleet: Fleet

beforeAll(async () => {
  fleet = await openSharedFleet()
  await fleet.join(DEVICE)
})
beforeEach(() => tellLogsOnFailure(fleet))
afterAll(() => fleet?.[Symbol.asyncDispose]())

const DEVICE = 'gateway-1'

async function command(words: readonly string[]): Promise<string> {
  const { code, out, err } = await fleet.cli(words)
  expect(code, err).toBe(0)
  return out
}

test('a sink is set, shown with its state on the device, changed if nobody else has changed it, and removed', async () => {
  const path = join(fleet.folder, 'history.yaml')
  const write = (folder: string) =>
    writeFile(path, `name: history\nprotocol: file\nconnection: { folder: ${folder} }\n`)
  await write('values')
  expect(await command(['sink', 'set', path, '--scope', 'site:lab', '--dry-run'])).toContain(DEVICE)
  expect(await command(['sink', 'ls'])).toContain('no sinks')
  expect(await command(['sink', 'set', path, '--scope', 'site:lab'])).toBe('set history of site:lab, version 1\n')
  await until('the device to run the sink', async () => {
    const shown = await command(['sink', 'ls', '--device', DEVICE])
    return /history +site:lab +file +up/.test(shown) || undefined
  })
  expect(await command(['sink', 'ls'])).toMatch(/history +site:lab +file +\S+ +\S+ +\S+ +1 /)
  expect(await command(['sink', 'show', 'history', '--scope', 'site:lab'])).toContain('folder: values')
  await write('others')
  const changed = ['sink', 'set', path, '--scope', 'site:lab', '--if-version', '1']
  expect(await command(changed)).toBe('changed history of site:lab, version 2\n')
  await writeFile(path, 'name: history\nprotocol: file\nconnection: { folders: values }\n')
  expect(await fleet.cli(changed)).toMatchObject({ code: 1, err: expect.stringContaining('history.yaml:3') })
  expect((await fleet.cli(['sink', 'show', 'history'])).err).toContain('exists at site lab: add --site lab')
  await command(['sink', 'rm', 'history', '--scope', 'site:lab', '--yes'])
  expect((await fleet.cli(['sink', 'show', 'history', '--scope', 'site:lab'])).err).toContain('connection_unknown')
})

test('a sink is tested from this machine and from the device, by file and by name, and only --send writes a value', async () => {
  const path = join(fleet.folder, 'archive.yaml')
  const folder = join(fleet.folder, 'archive')
  await writeFile(path, `name: archive\nprotocol: file\nconnection: { folder: ${folder} }\n`)
  expect(await command(['sink', 'test', path])).toMatch(/from +this machine\nreached +the address; nothing was written/)
  expect(await command(['sink', 'test', path, '--device', DEVICE])).toMatch(/from +gateway-1\nreached +the address;/)
  expect(existsSync(folder)).toBe(false)
  const { code, err } = await fleet.cli(['sink', 'test', 'archive', '--device', DEVICE])
  expect({ code, err }).toMatchObject({
    code: 1,
    err: expect.stringContaining('no sink of this name applies to gateway-1'),
  })
  expect(await command(['sink', 'set', path, '--site', 'lab'])).toBe('set archive of site:lab, version 1\n')
  expect(await command(['sink', 'ls', '--site', 'lab'])).toBe(await command(['sink', 'ls', '--scope', 'site:lab']))
  const shown = await command(['sink', 'show', 'archive', '--device', DEVICE])
  expect(shown).toMatch(/^archive +site:lab +file /m)
  expect(shown).toContain('protocol: file')
  expect((await fleet.cli(['sink', 'show', 'spare', '--device', DEVICE])).err).toContain(
    `there is no sink spare on device ${DEVICE}`,
  )
  const sent = await command(['sink', 'test', 'archive', '--device', DEVICE, '--send', '--json'])
  const { reached, valueId } = JSON.parse(sent)
  expect(reached).toBe('value')
  const line: unknown = JSON.parse(await readFile(join(folder, 'archive-test.open.jsonl'), 'utf8'))
  expect(line).toMatchObject({ id: valueId, signal: 'skerry-test/archive', cause: 'sink_test' })
  const { rows } = await fleet.hub.client.audit.list({ action: 'sink.test', newestFirst: 'true', limit: 10 })
  expect(rows.map(({ detail }) => detail)).toMatchObject([
    { name: DEVICE, sink: 'archive', protocol: 'file', isSent: true },
    { name: DEVICE, sink: 'archive', protocol: 'file', isSent: false },
  ])
  await writeFile(path, 'name: archive\nprotocol: webhook\nconnection: { url: "http://127.0.0.1:9/" }\n')
  const away = await fleet.cli(['sink', 'test', path, '--device', DEVICE])
  expect(away).toMatchObject({ code: 1, out: expect.stringMatching(/problem +sink_unreachable/) })
  await command(['sink', 'rm', 'archive', '--site', 'lab', '--yes'])
})

test('a sink is added from options after its device has tested it, and not if the test fails', async () => {
  const add = (address: string) => [
    ...['sink', 'add', 'relay', '--protocol', 'webhook', '--device', DEVICE, '--test-on', DEVICE],
    ...['--set', `connection.url=${address}`, '--set', 'batch.valuesMax=50'],
  ]
  const refused = await fleet.cli(add('http://127.0.0.1:9/'))
  expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringContaining('the sink is not set') })
  expect(refused.err).toContain('sink_unreachable')
  const { port } = new URL(fleet.hub.url)
  const added = await fleet.cli(add(`http://127.0.0.1:${port}/`))
  expect(added).toMatchObject({ code: 0, out: `set relay of device:${DEVICE}, version 1\n` })
  expect(added.err).toContain(`${DEVICE} reached the address; nothing was written`)
  expect(await command(['sink', 'show', 'relay', '--device', DEVICE])).toContain('valuesMax: 50')
  expect((await fleet.cli(['sink', 'show', 'relay'])).err).toContain(
    `exists on device ${DEVICE}: add --device ${DEVICE}`,
  )
  expect((await fleet.cli(add(`http://127.0.0.1:${port}/`))).err).toContain(
    `there is already a sink relay on device ${DEVICE}`,
  )
  await command(['sink', 'rm', 'relay', '--device', DEVICE, '--yes'])
})
