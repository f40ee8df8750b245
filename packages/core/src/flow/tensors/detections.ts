/** Detections: what a detector found in a picture, where it is in the picture as the camera gave it. Small enough to leave the device, and no picture. */
import type { DetectionsStep } from '@skerry/contract/flows/flow-detections'
import * as z from 'zod'
import { suppress } from './boxes.ts'
import { type NumberTensor, readAnswer } from './detector-answer.ts'
import { boxInPicture, type PictureView, seenPart } from './picture-view.ts'

/** From the left and the top of the picture, in its pixels. */
const Detection = z.strictObject({
  class: z.string(),
  score: z.number(),
  x: z.number(),
  y: z.number(),
  width: z.number(),
  height: z.number(),
})
export type Detection = z.infer<typeof Detection>

/** Tensors of a model, and what of a picture it looked at. Never changed once it is made. */
export type AnswerContent = { tensors: readonly NumberTensor[]; view: PictureView | undefined }

/** `classes`: names in the order of the model; numbers stand for those that have none. */
export type DetectionRule = Omit<DetectionsStep, 'name' | 'kind' | 'from' | 'classes'> & {
  classes: readonly string[]
}

type Found = { ok: true; detections: Detection[] } | { ok: false; code: string; message: string }

/** The surest first. Whether boxes overlap does not depend on where they are looked at. */
export function detectionsIn({ tensors, view }: AnswerContent, rule: DetectionRule): Found {
  if (!view) return { ok: false, code: 'answer_shape', message: 'the input of the model was not a picture' }
  const read = readAnswer(tensors, rule, view)
  if (!read.ok) return read
  const nameOf = (index: number) => rule.classes[index] ?? String(index)
  const wanted = read.found.flatMap((box) => {
    if (rule.only && !rule.only.includes(nameOf(box.classIndex))) return []
    const part = seenPart(boxInPicture(box, view), view)
    return part ? [{ ...box, ...part }] : []
  })
  const detections = suppress(wanted, rule).map(({ classIndex, score, left, top, right, bottom }) => ({
    class: nameOf(classIndex),
    score: rounded(score),
    x: rounded(left),
    y: rounded(top),
    width: rounded(right - left),
    height: rounded(bottom - top),
  }))
  return { ok: true, detections }
}

/** Models compute in single precision, and processors differ in its last digits. */
const rounded = (value: number) => Number(value.toPrecision(6))

/** As it is told to sinks: a list in JSON. */
export const detectionsText = (detections: readonly Detection[]): string => JSON.stringify(detections)

/** What such a text says; undefined for any other. */
export function detectionsFrom(text: string): Detection[] | undefined {
  if (!text.startsWith('[{')) return undefined
  try {
    return z.array(Detection).safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
