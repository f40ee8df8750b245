/** A device for tests: its key, its way in, and its link. */
import { randomBytes } from 'node:crypto'
import type { createConnection } from 'node:net'
import { type ConnectionOptions, connect } from 'node:tls'
import { createORPCClient, mapEventIterator } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import type { Inventory } from '@skerry/contract/devices/device'
import type { DeviceReport } from '@skerry/contract/devices/device-report'
import type { JoinReply } from '@skerry/contract/joining/join'
import type { link } from '@skerry/contract/link/link'
import { LINK_SESSION_HEADER, type SignedMessage } from '@skerry/contract/link/link-message'
import { DeviceId } from '@skerry/contract/values/ids'
import { createCertificateRequest } from '@skerry/platform/certificates/certificate-request'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { expect } from 'vitest'
import { WebSocket } from 'ws'
import type { Answer, TestHub } from './running-hub.ts'

export const INVENTORY: Inventory = {
  hostname: 'gateway-7.plant.example',
  arch: 'x64',
  os: 'linux',
  cpuModel: 'test',
  cpuCount: 2,
  memoryBytes: 2 ** 31,
  diskFreeBytes: 2 ** 33,
  capabilities: ['onnx'],
  opsetMax: 22,
}

export type TokenOptions = {
  site?: string
  usesMax?: number
  approval?: 'auto' | 'manual'
  key?: string
  expiresInSeconds?: number
  networks?: string[]
}

/** The secret of a new join token, and its id. */
export async function makeToken(test: TestHub, options: TokenOptions = {}): Promise<{ secret: string; id: string }> {
  const { site = 'berlin', key, ...spec } = options
  const as = key === undefined ? {} : { key }
  await test.ask('PUT', `/v1/sites/${site}`, { ...as, body: { kind: 'edge' } })
  const made = await test.ask<{ token: string; record: { id: string } }>('POST', '/v1/join-tokens', {
    ...as,
    body: { site, usesMax: 100, ...spec },
  })
  if (made.status !== 200) throw new Error(made.text)
  const content = JSON.parse(Buffer.from(made.body.token.slice('skj_'.length), 'base64url').toString('utf8')) as {
    secret: string
  }
  return { secret: content.secret, id: made.body.record.id }
}

export type Applicant = { privateKeyPem: string; csr: string }

/** A key, and the request for its certificate. */
export async function makeApplicant(): Promise<Applicant> {
  const { privateKeyPem } = generateKeyPair()
  return { privateKeyPem, csr: await createCertificateRequest(privateKeyPem) }
}

/** Asks to join. */
export const askToJoin = (
  test: TestHub,
  secret: string,
  { csr }: Applicant,
  name?: string,
  serial?: string,
): Promise<Answer<JoinReply>> =>
  test.ask('POST', '/v1/join', {
    key: null,
    body: {
      secret,
      csr,
      inventory: INVENTORY,
      ...(name === undefined ? {} : { name }),
      ...(serial === undefined ? {} : { serial }),
    },
  })

export type TestDevice = { id: DeviceId; name: string; certificatePem: string; privateKeyPem: string }

/** A device that has joined. */
export async function joinDevice(test: TestHub, options: TokenOptions & { name?: string } = {}): Promise<TestDevice> {
  const { name, ...token } = options
  const { secret } = await makeToken(test, token)
  const applicant = await makeApplicant()
  const { body } = await askToJoin(test, secret, applicant, name)
  if (body.status !== 'active') throw new Error(JSON.stringify(body))
  return {
    id: DeviceId.parse(body.deviceId),
    name: body.name,
    certificatePem: body.certificate,
    privateKeyPem: applicant.privateKeyPem,
  }
}

type Wire = ContractRouterClient<typeof link>

type Unsigned<Call extends (...given: never[]) => unknown> =
  Awaited<ReturnType<Call>> extends AsyncIterator<SignedMessage<infer Message>, infer End, infer Next>
    ? (...given: Parameters<Call>) => Promise<AsyncIteratorObject<Message, End, Next>>
    : Call

export type LinkClient = { [Name in keyof Wire]: Unsigned<Wire[Name]> }

export type TestLink = Disposable & {
  socket: WebSocket
  client: LinkClient
  /** Resolves with how the connection ended. */
  closed: Promise<{ code: number; reason: string }>
  /** With which the device may come back without its certificate. */
  ticket(): Buffer | undefined
}

/** Opens the link; rejects with the hub's answer when it is refused. */
export function openLink(
  test: TestHub,
  device?: Pick<TestDevice, 'certificatePem' | 'privateKeyPem'>,
  session?: Buffer,
): Promise<TestLink> {
  let ticket: Buffer | undefined
  const dial = (options: ConnectionOptions) =>
    connect({ ...options, path: undefined, servername: '' }).on('session', (given) => {
      ticket = given
    })
  const signed = randomBytes(16).toString('base64url')
  const socket = new WebSocket(`${test.url.replace('https', 'wss')}/v1/link`, {
    ca: test.hub.config.caPem,
    headers: { [LINK_SESSION_HEADER]: signed },
    ...(device ? { cert: device.certificatePem, key: device.privateKeyPem } : {}),
    ...(session && { session }),
    createConnection: dial as typeof createConnection,
  })
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString('utf8') }))
  })
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('unexpected-response', (_request, response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => reject(new Error(Buffer.concat(chunks).toString('utf8'))))
    })
    socket.on('open', () => {
      const rpc = new RPCLink({ websocket: socket as unknown as globalThis.WebSocket })
      const client = unsigned(createORPCClient<Wire>(rpc))
      resolve({ socket, client, closed, ticket: () => ticket, [Symbol.dispose]: () => socket.terminate() })
    })
  })
}

/** Listens to one held document of the hub, from what the device holds of it. */
export async function listenHeld(client: LinkClient, name: string, held: object): Promise<AsyncIterator<unknown>> {
  const stream = await client.documents({ names: [name] })
  expect(await client.held({ name, held })).toEqual({})
  return mapEventIterator(stream, { value: async ({ document }) => document, error: async (error) => error })
}

const STREAMS: ReadonlySet<PropertyKey> = new Set(['desired', 'commands', 'jobs', 'documents'])

type Call = (...given: unknown[]) => Promise<AsyncIterator<{ message: unknown }>>

/** Gives the messages of streams without their signatures, which the agent's own tests verify. */
function unsigned(wire: Wire): LinkClient {
  const opened =
    (call: Call) =>
    async (...given: unknown[]) =>
      mapEventIterator(await call(...given), { value: async ({ message }) => message, error: async (error) => error })
  return new Proxy(wire, {
    get(target, name) {
      const call: unknown = Reflect.get(target, name)
      return STREAMS.has(name) ? opened(call as Call) : call
    },
  }) as unknown as LinkClient
}

/** A report of a device that has nothing to tell. */
export const reportOf = (changes: Partial<DeviceReport> = {}): DeviceReport => ({
  v: 1,
  atMs: Date.now(),
  agentVersion: '0.1.0',
  bootId: 'boot-0001',
  observedGeneration: 0,
  lastGoodGeneration: 0,
  items: [],
  conditions: [],
  endpoints: {},
  inventory: INVENTORY,
  ...changes,
})
