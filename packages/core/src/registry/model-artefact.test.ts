import { StoredManifest } from '@skerry/contract/registry/registry'
import { Digest } from '@skerry/contract/values/digest'
import { expect, test } from 'vitest'
import { modelConfigText, modelManifestText, modelOfRepository } from './model-artefact.ts'

const digest = (letter: string) => Digest.parse(`sha256:${letter.repeat(64)}`)

const version = {
  name: 'press',
  version: 3,
  format: 'onnx',
  createdAt: '2026-11-30T10:00:00.000Z',
  files: [
    { path: 'model.onnx', digest: digest('a'), sizeBytes: 10 },
    { path: 'weights/w.bin', digest: digest('b'), sizeBytes: 20 },
    { path: 'README.md', digest: digest('c'), sizeBytes: 30 },
  ],
}

test('the configuration has all required parts, and names each file in order', () => {
  expect(JSON.parse(modelConfigText(version))).toEqual({
    descriptor: { createdAt: '2026-11-30T10:00:00.000Z', name: 'press', version: '3' },
    config: { format: 'onnx' },
    modelfs: { type: 'layers', diffIds: ['a', 'b', 'c'].map(digest) },
  })
})

test('the manifest is one of a registry, and each layer has its path', () => {
  const text = modelManifestText(version, { digest: digest('d'), size: 5 })
  const manifest = StoredManifest.parse(JSON.parse(text))
  expect(manifest.artifactType).toBe('application/vnd.cncf.model.manifest.v1+json')
  expect(manifest.layers).toMatchObject([
    {
      mediaType: 'application/vnd.cncf.model.weight.v1.raw',
      size: 10,
      annotations: { 'org.cncf.model.filepath': 'model.onnx' },
    },
    {
      mediaType: 'application/vnd.cncf.model.weight.v1.raw',
      annotations: { 'org.opencontainers.image.title': 'weights/w.bin' },
    },
    { mediaType: 'application/vnd.cncf.model.doc.v1.raw' },
  ])
  expect(modelManifestText(version, { digest: digest('d'), size: 5 })).toBe(text)
})

test('only a repository of this prefix is a model', () => {
  const of = (repository: string) => modelOfRepository(repository)
  expect(of('skerry/press')).toBe('press')
  expect([of('press'), of('models/press'), of('skerry/a/b'), of('skerry')]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})
