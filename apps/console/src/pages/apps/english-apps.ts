/** Texts of apps and their releases. */
import type { AppPort } from '@skerry/contract/apps/app'

export const appTexts = {
  services: 'Services',
  columns: { service: 'Service', image: 'Image', ports: 'Ports', limits: 'Limits' },
  none: 'none',
  port: ({ address, host, container, protocol }: AppPort) => `${address}:${host} → ${container}/${protocol}`,
  limits: (memory: string, cpus: number) => `${memory}, ${cpus} ${cpus === 1 ? 'processor' : 'processors'}`,
} as const
