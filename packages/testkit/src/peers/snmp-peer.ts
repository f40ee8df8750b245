/** SNMP peer: an agent whose protocol is Debian's snmpd, in a folder of its own. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../free-port.ts'
import { startProgram } from '../program.ts'
import type { NetworkPeer } from './compiled-peer.ts'

const SNMPD = '/usr/sbin/snmpd'

/** Whether this machine has it. Tests that need it are skipped where it has not. */
export const hasSnmp = spawnSync(SNMPD, ['-v'], { stdio: 'ignore' }).status === 0

/** Below 1.3.6.1.4.1.99999: 1.0 is 325, 2.0 can be written, 3.0 is 59993, 4.0 the text "21.5", 5.0 can be written as text. */
const OBJECTS = [
  'override .1.3.6.1.4.1.99999.1.0 integer 325',
  'override -rw .1.3.6.1.4.1.99999.2.0 integer 300',
  'override .1.3.6.1.4.1.99999.3.0 integer 59993',
  'override .1.3.6.1.4.1.99999.4.0 octet_str "21.5"',
  'override -rw .1.3.6.1.4.1.99999.5.0 octet_str "none"',
  // [RFC 1628] upsInputVoltage of the first line.
  'override .1.3.6.1.2.1.33.1.3.3.1.3.1 integer 231',
]

/** Two communities, of which one may write; a user of each kind. */
const ACCESS = [
  'rocommunity public 127.0.0.1',
  'rwcommunity hidden-word 127.0.0.1',
  'createUser plain SHA auth-pass-12 AES priv-pass-12',
  'rwuser plain priv',
  'createUser long SHA-256 auth-pass-12 AES priv-pass-12',
  'rwuser long priv',
  'createUser signed SHA auth-pass-12',
  'rouser signed auth',
  'createUser monitor SHA-256 auth-pass-12 AES priv-pass-12',
  'rouser monitor priv',
]

export async function startSnmp(): Promise<NetworkPeer> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-snmp-'))
  const port = await freePort()
  const settings = join(folder, 'snmpd.conf')
  await writeFile(settings, [`agentaddress udp:127.0.0.1:${port}`, ...ACCESS, ...OBJECTS, ''].join('\n'))
  const program = await startProgram(SNMPD, ['-f', '-C', '-c', settings, '-Le'], {
    ready: /NET-SNMP version/,
    // Else the users would be kept with those of the machine.
    env: { SNMP_PERSISTENT_DIR: join(folder, 'kept'), MIBS: '' },
  })
  return {
    ...program,
    port,
    folder,
    async [Symbol.asyncDispose]() {
      await program.kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
