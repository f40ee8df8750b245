/** A real rsyslogd that takes syslog over TLS and writes each message as it came to a file; stopped, killed and started again at will. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from 'node:tls'
import {
  createAuthority,
  issueHubCertificate,
  issueServerCertificate,
} from '@skerry/platform/certificates/certificate-authority'
import { systemClock } from '@skerry/platform/process/clock'
import { freePort } from '@skerry/testkit/free-port'
import { until } from '@skerry/testkit/until'

export const hasRsyslog = spawnSync('rsyslogd', ['-v']).status === 0

export type Rsyslog = AsyncDisposable & {
  port: number
  /** Who signed its certificate, for the name `siem.plant`. */
  authorityPem: string
  /** What it takes from clients where it asks for a certificate: that of a client called `hub.plant`. */
  client: { certificatePem: string; privateKeyPem: string }
  start(): Promise<void>
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** The messages that it has written so far. */
  messages(): Promise<string[]>
}

/** `mutual` lets in only whoever shows the client's certificate. */
export async function openRsyslog(folder: string, { mutual = false } = {}): Promise<Rsyslog> {
  const nowMs = systemClock.nowMs()
  const authority = await createAuthority({ commonName: 'Plant', nowMs })
  const own = await issueServerCertificate(authority, { names: ['siem.plant'], nowMs })
  const client = await issueHubCertificate(authority, { hubId: 'hub.plant', nowMs })
  const port = await freePort()
  await mkdir(folder, { recursive: true })
  const path = (name: string) => join(folder, name)
  await writeFile(path('ca.pem'), authority.certificatePem)
  await writeFile(path('own.pem'), own.certificatePem)
  await writeFile(path('own-key.pem'), own.privateKeyPem)
  await writeFile(path('rsyslog.conf'), configOf({ folder, port, mutual }))
  let child: ChildProcess | undefined
  const rsyslog: Rsyslog = {
    port,
    authorityPem: authority.certificatePem,
    client,
    async start() {
      child = spawn('rsyslogd', ['-n', '-f', path('rsyslog.conf'), '-i', path('pid')], { stdio: 'ignore' })
      await until(() => answers(port), { what: 'rsyslogd to answer' })
    },
    async end(signal) {
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      child.kill(signal)
      await once(child, 'exit')
    },
    async messages() {
      const text = await readFile(path('out.log'), 'utf8').catch(() => '')
      return text.split('\n').filter((line) => line !== '')
    },
    [Symbol.asyncDispose]: () => rsyslog.end('SIGKILL'),
  }
  await rsyslog.start()
  return rsyslog
}

/** Without a queue of its own: what it has read is written before it reads on. */
const configOf = ({ folder, port, mutual }: { folder: string; port: number; mutual: boolean }) => `
global(workDirectory="${folder}" maxMessageSize="64k" defaultNetstreamDriverCAFile="${folder}/ca.pem"
  defaultNetstreamDriverCertFile="${folder}/own.pem" defaultNetstreamDriverKeyFile="${folder}/own-key.pem")
module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1"
  ${mutual ? 'streamDriver.authMode="x509/name" permittedPeer=["hub.plant"]' : 'streamDriver.authMode="anon"'})
template(name="asItCame" type="string" string="%rawmsg%\\n")
ruleset(name="all" queue.type="Direct") { action(type="omfile" file="${folder}/out.log" template="asItCame") }
input(type="imtcp" port="${port}" address="127.0.0.1" ruleset="all")
`

function answers(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
  socket.once('secureConnect', () => resolve(true))
  socket.once('error', () => resolve(false))
  return promise.finally(() => socket.destroy())
}
