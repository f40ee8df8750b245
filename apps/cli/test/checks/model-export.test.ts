/**
 * Model export: a version in the layouts of other systems, written by the command line from a real hub, read by tools of
 * others, and imported again.
 *
 * @module-tag deep a hub and several commands; unit tests of the texts compare the layouts
 */
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '@skerry/testkit/free-port'
import { isInstalled } from '@skerry/testkit/judges/judge'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MODEL, pushBuild } from '../stage/anomaly.ts'
import { openTestFolder, type TestFolder } from '../stage/cli.ts'
import { type Fleet, openSharedFleet } from '../stage/fleet.ts'

let fleet: Fleet
let folder: TestFolder
let registry: string
let original: Buffer

beforeAll(async () => {
  const port = await freePort()
  registry = `localhost:${port}`
  fleet = await openSharedFleet(['--registry-listen', `127.0.0.1:${port}`])
  folder = await openTestFolder()
  original = await readFile(join(import.meta.dirname, '../../../../examples/sensor-anomaly/model-v1.onnx'))
  await pushBuild(fleet, 'v1')
})
afterAll(async () => {
  await folder?.[Symbol.asyncDispose]()
  await fleet?.[Symbol.asyncDispose]()
})

const exported = (...words: string[]) => fleet.cli(['model', 'export', `${MODEL}:1`, ...words])

const labels = async () => (await fleet.cli(['model', 'show', MODEL, '--json'])).out

test('a version in the layout of Triton has the same bytes, and can be imported again under its name', async () => {
  expect(await exported('--to', 'triton', '-o', folder.path)).toMatchObject({
    code: 0,
    out: expect.stringContaining(`exported ${MODEL}:1`),
  })
  const written = await readFile(join(folder.path, MODEL, '1/model.onnx'))
  expect(written.equals(original)).toBe(true)
  const imported = await fleet.cli(['model', 'import', join(folder.path, MODEL), '--json'])
  expect(imported.code, imported.err).toBe(0)
  expect(await labels()).toContain('"imported-from": "triton"')
})

test('the layout of Hugging Face has the same bytes and a card, and can be imported again', async () => {
  const place = join(folder.path, 'hub')
  expect(await exported('--to', 'hugging-face', '-o', place)).toMatchObject({ code: 0 })
  expect((await readFile(join(place, MODEL, 'onnx/model.onnx'))).equals(original)).toBe(true)
  expect(await readFile(join(place, MODEL, 'README.md'), 'utf8')).toContain(`# ${MODEL}, version 1`)
  const imported = await fleet.cli(['model', 'import', join(place, MODEL), '--json'])
  expect(imported.code, imported.err).toBe(0)
})

test.skipIf(!isInstalled('oras', 'version'))(
  'an artefact in a registry is pulled by oras with the same bytes, and can be imported again by its digest',
  async () => {
    const login = join(folder.path, 'login.txt')
    await writeFile(login, 'skerry:sk_abcdefgh_wrong\n')
    const options = ['--token-file', login, '--ca', fleet.hub.authorityPath]
    const place = `oci://${registry}/plant/anomaly:1`
    const wrong = await exported('--to', 'oci', '-o', place, ...options)
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('code: import_failed') })
    await writeFile(login, `skerry:${fleet.hub.connection.key}\n`)
    const done = await exported('--to', 'oci', '-o', place, ...options, '--json')
    expect(done.code, done.err).toBe(0)
    const [address = ''] = (JSON.parse(done.out) as { files: string[] }).files
    expect(address).toMatch(new RegExp(`^oci://${registry}/plant/anomaly@sha256:[0-9a-f]{64}$`))
    const again = await exported('--to', 'oci', '-o', place, ...options, '--json')
    expect(JSON.parse(again.out).files, 'the same version has the same digest').toEqual([address])

    const trust = ['--ca-file', fleet.hub.authorityPath, '--username', 'skerry', '--password', fleet.hub.connection.key]
    const name = address.replace('oci://localhost', '127.0.0.1')
    const pulled = join(folder.path, 'pulled')
    await promisify(execFile)('oras', ['pull', ...trust, name, '-o', pulled])
    expect((await readFile(join(pulled, 'model.onnx'))).equals(original)).toBe(true)
    const imported = await fleet.cli(['model', 'import', address, '--name', 'returned', ...options, '--json'])
    expect(imported.code, imported.err).toBe(0)
  },
)
