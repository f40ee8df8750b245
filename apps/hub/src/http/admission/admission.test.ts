import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import { type AddressInfo, connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { createAuthority, issueServerCertificate } from '@skerry/platform/certificates/certificate-authority'
import { until } from '@skerry/testkit/until'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { type Admission, type AdmissionOptions, admitInOrder } from './admission.ts'

const OPTIONS: AdmissionOptions = { handshakesMax: 1, placeMs: 60_000, waitingMax: 10, silenceMs: 60_000 }

let credentials: { key: string; cert: string; ca: string }
beforeAll(async () => {
  const nowMs = Date.now()
  const authority = await createAuthority({ commonName: 'test', nowMs })
  const own = await issueServerCertificate(authority, { names: ['localhost'], nowMs })
  credentials = { key: own.privateKeyPem, cert: own.certificatePem, ca: authority.certificatePem }
})

const open: { destroy(): void }[] = []
let server: Server
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy()
  server.close()
})

async function start(options: Partial<AdmissionOptions> = {}): Promise<{ port: number; admission: Admission }> {
  server = createServer(credentials)
  const admission = admitInOrder(server, { ...OPTIONS, ...options })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { port: (server.address() as AddressInfo).port, admission }
}

/** Sends the head of a TLS record and nothing else: it has begun, and stalls. */
async function stall(port: number): Promise<Socket> {
  const socket = connectPlain(port, '127.0.0.1')
  open.push(socket)
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(Buffer.of(0x16, 0x03))
  return socket
}

function shakeHands(port: number): { socket: TLSSocket; done: Promise<unknown> } {
  const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca: credentials.ca })
  open.push(socket)
  return { socket, done: once(socket, 'secureConnect') }
}

test('one after the other is served', async () => {
  const { port } = await start()
  await Promise.all(Array.from({ length: 5 }, () => shakeHands(port).done))
})

test('who comes while all places are taken waits until one goes', async () => {
  const { port, admission } = await start()
  const first = await stall(port)
  await until(() => admission.underWay() === 1)
  const second = shakeHands(port)
  await until(() => admission.waiting() === 1)
  first.destroy()
  await second.done
  expect(admission.waiting()).toBe(0)
})

test('one that stalls gives its place up', async () => {
  const { port } = await start({ placeMs: 1 })
  await stall(port)
  await shakeHands(port).done
})

test('one that says nothing takes no place, and is cut off in the end', async () => {
  const { port } = await start({ silenceMs: 50 })
  const silent = connectPlain(port, '127.0.0.1')
  open.push(silent)
  await once(silent, 'connect')
  await shakeHands(port).done
  await once(silent, 'close')
})

test('one that gives up waits no more, and a queue that is full takes nobody', async () => {
  const { port, admission } = await start({ waitingMax: 1 })
  await stall(port)
  await until(() => admission.underWay() === 1)
  const waiting = await stall(port)
  await until(() => admission.waiting() === 1)
  const refused = await stall(port)
  await once(refused, 'close')
  waiting.destroy()
  await until(() => admission.waiting() === 0)
})
