import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { createLog } from '../process/log.ts'
import { removeTelemetryLeftovers } from './telemetry-leftovers.ts'

const NAMES = ['deviceid', 'onnxruntime.db', 'onnxruntime.db-shm', 'onnxruntime.db-wal']

let home: string
let tools: string
let folder: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'skerry-leftovers-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  tools = join(home, '.cache/Microsoft/DeveloperTools')
  folder = join(tools, '.onnxruntime')
  mkdirSync(folder, { recursive: true })
  for (const name of NAMES) writeFileSync(join(folder, name), 'x')
})

/** The events that the removal logs. */
async function remove(environment: NodeJS.ProcessEnv = { HOME: home }): Promise<string[]> {
  const events: string[] = []
  const onLine = (line: string) => events.push(String(JSON.parse(line).event))
  await removeTelemetryLeftovers(environment, createLog({ name: 'test', level: 'info', onLine }))
  return events
}

test('removes the folder of the runtime, and no other', async () => {
  writeFileSync(join(tools, 'of-another-program'), 'x')
  expect(await remove()).toEqual(['telemetry_leftovers_removed'])
  expect(readdirSync(tools)).toEqual(['of-another-program'])
  expect(await remove(), 'there is nothing left to remove').toEqual([])
})

test('finds it below the cache that the environment names', async () => {
  expect(await remove({ HOME: '/nowhere', XDG_CACHE_HOME: join(home, '.cache') })).toEqual([
    'telemetry_leftovers_removed',
  ])
  expect(existsSync(folder)).toBe(false)
})

test('needs an absolute path: without one it looks nowhere', async () => {
  expect(await remove({})).toEqual([])
  expect(await remove({ HOME: '.' })).toEqual([])
  expect(readdirSync(folder)).toEqual(NAMES)
})

test.each([
  ['.cache'],
  ['.cache/Microsoft'],
  ['.cache/Microsoft/DeveloperTools'],
  ['.cache/Microsoft/DeveloperTools/.onnxruntime'],
])('does not follow a symbolic link at %s', async (link) => {
  const elsewhere = `${home}-elsewhere`
  onTestFinished(() => rmSync(elsewhere, { recursive: true, force: true }))
  renameSync(join(home, link), elsewhere)
  symlinkSync(elsewhere, join(home, link))
  expect(await remove()).toEqual(['telemetry_leftovers_kept'])
  expect(readdirSync(folder)).toEqual(NAMES)
})

test.each<[what: string, change: () => void]>([
  ['holds a file of another program', () => writeFileSync(join(folder, 'model.onnx'), 'x')],
  ['holds a folder', () => mkdirSync(join(folder, 'onnxruntime.db-journal'))],
  ['holds a symbolic link', () => symlinkSync('/etc/hostname', join(folder, 'onnxruntime.db-journal'))],
  ['can be changed by everybody', () => chmodSync(tools, 0o777)],
])('leaves a folder alone that %s', async (_, change) => {
  change()
  const before = readdirSync(folder)
  expect(await remove()).toEqual(['telemetry_leftovers_kept'])
  expect(readdirSync(folder)).toEqual(before)
})
