/** Subject: the model or the source that a monitor watches. A source is written as `source:press`. */
import * as z from 'zod'
import { Name } from '../values/names.ts'

const OF_SOURCE = 'source:'

const SourceSubject = z
  .string()
  .regex(
    /^source:[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'must be the name of a model, or source:NAME such as source:press',
  )

/** No model has a colon in its name. */
export const MonitorSubject = z.union([Name, SourceSubject])
export type MonitorSubject = z.infer<typeof MonitorSubject>

/** The name of the source; undefined for a model. */
export const sourceIn = (subject: string): string | undefined =>
  subject.startsWith(OF_SOURCE) ? subject.slice(OF_SOURCE.length) : undefined

export const subjectOfSource = (source: string): MonitorSubject => `${OF_SOURCE}${source}`

/** The command that makes its reference profile. */
export const baselineCommand = (subject: string, version: number): string =>
  sourceIn(subject) === undefined
    ? `skerry monitor baseline ${subject}:${version}`
    : `skerry monitor baseline ${subject} --from-devices 7`
