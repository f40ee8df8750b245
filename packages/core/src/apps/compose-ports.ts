/** Compose ports: the ports of the device that lead into a container. */
import type { AppPort } from '@skerry/contract/apps/app'
import { checkFields } from './compose-fields.ts'
import {
  type ComposePath,
  type Field,
  type Findings,
  listOf,
  mapOf,
  report,
  textOf,
  wordOf,
} from './compose-findings.ts'

/**
 * Compose listens on all addresses by default. An app listens on loopback, so that it is reachable from outside only
 * when its file says so.
 */
export const ADDRESS_DEFAULT = '127.0.0.1'

const FORM = 'must be [ADDRESS:]PORT:PORT[/udp], such as 8080:80 or 0.0.0.0:8080:80'

export function portsOf(it: Findings, field: Field): AppPort[] | undefined {
  const ports = listOf(it, field)?.map((each) =>
    typeof each.value === 'object' ? longPort(it, each) : shortPort(it, each),
  )
  return ports?.flatMap((port) => (port ? [port] : []))
}

function shortPort(it: Findings, field: Field): AppPort | undefined {
  const text = textOf(it, field)
  if (text === undefined) return undefined
  const [, address, host, container, protocol] =
    /^(?:(?:(\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:]+\]):)?([\d-]*):)?([\d-]+)(?:\/(tcp|udp))?$/.exec(text) ?? []
  if (container === undefined) return report(it, field.path, 'value_invalid', FORM)
  return portOf(it, field.path, { host, container, protocol, address: address?.replaceAll(/[[\]]/g, '') })
}

function longPort(it: Findings, field: Field): AppPort | undefined {
  const map = mapOf(it, field)
  if (!map) return undefined
  checkFields(it, 'port', map, field.path)
  const text = (name: string) =>
    map[name] === undefined ? undefined : textOf(it, { value: map[name], path: [...field.path, name] })
  const protocol =
    map.protocol === undefined
      ? 'tcp'
      : wordOf(it, { value: map.protocol, path: [...field.path, 'protocol'] }, ['tcp', 'udp'])
  return portOf(it, field.path, {
    host: text('published'),
    container: text('target') ?? '',
    protocol,
    address: text('host_ip'),
  })
}

type Texts = {
  host: string | undefined
  container: string
  protocol: string | undefined
  address: string | undefined
}

function portOf(it: Findings, path: ComposePath, { host, container, protocol, address }: Texts): AppPort | undefined {
  if (host === undefined || host === '') {
    return report(it, path, 'value_invalid', `a port of the device is missing, and a random one would change; ${FORM}`)
  }
  if (host.includes('-') || container.includes('-')) {
    return report(it, path, 'field_unsupported', `ranges are not supported; write each port, ${FORM}`)
  }
  const ports = { host: Number(host), container: Number(container) }
  const isPort = (port: number) => Number.isInteger(port) && port >= 1 && port <= 65_535
  if (!isPort(ports.host) || !isPort(ports.container)) {
    return report(it, path, 'value_invalid', 'a port must be a number from 1 to 65535')
  }
  return { ...ports, protocol: protocol === 'udp' ? 'udp' : 'tcp', address: address ?? ADDRESS_DEFAULT }
}

const EVERY: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

type Claim = { service: string; path: ComposePath; port: AppPort }

/** Reports ports of the device that two entries claim. */
export function checkClaims(it: Findings, claims: readonly Claim[]): void {
  for (const [index, { port, path }] of claims.entries()) {
    const other = claims.slice(0, index).find((claim) => isSamePort(claim.port, port))
    if (!other) continue
    const message = `the service ${other.service} has the port ${port.host}/${port.protocol} of the device already`
    report(it, path, 'value_invalid', `${message}; choose another one`)
  }
}

const isSamePort = (one: AppPort, other: AppPort) =>
  one.host === other.host &&
  one.protocol === other.protocol &&
  (one.address === other.address || EVERY.has(one.address) || EVERY.has(other.address))
