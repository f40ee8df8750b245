/** IEC 104 peer: a station whose protocol is Debian's lib60870, which is GPL: built for tests only. Its objects are listed in its source. */
import { existsSync } from 'node:fs'
import { type NetworkPeer, startCompiledPeer } from './compiled-peer.ts'

/** Whether this machine has what it is built of. Tests that need it are skipped where it has not. */
export const hasIec104 = existsSync('/usr/include/lib60870/cs104_slave.h')

export const startIec104 = (): Promise<NetworkPeer> => startCompiledPeer('iec104-station', ['-llib60870', '-lpthread'])
