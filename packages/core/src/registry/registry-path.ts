/**
 * Registry path: the operation that a method and a path of the OCI distribution specification 1.1 name. The name of a
 * repository may contain slashes, so the path is read from its end.
 *
 *     end-1   GET /v2/                          end-4, 11  POST /v2/NAME/blobs/uploads/
 *     end-2   GET, HEAD /v2/NAME/blobs/DIGEST   end-5, 6   PATCH, PUT /v2/NAME/blobs/uploads/ID
 *     end-3   GET, HEAD /v2/NAME/manifests/REF  end-13     GET /v2/NAME/blobs/uploads/ID
 *     end-7   PUT /v2/NAME/manifests/REF        end-8, 12  GET /v2/NAME/tags/list, /referrers/DIGEST
 *     end-9, 10  DELETE /v2/NAME/manifests/REF, /blobs/DIGEST
 */
import { Repository, RepositoryTag } from '@skerry/contract/registry/registry'
import { Digest } from '@skerry/contract/values/digest'
import { UploadId } from '@skerry/contract/values/ids'

/** A manifest by its digest, or by a tag. */
export type ManifestReference = { kind: 'digest'; digest: Digest } | { kind: 'tag'; tag: RepositoryTag }

type InRepository = { repository: Repository }

export type RegistryOperation =
  | { kind: 'base' }
  | (InRepository & { kind: 'read-blob' | 'delete-blob'; digest: Digest })
  | (InRepository & { kind: 'read-manifest' | 'put-manifest' | 'delete-manifest'; reference: ManifestReference })
  | (InRepository & { kind: 'begin-upload' })
  | (InRepository & { kind: 'upload-state' | 'append-upload' | 'finish-upload' | 'cancel-upload'; upload: UploadId })
  | (InRepository & { kind: 'tags' })
  | (InRepository & { kind: 'referrers'; digest: Digest })

export type RegistryPathProblem = {
  code: 'NAME_INVALID' | 'DIGEST_INVALID' | 'MANIFEST_INVALID' | 'BLOB_UPLOAD_UNKNOWN' | 'UNSUPPORTED'
  message: string
}

export type ReadRegistryPath =
  | { ok: true; operation: RegistryOperation }
  | { ok: false; problem: RegistryPathProblem }
  /** The specification has no such path. */
  | { ok: false; problem: undefined }

/** `path` is below `/v2`, without a query, and decoded. */
export function readRegistryPath(method: string, path: string): ReadRegistryPath {
  if (path === '' || path === '/') return method === 'GET' || method === 'HEAD' ? done({ kind: 'base' }) : WRONG_METHOD
  const match = SHAPES.map(({ shape, read }) => ({ found: shape.exec(path), read })).find(({ found }) => found !== null)
  if (!match?.found) return { ok: false, problem: undefined }
  const [, name = '', last = ''] = match.found
  const repository = Repository.safeParse(name)
  if (!repository.success) {
    return refused('NAME_INVALID', 'the name of a repository is words of a-z, 0-9, ".", "_" and "-", and "/" between')
  }
  return match.read(method, repository.data, last)
}

type ReadShape = (method: string, repository: Repository, last: string) => ReadRegistryPath

/** In order: an upload is below `blobs`, too. */
const SHAPES: readonly { shape: RegExp; read: ReadShape }[] = [
  { shape: /^\/(.+)\/blobs\/uploads\/?$/, read: beginOf },
  { shape: /^\/(.+)\/blobs\/uploads\/([^/]+)$/, read: uploadOf },
  { shape: /^\/(.+)\/blobs\/([^/]+)$/, read: blobOf },
  { shape: /^\/(.+)\/manifests\/([^/]+)$/, read: manifestOf },
  { shape: /^\/(.+)\/tags\/list$/, read: tagsOf },
  { shape: /^\/(.+)\/referrers\/([^/]+)$/, read: referrersOf },
]

function beginOf(method: string, repository: Repository): ReadRegistryPath {
  return method === 'POST' ? done({ kind: 'begin-upload', repository }) : WRONG_METHOD
}

function tagsOf(method: string, repository: Repository): ReadRegistryPath {
  return method === 'GET' ? done({ kind: 'tags', repository }) : WRONG_METHOD
}

const UPLOADS = {
  GET: 'upload-state',
  PATCH: 'append-upload',
  PUT: 'finish-upload',
  DELETE: 'cancel-upload',
} as const

function uploadOf(method: string, repository: Repository, last: string): ReadRegistryPath {
  const kind = pick(UPLOADS, method)
  if (!kind) return WRONG_METHOD
  const upload = UploadId.safeParse(last)
  if (!upload.success) return refused('BLOB_UPLOAD_UNKNOWN', 'no such upload; begin it again')
  return done({ kind, repository, upload: upload.data })
}

const BLOBS = { GET: 'read-blob', HEAD: 'read-blob', DELETE: 'delete-blob' } as const

function blobOf(method: string, repository: Repository, last: string): ReadRegistryPath {
  const kind = pick(BLOBS, method)
  if (!kind) return WRONG_METHOD
  const digest = Digest.safeParse(last)
  return digest.success ? done({ kind, repository, digest: digest.data }) : NO_DIGEST
}

function referrersOf(method: string, repository: Repository, last: string): ReadRegistryPath {
  if (method !== 'GET') return WRONG_METHOD
  const digest = Digest.safeParse(last)
  return digest.success ? done({ kind: 'referrers', repository, digest: digest.data }) : NO_DIGEST
}

const MANIFESTS = {
  GET: 'read-manifest',
  HEAD: 'read-manifest',
  PUT: 'put-manifest',
  DELETE: 'delete-manifest',
} as const

function manifestOf(method: string, repository: Repository, last: string): ReadRegistryPath {
  const kind = pick(MANIFESTS, method)
  if (!kind) return WRONG_METHOD
  if (last.includes(':')) {
    const digest = Digest.safeParse(last)
    if (!digest.success) return NO_DIGEST
    return done({ kind, repository, reference: { kind: 'digest', digest: digest.data } })
  }
  const tag = RepositoryTag.safeParse(last)
  if (!tag.success) return refused('MANIFEST_INVALID', 'a tag has 1 to 128 letters, digits, ".", "_" and "-"')
  return done({ kind, repository, reference: { kind: 'tag', tag: tag.data } })
}

function pick<Value>(table: Readonly<Record<string, Value>>, method: string): Value | undefined {
  return Object.hasOwn(table, method) ? table[method] : undefined
}

const done = (operation: RegistryOperation): ReadRegistryPath => ({ ok: true, operation })

function refused(code: RegistryPathProblem['code'], message: string): ReadRegistryPath {
  return { ok: false, problem: { code, message } }
}

const NO_DIGEST = refused('DIGEST_INVALID', 'a digest is sha256: and 64 lower-case hex digits')
const WRONG_METHOD = refused('UNSUPPORTED', 'the registry does not support this method on this path')
