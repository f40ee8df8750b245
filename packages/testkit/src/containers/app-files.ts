/** App files: the files of a release around images that exist already, as a push stores them. */
import { App } from '@skerry/contract/apps/app'
import { APP_PATH } from '@skerry/contract/kinds/app'
import type { TestImage } from './busybox-image.ts'

export type TestService = { image: TestImage } & Partial<Omit<App['services'][string], 'image'>>

/** 6 MiB are the least that an engine accepts; a shell with `httpd` needs less than 16. */
const RESOURCES = { memoryBytes: 32 * 1024 ** 2, cpus: 1, pids: 32 }

/** Stops are quick, because a shell as the first process of a container ignores SIGTERM. */
const QUICK = { resources: RESOURCES, restart: 'unless-stopped', stopGraceMs: 0 } as const

/** The files by their paths. */
export function appFiles(
  services: Readonly<Record<string, TestService>>,
  config?: App['config'],
): Record<string, Buffer | string> {
  const named = Object.entries(services).map(([name, { image, ...rest }]) => {
    const from = { image: image.manifest, imageId: image.id, imageName: `test/${name}:1` }
    return [name, { ...from, platform: { os: 'linux', architecture: image.architecture }, ...QUICK, ...rest }] as const
  })
  const app = App.parse({ v: 1, services: Object.fromEntries(named), ...(config && { config }) })
  const blobs = Object.assign({}, ...Object.values(services).map(({ image }) => image.blobs))
  return { [APP_PATH]: JSON.stringify(app), ...blobs }
}
