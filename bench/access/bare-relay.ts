/**
 * Bare relay: the same two TLS hops as a tunnel, with nothing but pipes. One process stands for the hub: it joins two
 * connections. Another one stands for the agent: it joins the source with the hub.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { connect } from 'node:tls'
import { createAuthority, issueServerCertificate } from '@skerry/platform/certificates/certificate-authority'

const PROCESS = join(import.meta.dirname, 'bare-relay-process.ts')

export type BareRelay = AsyncDisposable & { connect(): Promise<Duplex> }

/** Starts both processes for one connection to the port. */
export async function startBareRelay(folder: string, sourcePort: number): Promise<BareRelay> {
  const nowMs = Date.now()
  const authority = await createAuthority({ commonName: 'bench', nowMs })
  const server = await issueServerCertificate(authority, { names: ['127.0.0.1'], nowMs })
  const file = join(folder, 'bare-relay.json')
  await writeFile(
    file,
    JSON.stringify({ ca: authority.certificatePem, cert: server.certificatePem, key: server.privateKeyPem }),
  )
  const hub = fork(PROCESS, ['hub', file])
  const [port] = (await once(hub, 'message')) as [number]
  const agent = fork(PROCESS, ['agent', file, String(port), String(sourcePort)])
  await once(agent, 'message')
  return {
    async connect() {
      const socket = connect({ host: '127.0.0.1', port, ca: authority.certificatePem, minVersion: 'TLSv1.3' })
      await once(socket, 'secureConnect')
      socket.write('p')
      return socket
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([hub, agent].map(end))
    },
  }
}

async function end(child: ChildProcess): Promise<void> {
  const exited = child.exitCode === null ? once(child, 'exit') : undefined
  child.kill('SIGKILL')
  await exited
}
