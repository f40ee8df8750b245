/**
 * fleet and batch, the baseline: TLS and WebSockets as the hub takes them, with mutual certificates, and an echo in place of a hub. Told to ask,
 * it asks each once, and says when all have answered.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createAuthority, issueServerCertificate } from '@skerry/platform/certificates/certificate-authority'
import { type WebSocket, WebSocketServer } from 'ws'

const [deviceAuthorityPath = ''] = process.argv.slice(2)
const nowMs = Date.now()
const authority = await createAuthority({ commonName: 'bench', nowMs })
const own = await issueServerCertificate(authority, { names: ['localhost', '127.0.0.1'], nowMs })
const server = createServer({
  key: own.privateKeyPem,
  cert: own.certificatePem,
  minVersion: 'TLSv1.3',
  requestCert: true,
  rejectUnauthorized: true,
  ca: readFileSync(deviceAuthorityPath),
})
const acceptor = new WebSocketServer({ server, perMessageDeflate: false })
acceptor.on('connection', (socket) => {
  socket.on('error', () => {})
  socket.on('message', (data) => {
    if (unanswered.delete(socket)) return unanswered.size === 0 ? process.send?.({ answer: 'all' }) : undefined
    socket.send(data.toString('utf8'))
  })
})
/** As long as a signed job with its proof. */
const QUESTION = JSON.stringify({ question: 'x'.repeat(2_000) })
const unanswered = new Set<WebSocket>()
process.on('message', () => {
  for (const socket of acceptor.clients) unanswered.add(socket)
  for (const socket of acceptor.clients) socket.send(QUESTION)
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.send?.({ answer: { url: `wss://127.0.0.1:${port}`, ca: authority.certificatePem } })
})
process.on('disconnect', () => process.exit(0))
