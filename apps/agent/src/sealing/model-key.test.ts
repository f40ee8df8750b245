import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { generateSealKey } from '@skerry/platform/sealing/sealed-format'
import { generateSecretKey } from '@skerry/platform/sealing/secret-box'
import { failingFileSystem } from '@skerry/testkit/faults/failing-file-system'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  destroyModelKey,
  MODEL_KEY_FILE,
  type ModelKeys,
  readModelKeys,
  readSealKeyFile,
  rotateModelKey,
  type Sealer,
  writeModelKeys,
} from './model-key.ts'

const device: Sealer = { privateKey: generateKeyPair().privateKeyPem, outer: undefined }
const outer: Sealer = { ...device, outer: [generateSecretKey()] }
const keys: ModelKeys = [generateSealKey(), generateSealKey()]
let data: string
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'skerry-model-key-'))
})
afterEach(() => rmSync(data, { recursive: true }))

const read = (sealer: Sealer) => readModelKeys(nodeFileSystem, data, sealer)
const write = (sealer: Sealer) => writeModelKeys(nodeFileSystem, data, sealer, keys)
const text = () => readFileSync(join(data, MODEL_KEY_FILE), 'utf8')
const idsOf = (opened: Awaited<ReturnType<typeof read>>) => (opened?.ok ? opened.keys.map(({ id }) => id) : opened)
const ids = keys.map(({ id }) => id)

test.each([
  ['the device', device],
  ['a key kept elsewhere', outer],
])('keys sealed to %s open with that, and lie nowhere in clear', async (_, sealer) => {
  expect(await read(sealer)).toBeUndefined()
  await write(sealer)
  const opened = await read(sealer)
  expect(opened?.ok && opened.keys.map(({ key }) => Buffer.from(key))).toEqual(keys.map(({ key }) => Buffer.from(key)))
  for (const { key } of keys) {
    for (const form of ['base64', 'hex', 'latin1'] as const)
      expect(text()).not.toContain(Buffer.from(key).toString(form))
  }
})

test('another device, another key kept elsewhere, and none, are refused and told what to do', async () => {
  await write(device)
  const refusal = { ok: false, message: expect.stringMatching(/restore the right key, or delete model-key.json/) }
  expect(await read({ ...device, privateKey: generateKeyPair().privateKeyPem })).toMatchObject(refusal)
  await write(outer)
  expect(await read({ ...outer, outer: [generateSecretKey()] })).toMatchObject(refusal)
  expect(await read(device)).toMatchObject(refusal)
})

test('keys are sealed anew when the device gets a key kept elsewhere, loses it in time, or that is changed', async () => {
  await write(device)
  expect(idsOf(await read(outer))).toEqual(ids)
  expect(await read(device)).toMatchObject({ ok: false })
  const next = [generateSecretKey(), ...(outer.outer ?? [])]
  expect(idsOf(await read({ ...device, outer: next }))).toEqual(ids)
  expect(idsOf(await read({ ...device, outer: next.slice(0, 1) }))).toEqual(ids)
  expect(await read(outer)).toMatchObject({ ok: false })
})

test('a new key comes in front', async () => {
  expect(await rotateModelKey(nodeFileSystem, data, device)).toMatchObject({ ok: false })
  await write(device)
  const rotated = await rotateModelKey(nodeFileSystem, data, device)
  expect(idsOf(rotated)).toEqual([expect.any(String), ...ids])
  expect(idsOf(await read(device))).toEqual(idsOf(rotated))
})

test('a file that was changed anywhere opens nothing', async () => {
  for (const sealer of [device, outer]) {
    await write(sealer)
    const whole = text()
    for (let at = 0; at < whole.length; at += 7) {
      const bytes = Buffer.from(whole)
      bytes[at] = (bytes[at] ?? 0) ^ 1
      writeFileSync(join(data, MODEL_KEY_FILE), bytes)
      const opened = await read(sealer)
      // Padding bits of base64 say nothing.
      if (opened?.ok) expect(idsOf(opened)).toEqual(ids)
      else expect(opened).toMatchObject({ ok: false, message: expect.stringContaining(MODEL_KEY_FILE) })
    }
  }
})

test('a disk that fails while keys are sealed anew leaves the old file or the new one', async () => {
  for (let failAt = 1; ; failAt++) {
    await write(device)
    const failing = failingFileSystem(nodeFileSystem, { failAt, code: 'ENOSPC' })
    await readModelKeys(failing.fileSystem, data, outer).catch(() => undefined)
    expect(idsOf(await read(outer))).toEqual(ids)
    if (!failing.hasFailed()) break
  }
})

test('destroyed, it is overwritten and gone; once more is fine', async () => {
  await write(device)
  const changes = failingFileSystem(nodeFileSystem, { failAt: Number.POSITIVE_INFINITY, code: '' })
  await destroyModelKey(changes.fileSystem, data)
  expect(changes.changes).toEqual(['write', 'sync', 'removeFile', 'syncFolder'])
  await destroyModelKey(nodeFileSystem, data)
  expect(await read(device)).toBeUndefined()
})

test('a file for --seal-key has 32 bytes a line', async () => {
  const path = join(data, 'seal-key')
  expect(await readSealKeyFile(nodeFileSystem, path)).toMatchObject({
    ok: false,
    message: expect.stringContaining(path),
  })
  for (const wrong of ['', 'password', Buffer.alloc(31).toString('base64')]) {
    writeFileSync(path, wrong)
    expect(await readSealKeyFile(nodeFileSystem, path)).toMatchObject({
      ok: false,
      message: expect.stringContaining('openssl'),
    })
  }
  const lines = [generateSecretKey(), generateSecretKey()].map((key) => Buffer.from(key))
  writeFileSync(path, lines.map((key) => `${key.toString('base64')}\n`).join(''), { mode: 0o600 })
  expect(await readSealKeyFile(nodeFileSystem, path)).toMatchObject({ ok: true, keys: lines })
})
