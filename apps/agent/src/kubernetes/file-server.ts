/**
 * File server: gives the files of applied versions to the pods of the cluster, over TLS, to callers with the token of
 * their Secret. A pod checks the digest of each file, so that the server need not be trusted for their content.
 */
import { timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { SourceFile } from '@skerry/inference/runtime/model-source'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Log } from '@skerry/platform/process/log'
import { readSealedPieces } from '@skerry/platform/sealing/sealed-read'
import type { Address } from '../options.ts'
import type { ClusterIdentity } from './cluster-identity.ts'

export type FileServerDeps = {
  identity: ClusterIdentity
  address: Address
  fileSystem: Pick<FileSystem, 'createReadStream'>
  log: Log
  /** Calls the work with the file of this digest, if an applied version has it. No file is moved meanwhile. */
  withFile(digest: string, work: (file: SourceFile & { sizeBytes: number }) => Promise<void>): Promise<boolean>
}

/** The path of a file is this and its digest. */
export const FILES_PATH = '/files/'

/** Pods that start at the same time; each fetches its files one by one. */
const CONNECTIONS_MAX = 256

/** In milliseconds. A pod answers at once; a connection that waits longer holds one of the places of the others. */
const HANDSHAKE_MS = 10_000
const IDLE_MS = 60_000

/** Listens until the signal aborts. */
export async function startFileServer(deps: FileServerDeps, signal: AbortSignal): Promise<Server> {
  const { identity, address, log } = deps
  const { privateKeyPem: key, certificatePem: cert } = identity.server
  const timeouts = { handshakeTimeout: HANDSHAKE_MS, headersTimeout: HANDSHAKE_MS, requestTimeout: IDLE_MS }
  const server = createServer({ key, cert, ...timeouts })
  // Also for a caller that has asked for a file and does not read it.
  server.timeout = IDLE_MS
  server.maxConnections = CONNECTIONS_MAX
  server.on('request', (request, response) => {
    void answer(
      deps,
      { method: request.method, url: request.url, authorization: request.headers.authorization },
      {
        status: (code) => void response.writeHead(code).end(),
        send: async (file, sizeBytes) => {
          response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': sizeBytes })
          await pipeline(file, response)
        },
      },
    ).catch((error: unknown) => {
      log.warn('file_not_sent', { error, url: request.url })
      response.destroy()
    })
  })
  server.listen({ host: address.host, port: address.port })
  await once(server, 'listening', { signal })
  server.on('error', (error) => log.warn('file_server_failed', { error }))
  signal.addEventListener('abort', () => {
    server.closeAllConnections()
    server.close()
  })
  return server
}

type Asked = { method: string | undefined; url: string | undefined; authorization: string | undefined }
type Reply = { status(code: number): void; send(file: Readable, sizeBytes: number): Promise<void> }

async function answer({ identity, fileSystem, withFile }: FileServerDeps, asked: Asked, reply: Reply): Promise<void> {
  if (!isToken(asked.authorization, identity.token)) return reply.status(401)
  if (asked.method !== 'GET' || !asked.url?.startsWith(FILES_PATH)) return reply.status(404)
  const digest = decodeURIComponent(asked.url.slice(FILES_PATH.length))
  const isFound = await withFile(digest, async ({ path, seal, sizeBytes }) => {
    const file = seal ? Readable.from(readSealedPieces(path, seal)) : fileSystem.createReadStream(path)
    await reply.send(file, sizeBytes)
  })
  if (!isFound) reply.status(404)
}

function isToken(header: string | undefined, token: string): boolean {
  const [given, wanted] = [Buffer.from(header ?? ''), Buffer.from(`Bearer ${token}`)]
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}
