/** Time fields: when a batch begins, how quickly it goes, and when it is over. */

import { type DraftProps, TextField } from './draft-fields.tsx'
import { batchesTexts } from './english-batches.ts'

const words = batchesTexts.form

/** The fields. */
export const TimeFields = (props: DraftProps) => (
  <div className="grid gap-4 sm:grid-cols-2">
    <TextField {...props} field="start" label={words.start} hint={words.startHint} type="datetime-local" />
    <TextField {...props} field="rate" label={words.rate} hint={words.rateHint} />
    <TextField {...props} field="expiresHours" label={words.expires} type="number" />
    <TextField {...props} field="timeoutSeconds" label={words.timeout} type="number" />
    <div className="sm:col-span-2">
      <TextField {...props} field="reason" label={words.reason} hint={words.reasonHint} />
    </div>
  </div>
)
