import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { digestOf } from '@skerry/platform/files/hash'
import { signModel } from '@skerry/platform/signatures/model-signature'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cli, openTestFolder, type TestFolder } from '../../../test/stage/cli.ts'

const { privateKeyPem, publicKeyPem } = generateKeyPair()

let folder: TestFolder
let keyFile: TestFolder
let key: string

/** A folder as `model pull` writes it. */
beforeEach(async () => {
  folder = await openTestFolder()
  keyFile = await openTestFolder()
  key = join(keyFile.path, 'hub.pub')
  const resources = []
  for (const [path, text] of [
    ['model.onnx', 'weights'],
    ['golden.json', '{}'],
  ] as const) {
    await writeFile(join(folder.path, path), text)
    resources.push({ path, digest: digestOf(text) })
  }
  const bundle = signModel({ name: 'anomaly/2', resources, privateKeyPem })
  await writeFile(join(folder.path, 'model.sig'), JSON.stringify(bundle))
  await writeFile(key, publicKeyPem)
})
afterEach(async () => {
  await folder[Symbol.asyncDispose]()
  await keyFile[Symbol.asyncDispose]()
})

const verify = (...words: string[]) => cli(['model', 'verify', folder.path, '--key', key, ...words])

test('exactly the signed files are accepted, without a hub', async () => {
  const { code, out } = await verify('--is', 'anomaly:2')
  expect(code).toBe(0)
  expect(out).toMatch(/^anomaly\/2: 2 files, exactly as signed by the key [0-9a-f]{64}\n$/)
})

test.each([
  ['changed', 'model.onnx', 'signature_mismatch'],
  ['added', 'extra.bin', 'signature_mismatch'],
])('a file that was %s is rejected and named', async (_what, path, expected) => {
  await writeFile(join(folder.path, path), 'other')
  const { code, err } = await verify()
  expect(code).toBe(1)
  expect(err).toContain(`code: ${expected}`)
  expect(err).toContain(path)
})

test('another version of the name is rejected', async () => {
  const { code, err } = await verify('--is', 'anomaly:3')
  expect(code).toBe(1)
  expect(err).toContain('the signature is for anomaly/2, not for anomaly/3')
})

test('a key that is not trusted is rejected', async () => {
  await writeFile(key, generateKeyPair().publicKeyPem)
  const { code, err } = await verify()
  expect(code).toBe(1)
  expect(err).toContain('code: signature_untrusted')
})

test('the signed origin of the expected outputs is shown', async () => {
  const resources = [
    { path: 'model.onnx', digest: digestOf('weights') },
    { path: 'golden.json', digest: digestOf('{}') },
  ]
  const bundle = signModel({ name: 'anomaly/2', resources, goldenSource: 'mixed', privateKeyPem })
  await writeFile(join(folder.path, 'model.sig'), JSON.stringify(bundle))
  expect((await verify()).out).toContain("expected outputs: some given with the push, the others the hub's own answers")
  expect(JSON.parse((await verify('--json')).out)).toMatchObject({ goldenSource: 'mixed' })
})

test('a link in the folder is rejected, because it could point anywhere', async () => {
  await symlink('/etc/hostname', join(folder.path, 'link'))
  const { code, err } = await verify()
  expect(code).toBe(1)
  expect(err).toContain('is not a plain file')
})

test('a missing or unreadable signature is named', async () => {
  await writeFile(join(folder.path, 'model.sig'), '{}')
  expect((await verify()).err).toContain('model.sig is not a model signature by a key')
  expect((await cli(['model', 'verify', join(folder.path, 'nowhere'), '--key', key])).err).toContain(
    'there is no such file',
  )
})
