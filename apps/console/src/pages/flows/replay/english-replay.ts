/** The texts about replaying a recording through a flow in a page. */
import { count, number } from '../../../texts/count.ts'

export const replayTexts = {
  lead: 'Choose a recording to see what this version answers to it: JSON lines, as “skerry flow run --record” writes them. It is replayed in this browser, by the engine that devices have: nothing is sent, and nothing is written to equipment.',
  choose: 'Choose a recording',
  own: 'Replay the recording of the version',
  cancel: 'Stop',
  models: (names: readonly string[]) =>
    `It asks ${names.length === 1 ? 'the model' : 'the models'} ${names.join(', ')}, and a browser runs no models: replay it on the command line, or let a device do it.`,
  progress: 'Read so far',
  running: (done: string, total: string) => `${done} of ${total}`,
  tooLarge: (size: string, most: string) =>
    `The file has ${size}; a page replays ${most} at most. The command line takes any size.`,
  tooLong: (minutes: number) =>
    `It was stopped after ${count(minutes, 'minute')}: a step takes long, or the recording is too much for a page. The command line has no such limit.`,
  failed: 'The recording was not replayed',
  again: 'Choose another one, or mend the file.',
  result: (file: string) => `What it answers to ${file}`,
  same: 'Nothing differs from the golden file of the version.',
  differs: (differences: number) =>
    `${count(differences, 'output')} ${differences === 1 ? 'differs' : 'differ'} from the golden file of the version`,
  difference: (sink: string, place: number, expected: string, given: string) =>
    `${sink}, output ${number.format(place + 1)}: ${expected} was expected, and is now ${given}`,
  nothing: 'nothing',
  summary: (samples: number, outputs: number) =>
    `${count(samples, 'sample')} went in, ${count(outputs, 'output')} came out.`,
  noOutputs:
    'No sink was told anything: windows may need more samples than the recording has, or its tags are not those of the inputs.',
  leftOut: 'What was left out',
  nothingLeftOut: 'Nothing was left out.',
  strangers: (samples: number) => `${count(samples, 'sample')} that the flow has no input for`,
  dropped: (part: string, values: number) => `${part}: ${number.format(values)} left out by its rate or policy`,
  late: (part: string, values: number) => `${part}: ${number.format(values)} came too late`,
  parts: { input: 'Input', step: 'Step', sink: 'Sink' },
  sinks: 'Sinks',
  sinkColumns: { sink: 'Sink', outputs: 'Outputs', uncertain: 'Uncertain', bad: 'Bad' },
  show: (sink: string) => `Show what ${sink} was told`,
  outputsOf: (sink: string) => `What ${sink} is told`,
  outputColumns: { at: 'Time', value: 'Value', quality: 'Quality', why: 'Why' },
  cut: (shown: number, all: number) => `The first ${number.format(shown)} of ${number.format(all)}; the file has all.`,
  noNumbers: 'It is told no numbers, so there is nothing to draw.',
  toldNothing: 'It was told nothing.',
  save: 'Save all outputs',
  qualities: { good: 'Good', uncertain: 'Uncertain', bad: 'Bad' },
} as const
