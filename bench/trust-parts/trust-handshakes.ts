/**
 * trust, the door: full TLS 1.3 handshakes in which a device shows its certificate, with a hub and with a bare server
 * of Node in turn.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect } from 'node:tls'
import { createCertificateRequest } from '@skerry/platform/certificates/certificate-request'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { type HubProgram, newHubHome, startHub } from '../../examples/stage/fleet.ts'
import { median } from '../serve-parts/serve-latency.ts'
import { cpuMs } from '../usage/process-use.ts'
import { rounded } from './trust-clock.ts'

const HANDSHAKES = 400
const AT_ONCE = 16
const ROUNDS = 7

type Side = { pid: number; options: ConnectionOptions }
type Measured = { perSec: number; cpuMsEach: number }

export async function measureHandshakes() {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-trust-'))
  try {
    await using hub = await startHub(await newHubHome(folder))
    const device = await joinOne(hub)
    const authorityPath = join(folder, 'devices.pem')
    await writeFile(authorityPath, device.authorityPem)
    const child = fork(new URL('../fleet-parts/fleet-bare-server.ts', import.meta.url), [authorityPath])
    const [{ answer }] = (await once(child, 'message')) as [{ answer: { url: string; ca: string } }]
    const known = { key: device.privateKeyPem, cert: device.certificatePem }
    const bare = { pid: child.pid ?? 0, options: { ...known, ca: answer.ca, ...addressOf(answer.url) } }
    const ca = await readFile(hub.authorityPath, 'utf8')
    const own = { pid: Number((await hub.waitFor('hub_ready')).pid), options: { ...known, ca, ...addressOf(hub.url) } }
    const figures = await inTurn(own, bare)
    child.disconnect()
    return figures
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const addressOf = (url: string) => ({ host: '127.0.0.1', port: Number(new URL(url).port), servername: 'localhost' })

async function inTurn(hub: Side, bare: Side) {
  const rounds: { hub: Measured; bare: Measured }[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const both = { hub: await shake(hub), bare: await shake(bare) }
    // The first round is a warm-up.
    if (round > 0) rounds.push(both)
  }
  return {
    handshakePerSec: Math.round(median(rounds.map((round) => round.hub.perSec))),
    handshakeBarePerSec: Math.round(median(rounds.map((round) => round.bare.perSec))),
    handshakeToBare: rounded(median(rounds.map((round) => round.hub.perSec / round.bare.perSec))),
    handshakeCpuMs: rounded(median(rounds.map((round) => round.hub.cpuMsEach))),
    handshakeBareCpuMs: rounded(median(rounds.map((round) => round.bare.cpuMsEach))),
  }
}

/** Many, some at a time, each with all certificates: no ticket is used. */
async function shake({ pid, options }: Side): Promise<Measured> {
  const startMs = performance.now()
  const usedMs = await cpuMs(pid)
  let left = HANDSHAKES
  const lane = async () => {
    for (; left > 0; left--) await shakeOnce(options)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  return {
    perSec: (HANDSHAKES / (performance.now() - startMs)) * 1_000,
    cpuMsEach: ((await cpuMs(pid)) - usedMs) / HANDSHAKES,
  }
}

async function shakeOnce(options: ConnectionOptions): Promise<void> {
  const socket = connect(options)
  await once(socket, 'secureConnect')
  socket.destroy()
}

async function joinOne({ client }: HubProgram) {
  await client.site.apply({ name: 'bench', kind: 'edge' })
  const { token } = await client.token.create({ site: 'bench' })
  const { secret } = JSON.parse(Buffer.from(token.slice('skj_'.length), 'base64url').toString()) as { secret: string }
  const { privateKeyPem } = generateKeyPair()
  const csr = await createCertificateRequest(privateKeyPem)
  const inventory = {
    hostname: 'bench',
    arch: 'x64',
    os: 'linux',
    cpuModel: 'bench',
    cpuCount: 1,
    memoryBytes: 1,
    diskFreeBytes: 1,
    capabilities: [],
    opsetMax: 22,
  }
  const joined = await client.device.join({ secret, csr, inventory, name: 'bench' })
  if (joined.status !== 'active') throw new Error('the device of the benchmark was not let in')
  return { privateKeyPem, certificatePem: joined.certificate, authorityPem: joined.ca }
}
