import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { nodeFileSystem } from '../files/file-system.ts'
import { generateKeyPair, keyPairOf, readKeyPair, writePrivateKey } from './private-key.ts'

test('a key comes back from the disk, and only its owner can read it there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-key-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'key.pem')
  expect(await readKeyPair(nodeFileSystem, path)).toBeUndefined()
  const pair = generateKeyPair()
  writeFileSync(path, 'readable before', { mode: 0o644 })
  await writePrivateKey(nodeFileSystem, path, pair.privateKeyPem)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(await readKeyPair(nodeFileSystem, path)).toEqual(pair)
  expect(readdirSync(folder)).toEqual(['key.pem'])
  writeFileSync(path, 'junk')
  await expect(readKeyPair(nodeFileSystem, path)).rejects.toThrow(`reading the private key ${path}`)
  expect(() => keyPairOf(pair.publicKeyPem)).toThrow()
})
