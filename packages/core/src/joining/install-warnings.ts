/** Install warnings: reasons why the command that installs a device cannot work yet, each with the commands that help. */
import type { DeviceInstallation } from '@skerry/contract/joining/device-installation'

export type InstallWarning = {
  code: 'package_missing' | 'address_local'
  message: string
  /** A person runs these, or chooses one if each of them names another address. */
  commands: string[]
}

/** The commands in the order of their use. The first one makes the file that the second one sends. */
export const PUSH_COMMANDS = [
  'npm run pack',
  'skerry agent push .skerry/packages/skerry-agent-linux-x64.tar --alias stable',
] as const

/** Whether an address leads each computer to itself. */
export function isLocalHost(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase()
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name)
}

/** Empty if a device can be installed. */
export function installWarnings(installation: DeviceInstallation): InstallWarning[] {
  const warnings: InstallWarning[] = []
  if (installation.packages.length === 0) {
    warnings.push({
      code: 'package_missing',
      message:
        'this hub has no agent package, so it cannot install a device yet. Make a package in a checkout of Skerry, and push it',
      commands: [...PUSH_COMMANDS],
    })
  }
  return [...warnings, ...addressWarnings(installation)]
}

/** The warnings that also concern a device that has Skerry already. */
export const addressWarnings = ({ local }: Pick<DeviceInstallation, 'local'>): InstallWarning[] =>
  local ? [localWarning(local)] : []

function localWarning({ hub, listen, addresses }: NonNullable<DeviceInstallation['local']>): InstallWarning {
  const isClosed = isLocalHost(listen.host)
  const listenOption = isClosed ? `--listen 0.0.0.0:${listen.port} ` : ''
  const places = addresses.length === 0 ? ['HOST'] : addresses
  const reason = isClosed
    ? 'The hub listens for its own computer only'
    : 'The hub does not know its address in your network'
  return {
    code: 'address_local',
    message: `only a device on the computer of the hub reaches ${hub}. ${reason}. Restart it with these options for other devices, and create the token again`,
    commands: places.map((host) => `${listenOption}--public-url https://${bracketed(host)}:${listen.port}`),
  }
}

const bracketed = (host: string) => (host.includes(':') ? `[${host}]` : host)
