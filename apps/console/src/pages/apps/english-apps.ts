/** Texts of apps, their releases, and their containers on a device. */
import type { AppPort } from '@skerry/contract/apps/app'
import { count, number } from '../../texts/count.ts'

export const appTexts = {
  title: 'Apps',
  count: (rows: number) => count(rows, 'app'),
  filter: 'Filter the apps',
  noMatch: 'No app fits the filter.',
  empty: 'No apps yet',
  emptyHint: 'An app is one or more containers that run on a device beside its models. Push the first release:',
  push: 'skerry app push NAME --image FILE',
  version: (version: number) => `release ${number.format(version)}`,
  columns: {
    name: 'Name',
    latest: 'Newest',
    aliases: 'Aliases',
    deployments: 'Deployments',
    devices: 'Devices',
    created: 'Created',
  },
  healthy: (healthy: number, total: number) =>
    total === 0 ? 'none' : `${number.format(healthy)} of ${number.format(total)} healthy`,
  services: {
    title: 'Services',
    columns: { service: 'Service', image: 'Image', ports: 'Ports', limits: 'Limits', health: 'Health check' },
    none: 'none',
    port: ({ address, host, container, protocol }: AppPort) =>
      `${address.includes(':') ? `[${address}]` : address}:${host} → ${container}/${protocol}`,
    limits: (memory: string, cpus: number) => `${memory}, ${cpus} ${cpus === 1 ? 'processor' : 'processors'}`,
    every: (seconds: number) => `every ${number.format(seconds)} s`,
    noHealth: 'none: only whether it runs',
  },
  settings: {
    title: 'Settings',
    columns: { setting: 'Setting', type: 'Type', usual: 'Default' },
    usual: (value: string) => `Default: ${value}`,
    needed: 'Needed',
    unset: (value: string) => `Default (${value})`,
    choose: 'Choose a value',
  },
  containers: {
    title: 'Containers',
    none: 'No app on this device',
    noneHint: 'Deploy an app to the device. Its containers then appear here.',
    noEngine: 'The device reports no container engine. Install Docker, so that it can run apps.',
    engine: (engine: string, version: string) => `${engine} ${version}`,
    figure: {
      containers: 'Containers',
      running: 'Running',
      restarts: 'Restarts',
      health: 'Health',
      memoryBytes: 'Memory',
      cpuPercent: 'Processor',
      corrections: 'Corrected',
      isStopped: 'Stopped by a person',
    } as Readonly<Record<string, string>>,
    percent: (value: number) => `${number.format(Math.round(value * 10) / 10)} %`,
    noFigures: 'The device has reported no figures yet.',
  },
  logs: {
    title: (app: string) => `Log of ${app}`,
    fetch: 'Fetch the log',
    again: 'Fetch again',
    empty: 'Nothing has been fetched',
    emptyHint: 'The newest 200 lines of its containers. Fetching them is recorded in the audit log.',
    none: 'The containers have written nothing',
    offline: 'The device is not connected',
    fetched: 'fetched',
    columns: { at: 'When', service: 'Service', text: 'Line' },
  },
} as const
