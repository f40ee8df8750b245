/** Flow detections: what cannot be of detections in a flow. */
import { type Fault, faultsWhere } from './flow-fault.ts'
import type { FlowShape } from './flow-shape.ts'
import type { FlowStep } from './flow-step.ts'

export type DetectionsStep = Extract<FlowStep, { kind: 'detections' }>

/** How many tensors a layout has. */
const TENSORS: Readonly<Record<DetectionsStep['layout'], readonly number[]>> = {
  separate: [2, 3],
  yolov8: [1],
  yolov5: [1],
  final: [1],
}

export function detectionsFaults({ layout, classes, only, activation }: DetectionsStep, answer: FlowShape): Fault[] {
  if (answer.kind !== 'answer') return []
  const counts = TENSORS[layout]
  const unknown = only?.find((name) => classes && !classes.includes(name))
  return faultsWhere([
    [
      answer.pictures !== 1,
      'from',
      'needs a model that looks at one picture, of an image step: boxes are places in it',
    ],
    [
      !counts.includes(answer.tensors),
      'layout',
      `${layout} is read from ${counts.join(' or ')} tensors: boxes, scores, classes`,
    ],
    [unknown !== undefined, 'only', `${unknown} is not among the classes`],
    [layout === 'final' && activation !== 'none', 'activation', 'a final score is a share already'],
  ])
}
