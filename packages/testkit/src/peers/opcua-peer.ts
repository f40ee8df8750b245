/** OPC UA peer: a server whose protocol is Debian's libopen62541, compiled for the test that asks for it. Its nodes are listed in its source. */
import { X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type NetworkPeer, type Replay, replayArguments, startCompiledPeer } from './compiled-peer.ts'

/** Whether this machine has what it is built of. Tests that need it are skipped where it has not. */
export const hasOpcua = existsSync('/usr/include/open62541/server.h')

export type OpcuaPeer = NetworkPeer & {
  endpoint: string
  /** The SHA-256 fingerprint of its certificate, which it keeps. */
  fingerprint(): Promise<string>
}

type Options = { tags?: number; periodMs?: number; replay?: Replay }

/** With so many moving tags. */
export async function startOpcua({ tags = 1_000, periodMs = 0, replay }: Options = {}): Promise<OpcuaPeer> {
  const server = await startCompiledPeer('opcua-server', ['-lopen62541'], {
    argumentsOf: ({ port, folder }) => [
      String(port),
      String(tags),
      String(periodMs),
      folder,
      ...replayArguments(replay),
    ],
  })
  return {
    ...server,
    endpoint: `opc.tcp://localhost:${server.port}`,
    fingerprint: async () => new X509Certificate(await readFile(join(server.folder, 'server.der'))).fingerprint256,
  }
}
