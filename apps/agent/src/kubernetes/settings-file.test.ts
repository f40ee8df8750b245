import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ClusterOptions } from './cluster-options.ts'
import { readClusterSettings } from './settings-file.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-settings-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const options: ClusterOptions = {
  kubeconfig: undefined,
  namespace: undefined,
  image: 'own:1',
  replicas: { min: 2, max: 6 },
  settingsFile: undefined,
  files: { host: '0.0.0.0', port: 8_502 },
  filesUrl: undefined,
}

async function read(content: string) {
  const path = join(folder, 'settings.json')
  await writeFile(path, content)
  return readClusterSettings({ ...options, settingsFile: path })
}

test('without a file, the arguments count for each model', async () => {
  const settingsOf = await readClusterSettings(options)
  expect(settingsOf('m')).toMatchObject({ image: 'own:1', minReplicas: 2, maxReplicas: 6, deadlineSeconds: 600 })
})

test('a model has the settings of all models, and its own before them', async () => {
  const settingsOf = await read(
    JSON.stringify({ all: { memoryMiB: 512 }, models: { big: { memoryMiB: 9_000, minReplicas: 8 } } }),
  )
  expect(settingsOf('m')).toMatchObject({ memoryMiB: 512, maxReplicas: 6 })
  expect(settingsOf('big')).toMatchObject({ memoryMiB: 9_000, minReplicas: 8, maxReplicas: 8 })
})

test('another server has the usual folder, port and path', async () => {
  const settingsOf = await read(JSON.stringify({ models: { m: { server: { image: 'triton:1' } } } }))
  expect(settingsOf('m').server).toMatchObject({
    port: 8_000,
    modelFolder: '/models',
    readyPath: '/v2/models/{model}/ready',
  })
})

test.each([
  ['{"all":{"memoryMib":1}}', 'all: Unrecognized key: "memoryMib"'],
  ['{"models":{"m":{"minReplicas":0}}}', 'models.m.minReplicas: '],
  ['not JSON', 'the file: '],
])('%s is rejected with the place', async (content, words) => {
  await expect(read(content)).rejects.toThrow(words)
})
