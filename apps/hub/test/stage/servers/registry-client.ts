/** Registry client: requests to the registry of a test hub, over real TLS and with the password of `docker login`. */
import { createHash } from 'node:crypto'
import { Agent, request } from 'node:https'
import type { TestHub } from '../running-hub.ts'

export type RegistryAnswer = {
  status: number
  headers: Record<string, string | string[] | undefined>
  bytes: Buffer
  body: unknown
}

export type RegistryAsk = {
  body?: Uint8Array | string | undefined
  headers?: Record<string, string>
  /** The length of the body is not announced, as Docker sends layers. */
  isChunked?: boolean
  /** By default the owner's key; null for none. */
  key?: string | null
}

export type RegistryClient = Disposable & {
  ask(method: string, path: string, options?: RegistryAsk): Promise<RegistryAnswer>
}

/** The digest of a blob, as clients state it. */
export const digestFor = (bytes: Uint8Array | string): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** Opens a client of the hub, which must have a port for container tools. */
export const openRegistryClient = ({ hub, ownerKey }: Pick<TestHub, 'hub' | 'ownerKey'>): RegistryClient =>
  registryClientAt({ caPem: hub.config.caPem, origin: hub.config.registryUrl() ?? '', ownerKey })

type RegistryPlace = { caPem: string; origin: string; ownerKey: string }

/** Opens a client of a hub at this place. */
export function registryClientAt({ caPem, origin, ownerKey }: RegistryPlace): RegistryClient {
  const agent = new Agent({ ca: caPem, keepAlive: true })
  return {
    ask: (method, path, { body, headers = {}, isChunked = false, key = ownerKey } = {}) =>
      new Promise((resolve, reject) => {
        const login = key === null ? {} : { authorization: `Basic ${Buffer.from(`skerry:${key}`).toString('base64')}` }
        const length = isChunked ? { 'transfer-encoding': 'chunked' } : lengthOf(body)
        const outgoing = request(`${origin}${path}`, { method, agent, headers: { ...login, ...length, ...headers } })
        outgoing.on('error', reject)
        outgoing.on('response', (incoming) => {
          const chunks: Buffer[] = []
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
          incoming.on('error', reject)
          incoming.on('end', () => {
            const bytes = Buffer.concat(chunks)
            resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, bytes, body: jsonOf(bytes) })
          })
        })
        outgoing.end(body)
      }),
    [Symbol.dispose]: () => agent.destroy(),
  }
}

const lengthOf = (body: Uint8Array | string | undefined): Record<string, string> =>
  body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}
