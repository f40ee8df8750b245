import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { factsAllowed, factTrouble } from './fact-options.ts'
import { type FactGround, readFact } from './read-fact.ts'

let folder: string
let ground: FactGround

const script = async (name: string, text: string) => {
  const path = join(folder, name)
  await writeFile(path, `#!/bin/sh\n${text}\n`)
  await chmod(path, 0o755)
  return `command:${name}=${path}`
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-facts-'))
  await writeFile(join(folder, 'state'), 'run\n')
  const given = [
    `file:${folder}`,
    `file:${join(folder, 'state')}`,
    `file:${join(folder, 'gone')}`,
    'env:HALL',
    'env:NONE',
  ]
  given.push(await script('serial', 'echo SN-1'), await script('broken', 'echo no sensor >&2; exit 3'))
  given.push(await script('secrets', 'env | grep -c TOKEN'), await script('flood', 'yes'))
  ground = {
    switches: factsAllowed({ 'allow-fact': given }),
    environment: { HALL: '4', TOKEN: 'of the agent', PATH: process.env.PATH },
    runner: { askSources: async () => ({ ok: false, code: 'source_unknown', message: 'there is no source plc' }) },
  }
})

afterAll(() => rm(folder, { recursive: true, force: true }))

const read = (from: Parameters<typeof readFact>[0]) => readFact(from, ground, new AbortController().signal)

test('reads what the command line allows', async () => {
  expect(await read({ file: join(folder, 'state') })).toEqual({ value: 'run' })
  expect(await read({ environment: 'HALL' })).toEqual({ value: '4' })
  expect(await read({ command: 'serial' })).toEqual({ value: 'SN-1' })
})

test('refuses everything else, and says how to allow it', async () => {
  const advice = (what: string) => ({
    problem: `the device does not allow it; start its agent with --allow-fact ${what}`,
  })
  expect(await read({ file: '/etc/passwd' })).toEqual(advice('file:/etc/passwd'))
  expect(await read({ file: `${join(folder, 'state')}/../state` })).toMatchObject(
    advice(`file:${folder}/state/../state`),
  )
  expect(await read({ environment: 'TOKEN' })).toEqual(advice('env:TOKEN'))
  expect(await read({ command: 'other' })).toEqual(advice('command:other=/PROGRAM'))
})

test('names the reason for a missing value', async () => {
  expect(await read({ file: join(folder, 'gone') })).toEqual({
    problem: `${join(folder, 'gone')} cannot be read (ENOENT)`,
  })
  expect(await read({ file: folder })).toEqual({ problem: `${folder} is not a file` })
  expect(await read({ file: join(folder, 'state'), key: 'K' })).toEqual({
    problem: `${join(folder, 'state')} has no line K=VALUE`,
  })
  expect(await read({ environment: 'NONE' })).toEqual({ problem: 'the variable NONE is not set' })
  expect(await read({ command: 'broken' })).toEqual({ problem: 'broken failed: exit code 3, no sensor' })
  expect(await read({ command: 'flood' })).toEqual({ problem: 'flood failed: it printed too much' })
  expect(await read({ source: 'plc', tag: 'state' })).toEqual({ problem: 'there is no source plc' })
})

test('a command gets no variables of the agent but PATH', async () => {
  expect(await read({ command: 'secrets' })).toEqual({ problem: expect.stringMatching(/^secrets failed: exit code 1/) })
})

test.each(['state', 'file:etc', 'env:A-B', 'command:x', 'command:X=/y', 'command:x=y'])(
  '--allow-fact %s is rejected',
  (given) => {
    expect(factTrouble({ 'allow-fact': [given] })).toContain(`not ${JSON.stringify(given)}`)
  },
)
