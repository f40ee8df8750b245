/** Modbus peer: a server whose protocol is Debian's libmodbus, compiled for the test that asks for it. Its registers are listed in its source. */
import { spawnSync } from 'node:child_process'
import { type NetworkPeer, type Replay, replayArguments, startCompiledPeer } from './compiled-peer.ts'

const asked = spawnSync('pkg-config', ['--cflags', '--libs', 'libmodbus'], { encoding: 'utf8' })

/** Whether this machine has what it is built of. Tests that need it are skipped where it has not. */
export const hasModbus = asked.status === 0

export type ModbusPeer = NetworkPeer

/** Builds and starts one on a free port. */
export const startModbus = ({ replay }: { replay?: Replay } = {}): Promise<ModbusPeer> =>
  startCompiledPeer('modbus-server', (asked.stdout ?? '').trim().split(/\s+/), {
    argumentsOf: ({ port }) => [String(port), ...replayArguments(replay)],
  })
