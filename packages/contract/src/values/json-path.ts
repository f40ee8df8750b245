/** JSON path: where in a JSON document a tag's value and its time stand. A part of RFC 9535: names and places, no searching. */
import * as z from 'zod'

/** `speed`, `motor.speed`, `values[0]`, `["a name"].value`. */
export const JsonPath = z
  .string()
  .max(500)
  .regex(
    /^([^.[\]"\s]+|\[\d{1,6}\]|\["[^"]+"\])(\.[^.[\]"\s]+|\[\d{1,6}\]|\["[^"]+"\])*$/,
    'must look like motor.speed, values[0] or ["a name"].value',
  )

/** The equipment's own time: text of ISO 8601, or a number since 1970. */
export const JsonTime = z.strictObject({
  path: JsonPath,
  unit: z.enum(['iso', 's', 'ms', 'us', 'ns']).default('iso'),
})
export type JsonTime = z.infer<typeof JsonTime>
