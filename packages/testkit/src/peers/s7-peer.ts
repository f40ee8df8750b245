/** S7 peer: a CPU whose protocol is Debian's libsnap7, compiled for the test that asks for it. Its blocks are listed in its source. */
import { existsSync } from 'node:fs'
import { type NetworkPeer, startCompiledPeer } from './compiled-peer.ts'

/** Whether this machine has what it is built of. Tests that need it are skipped where it has not. */
export const hasS7 = existsSync('/usr/include/snap7.h')

export const startS7 = (): Promise<NetworkPeer> => startCompiledPeer('s7-server', ['-lsnap7'], { extension: 'cpp' })
