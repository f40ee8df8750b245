import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FlowSample } from '@skerry/contract/flows/flow-recording'
import type { Image } from '@skerry/core/equipment/image'
import { expect, onTestFinished, test } from 'vitest'
import { openRecording, readRecording, readWithPictures } from './recording-file.ts'

const sample = (receivedTimeMs: number): FlowSample => ({
  source: 'gate',
  tag: 'frame',
  quality: 'good',
  value: 'image 2×1',
  receivedTimeMs,
})
const image: Image = { width: 2, height: 1, channels: 3, data: Uint8Array.of(1, 2, 3, 4, 5, 6) }
const images = new Map([['frame', image]])

async function pathOf(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-recording-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return join(folder, 'gate.jsonl')
}

const all = async <One>(many: AsyncIterable<One>) => {
  const list: One[] = []
  for await (const one of many) list.push(one)
  return list
}

test('pictures are kept beside a recording for nobody else, and given back with their samples', async () => {
  const path = await pathOf()
  {
    await using writer = await openRecording(path, { pictures: true })
    writer.write([sample(1)], images)
    writer.write([sample(1)])
  }
  expect(await all(readWithPictures(path))).toEqual([
    { ...sample(1), image },
    { ...sample(1), apart: true },
  ])
  expect((await stat(`${path}.pictures`)).mode & 0o077).toBe(0)
  await expect(all(readRecording(path))).rejects.toThrow('pictures do not leave the machine')
})

test('without being asked for no picture is kept', async () => {
  const path = await pathOf()
  {
    await using writer = await openRecording(path, { pictures: false })
    writer.write([sample(1)], images)
  }
  expect(await all(readRecording(path))).toEqual([sample(1)])
  await expect(stat(`${path}.pictures`)).rejects.toThrow('ENOENT')
})

test('a picture that cannot be written ends the recording, which says so at its end', async () => {
  const path = await pathOf()
  const writer = await openRecording(path, { pictures: true })
  writer.write([sample(1)], images)
  await rm(`${path}.pictures`, { recursive: true })
  for (const timeMs of [2, 3]) writer.write([sample(timeMs)], images)
  await expect(writer[Symbol.asyncDispose]()).rejects.toThrow(`cannot write ${path}`)
  await expect(all(readWithPictures(path))).rejects.toThrow('there is no such file')
})
