/** Observe installation: the facts of level 3, which a hub knows about the devices of an installation. */
import type { SkerryClient } from '@skerry/client/client'
import { allRows } from '@skerry/client/page'
import type { Device } from '@skerry/contract/devices/device'
import { type Installation, InstallationName } from '@skerry/contract/market/installation'
import type { ObservedDevice, ObservedInstallation, ObservedItem } from '@skerry/core/market/checks/check-devices'
import { fits, value } from '../../../program/command.ts'
import { exitCodes, Failure, wrongUsage } from '../../../program/failure.ts'
import type { Session } from '../../../program/session.ts'

export const INSTALLATION = value(
  '--installation <name>',
  'installation of the version on the hub, whose devices prove level 3',
  fits(InstallationName),
)

/** Each needs two requests. The devices of a pilot are fewer. */
const DEVICES_MAX = 100

/** Fails if there is no such installation, or if it has more devices than a certificate can name. */
export async function observeInstallation(name: string, session: Session): Promise<ObservedInstallation> {
  const { client } = await session.hub()
  const { signal, io } = session
  const all = await allRows((page) => client.market.installations(page, { signal }))
  const installation = all.find((each) => each.name === name)
  if (!installation) {
    throw new Failure({
      code: 'installation_unknown',
      message: `there is no installation ${name}`,
      next: '"skerry market ls" lists them',
      exitCode: exitCodes.failed,
    })
  }
  const { selector, state, digest } = installation
  const picked = await allRows((page) => client.device.list({ selector, ...page }, { signal }))
  if (picked.length > DEVICES_MAX) {
    throw wrongUsage(
      `${name} has ${picked.length} devices, and a certificate is about at most ${DEVICES_MAX}`,
      'install the version on fewer devices',
    )
  }
  const versions = await deployedVersions(client, installation, signal)
  const devices: ObservedDevice[] = []
  for (const device of picked) devices.push(await observeDevice(client, { device, installation, versions }, signal))
  return { name, digest, state, devices, atMs: io.nowMs() }
}

/** The version that each deployment of the installation has resolved to. */
async function deployedVersions(client: SkerryClient, { objects }: Installation, signal: AbortSignal) {
  const versions = new Map<string, number>()
  for (const { object, name: deployment } of objects) {
    if (object !== 'deployment') continue
    const { spec, version } = await client.deployment.get({ deployment }, { signal })
    versions.set(spec.deployable, version)
  }
  return versions
}

type Observed = { device: Device; installation: Installation; versions: ReadonlyMap<string, number> }

async function observeDevice(
  client: SkerryClient,
  { device, installation, versions }: Observed,
  signal: AbortSignal,
): Promise<ObservedDevice> {
  const { items } = await client.device.get({ device: device.id }, { signal })
  const signals = await allRows((page) => client.telemetry.signals({ device: device.id, ...page }, { signal }))
  const prefix = `${installation.name}-`
  const own = items.flatMap(({ name, state, serving, sinceMs }): ObservedItem[] => {
    const version = versions.get(name)
    if (version === undefined) return []
    const isServing = serving?.version === version
    return [{ item: name.slice(prefix.length), isActive: state === 'active', isServing, sinceMs }]
  })
  return {
    name: device.name,
    arch: device.machine?.arch,
    isConnected: device.liveness === 'online',
    items: own,
    signals: new Set(signals.filter(({ values }) => values > 0).map(({ signal: path }) => path)),
  }
}
