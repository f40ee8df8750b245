/**
 * Fake hub: speaks the real contract over real TLS (join, link, blobs), keeps everything in memory, and lies on
 * command. It is for tests of the agent alone. The fleet's tests use the real hub.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { AppConfig } from '@skerry/contract/apps/config-schema'
import type { DesiredDocument, DesiredItem, DocumentMessage } from '@skerry/contract/devices/desired'
import type { CommandAnswer, CommandMessage } from '@skerry/contract/devices/device-command'
import type { DeviceReport } from '@skerry/contract/devices/device-report'
import type { ItemReport } from '@skerry/contract/devices/item'
import { kindOf } from '@skerry/contract/kinds/kinds'
import type { ModelFile } from '@skerry/contract/models/model'
import { Probation, Serving, Shadow } from '@skerry/contract/models/serving'
import type { SinkValue } from '@skerry/contract/sinks/sink-value'
import { DeviceId } from '@skerry/contract/values/ids'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { fingerprintOf } from '@skerry/platform/certificates/certificate'
import {
  type Credentials,
  createAuthority,
  issueDeviceCertificate,
  issueServerCertificate,
} from '@skerry/platform/certificates/certificate-authority'
import { signCertificateReply } from '@skerry/platform/certificates/certificate-reply'
import { generateKeyPair, type KeyPair } from '@skerry/platform/certificates/private-key'
import { digestOf } from '@skerry/platform/files/hash'
import { signingKeyId } from '@skerry/platform/signatures/dsse'
import { signModel } from '@skerry/platform/signatures/model-signature'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { mustRead } from '@skerry/testkit/simulation/desired-item'
import { answer, attachLink } from './fake-hub-doors.ts'

export type FakeVersion = {
  model?: string
  version: number
  files: Readonly<Record<string, Uint8Array | string>>
  retryToken?: number
  serving?: Partial<Serving>
  probation?: Partial<Probation>
  shadow?: Partial<Shadow>
  /** The settings of an app. */
  config?: AppConfig
  hold?: true
  /** The purpose in the signature, if that must be false. */
  signedAs?: string
  signedBy?: KeyPair
}

export type FakeHub = AsyncDisposable & {
  url: string
  token: string
  deviceId: DeviceId
  signing: KeyPair
  /** The identity to start the same hub again. */
  identity: FakeHubIdentity
  /** Another token for the same hub. */
  newToken(): string
  /** Accepts a token of another hub, like a thief who lets everybody in. */
  admit(token: string): void
  /** Newest last, without the items that are in `unread`. */
  reports: DeviceReport[]
  /** The values that sinks of flows and the agent itself sent. */
  values: SinkValue[]
  /** The names of documents that the device has reported. */
  held: string[]
  /** Items of the newest report that a hub of this version cannot parse, in their original form. */
  unread: unknown[]
  /** The requests for bytes of each blob, with their offsets. */
  downloads: { digest: string; start: number }[]
  joins: number
  /** Stores the files and signs them. */
  publish(version: FakeVersion): DesiredItem
  /** Sends the next generation of the document. */
  desire(...items: DesiredItem[]): DesiredDocument
  /** Sends exactly this document to the device. */
  offer(document: DocumentMessage): void
  /** A test changes these, so that the hub lies. */
  answers: {
    /** The bytes to send for a blob. */
    blob?: (digest: string, bytes: Buffer) => Buffer | undefined
    /** Cuts the connection after this many bytes of each blob answer. */
    cutAfterBytes?: number
    join?: 'pending' | 'refused' | 'drop'
    link?: 'refused'
    /** Every device that connects gets the order to wipe itself. */
    wipe?: true
    /** The hub sends a document of this name, which no agent knows. */
    strange?: string
    /** The hub knows no document of this name. */
    unknownDocument?: string
    /** The roots (PEM) that the device must accept from now on. */
    roots?: string
    /** The command that the device gets once in each connection. */
    command?: CommandMessage
    /** The only source that the device gets. */
    source?: { name: string }
    certificateLifeMs?: number
    nextReportMs: number
    clockAheadMs?: number
  }
  /** Resolves with the first report from now on (the newest one included) that the predicate accepts. */
  reported(what: string, predicate: (report: DeviceReport) => boolean, patienceMs?: number): Promise<DeviceReport>
  /** Does the same for the item of a model. */
  item(model: string, predicate: (item: ItemReport) => boolean): Promise<ItemReport>
  renewals: number
  /** The number of goodbyes of an agent. */
  goodbyes: number
  /** The received pages of values and journal entries. A device deletes data that a hub has confirmed. */
  pages: number
  /** The device's answers to commands. */
  commandAnswers: CommandAnswer[]
  /** The number of reports that a wipe has begun. */
  wipes: number
  /** Ends every connection. New ones may come. */
  disconnect(): void
}

const MINUTE_MS = 60_000

export type FakeHubOptions = { port?: number; identity?: FakeHubIdentity }
export type FakeHubIdentity = {
  authority: Credentials
  signing: KeyPair
  server: Credentials
  /** A server certificate with the validity of another time. */
  serverAt(nowMs: number): Promise<Credentials>
}

/** The keys of a hub, to start it again as the same one. */
export async function createFakeIdentity(): Promise<FakeHubIdentity> {
  const authority = await createAuthority({ commonName: 'fake hub', nowMs: Date.now() })
  const serverAt = (nowMs: number) => issueServerCertificate(authority, { names: ['localhost', '127.0.0.1'], nowMs })
  return { authority, signing: generateKeyPair(), server: await serverAt(Date.now()), serverAt }
}

/** Listens on a port of its own. */
export async function startFakeHub(options: FakeHubOptions = {}): Promise<FakeHub> {
  const identity = options.identity ?? (await createFakeIdentity())
  const { authority, signing, server: credentials } = identity
  const blobs = new Map<string, Buffer>()
  const changes = new EventTarget()
  const deviceId = DeviceId.parse('dev_fakefakefake')
  const secrets = new Set<string>()
  let document: DocumentMessage | undefined
  const server = createServer({
    key: credentials.privateKeyPem,
    cert: credentials.certificatePem + authority.certificatePem,
    ca: authority.certificatePem,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
  })
  const sockets = new Set<Socket>()
  server.on('secureConnection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const newToken = () => {
    const secret = randomBytes(32).toString('base64url')
    secrets.add(secret)
    const known = { ca: fingerprintOf(authority.certificatePem), signer: signingKeyId(signing.publicKeyPem) }
    const content = { v: 1, hub: url, ...known, secret }
    return `skj_${Buffer.from(JSON.stringify(content)).toString('base64url')}`
  }
  const hub: FakeHub = {
    url,
    token: newToken(),
    newToken,
    admit: (token) => void secrets.add(JSON.parse(Buffer.from(token.slice(4), 'base64url').toString()).secret),
    deviceId,
    signing,
    identity,
    reports: [],
    values: [],
    unread: [],
    downloads: [],
    held: [],
    joins: 0,
    renewals: 0,
    goodbyes: 0,
    pages: 0,
    commandAnswers: [],
    wipes: 0,
    answers: { nextReportMs: MINUTE_MS },
    publish: (version) => publish(version, signing, blobs),
    desire(...items) {
      const generation = (document?.generation ?? 0) + 1
      const digest = digestOf(canonicalJson(items))
      const made: DesiredDocument = { v: 1, deviceId, generation, digest, items }
      hub.offer(made)
      return made
    },
    offer(made) {
      document = made
      changes.dispatchEvent(new Event('desired'))
    },
    reported: (what, predicate, patienceMs) => waitForReport(hub, changes, what, predicate, patienceMs),
    async item(model, predicate) {
      const find = ({ items }: DeviceReport) => items.find((item) => item.name === model && predicate(item))
      const report = await waitForReport(hub, changes, `item ${model}`, (one) => find(one) !== undefined)
      return find(report) as ItemReport
    },
    disconnect: () => sockets.forEach((socket) => void socket.destroy()),
    async [Symbol.asyncDispose]() {
      hub.disconnect()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  const issue = async (requestPem: string) => {
    const lifeMs = hub.answers.certificateLifeMs ?? 365 * 24 * 60 * MINUTE_MS
    const nowMs = Date.now()
    const issued = await issueDeviceCertificate(authority, {
      requestPem,
      deviceId,
      organisationId: 'org_fakefake',
      nowMs,
      lifeMs,
    })
    if (!issued.ok) throw new Error(issued.message)
    return issued.certificatePem
  }
  const joined = async (csr: string) => {
    const known = { ca: authority.certificatePem, trustedKeys: [signing.publicKeyPem] }
    const reply = { status: 'active', deviceId, name: 'fake', certificate: await issue(csr), ...known }
    return signCertificateReply(csr, { ...reply, hubTimeMs: Date.now() }, signing)
  }
  server.on('request', (request, response) => void answer(request, response, { hub, blobs, secrets, joined }))
  attachLink(server, hub, changes, { issue, newest: () => document })
  return hub
}

function publish(
  { model = 'm', version, files: contents, ...wish }: FakeVersion,
  signing: KeyPair,
  blobs: Map<string, Buffer>,
) {
  const files: ModelFile[] = Object.entries(contents).map(([path, content]) => {
    const bytes = Buffer.from(content)
    const digest = digestOf(bytes)
    blobs.set(digest, bytes)
    return { path, digest, sizeBytes: bytes.length }
  })
  const sorted = files.toSorted((one, other) => (one.path < other.path ? -1 : 1))
  const { privateKeyPem } = wish.signedBy ?? signing
  return mustRead({
    kind: kindOf(files) ?? 'model',
    name: model,
    deploymentId: 'dep_fakefake',
    revision: version,
    version,
    digest: digestOf(canonicalJson(sorted)),
    files: sorted,
    bundle: signModel({ name: wish.signedAs ?? `${model}/${version}`, resources: sorted, privateKeyPem }),
    probation: Probation.parse(wish.probation ?? { seconds: 0 }),
    ...(wish.hold && { hold: wish.hold }),
    retryToken: wish.retryToken ?? 0,
    spec: specOf(wish),
  })
}

/** A flow does not need the parts that only a model has. */
function specOf({ serving, shadow, config }: Pick<FakeVersion, 'serving' | 'shadow' | 'config'>) {
  const settings = Serving.parse(serving ?? {})
  return {
    serving: settings,
    onCrash: settings.onCrash,
    ...(shadow && { shadow: Shadow.parse(shadow) }),
    ...(config && { config }),
  }
}

async function waitForReport(
  hub: FakeHub,
  changes: EventTarget,
  what: string,
  predicate: (report: DeviceReport) => boolean,
  patienceMs = PATIENCE_MS,
) {
  const signal = AbortSignal.timeout(patienceMs)
  for (;;) {
    const newest = hub.reports.at(-1)
    if (newest && predicate(newest)) return newest
    await once(changes, 'report', { signal }).catch((cause: unknown) => {
      throw new Error(`waited in vain for ${what}; the newest report is ${JSON.stringify(newest, undefined, 1)}`, {
        cause,
      })
    })
  }
}
