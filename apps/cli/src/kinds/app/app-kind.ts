/** App kind: the services of a release, with their images and limits. */
import type { AppVersionDetail } from '@skerry/contract/models/model'
import { appAccess } from '@skerry/core/apps/app-access'
import { tableOf } from '../../program/terminal/table.ts'
import type { KindRow } from '../kind-row.ts'

export const appKind: KindRow<AppVersionDetail> = {
  noun: 'an app',
  showCommand: 'app show',
  commands: {
    group: 'Apps: containers that run beside the models of a device',
    list: { name: 'app ls', summary: 'List apps', examples: ['skerry app ls'] },
    show: {
      name: 'app show',
      summary: 'Show an app with its releases, or the services of one release',
      examples: ['skerry app show dashboard', 'skerry app show dashboard:2'],
    },
  },
  none: 'no apps yet; push one with "skerry app push"',
  devices: 'runs on',
  facts: ({ app }) => [
    ['services', Object.keys(app.services).join(', ')],
    ['reaches into', appAccess(app).join(', ') || undefined],
    ['settings', Object.keys(app.config?.properties ?? {}).join(', ') || undefined],
  ],
  settings: ({ app }) => app.config,
  table: ({ app }, style) =>
    tableOf(
      style,
      ['SERVICE', 'IMAGE', 'PLATFORM', 'PORTS', 'MEMORY', 'CPUS'],
      Object.entries(app.services).map(([name, { imageName, platform, ports = [], resources }]) => [
        name,
        imageName,
        `${platform.os}/${platform.architecture}`,
        ports
          .map(({ address, host, container, protocol }) => `${address}:${host} → ${container}/${protocol}`)
          .join(', '),
        `${Math.round(resources.memoryBytes / 1024 ** 2)} MiB`,
        String(resources.cpus),
      ]),
      '',
    ),
  noInputs: 'which has ports of its own',
}
