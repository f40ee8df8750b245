import { DOCKER_MANIFEST, OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST } from '@skerry/contract/apps/oci'
import { expect, test } from 'vitest'
import { readManifest } from './read-manifest.ts'

const digestOf = (letter: string) => `sha256:${letter.repeat(64)}`
const part = (letter: string, mediaType: string) => ({ mediaType, digest: digestOf(letter), size: 3 })

const IMAGE = {
  schemaVersion: 2,
  mediaType: OCI_MANIFEST,
  config: part('a', OCI_CONFIG),
  layers: [part('b', OCI_LAYER), part('b', OCI_LAYER)],
}
const read = (document: unknown, type?: string) => readManifest(JSON.stringify(document), type)

test('an image names its configuration and each layer once', () => {
  expect(read(IMAGE, OCI_MANIFEST)).toEqual({
    ok: true,
    facts: {
      mediaType: OCI_MANIFEST,
      artifactType: OCI_CONFIG,
      subject: undefined,
      annotations: undefined,
      blobs: [
        { digest: digestOf('a'), sizeBytes: 3 },
        { digest: digestOf('b'), sizeBytes: 3 },
      ],
      manifests: [],
    },
  })
})

test('an artefact has its own type, its subject and its annotations', () => {
  const artefact = { ...IMAGE, artifactType: 'x/y', subject: part('c', OCI_MANIFEST), annotations: { by: 'me' } }
  expect(read(artefact)).toMatchObject({
    facts: { artifactType: 'x/y', subject: digestOf('c'), annotations: { by: 'me' } },
  })
})

test('an index names manifests', () => {
  const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [part('d', OCI_MANIFEST)] }
  expect(read(index)).toMatchObject({ ok: true, facts: { manifests: [digestOf('d')], blobs: [] } })
})

test('a manifest without a media type has that of its header', () => {
  const { mediaType: _, ...untyped } = IMAGE
  expect(read(untyped, DOCKER_MANIFEST)).toMatchObject({ facts: { mediaType: DOCKER_MANIFEST } })
})

test.each([
  ['no JSON', '{', 'invalid'],
  ['another version', JSON.stringify({ ...IMAGE, schemaVersion: 1 }), 'schemaVersion'],
  [
    'a digest of another form',
    JSON.stringify({ ...IMAGE, config: { ...IMAGE.config, digest: 'md5:1' } }),
    'config.digest',
  ],
  ['another type', JSON.stringify({ ...IMAGE, mediaType: 'text/html' }), 'text/html'],
  ['no layers', JSON.stringify({ ...IMAGE, layers: undefined }), 'lacks their fields'],
  ['an index with layers', JSON.stringify({ ...IMAGE, mediaType: OCI_INDEX, manifests: [] }), 'lacks their fields'],
])('%s is rejected with the reason', (_, text, reason) => {
  const verdict = readManifest(text, reason === 'text/html' ? OCI_MANIFEST : undefined)
  expect(verdict.ok ? '' : verdict.message).toContain(reason)
})
