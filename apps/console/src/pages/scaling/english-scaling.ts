/** Texts of scaling. */
import { count } from '../../texts/count.ts'

export const scalingTexts = {
  title: 'Scaling',
  workers: (policy: string) => `Workers on each device: ${policy}.`,
  replicas: (policy: string) => `Replicas: ${policy}.`,
  replicasName: 'Replicas',
  why: (amount: number) => `Why ${amount}?`,
  unreported: 'The device has not reported its number of workers yet.',
  load: ({ concurrency, queue, rps }: { concurrency: string; queue: string; rps: string }) =>
    `${concurrency} at once, ${queue} waiting, ${rps} a second`,
  columns: { when: 'When', change: 'Change', why: 'Why' },
  change: (from: number, to: number) => `${from} → ${to}`,
  chart: (name: string, now: number, steps: number) => `${name}: ${now} now, after ${count(steps, 'step')}`,
  steps: (name: string) => `Steps of ${name}`,
  noSteps: 'No step in the last week.',
  more: (devices: number) => `and ${count(devices, 'device')} more; "skerry scaling explain" lists them`,
}
