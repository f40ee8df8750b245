/**
 * Push artefact: files to a registry, as an artefact of ModelPack. Blobs that the registry has are not sent again.
 *
 * [OCI distribution specification 1.1, pushing a blob; CNCF model-spec, docs/spec.md and docs/config.md]
 */
import { createReadStream } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { OCI_MANIFEST } from '@skerry/contract/apps/oci'
import { digestOf } from '../files/hash.ts'
import { connectTrouble, sendRequest } from './fetch-file.ts'
import type { ImportHost, ImportOptions } from './import-host.ts'
import { importProblem, wrongPlace } from './import-problem.ts'
import { type ArtefactPlace, artefactPlace } from './oci-source.ts'
import { registryLogin } from './registry-login.ts'

type ArtefactFile = { path: string; localPath: string; digest: string; sizeBytes: number }

type Artefact = {
  name: string
  version: string
  createdAtMs: number
  files: readonly ArtefactFile[]
  annotations: Readonly<Record<string, string>>
}

const ARTEFACT = 'application/vnd.cncf.model.manifest.v1+json'
const CONFIG = 'application/vnd.cncf.model.config.v1+json'
const WEIGHT = 'application/vnd.cncf.model.weight.v1.raw'

type Pushing = { address: string; authorization: string | undefined; authorities: string | undefined; host: ImportHost }

/** Pushes the artefact, and returns the digest of its manifest. */
export async function pushArtefact(
  place: string,
  artefact: Artefact,
  options: Pick<ImportOptions, 'token' | 'authorities'>,
  host: ImportHost,
): Promise<string> {
  const where = artefactPlace(place)
  if (where.reference.startsWith('sha256:'))
    throw wrongPlace('nobody can choose the digest of an artefact', 'write oci://HOST/REPOSITORY:TAG')
  const login = { registry: where.host, repository: where.repository, actions: 'pull,push' as const }
  const authorization = await registryLogin(login, options, host)
  const address = `https://${where.host}/v2/${where.repository}`
  const pushing = { address, authorization, authorities: options.authorities, host }
  for (const file of artefact.files) await pushBlob(pushing, file, () => createReadStream(file.localPath))
  const config = Buffer.from(JSON.stringify(configOf(artefact)))
  const configBlob = { digest: digestOf(config), sizeBytes: config.length }
  await pushBlob(pushing, configBlob, () => Readable.from([config]))
  return pushManifest(pushing, where, Buffer.from(JSON.stringify(manifestOf(artefact, configBlob))))
}

/** A raw layer has no archive, so that its digest is also its DiffID. */
const configOf = ({ name, version, createdAtMs, files }: Artefact) => ({
  descriptor: { createdAt: new Date(createdAtMs).toISOString(), name, version },
  modelfs: { type: 'layers', diffIds: files.map(({ digest }) => digest) },
  config: { format: 'onnx' },
})

const manifestOf = ({ files, annotations }: Artefact, config: Blob) => ({
  schemaVersion: 2,
  mediaType: OCI_MANIFEST,
  artifactType: ARTEFACT,
  config: { mediaType: CONFIG, digest: config.digest, size: config.sizeBytes },
  layers: files.map(({ path, digest, sizeBytes }) => ({
    mediaType: WEIGHT,
    digest,
    size: sizeBytes,
    annotations: { 'org.cncf.model.filepath': path, 'org.opencontainers.image.title': path },
  })),
  annotations,
})

type Blob = { digest: string; sizeBytes: number }

async function pushBlob(pushing: Pushing, { digest, sizeBytes }: Blob, bytes: () => Readable): Promise<void> {
  const known = await ask(pushing, { method: 'HEAD', url: new URL(`${pushing.address}/blobs/${digest}`) })
  if (known.status === 200) return
  // Registries state a missing blob by 404, and one that only pushes may see by 403.
  const opened = await ask(pushing, { method: 'POST', url: new URL(`${pushing.address}/blobs/uploads/`) })
  requireStatus(pushing, opened, 202)
  const url = new URL(opened.headers.location ?? '', `${pushing.address}/blobs/uploads/`)
  url.searchParams.set('digest', digest)
  const headers = { 'content-type': 'application/octet-stream', 'content-length': sizeBytes }
  requireStatus(pushing, await ask(pushing, { method: 'PUT', url, headers, body: bytes() }), 201)
}

async function pushManifest(pushing: Pushing, { reference }: ArtefactPlace, body: Buffer): Promise<string> {
  const url = new URL(`${pushing.address}/manifests/${reference}`)
  const headers = { 'content-type': OCI_MANIFEST, 'content-length': body.length }
  requireStatus(pushing, await ask(pushing, { method: 'PUT', url, headers, body: Readable.from([body]) }), 201)
  return digestOf(body)
}

type Ask = {
  method: 'HEAD' | 'POST' | 'PUT'
  url: URL
  headers?: Record<string, string | number>
  body?: Readable
}

type Answer = { status: number; headers: IncomingMessage['headers']; text: string }

/** An error of a registry has some hundred characters; the rest is not shown. */
const ERROR_CHARACTERS_MAX = 400

async function ask({ address, authorization, authorities, host }: Pushing, request: Ask): Promise<Answer> {
  const { method, url, headers = {}, body } = request
  // A registry may store its blobs elsewhere, and the key is for the registry alone.
  const own = authorization !== undefined && url.origin === new URL(address).origin ? { authorization } : {}
  const empty = method === 'POST' ? { 'content-length': 0 } : {}
  try {
    const all = { ...empty, ...headers, ...own }
    const response = await sendRequest(url, { method, headers: all, authorities, ...(body && { body }) }, host)
    let text = ''
    for await (const piece of response.setEncoding('utf8')) text = `${text}${piece}`.slice(0, ERROR_CHARACTERS_MAX)
    return { status: response.statusCode ?? 0, headers: response.headers, text }
  } catch (error) {
    host.signal.throwIfAborted()
    throw connectTrouble({ url }, error).failure
  }
}

function requireStatus({ address, authorization }: Pushing, { status, text }: Answer, expected: number): void {
  if (status === expected) return
  if (status === 401 || status === 403)
    throw importProblem(
      'import_failed',
      `${address} ${authorization === undefined ? 'needs credentials' : 'does not admit a push'} (${status})`,
      { next: 'write USER:PASSWORD of an account that may push into a file, and give it with --token-file' },
    )
  const shown = text.replaceAll(/\p{C}/gu, ' ').trim()
  throw importProblem('import_failed', `${address}: the registry answered ${status}${shown && `: ${shown}`}`, {
    next: 'run the same command again: complete files are not sent again',
  })
}
