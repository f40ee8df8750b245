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
  schedule: {
    title: 'Learnt schedule',
    lead: 'Hours of the last week in which more were needed on most days.',
    columns: { unit: 'Of', days: 'Days', hours: 'Hours', least: 'Number', seen: 'Seen' },
    units: { worker: 'Workers', replica: 'Replicas' },
    verb: 'Use this schedule',
    ask: (name: string) => `Change the schedule of ${name}?`,
    askLead: 'The deployment gets a new revision. Present entries of its schedule stay.',
    done: (name: string) => `${name} has the schedule`,
  },
  more: (devices: number) => `and ${count(devices, 'device')} more; "skerry scaling explain" lists them`,
}
