/** App access: the parts of a device that an app gets, in the words with which a device allows them. */
import type { App, Service } from '@skerry/contract/apps/app'
import type { HostAccess } from '@skerry/contract/apps/host-access'

/** The words of one service: `gpu`, `device:/dev/ttyUSB0`, `folder:/srv/data`, `network`, `capability:NET_ADMIN`. */
export function accessWords(access: HostAccess = {}): string[] {
  const { devices = [], gpus, runtime, folders = [], capabilities = [], hostNetwork, privileged } = access
  return [
    ...(privileged ? ['privileged'] : []),
    ...(hostNetwork ? ['network'] : []),
    ...(gpus || runtime ? ['gpu'] : []),
    ...devices.map(({ host }) => `device:${host}`),
    // A folder that can be written is a word of its own, because its files can become programs.
    ...folders.map(({ host, readOnly }) => `folder:${host}${readOnly ? '' : ':rw'}`),
    ...capabilities.map((name) => `capability:${name}`),
  ]
}

/** All words of the app, each once. */
export const appAccess = ({ services }: Pick<App, 'services'>): string[] => [
  ...new Set(Object.values(services).flatMap(({ access }: Pick<Service, 'access'>) => accessWords(access))),
]

/** The first word that the device does not allow. A folder that may be written may be read. */
export const refusedAccess = (app: Pick<App, 'services'>, allowed: readonly string[]): string | undefined =>
  appAccess(app).find((word) => !allowed.includes(word) && !allowed.includes(`${word}:rw`))
