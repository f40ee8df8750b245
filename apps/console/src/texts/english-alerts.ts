/** The texts of alerts and of the first steps. What an alert says comes from the hub. */
import { count, number } from './count.ts'

export const alertTexts = {
  alerts: {
    title: 'Needs attention',
    quiet: 'All quiet',
    quietHint: 'Nothing needs a person.',
    quietUnknown: (devices: number) =>
      `Nothing needs a person, as far as is known: ${count(devices, 'device')} ${devices === 1 ? 'has' : 'have'} not been heard yet.`,
    quietNoDevices: 'Nothing needs a person. There is no device yet.',
    bell: (alerts: number) =>
      alerts === 0
        ? 'Alerts: none'
        : `Alerts: ${count(alerts, 'finding')} ${alerts === 1 ? 'needs' : 'need'} attention`,
    bellUnknown: 'Alerts: not known',
    many: (alerts: number) => (alerts > 99 ? '99+' : number.format(alerts)),
    severity: { critical: 'Critical', warning: 'Warning', info: 'To do' },
    ends: 'ends',
    all: (alerts: number) => `Show all ${number.format(alerts)}`,
    fewer: 'Show fewer',
    omitted: (alerts: number) => `${count(alerts, 'more finding')} not shown: see to these first.`,
    toOverview: 'All on the overview',
    worst: 'Most at',
  },
  steps: {
    title: 'First steps',
    progress: (done: number, total: number) => `${done} of ${total} done`,
    done: 'done',
    site: {
      title: 'Make a site',
      hint: 'A place where devices stand: a plant, a shop, a cloud region.',
      action: 'New site',
    },
    device: {
      title: 'Join a device',
      hint: 'Make a join token; the agent that starts with it shows here within seconds.',
      action: 'New join token',
      command: (site: string) => `skerry agent --join "$(skerry device token create --site ${site})"`,
    },
    model: {
      title: 'Upload a model',
      hint: 'An ONNX file. The hub checks and signs it; devices compare its answers before they serve it.',
      action: 'Upload a model',
      command: () => 'skerry model push my-model model.onnx',
    },
    deploy: {
      title: 'Deploy it',
      hint: 'Say which devices, and how fast. The rollout stops by itself where it fails.',
      action: 'Deploy',
      command: () => "skerry deploy my-model --to 'true'",
    },
    commandLabel: 'command',
  },
} as const
