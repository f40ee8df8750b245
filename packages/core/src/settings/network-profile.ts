/** Network profile: a connection of the settings in the words of NetworkManager [nm-settings-nmcli(5)]. */
import type { NetworkConnection, NetworkLayer } from '@skerry/contract/settings/system-settings'

export type NetworkProfile = {
  /** The name of the profile: it changes with its content, so a profile is never changed in place. */
  id: string
  /** The arguments of `nmcli connection add`, without the id. A password is not among them: other users see arguments. */
  words: string[]
  /** The name of the secret with the password of a wireless network. */
  secret: string | undefined
}

/** The beginning of each profile that the agent manages. Profiles of other people are never touched. */
const PROFILE_MARK = 'skerry-'

const TYPES = { ethernet: 'ethernet', vlan: 'vlan', wifi: 'wifi', cellular: 'gsm' } as const

/** `revision`: a short text that changes with the connection and with its secret. */
export function networkProfile(connection: NetworkConnection, revision: string): NetworkProfile {
  const { kind, name, interface: device, ipv4, ipv6, proxyScript } = connection
  const usual = kind === 'vlan' ? `${connection.parent}.${connection.id}` : '*'
  return {
    id: `${PROFILE_MARK}${name}@${revision}`,
    words: [
      'type',
      TYPES[kind],
      'ifname',
      device ?? usual,
      ...kindWords(connection),
      ...layerWords('ipv4', ipv4),
      ...layerWords('ipv6', ipv6),
      ...(proxyScript === undefined ? [] : ['proxy.method', 'auto', 'proxy.pac-url', proxyScript]),
    ],
    secret: kind === 'wifi' ? connection.secret : undefined,
  }
}

function kindWords(connection: NetworkConnection): string[] {
  switch (connection.kind) {
    case 'ethernet':
      return []
    case 'vlan':
      return ['vlan.parent', connection.parent, 'vlan.id', String(connection.id)]
    case 'wifi': {
      const { ssid, secret, security } = connection
      return ['wifi.ssid', ssid, ...(secret === undefined ? [] : ['wifi-sec.key-mgmt', security])]
    }
    case 'cellular':
      return ['gsm.apn', connection.apn]
  }
}

function layerWords(layer: 'ipv4' | 'ipv6', given: NetworkLayer | undefined): string[] {
  if (!given) return [`${layer}.method`, 'auto']
  const { method, addresses, gateway, dns, routes, metric } = given
  const pairs = {
    method,
    addresses: addresses.join(','),
    gateway: gateway ?? '',
    dns: dns.join(','),
    routes: routes.map(({ to, via }) => `${to} ${via}`).join(','),
    'route-metric': metric === undefined ? '' : String(metric),
  }
  // [nm-settings-nmcli(5)] A method comes after its addresses: manual without one is rejected.
  const { method: last, ...first } = pairs
  const set = Object.entries(first).filter(([, value]) => value !== '')
  return [...set.flatMap(([key, value]) => [`${layer}.${key}`, value]), `${layer}.method`, last]
}

/** Differs between the profiles that should be there and the ones that are. Both are ids. */
export function networkSteps(wanted: readonly string[], present: readonly string[]) {
  const managed = present.filter((id) => id.startsWith(PROFILE_MARK))
  return {
    add: wanted.filter((id) => !managed.includes(id)),
    remove: managed.filter((id) => !wanted.includes(id)),
  }
}
