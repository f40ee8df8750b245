import { Digest } from '@skerry/contract/values/digest'
import { UploadId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import { readRegistryPath } from './registry-path.ts'

const DIGEST = Digest.parse(`sha256:${'a'.repeat(64)}`)
const UPLOAD = UploadId.parse('upl_abcdefgh234567')
const NAME = 'plant/line-1/web'

test.each([
  ['GET', '/', { kind: 'base' }],
  ['GET', `/${NAME}/blobs/${DIGEST}`, { kind: 'read-blob', repository: NAME, digest: DIGEST }],
  ['HEAD', `/web/blobs/${DIGEST}`, { kind: 'read-blob', repository: 'web', digest: DIGEST }],
  ['DELETE', `/web/blobs/${DIGEST}`, { kind: 'delete-blob', repository: 'web', digest: DIGEST }],
  ['POST', `/${NAME}/blobs/uploads/`, { kind: 'begin-upload', repository: NAME }],
  ['PATCH', `/web/blobs/uploads/${UPLOAD}`, { kind: 'append-upload', repository: 'web', upload: UPLOAD }],
  ['PUT', `/web/blobs/uploads/${UPLOAD}`, { kind: 'finish-upload', repository: 'web', upload: UPLOAD }],
  ['GET', `/web/blobs/uploads/${UPLOAD}`, { kind: 'upload-state', repository: 'web', upload: UPLOAD }],
  ['DELETE', `/web/blobs/uploads/${UPLOAD}`, { kind: 'cancel-upload', repository: 'web', upload: UPLOAD }],
  [
    'PUT',
    '/web/manifests/v1.2_x',
    { kind: 'put-manifest', repository: 'web', reference: { kind: 'tag', tag: 'v1.2_x' } },
  ],
  [
    'GET',
    `/web/manifests/${DIGEST}`,
    { kind: 'read-manifest', repository: 'web', reference: { kind: 'digest', digest: DIGEST } },
  ],
  ['GET', `/${NAME}/tags/list`, { kind: 'tags', repository: NAME }],
  ['GET', `/${NAME}/referrers/${DIGEST}`, { kind: 'referrers', repository: NAME, digest: DIGEST }],
  // A repository may have the words of the specification in its name.
  [
    'GET',
    `/blobs/uploads/manifests/v1`,
    { kind: 'read-manifest', repository: 'blobs/uploads', reference: { kind: 'tag', tag: 'v1' } },
  ],
])('%s %s is an operation', (method, path, operation) => {
  expect(readRegistryPath(method, path)).toEqual({ ok: true, operation })
})

test.each([
  ['GET', '/Web/tags/list', 'NAME_INVALID'],
  ['GET', '/a//b/tags/list', 'NAME_INVALID'],
  ['GET', '/../etc/tags/list', 'NAME_INVALID'],
  ['GET', `/${'a'.repeat(129)}/tags/list`, 'NAME_INVALID'],
  ['GET', '/web/blobs/sha256:abc', 'DIGEST_INVALID'],
  ['GET', '/web/manifests/sha512:abc', 'DIGEST_INVALID'],
  ['GET', '/web/referrers/v1', 'DIGEST_INVALID'],
  ['GET', '/web/manifests/-v1', 'MANIFEST_INVALID'],
  ['PATCH', '/web/blobs/uploads/xyz', 'BLOB_UPLOAD_UNKNOWN'],
  ['POST', `/web/blobs/${DIGEST}`, 'UNSUPPORTED'],
  ['DELETE', '/web/tags/list', 'UNSUPPORTED'],
  ['PUT', '/', 'UNSUPPORTED'],
])('%s %s is rejected with %s', (method, path, code) => {
  expect(readRegistryPath(method, path)).toMatchObject({ ok: false, problem: { code } })
})

test.each(['/web', '/_catalog', '/web/tags', '/web/other/list'])('%s is no path of the specification', (path) => {
  expect(readRegistryPath('GET', path)).toEqual({ ok: false, problem: undefined })
})
