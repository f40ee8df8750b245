/** The texts of alerts and of the first steps. The hub sends the text of each alert. */
import { count, number } from './count.ts'

export const alertTexts = {
  alerts: {
    title: 'Needs attention',
    quiet: 'All quiet',
    noAlerts: 'No alerts yet',
    quietHint: 'No known problems.',
    quietUnknown: (devices: number) =>
      `No known problems, but ${count(devices, 'device')} ${devices === 1 ? 'has' : 'have'} not reported yet.`,
    quietNoDevices: 'No known problems. There is no device yet.',
    bell: (alerts: number) =>
      alerts === 0 ? 'Alerts: none' : `Alerts: ${number.format(alerts)} ${alerts === 1 ? 'needs' : 'need'} attention`,
    bellUnknown: 'Alerts: unknown',
    many: (alerts: number) => (alerts > 99 ? '99+' : number.format(alerts)),
    severity: { critical: 'Critical', warning: 'Warning', info: 'To do' },
    ends: 'ends',
    all: (alerts: number) => `Show all ${number.format(alerts)}`,
    fewer: 'Show fewer',
    omitted: (alerts: number) => `${count(alerts, 'more alert')} not shown. Handle these first.`,
    toOverview: 'All on the overview',
    worst: 'Most at',
  },
  steps: {
    title: 'First steps',
    progress: (done: number, total: number) => `${done} of ${total} done`,
    done: 'done',
    site: {
      title: 'Create a site',
      hint: 'A location of devices: a plant, a shop, a cloud region.',
      action: 'New site',
    },
    device: {
      title: 'Join a device',
      hint: 'Create a join token and start an agent with it. The device appears here within seconds.',
      action: 'New join token',
      command: (site: string) => `skerry agent --join "$(skerry device token create --site ${site})"`,
    },
    model: {
      title: 'Upload a model',
      hint: 'An ONNX file. The hub checks and signs it. Devices compare its answers before they serve it.',
      action: 'Upload a model',
      command: () => 'skerry model push model.onnx --name my-model',
    },
    deploy: {
      title: 'Deploy it',
      hint: 'Choose the devices and the pace. The rollout stops by itself when it fails.',
      action: 'Deploy',
      command: () => "skerry deploy my-model --to 'true'",
    },
    equipment: {
      title: 'Machines at the site?',
      hint: 'After the first device, connect a PLC, a broker or a simulator as a source. A device can then learn what is normal and raise an alarm, without a model of yours.',
      action: 'Connect equipment',
      learn: 'Learn normal',
    },
    commandLabel: 'command',
  },
} as const
