import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { forgetPredecessor, isAlive, notePredecessor, readPredecessor, yieldPlace } from './predecessor.ts'

const PLACES = { rest: { host: '127.0.0.1', port: 8080 }, grpc: { host: '::1', port: 9090 } }

let data: string
const note = () => join(data, 'runner-left.json')

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'skerry-predecessor-'))
  onTestFinished(() => rm(data, { recursive: true }))
})

function startSleep() {
  const child = spawn('sleep', ['600'])
  onTestFinished(() => void child.kill('SIGKILL'))
  return { child, pid: Number(child.pid) }
}

test('a note names a living runner with its addresses, until it ends', async () => {
  const { child, pid } = startSleep()
  expect(await notePredecessor(nodeFileSystem, data, { pid, ...PLACES })).toBe(true)
  const read = readPredecessor(data)
  expect(read).toMatchObject({ pid, ...PLACES })
  const ended = once(child, 'exit')
  if (read) yieldPlace(read)
  expect(await ended).toEqual([null, 'SIGUSR2'])
  expect(readPredecessor(data)).toBeUndefined()
})

test('another process with the same number is not taken for the runner, and gets no signal', async () => {
  const { child, pid } = startSleep()
  await notePredecessor(nodeFileSystem, data, { pid, ...PLACES })
  const other = JSON.parse(await readFile(note(), 'utf8'))
  await writeFile(note(), JSON.stringify({ ...other, startTicks: '1' }))
  expect(readPredecessor(data)).toBeUndefined()
  yieldPlace({ pid, startTicks: '1' })
  expect(isAlive({ pid, startTicks: other.startTicks })).toBe(true)
  expect(child.signalCode).toBeNull()
})

test.each(['', '{', '{"pid":1}', '[]'])('an unreadable note counts as absent: %s', async (text) => {
  await writeFile(note(), text)
  expect(readPredecessor(data)).toBeUndefined()
})

test('a runner that has ended is not noted, and a note can be removed', async () => {
  const { child, pid } = startSleep()
  await notePredecessor(nodeFileSystem, data, { pid, ...PLACES })
  await forgetPredecessor(data)
  expect(readPredecessor(data)).toBeUndefined()
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  expect(await notePredecessor(nodeFileSystem, data, { pid, ...PLACES })).toBe(false)
})
