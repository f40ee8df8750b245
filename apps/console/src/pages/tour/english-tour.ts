/** The texts of the guided tour. */
import { inLanguage } from '../../texts/in-language.ts'

export const tourTexts = inLanguage('tour', {
  offer: 'Show me around',
  offerHint: 'With sample data, which you can remove again.',
  making: 'Making the sample data …',
  failed: 'The sample data could not be made',
  title: 'Guided tour',
  progress: (step: number, total: number) => `Step ${step} of ${total}`,
  back: 'Back',
  next: 'Next',
  leave: 'Leave the tour',
  finish: 'Finish',
  steps: {
    overview: [
      'The overview',
      'The day begins here: the state of all devices by site, problems that need a person, and running rollouts. The tour has made a site with the name “sample”.',
    ],
    devices: [
      'A device runs everything',
      'A device is a small computer at a machine, with the agent of Skerry. Open the site “sample” to join this computer as a device, or run the command. You can go on without a device: then nothing runs, but all pages are there.',
    ],
    sources: [
      'A source reads a machine',
      '“sample-pump” is a simulated pump with a temperature and a vibration. Real sources speak Modbus, OPC UA, S7 and other protocols. Devices at the site “sample” start it by themselves.',
    ],
    model: [
      'A model is signed',
      '“sample-anomaly” is a small ONNX model. The hub has checked and signed it, and a deployment brings it to all devices at the site “sample”.',
    ],
    flow: [
      'A flow decides',
      '“sample-alarm” reads the temperature of the pump, raises an alarm above 63 °C, and sends both to the hub. A flow has versions and rollouts, as a model has.',
    ],
    end: [
      'This was the way of a value',
      'Now use your own machine, model and flow. The sample data stay until you remove them here, or on the overview.',
    ],
  },
  command: 'command',
  ending: {
    none: 'No device has joined the site “sample” yet, so no value flows. This command makes this computer such a device, in a minute. It needs a sign-in first: skerry login.',
    runs: (device: string) =>
      `The device “${device}” runs them. Twice a minute the pump is too warm: then the overview shows the alarm, and you can acknowledge it.`,
    see: 'See its values',
  },
  sample: {
    title: 'Sample data',
    hint: 'This hub holds the data of the guided tour: the site “sample”, the source “sample-pump”, the model “sample-anomaly”, the flow “sample-alarm” and their deployments. Nothing of it reaches another site.',
    again: 'Take the tour',
    remove: 'Remove the sample data',
    removeLead:
      'Removes the two deployments, the model, the flow, the source and the site. A device at the site stops serving them. The audit log keeps its records.',
    verb: 'Remove',
    removed: 'The sample data are removed',
    kept: 'The site “sample” stays, because it has devices. Remove them first, then the site.',
  },
} as const)
