/**
 * probe-bare-load opcua|s7 PORT: reads 100,000 numbers a second over ten connections with the client library and nothing else: what `bench/connectors.ts`
 * holds sources against. Prints what it took, as one line of JSON.
 */
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writesUnderLoad } from '@skerry/testkit/faults/writes-under-load'
import { until } from '@skerry/testkit/until'
import { OPCUACertificateManager } from 'node-opcua-certificate-manager'
import {
  AttributeIds,
  type ClientSession,
  ClientSubscription,
  DataType,
  MessageSecurityMode,
  OPCUAClient,
  SecurityPolicy,
  TimestampsToReturn,
} from 'node-opcua-client'

const CONNECTIONS = 10
const NUMBERS = 10_000
const AT_ONCE = 1_000
const EVERY_MS = 1_000
const WARM_UP_MS = 5_000
const MEASURED_MS = 15_000

const [protocol = '', port = ''] = process.argv.slice(2)
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
let values = 0
const sessions: ClientSession[] = []

await (protocol === 'opcua' ? watchOpcua() : readS7())
await until(() => values >= CONNECTIONS * NUMBERS, { seen: () => values })
await sleep(WARM_UP_MS)
const valuesBefore = values
const cpuBefore = process.cpuUsage()
const startMs = performance.now()
await sleep(MEASURED_MS)
const elapsedMs = performance.now() - startMs
const { user, system } = process.cpuUsage(cpuBefore)
const result = {
  valuesPerSec: Math.round(((values - valuesBefore) / elapsedMs) * 1_000),
  cpuPercent: Math.round((user + system) / elapsedMs / 0.1) / 100,
  rssMb: Math.round(process.memoryUsage.rss() / 1e6),
  ...(sessions.length > 0 ? await writesUnderLoad(writeOpcua) : {}),
}
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit())

async function watchOpcua(): Promise<void> {
  const rootFolder = join(tmpdir(), `skerry-bare-${process.pid}`)
  const clientCertificateManager = new OPCUACertificateManager({
    rootFolder,
    automaticallyAcceptUnknownCertificate: true,
  })
  for (let index = 0; index < CONNECTIONS; index += 1) {
    const client = OPCUAClient.create({
      securityMode: MessageSecurityMode.SignAndEncrypt,
      securityPolicy: SecurityPolicy.Basic256Sha256,
      endpointMustExist: false,
      clientCertificateManager,
    })
    await client.connect(`opc.tcp://localhost:${port}`)
    await watchSession(await client.createSession())
  }
}

/** What sources write, and as they do: without reading it back. */
async function writeOpcua(index: number): Promise<void> {
  const value = { value: { dataType: DataType.Int32, value: index } }
  await sessions[index % CONNECTIONS]?.write({ nodeId: 'ns=2;s=Int32', attributeId: AttributeIds.Value, value })
}

async function watchSession(session: ClientSession): Promise<void> {
  sessions.push(session)
  const subscription = ClientSubscription.create(session, {
    requestedPublishingInterval: EVERY_MS,
    maxNotificationsPerPublish: 0,
    publishingEnabled: true,
  })
  for (let from = 0; from < NUMBERS; from += AT_ONCE) {
    const items = Array.from({ length: AT_ONCE }, (_, at) => ({
      nodeId: `ns=2;i=${10_000 + from + at}`,
      attributeId: AttributeIds.Value,
    }))
    const parameters = { samplingInterval: EVERY_MS, queueSize: 1, discardOldest: true }
    const group = await subscription.monitorItems(items, parameters, TimestampsToReturn.Source)
    group.on('changed', (_, value) => {
      if (Number.isFinite(value.value.value)) values += 1
    })
  }
}

/** The little of it that is used; it has no types of its own. */
type S7Client = {
  initiateConnection(options: object, done: (error: unknown) => void): void
  addItems(items: string[]): void
  readAllItems(done: (isBad: boolean, read: Record<string, number[]>) => void): void
}

async function readS7(): Promise<void> {
  const Client: new (options: object) => S7Client = createRequire(import.meta.url)('nodes7')
  for (let index = 0; index < CONNECTIONS; index += 1) {
    const client = new Client({ silent: true })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    client.initiateConnection({ host: '127.0.0.1', port: Number(port), rack: 0, slot: 1 }, (error) =>
      error ? reject(error) : resolve(),
    )
    await promise
    client.addItems(Array.from({ length: NUMBERS / AT_ONCE }, (_, at) => `DB2,REAL${at * AT_ONCE * 4}.${AT_ONCE}`))
    setInterval(() => client.readAllItems((_, read) => count(read)), EVERY_MS)
  }
}

function count(read: Record<string, number[]>): void {
  for (const list of Object.values(read)) for (const number of list) if (Number.isFinite(number)) values += 1
}
