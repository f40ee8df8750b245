/** The texts of the replay of a recording in the browser. */
import { count, number } from '../../../texts/count.ts'

export const replayTexts = {
  lead: 'Choose a recording to see the outputs of this version. It is a file of JSON lines from “skerry flow run --record”. This browser replays it with the engine of the devices. Nothing is sent, and nothing is written to equipment.',
  choose: 'Choose a recording',
  own: 'Replay the recording of the version',
  cancel: 'Stop',
  models: (names: readonly string[]) =>
    `You cannot replay it here, because it uses ${names.length === 1 ? 'the model' : 'the models'} ${names.join(', ')}, and a browser runs no models. Replay it on the command line or on a device.`,
  progress: 'Read so far',
  running: (done: string, total: string) => `${done} of ${total}`,
  tooLarge: (size: string, most: string) =>
    `You cannot replay it here, because the file has ${size} and a page replays at most ${most}. Use the command line.`,
  tooLong: (minutes: number) =>
    `The replay was stopped after ${count(minutes, 'minute')}, because a step is slow or the recording is too large for a page. Use the command line.`,
  failed: 'The recording was not replayed',
  again: 'Choose another one, or correct the file.',
  result: (file: string) => `Outputs for ${file}`,
  same: 'Nothing differs from the golden file of the version.',
  differs: (differences: number) =>
    `${count(differences, 'output')} ${differences === 1 ? 'differs' : 'differ'} from the golden file of the version`,
  difference: (sink: string, place: number, expected: string, given: string) =>
    `${sink}, output ${number.format(place + 1)}: ${expected} was expected, and is now ${given}`,
  nothing: 'nothing',
  summary: (samples: number, outputs: number) =>
    `${count(samples, 'sample')} went in, ${count(outputs, 'output')} came out.`,
  noOutputs:
    'No sink received a value. Windows may need more samples than the recording has, or its tags do not match the inputs.',
  leftOut: 'Left out',
  nothingLeftOut: 'Nothing was left out.',
  strangers: (samples: number) => `${count(samples, 'sample')} that the flow has no input for`,
  dropped: (part: string, values: number) => `${part}: ${number.format(values)} dropped by its policy`,
  late: (part: string, values: number) => `${part}: ${number.format(values)} came too late`,
  parts: { input: 'Input', step: 'Step', sink: 'Sink' },
  sinks: 'Sinks',
  sinkColumns: { sink: 'Sink', outputs: 'Outputs', uncertain: 'Uncertain', bad: 'Bad' },
  show: (sink: string) => `Show the values of ${sink}`,
  outputsOf: (sink: string) => `Values of ${sink}`,
  outputColumns: { at: 'Time', value: 'Value', quality: 'Quality', why: 'Why' },
  cut: (shown: number, all: number) => `The first ${number.format(shown)} of ${number.format(all)}. The file has all.`,
  noNumbers: 'There is no chart, because the sink received no numbers.',
  toldNothing: 'It received nothing.',
  save: 'Save all outputs',
  qualities: { good: 'Good', uncertain: 'Uncertain', bad: 'Bad' },
} as const
