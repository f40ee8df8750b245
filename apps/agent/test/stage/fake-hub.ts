/**
 * Fake hub: speaks the real contract over real TLS (join, link, blobs), holds everything in memory, and can be told to lie. For tests of the
 * agent alone; the fleet's tests use the real hub.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { DesiredDocument, DesiredItem, DocumentMessage } from '@skerry/contract/devices/desired'
import type { CommandAnswer, CommandMessage } from '@skerry/contract/devices/device-command'
import type { DeviceReport } from '@skerry/contract/devices/device-report'
import type { ItemReport } from '@skerry/contract/devices/item'
import { kindOf } from '@skerry/contract/kinds/kinds'
import type { ModelFile } from '@skerry/contract/models/model'
import { Probation, Serving, Shadow } from '@skerry/contract/models/serving'
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
  hold?: true
  /** What the signature says it is for, where that shall be a lie. */
  signedAs?: string
  signedBy?: KeyPair
}

export type FakeHub = AsyncDisposable & {
  url: string
  token: string
  deviceId: DeviceId
  signing: KeyPair
  /** To start it again as the same one. */
  identity: FakeHubIdentity
  /** Another token for the same hub. */
  newToken(): string
  /** Takes a token that another hub made, as a thief does who lets everybody in. */
  admit(token: string): void
  /** Newest last, without the items that are in `unread`. */
  reports: DeviceReport[]
  /** The names of documents that the device has reported on. */
  held: string[]
  /** Items of the newest report that a hub of this version cannot read, as they came. */
  unread: unknown[]
  /** How often bytes of each blob were asked for, and from which offset. */
  downloads: { digest: string; start: number }[]
  joins: number
  /** Stores the files and signs them. */
  publish(version: FakeVersion): DesiredItem
  /** The next generation. */
  desire(...items: DesiredItem[]): DesiredDocument
  /** Exactly this document. */
  offer(document: DocumentMessage): void
  /** Change them to lie. */
  answers: {
    /** What is sent of a blob. */
    blob?: (digest: string, bytes: Buffer) => Buffer | undefined
    /** Cuts the connection after so many bytes of each blob answer. */
    cutAfterBytes?: number
    join?: 'pending' | 'refused' | 'drop'
    link?: 'refused'
    /** Whoever comes is told to wipe itself. */
    wipe?: true
    /** The hub sends a document of this name, which no agent knows. */
    strange?: string
    /** The hub knows no document of this name. */
    unknownDocument?: string
    /** The device is to take these roots (PEM) from now on. */
    roots?: string
    /** The device is asked this once in each connection. */
    command?: CommandMessage
    /** The only source that counts on the device. */
    source?: { name: string }
    certificateLifeMs?: number
    nextReportMs: number
    clockAheadMs?: number
  }
  /** Resolves with the first report from now on (the newest one included) that the predicate accepts. */
  reported(what: string, predicate: (report: DeviceReport) => boolean, patienceMs?: number): Promise<DeviceReport>
  /** The same for the item of a model. */
  item(model: string, predicate: (item: ItemReport) => boolean): Promise<ItemReport>
  renewals: number
  /** How often an agent said that it stops. */
  goodbyes: number
  /** Values and entries of the device's journal that somebody may have taken for kept: how often a page came. */
  pages: number
  /** The device's answers to commands. */
  commandAnswers: CommandAnswer[]
  /** How often it was said that a wipe has begun. */
  wipes: number
  /** Ends every connection; new ones may come. */
  disconnect(): void
}

const MINUTE_MS = 60_000

export type FakeHubOptions = { port?: number; identity?: FakeHubIdentity }
export type FakeHubIdentity = {
  authority: Credentials
  signing: KeyPair
  server: Credentials
  /** A server certificate as of another time. */
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

/** A flow drops the parts that only a model has. */
function specOf({ serving, shadow }: Pick<FakeVersion, 'serving' | 'shadow'>) {
  const settings = Serving.parse(serving ?? {})
  return { serving: settings, onCrash: settings.onCrash, ...(shadow && { shadow: Shadow.parse(shadow) }) }
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
