/** Target: a port as people write it, for the device itself or for an address behind it. */
import { AccessTarget } from '@skerry/contract/access/access'
import { fits } from '../../program/command.ts'

const LOOPBACK = '127.0.0.1'

/** `8080` is a port of the device; `192.168.7.5:80` is behind it. `udp:` before either means UDP. */
export function parseTarget(text: string): AccessTarget {
  return fits(AccessTarget)(text.replace(/^(udp:)?([0-9]+)$/, `$1${LOOPBACK}:$2`))
}

export type Tunnel = { target: AccessTarget; localPort: number }

/** `8080`, `8080:9090` and `192.168.7.5:80:9090`: the last number after a port is the local one. */
export function parseTunnel(text: string): Tunnel {
  const match = /^(udp:)?(?:(\[[0-9a-fA-F:.]+\]|[0-9.]+\.[0-9.]+):)?([0-9]{1,5})(?::([0-9]{1,5}))?$/.exec(text)
  if (!match)
    throw new Error('must be PORT, PORT:LOCAL or ADDRESS:PORT:LOCAL, such as 8080:9090, or udp: and one of them')
  const [, transport = '', address = LOOPBACK, port = '', local = port] = match
  if (Number(local) > 65_535) throw new Error('the local port must be at most 65535')
  return { target: fits(AccessTarget)(`${transport}${address}:${port}`), localPort: Number(local) }
}
